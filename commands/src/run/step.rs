//! How far a run is inside its wave: derived from its dispatches and verdicts, never stored.

use crate::node::NodeId;
use crate::run::{
    Dispatch, DispatchId, DispatchStatus, NODES_PER_COMMAND, Operation, PatchRun, Phase,
};

/// How far a wave is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Its installs are not decided on yet.
    ToInstall,
    /// Installs are under way.
    Installing,
    /// Its scans are not decided on yet.
    ToScan,
    /// Scans are under way.
    Scanning,
    /// The scans have ended; patch states are read.
    Judging,
    /// Every node has its verdict.
    Judged,
}

impl PatchRun {
    /// The wave that is under way and how far it is; none unless the run is running.
    pub fn step(&self) -> Option<(u32, Step)> {
        let wave = match self.phase {
            Phase::Running { wave, .. } => wave,
            Phase::Waiting
            | Phase::Approved { .. }
            | Phase::Finished { .. }
            | Phase::Halted { .. }
            | Phase::Rejected { .. }
            | Phase::Expired { .. }
            | Phase::Voided { .. } => return None,
        };
        let mut decided = [Operation::Install, Operation::Scan].map(|operation| {
            let latest = self.latest(wave, operation);
            (!latest.is_empty(), latest.iter().any(|dispatch| dispatch.holds_up()))
        });
        // A wave whose nodes are all gone has nothing to send, and nothing to judge.
        if self.plan.only_scans() || self.nodes_of(wave).next().is_none() {
            decided[0] = (true, false);
        }
        let nothing_to_scan = self.chunks(wave, Operation::Scan).is_empty();
        let step = match decided {
            [(false, _), _] => Step::ToInstall,
            [(true, true), _] => Step::Installing,
            [(true, false), (false, _)] if !nothing_to_scan => Step::ToScan,
            [(true, false), (_, true)] => Step::Scanning,
            [(true, false), (_, false)] if self.unjudged(wave).next().is_some() => Step::Judging,
            [(true, false), (_, false)] => Step::Judged,
        };
        Some((wave, step))
    }

    /// The newest attempt of each chunk.
    pub(crate) fn latest(&self, wave: u32, operation: Operation) -> Vec<&Dispatch> {
        let mut latest: Vec<&Dispatch> = Vec::new();
        for (id, dispatch) in &self.dispatches {
            if id.wave != wave || id.operation != operation {
                continue;
            }
            match latest.last_mut().filter(|last| last.id.chunk == id.chunk) {
                Some(last) => *last = dispatch,
                None => latest.push(dispatch),
            }
        }
        latest
    }

    /// The nodes of a wave, divided as SendCommand takes them. Nodes whose install AWS refused
    /// are not scanned: nothing was done to them.
    pub(crate) fn chunks(&self, wave: u32, operation: Operation) -> Vec<Vec<NodeId>> {
        let refused: Vec<&NodeId> = match operation {
            Operation::Install => Vec::new(),
            Operation::Scan => {
                self.refused_installs(wave).flat_map(|dispatch| &dispatch.nodes).collect()
            }
        };
        let mut nodes: Vec<NodeId> = self
            .plan
            .waves
            .get(wave as usize)
            .into_iter()
            .flatten()
            .map(|node| node.id.clone())
            .filter(|id| !refused.contains(&id) && !self.is_left_out(id))
            .collect();
        nodes.sort();
        nodes.chunks(NODES_PER_COMMAND).map(<[NodeId]>::to_vec).collect()
    }

    /// Installs of a wave that AWS refused for certain.
    pub(crate) fn refused_installs(&self, wave: u32) -> impl Iterator<Item = &Dispatch> {
        self.latest(wave, Operation::Install)
            .into_iter()
            .filter(|dispatch| matches!(dispatch.status, DispatchStatus::Refused { .. }))
    }

    /// Nodes of a wave that have no verdict yet.
    pub(crate) fn unjudged(&self, wave: u32) -> impl Iterator<Item = &NodeId> {
        let nodes = self.plan.waves.get(wave as usize).into_iter().flatten();
        nodes.map(|node| &node.id).filter(|id| !self.verdicts.contains_key(id))
    }

    /// The id of the attempt after this one.
    pub(crate) fn next_attempt(id: &DispatchId) -> DispatchId {
        DispatchId { attempt: id.attempt + 1, ..id.clone() }
    }
}

impl Dispatch {
    /// An abandoned dispatch holds its wave up until its next attempt was decided on.
    pub(crate) fn holds_up(&self) -> bool {
        self.status.is_open() || matches!(self.status, DispatchStatus::Abandoned { .. })
    }
}
