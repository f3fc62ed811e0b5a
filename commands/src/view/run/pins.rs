//! What a plan does not include: patches that nobody has proven, nodes whose missing patches are
//! not known, and what that means when it ends.

use std::collections::BTreeSet;

use crate::plan::{LeftOut, PlannedPatch, WhyLeftOut};
use crate::run::{PatchRun, Verdict};
use crate::text::Text;
use crate::text::wording::Args;
use crate::view::run::{name, named};
use crate::view::two_groups::in_two_groups;
use crate::view::words::{Words, join, version, versions};
use crate::view::{Block, compliance};

/// The most patches or nodes that are named.
const SHOWN: usize = 10;

/// Patches that are not installed, each with the reason.
pub(crate) fn left_out<'a>(patches: impl IntoIterator<Item = &'a LeftOut>, words: Words) -> Text {
    let patches: BTreeSet<&LeftOut> = patches.into_iter().collect();
    listed(patches.iter().map(|one| patch(one, words)), words)
}

fn listed(all: impl Iterator<Item = Text>, words: Words) -> Text {
    let mut all = all;
    let mut shown = join(all.by_ref().take(SHOWN).collect::<Vec<_>>(), words.separator());
    let more = all.count();
    if more > 0 {
        shown.append(words.separator());
        shown.append(words.say("and-more", &Args::new().number("more", more as i64)));
    }
    shown
}

fn patch(one: &LeftOut, words: Words) -> Text {
    let none = Args::new();
    let why = match &one.why {
        WhyLeftOut::NotProven => words.say("why-left-out-not-proven", &none),
        WhyLeftOut::Newer { proven } => {
            words.say("why-left-out-newer", &none.text("proven", version(&one.id, proven)))
        }
        WhyLeftOut::Disagreed => words.say("why-left-out-disagreed", &none),
        WhyLeftOut::NotPinnable => words.say("why-left-out-not-pinnable", &none),
        WhyLeftOut::Definition => words.say("why-left-out-definition", &none),
    };
    let args = Args::new().code("id", one.id.as_str()).rich("why", why);
    // The title of a package is its version; that of an article is a sentence.
    match one.id.is_article() || one.title.is_empty() || one.title == one.id.as_str() {
        true => words.say("run-left-out-patch", &args),
        false => {
            words.say("run-left-out-version", &args.text("title", version(&one.id, &one.title)))
        }
    }
}

/// Why a run installs nothing.
pub(super) fn only_scans(run: &PatchRun, words: Words) -> Text {
    let plan = &run.plan;
    let ids: BTreeSet<_> = plan.left_out.iter().map(|left| &left.id).collect();
    let silent = run.offline.len();
    match (ids.len(), plan.unclear.is_empty()) {
        (0, true) if silent == 0 => words.say("run-lead-only-scans", &named(run)),
        (0, true) if silent < plan.node_count() => {
            words.say("run-lead-scans-silent", &named(run).number("silent", silent as i64))
        }
        (0, _) => words.say("run-lead-scans-unclear", &named(run)),
        (patches, _) => {
            words.say("run-lead-scans-left-out", &named(run).number("patches", patches as i64))
        }
    }
}

/// For a plan that waits: newer versions that it does not install, patches that it leaves out,
/// nodes whose missing patches are not known, and nodes in two groups.
pub(super) fn blocks(run: &PatchRun, words: Words) -> Vec<Block> {
    let mut blocks = Vec::new();
    let newer = run.plan.patches.iter().filter(|patch| !patch.newer.is_empty());
    let newer: Vec<&PlannedPatch> = newer.collect();
    if !newer.is_empty() {
        let one = |patch: &&PlannedPatch| {
            let args = Args::new()
                .code("id", patch.id.as_str())
                .text("newer", versions(&patch.id, &patch.newer, words))
                .text("proven", versions(&patch.id, &patch.titles, words));
            words.say("run-newer-version", &args)
        };
        let args = Args::new().rich("names", listed(newer.iter().map(one), words));
        blocks.push(Block::Text(words.say("run-newer", &args)));
    }
    if !run.plan.left_out.is_empty() {
        let names = left_out(&run.plan.left_out, words);
        blocks.push(Block::Text(words.say("run-left-out", &Args::new().rich("names", names))));
    }
    if !run.plan.unclear.is_empty() {
        let node = |(id, why)| {
            let mut text = name(run, id, words);
            text.append(Text::from(": "));
            text.append(compliance::unknown(Some(why), words));
            text
        };
        let args = Args::new()
            .number("nodes", run.plan.unclear.len() as i64)
            .rich("names", listed(run.plan.unclear.iter().map(node), words));
        blocks.push(Block::Text(words.say("run-unclear", &args)));
    }
    let in_two_groups = in_two_groups(&run.plan.environment, &run.plan.in_two_groups, words);
    blocks.extend(in_two_groups.map(Block::Text));
    blocks
}

/// A run that did what its plan said, and left out what the plan did not include.
pub(super) fn as_planned(run: &PatchRun, args: Args, words: Words) -> Text {
    let still = run.still_missing();
    let available = run.verdicts.values().map(|verdict| match verdict {
        Verdict::AsPlanned { available, .. } => i64::from(*available),
        Verdict::Compliant { .. }
        | Verdict::PendingReboot(_)
        | Verdict::NotCompliant(_)
        | Verdict::Unknown(_)
        | Verdict::LeftOut(_) => 0,
    });
    let args = args
        .number("available", available.max().unwrap_or(0))
        .number("patches", still.len() as i64)
        .rich("names", left_out(still, words));
    words.say("run-lead-as-planned", &args)
}

/// A run that proves its environment, except for what can never be proven.
pub(super) fn proven(run: &PatchRun, args: &Args, words: Words) -> Text {
    let definitions = run.still_missing();
    if definitions.is_empty() {
        return words.say("run-lead-proven", args);
    }
    let args = Args::new().rich("names", left_out(definitions, words));
    words.say("run-proven-definitions", &args)
}
