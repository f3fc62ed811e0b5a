//! Text with a little structure, the same for every platform. Only our own wording can create
//! structure; what a person typed never does.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::GroupRef;
use crate::patch::advisory::CveId;

use crate::id::PersonRef;

pub mod wording;

/// A piece of text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// Plain text.
    Plain(String),
    /// Emphasized text.
    Strong(String),
    /// Text to copy.
    Code(String),
    /// A mention of a person.
    Person(PersonRef),
    /// A mention of everybody in a group.
    Group(GroupRef),
    /// A time, shown in the reader's own time zone if the platform can.
    Time {
        /// The time.
        at: DateTime<Utc>,
        /// How much of it is shown.
        style: TimeStyle,
    },
    /// A link. The address is always ours or the platform's; no person typed it.
    Link {
        /// The text of the link.
        label: String,
        /// The address, with its scheme.
        address: String,
    },
    /// A line break.
    Break,
}

/// How much of a time is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeStyle {
    /// The date.
    Date,
    /// The date and the time of day. There is no style for the time alone, because a window crosses
    /// midnight, and people read a card the morning after.
    DateTime,
}

impl TimeStyle {
    /// The time in UTC, for platforms that cannot show the reader's own time zone.
    pub fn in_utc(self, at: DateTime<Utc>) -> String {
        let format = match self {
            Self::Date => "%Y-%m-%d",
            Self::DateTime => "%Y-%m-%d %H:%M UTC",
        };
        at.format(format).to_string()
    }
}

/// A sequence of spans.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(pub Vec<Span>);

impl Text {
    /// A mention of a person.
    pub fn person(person: &PersonRef) -> Self {
        Self(vec![Span::Person(person.clone())])
    }

    /// A mention of everybody in a group.
    pub fn group(group: &GroupRef) -> Self {
        Self(vec![Span::Group(group.clone())])
    }

    /// Emphasized text.
    pub fn strong(text: &str) -> Self {
        Self(vec![Span::Strong(visible(text))])
    }

    /// Text to copy.
    pub fn code(text: &str) -> Self {
        Self(vec![Span::Code(visible(text))])
    }

    /// A vulnerability, as a link to its page at the NVD. The address is safe for every platform,
    /// because a [`CveId`] contains only letters, digits and hyphens.
    pub fn cve(cve: &CveId) -> Self {
        let address = format!("https://nvd.nist.gov/vuln/detail/{cve}");
        Self(vec![Span::Link { label: cve.to_string(), address }])
    }

    /// A text of a vendor or the NVD, in which each vulnerability becomes a link.
    pub fn naming_cves(text: &str) -> Self {
        let text = visible(text);
        let mut linked = Self::default();
        let mut rest = text.as_str();
        while let Some((before, cve, after)) = next_cve(rest) {
            if !before.is_empty() {
                linked.push(Span::Plain(before.to_owned()));
            }
            linked.append(Self::cve(&cve));
            rest = after;
        }
        if !rest.is_empty() {
            linked.push(Span::Plain(rest.to_owned()));
        }
        linked
    }

    /// A line break.
    pub fn line_break() -> Self {
        Self(vec![Span::Break])
    }

    /// Appends a span.
    pub fn push(&mut self, span: Span) {
        self.0.push(span);
    }

    /// Appends another text.
    pub fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text without structure, for notifications and logs.
    pub fn plain(&self) -> String {
        self.0
            .iter()
            .map(|span| match span {
                Span::Plain(text) | Span::Strong(text) | Span::Code(text) => text.clone(),
                Span::Person(person) => format!("@{}", person.called()),
                Span::Group(GroupRef(name)) => format!("@{name}"),
                Span::Time { at, style } => style.in_utc(*at),
                Span::Link { label, .. } => label.clone(),
                Span::Break => " ".to_owned(),
            })
            .collect()
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(vec![Span::Plain(visible(text))])
    }
}

/// The first vulnerability in a text, with the text before and after it. A longer word that only
/// begins or ends like one does not count.
fn next_cve(text: &str) -> Option<(&str, CveId, &str)> {
    let mut from = 0;
    while let Some(found) = text.get(from..)?.find("CVE-") {
        let start = from + found;
        let (before, rest) = text.split_at(start);
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let stands_alone = !before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
        match word.parse() {
            Ok(cve) if stands_alone => return Some((before, cve, after)),
            Ok(_) | Err(_) => from = start + "CVE-".len(),
        }
    }
    None
}

/// `text` in a form that a reader can trust. Text that a person typed, or the name of a node, must
/// not change the words around it: a line break would fake a line of the card, and the directional
/// characters of the Unicode Bidirectional Algorithm (UAX #9, 2) would show another order.
fn visible(text: &str) -> String {
    let mut seen = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{061C}'
            | '\u{200E}'
            | '\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}' => {}
            c if c.is_control() && !c.is_whitespace() => {}
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                if !seen.is_empty() && !seen.ends_with(' ') {
                    seen.push(' ');
                }
            }
            c => seen.push(c),
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_fakes_a_line_or_an_order() {
        let check = |typed: &str, read: &str| {
            assert_eq!(Text::from(typed), Text(vec![Span::Plain(read.to_owned())]), "{typed:?}");
            assert_eq!(Text::strong(typed).plain(), read);
            assert_eq!(Text::code(typed).plain(), read);
        };
        check("fine\r\n\r\nApproved by everybody", "fine Approved by everybody");
        check("\u{202E}lla no\u{202C} web-01", "lla no web-01");
        check("bell\u{7} and \u{2067}more\u{2069}", "bell and more");
        check("東京 – déjà vu 🚧", "東京 – déjà vu 🚧");
    }

    #[test]
    fn every_vulnerability_that_is_named_is_a_link() {
        let check = |text: &str, links: &[&str]| {
            let linked = Text::naming_cves(text);
            assert_eq!(linked.plain(), text);
            let found = linked.0.iter().filter_map(|span| match span {
                Span::Link { address, .. } => {
                    address.strip_prefix("https://nvd.nist.gov/vuln/detail/")
                }
                _ => None,
            });
            assert_eq!(found.collect::<Vec<_>>(), links, "{text}");
        };
        check("a flaw (CVE-2006-5051), again", &["CVE-2006-5051"]);
        check("CVE-2024-6387 and CVE-2024-1086.", &["CVE-2024-6387", "CVE-2024-1086"]);
        check("CVE-2024-1, CVE-2024-12a4, XCVE-2024-6387 and CVE-", &[]);
        check("脆弱性CVE-2024-6387の修正", &["CVE-2024-6387"]);
        check("", &[]);
    }
}
