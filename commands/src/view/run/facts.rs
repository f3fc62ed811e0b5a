//! The facts of a plan, as labelled values and a few lines.

use std::collections::BTreeSet;

use super::{named, waits};
use crate::environment::OnDrift;
use crate::environment::policy::{Approver, CurrentPolicy};
use crate::fleet::node::Platform;
use crate::patch::level::Level;
use crate::plan::{Pin, PlannedPatch};
use crate::run::{PatchRun, Phase};
use crate::text::wording::Args;
use crate::text::{Text, TimeStyle};
use crate::view::run::overrides::{Departures, beside};
use crate::view::words::{Words, join, versions};
use crate::view::{Block, Fact};
use crate::window::MaintenanceWindow;

/// The most characters for the patches on one card, so that the rest fits into a message in
/// Discord.
const ROOM: usize = 2_200;
/// How many patches the card in the channel names; `/patch show` names as many as fit.
const PATCHES_SHOWN: usize = 3;

pub(super) fn facts(run: &PatchRun, current: CurrentPolicy<'_>, words: Words) -> Vec<Fact> {
    let plan = &run.plan;
    let windows = plan.nodes().filter(|node| node.platform == Platform::Windows).count();
    let counts = Args::new()
        .number("nodes", plan.node_count() as i64)
        .number("windows", windows as i64)
        .number("others", (plan.node_count() - windows) as i64)
        .number("offline", run.offline.len() as i64)
        .number("answering", plan.node_count().saturating_sub(run.offline.len()) as i64);
    let mut facts = vec![words.fact("nodes", &counts), words.fact("where", &place(run))];
    facts.push(patch_count(run, words));
    if !waits(run) {
        return facts;
    }
    match &plan.pin {
        // In a pinned plan the pin decides what is installed; the baseline only judges.
        Pin::Proven { by, .. } => {
            let left_out: BTreeSet<_> = plan.left_out.iter().map(|left| &left.id).collect();
            let definitions = plan.patches.iter().filter(|patch| patch.is_definition).count();
            let args = Args::new()
                .text("by", by.to_string())
                .number("definitions", definitions as i64)
                .number("left-out", left_out.len() as i64);
            facts.push(words.fact("pin", &args));
        }
        Pin::First => facts.extend(baseline(run, words)),
        Pin::NotProven { .. } => {}
    }
    let departures = Departures::of(plan, words);
    let reboot =
        Fact { label: words.phrase("fact-reboot-label", &Args::new()), value: words.reboot(plan) };
    // A Scan never reboots, so the option does not matter for it.
    let departure = departures.reboot.filter(|_| !plan.only_scans());
    facts.push(beside(reboot, departure, words));
    let sizes: Vec<String> = plan.waves.iter().map(|wave| wave.len().to_string()).collect();
    let waves = Args::new()
        .text("sizes", sizes.join(" → "))
        .number("waves", sizes.len() as i64)
        .number("budget", i64::from(plan.error_budget))
        .number("at-once", at_once(run));
    facts.push(beside(words.fact("waves", &waves), departures.waves, words));
    match plan.on_drift {
        OnDrift::Void => {}
        OnDrift::Shrink => facts.push(words.fact("on-drift", &Args::new())),
    }
    let start = match &plan.window {
        None => words.fact("start-now", &Args::new()),
        Some(window) => words.fact("start-window", &span(window)),
    };
    facts.push(beside(start, departures.start, words));
    if !matches!(plan.pin, Pin::NotProven { .. }) {
        facts.push(who_decides(run, current, words));
    }
    facts
}

/// The number of patches in the plan, and their severity.
pub(super) fn patch_count(run: &PatchRun, words: Words) -> Fact {
    let patches = &run.plan.patches;
    let count = |bad: fn(&PlannedPatch) -> bool| patches.iter().filter(|one| bad(one)).count();
    let severe = count(|patch| patch.assessment.level == Level::III);
    let exploited = count(|patch| patch.assessment.kev.is_some());
    let args = Args::new()
        .number("patches", patches.len() as i64)
        .number("severe", severe as i64)
        .number("milder", (patches.len() - severe) as i64)
        .number("exploited", exploited as i64)
        .number("harmless", (patches.len() - exploited) as i64);
    words.fact("patches", &args)
}

