//! The card that announces patches: their severity and its source, the affected environments, and
//! what to do next.

use std::collections::BTreeMap;

use crate::announcement::{Affected, AnnouncedPatch, Announcement};
use crate::environment::Promotion;
use crate::id::{EnvironmentName, GroupRef, RunId};
use crate::input::button::ButtonAction;
use crate::patch::assessment::AnnounceClause;
use crate::text::wording::Args;
use crate::text::{Text, TimeStyle};
use crate::view::words::Words;
use crate::view::{Block, Button, ButtonStyle, Card, Fact, Reader, Tone};

/// The most environments that get a button: more would be a wall of buttons, and the others can be
/// planned by command.
const BUTTONS: usize = 5;

/// What can be done about an announcement now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Next {
    /// Environments where its patches arrive first and that can be planned.
    pub plan: Vec<EnvironmentName>,
    /// Runs in those environments that are open, or that followed this announcement.
    pub follows: Vec<RunId>,
    /// The owners of the environments that have one.
    pub owners: BTreeMap<EnvironmentName, GroupRef>,
}

/// The card of `announcement`.
pub fn card(
    announcement: &Announcement,
    next: &Next,
    promotion: &Promotion,
    reader: Reader,
) -> Card {
    let words = Words(reader.locale);
    let patches = &announcement.patches;
    let exploited = patches.iter().filter(|patch| patch.assessment.kev.is_some()).count();
    let counts =
        Args::new().number("patches", patches.len() as i64).number("exploited", exploited as i64);
    let title = words.phrase("announcement-title", &counts);
    let mut blocks = vec![Block::Text(words.say("announcement-lead", &counts))];
    blocks.extend(patches.iter().map(|announced| Block::Text(entry(announced, words))));
    blocks.push(Block::Facts(affected(announcement, next, promotion, words)));
    for run in &next.follows {
        let args = Args::new().text("run", run.to_string());
        blocks.push(Block::Text(words.say("announcement-follows", &args)));
    }
    let at =
        Args::new().time("at", announcement.at, TimeStyle::DateTime).rich("levels", words.levels());
    blocks.push(Block::Note(words.say("announcement-note", &at)));
    let several = i64::from(next.plan.len() > 1);
    let buttons = next.plan.iter().take(BUTTONS).flat_map(|environment| {
        let args = Args::new().text("environment", environment.as_str()).number("several", several);
        let plain = Button {
            label: words.phrase("button-plan", &args),
            press: ButtonAction::Plan { environment: environment.clone() },
            style: ButtonStyle::Primary,
            confirm: None,
        };
        let with_options = Button {
            label: words.phrase("button-plan-with", &args),
            press: ButtonAction::PlanWith { environment: Some(environment.clone()) },
            style: ButtonStyle::Plain,
            confirm: None,
        };
        [plain, with_options]
    });
    let buttons = buttons.collect();
    let fallback = title.clone();
    Card { drill: reader.drill, tone: Tone::Attention, title, blocks, buttons, fallback }
}

fn entry(announced: &AnnouncedPatch, words: Words) -> Text {
    let AnnouncedPatch { patch, assessment, nodes, again } = announced;
    let total: u32 = nodes.values().sum();
    let mut text = words.patch_line(&patch.id, &patch.title, assessment, total);
    if let Some(scored) = &assessment.score {
        text.append(Text::line_break());
        text.append(words.scored_by(scored));
    }
    // The first line already says that it is level III.
    let kev = assessment.kev.as_ref();
    let listed = kev.filter(|_| assessment.clause == Some(AnnounceClause::KnownExploited));
    let why = listed.map(|kev| {
        let due = kev.due_date.map_or_else(|| "-".to_owned(), |due| due.to_string());
        let args = Args::new()
            .text("added", kev.date_added.to_string())
            .text("due", due)
            .number("ransomware", i64::from(kev.ransomware));
        words.say("clause-known-exploited", &args)
    });
    if *again {
        text.append(Text::line_break());
        text.append(words.say("announcement-again", &Args::new()));
    }
    if let Some(why) = why {
        text.append(Text::line_break());
        text.append(why);
    }
    text
}

fn affected(
    announcement: &Announcement,
    next: &Next,
    promotion: &Promotion,
    words: Words,
) -> Vec<Fact> {
    let fact = |(environment, affected): (&EnvironmentName, &Affected)| {
        let args = Args::new()
            .number("nodes", i64::from(affected.nodes))
            .number("of", i64::from(affected.of));
        let mut value = words.say("announcement-affected", &args);
        if let Some(owner) = next.owners.get(environment) {
            let owner = Args::new().rich("owner", Text::group(owner));
            value.append(words.say("announcement-owner", &owner));
        }
        Fact { label: environment.to_string(), value }
    };
    let mut affected: Vec<_> = announcement.affected.iter().collect();
    affected.sort_by_key(|(environment, _)| promotion.place(environment));
    affected.into_iter().map(fact).collect()
}
