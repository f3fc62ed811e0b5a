//! What went wrong: nodes that did not end well, and commands of which nobody knows.

use crate::card::run::outcome::{command_status, outcome, reported_otherwise};
use crate::card::words::Words;
use crate::card::{Block, Table};
use crate::run::{Dispatch, DispatchStatus, PatchRun};
use crate::text::{Text, TimeStyle};
use crate::wording::Args;

/// How many troubled nodes a card names.
const NODES_SHOWN: usize = 10;

/// Nodes that did not end well, each with its command and with why; and those that did although
/// their command says otherwise.
pub(super) fn trouble(run: &PatchRun, words: Words) -> Option<Block> {
    let none = Args::new();
    let bad: Vec<Vec<Text>> = run
        .plan
        .nodes()
        .filter_map(|node| Some((node, run.verdicts.get(&node.id)?)))
        .filter(|(node, verdict)| !verdict.is_good() || reported_otherwise(run, &node.id))
        .map(|(node, verdict)| {
            let command = match run.command_of(&node.id) {
                Some((_, status)) => words.phrase(command_status(status), &none),
                None => words.phrase("command-unheard", &none),
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

/// What is said of a dispatch of which nobody knows whether it was sent.
pub(super) fn uncertain(dispatch: &Dispatch, words: Words) -> Option<Text> {
    let DispatchStatus::Uncertain { why, person_asked, since } = &dispatch.status else {
        return None;
    };
    let args = Args::new()
        .rich("dispatch", words.dispatch(&dispatch.id))
        .text("why", why)
        .number("nodes", dispatch.nodes.len() as i64)
        .code("snapshot", dispatch.snapshot.to_string())
        .time("since", *since, TimeStyle::DateTime);
    Some(words.say(if *person_asked { "run-uncertain-asked" } else { "run-uncertain" }, &args))
}
