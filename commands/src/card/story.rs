//! What the thread under a run's card tells, a line for each thing that happened.

use crate::card::run::{name, names, outcome, overlaps, stranger, unread, void};
use crate::card::words::{Words, join};
use crate::node::NodeId;
use crate::run::{HaltReason, Operation, Outputs, PatchRun, RunEvent};
use crate::text::{Span, Text, TimeStyle};
use crate::wording::{Args, Locale};

/// How many nodes a line names.
pub(super) const SHOWN: usize = 8;

/// The lines of `run`'s thread so far, in their order. A line never changes once it is there.
pub fn story(run: &PatchRun, locale: Locale) -> Vec<Text> {
    run.story.iter().map(|event| line(run, event, Words(locale))).collect()
}

fn line(run: &PatchRun, event: &RunEvent, words: Words) -> Text {
    let none = Args::new();
    match event {
        RunEvent::Voted { by, .. } => {
            words.say("story-voted", &none.person("who", by).code("digest", run.digest.short()))
        }
        RunEvent::Withdrawn { by, .. } => words.say("story-withdrawn", &none.person("who", by)),
        RunEvent::Rejected { by, reason, .. } => words.say(
            "story-rejected",
            &none.person("who", by).text("reason", reason).person("requester", &run.requester),
        ),
        RunEvent::Expired { .. } => {
            words.say("story-expired", &none.person("requester", &run.requester))
        }
        RunEvent::Voided { why, .. } => {
            words.say("story-voided", &none.rich("why", void(run, why, words)))
        }
        RunEvent::Replanned { run: Some(new), .. } => {
            words.say("story-replanned", &none.text("run", new.to_string()))
        }
        RunEvent::Replanned { run: None, .. } => words.say("story-not-replanned", &none),
        RunEvent::Approved { .. } => words.say(
            "story-approved",
            &none
                .person("requester", &run.requester)
                .time("starts", run.starts_at(), TimeStyle::DateTime)
                .number("waits", i64::from(run.plan.window.is_some())),
        ),
        RunEvent::WaveStarted { wave, .. } => words.say(
            "story-wave",
            &none
                .number("wave", i64::from(*wave) + 1)
                .number("waves", run.plan.waves.len() as i64)
                .rich(
                    "nodes",
                    names(
                        run,
                        run.plan
                            .waves
                            .get(*wave as usize)
                            .into_iter()
                            .flatten()
                            .map(|node| &node.id)
                            .filter(|id| !was_left_out(run, id, event)),
                        SHOWN,
                        words,
                    ),
                ),
        ),
        RunEvent::Sent { id, command, .. } => words.say(
            "story-adopted",
            &none.rich("dispatch", words.dispatch(id)).code("command", command),
        ),
        RunEvent::SendRefused { id, why, left_out, .. } => {
            let all = run.dispatches.get(id).map_or(0, |dispatch| dispatch.nodes.len());
            words.say(
                "story-refused",
                &none
                    .rich("dispatch", words.dispatch(id))
                    .text("why", why)
                    .rich("nodes", names(run, left_out, SHOWN, words))
                    .number("rest", all.saturating_sub(left_out.len()) as i64),
            )
        }
        RunEvent::HeldBack { wave, nodes, .. } => words.say(
            "story-held-back",
            &none
                .number("wave", i64::from(*wave) + 1)
                .number("budget", i64::from(run.plan.error_budget))
                .rich("nodes", names(run, nodes, SHOWN, words)),
        ),
        RunEvent::BecameUncertain { id, why, .. } => words
            .say("story-uncertain", &none.rich("dispatch", words.dispatch(id)).text("why", why)),
        RunEvent::PersonAsked { id, .. } => words.say(
            "story-asked",
            &none
                .rich("dispatch", words.dispatch(id))
                .rich("approvers", words.approvers(&run.policy.voters(&run.requester))),
        ),
        RunEvent::Abandoned { id, by: Some(by), reason, .. } => words.say(
            "story-not-sent",
            &none.rich("dispatch", words.dispatch(id)).person("who", by).text("reason", reason),
        ),
        RunEvent::Abandoned { id, by: None, .. } => {
            let story = match id.operation {
                Operation::Install => "story-withdrawn-install",
                Operation::Scan => "story-scan-again",
            };
            words.say(story, &none.rich("dispatch", words.dispatch(id)))
        }
        RunEvent::Adopted { id, command, by, reason, .. } => words.say(
            "story-adopted-by",
            &none
                .rich("dispatch", words.dispatch(id))
                .code("command", command)
                .person("who", by)
                .text("reason", reason),
        ),
        RunEvent::Doubled { id, commands, .. } => {
            let others = commands.iter().map(|command| Text(vec![Span::Code(command.clone())]));
            words.say(
                "story-doubled",
                &none
                    .rich("dispatch", words.dispatch(id))
                    .number("commands", commands.len() as i64 + 1)
                    .rich("others", join(others, words.separator()))
                    .rich("approvers", words.approvers(&run.policy.approvers)),
            )
        }
        RunEvent::Forgotten { id, .. } => words.say(
            "story-forgotten",
            &none
                .rich("dispatch", words.dispatch(id))
                .rich("approvers", words.approvers(&run.policy.voters(&run.requester))),
        ),
        RunEvent::Ran { id, nodes, .. } => {
            let all = run.dispatches.get(id).map_or(0, |dispatch| dispatch.nodes.len());
            words.say(
                "story-ran",
                &none
                    .rich("dispatch", words.dispatch(id))
                    .number("nodes", nodes.len() as i64)
                    .number("all", all as i64),
            )
        }
        RunEvent::GivenUp { id, .. } => {
            words.say("story-given-up", &none.rich("dispatch", words.dispatch(id)))
        }
        RunEvent::CalledOff { why, .. } => {
            words.say("story-called-off", &none.rich("why", called_off(run, why, words)))
        }
        RunEvent::Halted { .. } if was_called_off(run) => {
            let untouched = run.untouched();
            words.say(
                "story-ended",
                &none
                    .person("requester", &run.requester)
                    .number("judged", run.verdicts.len() as i64)
                    .number("good", run.compliant() as i64)
                    .number("untouched", untouched.len() as i64),
            )
        }
        RunEvent::Halted { why, .. } => called_off(run, why, words),
        RunEvent::CancelAsked { id, .. } => {
            words.say("story-cancel", &none.rich("dispatch", words.dispatch(id)))
        }
        RunEvent::Overwritten { id, by, nodes, .. } => words.say(
            "story-overwritten",
            &none
                .rich("dispatch", words.dispatch(id))
                .rich("nodes", names(run, nodes, SHOWN, words))
                .rich("who", stranger(by.as_ref(), words)),
        ),
        RunEvent::Judged { wave, verdicts, .. } => judged(run, *wave, verdicts, none, words),
        RunEvent::Closed { wrong, .. } => {
            words.say("story-closed", &none.rich("wrong", words.wrong_account(wrong)))
        }
        RunEvent::Reopened { .. } => {
            words.say("story-reopened", &none.text("account", &run.plan.account))
        }
        RunEvent::OutputsRead { outputs, .. } => match outputs {
            Outputs::Read(faults) => unread(run, faults, words).unwrap_or_default(),
            Outputs::Denied => words.say("outputs-denied", &none),
        },
        RunEvent::HeldUp { wave, by, more, .. } => {
            let mut found = Text::line_break();
            found.append(overlaps(by, *more, words));
            let args = none.number("wave", i64::from(*wave) + 1);
            words.say("story-held-up", &args.rich("overlaps", found))
        }
        RunEvent::Cleared { wave, silent, waited, .. } => {
            cleared(run, *wave, silent, *waited, words)
        }
        RunEvent::LeftOut { wave, nodes, .. } => {
            let gone = nodes.iter().map(|(node, why)| (node, *why));
            let args = none.number("wave", i64::from(*wave) + 1);
            words.say("story-left-out", &args.rich("nodes", words.gone(run, gone)))
        }
        RunEvent::Finished { .. } => words.say(
            "story-finished",
            &none
                .person("requester", &run.requester)
                .number("compliant", run.compliant() as i64)
                .number("nodes", run.node_count() as i64)
                .number("left", run.nodes_left_out().count() as i64),
        ),
        // Not told: the card itself shows these.
        RunEvent::Proposed { .. }
        | RunEvent::Rechecked { .. }
        | RunEvent::ListPublished { .. }
        | RunEvent::Intended { .. }
        | RunEvent::Searched { .. }
        | RunEvent::Reported { .. }
        | RunEvent::Heard { .. }
        | RunEvent::Ended { .. } => Text::default(),
    }
}

