//! What has happened to a run, and to the commands that it decided on. When and on whose word stands
//! in the envelope, [`Recorded`](crate::event::Recorded).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;
use uuid::Uuid;

use crate::environment::policy::ApprovalPolicy;
use crate::failure::Failure;
use crate::fleet::account::WrongAccount;
use crate::fleet::agent::ForeignScan;
use crate::fleet::node::{Invocations, NodeId};
use crate::id::{Digest, GroupRef, PersonRef, RunId};
use crate::plan::PatchPlan;
use crate::plan::proven::Proven;
use crate::reason::Reason;
use crate::run::{
    DispatchId, Gone, Outputs, Overlap, StopReason, Verdict, VoidReason, WhyAbandoned, WhyUncertain,
};

/// Something that has happened to a run.
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
        /// The void plan in whose place the bot itself planned this one.
        replaces: Option<RunId>,
        who_is_who: BTreeSet<PersonRef>,
        offline: Vec<NodeId>,
    },
    /// An approver voted for it.
    Voted { groups: BTreeSet<GroupRef>, digest: Digest },
    /// An approver took their vote back.
    Withdrawn,
    /// An approver said no.
    Rejected { reason: Reason },
    /// Nobody decided in time.
    Expired,
    /// What was voted on is no longer so.
    Voided { why: VoidReason, replan: bool },
    /// The new plan in its place was drafted, or could not be.
    Replanned { run: Option<RunId> },
    /// It has its votes.
    Approved,
    /// Just before it started, the facts were still those of the plan.
    Rechecked,
    /// The list of what to install is where the nodes read it.
    ListPublished,
    /// The credentials are of another account than the plan's: nothing is sent.
    Closed { wrong: WrongAccount },
    /// They are of its account again.
    Reopened,
    /// Just before a wave, something else was found to patch its nodes.
    HeldUp { wave: u32, by: Vec<Overlap>, more: u32, again: bool },
    /// Just before a wave, nothing else was found to patch its nodes.
    Cleared { wave: u32, silent: Vec<NodeId>, waited: bool },
    /// Nodes that are gone were left out.
    LeftOut { wave: u32, nodes: BTreeMap<NodeId, Gone> },
    /// A wave was begun.
    WaveStarted { wave: u32 },
    /// A command was decided on. Nothing is sent before this is durable.
    Intended { id: DispatchId, snapshot: Uuid, nodes: Vec<NodeId>, token: u64 },
    /// Something has happened to a command that was decided on.
    Dispatch(DispatchId, DispatchEvent),
    /// Installs failed, or their nodes fell silent: what is not sent yet waits for fresh scans.
    HeldBack { wave: u32, nodes: Vec<NodeId> },
    /// Somebody else's scan has overwritten what this one reported; it is sent again.
    Overwritten { id: DispatchId, by: Option<ForeignScan>, nodes: Vec<NodeId> },
    /// Nodes were judged by their patch state.
    Judged { wave: u32, verdicts: BTreeMap<NodeId, Verdict>, proven: Proven },
    /// It was called off, and something is still under way.
    StopRequested { why: StopReason },
    /// It was called off on the way, and nothing is under way.
    Stopped { why: StopReason },
    /// Every wave was judged.
    Finished,
}

/// Something that has happened to a command that a run decided on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are those of Dispatch")]
pub enum DispatchEvent {
    /// AWS has it.
    Sent { command: String, adopted: bool },
    /// A person found it at AWS, and there it is what they said.
    Adopted { command: String, reason: Reason },
    /// AWS has further commands for the same dispatch.
    Doubled { commands: Vec<String> },
    /// AWS refused it for certain: because of these nodes, or without saying of which.
    SendRefused { why: Failure, left_out: Vec<NodeId> },
    /// It may or may not have been sent.
    BecameUncertain { why: WhyUncertain },
    /// It could not be found out: a person is asked.
    PersonAsked,
    /// AWS was asked and knows nothing of it. Told once, and once more after a person was asked.
    Searched,
    /// AWS no longer knows what it was sent so long ago.
    Forgotten,
    /// Nodes carry our snapshot id: it ran, whatever became of the call.
    Ran { nodes: Vec<NodeId> },
    /// More of its nodes carry our snapshot id.
    Reported { nodes: Vec<NodeId> },
    /// The run was called off before it was found out whether it was sent.
    GivenUp,
    /// It was given up: as not sent, or for another attempt.
    Abandoned { why: WhyAbandoned },
    /// Nodes have come further with it.
    Heard { invocations: Invocations },
    /// Cancelling it was asked of AWS.
    CancelAsked,
    /// Nodes on which it failed were asked whether they could read the list of what to install.
    OutputsRead { outputs: Outputs },
    /// Nothing more will come of it.
    Ended,
}

impl RunEvent {
    /// What it is called in logs and errors.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Dispatch(_, event) => event.into(),
            event => event.into(),
        }
    }
}
