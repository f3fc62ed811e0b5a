//! `/patch show`: the details of a run, a patch or a CVE.

use crate::announcement::missing;
use crate::fleet::summary::Summary;
use crate::fleet::survey::HeldBack;
use crate::id::{EnvironmentName, RunId};
use crate::patch::advisory::CveId;
use crate::patch::{Cves, Patch};
use crate::refusal::Refusal;
use crate::state::State;
use crate::text::wording::Args;
use crate::text::{Text, TimeStyle};
use crate::view::notice::{ROWS, plain};
use crate::view::run::CardContext;
use crate::view::{Block, Card, Fact, Reader, Words, join, run};

/// The most vulnerabilities that are named for a patch: as many as fit into a field in Slack.
const CVES: usize = 8;

impl State {
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
