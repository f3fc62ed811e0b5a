//! What has happened to a run. Events are kept for years: fields may be added, never given another meaning.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::actor::GroupRef;
use crate::caller::WrongAccount;
use crate::digest::Digest;
use crate::node::{Invocations, NodeId};
use crate::plan::PatchPlan;
use crate::policy::ApprovalPolicy;
use crate::proven::Proven;
use crate::run::{DispatchId, Gone, HaltReason, Outputs, Overlap, RunId, Verdict, VoidReason};
use crate::sighting::Stranger;
use crate::text::PersonRef;

/// Something that has happened to a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "the fields are those of PatchRun and Dispatch; `at` is always when"
)]
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
        at: DateTime<Utc>,
    },
    /// An approver voted for it.
    Voted { by: PersonRef, groups: BTreeSet<GroupRef>, digest: Digest, at: DateTime<Utc> },
    /// An approver took their vote back.
    Withdrawn { by: PersonRef, at: DateTime<Utc> },
    /// An approver said no.
    Rejected { by: PersonRef, reason: String, at: DateTime<Utc> },
    /// Nobody decided in time.
    Expired { at: DateTime<Utc> },
    /// What was voted on is no longer so.
    Voided { why: VoidReason, replan: bool, at: DateTime<Utc> },
    /// The new plan in its place was drafted, or could not be.
    Replanned { run: Option<RunId>, at: DateTime<Utc> },
    /// It has its votes.
    Approved { at: DateTime<Utc> },
    /// Just before it started, the facts were still those of the plan.
    Rechecked { at: DateTime<Utc> },
    /// The list of what to install is where the nodes read it.
    ListPublished { at: DateTime<Utc> },
    /// The credentials are of another account than the plan's: nothing is sent.
    Closed { wrong: WrongAccount, at: DateTime<Utc> },
    /// They are of its account again.
    Reopened { at: DateTime<Utc> },
    /// Just before a wave, something else was found to patch its nodes.
    HeldUp { wave: u32, by: Vec<Overlap>, more: u32, again: bool, at: DateTime<Utc> },
    /// Just before a wave, nothing else was found to patch its nodes.
    Cleared { wave: u32, silent: Vec<NodeId>, waited: bool, at: DateTime<Utc> },
    /// Nodes that are gone were left out.
    LeftOut { wave: u32, nodes: BTreeMap<NodeId, Gone>, at: DateTime<Utc> },
    /// A wave was begun.
    WaveStarted { wave: u32, at: DateTime<Utc> },
    /// A command was decided on. Nothing is sent before this is durable.
    Intended { id: DispatchId, snapshot: Uuid, nodes: Vec<NodeId>, token: u64, at: DateTime<Utc> },
    /// AWS has it.
    Sent { id: DispatchId, command: String, adopted: bool, at: DateTime<Utc> },
    /// A person found it at AWS, and there it is what they said.
    Adopted { id: DispatchId, command: String, by: PersonRef, reason: String, at: DateTime<Utc> },
    /// AWS has further commands for the same dispatch.
    Doubled { id: DispatchId, commands: Vec<String>, at: DateTime<Utc> },
    /// AWS refused it for certain: because of these nodes, or without saying of which.
    SendRefused { id: DispatchId, why: String, left_out: Vec<NodeId>, at: DateTime<Utc> },
    /// It may or may not have been sent.
    BecameUncertain { id: DispatchId, why: String, at: DateTime<Utc> },
    /// It could not be found out: a person is asked.
    PersonAsked { id: DispatchId, at: DateTime<Utc> },
    /// AWS was asked and knows nothing of it. Told once, and once more after a person was asked.
    Searched { id: DispatchId, at: DateTime<Utc> },
    /// AWS no longer knows what it was sent so long ago.
    Forgotten { id: DispatchId, at: DateTime<Utc> },
    /// Nodes carry our snapshot id: it ran, whatever became of the call.
    Ran { id: DispatchId, nodes: Vec<NodeId>, at: DateTime<Utc> },
    /// More of its nodes carry our snapshot id.
    Reported { id: DispatchId, nodes: Vec<NodeId>, at: DateTime<Utc> },
    /// The run was called off before it was found out whether it was sent.
    GivenUp { id: DispatchId, at: DateTime<Utc> },
    /// It was given up: as not sent, or for another attempt.
    Abandoned { id: DispatchId, by: Option<PersonRef>, reason: String, at: DateTime<Utc> },
    /// Nodes have come further with it.
    Heard { id: DispatchId, invocations: Invocations, at: DateTime<Utc> },
    /// Cancelling it was asked of AWS.
    CancelAsked { id: DispatchId, at: DateTime<Utc> },
    /// Installs failed, or their nodes fell silent: what is not sent yet waits for fresh scans.
    HeldBack { wave: u32, nodes: Vec<NodeId>, at: DateTime<Utc> },
    /// Nodes on which it failed were asked whether they could read the list of what to install.
    OutputsRead { id: DispatchId, outputs: Outputs, at: DateTime<Utc> },
    /// Nothing more will come of it.
    Ended { id: DispatchId, at: DateTime<Utc> },
    /// Somebody else's scan has overwritten what this one reported; it is sent again.
    Overwritten { id: DispatchId, by: Option<Stranger>, nodes: Vec<NodeId>, at: DateTime<Utc> },
    /// Nodes were judged by their patch state.
    Judged { wave: u32, verdicts: BTreeMap<NodeId, Verdict>, proven: Proven, at: DateTime<Utc> },
    /// It was called off, and something is still under way.
    CalledOff { why: HaltReason, at: DateTime<Utc> },
    /// It was called off on the way, and nothing is under way any more.
    Halted { why: HaltReason, at: DateTime<Utc> },
    /// Every wave was judged.
    Finished { at: DateTime<Utc> },
}
