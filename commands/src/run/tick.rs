//! What time alone brings about: plans that nobody decided on expire, approved ones start, waves
//! follow each other, and patience runs out.

use chrono::{DateTime, TimeDelta, Utc};

use crate::node::NodeId;
use crate::plan::Pin;
use crate::run::decide::Circumstances;
use crate::run::preflight::held_up;
use crate::run::proof::{PinStands, pin_stands};
use crate::run::{
    Dispatch, DispatchId, DispatchStatus, HaltReason, Operation, PatchRun, Phase, RunEvent, Step,
    Verdict, VoidReason, snapshot_id,
};

/// Longer than any call to AWS takes.
const IN_FLIGHT: TimeDelta = TimeDelta::minutes(2);

/// What time alone brings about. One step at a time: the caller ticks until nothing follows.
pub(super) fn tick(
    run: &PatchRun,
    circumstances: Circumstances<'_>,
    now: DateTime<Utc>,
) -> Vec<RunEvent> {
    match &run.phase {
        Phase::Waiting | Phase::Approved { .. } => {
            if let Some(event) = overtaken(run, circumstances, now) {
                return vec![event];
            }
            let ready = matches!(run.phase, Phase::Approved { .. })
                && circumstances.brake.pulled.is_none()
                && now >= run.starts_at()
                && !run.needs_recheck(now)
                && (run.list_published_at.is_some()
                    || run.plan.only_scans()
                    || matches!(run.plan.pin, Pin::First));
            if ready {
                cleared(run, 0, circumstances, now, || {
                    vec![RunEvent::WaveStarted { wave: 0, at: now }]
                })
            } else {
                Vec::new()
            }
        }
        Phase::Running { .. } => running(run, circumstances, now),
        Phase::Finished { .. }
        | Phase::Halted { .. }
        | Phase::Rejected { .. }
        | Phase::Expired { .. }
        | Phase::Voided { .. } => Vec::new(),
    }
}

/// A plan that has not started can be overtaken by time and by what its proof is worth.
fn overtaken(
    run: &PatchRun,
    circumstances: Circumstances<'_>,
    at: DateTime<Utc>,
) -> Option<RunEvent> {
    let void = |why, replan| Some(RunEvent::Voided { why, replan, at });
    if run.phase == Phase::Waiting && at >= run.expires_at() {
        return Some(RunEvent::Expired { at });
    }
    if run.plan.window.as_ref().is_some_and(|window| at > window.last_start) {
        return void(VoidReason::WindowMissed, false);
    }
    match pin_stands(&run.plan.pin, circumstances.before) {
        PinStands::Yes | PinStands::Waits => None,
        PinStands::NowProven(by) => void(VoidReason::NowProven { by }, true),
        PinStands::Gone(why) => void(VoidReason::ProofGone(why), false),
    }
}

fn running(run: &PatchRun, circumstances: Circumstances<'_>, now: DateTime<Utc>) -> Vec<RunEvent> {
    let overdue =
        run.dispatches.values().find_map(|dispatch| late(run, dispatch, circumstances.token, now));
    if let Some(event) = overdue {
        return vec![event];
    }
    if circumstances.brake.pulled.is_some() {
        return Vec::new();
    }
    if let Some(event) = window_closed(run, circumstances.token, now) {
        return vec![event];
    }
    let again: Vec<RunEvent> = run
        .step()
        .into_iter()
        .flat_map(|(wave, _)| {
            [Operation::Install, Operation::Scan]
                .into_iter()
                .flat_map(move |op| run.latest(wave, op))
        })
        .filter(|dispatch| matches!(dispatch.status, DispatchStatus::Abandoned { .. }))
        .map(|dispatch| {
            let id = PatchRun::next_attempt(&dispatch.id);
            intend(run, id, dispatch.nodes.clone(), circumstances.token, now)
        })
        .collect();
    if !again.is_empty() {
        return again;
    }
    match run.step() {
        Some((wave, Step::ToInstall)) => cleared(run, wave, circumstances, now, || {
            intend_all(run, wave, Operation::Install, circumstances.token, now)
        }),
        Some((wave, Step::ToScan)) if run.plan.only_scans() => {
            cleared(run, wave, circumstances, now, || {
                intend_all(run, wave, Operation::Scan, circumstances.token, now)
            })
        }
        Some((wave, Step::ToScan)) => {
            intend_all(run, wave, Operation::Scan, circumstances.token, now)
        }
        Some((wave, Step::Judged)) => vec![after_wave(run, wave, now)],
        Some((_, Step::Installing | Step::Scanning | Step::Judging)) | None => Vec::new(),
    }
}

