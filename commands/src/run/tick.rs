//! What time alone brings about: plans expire, approved ones start, waves follow each other, and
//! deadlines pass.

use chrono::{DateTime, TimeDelta, Utc};

use crate::fleet::node::NodeId;
use crate::id::Operation;
use crate::plan::Pin;
use crate::run::budget::{installs, overdrawn, parts};
use crate::run::input::RunContext;
use crate::run::intent::{intend_scans, intend_scans_again, request_stop};
use crate::run::overdue::late;
use crate::run::preflight::held_up;
use crate::run::proof::{PinStands, pin_stands};
use crate::run::{
    Dispatch, DispatchStatus, PatchRun, Phase, RunEvent, Step, StopReason, Verdict, VoidReason,
    stopping,
};

/// Longer than any call to AWS takes.
const IN_FLIGHT: TimeDelta = TimeDelta::minutes(2);

/// What time alone brings about, one step at a time: the caller ticks until nothing follows.
pub(super) fn tick(run: &PatchRun, context: RunContext<'_>, now: DateTime<Utc>) -> Vec<RunEvent> {
    match &run.phase {
        Phase::Waiting | Phase::Approved { .. } => {
            if let Some(event) = overtaken(run, context, now) {
                return vec![event];
            }
            let ready = matches!(run.phase, Phase::Approved { .. })
                && !context.emergency_stop.is_active()
                && now >= run.starts_at()
                && !run.needs_recheck(now)
                && (run.list_published_at.is_some()
                    || run.plan.only_scans()
                    || matches!(run.plan.pin, Pin::First));
            if ready {
                cleared(run, 0, context, now, || vec![RunEvent::WaveStarted { wave: 0 }])
            } else {
                Vec::new()
            }
        }
        Phase::Running { .. } => running(run, context, now),
        Phase::Stopping { why, .. } => stopping::tick(run, why, context, now),
        Phase::Finished { .. }
        | Phase::Stopped { .. }
        | Phase::Rejected { .. }
        | Phase::Expired { .. }
        | Phase::Voided { .. } => Vec::new(),
    }
}

/// How time, or the state of its proof, overtakes a plan that has not started.
fn overtaken(run: &PatchRun, context: RunContext<'_>, at: DateTime<Utc>) -> Option<RunEvent> {
    let void = |why, replan| Some(RunEvent::Voided { why, replan });
    if run.phase == Phase::Waiting && at >= run.expires_at() {
        return Some(RunEvent::Expired);
    }
    if run.plan.window.as_ref().is_some_and(|window| at > window.last_start) {
        return void(VoidReason::WindowMissed, false);
    }
    if matches!(run.phase, Phase::Approved { .. }) && !run.has_its_votes(context.policy) {
        let voters = u32::try_from(run.voters(context.policy)).unwrap_or(u32::MAX);
        let quorum = run.decided_under(context.policy).quorum.max(1);
        return void(VoidReason::TooFewVotes { voters, quorum }, context.policy.policy.is_some());
    }
    match pin_stands(&run.plan.pin, context.before) {
        PinStands::Yes | PinStands::Waits => None,
        PinStands::NowProven(by) => void(VoidReason::NowProven { by }, true),
        PinStands::Gone(why) => void(VoidReason::ProofGone(why), false),
    }
}

fn running(run: &PatchRun, context: RunContext<'_>, now: DateTime<Utc>) -> Vec<RunEvent> {
    let token = context.token;
    if let Some(event) = late(run, token, now) {
        return vec![event];
    }
    if let Some(why) = overdrawn(run) {
        return vec![request_stop(run, why)];
    }
    if context.emergency_stop.is_active() {
        return Vec::new();
    }
    if let Some(why) = window_closed(run, token, now) {
        return vec![request_stop(run, why)];
    }
    if run.closed.is_some() {
        return Vec::new();
    }
    match run.step() {
        Some((wave, Step::ToInstall | Step::Installing)) => {
            // A wave is sent in parts, as the concurrency limit allows; each part needs a preflight
            // check.
            if parts(run, wave).is_empty() {
                return Vec::new();
            }
            cleared(run, wave, context, now, || installs(run, wave, context))
        }
        Some((wave, Step::ToScan)) if run.plan.only_scans() => {
            cleared(run, wave, context, now, || intend_scans(run, wave, token))
        }
        Some((wave, Step::ToScan)) => {
            let mut events = held_back(run, wave);
            events.extend(intend_scans(run, wave, token));
            events
        }
        Some((wave, Step::Scanning)) => intend_scans_again(run, wave, token),
        Some((wave, Step::Judged)) => vec![after_wave(run, wave, now)],
        Some((_, Step::Judging)) | None => Vec::new(),
    }
}

/// Returns `next` if a check that is still valid found nothing in the way of `wave`. Another run of
/// ours may have begun on the same nodes since that check, so we ask for that at this very moment:
/// of two runs, one always sees the other.
fn cleared(
    run: &PatchRun,
    wave: u32,
    context: RunContext<'_>,
    now: DateTime<Utc>,
    next: impl FnOnce() -> Vec<RunEvent>,
) -> Vec<RunEvent> {
    if !run.is_cleared(wave, now) {
        return Vec::new();
    }
    match context.others {
        [] => next(),
        others => held_up(run, wave, others.to_vec()).into_iter().collect(),
    }
}

/// An Install that is not sent when the window closes is never sent: not after a stop, not after
/// AWS's rate limit, and not because a person said that an earlier attempt was never sent.
fn window_closed(run: &PatchRun, token: u64, at: DateTime<Utc>) -> Option<StopReason> {
    let window = run.plan.window.as_ref().filter(|window| at > window.last_start)?;
    let wave = run.wave()?;
    let unsent = |dispatch: &Dispatch| match dispatch.status {
        DispatchStatus::Abandoned { .. } => true,
        // A call that began in time gets time for its answer.
        DispatchStatus::Intended => dispatch.token == token && at > window.last_start + IN_FLIGHT,
        DispatchStatus::Sent { .. }
        | DispatchStatus::Ran { .. }
        | DispatchStatus::Uncertain { .. }
        | DispatchStatus::Ended { .. }
        | DispatchStatus::Refused { .. }
        | DispatchStatus::GivenUp { .. } => false,
    };
    let closed = !run.uninstalled(wave).is_empty()
        || !run.narrowed(wave, Operation::Install).is_empty()
        || run.latest(wave, Operation::Install).into_iter().any(unsent);
    closed.then_some(StopReason::WindowClosed { wave })
}

/// Holds back the unsent rest until the following scans.
fn held_back(run: &PatchRun, wave: u32) -> Vec<RunEvent> {
    if !run.has_unsent(wave) {
        return Vec::new();
    }
    vec![RunEvent::HeldBack { wave, nodes: run.to_scan(wave, false) }]
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
        return RunEvent::Stopped { why: StopReason::OverBudget { wave, nodes } };
    }
    if last {
        return RunEvent::Finished;
    }
    if run.plan.window.as_ref().is_some_and(|window| at > window.last_start) {
        return RunEvent::Stopped { why: StopReason::WindowClosed { wave: next } };
    }
    RunEvent::WaveStarted { wave: next }
}
