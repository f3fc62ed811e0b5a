//! The limits within a wave: how many nodes may install at once, and how many may fail.

use std::collections::BTreeSet;

use crate::fleet::node::{InvocationStatus, NodeId};
use crate::id::{DispatchId, Operation};
use crate::run::input::RunContext;
use crate::run::intent::intend;
use crate::run::{Dispatch, DispatchStatus, NODES_PER_COMMAND, PatchRun, RunEvent, StopReason};

impl PatchRun {
    /// How many nodes may have an unfinished Install at the same time.
    fn concurrency(&self) -> usize {
        self.plan.concurrency.map_or(usize::MAX, |nodes| nodes.max(1) as usize)
    }

    /// How many nodes have an unfinished Install. An Install whose deadline has passed is no longer
    /// waited for and does not count.
    pub fn installing(&self) -> usize {
        let installs = self.dispatches.values().filter(|one| one.id.operation.is_install());
        installs.map(|install| install.unfinished().count()).sum()
    }

    /// Nodes of a wave that no decided Install contains yet, sorted.
    pub(super) fn uninstalled(&self, wave: u32) -> Vec<NodeId> {
        if self.plan.only_scans() {
            return Vec::new();
        }
        let decided: BTreeSet<&NodeId> = self
            .dispatches
            .values()
            .filter(|one| one.id.wave == wave && one.id.operation.is_install())
            .flat_map(|install| &install.nodes)
            .collect();
        let nodes = self.plan.waves.get(wave as usize).into_iter().flatten();
        let is_left = |id: &NodeId| !decided.contains(id) && !self.verdicts.contains_key(id);
        let mut left: Vec<NodeId> =
            nodes.map(|node| &node.id).filter(|id| is_left(id)).cloned().collect();
        left.sort();
        left
    }

    /// Whether a part of a wave is not sent yet.
    pub(super) fn has_unsent(&self, wave: u32) -> bool {
        let unsent = |install: &&Dispatch| match install.status {
            DispatchStatus::Intended | DispatchStatus::Abandoned { .. } => true,
            DispatchStatus::Sent { .. }
            | DispatchStatus::Ran { .. }
            | DispatchStatus::Uncertain { .. }
            | DispatchStatus::Ended { .. }
            | DispatchStatus::Refused { .. }
            | DispatchStatus::GivenUp { .. } => false,
        };
        !self.uninstalled(wave).is_empty()
            || self.latest(wave, Operation::Install).iter().any(unsent)
            || !self.narrowed(wave, Operation::Install).is_empty()
    }

    /// Nodes of a wave whose Install failed according to its command, or which fell silent during
    /// it. That proves nothing: a Windows node can report Failed after its last reboot although it
    /// is patched. A command that never reached a node is not a failed Install: the judgement of
    /// the wave shows that.
    fn failed_installs(&self, wave: u32) -> Vec<NodeId> {
        let last = self.last_of(wave, Operation::Install).into_iter();
        let failed = last.filter(|(node, install)| {
            let ended = matches!(install.status, DispatchStatus::Ended { .. });
            match install.invocations.get(*node) {
                Some(InvocationStatus::Failed | InvocationStatus::ExecutionTimedOut) => true,
                // Somebody else cancelled it in the middle.
                Some(InvocationStatus::Cancelled) => install.cancel_asked_at.is_none(),
                Some(
                    InvocationStatus::Success
                    | InvocationStatus::DeliveryTimedOut
                    | InvocationStatus::Undeliverable
                    | InvocationStatus::Terminated
                    | InvocationStatus::InvalidPlatform
                    | InvocationStatus::AccessDenied,
                ) => false,
                // Its deadline has passed.
                Some(
                    InvocationStatus::Pending
                    | InvocationStatus::InProgress
                    | InvocationStatus::Delayed
                    | InvocationStatus::Cancelling,
                )
                | None => ended && !install.reported.contains(*node),
            }
        });
        failed.map(|(node, _)| node.clone()).collect()
    }

    /// Those of them whose result no fresh scan has shown yet.
    pub(super) fn suspects(&self, wave: u32) -> Vec<NodeId> {
        let mut failed = self.failed_installs(wave);
        failed.retain(|node| !self.verdicts.contains_key(node));
        failed
    }

    /// Those of them that a fresh scan confirms.
    fn proven_failures(&self, wave: u32) -> Vec<NodeId> {
        let mut failed = self.failed_installs(wave);
        failed.retain(|node| self.verdicts.get(node).is_some_and(|verdict| !verdict.is_good()));
        failed
    }

    /// Whether more nodes of a wave may have failed than the plan allows. Then nothing more of it
    /// is sent until fresh scans have shown the result.
    pub(super) fn holds_back(&self, wave: u32) -> bool {
        let suspects = self.suspects(wave).len();
        suspects > 0
            && suspects + self.proven_failures(wave).len() > self.plan.error_budget as usize
    }
}

/// The Installs that fit within the concurrency limit. Each one fills the free part of the limit,
/// so that all its nodes begin at once and share a fair deadline. A small free part is saved up
/// until it is half of the limit, because otherwise a large wave would be cut into one command for
/// each node.
pub(super) fn parts(run: &PatchRun, wave: u32) -> Vec<(DispatchId, Vec<NodeId>)> {
    if run.holds_back(wave) {
        return Vec::new();
    }
    let limit = run.concurrency();
    let mut room = limit.saturating_sub(run.installing());
    let mut parts = Vec::new();
    let latest = run.latest(wave, Operation::Install);
    for install in &latest {
        let again = matches!(install.status, DispatchStatus::Abandoned { .. });
        if again && install.nodes.len() <= room {
            room -= install.nodes.len();
            parts.push((PatchRun::next_attempt(&install.id), install.nodes.clone()));
        }
    }
    let worth = limit.div_ceil(2).min(NODES_PER_COMMAND);
    let mut chunk = run.next_chunk(wave, Operation::Install);
    for nodes in run.narrowed(wave, Operation::Install) {
        if nodes.len() <= room {
            let id = DispatchId { wave, operation: Operation::Install, chunk, attempt: 1 };
            (chunk, room) = (chunk + 1, room - nodes.len());
            parts.push((id, nodes));
        }
    }
    let left = run.uninstalled(wave);
    let mut left = left.as_slice();
    loop {
        let size = room.min(NODES_PER_COMMAND).min(left.len());
        if size == 0 || (size < worth && size < left.len()) {
            return parts;
        }
        let (nodes, rest) = left.split_at(size);
        let id = DispatchId { wave, operation: Operation::Install, chunk, attempt: 1 };
        parts.push((id, nodes.to_vec()));
        (left, chunk, room) = (rest, chunk + 1, room - size);
    }
}

/// The decisions to send those Installs.
pub(super) fn installs(run: &PatchRun, wave: u32, context: RunContext<'_>) -> Vec<RunEvent> {
    parts(run, wave).into_iter().map(|(id, nodes)| intend(run, id, nodes, context.token)).collect()
}

/// The reason to stop if fresh scans show more failed nodes in a wave than it may have, and
/// something is left to stop.
pub(super) fn overdrawn(run: &PatchRun) -> Option<StopReason> {
    let wave = run.wave().filter(|wave| run.has_unsent(*wave))?;
    let nodes = run.proven_failures(wave);
    let over = nodes.len() > run.plan.error_budget as usize;
    over.then_some(StopReason::InstallsFailed { wave, nodes })
}
