//! Dispatches: one command for AWS each, with everything that is known about it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::failure::Failure;
use crate::fleet::node::{InvocationStatus, Invocations, NodeId};
use crate::id::{DispatchId, PersonRef, RunId};
use crate::reason::Reason;
use crate::run::{Outputs, PatchRun};

/// The most nodes of one SendCommand (SSM API model 2014-11-06, `InstanceIds`).
pub const NODES_PER_COMMAND: usize = 50;

/// The namespace under which snapshot ids are derived (UUID version 5).
const SNAPSHOTS: Uuid = Uuid::from_u128(0x9f1c_31a5_6f0e_4a53_9f43_2f2c_8a17_70c4);

/// A command that was decided: exactly what is sent, and what is known about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispatch {
    /// Its id within the run.
    pub id: DispatchId,
    /// `SnapshotId`, which tells its results apart from those of foreign scans.
    pub snapshot: Uuid,
    /// The target nodes, frozen and sorted; at most [`NODES_PER_COMMAND`].
    pub nodes: Vec<NodeId>,
    /// When sending was decided. That decision is durable before anything is sent.
    pub intent_at: DateTime<Utc>,
    /// The fencing token of the process that decided; no other process may send it.
    pub token: u64,
    /// What is known about its delivery.
    pub status: DispatchStatus,
    /// The last known status on each node.
    pub invocations: Invocations,
    /// When we asked AWS to cancel it. Cancelling is best effort: the status of the nodes shows the
    /// result.
    pub cancel_asked_at: Option<DateTime<Utc>>,
    /// The ids of duplicate commands that AWS has for it, which should never exist; they are
    /// watched to their end as well.
    pub more: Vec<String>,
    /// Nodes whose patch state carried our snapshot id while the command id was not known.
    pub reported: BTreeSet<NodeId>,
    /// When a search last showed that AWS knows nothing about it.
    pub searched_at: Option<DateTime<Utc>>,
    /// What the nodes on which it failed printed about the override list that they should have
    /// read; `None` if we have not asked.
    pub outputs: Option<Outputs>,
}

/// The status of a dispatch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DispatchStatus {
    /// Decided. If the deciding process is gone, nobody knows whether it was sent.
    Intended,
    /// AWS accepted it under this command id.
    Sent {
        /// The `CommandId` that AWS gave it.
        command: String,
        /// When we received the command id.
        at: DateTime<Utc>,
    },
    /// It ran, because nodes report our snapshot id; the command id is not known.
    Ran {
        /// Since when we have searched for the command id.
        since: DateTime<Utc>,
        /// When we saw the first report.
        at: DateTime<Utc>,
    },
    /// Nothing more will come: every node has a final status, or the deadline has passed.
    Ended {
        /// `CommandId`; `None` if it was never known.
        command: Option<String>,
        /// When we saw that it had ended.
        at: DateTime<Utc>,
    },
    /// AWS refused it definitively, so it was not sent.
    Refused {
        /// The error of AWS.
        why: Failure,
        /// The nodes for which it was refused, to which we no longer send anything. The other nodes
        /// get further commands. Empty if AWS did not say which nodes were the cause.
        left_out: Vec<NodeId>,
        /// When AWS refused it.
        at: DateTime<Utc>,
    },
    /// It may or may not have been sent. ListCommands does not show it, or does not show it yet.
    Uncertain {
        /// Since when it has been uncertain.
        since: DateTime<Utc>,
        /// How the call failed.
        why: WhyUncertain,
        /// When the search for it ended and we asked a person; `None` while we still search.
        asked_at: Option<DateTime<Utc>>,
        /// Whether it is so old that AWS no longer lists the commands of that time.
        forgotten: bool,
    },
    /// It counts as not sent: a person said so, the run was stopped first, or it was a Scan that
    /// can simply be sent again.
    Abandoned {
        /// The person who said so; `None` if no person did.
        by: Option<PersonRef>,
        /// Why it counts as not sent.
        why: WhyAbandoned,
        /// When that was decided.
        at: DateTime<Utc>,
    },
    /// The run was stopped before we found out whether it was sent. Its nodes may have it.
    GivenUp {
        /// How the call failed.
        why: WhyUncertain,
        /// When we gave it up.
        at: DateTime<Utc>,
    },
}

/// Why it is uncertain whether a command was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyUncertain {
    /// The call failed in a way that leaves it open.
    Failed(Failure),
    /// patchbot was restarted between the decision to send it and the answer of AWS.
    Restarted,
}

/// Why a command counts as not sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyAbandoned {
    /// A person knows that it was not sent.
    NotSent {
        /// How the person knows.
        reason: Reason,
    },
    /// The run was stopped before it was sent.
    CalledOff,
    /// AWS does not list it, and a Scan can simply be sent again.
    ScanAgain,
}

