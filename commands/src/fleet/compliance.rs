//! Compliance reports: counted from what each node reported, never guessed.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::fleet::account::WrongAccount;
use crate::fleet::node::{Compliance, NodeId, PatchCounts};
use crate::fleet::node_status::{NodeStatus, Reading, UnknownSince};
use crate::fleet::survey::SurveyedNode;
use crate::fleet::two_groups::NodesInTwoGroups;
use crate::id::EnvironmentName;

/// The most nodes that a report names. The total is reported beside them.
pub const WORST: usize = 50;

/// The compliance of one environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComplianceReport {
    /// The environment that the report is about.
    pub environment: EnvironmentName,
    /// When we asked Systems Manager.
    pub as_of: DateTime<Utc>,
    /// When the oldest report that was counted was made; `None` if no node ever reported.
    pub oldest: Option<DateTime<Utc>>,
    /// Nodes with nothing missing, failed, rejected or waiting for a reboot.
    pub compliant: u32,
    /// Nodes with at least one such patch.
    pub not_compliant: u32,
    /// Of these, the nodes that only wait for a reboot.
    pub pending_reboot: u32,
    /// Nodes with no reliable report.
    pub unknown: u32,
    /// Missing and failed patches, summed over the nodes.
    pub missing: u32,
    /// The worst of the nodes that are non-compliant or unknown, at most [`WORST`].
    pub troubled: Vec<Troubled>,
    /// Nodes that AWS refused to scan before this survey, each with the reason. Their data is older
    /// than that of the others.
    pub refused: BTreeMap<NodeId, Failure>,
    /// Nodes that are in two groups, and therefore in none; they are not counted.
    pub in_two_groups: NodesInTwoGroups,
}

/// An environment that could not be read, so that nothing new is known about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreadable {
    /// The environment that could not be read.
    pub environment: EnvironmentName,
    /// When reading it first failed.
    pub since: DateTime<Utc>,
    /// Why it could not be read.
    pub why: WhyUnreadable,
}

/// Why an environment could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyUnreadable {
    /// A call to AWS failed.
    Failed(Failure),
    /// Its credentials belong to another account, so it is closed.
    WrongAccount(WrongAccount),
}

/// A node that is not known to be compliant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Troubled {
    /// Its id, because names are not unique.
    pub id: NodeId,
    /// The computer name, or the id if it has none.
    pub name: String,
    /// Non-compliant or unknown.
    pub compliance: Compliance,
    /// The number of missing patches; 0 if unknown.
    pub missing: u32,
    /// The number of failed patches; 0 if unknown.
    pub failed: u32,
    /// The number of patches that wait for a reboot; 0 if unknown.
    pub pending_reboot: u32,
    /// The number of published security updates that its baseline does not approve but counts
    /// against it.
    pub available: u32,
    /// Why its state is unknown and since when; `None` if it is known.
    pub since: Option<UnknownSince>,
}

impl Troubled {
    /// The worst first: by missing and failed patches, then by pending reboots, then by name.
    fn order(&self) -> impl Ord + '_ {
        let bad = self.missing.saturating_add(self.failed);
        let badness = (Reverse(bad), Reverse(self.pending_reboot), self.compliance);
        (badness, &self.name, &self.id, self.failed, &self.since)
    }
}

impl ComplianceReport {
    /// An empty report of a survey that began at `as_of`.
    pub fn new(environment: EnvironmentName, as_of: DateTime<Utc>) -> Self {
        Self {
            environment,
            as_of,
            oldest: None,
            compliant: 0,
            not_compliant: 0,
            pending_reboot: 0,
            unknown: 0,
            missing: 0,
            troubled: Vec::new(),
            refused: BTreeMap::new(),
            in_two_groups: NodesInTwoGroups::new(),
        }
    }

    /// Counts one more node.
    pub fn add(&mut self, id: &NodeId, node: &SurveyedNode) {
        let (counts, compliance, since) = match NodeStatus::of(node, self.as_of) {
            NodeStatus::Known(Reading { counts, compliance }) => (counts, compliance, None),
            NodeStatus::Unknown(since) => {
                (PatchCounts::default(), Compliance::Unknown, Some(since))
            }
        };
        let ended_at = node.state.as_ref().and_then(|state| state.ended_at);
        let counted = ended_at.filter(|_| since.is_none());
        self.oldest = [self.oldest, counted].into_iter().flatten().min();
        let [missing, failed, pending_reboot, available] = [
            counts.missing,
            counts.failed,
            counts.pending_reboot,
            counts.available_security_updates,
        ]
        .map(Option::unwrap_or_default);
        match compliance {
            Compliance::Compliant => {
                self.compliant += 1;
                return;
            }
            Compliance::NotCompliant => {
                self.not_compliant += 1;
                let absent = missing.saturating_add(failed);
                self.missing = self.missing.saturating_add(absent);
                self.pending_reboot +=
                    u32::from(absent == 0 && available == 0 && pending_reboot > 0);
            }
            Compliance::Unknown => self.unknown += 1,
        }
        let (id, name) = (id.clone(), node.name.clone());
        self.trouble(Troubled {
            id,
            name,
            compliance,
            missing,
            failed,
            pending_reboot,
            available,
            since,
        });
    }

    /// Keeps `node` if it is among the worst.
    fn trouble(&mut self, node: Troubled) {
        let place = self.troubled.partition_point(|kept| kept.order() <= node.order());
        if place < WORST {
            self.troubled.insert(place, node);
            self.troubled.truncate(WORST);
        }
    }

    /// All nodes that are non-compliant or unknown, whether the report names them or not.
    pub fn troubled_nodes(&self) -> u32 {
        self.not_compliant + self.unknown
    }

    /// All nodes that were counted.
    pub fn nodes(&self) -> u32 {
        self.compliant + self.not_compliant + self.unknown
    }

    /// Compliant nodes as a percentage of all, rounded down: 99.9 is not 100. `None` if there are
    /// no nodes.
    pub fn percent(&self) -> Option<u32> {
        let nodes = u64::from(self.nodes());
        (u64::from(self.compliant) * 100).checked_div(nodes).map(|percent| percent as u32)
    }
}