/// That nothing is in the way of a wave any more, and which of its nodes are not sent to.
fn cleared(run: &PatchRun, wave: u32, silent: &[NodeId], waited: bool, words: Words) -> Text {
    let args = || Args::new().number("wave", i64::from(wave) + 1);
    let mut lines = Vec::new();
    if waited {
        lines.push(words.say("story-cleared", &args()));
    }
    if !silent.is_empty() {
        let args = args().number("count", silent.len() as i64);
        lines
            .push(words.say("story-silent", &args.rich("nodes", names(run, silent, SHOWN, words))));
    }
    join(lines, Text::line_break())
}

/// Whether something was still under way when it was called off: then its end is told as well.
fn was_called_off(run: &PatchRun) -> bool {
    run.story.iter().any(|event| matches!(event, RunEvent::CalledOff { .. }))
}

pub(super) fn called_off(run: &PatchRun, why: &HaltReason, words: Words) -> Text {
    let of_wave = |wave: u32| Args::new().number("wave", i64::from(wave) + 1);
    let counts = |wave: u32, nodes: &[NodeId]| {
        of_wave(wave)
            .number("bad", nodes.len() as i64)
            .number("budget", i64::from(run.plan.error_budget))
            .rich("nodes", names(run, nodes, SHOWN, words))
    };
    match why {
        HaltReason::OverBudget { wave, nodes } => {
            words.say("story-over-budget", &counts(*wave, nodes))
        }
        HaltReason::InstallsFailed { wave, nodes } => {
            words.say("story-installs-failed", &counts(*wave, nodes))
        }
        HaltReason::WindowClosed { wave } => words.say("story-window-closed", &of_wave(*wave)),
        HaltReason::WindowChanged { wave, changes } => {
            let wave = i64::from(*wave) + 1;
            words.say("story-window-changed", &words.window_changes(changes).number("wave", wave))
        }
        HaltReason::NodesGone { wave, nodes } => {
            let gone = nodes.iter().map(|(node, why)| (node, *why));
            let args = of_wave(*wave).rich("nodes", words.gone(run, gone));
            words.say("story-nodes-gone", &args)
        }
        HaltReason::Stopped { by, reason } => {
            words.say("story-stopped", &Args::new().person("who", by).text("reason", reason))
        }
    }
}

