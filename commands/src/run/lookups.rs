//! What must be looked up beside the patch states before nodes are judged, and when a scan that a
//! foreign one overwrote is sent again.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::fleet::agent::{Agent, LookupResults};
use crate::fleet::node::{NodeId, NodePatchState};
use crate::id::{DispatchId, Operation};
use crate::run::intent::intend;
use crate::run::judge::judge;
use crate::run::{Dispatch, DispatchStatus, PatchRun, RunEvent, Step, UnknownWhy, Verdict};

/// How often a scan is sent in total before the run gives up against another scanner.
const SCANS: u32 = 3;

/// The lookups that are required before nodes are judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequiredLookups {
    /// Nodes that have not reported, to see whether their agents answer.
    pub agents: Vec<NodeId>,
    /// Foreign reports, to find out who made them.
    pub foreign_scans: Vec<ForeignReport>,
}

/// A report that a foreign scan left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignReport {
    /// The node that has it; other nodes may have the same.
    pub node: NodeId,
    /// The snapshot id in the report.
    pub snapshot: Option<Uuid>,
    /// When the foreign scan ended.
    pub ended_at: Option<DateTime<Utc>>,
}

impl PatchRun {
    /// The lookups that are required before nodes with these `states` can be judged.
    pub fn required_lookups(
        &self,
        states: &BTreeMap<NodeId, NodePatchState>,
        now: DateTime<Utc>,
    ) -> RequiredLookups {
        let mut wanted = RequiredLookups::default();
        let Some((wave, Step::Judging)) = self.step() else { return wanted };
        let scans = self.last_of(wave, Operation::Scan);
        let nothing_seen = LookupResults::default();
        for node in self.unjudged(wave, self.is_stopping()) {
            let Some(scan) = scans.get(&node) else { continue };
            let state = states.get(&node);
            match judge(self, &node, scan, state, &nothing_seen, now) {
                Some(Verdict::Unknown(UnknownWhy::NoAnswer { .. })) => {
                    wanted.agents.push(node);
                }
                Some(Verdict::Unknown(UnknownWhy::ForeignScan { snapshot, .. })) => {
                    if wanted.foreign_scans.iter().all(|known| known.snapshot != snapshot) {
                        let ended_at = state.and_then(|state| state.ended_at);
                        wanted.foreign_scans.push(ForeignReport { node, snapshot, ended_at });
                    }
                }
                Some(
                    Verdict::Compliant { .. }
                    | Verdict::AsPlanned { .. }
                    | Verdict::PendingReboot(_)
                    | Verdict::NotCompliant(_)
                    | Verdict::LeftOut(_)
                    | Verdict::Unknown(
                        UnknownWhy::Refused { .. }
                        | UnknownWhy::NotSent
                        | UnknownWhy::Silent { .. }
                        | UnknownWhy::ScanFailed
                        | UnknownWhy::NeverEnded
                        | UnknownWhy::NotAScan { .. }
                        | UnknownWhy::OldReport { .. }
                        | UnknownWhy::Doubtful(_)
                        | UnknownWhy::NoReport,
                    ),
                )
                | None => {}
            }
        }
        wanted
    }

    /// The nodes with reports of our own scan, and those reports: their patch lists are read before
    /// the nodes are judged.
    pub fn to_list(
        &self,
        states: &BTreeMap<NodeId, NodePatchState>,
    ) -> BTreeMap<NodeId, NodePatchState> {
        let Some((wave, Step::Judging)) = self.step() else { return BTreeMap::new() };
        let scans = self.last_of(wave, Operation::Scan);
        let is_ours = |node: &NodeId, state: &NodePatchState| {
            scans.get(node).is_some_and(|scan| state.snapshot == Some(scan.snapshot))
                && !self.verdicts.contains_key(node)
        };
        let ours = states.iter().filter(|(node, state)| is_ours(node, state));
        ours.map(|(node, state)| (node.clone(), state.clone())).collect()
    }

    /// Nodes that should long have finished `dispatch`. We look up whether their agents still
    /// answer, instead of waiting for the full delivery timeout.
    pub(super) fn overdue_nodes(&self, dispatch: &Dispatch, now: DateTime<Utc>) -> Vec<NodeId> {
        let DispatchStatus::Sent { at, .. } = &dispatch.status else { return Vec::new() };
        let work = match dispatch.id.operation {
            Operation::Install => self.plan.timeouts.install,
            Operation::Scan => self.plan.timeouts.scan,
        };
        if now < *at + TimeDelta::from(work) {
            return Vec::new();
        }
        let unended = |node: &&NodeId| {
            dispatch.invocations.get(*node).is_none_or(|status| !status.is_final())
        };
        dispatch.nodes.iter().filter(unended).cloned().collect()
    }

    /// Whether `dispatch` waits only for overdue nodes whose agents are silent.
    pub(super) fn waits_in_vain(
        &self,
        dispatch: &Dispatch,
        agents: &BTreeMap<NodeId, Agent>,
        now: DateTime<Utc>,
    ) -> bool {
        let overdue = self.overdue_nodes(dispatch, now);
        let silent = |node: &NodeId| agents.get(node).is_some_and(|agent| agent.is_silent());
        !overdue.is_empty() && overdue.iter().all(silent)
    }
}

/// What follows for scans that foreign ones overwrote: each is sent again for the nodes of its
/// chunk that have no verdict, up to [`SCANS`] times in total. Removes the verdicts of those nodes
/// from `verdicts`.
pub(super) fn rescan_overwritten(
    run: &PatchRun,
    scans: &[&Dispatch],
    verdicts: &mut BTreeMap<NodeId, Verdict>,
    token: u64,
) -> Vec<RunEvent> {
    let mut events = Vec::new();
    // A refused scan was narrowed: its nodes are in other scans by now.
    let ended = |scan: &&&Dispatch| matches!(scan.status, DispatchStatus::Ended { .. });
    for scan in scans.iter().filter(ended).filter(|scan| scan.id.attempt < SCANS) {
        let mut by = BTreeMap::new();
        verdicts.retain(|node, verdict| {
            let Verdict::Unknown(UnknownWhy::ForeignScan { snapshot, by: who }) = verdict else {
                return true;
            };
            let is_here = scan.nodes.contains(node);
            if is_here {
                by.entry(*snapshot).or_insert((who.clone(), Vec::new())).1.push(node.clone());
            }
            !is_here
        });
        if by.is_empty() {
            continue;
        }
        for (by, nodes) in by.into_values() {
            events.push(RunEvent::Overwritten { id: scan.id.clone(), by, nodes });
        }
        let unjudged =
            |node: &&NodeId| !run.verdicts.contains_key(*node) && !verdicts.contains_key(*node);
        let nodes = scan.nodes.iter().filter(unjudged).cloned().collect();
        let id: DispatchId = PatchRun::next_attempt(&scan.id);
        events.push(intend(run, id, nodes, token));
    }
    events
}
