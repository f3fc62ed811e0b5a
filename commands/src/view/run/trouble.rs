//! What went wrong in a run: failed nodes, and uncertain commands.

use crate::input::button::ButtonAction;
use crate::run::{Dispatch, DispatchStatus, PatchRun, Phase, WhyUncertain};
use crate::text::wording::Args;
use crate::text::{Text, TimeStyle};
use crate::view::run::nodes::names;
use crate::view::run::outcome::{command_status, outcome, reported_otherwise};
use crate::view::run::thread::SHOWN;
use crate::view::words::Words;
use crate::view::{Block, Button, ButtonStyle, Table};

/// The most failed nodes that a card names.
const NODES_SHOWN: usize = 10;

/// Nodes that failed, each with its command and the reason; and nodes that succeeded although their
/// command reported otherwise.
pub(super) fn trouble(run: &PatchRun, words: Words) -> Option<Block> {
    let none = Args::new();
    let bad: Vec<Vec<Text>> = run
        .plan
        .nodes()
        .filter_map(|node| Some((node, run.verdicts.get(&node.id)?)))
        // Nodes that were left out are named elsewhere, and did not end at all.
        .filter(|(node, _)| !run.is_left_out(&node.id))
        .filter(|(node, verdict)| !verdict.proves() || reported_otherwise(run, &node.id))
        .map(|(node, verdict)| {
            let command = match run.command_of(&node.id) {
                Some((_, status)) => words.phrase(command_status(status), &none),
                None => words.phrase("command-no-report", &none),
            };
            vec![
                Text::strong(&node.name),
                Text::from(node.id.to_string()),
                Text::from(command),
                outcome(run, &node.id, verdict, words),
            ]
        })
        .collect();
    if bad.is_empty() {
        return None;
    }
    let more = bad.len().saturating_sub(NODES_SHOWN);
    let mut rows: Vec<Vec<Text>> = bad.into_iter().take(NODES_SHOWN).collect();
    if more > 0 {
        let text = words.say("run-more-nodes", &Args::new().number("more", more as i64));
        rows.push(vec![text, Text::default(), Text::default(), Text::default()]);
    }
    let columns = ["column-node", "column-id", "column-command", "column-result"];
    let columns = columns.map(|id| words.phrase(id, &none));
    Some(Block::Table(Table { columns: columns.into(), rows }))
}

/// Nodes to which nothing was done before the run was stopped.
pub(super) fn untouched(run: &PatchRun, words: Words) -> Option<Text> {
    let called_off = matches!(run.phase, Phase::Stopped { .. });
    let nodes = if called_off { run.untouched() } else { Vec::new() };
    if nodes.is_empty() {
        return None;
    }
    let args = Args::new()
        .number("count", nodes.len() as i64)
        .rich("nodes", names(run, nodes, SHOWN, words));
    Some(words.say("run-untouched", &args))
}

/// The text about a dispatch that is, or was, uncertain.
pub(super) fn uncertain(dispatch: &Dispatch, words: Words) -> Option<Text> {
    let args = Args::new()
        .rich("dispatch", words.dispatch(&dispatch.id))
        .number("nodes", dispatch.nodes.len() as i64)
        .number("reported", dispatch.reported.len() as i64)
        .code("snapshot", dispatch.snapshot.to_string());
    match &dispatch.status {
        DispatchStatus::Uncertain { why, since, asked_at: None, .. } => {
            let args = args.rich("why", why_uncertain(why, words)).time(
                "since",
                *since,
                TimeStyle::DateTime,
            );
            Some(words.say("run-uncertain", &args))
        }
        DispatchStatus::Uncertain { why, since, forgotten: true, .. } => {
            let args = args.rich("why", why_uncertain(why, words)).time(
                "since",
                *since,
                TimeStyle::DateTime,
            );
            Some(words.say("run-uncertain-forgotten", &args))
        }
        DispatchStatus::Uncertain { why, since, asked_at: Some(asked), .. } => {
            let until = dispatch.searched_at.unwrap_or(*asked);
            let search = Args::new()
                .number("nodes", dispatch.nodes.len() as i64)
                .time("since", *since, TimeStyle::DateTime)
                .time("until", until, TimeStyle::DateTime);
            let id = match dispatch.searched_at {
                Some(_) => "uncertain-searched",
                None => "uncertain-not-searched",
            };
            let known = words.say(id, &search);
            Some(words.say(
                "run-uncertain-asked",
                &args.rich("why", why_uncertain(why, words)).rich("known", known),
            ))
        }
        DispatchStatus::Ran { .. } => Some(words.say("run-ran", &args)),
        DispatchStatus::GivenUp { why, .. } => {
            Some(words.say("run-given-up", &args.rich("why", why_uncertain(why, words))))
        }
        DispatchStatus::Intended
        | DispatchStatus::Sent { .. }
        | DispatchStatus::Ended { .. }
        | DispatchStatus::Refused { .. }
        | DispatchStatus::Abandoned { .. } => None,
    }
}

/// Why it is uncertain whether a command was sent.
pub(crate) fn why_uncertain(why: &WhyUncertain, words: Words) -> Text {
    match why {
        WhyUncertain::Failed(failure) => failure.text(words.0),
        WhyUncertain::Restarted => words.say("uncertain-restarted", &Args::new()),
    }
}

/// What a person can state about such dispatches; more than a few at once have the same cause.
pub(super) fn ways_out(run: &PatchRun, words: Words) -> Vec<Button> {
    const SHOWN: usize = 5;
    let mut buttons = Vec::new();
    let button = |id: &str, dispatch: &Dispatch, press| Button {
        label: words.phrase(id, &Args::new().rich("dispatch", words.dispatch(&dispatch.id))),
        press,
        style: ButtonStyle::Plain,
        confirm: None,
    };
    for dispatch in run.dispatches.values() {
        let (ensure_can_deny, adoptable) = match dispatch.status {
            DispatchStatus::Uncertain { asked_at, forgotten, .. } => {
                (asked_at.is_some(), asked_at.is_some() && !forgotten)
            }
            DispatchStatus::Ran { .. } => (false, true),
            DispatchStatus::Intended
            | DispatchStatus::Sent { .. }
            | DispatchStatus::Ended { .. }
            | DispatchStatus::Refused { .. }
            | DispatchStatus::Abandoned { .. }
            | DispatchStatus::GivenUp { .. } => (false, false),
        };
        let names = || (run.id.clone(), dispatch.id.clone());
        if adoptable && buttons.len() < 2 * SHOWN {
            let (run, id) = names();
            buttons.push(button(
                "button-adopt",
                dispatch,
                ButtonAction::Adopt { run, dispatch: id },
            ));
        }
        if ensure_can_deny && buttons.len() < 2 * SHOWN {
            let (run, id) = names();
            buttons.push(button(
                "button-not-sent",
                dispatch,
                ButtonAction::NotSent { run, dispatch: id },
            ));
        }
    }
    buttons
}
