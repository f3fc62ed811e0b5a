//! The thread below the card of a run, one line for each reported event.

use crate::fleet::node::NodeId;
use crate::id::{DispatchId, Principal};
use crate::recorded::Recorded;
use crate::run::{DispatchEvent, Outputs, PatchRun, RunEvent, StopReason, WhyAbandoned};
use crate::text::wording::{Args, Locale};
use crate::text::{Span, Text, TimeStyle};
use crate::view::run::{foreign_scan, name, names, outcome, overlaps, unread, void, why_uncertain};
use crate::view::words::{Words, join};

/// The most nodes that a line names.
pub(super) const SHOWN: usize = 8;

/// The lines of `run`'s thread so far, in order. A posted line never changes.
pub fn thread(run: &PatchRun, locale: Locale) -> Vec<Text> {
    run.history.iter().map(|recorded| line(run, recorded, Words(locale))).collect()
}

fn line(run: &PatchRun, recorded: &Recorded<RunEvent>, words: Words) -> Text {
    let none = Args::new();
    let by = recorded.by.as_ref();
    match &recorded.event {
        RunEvent::Voted { .. } => words.say(
            "story-voted",
            &none.rich("who", words.author(by)).code("digest", run.digest.short()),
        ),
        RunEvent::Withdrawn => words.say("story-withdrawn", &none.rich("who", words.author(by))),
        RunEvent::Rejected { reason } => words.say(
            "story-rejected",
            &none
                .rich("who", words.author(by))
                .text("reason", reason)
                .person("requester", &run.requester),
        ),
        RunEvent::Expired => words.say("story-expired", &none.person("requester", &run.requester)),
        RunEvent::Voided { why, .. } => {
            words.say("story-voided", &none.rich("why", void(run, why, words)))
        }
        RunEvent::Replanned { run: Some(new), .. } => {
            words.say("story-replanned", &none.text("run", new.to_string()))
        }
        RunEvent::Replanned { run: None, .. } => words.say("story-not-replanned", &none),
        RunEvent::Approved => words.say(
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
                            .filter(|id| !was_left_out(run, id, recorded)),
                        SHOWN,
                        words,
                    ),
                ),
        ),
        RunEvent::HeldBack { wave, nodes, .. } => words.say(
            "story-held-back",
            &none
                .number("wave", i64::from(*wave) + 1)
                .number("budget", i64::from(run.plan.error_budget))
                .rich("nodes", names(run, nodes, SHOWN, words)),
        ),
        RunEvent::StopRequested { why } => {
            words.say("story-called-off", &none.rich("why", called_off(run, why, by, words)))
        }
        RunEvent::Stopped { .. } if was_called_off(run) => {
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
        RunEvent::Stopped { why } => called_off(run, why, by, words),
        RunEvent::Overwritten { id, by, nodes, .. } => words.say(
            "story-overwritten",
            &none
                .rich("dispatch", words.dispatch(id))
                .rich("nodes", names(run, nodes, SHOWN, words))
                .rich("who", foreign_scan(by.as_ref(), words)),
        ),
        RunEvent::Judged { wave, verdicts, .. } => judged(run, *wave, verdicts, none, words),
        RunEvent::Closed { wrong, .. } => {
            words.say("story-closed", &none.rich("wrong", words.wrong_account(wrong)))
        }
        RunEvent::Reopened => words.say("story-reopened", &none.text("account", &run.plan.account)),
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
        RunEvent::Finished => words.say(
            "story-finished",
            &none
                .person("requester", &run.requester)
                .number("compliant", run.compliant() as i64)
                .number("nodes", run.node_count() as i64)
                .number("left", run.nodes_left_out().count() as i64),
        ),
        RunEvent::Dispatch(id, event) => line_of_dispatch(run, id, event, by, words),
        // Not reported, because the card itself shows these.
        RunEvent::Proposed { .. }
        | RunEvent::Rechecked
        | RunEvent::ListPublished
        | RunEvent::Intended { .. } => Text::default(),
    }
}

