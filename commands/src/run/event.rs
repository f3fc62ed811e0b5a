//! The events of a run and of the commands that it decided on. The envelope,
//! [`Recorded`](crate::recorded::Recorded), says when and on whose authority each one happened.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;
use uuid::Uuid;

use crate::environment::policy::ApprovalPolicy;
use crate::failure::Failure;
use crate::fleet::account::WrongAccount;
use crate::fleet::agent::ForeignScan;
use crate::fleet::node::{Invocations, NodeId};
use crate::fleet::presence::Gone;
use crate::id::{Digest, DispatchId, GroupRef, PersonRef, RunId};
use crate::plan::PatchPlan;
use crate::plan::proven::Proven;
use crate::reason::Reason;
use crate::run::{Outputs, Overlap, StopReason, Verdict, VoidReason, WhyAbandoned, WhyUncertain};

/// An event of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are those of PatchRun")]
pub enum RunEvent {
    /// A plan was posted and waits for votes.
    Proposed {
        id: RunId,
        plan: Box<PatchPlan>,
        policy: ApprovalPolicy,
        requester: PersonRef,
        /// The void plan that the bot itself replaced with this one.
        replaces: Option<RunId>,
        who_is_who: BTreeSet<PersonRef>,
        offline: Vec<NodeId>,
    },
    /// An approver voted for it.
    Voted { groups: BTreeSet<GroupRef>, digest: Digest },
    /// An approver withdrew their vote.
    Withdrawn,
    /// An approver rejected it.
    Rejected { reason: Reason },
    /// It expired before it had its votes.
    Expired,
    /// What people voted on has changed.
    Voided { why: VoidReason, replan: bool },
    /// The replacement of a void plan was drafted, or could not be.
    Replanned { run: Option<RunId> },
    /// It has enough votes.
    Approved,
    /// Just before the start, the facts were still those of the plan.
    Rechecked,
    /// The override list was uploaded for the nodes to read.
    ListPublished,
    /// The credentials belong to another account than the plan's, so nothing is sent.
    Closed { wrong: WrongAccount },
    /// The credentials belong to the plan's account again.
    Reopened,
    /// Just before a wave, we found something else that patches its nodes.
    HeldUp { wave: u32, by: Vec<Overlap>, more: u32, again: bool },
    /// Just before a wave, we found nothing else that patches its nodes.
    Cleared { wave: u32, silent: Vec<NodeId>, waited: bool },
    /// Nodes that are gone were left out.
    LeftOut { wave: u32, nodes: BTreeMap<NodeId, Gone> },
    /// A wave began.
    WaveStarted { wave: u32 },
    /// A command was decided. Nothing is sent before this event is durable.
    Intended { id: DispatchId, snapshot: Uuid, nodes: Vec<NodeId>, token: u64 },
    /// An event of a command that was decided.
    Dispatch(DispatchId, DispatchEvent),
    /// Installs failed, or their nodes fell silent; the unsent rest waits for fresh scans.
    HeldBack { wave: u32, nodes: Vec<NodeId> },
    /// A foreign scan overwrote the report of this one, which is sent again.
    Overwritten { id: DispatchId, by: Option<ForeignScan>, nodes: Vec<NodeId> },
    /// Nodes were judged by their patch states.
    Judged { wave: u32, verdicts: BTreeMap<NodeId, Verdict>, proven: Proven },
    /// The run was stopped while something was under way.
    StopRequested { why: StopReason },
    /// The run has stopped on the way, and nothing is under way.
    Stopped { why: StopReason },
    /// Every wave has been judged.
    Finished,
}

/// An event of a command that a run decided on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are those of Dispatch")]
pub enum DispatchEvent {
    /// AWS accepted it.
    Sent { command: String, adopted: bool },
    /// A person found its command at AWS, and the command there matches.
    Adopted { command: String, reason: Reason },
    /// AWS has duplicate commands for the same dispatch.
    Doubled { commands: Vec<String> },
    /// AWS refused it definitively: because of these nodes, or without naming any.
    SendRefused { why: Failure, left_out: Vec<NodeId> },
    /// It is uncertain whether it was sent.
    BecameUncertain { why: WhyUncertain },
    /// We could not find out whether it was sent, and asked a person.
    PersonAsked,
    /// AWS was searched and knows nothing about it. Recorded once, and once more after a person was
    /// asked.
    Searched,
    /// AWS no longer lists commands of that time.
    Forgotten,
    /// Nodes report our snapshot id, so it ran, whatever happened to the call.
    Ran { nodes: Vec<NodeId> },
    /// More of its nodes report our snapshot id.
    Reported { nodes: Vec<NodeId> },
    /// The run was stopped before we found out whether it was sent.
    GivenUp,
    /// It counts as not sent, or another attempt replaces it.
    Abandoned { why: WhyAbandoned },
    /// Nodes made progress with it.
    Heard { invocations: Invocations },
    /// We asked AWS to cancel it.
    CancelAsked,
    /// We read from nodes on which it failed whether they could read the override list.
    OutputsRead { outputs: Outputs },
    /// Nothing more will come from it.
    Ended,
}

impl RunEvent {
    /// Its name in logs and errors.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Dispatch(_, event) => event.into(),
            event => event.into(),
        }
    }
}
