//! Private answers: the state of all environments, the missing patches, and the details of one
//! thing.

use chrono::{DateTime, Utc};

use crate::announcement::missing;
use crate::emergency_stop::EmergencyStopEvent;
use crate::environment::Environment;
use crate::fleet::summary::Summary;
use crate::fleet::survey::HeldBack;
use crate::id::{EnvironmentName, Principal, RunId};
use crate::input::command::ParseError;
use crate::patch::advisory::CveId;
use crate::patch::level::Level;
use crate::patch::{Cves, Patch};
use crate::plan::Pin;
use crate::refusal::Refusal;
use crate::run::{PatchRun, Phase, RunInput, proof};
use crate::state::State;
use crate::text::wording::Args;
use crate::text::{Text, TimeStyle};
use crate::view::compliance::unreadable;
use crate::view::run::{CardContext, unproven};
use crate::view::{Block, Card, Fact, Reader, Table, Tone, Words, compliance, join, run};

/// The most rows of an answer.
const ROWS: usize = 25;

/// The most vulnerabilities that are named for a patch: as many as fit into a field in Slack.
const CVES: usize = 8;

impl State {
    /// The answer to `/patch status`: the state of every environment.
    pub(crate) fn status(&self, reader: Reader, now: DateTime<Utc>) -> Card {
        let words = Words(reader.locale);
        let mut blocks = Vec::new();
        blocks.extend(self.stopped(words).map(Block::Text));
        for (place, trouble) in &self.troubles {
            let args = Args::new().text("place", place).rich("why", trouble.why.text(words)).time(
                "at",
                trouble.since,
                TimeStyle::DateTime,
            );
            blocks.push(Block::Text(words.say("status-not-posted", &args)));
        }
        // If there are many environments, only those that need attention are shown.
        let mut order: Vec<&Environment> = self.promotion.0.iter().collect();
        order.sort_by_key(|known| !self.unreadable.contains_key(&known.name));
        let more = order.len().saturating_sub(ROWS);
        order.truncate(ROWS);
        order.sort_by_key(|known| self.promotion.place(&known.name));
        for environment in order {
            blocks.push(Block::Text(self.status_of(environment, words, now)));
        }
        if more > 0 {
            let args = Args::new().number("more", more as i64);
            blocks.push(Block::Note(words.say("status-more", &args)));
        }
        plain(words.phrase("status-title", &Args::new()), blocks, reader)
    }

    pub(crate) fn status_of(
        &self,
        environment: &Environment,
        words: Words,
        now: DateTime<Utc>,
    ) -> Text {
        let mut text = Text::strong(environment.name.as_str());
        text.append(Text::line_break());
        let proven = match proof(environment, self.runs.values(), now) {
            Ok(proof) => {
                words.say("status-proven", &Args::new().text("run", proof.run.to_string()))
            }
            Err(why) => {
                words.say("status-not-proven", &Args::new().rich("why", unproven(&why, words)))
            }
        };
        let args = Args::new().rich("proven", proven);
        text.append(match self.runs_of(&environment.name).next_back() {
            None => words.say("status-no-run", &args),
            Some(run) => {
                let args = args.text("run", run.id.to_string()).rich("phase", phase(run, words));
                words.say("status-run", &args)
            }
        });
        text.append(Text::line_break());
        let seen = self.summaries.get(&environment.name);
        let failed = self.unreadable.get(&environment.name);
        match (seen, failed) {
            (None, Some(_)) => {}
            (None, None) => text.append(words.say("status-fleet-unknown", &Args::new())),
            (Some(summary), _) => {
                let args = Args::new()
                    .number("nodes", i64::from(summary.nodes))
                    .number("missing", i64::from(summary.behind))
                    .number("unknown", i64::from(summary.compliance.unknown))
                    .time("at", summary.taken_at(), TimeStyle::DateTime);
                text.append(words.say("status-fleet", &args));
            }
        }
        if let Some(failed) = failed {
            if seen.is_some() {
                text.append(Text::line_break());
            }
            text.append(unreadable(failed, words));
        }
        if let Some(why) = seen.and_then(|summary| summary.unidentified.as_ref()) {
            text.append(Text::line_break());
            let args = Args::new().rich("why", why.text(words.0));
            text.append(words.say("account-unidentified", &args));
        }
        if let Some(why) = seen.and_then(|summary| summary.not_scanned.as_ref()) {
            text.append(Text::line_break());
            let args = Args::new().rich("why", why.text(words.0));
            text.append(words.say("status-not-scanned", &args));
        }
        let report = seen.map(|summary| &summary.compliance);
        let refused = report.and_then(|report| compliance::refused(report, words));
        let in_two_groups = report.and_then(|report| compliance::in_two_groups(report, words));
        for line in refused.into_iter().chain(in_two_groups) {
            text.append(Text::line_break());
            text.append(line);
        }
        text
    }

