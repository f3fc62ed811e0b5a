//! The overview of one person: what waits for them, what is under way, and the state of every
//! environment. It does not know where it is shown.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::environment::policy::CurrentPolicy;
use crate::id::Actor;
use crate::plan::Pin;
use crate::run::{PatchRun, Phase};
use crate::state::{State, Subject};
use crate::text::wording::Args;
use crate::text::{Span, Text, TimeStyle};
use crate::view::runs::phase;
use crate::view::{Block, Card, Reader, Tone, Words};

/// The most entries of a section. Slack shows 50 blocks: three sections, each with a heading and a
/// line about what is left out, dividers, the title, and a line about the emergency stop.
const ENTRIES: usize = 12;

/// The overview of one person in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overview {
    /// Its title.
    pub title: String,
    /// Its sections from top to bottom, none of them empty.
    pub sections: Vec<Section>,
    /// Whether something waits for this person.
    pub waits: bool,
}

/// Entries under a heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The heading, such as "In progress".
    pub heading: String,
    /// The entries; at least one.
    pub entries: Vec<Entry>,
}

/// One paragraph of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The card that it is about, with its name: it becomes a link if the address of that card is
    /// known.
    pub card: Option<(Subject, String)>,
    /// The text of the paragraph.
    pub text: Text,
}

impl Overview {
    /// The cards that it names.
    pub fn subjects(&self) -> Vec<Subject> {
        let entries = self.sections.iter().flat_map(|section| &section.entries);
        entries
            .filter_map(|entry| entry.card.as_ref())
            .map(|(subject, _)| subject.clone())
            .collect()
    }

    /// The overview as a card. `addresses` links to the cards that it names.
    pub fn card(&self, addresses: &BTreeMap<Subject, String>, reader: Reader) -> Card {
        let mut blocks = Vec::new();
        for section in &self.sections {
            if !blocks.is_empty() {
                blocks.push(Block::Divider);
            }
            blocks.push(Block::Text(Text::strong(&section.heading)));
            let entries = section.entries.iter();
            blocks.extend(entries.map(|entry| Block::Text(entry.paragraph(addresses))));
        }
        Card {
            drill: reader.drill,
            tone: if self.waits { Tone::Attention } else { Tone::Calm },
            title: self.title.clone(),
            blocks,
            buttons: Vec::new(),
            fallback: self.title.clone(),
        }
    }
}

impl Entry {
    fn paragraph(&self, addresses: &BTreeMap<Subject, String>) -> Text {
        let Some((subject, name)) = &self.card else { return self.text.clone() };
        let mut text = match addresses.get(subject) {
            Some(address) => {
                Text(vec![Span::Link { label: name.clone(), address: address.clone() }])
            }
            None => Text::strong(name),
        };
        text.append(Text::line_break());
        text.append(self.text.clone());
        text
    }
}

impl State {
    /// The overview of `actor` now.
    pub fn overview(&self, actor: &Actor, reader: Reader, now: DateTime<Utc>) -> Overview {
        let words = Words(reader.locale);
        let waiting: Vec<Entry> = self
            .waiting_for(actor)
            .into_iter()
            .map(|run| approval(run, self.current_policy(run), words))
            .collect();
        let mut under_way: Vec<&PatchRun> = self.under_way().collect();
        under_way.sort_by_key(|run| self.promotion.place(&run.plan.environment));
        let under_way: Vec<Entry> = under_way.into_iter().map(|run| progress(run, words)).collect();
        let environments = self.promotion.0.iter();
        let environments: Vec<Entry> = environments
            .map(|known| Entry { card: None, text: self.status_of(known, words, now) })
            .collect();
        let waits = !waiting.is_empty();
        let mut sections = vec![
            section("desk-waiting", waiting, "desk-nothing-waits", words),
            section("desk-under-way", under_way, "desk-nothing-under-way", words),
        ];
        if !environments.is_empty() {
            sections.push(section("desk-environments", environments, "", words));
        }
        if let Some(stopped) = self.stopped(words)
            && let Some(first) = sections.first_mut()
        {
            first.entries.insert(0, Entry { card: None, text: stopped });
        }
        Overview { title: words.phrase("desk-title", &Args::new()), sections, waits }
    }

    /// The runs that were approved and have not ended.
    pub(crate) fn under_way(&self) -> impl Iterator<Item = &PatchRun> {
        self.runs.values().filter(|run| match run.phase {
            Phase::Approved { .. } | Phase::Running { .. } | Phase::Stopping { .. } => true,
            Phase::Waiting
            | Phase::Finished { .. }
            | Phase::Stopped { .. }
            | Phase::Rejected { .. }
            | Phase::Expired { .. }
            | Phase::Voided { .. } => false,
        })
    }

    /// Who stopped everything, and why.
    pub(crate) fn stopped(&self, words: Words) -> Option<Text> {
        let stop = self.emergency_stop.stop.as_ref()?;
        Some(words.say("status-stopped", &stop.said()))
    }

    /// The plans on which `actor` may vote and has not yet, the first to expire first.
    pub fn waiting_for(&self, actor: &Actor) -> Vec<&PatchRun> {
        let waits = |run: &&PatchRun| {
            run.phase == Phase::Waiting
                && !matches!(run.plan.pin, Pin::NotProven { .. })
                && run.voted_at(&actor.person).is_none()
                && run.admits(actor, self.current_policy(run)).is_ok()
        };
        let mut waiting: Vec<&PatchRun> = self.runs.values().filter(waits).collect();
        waiting.sort_by_key(|run| (run.expires_at(), &run.id));
        waiting
    }
}

fn section(heading: &str, mut entries: Vec<Entry>, nothing: &str, words: Words) -> Section {
    let none = Args::new();
    let more = entries.len().saturating_sub(ENTRIES);
    entries.truncate(ENTRIES);
    let text = if more > 0 {
        Some(words.say("desk-more", &Args::new().number("more", more as i64)))
    } else {
        entries.is_empty().then(|| words.say(nothing, &none))
    };
    entries.extend(text.map(|text| Entry { card: None, text }));
    Section { heading: words.phrase(heading, &none), entries }
}

/// A plan that waits for votes: its size, severity and deadline.
fn approval(run: &PatchRun, current: CurrentPolicy<'_>, words: Words) -> Entry {
    let worst = run.plan.patches.first().map(|patch| words.rating(&patch.assessment));
    let args = Args::new()
        .number("nodes", run.node_count() as i64)
        .number("patches", run.plan.patches.len() as i64)
        .rich("worst", worst.unwrap_or_default())
        .person("who", &run.requester)
        .number("votes", run.voters(current) as i64)
        .number("quorum", i64::from(run.decided_under(current).quorum.max(1)))
        .time("until", run.expires_at(), TimeStyle::DateTime);
    entry(run, words.say("desk-approval", &args))
}

fn progress(run: &PatchRun, words: Words) -> Entry {
    let args = Args::new()
        .rich("phase", phase(run, words))
        .number("compliant", run.compliant() as i64)
        .number("nodes", run.node_count() as i64);
    entry(run, words.say("runs-row", &args))
}

fn entry(run: &PatchRun, text: Text) -> Entry {
    Entry { card: Some((Subject::Run(run.id.clone()), run.id.to_string())), text }
}
