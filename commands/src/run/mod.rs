//! The life of one plan, from a card that waits for votes to nodes that were judged.
//!
//! [`decide`] is the only place that holds its rules, `PatchRun::apply` changes it by events (in
//! replay too), and [`pending`] lists what must still be done in the outside world.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::environment::policy::ApprovalPolicy;
use crate::fleet::account::WrongAccount;
use crate::fleet::node::NodeId;
use crate::fleet::presence::Gone;
use crate::id::{Digest, DispatchId, PersonRef, Principal, RunId};
use crate::plan::proven::Proven;
use crate::plan::{Drift, LeftOut, PatchPlan, Unproven};
use crate::reason::Reason;
use crate::recorded::Recorded;
use crate::window::WindowChange;

mod budget;
mod decide;
mod dispatch;
mod event;
mod evolve;
mod guard;
mod input;
mod install_output;
mod intent;
mod judge;
mod lookups;
mod may_send;
mod narrow;
mod outputs;
mod overdue;
mod overlap;
mod pending;
mod preflight;
mod progress;
mod proof;
mod seen;
mod step;
mod stopping;
#[cfg(test)]
pub(crate) mod tests;
mod tick;
#[cfg(test)]
mod truth_tests;
mod uncertain;
mod votes;
mod wrong_account;

pub use decide::decide;
pub(crate) use dispatch::snapshot_id;
pub use dispatch::{
    Dispatch, DispatchStatus, NODES_PER_COMMAND, WhyAbandoned, WhyUncertain, comment, together,
};
pub use event::{DispatchEvent, RunEvent};
pub use evolve::InvalidTransition;
pub(crate) use guard::{ensure_can_reject, ensure_can_stop, ensure_can_vote};
pub use input::{RunContext, RunInput};
pub use install_output::list_fault;
pub use judge::{UnknownWhy, Verdict};
pub use lookups::{ForeignReport, RequiredLookups};
pub use may_send::MaySend;
pub use narrow::{Blame, Narrowed, narrow};
pub use outputs::{ListFault, Outputs};
pub use overlap::{Overlap, Whose};
pub use pending::{RunEffect, next_deadline, pending};
pub use preflight::Preflight;
pub use progress::{RunProgress, Tally};
pub use proof::proof;
pub use seen::{Seen, SeenAssociation, SeenCommand, SeenWindow};
pub use step::Step;
pub use uncertain::{AtAws, command_id};
pub(crate) use uncertain::{ensure_can_adopt, ensure_can_deny};
pub use votes::Vote;

/// The life of one plan so far. Every field follows from its events.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchRun {
    /// Its id.
    pub id: RunId,
    /// What it does, frozen.
    pub plan: PatchPlan,
    /// The digest of the plan, which votes name.
    pub digest: Digest,
    /// The policy at the time of the proposal, which sets the expiry and records who was who then.
    /// The current configuration decides who may vote.
    pub policy: ApprovalPolicy,
    /// The person who asked for it.
    pub requester: PersonRef,
    /// The void plan that the bot itself replaced with this one; `None` if a person asked for it.
    pub replaces: Option<RunId>,
    /// The links between accounts that the plans it replaces had recorded. Empty if a person asked
    /// for it.
    pub who_is_who: BTreeSet<PersonRef>,
    /// Nodes that did not answer when it was proposed.
    pub offline: Vec<NodeId>,
    /// When it was posted.
    pub proposed_at: DateTime<Utc>,
    /// The votes, by voter. A vote of a person who may no longer vote stays here and does not
    /// count.
    pub votes: BTreeMap<PersonRef, Vote>,
    /// The phase that it is in.
    pub phase: Phase,
    /// When we last found that the facts were still those of the plan, after the approval.
    pub rechecked_at: Option<DateTime<Utc>>,
    /// When the override list was uploaded for the nodes to read.
    pub list_published_at: Option<DateTime<Utc>>,
    /// The credentials of another account than the plan's, if that was the last answer; nothing is
    /// sent until it is resolved.
    pub closed: Option<WrongAccount>,
    /// The last preflight check.
    pub preflight: Option<Preflight>,
    /// All commands that it decided on.
    pub dispatches: BTreeMap<DispatchId, Dispatch>,
    /// The verdict on each node.
    pub verdicts: BTreeMap<NodeId, Verdict>,
    /// What its compliant nodes prove.
    pub proven: Arc<Proven>,
    /// The events that its thread reports, in order.
    pub history: Vec<Recorded<RunEvent>>,
}

/// The phase of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It waits for votes.
    Waiting,
    /// It has enough votes and waits for its start.
    Approved {
        /// When it got its last vote.
        at: DateTime<Utc>,
    },
    /// It is under way.
    Running {
        /// The wave that is under way, counted from 0.
        wave: u32,
        /// When the run was started.
        since: DateTime<Utc>,
    },
    /// It was stopped while something was under way: it installs nothing more, and what had begun
    /// is watched to its end and judged.
    Stopping {
        /// The wave that was under way, counted from 0.
        wave: u32,
        /// When it was stopped.
        since: DateTime<Utc>,
        /// Why it was stopped.
        why: StopReason,
        /// On whose authority it was stopped; `None` if a rule stopped it.
        by: Option<Principal>,
    },
    /// Every wave has been judged.
    Finished {
        /// When the last wave was judged.
        at: DateTime<Utc>,
    },
    /// It was stopped on the way, and what was under way has ended.
    Stopped {
        /// Why it was stopped.
        why: StopReason,
        /// On whose authority it was stopped; `None` if a rule stopped it.
        by: Option<Principal>,
        /// When the last of it ended.
        at: DateTime<Utc>,
    },
    /// An approver rejected it.
    Rejected {
        /// The approver who rejected it.
        by: PersonRef,
        /// Why they rejected it.
        reason: Reason,
        /// When they rejected it.
        at: DateTime<Utc>,
    },
    /// It expired before it had its votes.
    Expired {
        /// When it expired.
        at: DateTime<Utc>,
    },
    /// What people voted on has changed.
    Voided {
        /// What has changed.
        why: VoidReason,
        /// When it became void.
        at: DateTime<Utc>,
        /// Whether its replacement is still to be drafted.
        replan: bool,
    },
}

