//! Verdicts on nodes. A node is "compliant" only on proof: a patch state that carries our own
//! snapshot id. Neither the status of the command nor an older state counts.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::failure::Failure;
use crate::fleet::agent::{ForeignScan, LookupResults};
use crate::fleet::listing::{Absent, Listing};
use crate::fleet::node::{Compliance, InvocationStatus, NodeId, NodePatchState, PatchCounts};
use crate::fleet::node_status::{Doubt, Reading, read};
use crate::fleet::presence::Gone;
use crate::id::Operation;
use crate::plan::{LeftOut, PlannedNode, WhyLeftOut};
use crate::run::{Dispatch, DispatchStatus, PatchRun};

/// How far the clocks of this host and of AWS may differ.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

/// No clock is wrong by more than this: a state that is so much older than its own scan has a time
/// in 1970, which is how a failed scan reports.
const NO_TIME_AT_ALL: TimeDelta = TimeDelta::days(365);

/// The verdict on a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Its fresh scan shows nothing missing, failed, rejected or waiting for a reboot.
    Compliant {
        /// The number of installed patches that the baseline approves.
        installed: u32,
    },
    /// Its fresh scan shows that everything in the plan is installed, and nothing is failed,
    /// rejected or waiting for a reboot. The baseline still misses patches that the plan does not
    /// contain.
    AsPlanned {
        /// The number of installed patches that the baseline approves.
        installed: u32,
        /// Missing patches that the plan does not contain, each with the reason.
        still: Vec<LeftOut>,
        /// The number of security updates that the baseline counts against the node without
        /// approving them.
        available: u32,
    },
    /// Everything is installed, but some of it takes effect only after a reboot that has not
    /// happened. Until then the node runs the old versions.
    PendingReboot(PatchCounts),
    /// Its fresh scan shows that something is missing, failed or rejected.
    NotCompliant(PatchCounts),
    /// The result is not known.
    Unknown(UnknownWhy),
    /// It was gone before its wave, so we sent nothing to it. It proves nothing and needs no proof.
    LeftOut(Gone),
}

/// Why the result on a node is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownWhy {
    /// AWS refused the command, so nothing was sent to the node.
    Refused {
        /// The error of AWS.
        why: Box<Failure>,
    },
    /// Its agent did not answer just before its wave, so nothing was sent to it.
    NotSent,
    /// It did not carry out the scan.
    NoAnswer {
        /// The last known status of the scan.
        status: Option<InvocationStatus>,
    },
    /// It did not carry out the scan, and its agent does not answer.
    Silent {
        /// The last known status of the scan.
        status: Option<InvocationStatus>,
        /// When the agent last answered; `None` if Systems Manager does not say.
        since: Option<DateTime<Utc>>,
    },
    /// Its scan ran and failed, with counts of -1.
    ScanFailed,
    /// Its scan never ended, with an end time in 1970.
    NeverEnded,
    /// The patch state with our scan's snapshot id is not from a scan.
    NotAScan {
        /// The operation, as Systems Manager names it.
        operation: String,
    },
    /// The patch state with our scan's snapshot id ended before the scan was sent.
    OldReport {
        /// The `OperationEndTime` of that patch state.
        ended_at: DateTime<Utc>,
    },
    /// A foreign scan or install overwrote the report of ours.
    ForeignScan {
        /// The snapshot id that the patch state has instead.
        snapshot: Option<Uuid>,
        /// The foreign scan; `None` if nobody could look it up.
        by: Option<ForeignScan>,
    },
    /// Its report cannot be trusted.
    Doubtful(Doubt),
    /// Its scan ended, but its patch state never appeared.
    NoReport,
}

impl Verdict {
    /// Whether the node is compliant, so that its versions are proven. A missing definition update
    /// does not count: by tomorrow there is another one.
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

    /// Whether the node is as the plan intended.
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

/// Judges `node` by `state`, after `scan` was sent to it. `None` while it is worth waiting.
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
        // Our own snapshot id proves that the state is fresh, whatever the clocks say.
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
            let (snapshot, by) = (*snapshot, seen.foreign_scans.get(snapshot).cloned());
            UnknownWhy::ForeignScan { snapshot, by }
        }
        None => UnknownWhy::NoReport,
    }))
}

/// Why a state with our own snapshot id proves nothing; `None` if it does.
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

/// The verdict by a report of our own scan: the baseline's view, compared with the plan.
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
        // We do not know which patches are missing.
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

/// What a node misses and, by the plan, may miss; `None` if a patch of the plan is absent.
fn absent(run: &PatchRun, node: &PlannedNode, listing: &Listing) -> Option<Vec<LeftOut>> {
    let left = |row: &Absent, why| LeftOut { id: row.id.clone(), title: row.title.clone(), why };
    let failed = listing.failed.iter().map(|row| {
        // A failed patch was tried: it was planned, or somebody else tried it.
        row.is_definition.then(|| left(row, WhyLeftOut::Definition))
    });
    let missing = listing.missing.iter().map(|row| {
        let why = run.plan.why_absent(node, row, listing.installed())?;
        Some(left(row, why))
    });
    let still: Option<Vec<LeftOut>> = failed.chain(missing).collect();
    // One article may have several rows.
    let mut still = still?;
    still.sort_by(|a, b| a.known_by().cmp(&b.known_by()));
    still.dedup_by(|a, b| a.known_by() == b.known_by());
    Some(still)
}
