//! How far a run is inside its wave: derived from its dispatches and verdicts, never stored.

use std::collections::BTreeSet;

use crate::node::NodeId;
use crate::run::{Dispatch, DispatchId, DispatchStatus, Operation, PatchRun};

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
    /// The wave that is under way and how far it is; none unless the run is running or ending.
    pub fn step(&self) -> Option<(u32, Step)> {
        self.wave().map(|wave| (wave, self.step_in(wave, self.is_ending())))
    }

    /// How far `wave` is, or would be if the run were called off now.
    pub(super) fn step_in(&self, wave: u32, ending: bool) -> Step {
        let installs = self.latest(wave, Operation::Install);
        let scans = self.latest(wave, Operation::Scan);
        let waiting = !ending && !self.uninstalled(wave).is_empty();
        if waiting && installs.is_empty() {
            Step::ToInstall
        } else if waiting || installs.iter().any(|install| install.holds_up(ending)) {
            Step::Installing
        } else if scans.is_empty() && !self.to_scan(wave, ending).is_empty() {
            Step::ToScan
        } else if scans.iter().any(|scan| scan.holds_up(ending)) {
            Step::Scanning
        } else if !self.unjudged(wave, ending).is_empty() {
            Step::Judging
        } else {
            Step::Judged
        }
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

    /// The nodes of a wave to scan, sorted. Nodes whose install AWS refused are not scanned, nor,
    /// once the run is called off, those that it never reached: nothing was done to them.
    pub(super) fn to_scan(&self, wave: u32, ending: bool) -> Vec<NodeId> {
        if ending {
            return self.touched_in(wave);
        }
        let refused: BTreeSet<&NodeId> =
            self.refused_installs(wave).flat_map(|dispatch| &dispatch.nodes).collect();
        let nodes = self.plan.waves.get(wave as usize).into_iter().flatten();
        let mut nodes: Vec<NodeId> = nodes
            .map(|node| &node.id)
            .filter(|id| !refused.contains(id) && !self.is_left_out(id))
            .cloned()
            .collect();
        nodes.sort();
        nodes
    }

    /// Installs of a wave that AWS refused for certain.
    pub(crate) fn refused_installs(&self, wave: u32) -> impl Iterator<Item = &Dispatch> {
        self.latest(wave, Operation::Install)
            .into_iter()
            .filter(|dispatch| matches!(dispatch.status, DispatchStatus::Refused { .. }))
    }

    /// Nodes of a wave that are to be judged and have no verdict yet.
    pub(crate) fn unjudged(&self, wave: u32, ending: bool) -> Vec<NodeId> {
        let nodes: Vec<NodeId> = if ending {
            self.latest(wave, Operation::Scan)
                .into_iter()
                .flat_map(|scan| &scan.nodes)
                .cloned()
                .collect()
        } else {
            let nodes = self.plan.waves.get(wave as usize).into_iter().flatten();
            nodes.map(|node| node.id.clone()).collect()
        };
        nodes.into_iter().filter(|id| !self.verdicts.contains_key(id)).collect()
    }

    /// The id of the attempt after this one.
    pub(crate) fn next_attempt(id: &DispatchId) -> DispatchId {
        DispatchId { attempt: id.attempt + 1, ..id.clone() }
    }
}

impl Dispatch {
    /// An abandoned dispatch holds its wave up until its next attempt was decided on. An Install
    /// has none once the run is called off.
    pub(crate) fn holds_up(&self, ending: bool) -> bool {
        let again = matches!(self.status, DispatchStatus::Abandoned { .. })
            && !(ending && self.id.operation.is_install());
        self.status.is_open() || again
    }
}