    /// The answer to `/patch list`: the missing patches, the worst first.
    pub(crate) fn missing(&self, level: Option<Level>, reader: Reader) -> Card {
        let words = Words(reader.locale);
        let none = Args::new();
        let title = match level {
            None => words.phrase("list-title", &none),
            Some(level) => words
                .phrase("list-title-level", &Args::new().text("level", level.label(reader.locale))),
        };
        let summaries: Vec<&Summary> = self.summaries.values().collect();
        let Some(oldest) = summaries.iter().map(|summary| summary.taken_at()).min() else {
            return plain(title, vec![Block::Text(words.say("list-none-yet", &none))], reader);
        };
        let mut found: Vec<_> = missing(&summaries)
            .into_values()
            .map(|(patch, nodes)| (patch, self.assess(patch), nodes))
            .filter(|(_, assessment, _)| level.is_none_or(|level| assessment.level == level))
            .collect();
        found.sort_by(|(a, rated_a, nodes_a), (b, rated_b, nodes_b)| {
            rated_a
                .order(nodes_a.values().sum(), &a.id)
                .cmp(&rated_b.order(nodes_b.values().sum(), &b.id))
        });
        let more = found.len().saturating_sub(ROWS);
        let mut lines: Vec<Text> = found
            .into_iter()
            .take(ROWS)
            .map(|(patch, assessment, nodes)| {
                words.patch_line(&patch.id, &patch.title, &assessment, nodes.values().sum())
            })
            .collect();
        if lines.is_empty() {
            lines.push(self.nothing_missing(level, words));
        }
        if more > 0 {
            lines.push(words.say("list-more", &Args::new().number("more", more as i64)));
        }
        let mut blocks: Vec<Block> = lines.into_iter().map(Block::Text).collect();
        let at = Args::new().time("at", oldest, TimeStyle::DateTime).rich("levels", words.levels());
        blocks.push(Block::Note(words.say("list-note", &at)));
        plain(title, blocks, reader)
    }

    /// The text that nothing is missing, as far as is known.
    fn nothing_missing(&self, level: Option<Level>, words: Words) -> Text {
        let unknown: u32 = self.summaries.values().map(|seen| seen.compliance.unknown).sum();
        let args = Args::new().number("nodes", i64::from(unknown));
        let all = self.promotion.0.iter().map(|environment| &environment.name);
        let unseen: Vec<Text> = all
            .filter(|name| self.unreadable.contains_key(name) || !self.summaries.contains_key(name))
            .map(|name| Text::strong(name.as_str()))
            .collect();
        match (unseen.len(), unknown, level) {
            (0, 0, None) => words.say("list-none", &args),
            (0, 0, Some(level)) => {
                words.say("list-none-level", &args.text("level", level.label(words.0)))
            }
            (0, 1.., _) => words.say("list-none-unknown", &args),
            _ => {
                words.say("list-none-unseen", &args.rich("names", join(unseen, words.separator())))
            }
        }
    }