/// What is `next` when nothing is in the way of `wave`, by a look that is still good. A run of
/// ours may have begun on the same nodes since that look: it is asked for at this very moment, so
/// that of two runs one always sees the other.
fn cleared(
    run: &PatchRun,
    wave: u32,
    circumstances: Circumstances<'_>,
    now: DateTime<Utc>,
    next: impl FnOnce() -> Vec<RunEvent>,
) -> Vec<RunEvent> {
    if !run.is_cleared(wave, now) {
        return Vec::new();
    }
    match circumstances.others {
        [] => next(),
        others => held_up(run, wave, others.to_vec(), now).into_iter().collect(),
    }
}

/// An Install that is not sent when the window closes is not sent at all: not after a stop, not
/// after AWS had no room, not on somebody's word that an earlier attempt was never sent.
fn window_closed(run: &PatchRun, token: u64, at: DateTime<Utc>) -> Option<RunEvent> {
    let window = run.plan.window.as_ref().filter(|window| at > window.last_start)?;
    let (wave, step) = run.step()?;
    let unsent = |dispatch: &&Dispatch| match dispatch.status {
        DispatchStatus::Abandoned { .. } => true,
        // A send that was begun in time is given time to have its answer.
        DispatchStatus::Intended => dispatch.token == token && at > window.last_start + IN_FLIGHT,
        DispatchStatus::Sent { .. }
        | DispatchStatus::Uncertain { .. }
        | DispatchStatus::Ended { .. }
        | DispatchStatus::Refused { .. } => false,
    };
    let held_up =
        run.latest(wave, Operation::Install).into_iter().any(|dispatch| unsent(&dispatch));
    let closed = step == Step::ToInstall || held_up;
    closed.then_some(RunEvent::Halted { why: HaltReason::WindowClosed { wave }, at })
}

/// What running out of patience with a dispatch leads to.
fn late(run: &PatchRun, dispatch: &Dispatch, token: u64, at: DateTime<Utc>) -> Option<RunEvent> {
    let id = dispatch.id.clone();
    let overdue = run.deadline(dispatch).is_some_and(|deadline| at >= deadline);
    match &dispatch.status {
        DispatchStatus::Intended if dispatch.token != token => {
            let why = "patchbot was restarted between deciding to send it and hearing from AWS"
                .to_owned();
            Some(RunEvent::BecameUncertain { id, why, at })
        }
        DispatchStatus::Sent { .. } if overdue => Some(RunEvent::Ended { id, at }),
        DispatchStatus::Uncertain { person_asked: false, .. } if overdue => {
            Some(match id.operation {
                Operation::Install => RunEvent::PersonAsked { id, at },
                // To scan twice does no harm.
                Operation::Scan => {
                    let reason = "it did not appear at AWS; a scan can be sent again".to_owned();
                    RunEvent::Abandoned { id, by: None, reason, at }
                }
            })
        }
        DispatchStatus::Intended
        | DispatchStatus::Sent { .. }
        | DispatchStatus::Uncertain { .. }
        | DispatchStatus::Ended { .. }
        | DispatchStatus::Refused { .. }
        | DispatchStatus::Abandoned { .. } => None,
    }
}

fn intend_all(
    run: &PatchRun,
    wave: u32,
    operation: Operation,
    token: u64,
    at: DateTime<Utc>,
) -> Vec<RunEvent> {
    run.chunks(wave, operation)
        .into_iter()
        .zip(0..)
        .map(|(nodes, chunk)| {
            intend(run, DispatchId { wave, operation, chunk, attempt: 1 }, nodes, token, at)
        })
        .collect()
}

fn intend(
    run: &PatchRun,
    id: DispatchId,
    nodes: Vec<NodeId>,
    token: u64,
    at: DateTime<Utc>,
) -> RunEvent {
    let snapshot = snapshot_id(run, &id);
    RunEvent::Intended { id, snapshot, nodes, token, at }
}

fn after_wave(run: &PatchRun, wave: u32, at: DateTime<Utc>) -> RunEvent {
    let nodes: Vec<NodeId> = run
        .plan
        .waves
        .get(wave as usize)
        .into_iter()
        .flatten()
        .map(|node| node.id.clone())
        .filter(|id| !run.is_left_out(id))
        .filter(|id| !run.verdicts.get(id).is_some_and(Verdict::is_good))
        .collect();
    let next = wave + 1;
    let last = next as usize >= run.plan.waves.len();
    if nodes.len() > run.plan.error_budget as usize && !last {
        return RunEvent::Halted { why: HaltReason::OverBudget { wave, nodes }, at };
    }
    if last {
        return RunEvent::Finished { at };
    }
    if run.plan.window.as_ref().is_some_and(|window| at > window.last_start) {
        return RunEvent::Halted { why: HaltReason::WindowClosed { wave: next }, at };
    }
    RunEvent::WaveStarted { wave: next, at }
}
