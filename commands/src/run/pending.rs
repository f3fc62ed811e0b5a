//! What must still be done in the outside world for a run: derived from its state alone, so that a
//! bot that was killed computes the same list again.

use chrono::{DateTime, TimeDelta, Utc};

use crate::emergency_stop::EmergencyStop;
use crate::fleet::node::{NodeId, Platform};
use crate::id::{DispatchId, Operation, RunId};
use crate::patch::installed::Installed;
use crate::plan::Pin;
use crate::run::uncertain::HISTORY;
use crate::run::{Dispatch, DispatchStatus, PatchRun, Phase, Step};

/// An effect on the outside world. Each one is safe to repeat, except [`RunEffect::Send`], which is
/// performed at most once: its outcome, whatever it is, changes the state.
#[derive(Clone, Debug, PartialEq)]
pub enum RunEffect {
    /// Draft the replacement of a void plan, in the name of the person who asked for that.
    Replan {
        /// The run with the void plan.
        run: RunId,
    },
    /// Survey the environment again and compare the facts with the plan.
    Recheck {
        /// The run that is about to start.
        run: RunId,
    },
    /// Ask which account the credentials belong to, until it is the plan's again.
    Identify {
        /// The run that is closed.
        run: RunId,
    },
    /// Check whether anything else patches the nodes of a wave, and whether they still exist.
    Preflight {
        /// The run that is about to send.
        run: RunId,
        /// The wave to check: see [`PatchRun::nodes_of`] and [`PatchRun::expected`].
        wave: u32,
    },
    /// Upload the override list for the nodes to read.
    PublishList {
        /// The run that needs the list.
        run: RunId,
        /// The destination, such as `s3://bucket/prefix/<digest>.yaml`.
        location: String,
        /// What may be installed.
        patches: Vec<Installed>,
    },
    /// Send a command, once.
    Send {
        /// The run of the command.
        run: RunId,
        /// The command to send.
        dispatch: Box<Dispatch>,
    },
    /// Abandon a command that was not sent, because the run was stopped. Only the performer knows
    /// whether it began to send it; a command that was sent gets an answer of its own.
    AbandonUnsent {
        /// The run of the command.
        run: RunId,
        /// The command that must no longer be sent.
        dispatch: Box<Dispatch>,
    },
    /// Find out whether a command was sent.
    Reconcile {
        /// The run of the command.
        run: RunId,
        /// The command that may have been sent.
        dispatch: Box<Dispatch>,
    },
    /// Ask for the status of a command on its nodes.
    Watch {
        /// The run of the command.
        run: RunId,
        /// The dispatch of the command.
        dispatch: DispatchId,
        /// `CommandId`: one, unless AWS has duplicates.
        commands: Vec<String>,
        /// Nodes that are overdue; we look up whether their agents answer too.
        overdue: Vec<NodeId>,
    },
    /// Ask AWS to cancel a command.
    Cancel {
        /// The run of the command.
        run: RunId,
        /// The dispatch of the command.
        dispatch: DispatchId,
        /// `CommandId`: one, unless AWS has duplicates.
        commands: Vec<String>,
    },
    /// Read from nodes on which an Install failed whether they could read the override list.
    ReadOutputs {
        /// The run of the command.
        run: RunId,
        /// The dispatch of the command.
        dispatch: DispatchId,
        /// `CommandId` of the failed command.
        command: String,
        /// The location of the list that they should have read.
        location: String,
        /// A few of the nodes, each with its platform, on which the form of the output depends.
        nodes: Vec<(NodeId, Platform)>,
    },
    /// Read the patch states of nodes whose scan has ended.
    ReadStates {
        /// The run that is judged.
        run: RunId,
        /// The wave that was scanned.
        wave: u32,
        /// The nodes to read.
        nodes: Vec<crate::fleet::node::NodeId>,
    },
}

impl RunEffect {
    /// The key of the effect: the same effect has the same key in every process.
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

