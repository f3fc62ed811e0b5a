//! A managed node and what Systems Manager reports about it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The id of a managed node: `i-…` or `mi-…`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(pub String);

impl std::fmt::Display for NodeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether the agent on a node answers (`PingStatus` of DescribeInstanceInformation).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ping {
    /// The agent answers.
    Online,
    /// The agent has stopped answering.
    ConnectionLost,
    /// The agent has not answered for a long time.
    Inactive,
    /// Systems Manager gave no status that we know.
    Unknown,
}

/// The family of operating systems of a node, which decides how its patches are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    /// Names patches by knowledge base numbers; the service evaluates them.
    Windows,
    /// Names patches by packages; the node evaluates them against its repositories.
    Linux,
    /// macOS, or something newer than this program.
    Other,
}

/// The patch state of a node after its last Scan or Install (`InstancePatchState`).
///
/// Source: `DescribeInstancePatchStates` of the SSM API, model 2014-11-06.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodePatchState {
    /// The `SnapshotId` of the operation: ours, or that of a foreign scan.
    pub snapshot: Option<Uuid>,
    /// `Scan` or `Install`.
    pub operation: String,
    /// `OperationEndTime`. `None` if AWS gives an end in 1970, which means that the scan failed.
    pub ended_at: Option<DateTime<Utc>>,
    /// `BaselineId`: the baseline that was applied. `None` if AWS does not say.
    pub baseline: Option<String>,
    /// The number of patches in each state.
    pub counts: PatchCounts,
}

/// How many patches of a node are in each state. `None` is Systems Manager's -1: the scan failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatchCounts {
    /// Installed, and approved by the baseline.
    pub installed: Option<u32>,
    /// Installed, although the baseline does not ask for it.
    pub installed_other: Option<u32>,
    /// Installed, but effective only after a reboot.
    pub pending_reboot: Option<u32>,
    /// Installed, although the baseline rejects it.
    pub installed_rejected: Option<u32>,
    /// Approved by the baseline and not installed.
    pub missing: Option<u32>,
    /// The install was tried and failed.
    pub failed: Option<u32>,
    /// On Windows: published but not approved by the baseline, which decides how it counts.
    pub available_security_updates: Option<u32>,
    /// All non-compliant patches of the same report, whatever their state: the sum of
    /// `CriticalNonCompliantCount`, `SecurityNonCompliantCount` and `OtherNonCompliantCount`.
    /// `None` if Systems Manager does not say.
    pub non_compliant: Option<u32>,
}

/// Whether a node is compliant according to its report. "Unknown" is a valid answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compliance {
    /// No patch is missing, failed, rejected or waiting for a reboot.
    Compliant,
    /// At least one patch is.
    NotCompliant,
    /// There is no report, or the scan failed.
    Unknown,
}

impl PatchCounts {
    /// INSTALLED and INSTALLED_OTHER are compliant; pending reboot, rejected, missing and failed
    /// are not. If any count is absent, the result is unknown, because a failed scan has none. The
    /// baseline decides how available security updates count: see
    /// [`crate::fleet::node_status::read`].
    ///
    /// Source: AWS Systems Manager user guide, "Patch compliance state values".
    pub fn compliance(&self) -> Compliance {
        let Self {
            installed,
            installed_other,
            pending_reboot,
            installed_rejected,
            missing,
            failed,
            available_security_updates: _,
            non_compliant: _,
        } = *self;
        let bad = [pending_reboot, installed_rejected, missing, failed];
        if installed.is_none() || installed_other.is_none() {
            return Compliance::Unknown;
        }
        match bad.into_iter().try_fold(0_u32, |sum, count| count.map(|n| sum.saturating_add(n))) {
            None => Compliance::Unknown,
            Some(0) => Compliance::Compliant,
            Some(_) => Compliance::NotCompliant,
        }
    }

    /// Whether the counts by state show nothing that is non-compliant while the total does.
    pub fn contradict_themselves(&self) -> bool {
        let quiet = self.compliance() == Compliance::Compliant
            && self.available_security_updates == Some(0);
        quiet && self.non_compliant.is_some_and(|count| count > 0)
    }
}

/// The progress of a command on one node (`StatusDetails` of a command invocation).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvocationStatus {
    /// The node has not taken the command yet.
    Pending,
    /// The node works on it.
    InProgress,
    /// The node has not answered yet; Systems Manager tries again.
    Delayed,
    /// The document succeeded. That does not mean that the node is patched.
    Success,
    /// The document failed.
    Failed,
    /// The node did not take it in time.
    DeliveryTimedOut,
    /// The node took it and did not finish in time.
    ExecutionTimedOut,
    /// The command is being cancelled on this node; it may still succeed.
    Cancelling,
    /// Cancelled, perhaps after the node had begun.
    Cancelled,
    /// The node could not be reached.
    Undeliverable,
    /// Ended by Systems Manager because too many other nodes failed.
    Terminated,
    /// The document does not run on this platform.
    InvalidPlatform,
    /// We may not send to this node, usually because its tag is not the environment's.
    AccessDenied,
}

impl InvocationStatus {
    /// Whether this status is final for the node.
    pub fn is_final(self) -> bool {
        match self {
            Self::Pending | Self::InProgress | Self::Delayed | Self::Cancelling => false,
            Self::Success
            | Self::Failed
            | Self::DeliveryTimedOut
            | Self::ExecutionTimedOut
            | Self::Cancelled
            | Self::Undeliverable
            | Self::Terminated
            | Self::InvalidPlatform
            | Self::AccessDenied => true,
        }
    }
}

/// The reported status of a command on each node.
pub type Invocations = BTreeMap<NodeId, InvocationStatus>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::tests::counts;

    #[test]
    fn a_count_that_is_not_there_makes_the_whole_unknown() {
        assert_eq!(counts(0).compliance(), Compliance::Compliant);
        type Change = fn(&mut PatchCounts);
        let changes: [Change; 6] = [
            |counts| counts.installed = None,
            |counts| counts.installed_other = None,
            |counts| counts.pending_reboot = None,
            |counts| counts.installed_rejected = None,
            |counts| counts.missing = None,
            |counts| counts.failed = None,
        ];
        for (at, change) in changes.into_iter().enumerate() {
            for missing in [0, 3] {
                let mut counts = counts(missing);
                change(&mut counts);
                assert_eq!(counts.compliance(), Compliance::Unknown, "{at}");
            }
        }
        let enormous = PatchCounts { failed: Some(u32::MAX), ..counts(u32::MAX) };
        assert_eq!(enormous.compliance(), Compliance::NotCompliant);
    }
}
