//! How events change a run, in replay too. An event that cannot follow is an error.

use std::sync::Arc;

use thiserror::Error;

use crate::id::DispatchId;
use crate::recorded::Recorded;
use crate::run::{
    Dispatch, DispatchEvent, DispatchStatus, Outputs, PatchRun, Phase, Preflight, RunEvent,
    UnknownWhy, Verdict, Vote,
};

/// An event that cannot happen to a run in this state: the record is damaged, or a program with
/// other rules wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the event \"{event}\" cannot follow in {state}")]
pub struct InvalidTransition {
    /// The name of the event.
    pub event: &'static str,
    /// The state of the run, in words for the log.
    pub state: String,
}

impl PatchRun {
    /// Creates a run from the event that proposes it.
    pub(crate) fn begin(recorded: &Recorded<RunEvent>) -> Result<Self, InvalidTransition> {
        let RunEvent::Proposed { id, plan, policy, requester, replaces, who_is_who, offline } =
            &recorded.event
        else {
            return Err(InvalidTransition {
                event: recorded.event.name(),
                state: "a run that was never proposed".into(),
            });
        };
        Ok(PatchRun {
            id: id.clone(),
            digest: plan.digest(),
            plan: (**plan).clone(),
            policy: policy.clone(),
            requester: requester.clone(),
            replaces: replaces.clone(),
            who_is_who: who_is_who.clone(),
            offline: offline.clone(),
            proposed_at: recorded.at,
            votes: Default::default(),
            phase: Phase::Waiting,
            rechecked_at: None,
            list_published_at: None,
            closed: None,
            preflight: None,
            dispatches: Default::default(),
            verdicts: Default::default(),
            proven: Arc::default(),
            history: Vec::new(),
        })
    }

    /// Applies an event. If it cannot follow, nothing changes.
    pub(crate) fn apply(&mut self, recorded: &Recorded<RunEvent>) -> Result<(), InvalidTransition> {
        match &recorded.event {
            RunEvent::Dispatch(id, event) => self.apply_to_dispatch(id, event, recorded)?,
            RunEvent::Proposed { .. }
            | RunEvent::Voted { .. }
            | RunEvent::Withdrawn
            | RunEvent::Rejected { .. }
            | RunEvent::Expired
            | RunEvent::Voided { .. }
            | RunEvent::Replanned { .. }
            | RunEvent::Approved
            | RunEvent::Rechecked
            | RunEvent::ListPublished => self.apply_to_approval(recorded)?,
            RunEvent::Closed { .. }
            | RunEvent::Reopened
            | RunEvent::HeldUp { .. }
            | RunEvent::Cleared { .. }
            | RunEvent::LeftOut { .. } => self.apply_to_checks(recorded)?,
            RunEvent::WaveStarted { .. }
            | RunEvent::Intended { .. }
            | RunEvent::Overwritten { .. }
            | RunEvent::HeldBack { .. }
            | RunEvent::Judged { .. }
            | RunEvent::StopRequested { .. }
            | RunEvent::Stopped { .. }
            | RunEvent::Finished => self.apply_to_waves(recorded)?,
        }
        if is_reported(&recorded.event) {
            self.history.push(recorded.clone());
        }
        Ok(())
    }

    fn cannot_follow(&self, recorded: &Recorded<RunEvent>) -> InvalidTransition {
        let state = format!("{} ({:?}, by {:?})", self.id, self.phase, recorded.by);
        InvalidTransition { event: recorded.event.name(), state }
    }