    /// The answer to `/patch runs`: all runs, the newest first.
    pub(crate) fn all_runs(&self, reader: Reader) -> Card {
        let words = Words(reader.locale);
        let none = Args::new();
        let title = words.phrase("runs-title", &none);
        let mut runs: Vec<&PatchRun> = self.runs.values().collect();
        runs.sort_by_key(|run| std::cmp::Reverse(run.proposed_at));
        let more = runs.len().saturating_sub(ROWS);
        let rows: Vec<Vec<Text>> = runs
            .into_iter()
            .take(ROWS)
            .map(|run| {
                let args = Args::new()
                    .rich("phase", phase(run, words))
                    .number("compliant", run.compliant() as i64)
                    .number("nodes", run.node_count() as i64);
                let at = words
                    .say("moment", &Args::new().time("at", run.proposed_at, TimeStyle::DateTime));
                vec![Text::strong(&run.id.to_string()), words.say("runs-row", &args), at]
            })
            .collect();
        if rows.is_empty() {
            let first = self.promotion.0.first().map_or("", |first| first.name.as_str());
            let text = words.say("runs-none", &Args::new().text("environment", first));
            return plain(title, vec![Block::Text(text)], reader);
        }
        let columns = ["column-run", "column-result", "column-since"];
        let columns = columns.map(|id| words.phrase(id, &none)).into();
        let mut blocks = vec![Block::Table(Table { columns, rows })];
        if more > 0 {
            let args = Args::new().number("more", more as i64);
            blocks.push(Block::Note(words.say("runs-more", &args)));
        }
        plain(title, blocks, reader)
    }

    /// `/patch show`: a run, a patch, or the patches that fix a CVE.
    pub(crate) fn show(&self, subject: &str, reader: Reader) -> Result<Card, Refusal> {
        let run = subject.to_lowercase().parse::<RunId>().ok().and_then(|id| self.runs.get(&id));
        if let Some(run) = run {
            let context = CardContext { whole: true, ..self.card_context(run, reader) };
            let mut card = run::card(run, &context);
            // A private copy cannot be edited later, so buttons are only on the card itself.
            card.buttons.clear();
            return Ok(card);
        }
        let words = Words(reader.locale);
        let summaries: Vec<&Summary> = self.summaries.values().collect();
        let wanted = subject.to_lowercase();
        let names = |patch: &Patch| {
            patch.id.as_str().to_lowercase() == wanted
                || patch.cves.known().iter().any(|cve| cve.as_str().to_lowercase() == wanted)
        };
        let found: Vec<_> = missing(&summaries)
            .into_values()
            .filter(|(patch, _)| names(patch))
            .take(ROWS)
            .collect();
        let held_back = self.held_back(&names);
        if found.is_empty() && held_back.is_empty() {
            return Err(Refusal::UnknownSubject { given: subject.chars().take(40).collect() });
        }
        let mut blocks = Vec::new();
        for (patch, nodes) in found {
            blocks.push(Block::Text(words.patch_line(
                &patch.id,
                &patch.title,
                &self.assess(patch),
                nodes.values().sum(),
            )));
            let mut nodes: Vec<(EnvironmentName, u32)> = nodes.into_iter().collect();
            nodes.sort_by_key(|(environment, _)| self.promotion.place(environment));
            let places = nodes
                .iter()
                .map(|(environment, count)| Text::from(format!("{environment}: {count}")));
            let places = join(places, words.separator());
            blocks.push(Block::Facts(self.known_of(patch, &wanted, places, words)));
        }
        for (environment, held_back) in held_back.into_iter().take(ROWS) {
            let args = Args::new()
                .code("id", held_back.patch.id.as_str())
                .text("title", &held_back.patch.title)
                .text("environment", environment.as_str())
                .time("until", held_back.until, TimeStyle::DateTime);
            blocks.push(Block::Text(words.say("show-held-back", &args)));
            blocks.push(Block::Facts(published(&held_back.patch, words)));
        }
        Ok(plain(subject.to_owned(), blocks, reader))
    }

    /// Published patches that a baseline does not approve yet.
    fn held_back(&self, wanted: &dyn Fn(&Patch) -> bool) -> Vec<(&EnvironmentName, &HeldBack)> {
        let mut summaries: Vec<&Summary> = self.summaries.values().collect();
        summaries.sort_by_key(|summary| self.promotion.place(summary.environment()));
        summaries
            .into_iter()
            .flat_map(|summary| {
                summary.held_back.iter().flatten().map(|held| (summary.environment(), held))
            })
            .filter(|(_, held_back)| wanted(&held_back.patch))
            .collect()
    }

