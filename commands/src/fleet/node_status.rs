//! The status of a node according to its last report: its counts, or why they cannot be trusted,
//! and since when.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::fleet::node::{Compliance, NodePatchState, PatchCounts, Ping};
use crate::fleet::survey::{CountsAs, PatchBaseline, SurveyedNode};

/// How long a report is valid. Patches are published every week, so an older report says nothing
/// about the newest ones.
const REPORT_LASTS: TimeDelta = TimeDelta::days(7);

/// The status of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeStatus {
    /// It reported recently, and its agent answers.
    Known(Reading),
    /// We have no reliable report.
    Unknown(UnknownSince),
}

/// A valid report, as the baseline counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Its counts; they include available security updates only if the baseline counts those
    /// against the node.
    pub counts: PatchCounts,
    /// The resulting compliance: never unknown.
    pub compliance: Compliance,
}

/// Why the state of a node is unknown, and since when.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownSince {
    /// It never reported.
    NeverReported,
    /// Its last scan failed.
    ScanFailed,
    /// Its agent does not answer; what it reported may no longer hold.
    AgentSilent {
        /// When the agent last answered, if Systems Manager says so.
        since: Option<DateTime<Utc>>,
    },
    /// Its last report is too old.
    OldReport {
        /// When the report was made.
        of: DateTime<Utc>,
    },
    /// Its report cannot be trusted.
    Doubtful(Doubt),
}

/// Why a report cannot be trusted although its scan succeeded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// It has no counts.
    NoCounts,
    /// The list of the node's patches has another number than its counts.
    ListDisagrees,
    /// The counts by state show nothing non-compliant, but the total does.
    CountsDisagree,
    /// Another baseline was applied than the one that should decide.
    OtherBaseline {
        /// `BaselineId` of the report.
        baseline: String,
    },
    /// Security updates are published for the node that its baseline does not approve, and the
    /// baseline does not say how they count.
    SecurityUpdatesUncounted,
}

/// Reads the report of a node. This is the one place that defines how a report counts: both the
/// judging of runs and the compliance reports use it. `baselines` are the ones that should decide,
/// `None` if they are not known; `as_counted` is whether the node lists as many patches as it
/// counts, `None` if nobody looked.
pub fn read(
    state: &NodePatchState,
    baselines: &[PatchBaseline],
    as_counted: Option<bool>,
) -> Result<Reading, Doubt> {
    let mut counts = state.counts;
    if counts.available_security_updates.is_none() {
        return Err(Doubt::NoCounts);
    }
    let named = state.baseline.as_deref().unwrap_or_default();
    let decides = baselines.iter().find(|baseline| baseline.is_named(named));
    if decides.is_none() && !baselines.is_empty() && !named.is_empty() {
        return Err(Doubt::OtherBaseline { baseline: named.to_owned() });
    }
    let rest = counts.compliance();
    if rest == Compliance::Unknown {
        return Err(Doubt::NoCounts);
    }
    if as_counted == Some(false) {
        return Err(Doubt::ListDisagrees);
    }
    if counts.contradict_themselves() {
        return Err(Doubt::CountsDisagree);
    }
    if counts.available_security_updates == Some(0) {
        return Ok(Reading { counts, compliance: rest });
    }
    match (decides.and_then(|baseline| baseline.available_security_updates), rest) {
        (Some(CountsAs::NotCompliant), _) => {
            Ok(Reading { counts, compliance: Compliance::NotCompliant })
        }
        (Some(CountsAs::Compliant), compliance) | (None, compliance @ Compliance::NotCompliant) => {
            counts.available_security_updates = Some(0);
            Ok(Reading { counts, compliance })
        }
        (None, Compliance::Compliant | Compliance::Unknown) => Err(Doubt::SecurityUpdatesUncounted),
    }
}