fn line_of_dispatch(
    run: &PatchRun,
    id: &DispatchId,
    event: &DispatchEvent,
    by: Option<&Principal>,
    words: Words,
) -> Text {
    let dispatch = Args::new().rich("dispatch", words.dispatch(id));
    match event {
        DispatchEvent::Sent { command, .. } => {
            words.say("story-adopted", &dispatch.code("command", command))
        }
        DispatchEvent::SendRefused { why, left_out, .. } => {
            let all = run.dispatches.get(id).map_or(0, |dispatch| dispatch.nodes.len());
            words.say(
                "story-refused",
                &dispatch
                    .rich("why", why.text(words.0))
                    .rich("nodes", names(run, left_out, SHOWN, words))
                    .number("rest", all.saturating_sub(left_out.len()) as i64),
            )
        }
        DispatchEvent::BecameUncertain { why, .. } => {
            words.say("story-uncertain", &dispatch.rich("why", why_uncertain(why, words)))
        }
        DispatchEvent::PersonAsked => words.say(
            "story-asked",
            &dispatch.rich("approvers", words.approvers(&run.policy.voters(&run.requester))),
        ),
        DispatchEvent::Abandoned { why } => match why {
            WhyAbandoned::NotSent { reason } => words.say(
                "story-not-sent",
                &dispatch.rich("who", words.author(by)).text("reason", reason),
            ),
            WhyAbandoned::CalledOff => words.say("story-withdrawn-install", &dispatch),
            WhyAbandoned::ScanAgain => words.say("story-scan-again", &dispatch),
        },
        DispatchEvent::Adopted { command, reason } => words.say(
            "story-adopted-by",
            &dispatch.code("command", command).rich("who", words.author(by)).text("reason", reason),
        ),
        DispatchEvent::Doubled { commands, .. } => {
            let others = commands.iter().map(|command| Text(vec![Span::Code(command.clone())]));
            words.say(
                "story-doubled",
                &dispatch
                    .number("commands", commands.len() as i64 + 1)
                    .rich("others", join(others, words.separator()))
                    .rich("approvers", words.approvers(&run.policy.approvers)),
            )
        }
        DispatchEvent::Forgotten => words.say(
            "story-forgotten",
            &dispatch.rich("approvers", words.approvers(&run.policy.voters(&run.requester))),
        ),
        DispatchEvent::Ran { nodes, .. } => {
            let all = run.dispatches.get(id).map_or(0, |dispatch| dispatch.nodes.len());
            words.say(
                "story-ran",
                &dispatch.number("nodes", nodes.len() as i64).number("all", all as i64),
            )
        }
        DispatchEvent::GivenUp => words.say("story-given-up", &dispatch),
        DispatchEvent::CancelAsked => words.say("story-cancel", &dispatch),
        DispatchEvent::OutputsRead { outputs, .. } => match outputs {
            Outputs::Read(faults) => unread(run, faults, words).unwrap_or_default(),
            Outputs::Denied => words.say("outputs-denied", &Args::new()),
        },
        // Not reported, because the card itself shows these.
        DispatchEvent::Searched
        | DispatchEvent::Reported { .. }
        | DispatchEvent::Heard { .. }
        | DispatchEvent::Ended => Text::default(),
    }
}

/// The line that nothing is in the way of a wave any longer, and which of its nodes get no command.
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

/// Whether something was still under way when it was stopped: then its end is reported as well.
fn was_called_off(run: &PatchRun) -> bool {
    run.history.iter().any(|recorded| matches!(recorded.event, RunEvent::StopRequested { .. }))
}

pub(super) fn called_off(
    run: &PatchRun,
    why: &StopReason,
    by: Option<&Principal>,
    words: Words,
) -> Text {
    let of_wave = |wave: u32| Args::new().number("wave", i64::from(wave) + 1);
    let counts = |wave: u32, nodes: &[NodeId]| {
        of_wave(wave)
            .number("bad", nodes.len() as i64)
            .number("budget", i64::from(run.plan.error_budget))
            .rich("nodes", names(run, nodes, SHOWN, words))
    };
    match why {
        StopReason::OverBudget { wave, nodes } => {
            words.say("story-over-budget", &counts(*wave, nodes))
        }
        StopReason::InstallsFailed { wave, nodes } => {
            words.say("story-installs-failed", &counts(*wave, nodes))
        }
        StopReason::WindowClosed { wave } => words.say("story-window-closed", &of_wave(*wave)),
        StopReason::WindowChanged { wave, changes } => {
            let wave = i64::from(*wave) + 1;
            words.say("story-window-changed", &words.window_changes(changes).number("wave", wave))
        }
        StopReason::NodesGone { wave, nodes } => {
            let gone = nodes.iter().map(|(node, why)| (node, *why));
            let args = of_wave(*wave).rich("nodes", words.gone(run, gone));
            words.say("story-nodes-gone", &args)
        }
        StopReason::Person { reason } => {
            let args = Args::new().rich("who", words.author(by)).text("reason", reason);
            words.say("story-stopped", &args)
        }
    }
}

/// Whether a node had been left out when `event` happened.
fn was_left_out(run: &PatchRun, node: &NodeId, recorded: &Recorded<RunEvent>) -> bool {
    let of_node = |event: &RunEvent| {
        matches!(event, RunEvent::LeftOut { nodes, .. } if nodes.contains_key(node))
            || matches!(event, RunEvent::Cleared { silent, .. } if silent.contains(node))
    };
    run.history.iter().any(|earlier| earlier.at <= recorded.at && of_node(&earlier.event))
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