    /// The run that the effect is for.
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

/// What must still be done for `run` by the process that holds the fencing token `token`. While
/// everything is stopped, nothing is sent; what was sent is cancelled and watched.
pub fn pending(
    run: &PatchRun,
    emergency_stop: &EmergencyStop,
    token: u64,
    now: DateTime<Utc>,
) -> Vec<RunEffect> {
    let id = || run.id.clone();
    match &run.phase {
        Phase::Voided { replan: true, .. } => vec![RunEffect::Replan { run: id() }],
        // The other account shows nothing of it, and has nothing to cancel.
        Phase::Approved { .. } | Phase::Running { .. } | Phase::Stopping { .. }
            if run.closed.is_some() =>
        {
            vec![RunEffect::Identify { run: id() }]
        }
        Phase::Approved { .. } if !emergency_stop.is_active() && now >= run.starts_at() => {
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
                // The same check is made again just before it is sent.
                if !emergency_stop.is_active() && run.may_send().allows(dispatch.id.operation, now)
                {
                    effects
                        .push(RunEffect::Send { run: id(), dispatch: Box::new(dispatch.clone()) });
                }
            }
            // A process that is gone decided it; the next tick makes it uncertain.
            DispatchStatus::Intended => {}
            // There is nothing left to find.
            DispatchStatus::Uncertain { forgotten: true, .. } => {}
            DispatchStatus::Uncertain { forgotten: false, .. } | DispatchStatus::Ran { .. } => {
                effects
                    .push(RunEffect::Reconcile { run: id(), dispatch: Box::new(dispatch.clone()) });
            }
            DispatchStatus::Sent { .. } => {
                // The scan that judges the touched nodes goes on.
                let called_off = run.is_stopping() && dispatch.id.operation.is_install();
                let unwanted = emergency_stop.is_active() || called_off;
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
    if !emergency_stop.is_active() {
        effects.extend(run.look_before(now));
    }
    if let Some((wave, Step::Judging)) = run.step() {
        let nodes = run.unjudged(wave, run.is_stopping());
        effects.push(RunEffect::ReadStates { run: id(), wave, nodes });
    }
    effects
}

/// The effect that reads why `dispatch` failed on nodes, if that is needed.
fn outputs(run: &PatchRun, dispatch: &Dispatch) -> Option<RunEffect> {
    let Pin::Proven { location, .. } = &run.plan.pin else { return None };
    let wanted = run.outputs_wanted(dispatch);
    let planned = run.plan.nodes().filter(|node| wanted.contains(&node.id));
    let nodes: Vec<_> = planned.map(|node| (node.id.clone(), node.platform)).collect();
    let command = dispatch.status.command().filter(|_| !nodes.is_empty())?.to_owned();
    let (run, dispatch, location) = (run.id.clone(), dispatch.id.clone(), location.clone());
    Some(RunEffect::ReadOutputs { run, dispatch, command, location, nodes })
}

/// When time alone will next change something about `run`, so that it is ticked then.
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
    /// The earliest time at which it may start.
    pub fn starts_at(&self) -> DateTime<Utc> {
        self.plan.window.as_ref().map_or(self.proposed_at, |window| window.opens_at)
    }

    /// Whether the facts must be checked again before it starts.
    pub(super) fn needs_recheck(&self, now: DateTime<Utc>) -> bool {
        let fresh = TimeDelta::minutes(15);
        self.rechecked_at.is_none_or(|at| (now - at).abs() > fresh)
    }

    /// The preflight check that is needed before the next wave can be sent.
    fn look_before(&self, now: DateTime<Utc>) -> Option<RunEffect> {
        if self.plan.window.as_ref().is_some_and(|window| now > window.last_start) {
            return None;
        }
        let wave = self.wave_to_clear().filter(|wave| !self.is_cleared(*wave, now))?;
        Some(RunEffect::Preflight { run: self.id.clone(), wave })
    }

    /// When we stop waiting for a dispatch.
    pub(super) fn deadline(&self, dispatch: &Dispatch) -> Option<DateTime<Utc>> {
        let timeouts = &self.plan.timeouts;
        match &dispatch.status {
            // Every node has reported; only the command id is missing, and that is worth only a
            // short wait.
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