impl NodeStatus {
    /// The status of `node` at the time of the survey that it is in.
    pub fn of(node: &SurveyedNode, taken_at: DateTime<Utc>) -> Self {
        match node.ping {
            Ping::ConnectionLost | Ping::Inactive => {
                return Self::Unknown(UnknownSince::AgentSilent { since: node.last_ping });
            }
            Ping::Online | Ping::Unknown => {}
        }
        let Some(state) = &node.state else { return Self::Unknown(UnknownSince::NeverReported) };
        // A state without an end time comes from a failed scan.
        let Some(of) = state.ended_at else { return Self::Unknown(UnknownSince::ScanFailed) };
        match read(state, node.baseline.as_slice(), Some(node.listed_as_counted)) {
            Err(Doubt::NoCounts) => Self::Unknown(UnknownSince::ScanFailed),
            Err(doubt) => Self::Unknown(UnknownSince::Doubtful(doubt)),
            Ok(_) if taken_at - of > REPORT_LASTS => Self::Unknown(UnknownSince::OldReport { of }),
            Ok(reading) => Self::Known(reading),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::tests::counts;

    fn baseline(available: Option<CountsAs>) -> PatchBaseline {
        PatchBaseline {
            operating_system: "WINDOWS".into(),
            id: "arn:aws:ssm:eu-west-1:1:patchbaseline/pb-1".into(),
            name: "servers".into(),
            approves_after_days: Some(7),
            is_default: false,
            modified_at: None,
            available_security_updates: available,
        }
    }

    fn reads(
        available: u32,
        missing: u32,
        by: &str,
        says: Option<CountsAs>,
    ) -> Result<Reading, Doubt> {
        let state = NodePatchState {
            snapshot: None,
            operation: "Scan".into(),
            ended_at: Some(DateTime::UNIX_EPOCH),
            baseline: Some(by.into()),
            counts: PatchCounts { available_security_updates: Some(available), ..counts(missing) },
        };
        read(&state, &[baseline(says)], Some(true))
    }

    #[test]
    fn available_security_updates_count_as_the_baseline_says() {
        let check = |available, missing, says, expected| {
            let compliance = reads(available, missing, "pb-1", says).map(|read| read.compliance);
            assert_eq!(compliance, expected, "{available} {missing} {says:?}");
        };
        check(0, 0, None, Ok(Compliance::Compliant));
        check(2, 0, Some(CountsAs::Compliant), Ok(Compliance::Compliant));
        check(2, 0, Some(CountsAs::NotCompliant), Ok(Compliance::NotCompliant));
        check(2, 0, None, Err(Doubt::SecurityUpdatesUncounted));
        check(2, 1, None, Ok(Compliance::NotCompliant));
    }

    #[test]
    fn counts_that_contradict_each_other_are_unknown() {
        let check = |missing, non_compliant, expected| {
            let counts = PatchCounts { non_compliant, ..counts(missing) };
            let state = NodePatchState {
                snapshot: None,
                operation: "Scan".into(),
                ended_at: Some(DateTime::UNIX_EPOCH),
                baseline: None,
                counts,
            };
            let compliance = read(&state, &[], None).map(|read| read.compliance);
            assert_eq!(compliance, expected, "{missing} {non_compliant:?}");
        };
        check(0, Some(0), Ok(Compliance::Compliant));
        check(0, None, Ok(Compliance::Compliant));
        check(2, Some(2), Ok(Compliance::NotCompliant));
        // One article can have two rows.
        check(1, Some(2), Ok(Compliance::NotCompliant));
        check(0, Some(2), Err(Doubt::CountsDisagree));
    }

    #[test]
    fn what_another_baseline_decided_is_unknown() {
        let other = Doubt::OtherBaseline { baseline: "pb-2".into() };
        assert_eq!(reads(0, 0, "pb-2", None), Err(other));
        assert!(reads(0, 0, "arn:aws:ssm:eu-west-1:1:patchbaseline/pb-1", None).is_ok());
    }
}
