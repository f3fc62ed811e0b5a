//! The preflight check, immediately before a wave is sent: whether anything else patches its nodes,
//! and whether they still exist.
//!
//! Two patch runs on one node corrupt each other's result: packages are locked, reboots interrupt,
//! and the last one to finish overwrites the report. So a wave waits until its nodes are free. We
//! decide on a command, and send an Install, only if the check is not older than [`FRESH`].

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

#[cfg(test)]
mod tests;

use crate::environment::OnDrift;
use crate::fleet::node::{NodeId, Ping};
use crate::fleet::presence::{Gone, Presence};
use crate::id::Operation;
use crate::plan::Drift;
use crate::run::budget::parts;
use crate::run::intent::request_stop;
use crate::run::overlap::{Overlap, is_named, overlaps};
use crate::run::{
    DispatchStatus, PatchRun, Phase, RunEvent, Seen, Step, StopReason, Verdict, VoidReason,
};

/// How long the result of a check is valid.
pub(super) const FRESH: TimeDelta = TimeDelta::minutes(2);

/// How many overlaps are stored; of the rest only the number. A foreign run over a large fleet
/// consists of thousands of commands.
const KEPT: usize = 10;

/// The result of the last preflight check.
#[derive(Clone, Debug, PartialEq)]
pub struct Preflight {
    /// The wave that was checked, counted from 0.
    pub wave: u32,
    /// When it was checked.
    pub at: DateTime<Utc>,
    /// What else patches the nodes; empty if nothing does.
    pub by: Vec<Overlap>,
    /// How many overlaps there are beside the stored ones.
    pub more: u32,
    /// Nodes whose agents did not answer. They get no command.
    pub silent: Vec<NodeId>,
}

impl Preflight {
    /// Whether the wave has to wait.
    pub fn holds_up(&self) -> bool {
        !self.by.is_empty()
    }
}

impl PatchRun {
    /// The wave that needs a preflight check before it is sent; `None` while there is nothing to
    /// send.
    pub fn wave_to_clear(&self) -> Option<u32> {
        if matches!(self.phase, Phase::Approved { .. }) {
            return Some(0);
        }
        // A stopped run sends nothing except the scan that judges its nodes.
        let (wave, step) = self.step().filter(|_| !self.is_stopping())?;
        let first = match step {
            Step::ToInstall => true,
            // A run that only scans begins its wave with the scan.
            Step::ToScan => self.plan.only_scans(),
            // The next part of the wave, or one that was decided and then held back, by a stop or
            // by AWS's rate limit.
            Step::Installing => {
                !self.holds_back(wave)
                    && (self.has_unsent_installs(wave) || !parts(self, wave).is_empty())
            }
            Step::Scanning | Step::Judging | Step::Judged => false,
        };
        first.then_some(wave)
    }

    /// Whether a check that is still valid found nothing in the way of `wave`.
    pub fn is_cleared(&self, wave: u32, now: DateTime<Utc>) -> bool {
        self.clearing(wave).is_some_and(|look| (now - look.at).abs() <= FRESH)
    }

    /// The last check before `wave`, if it found nothing in the way.
    pub(super) fn clearing(&self, wave: u32) -> Option<&Preflight> {
        self.preflight.as_ref().filter(|last| last.wave == wave && !last.holds_up())
    }

    /// Whether the last check before `wave` found something in the way.
    pub fn is_held_up(&self, wave: u32) -> bool {
        self.preflight.as_ref().is_some_and(|last| last.wave == wave && last.holds_up())
    }

    /// The nodes of a wave that get a command: those of the plan that were not left out.
    pub fn nodes_of(&self, wave: u32) -> impl Iterator<Item = &NodeId> {
        let planned = self.plan.waves.get(wave as usize).into_iter().flatten();
        planned.map(|node| &node.id).filter(|id| !self.is_left_out(id))
    }

