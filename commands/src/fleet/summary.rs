//! A summary of a survey, small for any number of nodes: counts, added up node by node.
//!
//! A [`Survey`] holds every node and exists only while a plan is drafted. A [`Summary`] grows with
//! the number of missing patches, not with the number of nodes that miss them: nodes of one image
//! miss the same patches.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::failure::{Failure, NotScanned};
use crate::fleet::compliance::ComplianceReport;
use crate::fleet::node::{NodeId, Ping};
use crate::fleet::survey::{HeldBack, PatchBaseline, Survey, SurveyedNode};
use crate::id::EnvironmentName;
use crate::patch::{Patch, PatchId};

/// One survey of one environment, as counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The compliance report, with the start of the survey and the worst nodes.
    pub compliance: ComplianceReport,
    /// The number of all nodes.
    pub nodes: u32,
    /// Nodes with at least one missing or failed patch.
    pub behind: u32,
    /// Nodes whose agent answers.
    pub online: u32,
    /// The number of nodes by system, such as "Amazon Linux".
    pub systems: BTreeMap<String, u32>,
    /// The details of each missing patch.
    pub patches: BTreeMap<PatchId, Patch>,
    /// How many nodes miss each patch.
    missing: BTreeMap<PatchId, u32>,
    /// How many nodes miss exactly this set of patches.
    sets: BTreeMap<BTreeSet<PatchId>, u32>,
    /// As in [`Survey::baselines`].
    pub baselines: Vec<PatchBaseline>,
    /// As in [`Survey::held_back`].
    pub held_back: Option<Vec<HeldBack>>,
    /// Why the nodes could not be scanned before the survey; `None` if they were, or if that was
    /// not needed.
    pub not_scanned: Option<NotScanned>,
    /// Why we could not find out which account the execute credentials belong to; `None` if we did.
    pub unidentified: Option<Failure>,
}

impl Summary {
    /// An empty summary of a survey that began at `taken_at`.
    pub fn new(environment: EnvironmentName, taken_at: DateTime<Utc>) -> Self {
        Self {
            compliance: ComplianceReport::new(environment, taken_at),
            nodes: 0,
            behind: 0,
            online: 0,
            systems: BTreeMap::new(),
            patches: BTreeMap::new(),
            missing: BTreeMap::new(),
            sets: BTreeMap::new(),
            baselines: Vec::new(),
            held_back: None,
            not_scanned: None,
            unidentified: None,
        }
    }

    /// Adds one node. The order of the nodes does not matter.
    pub fn add(&mut self, id: &NodeId, node: &SurveyedNode) {
        self.nodes += 1;
        self.online += u32::from(node.ping == Ping::Online);
        count(&mut self.systems, &node.platform_name);
        self.compliance.add(id, node);
        if node.missing.is_empty() {
            return;
        }
        self.behind += 1;
        for patch in &node.missing {
            count(&mut self.missing, patch);
        }
        count(&mut self.sets, &node.missing);
    }

    /// The summary of a whole survey.
    pub fn of(survey: &Survey) -> Self {
        let mut summary = Self::new(survey.environment.clone(), survey.taken_at);
        survey.nodes.iter().for_each(|(id, node)| summary.add(id, node));
        summary.compliance.in_two_groups = survey.in_two_groups.clone();
        Self {
            patches: survey.patches.clone(),
            baselines: survey.baselines.clone(),
            held_back: survey.held_back.clone(),
            ..summary
        }
    }

    /// The environment that was surveyed.
    pub fn environment(&self) -> &EnvironmentName {
        &self.compliance.environment
    }

    /// When the survey began.
    pub fn taken_at(&self) -> DateTime<Utc> {
        self.compliance.as_of
    }

    /// Every missing patch whose details are known, with the number of nodes that miss it.
    pub fn missing(&self) -> impl Iterator<Item = (&Patch, u32)> {
        self.missing.iter().filter_map(|(id, nodes)| Some((self.patches.get(id)?, *nodes)))
    }

    /// How many nodes miss at least one of `patches`.
    pub fn missing_any(&self, patches: &BTreeSet<&PatchId>) -> u32 {
        let hit = |set: &BTreeSet<PatchId>| set.iter().any(|patch| patches.contains(patch));
        self.sets.iter().filter(|(set, _)| hit(set)).map(|(_, nodes)| nodes).sum()
    }
}

