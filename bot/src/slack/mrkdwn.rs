//! Slack's markup, for the elements that accept nothing else: fields, small print, notifications.
//!
//! Markup has no escape for `*`, `_`, `~` and the backtick. Where one of them could begin a format,
//! a look-alike replaces it; in the middle of a word it stays. Text that no [`Span`] declares as
//! markup is words: it mentions nobody, links nowhere, formats nothing and shows no emoji.

use chrono::{DateTime, Utc};
use commands::text::{Span, Text, TimeStyle};

use crate::chat::Directory;
use crate::chat::clamp::{ELLIPSIS, length};

/// The maximum length of a link's label, in characters.
const LABEL: usize = 100;

/// An invisible separator. It also creates a word boundary beside scripts without spaces, where
/// Slack would otherwise show the asterisks of a bold word.
const GAP: char = '\u{200b}';

/// A text as markup with at most this many characters, cut between characters and never inside
/// markup.
pub fn markup(text: &Text, people: &Directory, limit: usize) -> String {
    let mut line = Line::new(limit);
    for span in &text.0 {
        match span {
            Span::Plain(words) => line.words(words, "", "", plain_character),
            Span::Strong(words) => line.words(words, "\u{200b}*", "*\u{200b}", strong_character),
            Span::Code(words) => line.words(words, "\u{200b}`", "`\u{200b}", code_character),
            Span::Person(person) => match people.slack_id(person) {
                Some(id) => line.whole(&format!("<@{id}>")),
                None => line.words(people.name(person), "", "", plain_character),
            },
            Span::Group(group) => match people.slack_group(group) {
                Some(id) => line.whole(&format!("<!subteam^{id}>")),
                None => {
                    let name = format!("@{}", group.0);
                    line.words(&name, "\u{200b}*", "*\u{200b}", strong_character);
                }
            },
            Span::Time { at, style } => line.whole(&time(*at, *style)),
            Span::Link { label, address } => {
                line.whole(&format!("<{address}|{}>", self::words(label, LABEL)));
            }
            Span::Break => line.whole("\n"),
        }
    }
    line.out
}

/// Markup that shows just these words, with at most this many characters.
pub fn words(text: &str, limit: usize) -> String {
    let mut line = Line::new(limit);
    line.words(text, "", "", plain_character);
    line.out
}

/// Words in bold, with at most this many characters.
pub fn strong(text: &str, limit: usize) -> String {
    let mut line = Line::new(limit);
    line.words(text, "\u{200b}*", "*\u{200b}", strong_character);
    line.out
}

/// Words for an element that formats nothing, but still turns `:name:` into an emoji.
pub fn bare(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        out.push(if character == '\n' { ' ' } else { character });
        if character == ':' && begins_emoji(&text[at + 1..]) {
            out.push(GAP);
        }
    }
    out
}

/// The token that Slack's own clients replace in the reader's time zone. It is never one of the
/// `…_pretty` tokens: they say "today", which does not fit after "at" or "on", and which does not
/// stay true for long.
pub(super) fn time_format(style: TimeStyle) -> &'static str {
    match style {
        TimeStyle::Date => "{date_num}",
        TimeStyle::DateTime => "{date_num} {time}",
    }
}

fn time(at: DateTime<Utc>, style: TimeStyle) -> String {
    format!("<!date^{}^{}|{}>", at.timestamp(), time_format(style), style.in_utc(at))
}

/// A line that grows up to its limit and then accepts nothing more.
struct Line {
    out: String,
    left: usize,
    full: bool,
}

impl Line {
    fn new(limit: usize) -> Self {
        Self { out: String::new(), left: limit, full: false }
    }

    /// Adds a text as a whole or not at all.
    fn whole(&mut self, markup: &str) {
        if self.full {
            return;
        }
        let needed = length(markup);
        if needed < self.left {
            self.out.push_str(markup);
            self.left -= needed;
        } else {
            self.end();
        }
    }

    /// Adds as many characters as fit between the two marks.
    fn words(
        &mut self,
        text: &str,
        open: &str,
        close: &str,
        escape: fn(Option<char>, char, &str) -> String,
    ) {
        let marks = length(open) + length(close);
        if self.full || text.is_empty() {
            return;
        }
        if self.left <= marks + 2 {
            return self.end();
        }
        // One character is reserved for the ellipsis, whether or not it will be needed.
        let mut room = self.left - marks - 1;
        let mut cut = false;
        self.out.push_str(open);
        each_character(text, |before, character, rest| {
            let escaped = escape(before, character, rest);
            let needed = length(&escaped);
            cut = cut || needed > room;
            if !cut {
                self.out.push_str(&escaped);
                room -= needed;
            }
        });
        self.out.push_str(close);
        self.left = room + 1;
        if cut {
            self.end();
        }
    }