    /// The nodes that must still exist for `wave` to be sent: before the first wave, all of them.
    /// Nodes that already got a command are judged later, whatever happens to them.
    pub fn expected(&self, wave: u32) -> Vec<NodeId> {
        let before_the_first = matches!(self.phase, Phase::Approved { .. });
        let waves = if before_the_first { 0..self.plan.waves.len() as u32 } else { wave..wave + 1 };
        let sent: BTreeSet<&NodeId> = self
            .dispatches
            .values()
            .filter(|one| one.id.operation.is_install() && one.status != DispatchStatus::Intended)
            .filter(|one| {
                let never = matches!(
                    one.status,
                    DispatchStatus::Abandoned { .. } | DispatchStatus::Refused { .. }
                );
                !never
            })
            .flat_map(|one| &one.nodes)
            .collect();
        let nodes = waves.flat_map(|wave| self.nodes_of(wave));
        let open = |node: &&NodeId| !sent.contains(node) && !self.verdicts.contains_key(*node);
        nodes.filter(open).cloned().collect()
    }

    /// Whether a node was left out because it is gone.
    pub fn is_left_out(&self, node: &NodeId) -> bool {
        matches!(self.verdicts.get(node), Some(Verdict::LeftOut(_)))
    }

    /// The nodes that were left out because they are gone, each with the reason.
    pub fn nodes_left_out(&self) -> impl Iterator<Item = (&NodeId, Gone)> {
        self.verdicts.iter().filter_map(|(node, verdict)| match verdict {
            Verdict::LeftOut(why) => Some((node, *why)),
            Verdict::Compliant { .. }
            | Verdict::AsPlanned { .. }
            | Verdict::PendingReboot(_)
            | Verdict::NotCompliant(_)
            | Verdict::Unknown(_) => None,
        })
    }

    /// The number of nodes in the run: those of the plan that were not left out.
    pub fn node_count(&self) -> usize {
        self.plan.node_count() - self.nodes_left_out().count()
    }

    /// Whether each node that was not left out is proven. A node that is gone is no longer part of
    /// the fleet: it needs no proof and gives none.
    pub fn is_proven(&self) -> bool {
        let compliant = self.compliant();
        compliant > 0 && compliant == self.node_count()
    }

    /// The nodes that it works on: those of a wave from its first command until it is judged.
    pub fn nodes_under_way(&self) -> BTreeSet<&NodeId> {
        let Some((wave, step)) = self.step() else { return BTreeSet::new() };
        let begun = self.dispatches.keys().any(|id| id.wave == wave);
        match step {
            Step::Judged => BTreeSet::new(),
            Step::ToInstall | Step::ToScan if !begun => BTreeSet::new(),
            Step::ToInstall | Step::Installing | Step::ToScan | Step::Scanning | Step::Judging => {
                self.nodes_of(wave).collect()
            }
        }
    }

    /// Removes nodes that are gone from what is still to be done.
    pub(super) fn leave_out(&mut self, nodes: &BTreeMap<NodeId, Gone>) {
        let nodes = nodes.iter().map(|(node, why)| (node.clone(), Verdict::LeftOut(*why)));
        self.verdicts.extend(nodes);
    }

    /// Whether an Install that was decided but not sent contains any of `nodes`.
    fn is_intended(&self, wave: u32, nodes: &BTreeMap<NodeId, Gone>) -> bool {
        let installs = self.latest(wave, Operation::Install).into_iter();
        let mut unsent = installs.filter(|one| one.status == DispatchStatus::Intended);
        unsent.any(|one| one.nodes.iter().any(|node| nodes.contains_key(node)))
    }

    fn has_unsent_installs(&self, wave: u32) -> bool {
        self.latest(wave, Operation::Install)
            .iter()
            .any(|dispatch| dispatch.status == DispatchStatus::Intended)
    }
}

