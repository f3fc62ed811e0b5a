//! What can be said of a node by what it last reported: its counts, or why they are no longer to
//! be trusted, and since when.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::node::{Compliance, PatchCounts, Ping};
use crate::survey::SurveyedNode;

/// How long a report holds. Patches are published every week, and a node that has not been looked
/// at for longer says nothing about them.
const REPORT_LASTS: TimeDelta = TimeDelta::days(7);

/// What can be said of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It reported lately, and its agent answers.
    Known(PatchCounts),
    /// Nothing certain is known.
    Unknown(UnknownSince),
}

/// Why nothing certain is known of a node, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownSince {
    /// It never reported.
    NeverReported,
    /// Its last scan failed.
    ScanFailed,
    /// Its agent does not answer; whatever it reported may no longer be so.
    AgentSilent {
        /// When it was last heard, where Systems Manager says so.
        since: Option<DateTime<Utc>>,
    },
    /// Its last report is old.
    OldReport {
        /// Of when it is.
        of: DateTime<Utc>,
    },
}

impl Standing {
    /// What can be said of `node` at the time of the survey it is in.
    pub fn of(node: &SurveyedNode, taken_at: DateTime<Utc>) -> Self {
        match node.ping {
            Ping::ConnectionLost | Ping::Inactive => {
                return Self::Unknown(UnknownSince::AgentSilent { since: node.last_ping });
            }
            Ping::Online | Ping::Unknown => {}
        }
        let Some(state) = &node.state else { return Self::Unknown(UnknownSince::NeverReported) };
        match state.ended_at {
            // A state without an end is a scan that failed.
            None => Self::Unknown(UnknownSince::ScanFailed),
            Some(_) if state.counts.compliance() == Compliance::Unknown => {
                Self::Unknown(UnknownSince::ScanFailed)
            }
            Some(of) if taken_at - of > REPORT_LASTS => {
                Self::Unknown(UnknownSince::OldReport { of })
            }
            Some(_) => Self::Known(state.counts),
        }
    }
}
