//! What a run is asked, and what a decision has to know beside it.

use std::collections::BTreeMap;

use crate::emergency_stop::EmergencyStop;
use crate::environment::policy::CurrentPolicy;
use crate::failure::Failure;
use crate::fleet::account::WrongAccount;
use crate::fleet::agent::{Agent, LookupResults};
use crate::fleet::node::{Invocations, NodeId, NodePatchState};
use crate::id::{Actor, Principal, RunId};
use crate::plan::{PatchPlan, Proof, Unproven};
use crate::run::{AtAws, Blame, DispatchId, Outputs, Overlap, Seen};
use crate::window::WindowSeen;

/// What can be asked of a run, by people or by what the world answered.
#[derive(Clone, Debug)]
pub enum RunInput {
    /// Vote for the plan whose digest begins like this.
    Approve {
        /// Who.
        actor: Actor,
        /// The beginning of the digest that their card showed. What is typed shows no plan, has none,
        /// and so is never this.
        digest: String,
    },
    /// Vote against it.
    Reject {
        /// Who.
        actor: Actor,
        /// As above.
        digest: String,
        /// Why.
        reason: String,
    },
    /// Take a vote back.
    Withdraw {
        /// Who.
        actor: Actor,
    },
    /// State that an uncertain dispatch was not sent.
    NotSent {
        /// Who.
        actor: Actor,
        /// Which.
        dispatch: DispatchId,
        /// How they know.
        reason: String,
    },
    /// State that an uncertain dispatch is this command.
    Adopt {
        /// Who.
        actor: Actor,
        /// Which.
        dispatch: DispatchId,
        /// `CommandId`, as they gave it.
        command: String,
        /// How they know.
        reason: String,
        /// What AWS has under that id; none where it has nothing.
        found: Option<AtAws>,
    },
    /// Call the run off while it is under way.
    Stop {
        /// Who.
        actor: Actor,
        /// Why.
        reason: String,
    },
    /// Time has passed, or something else has changed.
    Tick,
    /// A new plan was drafted in place of a void one, or could not be.
    Replanned {
        /// The new run.
        run: Option<RunId>,
    },
    /// The environment was surveyed again: this is the plan that would be drafted now.
    Rechecked {
        /// That plan.
        plan: Box<PatchPlan>,
        /// The window of the run's own plan as it is now, and others of its name. Not looked at
        /// where that plan has none.
        windows: Vec<WindowSeen>,
    },
    /// The window that the run's plan is bound to was read, before it is time to start.
    WindowSeen {
        /// It as it is now, and others of its name.
        windows: Vec<WindowSeen>,
    },
    /// AWS was asked whose the credentials are.
    Identified {
        /// Those of another account, if there are any.
        wrong: Option<WrongAccount>,
    },
    /// Just before a wave, this is what was seen.
    Preflight {
        /// Before which wave, counted from 0.
        wave: u32,
        /// What was seen.
        seen: Box<Seen>,
    },
    /// The list of what to install is where the nodes read it.
    ListPublished,
    /// AWS took the command.
    Sent {
        /// Which.
        dispatch: DispatchId,
        /// `CommandId`.
        command: String,
    },
    /// AWS refused it for certain.
    SendRefused {
        /// Which.
        dispatch: DispatchId,
        /// What AWS said.
        why: Failure,
        /// Whose fault it can be.
        blame: Blame,
    },
    /// The call ended so that nobody knows.
    SendUncertain {
        /// Which.
        dispatch: DispatchId,
        /// How it ended.
        why: Failure,
    },
    /// A command was not begun to be sent, and will not be: the run was called off before.
    DispatchAbandoned {
        /// Which.
        dispatch: DispatchId,
    },
    /// AWS was searched for a command.
    Reconciled {
        /// Which.
        dispatch: DispatchId,
        /// Every command with our marks, the oldest first.
        commands: Vec<String>,
        /// Nodes whose patch state carries its snapshot id.
        reported: Vec<NodeId>,
    },
    /// What was heard of a command.
    Heard {
        /// Which.
        dispatch: DispatchId,
        /// By node.
        invocations: Invocations,
    },
    /// The agents of nodes that are overdue were looked at.
    AgentsSeen {
        /// With which dispatch they are overdue.
        dispatch: DispatchId,
        /// By node.
        agents: BTreeMap<NodeId, Agent>,
    },
    /// Nodes on which it failed were asked why.
    OutputsRead {
        /// Which.
        dispatch: DispatchId,
        /// What they say of the list.
        outputs: Outputs,
    },
    /// AWS was asked to cancel it.
    CancelAsked {
        /// Which.
        dispatch: DispatchId,
    },
    /// Patch states were read.
    States {
        /// Those that there are.
        states: BTreeMap<NodeId, NodePatchState>,
        /// What was seen beside them, as [`crate::run::PatchRun::required_lookups`] asks for it.
        lookup_results: LookupResults,
    },
}

impl RunInput {
    /// On whose word it is.
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

/// What a decision needs to know beside the run itself.
#[derive(Clone, Copy, Debug)]
pub struct RunContext<'a> {
    /// Whether everything stands still.
    pub emergency_stop: &'a EmergencyStop,
    /// The fencing token of this process.
    pub token: u64,
    /// What the environment before this one proves; none for the first.
    pub before: Option<&'a Result<Proof, Unproven>>,
    /// Other runs of ours that work on the nodes of its next wave.
    pub others: &'a [Overlap],
    /// Who is who and who decides, as the configuration says it now.
    pub policy: CurrentPolicy<'a>,
}
