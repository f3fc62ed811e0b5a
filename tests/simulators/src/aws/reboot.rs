//! Reboots after an Install: the node comes back with nothing pending, or it is lost until somebody
//! heals it.

use super::fault::NodeFault;
use super::node::Activity;
use super::state::{Event, State};

/// A reboot, and the command that continues when it is over.
#[derive(Clone, Debug)]
pub(super) struct Reboot {
    pub(super) command: usize,
    pub(super) invocation: usize,
    /// Patches that could not be installed.
    pub(super) failed: Vec<usize>,
    /// What the node reports about them.
    pub(super) stderr: String,
}

impl State {
    /// Brings back a node that was lost in its reboot. Its agent continues its command, unless that
    /// has ended meanwhile.
    pub(super) fn returns(&mut self, index: usize) {
        match self.nodes[index].lost.take() {
            Some(Reboot { command, invocation, .. })
                if self.commands[command].invocations[invocation].status.is_final() =>
            {
                self.is_back(index);
            }
            Some(reboot) => {
                self.nodes[index].activity = Some(Activity::Rebooting);
                self.reboot(index, reboot);
            }
            None => self.is_back(index),
        }
    }

    pub(super) fn reboot(
        &mut self,
        index: usize,
        Reboot { command, invocation, failed, stderr }: Reboot,
    ) {
        let now = self.now;
        let node = &mut self.nodes[index];
        // What the node will report once it is back, when nothing is pending any longer.
        let before = node.has.clone();
        for installed in node.has.values_mut() {
            installed.pending_reboot = false;
        }
        let mut outcome = self.outcome(command, invocation, &failed, stderr);
        if self.nodes[index].fault == Some(NodeFault::FailsAfterReboot) {
            outcome.code = 1;
            outcome.stderr = "The document was interrupted by a reboot.".into();
        }
        self.nodes[index].has = before;
        let reboot = self.pace.reboot;
        if let Some(report) = &mut outcome.report {
            report.ended = now + reboot;
        }
        let result = Box::new(outcome);
        self.after(reboot, Event::Rebooted { command, invocation, result });
    }

    /// A node answers again: what waited for it begins.
    pub(super) fn is_back(&mut self, node: usize) {
        let back = &mut self.nodes[node];
        back.activity = None;
        back.lost = None;
        back.last_ping = self.now;
        for installed in back.has.values_mut() {
            installed.pending_reboot = false;
        }
        for (command, invocation) in std::mem::take(&mut back.waiting) {
            self.reach(command, invocation);
        }
    }
}