    /// Applies votes, and other events of a plan before its first wave.
    fn apply_to_approval(
        &mut self,
        recorded: &Recorded<RunEvent>,
    ) -> Result<(), InvalidTransition> {
        let at = recorded.at;
        match (&recorded.event, &self.phase, recorded.person()) {
            (RunEvent::Voted { groups, digest }, Phase::Waiting, Some(voter))
                if *digest == self.digest =>
            {
                self.votes.insert(voter.clone(), Vote { groups: groups.clone(), at });
            }
            (RunEvent::Withdrawn, Phase::Waiting | Phase::Approved { .. }, Some(voter))
                if self.voted_at(voter).is_some() =>
            {
                for vote in self.votes_of(voter) {
                    self.votes.remove(&vote);
                }
                self.rechecked_at = None;
                self.closed = None;
                // A new vote is about the whole plan.
                self.preflight = None;
                self.verdicts.clear();
                self.phase = Phase::Waiting;
            }
            (RunEvent::Approved, Phase::Waiting, _) => self.phase = Phase::Approved { at },
            (
                RunEvent::Rejected { reason },
                Phase::Waiting | Phase::Approved { .. },
                Some(person),
            ) => {
                self.phase = Phase::Rejected { by: person.clone(), reason: reason.clone(), at };
            }
            (RunEvent::Expired, Phase::Waiting, _) => self.phase = Phase::Expired { at },
            (RunEvent::Voided { why, replan }, Phase::Waiting | Phase::Approved { .. }, _) => {
                self.phase = Phase::Voided { why: why.clone(), at, replan: *replan };
            }
            (RunEvent::Replanned { .. }, Phase::Voided { why, at, replan: true }, _) => {
                self.phase = Phase::Voided { why: why.clone(), at: *at, replan: false };
            }
            (RunEvent::Rechecked, Phase::Approved { .. }, _) => self.rechecked_at = Some(at),
            (RunEvent::ListPublished, Phase::Approved { .. }, _) => {
                self.list_published_at = Some(at);
            }
            // `apply` names every event that comes here, so any other combination cannot follow.
            _ => return Err(self.cannot_follow(recorded)),
        }
        Ok(())
    }

    /// Applies what was found just before a wave.
    fn apply_to_checks(&mut self, recorded: &Recorded<RunEvent>) -> Result<(), InvalidTransition> {
        let at = recorded.at;
        match (&recorded.event, &self.phase, recorded.person()) {
            (
                RunEvent::Closed { wrong },
                Phase::Approved { .. } | Phase::Running { .. } | Phase::Stopping { .. },
                _,
            ) => {
                self.closed = Some(wrong.clone());
                // The observations may come from the other account.
                self.preflight = None;
            }
            (
                RunEvent::Reopened,
                Phase::Approved { .. } | Phase::Running { .. } | Phase::Stopping { .. },
                _,
            ) => self.closed = None,
            (
                RunEvent::HeldUp { wave, by: overlaps, more, .. },
                phase @ (Phase::Approved { .. } | Phase::Running { .. }),
                _,
            ) if *wave == begun(phase) => {
                let (wave, by, more) = (*wave, overlaps.clone(), *more);
                self.preflight = Some(Preflight { wave, at, by, more, silent: Vec::new() });
            }
            (
                RunEvent::Cleared { wave, silent, .. },
                phase @ (Phase::Approved { .. } | Phase::Running { .. }),
                _,
            ) if *wave == begun(phase) => {
                for node in silent {
                    let unknown = Verdict::Unknown(UnknownWhy::NotSent);
                    self.verdicts.entry(node.clone()).or_insert(unknown);
                }
                let (wave, silent) = (*wave, silent.clone());
                self.preflight = Some(Preflight { wave, at, by: Vec::new(), more: 0, silent });
            }
            (
                RunEvent::LeftOut { wave, nodes },
                phase @ (Phase::Approved { .. } | Phase::Running { .. }),
                _,
            ) if *wave == begun(phase)
                && nodes.keys().all(|node| !self.verdicts.contains_key(node)) =>
            {
                self.leave_out(nodes);
            }
            // `apply` names every event that comes here, so any other combination cannot follow.
            _ => return Err(self.cannot_follow(recorded)),
        }
        Ok(())
    }

