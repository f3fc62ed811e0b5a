//! One command as it is meant for AWS, and what became of it.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::node::{Invocations, NodeId};
use crate::run::{PatchRun, RunId};
use crate::text::PersonRef;

/// The most nodes that one SendCommand takes (SSM API model 2014-11-06, `InstanceIds`).
pub const NODES_PER_COMMAND: usize = 50;

/// The namespace under which snapshot ids are derived (UUID version 5).
const SNAPSHOTS: Uuid = Uuid::from_u128(0x9f1c_31a5_6f0e_4a53_9f43_2f2c_8a17_70c4);

/// `Operation` of AWS-RunPatchBaseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Installs what is missing.
    Install,
    /// Only looks; safe to send again.
    Scan,
}

impl Operation {
    /// The value as AWS-RunPatchBaseline spells it.
    pub fn as_parameter(self) -> &'static str {
        match self {
            Self::Install => "Install",
            Self::Scan => "Scan",
        }
    }
}

/// Which command of a run this is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DispatchId {
    /// Counted from 0; wave 0 is the canary.
    pub wave: u32,
    /// Install before Scan.
    pub operation: Operation,
    /// Counted from 0; at most 50 nodes each.
    pub chunk: u32,
    /// Counted from 1; another attempt is another command.
    pub attempt: u32,
}

impl fmt::Display for DispatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { wave, operation, chunk, attempt } = self;
        write!(f, "{}-w{wave}-c{chunk}:{attempt}", operation.as_parameter().to_lowercase())
    }
}

/// A command that was decided on: exactly what is sent, and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispatch {
    /// Which command of its run.
    pub id: DispatchId,
    /// `SnapshotId`: how its results are told from a stranger's.
    pub snapshot: Uuid,
    /// Frozen and sorted; at most [`NODES_PER_COMMAND`].
    pub nodes: Vec<NodeId>,
    /// When sending it was decided, durably, before anything was sent.
    pub intent_at: DateTime<Utc>,
    /// The fencing token of the process that decided: no other process may send it.
    pub token: u64,
    /// What became of it.
    pub status: DispatchStatus,
    /// What was last heard of each node.
    pub invocations: Invocations,
    /// When cancelling was asked of AWS. Best effort: the nodes say what came of it.
    pub cancel_asked_at: Option<DateTime<Utc>>,
}

/// What became of a dispatch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DispatchStatus {
    /// Decided. If the deciding process is gone, nobody knows whether it was sent.
    Intended,
    /// AWS has it under this command id.
    Sent {
        /// `CommandId`.
        command: String,
        /// When we learned it.
        at: DateTime<Utc>,
    },
    /// Nothing more will come: every node has a final status, or patience ran out.
    Ended {
        /// `CommandId`.
        command: String,
        /// When we learned it.
        at: DateTime<Utc>,
    },
    /// AWS refused it for certain: it was not sent.
    Refused {
        /// The error code and what it means.
        why: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// It may or may not have been sent. ListCommands does not show it (yet).
    Uncertain {
        /// Since when nobody knows.
        since: DateTime<Utc>,
        /// What happened to the call.
        why: String,
        /// Whether it was looked for long enough, so that a person has to say.
        person_asked: bool,
    },
    /// A person decided that it was not sent, or a Scan was given up for another attempt.
    Abandoned {
        /// Who; none for a Scan, which is simply sent again.
        by: Option<PersonRef>,
        /// Their reason.
        reason: String,
        /// When.
        at: DateTime<Utc>,
    },
}

impl DispatchStatus {
    /// The command id where there is one.
    pub fn command(&self) -> Option<&str> {
        match self {
            Self::Sent { command, .. } | Self::Ended { command, .. } => Some(command),
            Self::Intended
            | Self::Refused { .. }
            | Self::Uncertain { .. }
            | Self::Abandoned { .. } => None,
        }
    }

    /// Whether this dispatch still holds its run up.
    pub fn is_open(&self) -> bool {
        match self {
            Self::Intended | Self::Sent { .. } | Self::Uncertain { .. } => true,
            Self::Ended { .. } | Self::Refused { .. } | Self::Abandoned { .. } => false,
        }
    }
}

/// The snapshot id of a dispatch: the same inputs give the same id in every process, so that a
/// restarted bot can recognise what an earlier one sent. The time of the proposal is among them:
/// should a store be lost, runs are counted from 1 again, and AWS keeps a snapshot for three days.
pub(crate) fn snapshot_id(run: &PatchRun, id: &DispatchId) -> Uuid {
    let PatchRun { id: name, plan, proposed_at, .. } = run;
    let at = proposed_at.timestamp_millis();
    let name = format!("{name}|{at}|{}|{}|{id}", plan.account, plan.region);
    Uuid::new_v5(&SNAPSHOTS, name.as_bytes())
}

/// `Comment` of SendCommand, at most 100 characters: the other mark by which a command is found again.
pub fn comment(run: &RunId, id: &DispatchId) -> String {
    let mut comment = format!("patchbot:{run}:{id}");
    comment.truncate(100);
    comment
}
