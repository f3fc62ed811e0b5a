//! Decides what follows from an input to a run: events, or a refusal. This is the only place that
//! holds the rules of a run.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::fleet::agent::LookupResults;
use crate::fleet::listing::Listing;
use crate::fleet::node::{InvocationStatus, Invocations, NodeId, NodePatchState};
use crate::id::{Actor, DispatchId, Operation};
use crate::plan::PatchPlan;
use crate::plan::proven::Proven;
use crate::reason::Reason;
use crate::refusal::Refusal;
use crate::run::guard::{ensure_can_reject, ensure_can_vote, waits};
use crate::run::input::{RunContext, RunInput};
use crate::run::judge::judge;
use crate::run::lookups::rescan_overwritten;
use crate::run::narrow::narrow;
use crate::run::preflight::looked;
use crate::run::tick::tick;
use crate::run::wrong_account::identified;
use crate::run::{
    DispatchEvent, DispatchStatus, PatchRun, Phase, RunEvent, Step, UnknownWhy, Verdict,
    VoidReason, Vote, WhyAbandoned, WhyUncertain, stopping, uncertain,
};
use crate::window::WindowSeen;

/// Decides what follows from `request`. An empty list means that, correctly, nothing does.
pub fn decide(
    run: &PatchRun,
    request: &RunInput,
    context: RunContext<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<RunEvent>, Refusal> {
    match request {
        RunInput::Approve { actor, digest } => approve(run, actor, digest, context, now),
        RunInput::Reject { actor, digest, reason } => {
            ensure_can_reject(run, actor, digest, context.policy)?;
            Ok(vec![RunEvent::Rejected { reason: Reason::parse(reason)? }])
        }
        RunInput::Withdraw { actor } => {
            waits(run, true)?;
            if run.voted_at(&actor.person).is_none() {
                return Err(Refusal::NoVote { run: run.id.clone() });
            }
            Ok(vec![RunEvent::Withdrawn])
        }
        RunInput::NotSent { actor, dispatch, reason } => {
            uncertain::not_sent(run, actor, dispatch, reason, context.policy)
        }
        RunInput::Adopt { actor, dispatch, command, reason, found } => {
            let told = (command.as_str(), found.as_ref());
            uncertain::adopt(run, actor, dispatch, told, reason, context.policy)
        }
        RunInput::Stop { actor, reason } => stopping::stop(run, actor, reason, context.policy),
        RunInput::Tick => Ok(tick(run, context, now)),
        RunInput::Replanned { run: new } => {
            Ok(only_if(matches!(run.phase, Phase::Voided { replan: true, .. }), || {
                RunEvent::Replanned { run: new.clone() }
            }))
        }
        RunInput::Rechecked { plan, windows } => Ok(recheck(run, plan, windows, now)),
        RunInput::WindowSeen { windows } => {
            Ok(window_changed(run, windows, now).into_iter().collect())
        }
        RunInput::Identified { wrong } => Ok(identified(run, wrong.as_ref())),
        RunInput::Preflight { wave, seen } => Ok(looked(run, *wave, seen, context.others, now)),
        RunInput::ListPublished => Ok(only_if(
            matches!(run.phase, Phase::Approved { .. }) && run.list_published_at.is_none(),
            || RunEvent::ListPublished,
        )),
        RunInput::Sent { dispatch, command } => Ok(only_if(
            unanswered(run, dispatch)
                || matches!(status(run, dispatch), Some(DispatchStatus::Ran { .. })),
            || {
                let command = command.clone();
                happens(dispatch, DispatchEvent::Sent { command, adopted: false })
            },
        )),
        RunInput::Reconciled { dispatch, commands, reported } => {
            Ok(uncertain::reconciled(run, dispatch, commands, reported))
        }
        RunInput::DispatchAbandoned { dispatch } => Ok(only_if(
            run.is_stopping()
                && dispatch.operation.is_install()
                && status(run, dispatch) == Some(&DispatchStatus::Intended),
            || happens(dispatch, DispatchEvent::Abandoned { why: WhyAbandoned::CalledOff }),
        )),
        RunInput::SendRefused { dispatch, why, blame } => {
            let known = run.dispatches.get(dispatch).filter(|_| unanswered(run, dispatch));
            Ok(known.map_or_else(Vec::new, |known| {
                let left_out = narrow(&known.nodes, blame).left_out;
                let refused = DispatchEvent::SendRefused { why: why.clone(), left_out };
                vec![happens(dispatch, refused)]
            }))
        }
        RunInput::SendUncertain { dispatch, why } => {
            Ok(only_if(status(run, dispatch) == Some(&DispatchStatus::Intended), || {
                happens(
                    dispatch,
                    DispatchEvent::BecameUncertain { why: WhyUncertain::Failed(why.clone()) },
                )
            }))
        }
        RunInput::Heard { dispatch, invocations } => Ok(heard(run, dispatch, invocations)),
        RunInput::OutputsRead { dispatch, outputs } => {
            let known = run.dispatches.get(dispatch).filter(|_| run.wave().is_some());
            Ok(only_if(known.is_some_and(|known| !run.outputs_wanted(known).is_empty()), || {
                happens(dispatch, DispatchEvent::OutputsRead { outputs: outputs.clone() })
            }))
        }
        RunInput::CancelAsked { dispatch } => Ok(only_if(
            matches!(status(run, dispatch), Some(DispatchStatus::Sent { .. }))
                && run.dispatches.get(dispatch).is_some_and(|sent| sent.cancel_asked_at.is_none()),
            || happens(dispatch, DispatchEvent::CancelAsked),
        )),
        RunInput::AgentsSeen { dispatch, agents } => {
            let in_vain = run
                .dispatches
                .get(dispatch)
                .is_some_and(|known| run.waits_in_vain(known, agents, now));
            Ok(only_if(in_vain, || happens(dispatch, DispatchEvent::Ended)))
        }
        RunInput::States { states, lookup_results } => {
            Ok(judged(run, states, lookup_results, context.token, now))
        }
    }
}

fn approve(
    run: &PatchRun,
    actor: &Actor,
    digest: &str,
    context: RunContext<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<RunEvent>, Refusal> {
    ensure_can_vote(run, actor, digest, context.before, context.policy, now)?;
    let groups = actor.groups.clone();
    let voted = RunEvent::Voted { groups: groups.clone(), digest: run.digest.clone() };
    let mut with_it = run.clone();
    with_it.votes.insert(actor.person.clone(), Vote { groups, at: now });
    let mut events = vec![voted];
    if with_it.has_its_votes(context.policy) {
        events.push(RunEvent::Approved);
    }
    Ok(events)
}

fn recheck(
    run: &PatchRun,
    fresh: &PatchPlan,
    windows: &[WindowSeen],
    at: DateTime<Utc>,
) -> Vec<RunEvent> {
    if !may_be_void(run) {
        return Vec::new();
    }
    if let Some(voided) = window_changed(run, windows, at) {
        return vec![voided];
    }
    match run.plan.drift(fresh).filter(|_| !run.plan.may_shrink_to(fresh)) {
        Some(drift) => vec![RunEvent::Voided { why: VoidReason::Drifted(drift), replan: true }],
        None => only_if(run.phase != Phase::Waiting, || RunEvent::Rechecked),
    }
}

/// Whether votes may be void: nothing was sent yet, and votes were given or are still possible.
fn may_be_void(run: &PatchRun) -> bool {
    matches!(run.phase, Phase::Waiting | Phase::Approved { .. })
}

/// Voids the votes if the maintenance window has changed since they were given.
fn window_changed(run: &PatchRun, windows: &[WindowSeen], at: DateTime<Utc>) -> Option<RunEvent> {
    let changes = run.plan.window_changes(windows, false, at).filter(|_| may_be_void(run))?;
    Some(RunEvent::Voided { why: VoidReason::WindowChanged { changes }, replan: true })
}

/// An event of a dispatch.
fn happens(id: &DispatchId, event: DispatchEvent) -> RunEvent {
    RunEvent::Dispatch(id.clone(), event)
}

/// One event if the condition holds, otherwise none.
fn only_if(condition: bool, event: impl FnOnce() -> RunEvent) -> Vec<RunEvent> {
    if condition { vec![event()] } else { Vec::new() }
}

/// The status of a dispatch while the run is under way; `None` afterwards, because a late answer to
/// a finished one is no news.
fn status<'a>(run: &'a PatchRun, id: &DispatchId) -> Option<&'a DispatchStatus> {
    run.dispatches.get(id).filter(|_| run.wave().is_some()).map(|dispatch| &dispatch.status)
}

