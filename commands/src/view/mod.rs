//! What a reader sees and can press: derived from state, the same for every platform.
//!
//! A card knows nothing of Slack or Discord. It is compared by its digest: when that of the card
//! on the wall differs from the one derived now, an edit is pending.

use serde::{Deserialize, Serialize};

use crate::id::Digest;
use crate::input::button::Press;
use crate::text::Text;
use crate::text::wording::Locale;

pub mod announcement;
mod answer;
pub mod compliance;
pub(crate) mod decision_request;
mod failure;
pub mod form;
mod menu;
#[cfg(test)]
mod outcome_tests;
mod overview;
#[cfg(test)]
mod overview_tests;
#[cfg(test)]
mod pins_tests;
mod post;
mod refusal;
pub mod run;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod two_groups;
mod window;
mod words;

pub(crate) use answer::notice;
pub use answer::{emergency_stop_card, refusal_card, unreadable_card, working_card};
pub use overview::{Entry, Overview, Section};
pub use post::Post;
pub(crate) use words::{Words, join};

/// For whom a card is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader {
    /// The language of the channel.
    pub locale: Locale,
    /// Whether the services behind it are not the real ones: every card then says so.
    pub drill: bool,
}

/// A message with everything on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Shown with its own mark, because nothing on it is real.
    pub drill: bool,
    /// How it should look at a glance.
    pub tone: Tone,
    /// One line: what this is about.
    pub title: String,
    /// From top to bottom.
    pub blocks: Vec<Block>,
    /// What can be pressed; empty once nothing can be.
    pub buttons: Vec<Button>,
    /// One or two sentences for notifications and for whoever cannot see the rest.
    pub fallback: String,
}

/// How a card looks at a glance. Never the only sign: the title says it in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// For information.
    Calm,
    /// Somebody should look or decide.
    Attention,
    /// It is about production.
    Production,
    /// It went well.
    Good,
    /// It went badly.
    Bad,
}

/// A part of a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// A paragraph.
    Text(Text),
    /// Short labelled values, two beside each other where there is room.
    Facts(Vec<Fact>),
    /// Rows and columns.
    Table(Table),
    /// A chart of counts.
    Chart(Chart),
    /// What a table beside it shows the beginning of, whole: as a file, where the platform takes one
    /// beside a card. Elsewhere it is left out, and the card says where to read on.
    Report(Table),
    /// How far something has come.
    Progress(Progress),
    /// Small print.
    Note(Text),
    /// A line across.
    Divider,
}

/// A labelled value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Such as "Nodes".
    pub label: String,
    /// Such as "6, one of them offline".
    pub value: Text,
}

/// Rows and columns; every row has as many cells as there are columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Headings.
    pub columns: Vec<String>,
    /// Cells.
    pub rows: Vec<Vec<Text>>,
}

/// Counts by category and series, for a stacked bar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// One bar each.
    pub categories: Vec<String>,
    /// One colour each; as many values as categories.
    pub series: Vec<Series>,
}

/// One series of a chart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// One value a category.
    pub values: Vec<u32>,
}

/// How far something has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What is going on, in words.
    pub label: Text,
    /// Ended.
    pub done: u32,
    /// Of these, ended badly.
    pub bad: u32,
    /// All.
    pub total: u32,
}

/// Something to press.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What it says.
    pub label: String,
    /// What pressing it asks for.
    pub press: Press,
    /// How it looks.
    pub style: ButtonStyle,
    /// What is asked before it counts.
    pub confirm: Option<Confirm>,
}

/// How a button looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonStyle {
    /// One of several.
    Plain,
    /// What one would mostly press.
    Primary,
    /// What cannot be taken back.
    Danger,
}

/// "Are you sure?", with what it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirm {
    /// The question.
    pub title: String,
    /// What will happen.
    pub text: String,
    /// To go on.
    pub yes: String,
    /// To leave it.
    pub no: String,
}

impl Card {
    /// What is compared to see whether the card on the wall is still right.
    pub fn digest(&self) -> Digest {
        Digest::of(self)
    }
}
