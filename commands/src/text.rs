//! Text with a little structure, the same for every platform. What somebody typed never becomes
//! structure: only our own wording does.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A person, by the name the configuration gave them, or by `slack:U…` where it gave none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonRef(pub String);

/// A piece of text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// As it is.
    Plain(String),
    /// Set apart.
    Strong(String),
    /// Something to copy.
    Code(String),
    /// Somebody, mentioned.
    Person(PersonRef),
    /// A moment, shown in the reader's own time zone where the platform can.
    Time {
        /// The moment.
        at: DateTime<Utc>,
        /// How much of it is shown.
        style: TimeStyle,
    },
    /// A new line.
    Break,
}

/// How much of a moment is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeStyle {
    /// The day.
    Date,
    /// The day and the time.
    DateTime,
    /// The time of the day.
    Clock,
}

impl TimeStyle {
    /// The moment in UTC, for whoever cannot show the reader's own time.
    pub fn in_utc(self, at: DateTime<Utc>) -> String {
        let format = match self {
            Self::Date => "%Y-%m-%d",
            Self::DateTime => "%Y-%m-%d %H:%M UTC",
            Self::Clock => "%H:%M UTC",
        };
        at.format(format).to_string()
    }
}

/// A run of spans.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(pub Vec<Span>);

impl Text {
    /// A mention.
    pub fn person(person: &PersonRef) -> Self {
        Self(vec![Span::Person(person.clone())])
    }

    /// Set apart.
    pub fn strong(text: &str) -> Self {
        Self(vec![Span::Strong(text.to_owned())])
    }

    /// A new line.
    pub fn line_break() -> Self {
        Self(vec![Span::Break])
    }

    /// Adds a span.
    pub fn push(&mut self, span: Span) {
        self.0.push(span);
    }

    /// Adds another text.
    pub fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Without structure, for notifications and logs.
    pub fn plain(&self) -> String {
        self.0
            .iter()
            .map(|span| match span {
                Span::Plain(text) | Span::Strong(text) | Span::Code(text) => text.clone(),
                Span::Person(PersonRef(name)) => format!("@{name}"),
                Span::Time { at, style } => style.in_utc(*at),
                Span::Break => " ".to_owned(),
            })
            .collect()
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(vec![Span::Plain(text)])
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}
