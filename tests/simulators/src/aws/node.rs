//! Nodes: what is really installed on each, and what it last reported.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::false_reports::FalseReport;
use super::fault::NodeFault;
use super::patch::{Baseline, Patch};
use super::reboot::Reboot;
use super::world::{Life, NodeSpec};

/// The current activity of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// It searches for missing patches.
    Scanning,
    /// It installs.
    Installing,
    /// It reboots, and its agent does not answer.
    Rebooting,
}

impl Activity {
    /// The activity in one word, for a page.
    pub fn word(self) -> &'static str {
        match self {
            Self::Scanning => "scanning",
            Self::Installing => "installing",
            Self::Rebooting => "rebooting",
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) spec: NodeSpec,
    /// Patches that are installed on it, by their index in the catalogue.
    pub(super) has: BTreeMap<usize, Installed>,
    pub(super) activity: Option<Activity>,
    /// Set while it is lost, until somebody heals it.
    pub(super) lost: Option<Reboot>,
    pub(super) last_ping: DateTime<Utc>,
    pub(super) fault: Option<NodeFault>,
    /// The false reports about it.
    pub(super) false_reports: Vec<FalseReport>,
    /// Commands with their invocations that wait until it answers again.
    pub(super) waiting: Vec<(usize, usize)>,
    pub(super) report: Option<Report>,
    /// The patch ids of each install that ended, in order.
    pub(super) installs: Vec<Vec<String>>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Installed {
    pub(super) at: DateTime<Utc>,
    pub(super) pending_reboot: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Scan,
    Install,
}

impl Operation {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Scan => "Scan",
            Self::Install => "Install",
        }
    }
}

/// The report of the last operation to Systems Manager.
#[derive(Clone, Debug)]
pub(super) struct Report {
    pub(super) operation: Operation,
    pub(super) snapshot: Option<String>,
    pub(super) started: DateTime<Utc>,
    pub(super) ended: DateTime<Utc>,
    /// The patch group of the node when it reported; empty if it had none.
    pub(super) group: String,
    pub(super) baseline: String,
    pub(super) no_reboot: bool,
    pub(super) override_list: Option<String>,
    pub(super) rows: Vec<Row>,
    /// Whether the operation itself failed, so that its counts mean nothing.
    pub(super) broken: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) patch: usize,
    pub(super) state: RowState,
    pub(super) at: Option<DateTime<Utc>>,
}

/// The states that this world produces, spelled as the service answers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowState {
    Installed,
    InstalledOther,
    InstalledPendingReboot,
    InstalledRejected,
    Missing,
    Failed,
    AvailableSecurityUpdate,
}

impl RowState {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Installed => "Installed",
            Self::InstalledOther => "InstalledOther",
            Self::InstalledPendingReboot => "InstalledPendingReboot",
            Self::InstalledRejected => "InstalledRejected",
            Self::Missing => "Missing",
            Self::Failed => "Failed",
            Self::AvailableSecurityUpdate => "AvailableSecurityUpdate",
        }
    }
}

impl Report {
    pub(super) fn count(&self, state: RowState) -> i32 {
        let count = self.rows.iter().filter(|row| row.state == state).count();
        i32::try_from(count).unwrap_or(i32::MAX)
    }
}

impl Node {
    pub(super) fn new(spec: NodeSpec, patches: &[Patch], now: DateTime<Utc>) -> Self {
        let has = (0..)
            .zip(patches)
            .filter(|(_, patch)| patch.os == spec.os && patch.is_out(now))
            .filter(|(_, patch)| {
                spec.installed.iter().any(|had| *had == patch.id || *had == patch.title)
            })
            .map(|(index, patch)| {
                let at = (patch.released + chrono::TimeDelta::days(9)).min(now);
                (index, Installed { at, pending_reboot: false })
            })
            .collect();
        Self {
            fault: spec.fault.clone(),
            false_reports: Vec::new(),
            spec,
            has,
            activity: None,
            lost: None,
            last_ping: now,
            waiting: Vec::new(),
            report: None,
            installs: Vec::new(),
        }
    }

    pub(super) fn group(&self) -> Option<&str> {
        let tags = &self.spec.tags;
        tags.get("PatchGroup").or_else(|| tags.get("Patch Group")).map(String::as_str)
    }

    /// Whether the service knows it at all.
    pub(super) fn is_managed(&self) -> bool {
        self.spec.life == Life::Running
    }

    /// Whether the service accepts a command for it.
    pub(super) fn takes_commands(&self) -> bool {
        self.is_managed() && self.fault != Some(NodeFault::Refused)
    }

    pub(super) fn is_online(&self) -> bool {
        self.is_managed()
            && self.lost.is_none()
            && !matches!(self.fault, Some(NodeFault::Silent | NodeFault::Refused))
            && self.activity != Some(Activity::Rebooting)
    }

    pub(super) fn ping(&self) -> &'static str {
        if self.is_online() { "Online" } else { "ConnectionLost" }
    }

    /// The patches that it lacks and could get at `now`, approved or not. A patch that a newer one
    /// contains, installed or published, is no longer needed.
    pub(super) fn lacks(&self, patches: &[Patch], now: DateTime<Utc>) -> Vec<usize> {
        let is_candidate = |(index, patch): &(usize, &Patch)| {
            patch.os == self.spec.os && patch.is_out(now) && !self.has.contains_key(index)
        };
        let is_replaced = |older: &Patch| {
            patches.iter().any(|newer| newer.is_out(now) && newer.replaces_patch(older))
        };
        let candidates = patches.iter().enumerate().filter(is_candidate);
        candidates.filter(|(_, patch)| !is_replaced(patch)).map(|(index, _)| index).collect()
    }

    /// What an operation that ends at `now` finds on the node, apart from failures.
    pub(super) fn rows(
        &self,
        patches: &[Patch],
        baseline: Option<&Baseline>,
        operation: Operation,
        now: DateTime<Utc>,
    ) -> Vec<Row> {
        let approves = |patch: &Patch| baseline.is_some_and(|b| b.approves(patch, now));
        let rejects = |patch: &Patch| baseline.is_some_and(|b| b.rejected.contains(&patch.id));
        let is_replaced =
            |older: &Patch| self.has.keys().any(|newer| patches[*newer].replaces_patch(older));
        let mut rows: Vec<Row> = self
            .has
            .iter()
            .filter(|(index, _)| !is_replaced(&patches[**index]))
            .map(|(index, installed)| {
                let patch = &patches[*index];
                let state = match () {
                    () if installed.pending_reboot => RowState::InstalledPendingReboot,
                    () if rejects(patch) => RowState::InstalledRejected,
                    () if approves(patch) => RowState::Installed,
                    () => RowState::InstalledOther,
                };
                Row { patch: *index, state, at: Some(installed.at) }
            })
            .collect();
        // After an install the service does not list what is still missing.
        if operation == Operation::Scan {
            for index in self.lacks(patches, now) {
                let patch = &patches[index];
                let state = match () {
                    () if approves(patch) => RowState::Missing,
                    () if self.spec.os.is_windows() && !rejects(patch) => {
                        RowState::AvailableSecurityUpdate
                    }
                    () => continue,
                };
                rows.push(Row { patch: index, state, at: None });
            }
        }
        rows
    }
}
