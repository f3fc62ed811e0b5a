//! What must still be done in the world for a run: derived from its state alone, so that a bot
//! that was killed computes the same list again.

use chrono::{DateTime, TimeDelta, Utc};

use crate::emergency_stop::EmergencyStop;
use crate::fleet::node::{NodeId, Platform};
use crate::fleet::survey::Installed;
use crate::id::RunId;
use crate::plan::Pin;
use crate::run::uncertain::HISTORY;
use crate::run::{Dispatch, DispatchId, DispatchStatus, Operation, PatchRun, Phase, Step};

/// Something to do in the world. Each is safe to repeat, but for [`RunEffect::Send`], which its
/// performer does at most once: the outcome, whatever it is, changes the state.
#[derive(Clone, Debug, PartialEq)]
pub enum RunEffect {
    /// Draft a new plan in place of this one, in the name of the person who asked for it.
    Replan {
        /// Which run is replaced.
        run: RunId,
    },
    /// Survey the environment again and hold the facts against the plan.
    Recheck {
        /// Which run.
        run: RunId,
    },
    /// Ask whose the credentials are, until they are of the plan's account again.
    Identify {
        /// Which run.
        run: RunId,
    },
    /// Look whether anything else patches the nodes of a wave, and whether they are still there.
    Preflight {
        /// Which run.
        run: RunId,
        /// Before which wave: see [`PatchRun::nodes_of`] and [`PatchRun::expected`].
        wave: u32,
    },
    /// Put the list of what to install where the nodes read it.
    PublishList {
        /// Which run.
        run: RunId,
        /// Such as `s3://bucket/prefix/<digest>.yaml`.
        location: String,
        /// What may be installed.
        patches: Vec<Installed>,
    },
    /// Send a command, once.
    Send {
        /// Which run.
        run: RunId,
        /// What is sent.
        dispatch: Box<Dispatch>,
    },
    /// Give up a command that was not begun to be sent: the run is called off. Its performer alone
    /// knows whether it was; one that was has an answer of its own.
    AbandonUnsent {
        /// Which run.
        run: RunId,
        /// What is not to be sent any more.
        dispatch: Box<Dispatch>,
    },
    /// Look whether a command was sent.
    Reconcile {
        /// Which run.
        run: RunId,
        /// What may have been sent.
        dispatch: Box<Dispatch>,
    },
    /// Ask how far the nodes are with a command.
    Watch {
        /// Which run.
        run: RunId,
        /// Which of its dispatches.
        dispatch: DispatchId,
        /// `CommandId`: one, unless AWS got it twice.
        commands: Vec<String>,
        /// Nodes that are overdue with it: whether their agents answer is looked at as well.
        overdue: Vec<NodeId>,
    },
    /// Ask AWS to cancel a command.
    Cancel {
        /// Which run.
        run: RunId,
        /// Which of its dispatches.
        dispatch: DispatchId,
        /// As above.
        commands: Vec<String>,
    },
    /// Ask nodes on which an Install failed whether they could read the list of what to install.
    ReadOutputs {
        /// Which run.
        run: RunId,
        /// Which of its dispatches.
        dispatch: DispatchId,
        /// `CommandId`.
        command: String,
        /// Where the list stands that they should have read.
        location: String,
        /// A few of the nodes, each with what its output depends on.
        nodes: Vec<(NodeId, Platform)>,
    },
    /// Read the patch states of nodes whose scan has ended.
    ReadStates {
        /// Which run.
        run: RunId,
        /// Which wave.
        wave: u32,
        /// Which nodes.
        nodes: Vec<crate::fleet::node::NodeId>,
    },
}

impl RunEffect {
    /// Names the effect: the same effect has the same key in every process.
    pub fn key(&self) -> String {
        match self {
            Self::Replan { run } => format!("{run}/replan"),
            Self::Recheck { run } => format!("{run}/recheck"),
            Self::Identify { run } => format!("{run}/identify"),
            Self::Preflight { run, wave, .. } => format!("{run}/preflight/{wave}"),
            Self::PublishList { run, .. } => format!("{run}/publish-list"),
            Self::Send { run, dispatch } => format!("{run}/send/{}", dispatch.id),
            Self::AbandonUnsent { run, dispatch } => format!("{run}/abandon/{}", dispatch.id),
            Self::Reconcile { run, dispatch } => format!("{run}/reconcile/{}", dispatch.id),
            Self::Watch { run, dispatch, .. } => format!("{run}/watch/{dispatch}"),
            Self::Cancel { run, dispatch, .. } => format!("{run}/cancel/{dispatch}"),
            Self::ReadOutputs { run, dispatch, .. } => format!("{run}/outputs/{dispatch}"),
            Self::ReadStates { run, wave, .. } => format!("{run}/read-states/{wave}"),
        }
    }

