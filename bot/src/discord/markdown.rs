//! Discord's markup. Only our own wording becomes markup: text that a person wrote is escaped, so
//! that it stays as it was typed, mentions nobody and hides nothing behind a link.

use commands::text::TimeStyle;
use commands::text::{Span, Text};

use crate::chat::Directory;
use crate::chat::clamp::{ELLIPSIS, length};

/// A text with markup, cut to a limit between spans or inside words, and never inside markup.
pub fn markup(text: &Text, people: &Directory, limit: usize) -> String {
    let mut line = String::new();
    for span in &text.0 {
        let piece = piece(span, people);
        if length(&line) + length(&piece) <= limit {
            line.push_str(&piece);
            continue;
        }
        if let Span::Plain(words) = span {
            push_cut(&mut line, words, limit);
        } else if length(&line) < limit {
            line.push(ELLIPSIS);
        }
        break;
    }
    line
}

/// Adds as many words as fit with an ellipsis after them, and never half of an escaped character.
fn push_cut(line: &mut String, words: &str, limit: usize) {
    let mut used = length(line);
    let mut before = None;
    for character in words.chars() {
        let one = escaped_character(character, before);
        before = Some(character);
        if used + length(&one) >= limit {
            break;
        }
        used += length(&one);
        line.push_str(&one);
    }
    if used < limit {
        line.push(ELLIPSIS);
    }
}

fn piece(span: &Span, people: &Directory) -> String {
    match span {
        Span::Plain(words) => escaped(words),
        Span::Strong(words) if words.trim().is_empty() => escaped(words),
        // Markup has no effect with a space on its inner side.
        Span::Strong(words) => format!("**{}**", escaped(words.trim())),
        Span::Code(code) if code.trim().is_empty() => String::new(),
        Span::Code(code) => format!("`{}`", code.replace('`', "ˋ")),
        Span::Person(person) => match people.discord_id(person) {
            Some(id) => format!("<@{id}>"),
            None => format!("**{}**", escaped(people.name(person))),
        },
        Span::Group(group) => match people.discord_role(group) {
            Some(id) => format!("<@&{id}>"),
            None => format!("**@{}**", escaped(&group.0)),
        },
        Span::Time { at, style } => format!("<t:{}:{}>", at.timestamp(), time_format(*style)),
        Span::Link { label, address } => format!("[{}]({address})", escaped(label)),
        Span::Break => "\n".to_owned(),
    }
}

fn time_format(style: TimeStyle) -> char {
    match style {
        TimeStyle::Date => 'D',
        TimeStyle::DateTime => 'f',
    }
}

/// Words without any markup. Addresses stay whole, so that people can follow them.
pub fn escaped(text: &str) -> String {
    text.split_inclusive(char::is_whitespace)
        .map(|word| {
            if is_address(word.trim_end()) {
                word.to_owned()
            } else {
                let mut before = None;
                word.chars()
                    .map(|character| escaped_character(character, before.replace(character)))
                    .collect()
            }
        })
        .collect()
}

fn is_address(word: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:/?#=&%+".contains(&byte);
    word.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(allowed))
}

fn escaped_character(character: char, before: Option<char>) -> String {
    match character {
        // It begins a list or small print only at the start of a line; inside a name it is
        // harmless.
        '-' if before.is_some_and(char::is_alphanumeric) => "-".to_owned(),
        // A name with @ or # mentions nobody, whatever the message may mention.
        '@' => "@\u{200b}".to_owned(),
        '*' | '_' | '~' | '`' | '|' | '>' | '<' | '#' | '[' | ']' | '\\' | '-' => {
            format!("\\{character}")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::DateTime;

    use super::*;
    use crate::chat::{Person, Platform};

    fn people() -> Directory {
        let aiko = Person { slack: None, discord: Some("42".into()) };
        Directory::new(BTreeMap::from([("aiko".to_owned(), aiko)]))
    }

    #[test]
    fn what_somebody_wrote_stays_words() {
        let check = |text: &str, expected: &str| assert_eq!(escaped(text), expected, "{text}");
        check("**bold** @everyone <@42>", "\\*\\*bold\\*\\* @\u{200b}everyone \\<@\u{200b}42\\>");
        check("[click](https://evil.example)", "\\[click\\](https://evil.example)");
        check(
            "see https://alas.aws.amazon.com/a_b_c.html",
            "see https://alas.aws.amazon.com/a_b_c.html",
        );
        check("# not a heading", "\\# not a heading");
        check("- no item, production-2", "\\- no item, production-2");
    }

    #[test]
    fn spans_become_markup() {
        let text = Text(vec![
            Span::Strong("Approved".into()),
            Span::Plain(" by ".into()),
            Span::Person(people().person(Platform::Discord, "42")),
            Span::Plain(" and ".into()),
            Span::Person(people().person(Platform::Slack, "U1")),
            Span::Break,
            Span::Code("a`b".into()),
            Span::Time { at: DateTime::UNIX_EPOCH, style: TimeStyle::DateTime },
        ]);
        let expected = "**Approved** by <@42> and **U1**\n`aˋb`<t:0:f>";
        assert_eq!(markup(&text, &people(), 500), expected);
    }

    #[test]
    fn nothing_is_cut_in_the_middle_of_markup() {
        let text = Text(vec![Span::Plain("a*b*c ".into()), Span::Strong("important".into())]);
        for limit in 0..30 {
            let cut = markup(&text, &people(), limit);
            assert!(length(&cut) <= limit, "{limit}: {cut}");
            assert!(!cut.ends_with('\\'), "{limit}: {cut}");
            assert!(cut.matches("**").count().is_multiple_of(2), "{limit}: {cut}");
        }
    }
}
