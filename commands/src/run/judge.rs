//! What became of a node. "Compliant" is said only on proof: a patch state that carries our own
//! snapshot id. Neither the command's status nor an older state counts.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::node::{Compliance, InvocationStatus, NodeId, NodePatchState, PatchCounts};
use crate::run::{Dispatch, DispatchStatus};
use crate::seconds::Seconds;

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
    /// Its fresh scan shows otherwise.
    NotCompliant(PatchCounts),
    /// Nobody knows.
    Unknown(UnknownWhy),
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
    /// It did not carry the scan out.
    NoAnswer {
        /// The last that was heard of it.
        status: Option<InvocationStatus>,
    },
    /// Its scan ran and failed: counts of -1, a time in 1970.
    ScanFailed,
    /// Somebody else's scan or install has overwritten what ours reported.
    ForeignScan {
        /// The snapshot id that stands there instead.
        snapshot: Option<Uuid>,
    },
    /// Its scan ended, but its patch state never showed.
    NoReport,
}

impl Verdict {
    /// Whether it proves the node.
    pub fn is_good(&self) -> bool {
        match self {
            Self::Compliant { .. } | Self::AsPlanned { .. } => true,
            Self::NotCompliant(_) | Self::Unknown(_) => false,
        }
    }
}

/// Judges `node` by `state`, after `scan` was sent to it. None while it is worth waiting.
pub(super) fn judge(
    node: &NodeId,
    scan: &Dispatch,
    state: Option<&NodePatchState>,
    left_out: u32,
    settle: Seconds,
    now: DateTime<Utc>,
) -> Option<Verdict> {
    if let DispatchStatus::Refused { why, .. } = &scan.status {
        return Some(Verdict::Unknown(UnknownWhy::Refused { why: why.clone() }));
    }
    let DispatchStatus::Ended { at: scan_ended_at, .. } = scan.status else {
        return None;
    };
    let earliest = scan.intent_at - CLOCK_SKEW;
    if let Some(state) = state.filter(|state| state.snapshot == Some(scan.snapshot)) {
        return match (state.ended_at, state.counts.compliance()) {
            (None, _) | (_, Compliance::Unknown) => Some(Verdict::Unknown(UnknownWhy::ScanFailed)),
            // Our own snapshot id proves that it is fresh, whatever the clocks say.
            (Some(ended_at), _) if ended_at < scan.intent_at - NO_TIME_AT_ALL => {
                Some(Verdict::Unknown(UnknownWhy::ScanFailed))
            }
            (Some(_), Compliance::Compliant) => {
                Some(Verdict::Compliant { installed: state.counts.installed.unwrap_or(0) })
            }
            (Some(_), Compliance::NotCompliant) => Some(short_of(state.counts, left_out)),
        };
    }
    let status = scan.invocations.get(node).copied();
    if status != Some(InvocationStatus::Success) {
        return Some(Verdict::Unknown(UnknownWhy::NoAnswer { status }));
    }
    if now < scan_ended_at + TimeDelta::from(settle) {
        return None;
    }
    let overwritten = state.is_some_and(|state| state.ended_at.is_some_and(|at| at >= earliest));
    Some(Verdict::Unknown(if overwritten {
        UnknownWhy::ForeignScan { snapshot: state.and_then(|state| state.snapshot) }
    } else {
        UnknownWhy::NoReport
    }))
}

fn short_of(counts: PatchCounts, left_out: u32) -> Verdict {
    let rest = PatchCounts { missing: Some(0), ..counts };
    match counts.missing {
        Some(missing) if missing <= left_out && rest.compliance() == Compliance::Compliant => {
            Verdict::AsPlanned { installed: counts.installed.unwrap_or(0), left_out: missing }
        }
        Some(_) | None => Verdict::NotCompliant(counts),
    }
}