impl DispatchStatus {
    /// The command id, if it is known.
    pub fn command(&self) -> Option<&str> {
        match self {
            Self::Sent { command, .. } => Some(command),
            Self::Ended { command, .. } => command.as_deref(),
            Self::Intended
            | Self::Ran { .. }
            | Self::Refused { .. }
            | Self::Uncertain { .. }
            | Self::Abandoned { .. }
            | Self::GivenUp { .. } => None,
        }
    }

    /// Whether this dispatch still keeps its run waiting.
    pub fn is_open(&self) -> bool {
        match self {
            Self::Intended | Self::Sent { .. } | Self::Ran { .. } | Self::Uncertain { .. } => true,
            Self::Ended { .. }
            | Self::Refused { .. }
            | Self::Abandoned { .. }
            | Self::GivenUp { .. } => false,
        }
    }
}

impl Dispatch {
    /// All known command ids of it at AWS.
    pub fn commands(&self) -> Vec<String> {
        self.status.command().into_iter().map(str::to_owned).chain(self.more.clone()).collect()
    }

    /// Nodes that may still report a result of this command.
    pub fn unfinished(&self) -> impl Iterator<Item = &NodeId> {
        let open = |node: &NodeId| {
            !self.reported.contains(node)
                && !self.invocations.get(node).is_some_and(|status| status.is_final())
        };
        self.nodes.iter().filter(move |node| match &self.status {
            DispatchStatus::Intended | DispatchStatus::Uncertain { .. } => true,
            DispatchStatus::Sent { .. } | DispatchStatus::Ran { .. } => open(node),
            DispatchStatus::Ended { .. }
            | DispatchStatus::Refused { .. }
            | DispatchStatus::Abandoned { .. }
            | DispatchStatus::GivenUp { .. } => false,
        })
    }

    /// Whether `node` certainly did not begin this command.
    pub fn never_began(&self, node: &NodeId) -> bool {
        match &self.status {
            DispatchStatus::Refused { .. } | DispatchStatus::Abandoned { .. } => true,
            DispatchStatus::Intended
            | DispatchStatus::Sent { .. }
            | DispatchStatus::Ran { .. }
            | DispatchStatus::Ended { .. }
            | DispatchStatus::Uncertain { .. }
            | DispatchStatus::GivenUp { .. } => {
                self.invocations.get(node).is_some_and(|status| never_reached(*status))
            }
        }
    }
}

/// Whether a node with this status was never given its command. A node on which it was cancelled
/// may have begun.
pub(super) fn never_reached(status: InvocationStatus) -> bool {
    match status {
        InvocationStatus::DeliveryTimedOut
        | InvocationStatus::Undeliverable
        | InvocationStatus::Terminated
        | InvocationStatus::InvalidPlatform
        | InvocationStatus::AccessDenied => true,
        InvocationStatus::Pending
        | InvocationStatus::InProgress
        | InvocationStatus::Delayed
        | InvocationStatus::Cancelling
        | InvocationStatus::Success
        | InvocationStatus::Failed
        | InvocationStatus::ExecutionTimedOut
        | InvocationStatus::Cancelled => false,
    }
}

/// The combined status of two commands of one dispatch: for each node, the answer that is furthest
/// from "nothing was done to it"; no answer while one of the commands is unfinished.
pub fn together(heard: impl IntoIterator<Item = Invocations>) -> Invocations {
    let weight = |status: InvocationStatus| (!status.is_final(), !never_reached(status));
    let mut heard = heard.into_iter();
    let mut all = heard.next().unwrap_or_default();
    for other in heard {
        all.retain(|node, _| other.contains_key(node));
        for (node, status) in &mut all {
            let theirs = other.get(node).copied().unwrap_or(*status);
            if weight(theirs) > weight(*status) {
                *status = theirs;
            }
        }
    }
    all
}

/// The snapshot id of a dispatch. The same inputs give the same id in every process, so that a
/// restarted bot recognizes what an earlier one sent. The time of the proposal is one of the
/// inputs: if a store is lost, runs are counted from 1 again, and AWS keeps a snapshot for three
/// days.
pub(crate) fn snapshot_id(run: &PatchRun, id: &DispatchId) -> Uuid {
    let PatchRun { id: name, plan, proposed_at, .. } = run;
    let at = proposed_at.timestamp_millis();
    let name = format!("{name}|{at}|{}|{}|{id}", plan.account, plan.region);
    Uuid::new_v5(&SNAPSHOTS, name.as_bytes())
}

/// `Comment` of SendCommand, at most 100 characters: the other mark by which we find a command
/// again.
pub fn comment(run: &RunId, id: &DispatchId) -> String {
    let mut comment = format!("patchbot:{run}:{id}");
    comment.truncate(100);
    comment
}
