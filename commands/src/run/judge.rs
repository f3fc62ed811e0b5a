//! What became of a node. "Compliant" is said only on proof: a patch state that carries our own
//! snapshot id. Neither the command's status nor an older state counts.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::failure::Failure;
use crate::fleet::agent::{ForeignScan, LookupResults};
use crate::fleet::listing::{Absent, Listing};
use crate::fleet::node::{Compliance, InvocationStatus, NodeId, NodePatchState, PatchCounts};
use crate::fleet::node_status::{Doubt, Reading, read};
use crate::plan::{LeftOut, PlannedNode, WhyLeftOut};
use crate::run::{Dispatch, DispatchStatus, Gone, Operation, PatchRun};

/// How far the clocks of this host and of AWS may stand apart.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

/// By more than this no clock is wrong: what is older than its own scan by so much is a time in
/// 1970, which is how a scan that failed reports.
const NO_TIME_AT_ALL: TimeDelta = TimeDelta::days(365);

/// What became of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Its fresh scan shows nothing missing, failed, rejected or waiting for a reboot.
    Compliant {
        /// Patches installed, by the baseline.
        installed: u32,
    },
    /// Its fresh scan shows that all of the plan is there, and nothing failed, rejected or waiting
    /// for a reboot. The baseline still misses what the plan does not hold.
    AsPlanned {
        /// Patches installed, by the baseline.
        installed: u32,
        /// Patches that are missing and that the plan does not hold, with why.
        still: Vec<LeftOut>,
        /// Security updates that the baseline counts against the node without approving them.
        available: u32,
    },
    /// Everything is installed, and some of it takes effect only after a reboot that has not
    /// happened. Until then the node runs what it ran before.
    PendingReboot(PatchCounts),
    /// Its fresh scan shows otherwise.
    NotCompliant(PatchCounts),
    /// Nobody knows.
    Unknown(UnknownWhy),
    /// It was gone before its wave, so nothing was sent to it. It proves nothing, and needs no proof.
    LeftOut(Gone),
}

/// Why nobody knows what became of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownWhy {
    /// AWS refused the command: nothing was sent to it.
    Refused {
        /// What AWS said.
        why: Box<Failure>,
    },
    /// Its agent did not answer just before its wave: nothing was sent to it.
    NotSent,
    /// It did not carry the scan out.
    NoAnswer {
        /// The last that was heard of it.
        status: Option<InvocationStatus>,
    },
    /// It did not carry the scan out, and its agent does not answer.
    Silent {
        /// The last that was heard of the scan.
        status: Option<InvocationStatus>,
        /// When the agent was last heard; none where Systems Manager does not say.
        since: Option<DateTime<Utc>>,
    },
    /// Its scan ran and failed: counts of -1.
    ScanFailed,
    /// Its scan never ended: a time in 1970.
    NeverEnded,
    /// What stands under our scan's snapshot id is no scan.
    NotAScan {
        /// What Systems Manager calls it.
        operation: String,
    },
    /// What stands under our scan's snapshot id ended before the scan was sent.
    OldReport {
        /// When it ended.
        ended_at: DateTime<Utc>,
    },
    /// Somebody else's scan or install has overwritten what ours reported.
    ForeignScan {
        /// The snapshot id that stands there instead.
        snapshot: Option<Uuid>,
        /// Whose it is; none where nobody could look.
        by: Option<ForeignScan>,
    },
    /// Its report cannot be trusted.
    Doubtful(Doubt),
    /// Its scan ended, but its patch state never showed.
    NoReport,
}

impl Verdict {
    /// Whether the node is compliant, so that what is on it is proven. A definition update is no
    /// obstacle: by tomorrow there is another.
    pub fn proves(&self) -> bool {
        match self {
            Self::Compliant { .. } => true,
            Self::AsPlanned { still, available, .. } => {
                *available == 0 && still.iter().all(|one| one.why == WhyLeftOut::Definition)
            }
            Self::PendingReboot(_)
            | Self::NotCompliant(_)
            | Self::Unknown(_)
            | Self::LeftOut(_) => false,
        }
    }

    /// Whether the node ended as planned.
    pub fn is_good(&self) -> bool {
        match self {
            Self::Compliant { .. } | Self::AsPlanned { .. } => true,
            Self::PendingReboot(_)
            | Self::NotCompliant(_)
            | Self::Unknown(_)
            | Self::LeftOut(_) => false,
        }
    }
}