/// Counts `key`, and clones it only if it is new.
fn count<K: Ord + Clone>(counts: &mut BTreeMap<K, u32>, key: &K) {
    match counts.get_mut(key) {
        Some(count) => *count += 1,
        None => {
            counts.insert(key.clone(), 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fleet::compliance::WORST;
    use crate::fleet::node::{Compliance, NodePatchState, PatchCounts, Platform};

    const IDS: [&str; 4] = ["bash.x86_64", "kernel.x86_64", "openssl.x86_64", "sudo.x86_64"];

    prop_compose! {
        fn node()(
            name in "[a-d]{1,3}",
            online in any::<bool>(),
            windows in any::<bool>(),
            ended_at in proptest::option::of(0..1_000_i64),
            missing in proptest::collection::btree_set(0..IDS.len(), 0..4),
            failed in 0..2_u32,
            pending in 0..2_u32,
            broken in proptest::bool::weighted(0.1),
        ) -> SurveyedNode {
            let counts = PatchCounts {
                installed: Some(7),
                installed_other: Some(0),
                missing: (!broken).then_some(missing.len() as u32),
                failed: Some(failed),
                pending_reboot: Some(pending),
                installed_rejected: Some(0),
                available_security_updates: Some(0),
                non_compliant: None,
            };
            SurveyedNode {
                last_ping: None,
                name,
                platform: if windows { Platform::Windows } else { Platform::Linux },
                platform_name: if windows { "Windows" } else { "Linux" }.to_owned(),
                system: "amazon linux 2023".into(),
                baseline: None,
                listed_as_counted: true,
                ping: if online { Ping::Online } else { Ping::ConnectionLost },
                state: Some(NodePatchState {
                    snapshot: None,
                    operation: "Scan".to_owned(),
                    baseline: None,
                    ended_at: ended_at.and_then(|at| DateTime::from_timestamp(at, 0)),
                    counts,
                }),
                missing: missing.into_iter().map(|at| PatchId(IDS[at].to_owned())).collect(),
                titles: BTreeMap::new(),
                installed: BTreeSet::new(),
            }
        }
    }

    fn survey(nodes: Vec<SurveyedNode>) -> Survey {
        let nodes = nodes.into_iter().enumerate();
        Survey {
            environment: "web".parse().expect("a name"),
            taken_at: DateTime::UNIX_EPOCH,
            nodes: nodes.map(|(at, node)| (NodeId(format!("i-{at:03}")), node)).collect(),
            in_two_groups: BTreeMap::new(),
            patches: BTreeMap::new(),
            windows: Vec::new(),
            baselines: Vec::new(),
            held_back: None,
        }
    }

    fn streamed<'a>(nodes: impl Iterator<Item = (&'a NodeId, &'a SurveyedNode)>) -> Summary {
        let mut summary = Summary::new("web".parse().expect("a name"), DateTime::UNIX_EPOCH);
        nodes.for_each(|(id, node)| summary.add(id, node));
        summary
    }

    proptest! {
        #[test]
        fn a_stream_counts_as_the_whole_does(nodes in proptest::collection::vec(node(), 0..120)) {
            let whole = survey(nodes);
            let summary = Summary::of(&whole);
            // Backwards, because pages come in any order.
            prop_assert_eq!(&streamed(whole.nodes.iter().rev()), &summary);

            let all: Vec<&SurveyedNode> = whole.nodes.values().collect();
            let compliance = |wanted| all.iter().filter(|node| {
                // A silent node is unknown, whatever it reported.
                let state = node.state.as_ref().filter(|state| {
                    node.ping == Ping::Online && state.ended_at.is_some()
                });
                state.map(|state| state.counts).unwrap_or_default().compliance() == wanted
            }).count() as u32;
            prop_assert_eq!(summary.nodes as usize, all.len());
            prop_assert_eq!(summary.compliance.compliant, compliance(Compliance::Compliant));
            prop_assert_eq!(summary.compliance.not_compliant, compliance(Compliance::NotCompliant));
            prop_assert_eq!(summary.compliance.unknown, compliance(Compliance::Unknown));
            let troubled = summary.compliance.not_compliant + summary.compliance.unknown;
            prop_assert_eq!(summary.compliance.troubled.len(), (troubled as usize).min(WORST));
            prop_assert_eq!(
                summary.behind as usize,
                all.iter().filter(|node| !node.missing.is_empty()).count()
            );
            for wanted in [vec![0], vec![1, 3], vec![0, 1, 2, 3]] {
                let ids: Vec<PatchId> =
                    wanted.into_iter().map(|at: usize| PatchId(IDS[at].to_owned())).collect();
                let any = all.iter().filter(|n| ids.iter().any(|id| n.missing.contains(id))).count();
                prop_assert_eq!(summary.missing_any(&ids.iter().collect()) as usize, any);
            }
        }
    }
}
