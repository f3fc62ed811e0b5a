//! The view: what a reader sees and can press, derived from the state, the same for every platform.
//!
//! A card knows nothing of Slack or Discord. Cards are compared by digest: if the posted card has
//! another digest than the one derived now, an edit is pending.

use serde::{Deserialize, Serialize};

use crate::id::Digest;
use crate::input::button::ButtonAction;
use crate::text::Text;
use crate::text::wording::Locale;

pub mod announcement;
pub mod compliance;
pub(crate) mod decision_request;
mod failure;
pub mod form;
pub mod help;
mod menu;
mod missing;
mod notice;
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
mod runs;
mod show;
mod status;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod two_groups;
mod window;
mod words;

pub(crate) use notice::notice;
pub use notice::{emergency_stop_card, refusal_card, unreadable_card, working_card};
pub use overview::{Entry, Overview, Section};
pub use post::Post;
pub(crate) use words::{Words, join};

/// The reader for whom a card is worded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader {
    /// The language of the reader or channel.
    pub locale: Locale,
    /// Whether the services behind the bot are simulated: every card then says so.
    pub drill: bool,
}

/// A message with everything on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Whether the card is marked as a drill, because nothing on it is real.
    pub drill: bool,
    /// The tone of its appearance.
    pub tone: Tone,
    /// One line: what the card is about.
    pub title: String,
    /// The content, from top to bottom.
    pub blocks: Vec<Block>,
    /// The buttons; empty once nothing can be pressed.
    pub buttons: Vec<Button>,
    /// One or two sentences for notifications and for readers who cannot see the rest.
    pub fallback: String,
}

/// The tone of a card's appearance. It is never the only sign: the title says it in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Only information.
    Calm,
    /// Somebody should read it or decide.
    Attention,
    /// It is about production.
    Production,
    /// Something succeeded.
    Good,
    /// Something failed.
    Bad,
}

/// A part of a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// A paragraph.
    Text(Text),
    /// Short labelled values, two in a row if there is room.
    Facts(Vec<Fact>),
    /// Rows and columns.
    Table(Table),
    /// A chart of counts.
    Chart(Chart),
    /// The complete table whose beginning a table of the card shows, as a file, if the platform
    /// takes one beside a card. Otherwise it is left out, and the card says where to read on.
    Report(Table),
    /// A progress bar.
    Progress(Progress),
    /// Small print.
    Note(Text),
    /// A horizontal line.
    Divider,
}

/// A labelled value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// The label, such as "Nodes".
    pub label: String,
    /// The value, such as "6, one of them offline".
    pub value: Text,
}

/// A table; every row has one cell for each column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// The headings.
    pub columns: Vec<String>,
    /// The cells, row by row.
    pub rows: Vec<Vec<Text>>,
}

/// Counts by category and series, for a stacked bar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chart {
    /// What the chart shows.
    pub title: String,
    /// The categories, one bar each.
    pub categories: Vec<String>,
    /// The series, one colour each; each has one value for each category.
    pub series: Vec<Series>,
}

/// One series of a chart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// The name of the series in the legend.
    pub name: String,
    /// One value for each category.
    pub values: Vec<u32>,
}

/// The progress of something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What is going on.
    pub label: Text,
    /// How many have ended.
    pub done: u32,
    /// How many of these have failed.
    pub bad: u32,
    /// How many there are in all.
    pub total: u32,
}

/// A button of a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// The label of the button.
    pub label: String,
    /// The action of a press.
    pub press: ButtonAction,
    /// The appearance of the button.
    pub style: ButtonStyle,
    /// The question that must be answered before the press counts.
    pub confirm: Option<Confirm>,
}

/// The appearance of a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonStyle {
    /// One of several equal actions.
    Plain,
    /// The usual action.
    Primary,
    /// An action that cannot be undone.
    Danger,
}

/// A confirmation: "Are you sure?", with the consequences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirm {
    /// The question, as the title of the dialog.
    pub title: String,
    /// The consequences.
    pub text: String,
    /// The label of the button that goes on.
    pub yes: String,
    /// The label of the button that cancels.
    pub no: String,
}

impl Card {
    /// The digest that is compared to see whether the posted card is still up to date.
    pub fn digest(&self) -> Digest {
        Digest::of(self)
    }
}
