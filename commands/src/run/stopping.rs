//! Stopping a run. It does not stop dead: no further Install is sent, what is under way is watched
//! to its end, and the nodes that were touched are scanned and judged.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::environment::policy::CurrentPolicy;
use crate::fleet::node::NodeId;
use crate::id::Actor;
use crate::reason::Reason;
use crate::refusal::Refusal;
use crate::run::guard::ensure_can_stop;
use crate::run::input::RunContext;
use crate::run::intent::{intend_scans, intend_scans_again, request_stop};
use crate::run::overdue::late;
use crate::run::{DispatchStatus, PatchRun, Phase, RunEvent, Step, StopReason};

/// What follows when an approver stops a run.
pub(super) fn stop(
    run: &PatchRun,
    actor: &Actor,
    reason: &str,
    policy: CurrentPolicy<'_>,
) -> Result<Vec<RunEvent>, Refusal> {
    ensure_can_stop(run, actor, policy)?;
    Ok(vec![request_stop(run, StopReason::Person { reason: Reason::parse(reason)? })])
}

/// What time alone brings about while a run stops.
pub(super) fn tick(
    run: &PatchRun,
    why: &StopReason,
    context: RunContext<'_>,
    at: DateTime<Utc>,
) -> Vec<RunEvent> {
    if let Some(event) = late(run, context.token, at) {
        return vec![event];
    }
    match run.step() {
        Some((_, Step::Judged)) => vec![RunEvent::Stopped { why: why.clone() }],
        // Even a scan is a command that is sent.
        Some(_) if context.emergency_stop.is_active() || run.closed.is_some() => Vec::new(),
        Some((wave, Step::ToScan)) => intend_scans(run, wave, context.token),
        Some((wave, Step::Scanning)) => intend_scans_again(run, wave, context.token),
        Some((_, Step::ToInstall | Step::Installing | Step::Judging)) | None => Vec::new(),
    }
}

impl PatchRun {
    /// The wave that is under way, or was when the run was stopped.
    pub fn wave(&self) -> Option<u32> {
        match self.phase {
            Phase::Running { wave, .. } | Phase::Stopping { wave, .. } => Some(wave),
            Phase::Waiting
            | Phase::Approved { .. }
            | Phase::Finished { .. }
            | Phase::Stopped { .. }
            | Phase::Rejected { .. }
            | Phase::Expired { .. }
            | Phase::Voided { .. } => None,
        }
    }

    /// Whether it was stopped and has not ended yet.
    pub fn is_stopping(&self) -> bool {
        matches!(self.phase, Phase::Stopping { .. })
    }

    /// Nodes on which an Install may have begun, in one wave or in all.
    fn touched(&self, wave: Option<u32>) -> BTreeSet<&NodeId> {
        let installs = self.dispatches.values().filter(|one| {
            one.id.operation.is_install()
                && one.status != DispatchStatus::Intended
                && wave.is_none_or(|wave| one.id.wave == wave)
        });
        installs.flat_map(|one| one.nodes.iter().filter(|node| !one.never_began(node))).collect()
    }

    /// The nodes of a wave to scan once the run is stopped, sorted.
    pub(super) fn touched_in(&self, wave: u32) -> Vec<NodeId> {
        if self.plan.only_scans() {
            return Vec::new();
        }
        self.touched(Some(wave)).into_iter().cloned().collect()
    }

    /// Nodes of a stopped run to which certainly nothing was done.
    pub fn untouched(&self) -> Vec<&NodeId> {
        let touched = self.touched(None);
        let nodes = self.plan.nodes().map(|node| &node.id);
        nodes.filter(|id| !self.verdicts.contains_key(id) && !touched.contains(id)).collect()
    }
}
