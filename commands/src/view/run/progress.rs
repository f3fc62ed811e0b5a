//! The progress of a run: the step of its wave, the nodes by status, and when it may be done. It
//! shows times, never durations up to now, because a card would then be edited every minute.

use crate::id::Operation;
use crate::run::{PatchRun, RunProgress, Step, Tally};
use crate::text::wording::Args;
use crate::text::{Text, TimeStyle};
use crate::view::words::Words;
use crate::view::{Block, Progress};

/// The progress of `run`; `None` unless it is under way.
pub(super) fn progress(run: &PatchRun, words: Words) -> Option<Block> {
    let (wave, step) = run.step()?;
    let nodes = run.plan.waves.get(wave as usize)?;
    let id = match step {
        Step::ToInstall | Step::Installing if run.is_stopping() => "run-step-cancelling",
        Step::ToInstall | Step::Installing => "run-step-installing",
        Step::ToScan | Step::Scanning => "run-step-scanning",
        Step::Judging | Step::Judged => "run-step-judging",
    };
    let installed: usize = run
        .latest(wave, Operation::Install)
        .iter()
        .flat_map(|dispatch| dispatch.invocations.values())
        .filter(|status| status.is_final())
        .count();
    let args = Args::new()
        .number("wave", i64::from(wave) + 1)
        .number("waves", run.plan.waves.len() as i64)
        .number("installed", installed as i64)
        .number("nodes", nodes.len() as i64)
        .number("open", run.installing() as i64);
    let mut label = words.say(id, &args);
    // Nodes that were left out are named elsewhere, and did not fail.
    let bad = run.verdicts.values().filter(|verdict| !verdict.is_good()).count()
        - run.nodes_left_out().count();
    if let Some(outlook) = run.progress() {
        let many_waves = run.plan.waves.len() > 1;
        for line in told(&outlook, many_waves, words) {
            label.append(Text::line_break());
            label.append(line);
        }
    }
    Some(Block::Progress(Progress {
        label,
        done: run.verdicts.len() as u32,
        bad: bad as u32,
        total: run.plan.node_count() as u32,
    }))
}

fn told(outlook: &RunProgress, many_waves: bool, words: Words) -> Vec<Text> {
    let RunProgress { wave, all, likely_done, waits_until, last_start } = outlook;
    let mut lines = Vec::new();
    if many_waves {
        lines.push(words.say("progress-wave", &tally(wave)));
    }
    lines.push(words.say("progress-all", &tally(all)));
    let moments = [
        ("progress-likely", likely_done),
        ("progress-waits", waits_until),
        ("progress-window", last_start),
    ];
    lines.extend(moments.into_iter().filter_map(|(id, at)| {
        Some(words.say(id, &Args::new().time("at", (*at)?, TimeStyle::DateTime)))
    }));
    lines
}

fn tally(tally: &Tally) -> Args {
    let Tally { done, running, failed, not_started } = *tally;
    Args::new()
        .number("done", i64::from(done))
        .number("running", i64::from(running))
        .number("failed", i64::from(failed))
        .number("waiting", i64::from(not_started))
}