/// Whether a dispatch still waits for the answer to its SendCommand: only the first answer counts.
fn unanswered(run: &PatchRun, id: &DispatchId) -> bool {
    matches!(status(run, id), Some(DispatchStatus::Intended | DispatchStatus::Uncertain { .. }))
}

fn heard(run: &PatchRun, id: &DispatchId, invocations: &Invocations) -> Vec<RunEvent> {
    let Some(dispatch) = run.dispatches.get(id) else {
        return Vec::new();
    };
    if !matches!(status(run, id), Some(DispatchStatus::Sent { .. })) {
        return Vec::new();
    }
    // The lists of AWS lag: an older status does not replace the final status of a node.
    let is_news = |node: &NodeId, status: &InvocationStatus| {
        let known = dispatch.invocations.get(node);
        let older = known.is_some_and(|known| known.is_final()) && !status.is_final();
        dispatch.nodes.contains(node) && known != Some(status) && !older
    };
    let news: Invocations = invocations
        .iter()
        .filter(|(node, status)| is_news(node, status))
        .map(|(node, status)| (node.clone(), *status))
        .collect();
    let mut known = dispatch.invocations.clone();
    known.extend(news.clone());
    let mut events = Vec::new();
    if !news.is_empty() {
        events.push(happens(id, DispatchEvent::Heard { invocations: news }));
    }
    let all_final =
        dispatch.nodes.iter().all(|node| known.get(node).is_some_and(|status| status.is_final()));
    if all_final {
        events.push(happens(id, DispatchEvent::Ended));
    }
    events
}

