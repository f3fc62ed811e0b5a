//! How events change a run. Replay uses it too; an event that cannot follow is a fault, said aloud.

use chrono::{DateTime, Utc};
use thiserror::Error;

use std::sync::Arc;

use crate::run::{
    Dispatch, DispatchId, DispatchStatus, Outputs, PatchRun, Phase, Preflight, RunEvent,
    UnknownWhy, Verdict, Vote,
};

/// An event that cannot have happened to a run in this state: the record is damaged, or was
/// written by a program with other rules.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the event \"{event}\" cannot follow in {state}")]
pub struct Impossible {
    /// The event.
    pub event: &'static str,
    /// Where the run stood.
    pub state: String,
}

/// The state after `event`. `None` is the state before the first event.
pub fn evolve(state: Option<PatchRun>, event: &RunEvent) -> Result<PatchRun, Impossible> {
    let Some(mut run) = state else {
        return begin(event);
    };
    apply(&mut run, event)?;
    if is_told(event) {
        run.story.push(event.clone());
    }
    Ok(run)
}

fn begin(event: &RunEvent) -> Result<PatchRun, Impossible> {
    let RunEvent::Proposed { id, plan, policy, requester, replaces, who_is_who, offline, at } =
        event
    else {
        return Err(Impossible {
            event: name(event),
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
        proposed_at: *at,
        votes: Default::default(),
        phase: Phase::Waiting,
        rechecked_at: None,
        list_published_at: None,
        closed: None,
        preflight: None,
        dispatches: Default::default(),
        verdicts: Default::default(),
        proven: Arc::default(),
        story: Vec::new(),
    })
}

fn apply(run: &mut PatchRun, event: &RunEvent) -> Result<(), Impossible> {
    match (event, &run.phase) {
        (RunEvent::Voted { by, groups, digest, at }, Phase::Waiting) if *digest == run.digest => {
            run.votes.insert(by.clone(), Vote { groups: groups.clone(), at: *at });
        }
        (RunEvent::Withdrawn { by, .. }, Phase::Waiting | Phase::Approved { .. })
            if run.voted_at(by).is_some() =>
        {
            for vote in run.votes_of(by) {
                run.votes.remove(&vote);
            }
            run.rechecked_at = None;
            run.closed = None;
            // Whoever votes again votes on the whole plan.
            run.preflight = None;
            run.verdicts.clear();
            run.phase = Phase::Waiting;
        }
        (RunEvent::Approved { at }, Phase::Waiting) => run.phase = Phase::Approved { at: *at },
        (RunEvent::Rejected { by, reason, at }, Phase::Waiting | Phase::Approved { .. }) => {
            run.phase = Phase::Rejected { by: by.clone(), reason: reason.clone(), at: *at };
        }
        (RunEvent::Expired { at }, Phase::Waiting) => run.phase = Phase::Expired { at: *at },
        (RunEvent::Voided { why, replan, at }, Phase::Waiting | Phase::Approved { .. }) => {
            run.phase = Phase::Voided { why: why.clone(), at: *at, replan: *replan };
        }
        (RunEvent::Replanned { .. }, Phase::Voided { why, at, replan: true }) => {
            run.phase = Phase::Voided { why: why.clone(), at: *at, replan: false };
        }
        (RunEvent::Rechecked { at }, Phase::Approved { .. }) => run.rechecked_at = Some(*at),
        (RunEvent::ListPublished { at }, Phase::Approved { .. }) => {
            run.list_published_at = Some(*at)
        }
        (
            RunEvent::Closed { wrong, .. },
            Phase::Approved { .. } | Phase::Running { .. } | Phase::Ending { .. },
        ) => {
            run.closed = Some(wrong.clone());
            // What was seen may have been seen in the other account.
            run.preflight = None;
        }
        (
            RunEvent::Reopened { .. },
            Phase::Approved { .. } | Phase::Running { .. } | Phase::Ending { .. },
        ) => run.closed = None,
        (
            RunEvent::HeldUp { wave, by, more, at, .. },
            Phase::Approved { .. } | Phase::Running { .. },
        ) if *wave == begun(&run.phase) => {
            let (wave, at, by, more) = (*wave, *at, by.clone(), *more);
            run.preflight = Some(Preflight { wave, at, by, more, silent: Vec::new() });
        }
        (
            RunEvent::Cleared { wave, silent, at, .. },
            Phase::Approved { .. } | Phase::Running { .. },
        ) if *wave == begun(&run.phase) => {
            for node in silent {
                let unknown = Verdict::Unknown(UnknownWhy::NotSent);
                run.verdicts.entry(node.clone()).or_insert(unknown);
            }
            let (wave, at, silent) = (*wave, *at, silent.clone());
            run.preflight = Some(Preflight { wave, at, by: Vec::new(), more: 0, silent });
        }
        (RunEvent::LeftOut { wave, nodes, .. }, Phase::Approved { .. } | Phase::Running { .. })
            if *wave == begun(&run.phase)
                && nodes.keys().all(|node| !run.verdicts.contains_key(node)) =>
        {
            run.leave_out(nodes);
        }
        (RunEvent::WaveStarted { wave: 0, at }, Phase::Approved { .. }) => {
            run.phase = Phase::Running { wave: 0, since: *at };
        }
        (RunEvent::WaveStarted { wave: next, .. }, Phase::Running { wave, since })
            if *next == wave + 1 =>
        {
            run.phase = Phase::Running { wave: *next, since: *since };
        }
        // Only told: the scan that follows on it is an event of its own.
        (RunEvent::Overwritten { .. }, Phase::Running { .. } | Phase::Ending { .. }) => {}
        (RunEvent::HeldBack { .. }, Phase::Running { .. }) => {}
        (
            RunEvent::Judged { verdicts, proven, .. },
            Phase::Running { .. } | Phase::Ending { .. },
        ) => {
            run.verdicts.extend(verdicts.clone());
            Arc::make_mut(&mut run.proven).merge(proven);
        }
        (RunEvent::CalledOff { why, at }, Phase::Running { wave, .. }) => {
            run.phase = Phase::Ending { wave: *wave, since: *at, why: why.clone() };
        }
        (RunEvent::Halted { why, at }, Phase::Running { .. } | Phase::Ending { .. }) => {
            run.phase = Phase::Halted { why: why.clone(), at: *at };
        }
        (RunEvent::Finished { at }, Phase::Running { .. }) => {
            run.phase = Phase::Finished { at: *at }
        }
        (
            RunEvent::Intended { id, snapshot, nodes, token, at },
            phase @ (Phase::Running { wave, .. } | Phase::Ending { wave, .. }),
        ) if id.wave == *wave
            && !run.dispatches.contains_key(id)
            && !(id.operation.is_install() && matches!(phase, Phase::Ending { .. })) =>
        {
            let dispatch = Dispatch {
                id: id.clone(),
                snapshot: *snapshot,
                nodes: nodes.clone(),
                intent_at: *at,
                token: *token,
                status: DispatchStatus::Intended,
                invocations: Default::default(),
                cancel_asked_at: None,
                more: Vec::new(),
                reported: Default::default(),
                searched_at: None,
                outputs: None,
            };
            run.dispatches.insert(id.clone(), dispatch);
        }
        (
            RunEvent::Sent { id, .. }
            | RunEvent::SendRefused { id, .. }
            | RunEvent::BecameUncertain { id, .. }
            | RunEvent::PersonAsked { id, .. }
            | RunEvent::Abandoned { id, .. }
            | RunEvent::Heard { id, .. }
            | RunEvent::CancelAsked { id, .. }
            | RunEvent::Ended { id, .. }
            | RunEvent::Adopted { id, .. }
            | RunEvent::Doubled { id, .. }
            | RunEvent::Searched { id, .. }
            | RunEvent::Forgotten { id, .. }
            | RunEvent::Ran { id, .. }
            | RunEvent::Reported { id, .. }
            | RunEvent::OutputsRead { id, .. }
            | RunEvent::GivenUp { id, .. },
            Phase::Running { .. } | Phase::Ending { .. },
        ) => return apply_to_dispatch(run, id, event),
        (
            RunEvent::Proposed { .. }
            | RunEvent::Voted { .. }
            | RunEvent::Withdrawn { .. }
            | RunEvent::Rejected { .. }
            | RunEvent::Expired { .. }
            | RunEvent::Voided { .. }
            | RunEvent::Replanned { .. }
            | RunEvent::Approved { .. }
            | RunEvent::Rechecked { .. }
            | RunEvent::ListPublished { .. }
            | RunEvent::Closed { .. }
            | RunEvent::Reopened { .. }
            | RunEvent::HeldUp { .. }
            | RunEvent::Cleared { .. }
            | RunEvent::LeftOut { .. }
            | RunEvent::WaveStarted { .. }
            | RunEvent::Intended { .. }
            | RunEvent::Sent { .. }
            | RunEvent::SendRefused { .. }
            | RunEvent::BecameUncertain { .. }
            | RunEvent::PersonAsked { .. }
            | RunEvent::Abandoned { .. }
            | RunEvent::Heard { .. }
            | RunEvent::CancelAsked { .. }
            | RunEvent::Ended { .. }
            | RunEvent::Adopted { .. }
            | RunEvent::Doubled { .. }
            | RunEvent::Searched { .. }
            | RunEvent::Forgotten { .. }
            | RunEvent::Ran { .. }
            | RunEvent::Reported { .. }
            | RunEvent::OutputsRead { .. }
            | RunEvent::GivenUp { .. }
            | RunEvent::Overwritten { .. }
            | RunEvent::HeldBack { .. }
            | RunEvent::Judged { .. }
            | RunEvent::CalledOff { .. }
            | RunEvent::Halted { .. }
            | RunEvent::Finished { .. },
            phase,
        ) => {
            return Err(Impossible {
                event: name(event),
                state: format!("{} ({phase:?})", run.id),
            });
        }
    }
    Ok(())
}

/// The wave that is next, or under way.
fn begun(phase: &Phase) -> u32 {
    if let Phase::Running { wave, .. } = phase { *wave } else { 0 }
}

fn apply_to_dispatch(
    run: &mut PatchRun,
    id: &DispatchId,
    event: &RunEvent,
) -> Result<(), Impossible> {
    let impossible = |status: Option<&DispatchStatus>| Impossible {
        event: name(event),
        state: format!("{} {id} ({status:?})", run.id),
    };
    let Some(dispatch) = run.dispatches.get(id) else {
        return Err(impossible(None));
    };
    let status = match (event, &dispatch.status) {
        (
            RunEvent::Sent { command, at, .. },
            DispatchStatus::Intended
            | DispatchStatus::Uncertain { .. }
            | DispatchStatus::Ran { .. },
        )
        | (
            RunEvent::Adopted { command, at, .. },
            DispatchStatus::Uncertain { .. } | DispatchStatus::Ran { .. },
        ) => DispatchStatus::Sent { command: command.clone(), at: *at },
        (
            RunEvent::SendRefused { why, left_out, at, .. },
            DispatchStatus::Intended | DispatchStatus::Uncertain { .. },
        ) => DispatchStatus::Refused { why: why.clone(), left_out: left_out.clone(), at: *at },
        (RunEvent::BecameUncertain { why, at, .. }, DispatchStatus::Intended) => {
            let (since, why) = (*at, why.clone());
            DispatchStatus::Uncertain { since, why, asked_at: None, forgotten: false }
        }
        (
            RunEvent::PersonAsked { at, .. },
            DispatchStatus::Uncertain { since, why, forgotten, .. },
        ) => {
            let (since, why, asked_at, forgotten) = (*since, why.clone(), Some(*at), *forgotten);
            DispatchStatus::Uncertain { since, why, asked_at, forgotten }
        }
        (RunEvent::Forgotten { .. }, DispatchStatus::Uncertain { since, why, asked_at, .. }) => {
            let (since, why, asked_at) = (*since, why.clone(), *asked_at);
            DispatchStatus::Uncertain { since, why, asked_at, forgotten: true }
        }
        (
            RunEvent::Abandoned { by, reason, at, .. },
            DispatchStatus::Intended | DispatchStatus::Uncertain { .. },
        ) => DispatchStatus::Abandoned { by: by.clone(), reason: reason.clone(), at: *at },
        (RunEvent::GivenUp { at, .. }, DispatchStatus::Uncertain { why, .. }) => {
            DispatchStatus::GivenUp { why: why.clone(), at: *at }
        }
        (RunEvent::Ran { at, .. }, DispatchStatus::Uncertain { since, .. }) => {
            DispatchStatus::Ran { since: *since, at: *at }
        }
        (
            RunEvent::Heard { .. } | RunEvent::CancelAsked { .. } | RunEvent::Doubled { .. },
            status @ DispatchStatus::Sent { .. },
        )
        | (RunEvent::Searched { .. }, status @ DispatchStatus::Uncertain { .. })
        | (RunEvent::Reported { .. }, status @ DispatchStatus::Ran { .. })
        | (RunEvent::OutputsRead { .. }, status @ DispatchStatus::Ended { .. }) => status.clone(),
        (RunEvent::Ended { at, .. }, DispatchStatus::Sent { command, .. }) => {
            DispatchStatus::Ended { command: Some(command.clone()), at: *at }
        }
        (RunEvent::Ended { at, .. }, DispatchStatus::Ran { .. }) => {
            DispatchStatus::Ended { command: None, at: *at }
        }
        (_, status) => return Err(impossible(Some(status))),
    };
    if matches!(event, RunEvent::SendRefused { .. }) && id.operation.is_install() {
        // The look did not see what AWS refuses: the world is looked at anew.
        run.preflight = None;
    }
    if let Some(dispatch) = run.dispatches.get_mut(id) {
        dispatch.status = status;
        if let RunEvent::Heard { invocations, .. } = event {
            dispatch.invocations.extend(invocations.clone());
        }
        if let RunEvent::CancelAsked { at, .. } = event {
            dispatch.cancel_asked_at = Some(*at);
        }
        if let RunEvent::Searched { at, .. } = event {
            dispatch.searched_at = Some(*at);
        }
        if let RunEvent::OutputsRead { outputs, .. } = event {
            dispatch.outputs = Some(outputs.clone());
        }
        if let RunEvent::Doubled { commands, .. } = event {
            dispatch.more.extend(commands.iter().cloned());
        }
        if let RunEvent::Ran { nodes, .. } | RunEvent::Reported { nodes, .. } = event {
            dispatch.reported.extend(nodes.iter().cloned());
        }
    }
    Ok(())
}

/// Whether the thread tells of it. Progress is edited in place instead.
fn is_told(event: &RunEvent) -> bool {
    match event {
        RunEvent::Voted { .. }
        | RunEvent::Withdrawn { .. }
        | RunEvent::Rejected { .. }
        | RunEvent::Expired { .. }
        | RunEvent::Voided { .. }
        | RunEvent::Replanned { .. }
        | RunEvent::Approved { .. }
        | RunEvent::Closed { .. }
        | RunEvent::Reopened { .. }
        | RunEvent::LeftOut { .. }
        | RunEvent::WaveStarted { .. }
        | RunEvent::HeldBack { .. }
        | RunEvent::BecameUncertain { .. }
        | RunEvent::PersonAsked { .. }
        | RunEvent::Abandoned { .. }
        | RunEvent::CancelAsked { .. }
        | RunEvent::Adopted { .. }
        | RunEvent::Doubled { .. }
        | RunEvent::Forgotten { .. }
        | RunEvent::Ran { .. }
        | RunEvent::GivenUp { .. }
        | RunEvent::Overwritten { .. }
        | RunEvent::Judged { .. }
        | RunEvent::CalledOff { .. }
        | RunEvent::Halted { .. }
        | RunEvent::Finished { .. } => true,
        RunEvent::Sent { adopted, .. } => *adopted,
        RunEvent::HeldUp { again, .. } => !again,
        RunEvent::Cleared { silent, waited, .. } => *waited || !silent.is_empty(),
        // Halving is told where it ends: at the nodes for which AWS refuses it.
        RunEvent::SendRefused { left_out, .. } => !left_out.is_empty(),
        RunEvent::OutputsRead { outputs, .. } => match outputs {
            Outputs::Read(faults) => !faults.is_empty(),
            Outputs::Denied => true,
        },
        RunEvent::Proposed { .. }
        | RunEvent::Rechecked { .. }
        | RunEvent::ListPublished { .. }
        | RunEvent::Intended { .. }
        | RunEvent::Searched { .. }
        | RunEvent::Reported { .. }
        | RunEvent::Heard { .. }
        | RunEvent::Ended { .. } => false,
    }
}

fn name(event: &RunEvent) -> &'static str {
    match event {
        RunEvent::Proposed { .. } => "proposed",
        RunEvent::Voted { .. } => "voted",
        RunEvent::Withdrawn { .. } => "withdrawn",
        RunEvent::Rejected { .. } => "rejected",
        RunEvent::Expired { .. } => "expired",
        RunEvent::Voided { .. } => "voided",
        RunEvent::Replanned { .. } => "replanned",
        RunEvent::Approved { .. } => "approved",
        RunEvent::Rechecked { .. } => "rechecked",
        RunEvent::ListPublished { .. } => "list published",
        RunEvent::Closed { .. } => "closed",
        RunEvent::Reopened { .. } => "reopened",
        RunEvent::HeldUp { .. } => "held up",
        RunEvent::Cleared { .. } => "cleared",
        RunEvent::LeftOut { .. } => "left out",
        RunEvent::WaveStarted { .. } => "wave started",
        RunEvent::Intended { .. } => "intended",
        RunEvent::Sent { .. } => "sent",
        RunEvent::SendRefused { .. } => "send refused",
        RunEvent::BecameUncertain { .. } => "became uncertain",
        RunEvent::PersonAsked { .. } => "person asked",
        RunEvent::Abandoned { .. } => "abandoned",
        RunEvent::Heard { .. } => "heard",
        RunEvent::CancelAsked { .. } => "cancel asked",
        RunEvent::Ended { .. } => "ended",
        RunEvent::Adopted { .. } => "adopted",
        RunEvent::Doubled { .. } => "doubled",
        RunEvent::Searched { .. } => "searched",
        RunEvent::Forgotten { .. } => "forgotten",
        RunEvent::Ran { .. } => "ran",
        RunEvent::Reported { .. } => "reported",
        RunEvent::OutputsRead { .. } => "outputs read",
        RunEvent::GivenUp { .. } => "given up",
        RunEvent::CalledOff { .. } => "called off",
        RunEvent::Overwritten { .. } => "overwritten",
        RunEvent::HeldBack { .. } => "held back",
        RunEvent::Judged { .. } => "judged",
        RunEvent::Halted { .. } => "halted",
        RunEvent::Finished { .. } => "finished",
    }
}