/// Whether a node had been left out when `event` happened.
fn was_left_out(run: &PatchRun, node: &NodeId, event: &RunEvent) -> bool {
    run.story.iter().any(|earlier| {
        earlier.at() <= event.at()
            && (matches!(earlier, RunEvent::LeftOut { nodes, .. } if nodes.contains_key(node))
                || matches!(earlier, RunEvent::Cleared { silent, .. } if silent.contains(node)))
    })
}

fn judged(
    run: &PatchRun,
    wave: u32,
    verdicts: &std::collections::BTreeMap<NodeId, crate::run::Verdict>,
    args: Args,
    words: Words,
) -> Text {
    let good = verdicts.values().filter(|verdict| verdict.proves()).count();
    let planned = verdicts.values().filter(|verdict| verdict.is_good()).count() - good;
    let mut text = words.say(
        "story-judged",
        &args
            .number("wave", i64::from(wave) + 1)
            .number("good", good as i64)
            .number("planned", planned as i64)
            .number("all", verdicts.len() as i64),
    );
    for (node, verdict) in verdicts.iter().filter(|(_, verdict)| !verdict.is_good()).take(10) {
        text.append(Text::line_break());
        let result = outcome(run, node, verdict, words);
        let node = name(run, node, words);
        text.append(
            words.say("story-bad-node", &Args::new().rich("node", node).rich("result", result)),
        );
    }
    text
}
