//! A managed node and what Systems Manager reports of it.

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
    /// It answers.
    Online,
    /// It has stopped answering.
    ConnectionLost,
    /// It has not answered for a long time.
    Inactive,
    /// Systems Manager gave no status that we know.
    Unknown,
}

/// How a node names what it installs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    /// Knowledge base numbers; evaluated in the service.
    Windows,
    /// Packages; evaluated on the node against its repositories.
    Linux,
    /// macOS, or something newer than this program.
    Other,
}

/// What the last Scan or Install of a node said (`InstancePatchState`).
///
/// Source: `DescribeInstancePatchStates` of the SSM API, model 2014-11-06.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodePatchState {
    /// The `SnapshotId` of the operation: ours, or a stranger's.
    pub snapshot: Option<Uuid>,
    /// `Scan` or `Install`.
    pub operation: String,
    /// `OperationEndTime`. An end in 1970 is given as none: that scan failed.
    pub ended_at: Option<DateTime<Utc>>,
    /// `BaselineId`: the baseline that decided. None where it is not said.
    pub baseline: Option<String>,
    /// Patches by state.
    pub counts: PatchCounts,
}

/// How many patches of a node are in which state. `None` is Systems Manager's -1: the scan failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatchCounts {
    /// Installed, by the baseline.
    pub installed: Option<u32>,
    /// Installed, though the baseline does not ask for it.
    pub installed_other: Option<u32>,
    /// Installed, in force only after a reboot.
    pub pending_reboot: Option<u32>,
    /// Installed, though the baseline rejects it.
    pub installed_rejected: Option<u32>,
    /// Approved by the baseline and not there.
    pub missing: Option<u32>,
    /// Tried and not installed.
    pub failed: Option<u32>,
    /// On Windows: published and not approved by the baseline, which says how it counts.
    pub available_security_updates: Option<u32>,
    /// All that is not compliant by the same report, whatever its state: the sum of
    /// `CriticalNonCompliantCount`, `SecurityNonCompliantCount` and `OtherNonCompliantCount`. None
    /// where Systems Manager does not say.
    pub non_compliant: Option<u32>,
}

/// Whether what a node reports is compliant. "Unknown" is an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compliance {
    /// Nothing is missing, failed, rejected or waiting for a reboot.
    Compliant,
    /// Something is.
    NotCompliant,
    /// No report, or a scan that failed.
    Unknown,
}

impl PatchCounts {
    /// INSTALLED and INSTALLED_OTHER are compliant; pending reboot, rejected, missing and failed
    /// are not; any count that is not there makes the whole unknown, because a scan that failed has
    /// none. How available security updates
    /// count is the baseline's to say: see [`crate::fleet::node_status::read`].
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

    /// Whether the report says of no state that anything is in it which is not compliant, and of the
    /// whole that something is.
    pub fn contradict_themselves(&self) -> bool {
        let quiet = self.compliance() == Compliance::Compliant
            && self.available_security_updates == Some(0);
        quiet && self.non_compliant.is_some_and(|count| count > 0)
    }
}

/// How far a command has come on one node (`StatusDetails` of a command invocation).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvocationStatus {
    /// Not yet taken by the node.
    Pending,
    /// The node works on it.
    InProgress,
    /// The node has not answered yet; Systems Manager tries again.
    Delayed,
    /// The document ended well. It does not mean "patched".
    Success,
    /// The document ended badly.
    Failed,
    /// The node did not take it in time.
    DeliveryTimedOut,
    /// The node took it and did not end in time.
    ExecutionTimedOut,
    /// Being cancelled: it may still end well.
    Cancelling,
    /// Cancelled, perhaps after it had begun.
    Cancelled,
    /// The node could not be reached.
    Undeliverable,
    /// Called off because too many other nodes failed.
    Terminated,
    /// The document does not run on this platform.
    InvalidPlatform,
    /// We may not send to this node: mostly its tag is not the environment's.
    AccessDenied,
}

impl InvocationStatus {
    /// Whether nothing more will come from this node.
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

/// What was heard of a command, by node.
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
