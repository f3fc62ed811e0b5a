//! The wording of why votes are void, and of why an environment proves nothing.

use std::collections::BTreeMap;

use crate::fleet::node::NodeId;
use crate::patch::PatchId;
use crate::plan::{Drift, Unproven};
use crate::run::{PatchRun, VoidReason};
use crate::text::wording::Args;
use crate::text::{Text, TimeStyle};
use crate::view::run::nodes::names;
use crate::view::two_groups::tags;
use crate::view::words::{Words, join};

/// The most nodes or patches that are named.
const SHOWN: usize = 5;

/// Why the votes are void.
pub(crate) fn void(run: &PatchRun, why: &VoidReason, words: Words) -> Text {
    match why {
        VoidReason::Drifted(drift) => drifted(run, drift, words),
        VoidReason::NowProven { by } => {
            words.say("run-lead-now-proven", &Args::new().text("by", by.to_string()))
        }
        VoidReason::ProofGone(why) => {
            words.say("run-lead-proof-gone", &Args::new().rich("why", unproven(why, words)))
        }
        VoidReason::WindowMissed => words.say("run-lead-window-missed", &Args::new()),
        VoidReason::TooFewVotes { voters, quorum } => words.say(
            "run-lead-too-few-votes",
            &Args::new().number("voters", i64::from(*voters)).number("quorum", i64::from(*quorum)),
        ),
        VoidReason::WindowChanged { changes } => {
            words.say("run-lead-window-changed", &words.window_changes(changes))
        }
    }
}

fn drifted(run: &PatchRun, drift: &Drift, words: Words) -> Text {
    let level = drift.level_risen.map(|level| level.label(words.0));
    let of_level = |id: &str, level: &str| words.say(id, &Args::new().text("level", level));
    if let Some(level) = &level
        && *drift == (Drift { level_risen: drift.level_risen, ..Drift::of_nodes(&BTreeMap::new()) })
    {
        return of_level("run-lead-level-risen", level);
    }
    let counted = |id: &str, count: usize, names: Text| {
        let args = Args::new().number("count", count as i64).rich("names", names);
        (count > 0).then(|| words.say(id, &args))
    };
    let of_nodes =
        |id: &str, nodes: &[NodeId]| counted(id, nodes.len(), names(run, nodes, SHOWN, words));
    let of_patches =
        |id: &str, patches: &[PatchId]| counted(id, patches.len(), listed(patches, words));
    let in_two_groups = (!drift.nodes_in_two_groups.is_empty()).then(|| {
        let names = names(run, &drift.nodes_in_two_groups, SHOWN, words);
        words.say("run-drifted-in-two-groups", &tags(Args::new()).rich("names", names))
    });
    let changes = [
        of_nodes("run-drifted-nodes-new", &drift.nodes_new),
        of_nodes("run-drifted-nodes-gone", &drift.nodes_gone),
        in_two_groups,
        of_patches("run-drifted-patches-new", &drift.patches_new),
        of_patches("run-drifted-patches-gone", &drift.patches_gone),
        drift.baselines_changed.then(|| words.say("run-drifted-baselines", &Args::new())),
        level.map(|level| of_level("run-drifted-level", &level)),
    ];
    let changes = words.bulleted(changes.into_iter().flatten());
    words.say("run-lead-drifted", &Args::new().rich("changes", changes))
}

/// Patches by their ids: the first few, and how many more there are.
fn listed(patches: &[PatchId], words: Words) -> Text {
    let shown = patches.iter().take(SHOWN).map(|id| Text::code(id.as_str()));
    let more = patches.len().saturating_sub(SHOWN);
    let more = (more > 0).then(|| words.say("and-more", &Args::new().number("more", more as i64)));
    join(shown.chain(more), words.separator())
}

/// Why an environment is not proven.
pub(crate) fn unproven(why: &Unproven, words: Words) -> Text {
    let none = Args::new();
    match why {
        Unproven::NeverRun => words.say("unproven-never-run", &none),
        Unproven::StillRunning { run } => {
            words.say("unproven-still-running", &none.text("run", run.to_string()))
        }
        Unproven::NotCompliant { run, compliant, nodes } => words.say(
            "unproven-not-compliant",
            &none
                .text("run", run.to_string())
                .number("bad", i64::from(nodes.saturating_sub(*compliant)))
                .number("nodes", i64::from(*nodes)),
        ),
        Unproven::Soaking { run, until } => words.say(
            "unproven-soaking",
            &none.text("run", run.to_string()).time("until", *until, TimeStyle::DateTime),
        ),
        Unproven::TooOld { run, ended_at } => words.say(
            "unproven-too-old",
            &none.text("run", run.to_string()).time("at", *ended_at, TimeStyle::Date),
        ),
        Unproven::NotRead { run } => {
            words.say("unproven-not-read", &none.text("run", run.to_string()))
        }
        Unproven::Moved { run } => words.say("unproven-moved", &none.text("run", run.to_string())),
        Unproven::NoOverrideLocation => words.say("unproven-no-location", &none),
    }
}
