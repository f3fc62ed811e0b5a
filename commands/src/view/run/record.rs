//! The record of a run that is over: who approved it and when, how long it and each of its waves
//! took, and the ids of its commands at AWS.

use chrono::{DateTime, Utc};

use crate::id::Operation;
use crate::run::{PatchRun, Phase, RunEvent};
use crate::text::wording::Args;
use crate::text::{Text, TimeStyle};
use crate::view::words::{Words, join};
use crate::view::{Block, Fact};

/// How much of it is shown: the beginning on the card in the channel, and more to a person who
/// asks.
#[derive(Clone, Copy)]
pub(super) struct Room {
    /// How many waves get a line of their own.
    waves: usize,
    /// How many command ids are named in all.
    commands: usize,
}

impl Room {
    pub(super) fn of(whole: bool) -> Self {
        if whole { Self { waves: 20, commands: 40 } } else { Self { waves: 4, commands: 12 } }
    }
}

/// Who approved it and when, and how long it took.
pub(super) fn facts(run: &PatchRun, words: Words) -> Vec<Fact> {
    let mut facts = Vec::new();
    if !run.votes.is_empty() {
        let each = run.votes.iter().map(|(who, vote)| {
            let args = Args::new().person("who", who).time("at", vote.at, TimeStyle::DateTime);
            words.say("voted-at", &args)
        });
        let voters = Args::new().rich("voters", join(each, words.separator()));
        facts.push(words.fact("approved", &voters));
    }
    let time = |args: Args, name, at| args.time(name, at, TimeStyle::DateTime);
    facts.extend(match (began(run, 0), ended(run)) {
        (Some(began), Some(ended)) => {
            Some(words.fact("took", &time(time(Args::new(), "began", began), "ended", ended)))
        }
        (Some(began), None) => Some(words.fact("began", &time(Args::new(), "began", began))),
        (None, Some(ended)) => Some(words.fact("ended", &time(Args::new(), "ended", ended))),
        (None, None) => None,
    });
    facts
}

/// Each wave with its times and the ids of its commands; `None` if no wave began.
pub(super) fn waves(run: &PatchRun, whole: bool, words: Words) -> Option<Block> {
    let Room { waves: most, commands: mut room } = Room::of(whole);
    let begun: Vec<(u32, DateTime<Utc>)> = (0..run.plan.waves.len() as u32)
        .filter_map(|wave| Some((wave, began(run, wave)?)))
        .collect();
    if begun.is_empty() {
        return None;
    }
    let mut lines: Vec<Text> = begun
        .iter()
        .take(most)
        .map(|(wave, began)| line(run, *wave, *began, &mut room, words))
        .collect();
    let more = begun.len().saturating_sub(most);
    if more > 0 {
        let args = Args::new().number("more", more as i64).text("run", run.id.to_string());
        let id = if whole { "record-more-waves" } else { "record-more-waves-shown" };
        lines.push(words.say(id, &args));
    }
    Some(Block::Text(join(lines, Text::line_break())))
}

fn line(run: &PatchRun, wave: u32, began: DateTime<Utc>, room: &mut usize, words: Words) -> Text {
    let nodes = run.plan.waves.get(wave as usize).map_or(0, Vec::len);
    let args = Args::new().number("wave", i64::from(wave) + 1).number("nodes", nodes as i64).time(
        "began",
        began,
        TimeStyle::DateTime,
    );
    let mut text = match judged(run, wave) {
        Some(judged) => words.say("record-wave", &args.time("ended", judged, TimeStyle::DateTime)),
        None => words.say("record-wave-open", &args),
    };
    for (operation, id) in
        [(Operation::Install, "record-installs"), (Operation::Scan, "record-scans")]
    {
        let commands: Vec<String> = run
            .dispatches
            .values()
            .filter(|dispatch| dispatch.id.wave == wave && dispatch.id.operation == operation)
            .flat_map(|dispatch| dispatch.commands())
            .collect();
        if commands.is_empty() {
            continue;
        }
        let shown = commands.len().min(*room);
        *room -= shown;
        let mut ids: Vec<Text> =
            commands.iter().take(shown).map(|command| Text::code(command)).collect();
        if commands.len() > shown {
            // Run Command finds the others by this beginning of their comment.
            let comment =
                format!("patchbot:{}:{}-w{wave}", run.id, operation.as_parameter().to_lowercase());
            let more = (commands.len() - shown) as i64;
            let args = Args::new().number("more", more).code("comment", comment);
            ids.push(words.say("record-more-commands", &args));
        }
        text.append(words.say(id, &Args::new().rich("ids", join(ids, words.separator()))));
    }
    text
}

