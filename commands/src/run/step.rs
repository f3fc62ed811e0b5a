//! The step of a run within its wave: derived from its dispatches and verdicts, never stored.

use crate::fleet::node::NodeId;
use crate::id::{DispatchId, Operation};
use crate::run::{Dispatch, DispatchStatus, PatchRun};

/// The step of a wave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Its installs are not decided yet.
    ToInstall,
    /// Its installs are under way.
    Installing,
    /// Its scans are not decided yet.
    ToScan,
    /// Its scans are under way.
    Scanning,
    /// The scans have ended, and patch states are read.
    Judging,
    /// Every node has its verdict.
    Judged,
}

impl PatchRun {
    /// The wave that is under way and its step; `None` unless the run is running or stopping.
    pub fn step(&self) -> Option<(u32, Step)> {
        self.wave().map(|wave| (wave, self.step_in(wave, self.is_stopping())))
    }

    /// The step of `wave`, or what it would be if the run were stopped now.
    pub(super) fn step_in(&self, wave: u32, ending: bool) -> Step {
        let installs = self.latest(wave, Operation::Install);
        let waiting = !ending && self.has_unsent(wave);
        let holding = waiting && self.holds_back(wave);
        // What is held back is not under way.
        let under_way = |install: &&Dispatch| {
            install.status.is_open() && !(holding && install.status == DispatchStatus::Intended)
        };
        if waiting && installs.is_empty() {
            Step::ToInstall
        } else if installs.iter().any(under_way) || (waiting && !holding) {
            Step::Installing
        } else if !self.to_scan(wave, ending).is_empty() {
            Step::ToScan
        } else if self.is_scanning(wave, ending) {
            Step::Scanning
        } else if !self.unjudged(wave, ending).is_empty() {
            Step::Judging
        } else {
            Step::Judged
        }
    }

    fn is_scanning(&self, wave: u32, ending: bool) -> bool {
        let scans = self.latest(wave, Operation::Scan);
        scans.iter().any(|scan| scan.holds_up(ending))
            || !self.narrowed(wave, Operation::Scan).is_empty()
    }

    /// The latest attempt of each chunk.
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

    /// The nodes of a wave to scan now, sorted: those that have no verdict and were not scanned
    /// yet. We do not scan nodes whose Install AWS refused nor, once the run is stopped, nodes that
    /// it never reached: nothing was done to them. While the wave is held back, only the nodes that
    /// caused it are scanned.
    pub(super) fn to_scan(&self, wave: u32, ending: bool) -> Vec<NodeId> {
        let mut nodes = self.concerned(wave, ending);
        let scanned = self.last_of(wave, Operation::Scan);
        let refused = self.refused(wave, Operation::Install);
        nodes.retain(|node| {
            !self.verdicts.contains_key(node)
                && !scanned.contains_key(node)
                && !refused.contains_key(node)
        });
        nodes.sort();
        nodes
    }

    /// Nodes of a wave that are to be judged now and have no verdict yet.
    pub(crate) fn unjudged(&self, wave: u32, ending: bool) -> Vec<NodeId> {
        let mut nodes = match ending {
            true => self.last_of(wave, Operation::Scan).into_keys().cloned().collect(),
            false => self.concerned(wave, false),
        };
        nodes.retain(|node| !self.verdicts.contains_key(node));
        nodes
    }

    /// The nodes of the next scan and judgement.
    fn concerned(&self, wave: u32, ending: bool) -> Vec<NodeId> {
        if ending {
            return self.touched_in(wave);
        }
        if self.has_unsent(wave) && self.holds_back(wave) {
            return self.suspects(wave);
        }
        let nodes = self.plan.waves.get(wave as usize).into_iter().flatten();
        nodes.map(|node| node.id.clone()).collect()
    }

    /// The id of the attempt after this one.
    pub(crate) fn next_attempt(id: &DispatchId) -> DispatchId {
        DispatchId { attempt: id.attempt + 1, ..id.clone() }
    }
}

impl Dispatch {
    /// Whether an abandoned dispatch keeps its wave waiting until its next attempt is decided. An
    /// Install gets no further attempt once the run is stopped.
    pub(crate) fn holds_up(&self, ending: bool) -> bool {
        let again = matches!(self.status, DispatchStatus::Abandoned { .. })
            && !(ending && self.id.operation.is_install());
        self.status.is_open() || again
    }
}