    fn end(&mut self) {
        if !self.full && self.left > 0 {
            self.out.push(ELLIPSIS);
        }
        self.full = true;
    }
}

/// Calls `see` with each character, the one before it, and what follows it.
fn each_character(text: &str, mut see: impl FnMut(Option<char>, char, &str)) {
    let mut before = None;
    for (at, character) in text.char_indices() {
        see(before, character, &text[at + character.len_utf8()..]);
        before = Some(character);
    }
}

fn plain_character(before: Option<char>, character: char, rest: &str) -> String {
    let inside_a_word = before.is_some_and(|c| c.is_ascii_alphanumeric());
    match character {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        // Even if escaped, it starts a quote at the beginning of a line.
        '>' if before.is_none_or(|c| c == '\n') => format!("{GAP}&gt;"),
        '>' => "&gt;".to_owned(),
        '`' => "ˋ".to_owned(),
        '*' if !inside_a_word => "∗".to_owned(),
        '_' if !inside_a_word => "ˍ".to_owned(),
        '~' if !inside_a_word => "∼".to_owned(),
        ':' if rest.starts_with("//") || begins_emoji(rest) => format!(":{GAP}"),
        '@' if ["here", "channel", "everyone"].iter().any(|all| rest.starts_with(all)) => {
            format!("@{GAP}")
        }
        _ => character.to_string(),
    }
}

fn strong_character(before: Option<char>, character: char, rest: &str) -> String {
    match character {
        '*' => "∗".to_owned(),
        '\n' => " ".to_owned(),
        _ => plain_character(before, character, rest),
    }
}

fn code_character(_: Option<char>, character: char, _: &str) -> String {
    match character {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '`' => "ˋ".to_owned(),
        '\n' => " ".to_owned(),
        _ => character.to_string(),
    }
}

/// Whether a colon before this would start the name of an emoji; "10:30:00" has no letter.
fn begins_emoji(rest: &str) -> bool {
    let name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_+'-".contains(c);
    rest.find(|c| !name(c)).is_some_and(|end| {
        rest[end..].starts_with(':')
            && rest[..end].chars().any(|c| c.is_ascii_lowercase() || c == '+')
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::chat::{Person, Platform};

    #[test]
    fn what_people_wrote_stays_words() {
        let check = |text: &str, expected: &str| assert_eq!(words(text, 500), expected, "{text}");
        check("<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@U1&gt;");
        check("*bold* _it_ ~no~", "∗bold* ˍit_ ∼no~");
        check("snake_case a*b*c", "snake_case a*b*c");
        check("日本*太字*", "日本∗太字∗");
        check("`rm`", "ˋrmˋ");
        check("> quote\n> more", "\u{200b}&gt; quote\n\u{200b}&gt; more");
        check("https://evil.example", "https:\u{200b}//evil.example");
        check("all :white_check_mark: at 10:30:00", "all :\u{200b}white_check_mark: at 10:30:00");
        check("@here @channel a@example.com", "@\u{200b}here @\u{200b}channel a@example.com");
    }

    #[test]
    fn our_own_words_have_structure() {
        let aiko = Person { slack: Some("U0AIKO".into()), discord: None };
        let people = Directory::new(BTreeMap::from([("aiko".to_owned(), aiko)]));
        let at = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
        let text = Text(vec![
            Span::Strong("承認".into()),
            Span::Plain("が必要".into()),
            Span::Break,
            Span::Person(people.person(Platform::Slack, "U0AIKO")),
            Span::Plain(" ".into()),
            Span::Person(people.person(Platform::Slack, "<!here>")),
            Span::Plain(" ".into()),
            Span::Code("a`b".into()),
            Span::Time { at, style: TimeStyle::DateTime },
        ]);
        assert_eq!(
            markup(&text, &people, 500),
            "\u{200b}*承認*\u{200b}が必要\n<@U0AIKO> &lt;!here&gt; \u{200b}`aˋb`\u{200b}\
             <!date^1700000000^{date_num} {time}|2023-11-14 22:13 UTC>"
        );
    }

    #[test]
    fn nothing_is_cut_inside_markup() {
        let people = Directory::default();
        let ampersands = Text(vec![Span::Strong("&".repeat(100)), Span::Plain("x".repeat(50))]);
        for limit in 0..600 {
            let cut = markup(&ampersands, &people, limit);
            assert!(length(&cut) <= limit, "{limit}: {cut}");
            assert_eq!(cut.matches('*').count() % 2, 0, "{limit}: {cut}");
            assert_eq!(cut.matches('&').count(), cut.matches("&amp;").count(), "{limit}: {cut}");
        }
        assert!(!markup(&ampersands, &people, 554 + 2).contains('…'));
        let time = Text(vec![Span::Time { at: DateTime::UNIX_EPOCH, style: TimeStyle::Date }]);
        assert_eq!(markup(&time, &people, 20), "…");
    }
}