    /// Applies the progress of waves, and the end of a run.
    fn apply_to_waves(&mut self, recorded: &Recorded<RunEvent>) -> Result<(), InvalidTransition> {
        let (at, by) = (recorded.at, &recorded.by);
        match (&recorded.event, &self.phase, recorded.person()) {
            (RunEvent::WaveStarted { wave: 0 }, Phase::Approved { .. }, _) => {
                self.phase = Phase::Running { wave: 0, since: at };
            }
            (RunEvent::WaveStarted { wave: next }, Phase::Running { wave, since }, _)
                if *next == wave + 1 =>
            {
                self.phase = Phase::Running { wave: *next, since: *since };
            }
            // Only reported: the scan that follows has an event of its own.
            (RunEvent::Overwritten { .. }, Phase::Running { .. } | Phase::Stopping { .. }, _)
            | (RunEvent::HeldBack { .. }, Phase::Running { .. }, _) => {}
            (
                RunEvent::Judged { verdicts, proven, .. },
                Phase::Running { .. } | Phase::Stopping { .. },
                _,
            ) => {
                self.verdicts.extend(verdicts.clone());
                Arc::make_mut(&mut self.proven).merge(proven);
            }
            (RunEvent::StopRequested { why }, Phase::Running { wave, .. }, _) => {
                let (wave, why, by) = (*wave, why.clone(), by.clone());
                self.phase = Phase::Stopping { wave, since: at, why, by };
            }
            (RunEvent::Stopped { why }, Phase::Running { .. }, _) => {
                self.phase = Phase::Stopped { why: why.clone(), by: by.clone(), at };
            }
            // What was under way has ended by itself; it stopped on the authority of the first
            // request.
            (RunEvent::Stopped { why }, Phase::Stopping { by, .. }, _) => {
                self.phase = Phase::Stopped { why: why.clone(), by: by.clone(), at };
            }
            (RunEvent::Finished, Phase::Running { .. }, _) => self.phase = Phase::Finished { at },
            (
                RunEvent::Intended { id, snapshot, nodes, token },
                phase @ (Phase::Running { wave, .. } | Phase::Stopping { wave, .. }),
                _,
            ) if id.wave == *wave
                && !self.dispatches.contains_key(id)
                && !(id.operation.is_install() && matches!(phase, Phase::Stopping { .. })) =>
            {
                let dispatch = Dispatch {
                    id: id.clone(),
                    snapshot: *snapshot,
                    nodes: nodes.clone(),
                    intent_at: at,
                    token: *token,
                    status: DispatchStatus::Intended,
                    invocations: Default::default(),
                    cancel_asked_at: None,
                    more: Vec::new(),
                    reported: Default::default(),
                    searched_at: None,
                    outputs: None,
                };
                self.dispatches.insert(id.clone(), dispatch);
            }
            // `apply` names every event that comes here, so any other combination cannot follow.
            _ => return Err(self.cannot_follow(recorded)),
        }
        Ok(())
    }

    fn apply_to_dispatch(
        &mut self,
        id: &DispatchId,
        event: &DispatchEvent,
        recorded: &Recorded<RunEvent>,
    ) -> Result<(), InvalidTransition> {
        let under_way = self.wave().is_some();
        let Some(dispatch) = self.dispatches.get_mut(id).filter(|_| under_way) else {
            let state = format!("{} {id} ({:?})", self.id, self.phase);
            return Err(InvalidTransition { event: recorded.event.name(), state });
        };
        dispatch.apply(event, recorded)?;
        if matches!(event, DispatchEvent::SendRefused { .. }) && id.operation.is_install() {
            // The preflight check missed what AWS refuses, so everything is checked again.
            self.preflight = None;
        }
        Ok(())
    }
}

/// The wave that is under way or comes next.
fn begun(phase: &Phase) -> u32 {
    if let Phase::Running { wave, .. } = phase { *wave } else { 0 }
}