impl RunEvent {
    /// When it happened.
    pub fn at(&self) -> DateTime<Utc> {
        match self {
            Self::Proposed { at, .. }
            | Self::Voted { at, .. }
            | Self::Withdrawn { at, .. }
            | Self::Rejected { at, .. }
            | Self::Expired { at }
            | Self::Voided { at, .. }
            | Self::Replanned { at, .. }
            | Self::Approved { at }
            | Self::Rechecked { at }
            | Self::ListPublished { at }
            | Self::Closed { at, .. }
            | Self::Reopened { at }
            | Self::HeldUp { at, .. }
            | Self::Cleared { at, .. }
            | Self::LeftOut { at, .. }
            | Self::WaveStarted { at, .. }
            | Self::Intended { at, .. }
            | Self::Sent { at, .. }
            | Self::SendRefused { at, .. }
            | Self::BecameUncertain { at, .. }
            | Self::PersonAsked { at, .. }
            | Self::Abandoned { at, .. }
            | Self::Heard { at, .. }
            | Self::CancelAsked { at, .. }
            | Self::Ended { at, .. }
            | Self::Adopted { at, .. }
            | Self::Doubled { at, .. }
            | Self::Searched { at, .. }
            | Self::Forgotten { at, .. }
            | Self::Ran { at, .. }
            | Self::Reported { at, .. }
            | Self::OutputsRead { at, .. }
            | Self::GivenUp { at, .. }
            | Self::CalledOff { at, .. }
            | Self::Overwritten { at, .. }
            | Self::HeldBack { at, .. }
            | Self::Judged { at, .. }
            | Self::Halted { at, .. }
            | Self::Finished { at } => *at,
        }
    }
}