    fn known_of(&self, patch: &Patch, wanted: &str, places: Text, words: Words) -> Vec<Fact> {
        let none = Args::new();
        let label = |id: &str| words.phrase(id, &none);
        let score = match &self.assess(patch).score {
            Some(scored) => words.scored_by(scored),
            None => words.say("show-no-word", &none),
        };
        let cves = match &patch.cves {
            Cves::Unknown => words.say("show-cves-unknown", &none),
            Cves::Listed(cves) => {
                // The CVE that was asked for comes first, so that it is never among those left out.
                let mut cves: Vec<&CveId> = cves.iter().collect();
                cves.sort_by_key(|cve| !cve.as_str().eq_ignore_ascii_case(wanted));
                let each = cves.iter().copied().take(CVES).map(|cve| {
                    let mut text = Text::cve(cve);
                    if let Some(advisory) = self.advisories.get(cve) {
                        let title = short(&advisory.title);
                        text.append(Text::naming_cves(&format!(": {title}")));
                    }
                    text
                });
                let more = cves.len().saturating_sub(CVES);
                let args = Args::new().number("more", more as i64);
                let more = (more > 0).then(|| words.say("show-cves-more", &args));
                join(each.chain(more), Text::line_break())
            }
        };
        let word = match patch.severity {
            Some(severity) => Text::from(format!("{severity:?}")),
            None => words.say("show-no-word", &none),
        };
        let mut facts = vec![
            Fact { label: label("show-where"), value: places },
            Fact { label: label("show-score"), value: score },
            Fact { label: label("show-severity"), value: word },
            Fact { label: label("show-cves"), value: cves },
        ];
        facts.extend(published(patch, words));
        facts
    }

    /// The private answer after a run accepted a request.
    pub fn acknowledged(&self, run: &RunId, request: &RunInput, reader: Reader) -> Option<Card> {
        let words = Words(reader.locale);
        let state = self.runs.get(run)?;
        let args = Args::new().text("run", run.to_string());
        let text = match request {
            RunInput::Approve { .. } if state.phase == Phase::Waiting => words.say(
                "done-vote",
                &args.number("votes", state.voters(self.current_policy(state)) as i64).number(
                    "quorum",
                    i64::from(state.decided_under(self.current_policy(state)).quorum.max(1)),
                ),
            ),
            RunInput::Approve { .. } => words.say("done-approved", &args),
            RunInput::Reject { .. } => words.say("done-rejected", &args),
            RunInput::Withdraw { .. } => words.say("done-withdrawn", &args),
            RunInput::NotSent { .. } => words.say("done-not-sent", &Args::new()),
            RunInput::Adopt { .. } => words.say("done-adopted", &Args::new()),
            RunInput::Stop { .. } => words.say("done-stopped", &args),
            RunInput::Tick
            | RunInput::Replanned { .. }
            | RunInput::Rechecked { .. }
            | RunInput::WindowSeen { .. }
            | RunInput::Identified { .. }
            | RunInput::Preflight { .. }
            | RunInput::ListPublished
            | RunInput::Sent { .. }
            | RunInput::SendRefused { .. }
            | RunInput::SendUncertain { .. }
            | RunInput::DispatchAbandoned { .. }
            | RunInput::Reconciled { .. }
            | RunInput::Heard { .. }
            | RunInput::CancelAsked { .. }
            | RunInput::OutputsRead { .. }
            | RunInput::AgentsSeen { .. }
            | RunInput::States { .. } => return None,
        };
        Some(notice("done-title", text, Tone::Calm, reader))
    }
}

/// The card that is posted to all channels when the emergency stop changes.
pub fn emergency_stop_card(
    event: &EmergencyStopEvent,
    by: Option<&Principal>,
    reader: Reader,
) -> Card {
    let words = Words(reader.locale);
    let args = Args::new().rich("who", words.author(by));
    match event {
        EmergencyStopEvent::Stopped { reason } => {
            let text = words.say("stop-text", &args.text("reason", reason));
            notice("stop-title", text, Tone::Bad, reader)
        }
        EmergencyStopEvent::Resumed { reason } => {
            let text = words.say("resume-text", &args.text("reason", reason));
            notice("resume-title", text, Tone::Calm, reader)
        }
    }
}

/// A refusal, for the person who asked.
pub fn refusal_card(refusal: &Refusal, reader: Reader) -> Card {
    notice("refusal-title", refusal.say(Words(reader.locale)), Tone::Attention, reader)
}

