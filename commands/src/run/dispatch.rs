//! One command as it is meant for AWS, and what became of it.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::failure::Failure;
use crate::fleet::node::{InvocationStatus, Invocations, NodeId};
use crate::id::{PersonRef, RunId};
use crate::reason::Reason;
use crate::run::{Outputs, PatchRun};

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
    /// Further commands that AWS has for it, which must never be: followed to their end as well.
    pub more: Vec<String>,
    /// Nodes whose patch state carried our snapshot id while the command's own id was not known.
    pub reported: BTreeSet<NodeId>,
    /// When AWS last was seen to know nothing of it.
    pub searched_at: Option<DateTime<Utc>>,
    /// What the nodes on which it failed printed of the list that they should have read; `None`
    /// where that was not asked.
    pub outputs: Option<Outputs>,
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
    /// It ran, for nodes report our snapshot id; under which command id is not known.
    Ran {
        /// Since when its command id is looked for.
        since: DateTime<Utc>,
        /// When the first report was seen.
        at: DateTime<Utc>,
    },
    /// Nothing more will come: every node has a final status, or patience ran out.
    Ended {
        /// `CommandId`, where it was ever known.
        command: Option<String>,
        /// When we learned it.
        at: DateTime<Utc>,
    },
    /// AWS refused it for certain: it was not sent.
    Refused {
        /// What AWS said.
        why: Failure,
        /// The nodes it was refused for, to which nothing is sent any more. Its others are sent to
        /// in further commands; none stands here where AWS did not say for which it was refused.
        left_out: Vec<NodeId>,
        /// When.
        at: DateTime<Utc>,
    },
    /// It may or may not have been sent. ListCommands does not show it (yet).
    Uncertain {
        /// Since when nobody knows.
        since: DateTime<Utc>,
        /// What happened to the call.
        why: WhyUncertain,
        /// When it had been looked for long enough, so that a person has to say.
        asked_at: Option<DateTime<Utc>>,
        /// Whether it is so long ago that AWS has forgotten what it was sent then.
        forgotten: bool,
    },
    /// It was not sent: by a person's word, or because the run was called off before, or a Scan
    /// that is simply sent again.
    Abandoned {
        /// Who; none where no person said it.
        by: Option<PersonRef>,
        /// Why.
        why: WhyAbandoned,
        /// When.
        at: DateTime<Utc>,
    },
    /// The run was called off before it was found out whether it was sent. Its nodes may have it.
    GivenUp {
        /// What happened to the call.
        why: WhyUncertain,
        /// When.
        at: DateTime<Utc>,
    },
}

/// Why nobody knows whether a command was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyUncertain {
    /// The call ended like this.
    Failed(Failure),
    /// patchbot was restarted after it had decided to send it, and before it heard from AWS.
    Restarted,
}

/// Why a command counts as not sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyAbandoned {
    /// A person knows that it was not sent.
    NotSent {
        /// How they know.
        reason: Reason,
    },
    /// The run was called off before it was sent.
    CalledOff,
    /// AWS does not show it, and a scan can simply be sent again.
    ScanAgain,
}

impl DispatchStatus {
    /// The command id where there is one.
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

    /// Whether this dispatch still holds its run up.
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
    /// All command ids that AWS has for it, as far as they are known.
    pub fn commands(&self) -> Vec<String> {
        self.status.command().into_iter().map(str::to_owned).chain(self.more.clone()).collect()
    }

    /// Nodes of which an answer to this command may still come.
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

/// Whether a node with this status never was given its command. A cancelled one may have begun.
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

/// What two commands of one dispatch say together: of each node the answer that is furthest from
/// "nothing was done to it", and none while one of them has not ended.
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
