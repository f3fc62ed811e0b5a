//! Nodes that could not read the override list: why, and what to do.

use std::collections::BTreeMap;

use crate::fleet::node::NodeId;
use crate::plan::Pin;
use crate::run::{ListFault, PatchRun};
use crate::text::Text;
use crate::text::wording::Args;
use crate::view::run::names;
use crate::view::run::thread::SHOWN;
use crate::view::words::{Words, join};

/// The nodes by cause, one line each, with the remedy; `None` if there are none.
pub(crate) fn unread(
    run: &PatchRun,
    faults: &BTreeMap<NodeId, ListFault>,
    words: Words,
) -> Option<Text> {
    let Pin::Proven { location, .. } = &run.plan.pin else { return None };
    let mut by_fault: BTreeMap<ListFault, Vec<&NodeId>> = BTreeMap::new();
    for (node, fault) in faults {
        by_fault.entry(*fault).or_default().push(node);
    }
    let lines: Vec<Text> = by_fault
        .into_iter()
        .map(|(fault, nodes)| {
            let args = Args::new()
                .number("nodes", nodes.len() as i64)
                .code("location", location)
                .text("environment", run.plan.environment.as_str())
                .rich("names", names(run, nodes, SHOWN, words));
            let why = words.say(why(fault), &args);
            words.say("list-unread", &args.rich("why", why))
        })
        .collect();
    (!lines.is_empty()).then(|| join(lines, Text::line_break()))
}

/// As [`unread`], for the whole run so far; if not all nodes were asked, it says how many.
pub(super) fn unread_so_far(run: &PatchRun, words: Words) -> Option<Text> {
    let mut text = unread(run, &run.list_faults(), words)?;
    let (asked, failed) = run.outputs_asked();
    if failed > asked {
        let args = Args::new().number("asked", asked as i64).number("failed", failed as i64);
        text.append(Text::line_break());
        text.append(words.say("list-asked", &args));
    }
    Some(text)
}

fn why(fault: ListFault) -> &'static str {
    match fault {
        ListFault::Denied => "list-denied",
        ListFault::NoCredentials => "list-no-credentials",
        ListFault::Missing => "list-missing",
        ListFault::Unreachable => "list-unreachable",
        ListFault::NoList => "list-no-list",
        ListFault::Unsaid => "list-unsaid",
    }
}