    /// Which run it is for.
    pub fn run(&self) -> &RunId {
        match self {
            Self::Replan { run }
            | Self::Recheck { run }
            | Self::Identify { run }
            | Self::Preflight { run, .. }
            | Self::PublishList { run, .. }
            | Self::Send { run, .. }
            | Self::AbandonUnsent { run, .. }
            | Self::Reconcile { run, .. }
            | Self::Watch { run, .. }
            | Self::Cancel { run, .. }
            | Self::ReadOutputs { run, .. }
            | Self::ReadStates { run, .. } => run,
        }
    }
}

/// What must still be done for `run`, by the process that holds the fencing token `token`.
/// While everything is stopped nothing is sent; what was sent is cancelled and watched.
pub fn pending(
    run: &PatchRun,
    emergency_stop: &EmergencyStop,
    token: u64,
    now: DateTime<Utc>,
) -> Vec<RunEffect> {
    let id = || run.id.clone();
    match &run.phase {
        Phase::Voided { replan: true, .. } => vec![RunEffect::Replan { run: id() }],
        // In the other account there is nothing to be seen of it, and nothing to be cancelled.
        Phase::Approved { .. } | Phase::Running { .. } | Phase::Stopping { .. }
            if run.closed.is_some() =>
        {
            vec![RunEffect::Identify { run: id() }]
        }
        Phase::Approved { .. } if emergency_stop.stop.is_none() && now >= run.starts_at() => {
            if run.needs_recheck(now) {
                return vec![RunEffect::Recheck { run: id() }];
            }
            match &run.plan.pin {
                Pin::Proven { location, .. }
                    if run.list_published_at.is_none() && !run.plan.only_scans() =>
                {
                    let patches = run.plan.list().into_iter().collect();
                    let location = location.clone();
                    vec![RunEffect::PublishList { run: id(), location, patches }]
                }
                Pin::First | Pin::NotProven { .. } | Pin::Proven { .. } => {
                    run.look_before(now).into_iter().collect()
                }
            }
        }
        Phase::Running { .. } | Phase::Stopping { .. } => running(run, emergency_stop, token, now),
        Phase::Approved { .. }
        | Phase::Waiting
        | Phase::Finished { .. }
        | Phase::Stopped { .. }
        | Phase::Rejected { .. }
        | Phase::Expired { .. }
        | Phase::Voided { replan: false, .. } => Vec::new(),
    }
}

fn running(
    run: &PatchRun,
    emergency_stop: &EmergencyStop,
    token: u64,
    now: DateTime<Utc>,
) -> Vec<RunEffect> {
    let id = || run.id.clone();
    let mut effects = Vec::new();
    for dispatch in run.dispatches.values() {
        match &dispatch.status {
            DispatchStatus::Intended
                if dispatch.token == token
                    && run.is_stopping()
                    && dispatch.id.operation.is_install() =>
            {
                let dispatch = Box::new(dispatch.clone());
                effects.push(RunEffect::AbandonUnsent { run: id(), dispatch });
            }
            DispatchStatus::Intended if dispatch.token == token => {
                // As it is asked once more just before it leaves.
                if emergency_stop.stop.is_none()
                    && run.may_send().allows(dispatch.id.operation, now)
                {
                    effects
                        .push(RunEffect::Send { run: id(), dispatch: Box::new(dispatch.clone()) });
                }
            }
            // Decided by a process that is gone: the next tick makes it uncertain.
            DispatchStatus::Intended => {}
            // There is nothing left to find.
            DispatchStatus::Uncertain { forgotten: true, .. } => {}
            DispatchStatus::Uncertain { forgotten: false, .. } | DispatchStatus::Ran { .. } => {
                effects
                    .push(RunEffect::Reconcile { run: id(), dispatch: Box::new(dispatch.clone()) });
            }
            DispatchStatus::Sent { .. } => {
                // The scan that judges what was touched goes on.
                let called_off = run.is_stopping() && dispatch.id.operation.is_install();
                let unwanted = emergency_stop.stop.is_some() || called_off;
                if unwanted && dispatch.cancel_asked_at.is_none() {
                    let (dispatch, commands) = (dispatch.id.clone(), dispatch.commands());
                    effects.push(RunEffect::Cancel { run: id(), dispatch, commands });
                }
                let overdue = run.overdue_nodes(dispatch, now);
                let (dispatch, commands) = (dispatch.id.clone(), dispatch.commands());
                effects.push(RunEffect::Watch { run: id(), dispatch, commands, overdue });
            }
            DispatchStatus::Ended { .. } => effects.extend(outputs(run, dispatch)),
            DispatchStatus::Refused { .. }
            | DispatchStatus::Abandoned { .. }
            | DispatchStatus::GivenUp { .. } => {}
        }
    }
    if emergency_stop.stop.is_none() {
        effects.extend(run.look_before(now));
    }
    if let Some((wave, Step::Judging)) = run.step() {
        let nodes = run.unjudged(wave, run.is_stopping());
        effects.push(RunEffect::ReadStates { run: id(), wave, nodes });
    }
    effects
}

