//! What became of a node. "Compliant" is said only on proof: a patch state that carries our own
//! snapshot id. Neither the command's status nor an older state counts.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::node::{Compliance, InvocationStatus, NodeId, NodePatchState, PatchCounts};
use crate::run::{Dispatch, DispatchStatus, Gone, Operation, PatchRun};
use crate::sighting::{Sightings, Stranger};

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
    /// Its fresh scan shows nothing failed, rejected or waiting for a reboot, and no more missing
    /// than the plan has left out because the environment before has not proven it.
    AsPlanned {
        /// Patches installed, by the baseline.
        installed: u32,
        /// Patches that the plan left out and that are still missing.
        left_out: u32,
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
        why: String,
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
        #[serde(default)]
        by: Option<Stranger>,
    },
    /// Its scan ended, but its patch state never showed.
    NoReport,
}

impl Verdict {
    /// Whether it proves the node.
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
    seen: &Sightings,
    now: DateTime<Utc>,
) -> Option<Verdict> {
    if let DispatchStatus::Refused { why, left_out, .. } = &scan.status {
        let unknown = Verdict::Unknown(UnknownWhy::Refused { why: why.clone() });
        return left_out.contains(node).then_some(unknown);
    }
    let DispatchStatus::Ended { at: scan_ended_at, .. } = scan.status else {
        return None;
    };
    let earliest = scan.intent_at - CLOCK_SKEW;
    if let Some(state) = state.filter(|state| state.snapshot == Some(scan.snapshot)) {
        // Our own snapshot id proves that it is fresh, whatever the clocks say.
        return Some(match unusable(state, scan.intent_at - NO_TIME_AT_ALL) {
            Some(why) => Verdict::Unknown(why),
            None => by_counts(state.counts, run.left_out_of(node)),
        });
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
    if now < scan_ended_at + TimeDelta::from(run.plan.patience.settle) {
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
    (state.counts.compliance() == Compliance::Unknown).then_some(UnknownWhy::ScanFailed)
}

fn by_counts(counts: PatchCounts, left_out: u32) -> Verdict {
    let installed = counts.installed.unwrap_or(0);
    let (missing, waiting) = (counts.missing.unwrap_or(0), counts.pending_reboot.unwrap_or(0));
    let rest = PatchCounts { missing: Some(0), pending_reboot: Some(0), ..counts };
    if missing > left_out || rest.compliance() != Compliance::Compliant {
        return Verdict::NotCompliant(counts);
    }
    match (waiting, missing) {
        (0, 0) => Verdict::Compliant { installed },
        (0, left_out) => Verdict::AsPlanned { installed, left_out },
        (_, _) => Verdict::PendingReboot(counts),
    }
}
