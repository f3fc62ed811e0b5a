//! How much of a wave may be at work at once, and how much of it may fail.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::node::{InvocationStatus, NodeId};
use crate::run::request::Circumstances;
use crate::run::tick::intend;
use crate::run::{
    DispatchId, DispatchStatus, HaltReason, NODES_PER_COMMAND, Operation, PatchRun, RunEvent, Step,
};

impl PatchRun {
    /// How many nodes may have an unfinished Install at the same time.
    fn concurrency(&self) -> usize {
        self.plan.concurrency.map_or(usize::MAX, |nodes| nodes.max(1) as usize)
    }

    /// How many nodes have an unfinished Install. An Install that patience has run out with is
    /// waited for no longer, and counts no longer.
    pub fn installing(&self) -> usize {
        let installs = self.dispatches.values().filter(|one| one.id.operation.is_install());
        installs.map(|install| install.unfinished().count()).sum()
    }

    /// Nodes of a wave for which no Install was decided on yet, sorted.
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
        let is_left = |id: &NodeId| !decided.contains(id) && !self.is_left_out(id);
        let mut left: Vec<NodeId> =
            nodes.map(|node| &node.id).filter(|id| is_left(id)).cloned().collect();
        left.sort();
        left
    }

    /// Nodes of a wave whose Install failed, as `MaxErrors` of SendCommand counts it: what never
    /// reached a node is no error of the Install, and is seen when the wave is judged.
    ///
    /// Source: AWS Systems Manager user guide, "Understanding command statuses".
    fn failed_installs(&self, wave: u32) -> Vec<NodeId> {
        let installs = self.latest(wave, Operation::Install).into_iter();
        let failed = installs.flat_map(|install| &install.invocations).filter(|(_, status)| {
            matches!(status, InvocationStatus::Failed | InvocationStatus::ExecutionTimedOut)
        });
        let nodes: BTreeSet<NodeId> = failed.map(|(node, _)| node.clone()).collect();
        nodes.into_iter().collect()
    }

    fn budget_left(&self, wave: u32) -> u32 {
        let failed = u32::try_from(self.failed_installs(wave).len()).unwrap_or(u32::MAX);
        self.plan.error_budget.saturating_sub(failed)
    }
}

/// The Installs that there is room for. Each is as large as the room is, so that all its nodes
/// begin at once and patience with it is fair; a remnant of room is saved up to half of what may
/// be at work, or a large wave would be cut into a command for each node.
pub(super) fn parts(run: &PatchRun, wave: u32) -> Vec<(DispatchId, Vec<NodeId>)> {
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
    let mut chunk = latest.iter().map(|install| install.id.chunk + 1).max().unwrap_or(0);
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

/// The decisions to send them.
pub(super) fn installs(
    run: &PatchRun,
    wave: u32,
    circumstances: Circumstances<'_>,
    at: DateTime<Utc>,
) -> Vec<RunEvent> {
    let max_errors = Some(run.budget_left(wave));
    parts(run, wave)
        .into_iter()
        .map(|(id, nodes)| intend(run, id, nodes, max_errors, circumstances.token, at))
        .collect()
}

/// More Installs of a wave have failed than it may have, and there is a rest to call off. Where
/// every node has answered, the fresh scan decides instead: an Install that failed proves nothing.
pub(super) fn overdrawn(run: &PatchRun) -> Option<HaltReason> {
    let (wave, Step::Installing) = run.step()? else { return None };
    let nodes = run.failed_installs(wave);
    let over = nodes.len() > run.plan.error_budget as usize;
    over.then_some(HaltReason::InstallsFailed { wave, nodes })
}