/// Whether the nodes on which `dispatch` failed are to be asked why.
fn outputs(run: &PatchRun, dispatch: &Dispatch) -> Option<RunEffect> {
    let Pin::Proven { location, .. } = &run.plan.pin else { return None };
    let wanted = run.outputs_wanted(dispatch);
    let planned = run.plan.nodes().filter(|node| wanted.contains(&node.id));
    let nodes: Vec<_> = planned.map(|node| (node.id.clone(), node.platform)).collect();
    let command = dispatch.status.command().filter(|_| !nodes.is_empty())?.to_owned();
    let (run, dispatch, location) = (run.id.clone(), dispatch.id.clone(), location.clone());
    Some(RunEffect::ReadOutputs { run, dispatch, command, location, nodes })
}

/// When time alone will next change something about `run`, so that somebody looks then.
pub fn next_deadline(run: &PatchRun) -> Option<DateTime<Utc>> {
    match &run.phase {
        Phase::Waiting => {
            let window = run.plan.window.as_ref().map(|window| window.last_start);
            Some(window.map_or(run.expires_at(), |at| at.min(run.expires_at())))
        }
        Phase::Approved { .. } => Some(run.starts_at()),
        Phase::Running { .. } | Phase::Stopping { .. } => {
            run.dispatches.values().filter_map(|dispatch| run.deadline(dispatch)).min()
        }
        Phase::Finished { at } => Some(*at + TimeDelta::from(run.plan.soak)),
        Phase::Stopped { .. }
        | Phase::Rejected { .. }
        | Phase::Expired { .. }
        | Phase::Voided { .. } => None,
    }
}

impl PatchRun {
    /// The earliest moment at which it may start.
    pub fn starts_at(&self) -> DateTime<Utc> {
        self.plan.window.as_ref().map_or(self.proposed_at, |window| window.opens_at)
    }

    /// Whether the facts must be looked at again before it starts.
    pub(super) fn needs_recheck(&self, now: DateTime<Utc>) -> bool {
        let fresh = TimeDelta::minutes(15);
        self.rechecked_at.is_none_or(|at| (now - at).abs() > fresh)
    }

    /// The look that is needed before the next wave can be sent.
    fn look_before(&self, now: DateTime<Utc>) -> Option<RunEffect> {
        if self.plan.window.as_ref().is_some_and(|window| now > window.last_start) {
            return None;
        }
        let wave = self.wave_to_clear().filter(|wave| !self.is_cleared(*wave, now))?;
        Some(RunEffect::Preflight { run: self.id.clone(), wave })
    }

    /// When patience with a dispatch runs out.
    pub(super) fn deadline(&self, dispatch: &Dispatch) -> Option<DateTime<Utc>> {
        let timeouts = &self.plan.timeouts;
        match &dispatch.status {
            // Every node has reported; only its command id is worth some waiting.
            DispatchStatus::Ran { since, .. } if dispatch.unfinished().next().is_none() => {
                Some(*since + TimeDelta::from(timeouts.reconcile))
            }
            DispatchStatus::Sent { at, .. } | DispatchStatus::Ran { at, .. } => {
                let work = match dispatch.id.operation {
                    Operation::Install => timeouts.install,
                    Operation::Scan => timeouts.scan,
                };
                Some(*at + TimeDelta::from(timeouts.delivery) + TimeDelta::from(work))
            }
            DispatchStatus::Uncertain { since, asked_at: None, .. } => {
                Some(*since + TimeDelta::from(timeouts.reconcile))
            }
            DispatchStatus::Uncertain { forgotten: false, .. } => {
                Some(dispatch.intent_at + HISTORY)
            }
            DispatchStatus::Intended
            | DispatchStatus::Uncertain { forgotten: true, .. }
            | DispatchStatus::Ended { .. }
            | DispatchStatus::Refused { .. }
            | DispatchStatus::Abandoned { .. }
            | DispatchStatus::GivenUp { .. } => None,
        }
    }
}