/// Judges `node` by `state`, after `scan` was sent to it. None while it is worth waiting.
pub(super) fn judge(
    run: &PatchRun,
    node: &NodeId,
    scan: &Dispatch,
    state: Option<&NodePatchState>,
    seen: &LookupResults,
    now: DateTime<Utc>,
) -> Option<Verdict> {
    if let DispatchStatus::Refused { why, left_out, .. } = &scan.status {
        let unknown = Verdict::Unknown(UnknownWhy::Refused { why: Box::new(why.clone()) });
        return left_out.contains(node).then_some(unknown);
    }
    let DispatchStatus::Ended { at: scan_ended_at, .. } = scan.status else {
        return None;
    };
    let earliest = scan.intent_at - CLOCK_SKEW;
    if let Some(state) = state.filter(|state| state.snapshot == Some(scan.snapshot)) {
        // Our own snapshot id proves that it is fresh, whatever the clocks say.
        let verdict = match unusable(state, scan.intent_at - NO_TIME_AT_ALL) {
            Some(why) => Verdict::Unknown(why),
            None => by_report(run, node, state, seen.listings.get(node)),
        };
        let moving = verdict == Verdict::Unknown(UnknownWhy::Doubtful(Doubt::ListDisagrees));
        let now = seen.as_of.map_or(now, |as_of| as_of.min(now));
        // A list can lag behind its counts.
        let settled = now >= scan_ended_at + TimeDelta::from(run.plan.timeouts.settle);
        return (settled || !moving).then_some(verdict);
    }
    let status = scan.invocations.get(node).copied();
    if status != Some(InvocationStatus::Success) {
        let silent = seen.agents.get(node).filter(|agent| agent.is_silent());
        return Some(Verdict::Unknown(match silent {
            Some(agent) => UnknownWhy::Silent { status, since: agent.last_ping },
            None => UnknownWhy::NoAnswer { status },
        }));
    }
    let now = seen.as_of.map_or(now, |as_of| as_of.min(now));
    if now < scan_ended_at + TimeDelta::from(run.plan.timeouts.settle) {
        return None;
    }
    let overwritten = state.filter(|state| state.ended_at.is_some_and(|at| at >= earliest));
    Some(Verdict::Unknown(match overwritten {
        Some(NodePatchState { snapshot, .. }) => {
            let (snapshot, by) = (*snapshot, seen.strangers.get(snapshot).cloned());
            UnknownWhy::ForeignScan { snapshot, by }
        }
        None => UnknownWhy::NoReport,
    }))
}

/// Why what stands under our own snapshot id proves nothing.
fn unusable(state: &NodePatchState, earliest: DateTime<Utc>) -> Option<UnknownWhy> {
    if !state.operation.eq_ignore_ascii_case(Operation::Scan.as_parameter()) {
        return Some(UnknownWhy::NotAScan { operation: state.operation.clone() });
    }
    let Some(ended_at) = state.ended_at else { return Some(UnknownWhy::NeverEnded) };
    if ended_at < earliest {
        return Some(UnknownWhy::OldReport { ended_at });
    }
    None
}

/// What follows from a report that is ours: what the baseline says of it, held against the plan.
fn by_report(
    run: &PatchRun,
    node: &NodeId,
    state: &NodePatchState,
    listing: Option<&Listing>,
) -> Verdict {
    let as_counted = listing.map(|listing| listing.agrees_with(&state.counts));
    let Reading { counts, compliance } = match read(state, &run.plan.baselines, as_counted) {
        Ok(reading) => reading,
        Err(Doubt::NoCounts) => return Verdict::Unknown(UnknownWhy::ScanFailed),
        Err(doubt) => return Verdict::Unknown(UnknownWhy::Doubtful(doubt)),
    };
    let installed = counts.installed.unwrap_or(0);
    if compliance == Compliance::Compliant {
        return Verdict::Compliant { installed };
    }
    let nothing_absent = counts.missing == Some(0) && counts.failed == Some(0);
    let still = match (run.plan.nodes().find(|planned| planned.id == *node), listing) {
        (Some(planned), Some(listing)) => absent(run, planned, listing),
        // Nobody knows what it is that is missing.
        (None, _) | (_, None) => nothing_absent.then(Vec::new),
    };
    let rejected = counts.installed_rejected.unwrap_or(0);
    match (still, rejected, counts.pending_reboot.unwrap_or(0)) {
        (Some(still), 0, 0) => {
            let available = counts.available_security_updates.unwrap_or(0);
            Verdict::AsPlanned { installed, still, available }
        }
        (Some(_), 0, _) => Verdict::PendingReboot(counts),
        (Some(_), _, _) | (None, _, _) => Verdict::NotCompliant(counts),
    }
}

/// What a node does not have and need not have by the plan; none if something of the plan is absent.
fn absent(run: &PatchRun, node: &PlannedNode, listing: &Listing) -> Option<Vec<LeftOut>> {
    let left = |row: &Absent, why| LeftOut { id: row.id.clone(), title: row.title.clone(), why };
    let failed = listing.failed.iter().map(|row| {
        // What failed was tried, so it was planned, or somebody else tried it.
        row.is_definition.then(|| left(row, WhyLeftOut::Definition))
    });
    let missing = listing.missing.iter().map(|row| {
        let why = run.plan.why_absent(node, row, listing.installed())?;
        Some(left(row, why))
    });
    let still: Option<Vec<LeftOut>> = failed.chain(missing).collect();
    // One article may stand in several rows.
    let mut still = still?;
    still.sort_by(|a, b| a.known_by().cmp(&b.known_by()));
    still.dedup_by(|a, b| a.known_by() == b.known_by());
    Some(still)
}