/// What follows from a check before `wave`. `others` are our runs that work on its nodes.
pub(super) fn looked(
    run: &PatchRun,
    wave: u32,
    seen: &Seen,
    others: &[Overlap],
    at: DateTime<Utc>,
) -> Vec<RunEvent> {
    // The result came too late, so it no longer matters.
    if run.wave_to_clear() != Some(wave) {
        return Vec::new();
    }
    let begun = !matches!(run.phase, Phase::Approved { .. });
    if let Some(changes) = run.plan.window_changes(&seen.bound, begun, at) {
        return vec![if !begun {
            let why = VoidReason::WindowChanged { changes };
            RunEvent::Voided { why, replan: true }
        } else {
            request_stop(run, StopReason::WindowChanged { wave, changes })
        }];
    }
    let expected = run.expected(wave);
    let gone: BTreeMap<NodeId, Gone> = expected
        .into_iter()
        .filter_map(|node| match seen.nodes.get(&node)? {
            Presence::Gone(why) => Some((node, *why)),
            Presence::Here(_) => None,
        })
        .collect();
    let mut events = Vec::new();
    if !gone.is_empty() {
        if let Some(end) = ended_by(run, wave, &gone) {
            return vec![end];
        }
        let nodes = gone.clone();
        events.push(RunEvent::LeftOut { wave, nodes });
    }
    let mut found: Vec<Overlap> = overlaps(run, seen);
    // A run that is visible by its commands need not be named twice.
    found.extend(
        others.iter().filter(|other| !is_named(other, &found)).cloned().collect::<Vec<_>>(),
    );
    if found.is_empty() {
        let silent = silent(run, wave, seen);
        events.push(RunEvent::Cleared { wave, silent, waited: run.is_held_up(wave) });
    } else {
        events.extend(held_up(run, wave, found));
    }
    events
}

/// Nodes of `wave` that certainly do not answer and are in no command yet: they get none.
fn silent(run: &PatchRun, wave: u32, seen: &Seen) -> Vec<NodeId> {
    let stands = |node: &NodeId| {
        let mut all = run.dispatches.values().filter(|one| one.id.wave == wave);
        all.any(|one| {
            let refused = matches!(one.status, DispatchStatus::Refused { .. });
            !refused && one.nodes.contains(node)
        })
    };
    let is_silent = |node: &&NodeId| match seen.nodes.get(*node) {
        Some(Presence::Here(Ping::ConnectionLost | Ping::Inactive)) => {
            !run.verdicts.contains_key(*node) && !stands(node)
        }
        // If Systems Manager does not say, that is no reason to leave a node out.
        Some(Presence::Here(Ping::Online | Ping::Unknown) | Presence::Gone(_)) | None => false,
    };
    run.nodes_of(wave).filter(is_silent).cloned().collect()
}

/// The event that `wave` has to wait; empty if that is known already.
pub(super) fn held_up(run: &PatchRun, wave: u32, mut by: Vec<Overlap>) -> Option<RunEvent> {
    let more = by.len().saturating_sub(KEPT) as u32;
    by.truncate(KEPT);
    let known = run
        .preflight
        .as_ref()
        .is_some_and(|last| last.wave == wave && last.by == by && last.more == more);
    (!known).then(|| RunEvent::HeldUp { wave, by, more, again: run.is_held_up(wave) })
}

/// How missing nodes end a run, if they do.
fn ended_by(run: &PatchRun, wave: u32, gone: &BTreeMap<NodeId, Gone>) -> Option<RunEvent> {
    let before_the_first = matches!(run.phase, Phase::Approved { .. });
    let shrinks = match run.plan.on_drift {
        OnDrift::Void => false,
        // Without its canary a plan would begin with the large waves.
        OnDrift::Shrink if wave == 0 && run.nodes_of(0).all(|node| gone.contains_key(node)) => {
            false
        }
        // A node cannot be removed from a command that was decided.
        OnDrift::Shrink => before_the_first || !run.is_intended(wave, gone),
    };
    if shrinks {
        return None;
    }
    Some(if before_the_first {
        let why = VoidReason::Drifted(Drift::of_nodes(gone));
        RunEvent::Voided { why, replan: true }
    } else {
        request_stop(run, StopReason::NodesGone { wave, nodes: gone.clone() })
    })
}
