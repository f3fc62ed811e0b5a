//! The card that announces patches: how bad, by whose word, where, and what to do next.

use std::collections::BTreeMap;

use crate::announcement::{AnnouncedPatch, Announcement};
use crate::assessment::AnnounceClause;
use crate::card::words::Words;
use crate::card::{Block, Button, ButtonStyle, Card, Fact, Reader, Tone};
use crate::environment_name::EnvironmentName;
use crate::press::Press;
use crate::run_id::RunId;
use crate::text::{Text, TimeStyle};
use crate::wording::Args;

/// What can be done about an announcement now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Plan the first environment of the promotion order.
    Plan(EnvironmentName),
    /// A run there is open, or has followed on this announcement.
    Follows(RunId),
    /// There is no environment to plan.
    Nothing,
}

/// The card of `announcement`.
pub fn card(announcement: &Announcement, next: &Next, reader: Reader) -> Card {
    let words = Words(reader.locale);
    let patches = &announcement.patches;
    let exploited = patches.iter().filter(|patch| patch.assessment.kev.is_some()).count();
    let counts =
        Args::new().number("patches", patches.len() as i64).number("exploited", exploited as i64);
    let title = words.phrase("announcement-title", &counts);
    let mut blocks = vec![Block::Text(words.say("announcement-lead", &counts))];
    blocks.extend(patches.iter().map(|announced| Block::Text(entry(announced, words))));
    blocks.push(Block::Facts(affected(patches, words)));
    if let Next::Follows(run) = next {
        let args = Args::new().text("run", run.to_string());
        blocks.push(Block::Text(words.say("announcement-follows", &args)));
    }
    let at = Args::new().time("at", announcement.at, TimeStyle::DateTime);
    blocks.push(Block::Note(words.say("announcement-note", &at)));
    let buttons = match next {
        Next::Plan(environment) => vec![Button {
            label: words
                .phrase("button-plan", &Args::new().text("environment", environment.as_str())),
            press: Press::Plan { environment: environment.clone() },
            style: ButtonStyle::Primary,
            confirm: None,
        }],
        Next::Follows(_) | Next::Nothing => Vec::new(),
    };
    let fallback = title.clone();
    Card { drill: reader.drill, tone: Tone::Attention, title, blocks, buttons, fallback }
}

fn entry(announced: &AnnouncedPatch, words: Words) -> Text {
    let AnnouncedPatch { patch, assessment, nodes, again } = announced;
    let total: u32 = nodes.values().sum();
    let mut text = words.patch_line(&patch.id, &patch.title, assessment, total);
    if let Some(kev) = &assessment.kev {
        text.append(Text::line_break());
        let mut args = Args::new().text("added", kev.date_added.to_string());
        args = args
            .text("due", kev.due_date.map_or_else(|| "-".to_owned(), |due| due.to_string()))
            .number("ransomware", i64::from(kev.ransomware));
        text.append(words.say("announcement-kev", &args));
    }
    text.append(Text::line_break());
    let clause = match assessment.clause {
        Some(AnnounceClause::LevelIII) => "clause-level-three",
        Some(AnnounceClause::KnownExploited) => "clause-known-exploited",
        None => "clause-none",
    };
    let why = words.say(clause, &Args::new());
    let args = Args::new().rich("why", why).number("again", i64::from(*again));
    text.append(words.say("announcement-why", &args));
    text
}

/// How many nodes each environment has that miss at least one: the most that any patch shows.
fn affected(patches: &[AnnouncedPatch], words: Words) -> Vec<Fact> {
    let mut most: BTreeMap<&EnvironmentName, u32> = BTreeMap::new();
    for (environment, nodes) in patches.iter().flat_map(|patch| &patch.nodes) {
        let known = most.entry(environment).or_default();
        *known = (*known).max(*nodes);
    }
    let fact = |(environment, nodes): (&EnvironmentName, u32)| Fact {
        label: environment.to_string(),
        value: words.say("announcement-affected", &Args::new().number("nodes", i64::from(nodes))),
    };
    most.into_iter().map(fact).collect()
}