fn judged(
    run: &PatchRun,
    states: &BTreeMap<NodeId, NodePatchState>,
    lookup_results: &LookupResults,
    token: u64,
    now: DateTime<Utc>,
) -> Vec<RunEvent> {
    let Some((wave, Step::Judging)) = run.step() else {
        return Vec::new();
    };
    let last = run.last_of(wave, Operation::Scan);
    let refused = run.refused(wave, Operation::Install);
    let mut verdicts = BTreeMap::new();
    for node in &run.unjudged(wave, run.is_stopping()) {
        let verdict = match last.get(node) {
            Some(scan) => judge(run, node, scan, states.get(node), lookup_results, now),
            // Nodes whose Install AWS refused were not touched.
            None => refused.get(node).map(|why| {
                let why = Box::new((*why).clone());
                Verdict::Unknown(UnknownWhy::Refused { why })
            }),
        };
        verdicts.extend(verdict.map(|verdict| (node.clone(), verdict)));
    }
    let scans = run.latest(wave, Operation::Scan);
    let again = rescan_overwritten(run, &scans, &mut verdicts, token);
    let mut events = only_if(!verdicts.is_empty(), || {
        let proven = proven_by(run, &verdicts, lookup_results);
        RunEvent::Judged { wave, verdicts, proven }
    });
    events.extend(again);
    events
}

/// What the nodes that were just judged compliant prove, as far as it is new.
fn proven_by(
    run: &PatchRun,
    verdicts: &BTreeMap<NodeId, Verdict>,
    lookup_results: &LookupResults,
) -> Proven {
    let mut proven = Proven::default();
    for node in run.plan.nodes() {
        if verdicts.get(&node.id).is_some_and(Verdict::proves) {
            let listing = lookup_results.listings.get(&node.id);
            let installed = listing.and_then(Listing::installed);
            proven.merge(&Proven::of_node(&node.id, &node.system, installed));
        }
    }
    run.proven.news(&proven)
}