/// The answer to text that is not a command.
pub fn unreadable_card(error: &ParseError, reader: Reader) -> Card {
    notice("refusal-title", error.say(Words(reader.locale)), Tone::Attention, reader)
}

/// The answer while the nodes are surveyed.
pub fn working_card(id: &str, environment: &str, reader: Reader) -> Card {
    let words = Words(reader.locale);
    let text = words.say(id, &Args::new().text("environment", environment));
    notice("working-title", text, Tone::Calm, reader)
}

pub(crate) fn notice(title: &str, text: Text, tone: Tone, reader: Reader) -> Card {
    let title = Words(reader.locale).phrase(title, &Args::new());
    Card {
        drill: reader.drill,
        tone,
        fallback: format!("{title}: {}", text.plain()),
        title,
        blocks: vec![Block::Text(text)],
        buttons: Vec::new(),
    }
}

fn plain(title: String, blocks: Vec<Block>, reader: Reader) -> Card {
    let fallback = title.clone();
    Card { drill: reader.drill, tone: Tone::Calm, title, blocks, buttons: Vec::new(), fallback }
}

/// The phase of a run, in a few words.
pub(crate) fn phase(run: &PatchRun, words: Words) -> Text {
    let id = match &run.phase {
        Phase::Waiting if matches!(run.plan.pin, Pin::NotProven { .. }) => "phase-blocked",
        Phase::Waiting => "phase-waiting",
        Phase::Approved { .. } => "phase-approved",
        Phase::Running { .. } => "phase-running",
        Phase::Stopping { .. } => "phase-ending",
        Phase::Finished { .. } => "phase-finished",
        Phase::Stopped { .. } => "phase-halted",
        Phase::Rejected { .. } => "phase-rejected",
        Phase::Expired { .. } => "phase-expired",
        Phase::Voided { .. } => "phase-voided",
    };
    words.say(id, &Args::new())
}

/// What the vendor published about a patch, as far as it is known.
fn published(patch: &Patch, words: Words) -> Vec<Fact> {
    let label = |id: &str| words.phrase(id, &Args::new());
    let advisories = patch.advisories.iter().chain(&patch.url).map(|text| Text::from(text.clone()));
    let advisory = join(advisories, Text::line_break());
    let mut facts = Vec::new();
    if !advisory.0.is_empty() {
        facts.push(Fact { label: label("show-advisory"), value: advisory });
    }
    if let Some(released) = patch.released {
        let args = Args::new().time("at", released, TimeStyle::Date);
        facts.push(Fact { label: label("show-released"), value: words.say("moment", &args) });
    }
    facts
}

fn short(title: &str) -> String {
    const SHOWN: usize = 120;
    let mut short: String = title.chars().take(SHOWN).collect();
    if title.chars().count() > SHOWN {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Promotion;
    use crate::plan::tests::environment;
    use crate::run::tests::after;
    use crate::text::wording::Locale;
    use crate::view::tests::{aloud, reader};

    #[test]
    fn nothing_is_called_missing_only_where_everybody_was_looked_at() {
        let named =
            |name: &str| Environment { name: name.parse().expect("a name"), ..environment() };
        let check = |seen: &[(&str, u32)], level, expected: &str| {
            let promotion = Promotion(vec![named("verification"), named("production")]);
            let mut state = State { promotion, ..State::default() };
            for (name, unknown) in seen {
                let mut summary = Summary::new(name.parse().expect("a name"), after(0));
                summary.compliance.unknown = *unknown;
                state.saw(summary);
            }
            let said = aloud(&state.missing(level, reader(Locale::En)));
            assert!(said.contains(expected), "{said}");
        };
        let both = [("verification", 0), ("production", 0)];
        check(&both, None, "No patches are missing, according to the last scan");
        check(&both, Some(Level::III), "There are no missing patches of level");
        check(&both[..1], None, "has not been able to check *production*.");
        let some = [("verification", 2)];
        check(&some, None, "*production*; elsewhere, 2 nodes are unknown.");
        check(&[("verification", 2), ("production", 0)], None, "2 nodes are unknown");
        check(&[], None, "patchbot has not finished its first check");
    }
}