/// Why a run was stopped on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// More nodes of a wave failed than the plan allows.
    OverBudget {
        /// The wave with the failures, counted from 0.
        wave: u32,
        /// The nodes that failed.
        nodes: Vec<NodeId>,
    },
    /// The maintenance window left no time for the next wave.
    WindowClosed {
        /// The wave that did not start, or did not finish.
        wave: u32,
    },
    /// In the middle of a wave more installs had failed than the plan allows, and fresh scans
    /// confirmed it.
    InstallsFailed {
        /// The wave with the failures, counted from 0.
        wave: u32,
        /// The nodes that failed.
        nodes: Vec<NodeId>,
    },
    /// An approver stopped it.
    Person {
        /// Why they stopped it.
        reason: Reason,
    },
    /// Nodes of the next wave are gone, and the plan does not allow going on without them.
    NodesGone {
        /// The wave that was not sent.
        wave: u32,
        /// The nodes that are gone, each with the reason.
        nodes: BTreeMap<NodeId, Gone>,
    },
    /// The maintenance window is no longer the one that people approved.
    WindowChanged {
        /// The wave that was not sent, or not completely.
        wave: u32,
        /// How the window has changed; at least one change.
        changes: Vec<WindowChange>,
    },
}

/// Why the votes on a plan are void.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoidReason {
    /// Its nodes or patches have changed.
    Drifted(Drift),
    /// The preceding environment, which it waited for, is proven now, so that it can be pinned.
    NowProven {
        /// The run that is the proof.
        by: RunId,
    },
    /// The run that it was pinned to no longer proves the preceding environment.
    ProofGone(Unproven),
    /// Its maintenance window passed before it had its votes or could start.
    WindowMissed,
    /// Its maintenance window has changed.
    WindowChanged {
        /// How the window has changed; at least one change.
        changes: Vec<WindowChange>,
    },
    /// According to the current configuration, it has too few votes.
    TooFewVotes {
        /// How many people have voted who may still vote.
        voters: u32,
        /// How many votes it needs.
        quorum: u32,
    },
}

impl PatchRun {
    /// Whether anything can still happen to it.
    pub fn is_open(&self) -> bool {
        match &self.phase {
            Phase::Waiting
            | Phase::Approved { .. }
            | Phase::Running { .. }
            | Phase::Stopping { .. } => true,
            Phase::Voided { replan, .. } => *replan,
            Phase::Finished { .. }
            | Phase::Stopped { .. }
            | Phase::Rejected { .. }
            | Phase::Expired { .. } => false,
        }
    }

    /// Whether it was started and has ended, successfully or not.
    pub fn has_ended(&self) -> bool {
        match self.phase {
            Phase::Finished { .. } | Phase::Stopped { .. } => true,
            Phase::Waiting
            | Phase::Approved { .. }
            | Phase::Running { .. }
            | Phase::Stopping { .. }
            | Phase::Rejected { .. }
            | Phase::Expired { .. }
            | Phase::Voided { .. } => false,
        }
    }

    /// Whether it waits for votes or for its start, and is bound to a window that may change
    /// meanwhile.
    pub fn waits_for_window(&self) -> bool {
        let waits = matches!(self.phase, Phase::Waiting | Phase::Approved { .. });
        waits && self.plan.window.is_some()
    }

    /// The number of compliant nodes: those that miss nothing that could be proven.
    pub fn compliant(&self) -> usize {
        self.verdicts.values().filter(|verdict| verdict.proves()).count()
    }

    /// Whether every node that was not left out is as the plan intended. That says nothing about
    /// the baseline: nodes may still miss what the plan leaves out.
    pub fn is_as_planned(&self) -> bool {
        let good = self.verdicts.values().filter(|verdict| verdict.is_good()).count();
        good > 0 && good == self.node_count()
    }

    /// What the nodes still miss although they are as the plan intended, each patch once.
    pub fn still_missing(&self) -> BTreeSet<&LeftOut> {
        let still = self.verdicts.values().filter_map(|verdict| match verdict {
            Verdict::AsPlanned { still, .. } => Some(still),
            Verdict::Compliant { .. }
            | Verdict::PendingReboot(_)
            | Verdict::NotCompliant(_)
            | Verdict::Unknown(_)
            | Verdict::LeftOut(_) => None,
        });
        let still: BTreeMap<_, &LeftOut> =
            still.flatten().map(|one| (one.known_by(), one)).collect();
        still.into_values().collect()
    }

    /// When it expires without enough votes.
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.proposed_at + chrono::TimeDelta::from(self.policy.expires_after)
    }
}
