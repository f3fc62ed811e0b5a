//! One plan's life: from a card that waits for votes to nodes that were judged.
//!
//! [`decide`] is the only place where a rule of it lives, `PatchRun::apply` is how events change it
//! (replay included), and [`pending`] says what must still be done in the world.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::environment::policy::ApprovalPolicy;
use crate::event::Recorded;
use crate::fleet::account::WrongAccount;
use crate::fleet::node::NodeId;
use crate::id::{Digest, PersonRef, Principal, RunId};
use crate::plan::proven::Proven;
use crate::plan::{Drift, LeftOut, PatchPlan, Unproven};
use crate::reason::Reason;
use crate::window::WindowChange;

mod budget;
mod decide;
mod dispatch;
mod event;
mod evolve;
mod input;
mod install_output;
mod judge;
mod lookups;
mod may_send;
mod narrow;
mod overlap;
mod pending;
mod preflight;
mod progress;
mod proof;
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
pub(crate) use decide::{ensure_can_reject, ensure_can_vote};
pub(crate) use dispatch::snapshot_id;
pub use dispatch::{
    Dispatch, DispatchId, DispatchStatus, NODES_PER_COMMAND, Operation, WhyAbandoned, WhyUncertain,
    comment, together,
};
pub use event::{DispatchEvent, RunEvent};
pub use evolve::InvalidTransition;
pub use input::{RunContext, RunInput};
pub use install_output::{ListFault, Outputs, list_fault};
pub use judge::{UnknownWhy, Verdict};
pub use lookups::{ForeignReport, RequiredLookups};
pub use may_send::MaySend;
pub use narrow::{Blame, Narrowed, narrow};
pub use overlap::{Overlap, Whose};
pub use pending::{RunEffect, next_deadline, pending};
pub use preflight::{Gone, Preflight, Presence, Seen, SeenAssociation, SeenCommand, SeenWindow};
pub use progress::{RunProgress, Tally};
pub use proof::proof;
pub use step::Step;
pub(crate) use stopping::ensure_can_stop;
pub use uncertain::{AtAws, command_id};
pub(crate) use uncertain::{ensure_can_adopt, ensure_can_deny};
pub use votes::Vote;

/// One plan's life so far. Everything here follows from its events.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchRun {
    /// Its name.
    pub id: RunId,
    /// What it does.
    pub plan: PatchPlan,
    /// The plan's digest: what votes name.
    pub digest: Digest,
    /// The policy at the time it was proposed: until when it can be approved, and who was who then. Who
    /// may vote is what the configuration says at that moment.
    pub policy: ApprovalPolicy,
    /// Who asked for it.
    pub requester: PersonRef,
    /// The void plan in whose place the bot itself planned this one; `None` where somebody asked.
    pub replaces: Option<RunId>,
    /// What the plans that it replaces had recorded about which accounts are one human. Empty where
    /// somebody asked.
    pub who_is_who: BTreeSet<PersonRef>,
    /// Nodes that did not answer when it was proposed.
    pub offline: Vec<NodeId>,
    /// When it was posted.
    pub proposed_at: DateTime<Utc>,
    /// Who approves. A vote of somebody who may no longer vote stands here and does not count.
    pub votes: BTreeMap<PersonRef, Vote>,
    /// Where it stands.
    pub phase: Phase,
    /// When the facts were last found to be those of the plan, after it was approved.
    pub rechecked_at: Option<DateTime<Utc>>,
    /// When the list of what to install was put where the nodes read it.
    pub list_published_at: Option<DateTime<Utc>>,
    /// Whose credentials there were when it was last asked, where they are of another account than
    /// the plan's: nothing is sent before that is over.
    pub closed: Option<WrongAccount>,
    /// The last look before a wave.
    pub preflight: Option<Preflight>,
    /// All commands it decided on.
    pub dispatches: BTreeMap<DispatchId, Dispatch>,
    /// What became of each node.
    pub verdicts: BTreeMap<NodeId, Verdict>,
    /// What the nodes have that it judged compliant.
    pub proven: Arc<Proven>,
    /// What is told in the thread, in its order.
    pub history: Vec<Recorded<RunEvent>>,
}