/// When a window opens and closes, and its length: if the clocks change meanwhile, the two times
/// alone do not show it.
fn span(window: &MaintenanceWindow) -> Args {
    let minutes = (window.closes_at - window.opens_at).num_minutes();
    Args::new()
        .text("window", &window.name)
        .time("opens", window.opens_at, TimeStyle::DateTime)
        .time("closes", window.closes_at, TimeStyle::DateTime)
        .number("hours", minutes / 60)
        .number("minutes", minutes % 60)
}

/// How many nodes install at the same time; 0 if only the waves limit it.
fn at_once(run: &PatchRun) -> i64 {
    let largest = run.plan.waves.iter().map(Vec::len).max().unwrap_or(0);
    let limit = run.plan.concurrency.filter(|limit| (*limit as usize) < largest);
    limit.map_or(0, i64::from)
}

/// The baseline, represented by the first one by system, because the card does not know the system
/// of most nodes.
pub(super) fn baseline(run: &PatchRun, words: Words) -> Option<Fact> {
    let names: BTreeSet<&str> =
        run.plan.baselines.iter().map(|baseline| baseline.name.as_str()).collect();
    let first = names.first()?;
    let args = Args::new().text("name", *first).number("more", names.len() as i64 - 1);
    Some(words.fact("baseline", &args))
}

pub(super) fn place(run: &PatchRun) -> Args {
    Args::new()
        .text("account", &run.plan.account)
        .text("region", &run.plan.region)
        .text("group", &run.plan.patch_group)
}

pub(super) fn who_decides(run: &PatchRun, current: CurrentPolicy<'_>, words: Words) -> Fact {
    let current = match run.phase {
        Phase::Waiting | Phase::Approved { .. } => current,
        // What was decided is shown as it was decided.
        Phase::Running { .. }
        | Phase::Stopping { .. }
        | Phase::Finished { .. }
        | Phase::Stopped { .. }
        | Phase::Rejected { .. }
        | Phase::Expired { .. }
        | Phase::Voided { .. } => CurrentPolicy { people: &[], policy: Some(&run.policy) },
    };
    let policy = run.decided_under(current);
    let voters = policy.voters(&run.requester);
    let approvers = words.approvers(&voters);
    let mut args = Args::new()
        .rich("approvers", approvers)
        .number("named", voters.len() as i64)
        .number("alone", i64::from(matches!(voters.as_slice(), [Approver::Person(_)])))
        .number("quorum", i64::from(policy.quorum.max(1)))
        .number("votes", run.voters(current) as i64)
        .rich(
            "voters",
            join(run.counting(current).into_iter().map(Text::person), words.separator()),
        );
    args = args.time("until", run.expires_at(), TimeStyle::DateTime);
    // If the level determines the approvers, the card says so: other people may have to approve the
    // next plan.
    let level = run.plan.decided_by.map(|level| level.label(words.0));
    args = args.number("by-level", level.is_some().into());
    args = args.text("level", level.unwrap_or_default());
    words.fact("decides", &args)
}

/// One patch that will be installed.
fn patch_line(patch: &PlannedPatch, words: Words) -> Text {
    let title = versions(&patch.id, &patch.titles, words);
    let mut line = words.patch_line(&patch.id, &title, &patch.assessment, patch.nodes);
    if patch.is_definition {
        line.append(words.say("run-definition", &Args::new()));
    }
    line
}

/// The worst patches, one line each; as many as fit if the `whole` list is wanted.
pub(super) fn patches(run: &PatchRun, whole: bool, words: Words) -> Option<Block> {
    if run.plan.only_scans() {
        return None;
    }
    let mut lines: Vec<Text> = run
        .plan
        .patches
        .iter()
        .take(if whole { usize::MAX } else { PATCHES_SHOWN })
        .map(|patch| patch_line(patch, words))
        .scan(ROOM, |room, line| {
            *room = room.checked_sub(line.plain().chars().count())?;
            Some(line)
        })
        .collect();
    let more = run.plan.patches.len().saturating_sub(lines.len());
    if more > 0 {
        let args = named(run).number("more", more as i64);
        let id = if whole { "and-more" } else { "run-more-patches" };
        lines.push(words.say(id, &args));
    }
    Some(Block::Text(join(lines, Text::line_break())))
}