fn began(run: &PatchRun, wave: u32) -> Option<DateTime<Utc>> {
    run.history.iter().find_map(|recorded| {
        let RunEvent::WaveStarted { wave: begun } = recorded.event else { return None };
        (begun == wave).then_some(recorded.at)
    })
}

/// When the last node of a wave was judged.
fn judged(run: &PatchRun, wave: u32) -> Option<DateTime<Utc>> {
    run.history.iter().rev().find_map(|recorded| {
        let RunEvent::Judged { wave: judged, .. } = recorded.event else { return None };
        (judged == wave).then_some(recorded.at)
    })
}

fn ended(run: &PatchRun) -> Option<DateTime<Utc>> {
    match &run.phase {
        Phase::Finished { at }
        | Phase::Stopped { at, .. }
        | Phase::Rejected { at, .. }
        | Phase::Expired { at }
        | Phase::Voided { at, .. } => Some(*at),
        Phase::Waiting
        | Phase::Approved { .. }
        | Phase::Running { .. }
        | Phase::Stopping { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emergency_stop::EmergencyStop;
    use crate::environment::policy::CurrentPolicy;
    use crate::plan::Pin;
    use crate::run::tests::{Scenario, after, counts, plan};
    use crate::text::wording::Locale;
    use crate::view::run::{CardContext, card};
    use crate::view::tests::{aloud, reader};

    fn read(run: &PatchRun, whole: bool) -> String {
        aloud(&card(
            run,
            &CardContext {
                reader: reader(Locale::En),
                whole,
                emergency_stop: &EmergencyStop::default(),
                policy: CurrentPolicy { policy: Some(&run.policy), ..CurrentPolicy::default() },
                proven_by: None,
                is_production: false,
                plan_again: false,
                plan_next: Vec::new(),
            },
        ))
    }

    #[test]
    fn a_run_that_is_over_says_who_approved_it_when_and_under_which_commands() {
        let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
        scenario.wave(counts(0), after(5));
        scenario.wave(counts(0), after(9));
        let said = read(&scenario.run, false);
        for expected in [
            "Approved by: @aiko on 2026-11-23 09:01 UTC",
            "Time: 2026-11-23 09:02 UTC to 2026-11-23 09:09 UTC",
            "Requested by @chie on 2026-11-23 09:00 UTC",
            "*Wave 1*, 1 node: 2026-11-23 09:02 UTC to 2026-11-23 09:05 UTC",
            "install `c-install-w1-c0:1` · scan `c-scan-w1-c0:1`",
            "`openssh.x86_64`",
        ] {
            assert!(said.contains(expected), "{expected}: {said}");
        }
    }

    #[test]
    fn what_has_no_room_is_counted() {
        let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
        scenario.wave(counts(0), after(5));
        scenario.wave(counts(0), after(9));
        let one = scenario.run.plan.patches[0].clone();
        scenario.run.plan.patches = vec![one; 300];
        let commands = (1..=60).map(|at| format!("more-{at}")).collect();
        scenario.run.dispatches.values_mut().next().expect("an install").more = commands;
        let posted = read(&scenario.run, false);
        assert!(posted.contains("and 297 more: `/patch show verification-1`"), "{posted}");
        let (whole, id) = (read(&scenario.run, true), "`openssh.x86_64`");
        let shown = whole.matches(id).count();
        assert!(shown > 20 && whole.contains(&format!("and {} more", 300 - shown)), "{whole}");
        assert!(
            whole.contains("and 21 more: look in Run Command for comments that start with `patchbot:verification-1:install-w0`"),
            "{whole}"
        );
        assert!(whole.chars().count() < 6_500, "{}", whole.chars().count());
    }
}