/// Where a run stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It waits for votes.
    Waiting,
    /// It has its votes and waits for its time.
    Approved {
        /// Since when.
        at: DateTime<Utc>,
    },
    /// It is under way.
    Running {
        /// The wave it is in, counted from 0.
        wave: u32,
        /// When it started.
        since: DateTime<Utc>,
    },
    /// It was called off while something was under way: nothing more is installed, and what was
    /// begun is followed to its end and judged.
    Stopping {
        /// The wave it was in, counted from 0.
        wave: u32,
        /// When it was called off.
        since: DateTime<Utc>,
        /// Why.
        why: StopReason,
        /// On whose word; `None` where a rule did.
        by: Option<Principal>,
    },
    /// Every wave was judged.
    Finished {
        /// When.
        at: DateTime<Utc>,
    },
    /// It was called off on the way, and what was under way has ended.
    Stopped {
        /// Why.
        why: StopReason,
        /// On whose word; `None` where a rule did.
        by: Option<Principal>,
        /// When.
        at: DateTime<Utc>,
    },
    /// An approver said no.
    Rejected {
        /// Who.
        by: PersonRef,
        /// Why.
        reason: Reason,
        /// When.
        at: DateTime<Utc>,
    },
    /// Nobody decided in time.
    Expired {
        /// When.
        at: DateTime<Utc>,
    },
    /// What was voted on is no longer so.
    Voided {
        /// Why.
        why: VoidReason,
        /// When.
        at: DateTime<Utc>,
        /// Whether a new plan in its place is still to be drafted.
        replan: bool,
    },
}

/// Why a run was called off on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// More nodes of a wave ended badly than the plan allows.
    OverBudget {
        /// Which wave, counted from 0.
        wave: u32,
        /// Which nodes.
        nodes: Vec<NodeId>,
    },
    /// The maintenance window left no time for the next wave.
    WindowClosed {
        /// The wave that did not start, or did not come to its end.
        wave: u32,
    },
    /// In the middle of a wave more installs had failed than the plan allows, and fresh scans said
    /// the same.
    InstallsFailed {
        /// Which wave, counted from 0.
        wave: u32,
        /// Which nodes.
        nodes: Vec<NodeId>,
    },
    /// An approver called it off.
    Person {
        /// Why.
        reason: Reason,
    },
    /// Nodes of the next wave are gone, and the plan does not allow to go on without them.
    NodesGone {
        /// The wave that was not sent.
        wave: u32,
        /// Which nodes, with why.
        nodes: BTreeMap<NodeId, Gone>,
    },
    /// The maintenance window is no longer the one that was approved.
    WindowChanged {
        /// The wave that was not sent, or not to its end.
        wave: u32,
        /// What is different; at least one thing.
        changes: Vec<WindowChange>,
    },
}

/// Why votes on a plan are void.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoidReason {
    /// The nodes or the patches are others by now.
    Drifted(Drift),
    /// The environment before it, on which it had to wait, is proven now: it can be pinned.
    NowProven {
        /// The run that proves it.
        by: RunId,
    },
    /// The environment before it is no longer proven by the run it was pinned to.
    ProofGone(Unproven),
    /// Its maintenance window passed before it had its votes or could start.
    WindowMissed,
    /// Its maintenance window is no longer as it was.
    WindowChanged {
        /// What is different; at least one thing.
        changes: Vec<WindowChange>,
    },
    /// By what the configuration says by now, its votes are too few.
    TooFewVotes {
        /// How many humans have voted who still may.
        voters: u32,
        /// How many it takes.
        quorum: u32,
    },
}

impl PatchRun {
    /// Whether something can still come of it.
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

    /// Whether it was begun and has come to its end, good or bad.
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

    /// Whether it waits, for votes or for its time, and is bound to a window that may change meanwhile.
    pub fn waits_for_window(&self) -> bool {
        let waits = matches!(self.phase, Phase::Waiting | Phase::Approved { .. });
        waits && self.plan.window.is_some()
    }

    /// Nodes that were judged compliant: those of which nothing is missing that could be proven.
    pub fn compliant(&self) -> usize {
        self.verdicts.values().filter(|verdict| verdict.proves()).count()
    }

    /// Whether every node that was not left out ended as planned. That says nothing of the
    /// baseline: what the plan leaves out may still be missing.
    pub fn is_as_planned(&self) -> bool {
        let good = self.verdicts.values().filter(|verdict| verdict.is_good()).count();
        good > 0 && good == self.node_count()
    }

    /// What the nodes still miss although they ended as planned, each once.
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

    /// When the last moment to approve is.
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.proposed_at + chrono::TimeDelta::from(self.policy.expires_after)
    }
}