impl Dispatch {
    fn apply(
        &mut self,
        event: &DispatchEvent,
        recorded: &Recorded<RunEvent>,
    ) -> Result<(), InvalidTransition> {
        use DispatchStatus as Status;
        let at = recorded.at;
        match (event, &mut self.status, recorded.person()) {
            (
                DispatchEvent::Sent { command, .. },
                Status::Intended | Status::Uncertain { .. } | Status::Ran { .. },
                _,
            )
            | (
                DispatchEvent::Adopted { command, .. },
                Status::Uncertain { .. } | Status::Ran { .. },
                Some(_),
            ) => self.status = Status::Sent { command: command.clone(), at },
            (
                DispatchEvent::SendRefused { why, left_out },
                Status::Intended | Status::Uncertain { .. },
                _,
            ) => {
                let (why, left_out) = (why.clone(), left_out.clone());
                self.status = Status::Refused { why, left_out, at };
            }
            (DispatchEvent::BecameUncertain { why }, Status::Intended, _) => {
                let (since, why) = (at, why.clone());
                self.status = Status::Uncertain { since, why, asked_at: None, forgotten: false };
            }
            (DispatchEvent::PersonAsked, Status::Uncertain { asked_at, .. }, _) => {
                *asked_at = Some(at);
            }
            (DispatchEvent::Forgotten, Status::Uncertain { forgotten, .. }, _) => {
                *forgotten = true;
            }
            (
                DispatchEvent::Abandoned { why },
                Status::Intended | Status::Uncertain { .. },
                person,
            ) => {
                let (by, why) = (person.cloned(), why.clone());
                self.status = Status::Abandoned { by, why, at };
            }
            (DispatchEvent::GivenUp, Status::Uncertain { why, .. }, _) => {
                self.status = Status::GivenUp { why: why.clone(), at };
            }
            (DispatchEvent::Ran { nodes }, Status::Uncertain { since, .. }, _) => {
                self.status = Status::Ran { since: *since, at };
                self.reported.extend(nodes.iter().cloned());
            }
            (DispatchEvent::Reported { nodes }, Status::Ran { .. }, _) => {
                self.reported.extend(nodes.iter().cloned());
            }
            (DispatchEvent::Heard { invocations }, Status::Sent { .. }, _) => {
                self.invocations.extend(invocations.clone());
            }
            (DispatchEvent::CancelAsked, Status::Sent { .. }, _) => self.cancel_asked_at = Some(at),
            (DispatchEvent::Doubled { commands }, Status::Sent { .. }, _) => {
                self.more.extend(commands.iter().cloned());
            }
            (DispatchEvent::Searched, Status::Uncertain { .. }, _) => self.searched_at = Some(at),
            (DispatchEvent::OutputsRead { outputs }, Status::Ended { .. }, _) => {
                self.outputs = Some(outputs.clone());
            }
            (DispatchEvent::Ended, Status::Sent { command, .. }, _) => {
                self.status = Status::Ended { command: Some(command.clone()), at };
            }
            (DispatchEvent::Ended, Status::Ran { .. }, _) => {
                self.status = Status::Ended { command: None, at };
            }
            (
                DispatchEvent::Sent { .. }
                | DispatchEvent::Adopted { .. }
                | DispatchEvent::Doubled { .. }
                | DispatchEvent::SendRefused { .. }
                | DispatchEvent::BecameUncertain { .. }
                | DispatchEvent::PersonAsked
                | DispatchEvent::Searched
                | DispatchEvent::Forgotten
                | DispatchEvent::Ran { .. }
                | DispatchEvent::Reported { .. }
                | DispatchEvent::GivenUp
                | DispatchEvent::Abandoned { .. }
                | DispatchEvent::Heard { .. }
                | DispatchEvent::CancelAsked
                | DispatchEvent::OutputsRead { .. }
                | DispatchEvent::Ended,
                status,
                _,
            ) => {
                let state = format!("{} ({status:?}, by {:?})", self.id, recorded.by);
                return Err(InvalidTransition { event: recorded.event.name(), state });
            }
        }
        Ok(())
    }
}

/// Whether the thread reports it. Progress is edited in place on the card instead.
fn is_reported(event: &RunEvent) -> bool {
    match event {
        RunEvent::Voted { .. }
        | RunEvent::Withdrawn
        | RunEvent::Rejected { .. }
        | RunEvent::Expired
        | RunEvent::Voided { .. }
        | RunEvent::Replanned { .. }
        | RunEvent::Approved
        | RunEvent::Closed { .. }
        | RunEvent::Reopened
        | RunEvent::LeftOut { .. }
        | RunEvent::WaveStarted { .. }
        | RunEvent::HeldBack { .. }
        | RunEvent::Overwritten { .. }
        | RunEvent::Judged { .. }
        | RunEvent::StopRequested { .. }
        | RunEvent::Stopped { .. }
        | RunEvent::Finished => true,
        RunEvent::HeldUp { again, .. } => !again,
        RunEvent::Cleared { silent, waited, .. } => *waited || !silent.is_empty(),
        RunEvent::Dispatch(_, event) => is_told_of_dispatch(event),
        RunEvent::Proposed { .. }
        | RunEvent::Rechecked
        | RunEvent::ListPublished
        | RunEvent::Intended { .. } => false,
    }
}

fn is_told_of_dispatch(event: &DispatchEvent) -> bool {
    match event {
        DispatchEvent::BecameUncertain { .. }
        | DispatchEvent::PersonAsked
        | DispatchEvent::Abandoned { .. }
        | DispatchEvent::CancelAsked
        | DispatchEvent::Adopted { .. }
        | DispatchEvent::Doubled { .. }
        | DispatchEvent::Forgotten
        | DispatchEvent::Ran { .. }
        | DispatchEvent::GivenUp => true,
        DispatchEvent::Sent { adopted, .. } => *adopted,
        // Halving is reported only at its end: the nodes for which AWS refuses it.
        DispatchEvent::SendRefused { left_out, .. } => !left_out.is_empty(),
        DispatchEvent::OutputsRead { outputs } => match outputs {
            Outputs::Read(faults) => !faults.is_empty(),
            Outputs::Denied => true,
        },
        DispatchEvent::Searched
        | DispatchEvent::Reported { .. }
        | DispatchEvent::Heard { .. }
        | DispatchEvent::Ended => false,
    }
}
