//! The inputs of a run, and the context that a decision needs.

use std::collections::BTreeMap;

use crate::emergency_stop::EmergencyStop;
use crate::environment::policy::CurrentPolicy;
use crate::failure::Failure;
use crate::fleet::account::WrongAccount;
use crate::fleet::agent::{Agent, LookupResults};
use crate::fleet::node::{Invocations, NodeId, NodePatchState};
use crate::id::{Actor, DispatchId, Principal, RunId};
use crate::plan::{PatchPlan, Proof, Unproven};
use crate::run::{AtAws, Blame, Outputs, Overlap, Seen};
use crate::window::WindowSeen;

/// An input of a run: a request of a person, or an answer of the outside world.
#[derive(Clone, Debug)]
pub enum RunInput {
    /// Vote for the plan whose digest begins like this.
    Approve {
        /// The person who votes.
        actor: Actor,
        /// The beginning of the digest that their card showed. A typed command shows no plan and
        /// has no digest, so it never becomes this input.
        digest: String,
    },
    /// Vote against the plan.
    Reject {
        /// The person who votes.
        actor: Actor,
        /// The beginning of the digest that their card showed.
        digest: String,
        /// Their reason, not yet checked.
        reason: String,
    },
    /// Withdraw a vote.
    Withdraw {
        /// The person who voted.
        actor: Actor,
    },
    /// State that an uncertain dispatch was not sent.
    NotSent {
        /// The person who states it.
        actor: Actor,
        /// The uncertain dispatch.
        dispatch: DispatchId,
        /// How they know, not yet checked.
        reason: String,
    },
    /// State that an uncertain dispatch is this command.
    Adopt {
        /// The person who states it.
        actor: Actor,
        /// The uncertain dispatch.
        dispatch: DispatchId,
        /// `CommandId`, as they entered it.
        command: String,
        /// How they know, not yet checked.
        reason: String,
        /// What AWS has under that id; `None` if it has nothing.
        found: Option<AtAws>,
    },
    /// Stop the run while it is under way.
    Stop {
        /// The person who stops it.
        actor: Actor,
        /// Their reason, not yet checked.
        reason: String,
    },
    /// Time has passed, or something else has changed.
    Tick,
    /// The replacement of a void plan was drafted, or could not be.
    Replanned {
        /// The new run; `None` if there is none.
        run: Option<RunId>,
    },
    /// The environment was surveyed again, just before the start.
    Rechecked {
        /// The plan that would be drafted now.
        plan: Box<PatchPlan>,
        /// The window of the run's own plan as it is now, and others of the same name. Empty if
        /// that plan has none.
        windows: Vec<WindowSeen>,
    },
    /// The window of the run's plan was read before it is time to start.
    WindowSeen {
        /// The window as it is now, and others of the same name.
        windows: Vec<WindowSeen>,
    },
    /// AWS said which account the credentials belong to.
    Identified {
        /// The credentials of another account; `None` if there are none.
        wrong: Option<WrongAccount>,
    },
    /// The result of the preflight check before a wave.
    Preflight {
        /// The wave that was checked, counted from 0.
        wave: u32,
        /// What the check found at AWS.
        seen: Box<Seen>,
    },
    /// The override list was uploaded for the nodes to read.
    ListPublished,
    /// AWS accepted the command.
    Sent {
        /// The dispatch of the command.
        dispatch: DispatchId,
        /// The `CommandId` that AWS gave it.
        command: String,
    },
    /// AWS refused the command definitively.
    SendRefused {
        /// The dispatch of the command.
        dispatch: DispatchId,
        /// The error of AWS.
        why: Failure,
        /// The possible cause: the call or its nodes.
        blame: Blame,
    },
    /// The call failed in a way that leaves it uncertain whether the command was sent.
    SendUncertain {
        /// The dispatch of the command.
        dispatch: DispatchId,
        /// How the call failed.
        why: Failure,
    },
    /// The command was not sent and will not be, because the run was stopped first.
    DispatchAbandoned {
        /// The dispatch of the command.
        dispatch: DispatchId,
    },
    /// AWS was searched for a command.
    Reconciled {
        /// The dispatch of the command.
        dispatch: DispatchId,
        /// Every command with our marks, the oldest first.
        commands: Vec<String>,
        /// Nodes whose patch state carries its snapshot id.
        reported: Vec<NodeId>,
    },
    /// AWS reported the status of a command.
    Heard {
        /// The dispatch of the command.
        dispatch: DispatchId,
        /// The status on each node.
        invocations: Invocations,
    },
    /// The agents of overdue nodes were looked up.
    AgentsSeen {
        /// The dispatch with which the nodes are overdue.
        dispatch: DispatchId,
        /// The agent of each node.
        agents: BTreeMap<NodeId, Agent>,
    },
    /// The output of nodes on which a command failed was read.
    OutputsRead {
        /// The dispatch of the command.
        dispatch: DispatchId,
        /// What the output says about the override list.
        outputs: Outputs,
    },
    /// We asked AWS to cancel a command.
    CancelAsked {
        /// The dispatch of the command.
        dispatch: DispatchId,
    },
    /// Patch states were read.
    States {
        /// The patch states of the nodes that have one.
        states: BTreeMap<NodeId, NodePatchState>,
        /// The lookups that [`crate::run::PatchRun::required_lookups`] asked for.
        lookup_results: LookupResults,
    },
}

impl RunInput {
    /// On whose authority it is; `None` if it does not come from a person.
    pub fn by(&self) -> Option<Principal> {
        match self {
            Self::Approve { actor, .. }
            | Self::Reject { actor, .. }
            | Self::Withdraw { actor }
            | Self::NotSent { actor, .. }
            | Self::Adopt { actor, .. }
            | Self::Stop { actor, .. } => Some(actor.into()),
            Self::Tick
            | Self::Replanned { .. }
            | Self::Rechecked { .. }
            | Self::WindowSeen { .. }
            | Self::Identified { .. }
            | Self::Preflight { .. }
            | Self::ListPublished
            | Self::Sent { .. }
            | Self::SendRefused { .. }
            | Self::SendUncertain { .. }
            | Self::DispatchAbandoned { .. }
            | Self::Reconciled { .. }
            | Self::Heard { .. }
            | Self::AgentsSeen { .. }
            | Self::OutputsRead { .. }
            | Self::CancelAsked { .. }
            | Self::States { .. } => None,
        }
    }
}

/// What a decision needs to know beside the run.
#[derive(Clone, Copy, Debug)]
pub struct RunContext<'a> {
    /// Whether everything is stopped.
    pub emergency_stop: &'a EmergencyStop,
    /// The fencing token of this process's lease.
    pub token: u64,
    /// What the preceding environment proves; `None` for the first environment.
    pub before: Option<&'a Result<Proof, Unproven>>,
    /// Our other runs that work on the nodes of its next wave.
    pub others: &'a [Overlap],
    /// Who decides now, and who is who, according to the configuration.
    pub policy: CurrentPolicy<'a>,
}
