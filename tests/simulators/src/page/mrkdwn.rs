//! Renders Slack's own markup: `*bold*`, `<@U…>`, `<!date^…>` and so on. Everything is escaped.

use chrono::{DateTime, FixedOffset, Utc};
use maud::{Markup, html};

use super::{dates, emoji};
use crate::slack::{Channel, Person, UserGroup};

/// What a reader needs: names, and the time.
pub(super) struct Reader {
    pub(super) people: Vec<Person>,
    pub(super) groups: Vec<UserGroup>,
    pub(super) channels: Vec<Channel>,
    pub(super) me: String,
    pub(super) now: DateTime<Utc>,
    pub(super) zone: FixedOffset,
}

impl Reader {
    pub(super) fn name<'a>(&'a self, id: &'a str) -> &'a str {
        let found = self.people.iter().find(|person| person.id == id);
        found.map_or(id, |person| person.real_name.as_str())
    }

    pub(super) fn mention(&self, id: &str) -> Markup {
        let mine = id == self.me;
        html! { span.mention.to-me[mine] { "@" (self.name(id)) } }
    }

    pub(super) fn group(&self, id: &str) -> Markup {
        let found = self.groups.iter().find(|group| group.id == id);
        let mine = found.is_some_and(|group| group.users.contains(&self.me));
        let name = found.map_or(id, |group| group.handle.as_str());
        html! { span.mention.to-me[mine] { "@" (name) } }
    }

    pub(super) fn channel(&self, id: &str) -> Markup {
        let found = self.channels.iter().find(|channel| channel.id == id);
        html! { span.mention { "#" (found.map_or(id, |channel| channel.name.as_str())) } }
    }
}

/// A whole text: fenced code, quotes and lines.
pub(super) fn render(reader: &Reader, text: &str) -> Markup {
    html! {
        @for (index, part) in text.split("```").enumerate() {
            @if index % 2 == 1 {
                pre { code { (plain(part.trim_matches('\n'))) } }
            } @else {
                (lines(reader, part))
            }
        }
    }
}

fn lines(reader: &Reader, text: &str) -> Markup {
    let text = text.trim_matches('\n');
    let mut groups: Vec<(bool, Vec<&str>)> = Vec::new();
    for line in text.split('\n') {
        let quoted = line.strip_prefix("&gt;").or_else(|| line.strip_prefix('>'));
        let (is_quote, line) = quoted.map_or((false, line), |rest| (true, rest.trim_start()));
        match groups.last_mut() {
            Some((same, lines)) if *same == is_quote => lines.push(line),
            _ => groups.push((is_quote, vec![line])),
        }
    }
    html! {
        @for (is_quote, lines) in &groups {
            @if *is_quote { blockquote { (broken(reader, lines)) } } @else { (broken(reader, lines)) }
        }
    }
}

fn broken(reader: &Reader, lines: &[&str]) -> Markup {
    html! {
        @for (index, line) in lines.iter().enumerate() {
            @if index > 0 { br; }
            (inline(reader, line))
        }
    }
}

/// One line.
pub(super) fn inline(reader: &Reader, line: &str) -> Markup {
    let mut parts = Vec::new();
    let mut plain_from = 0;
    let mut at = 0;
    let mut before: Option<char> = None;
    while let Some(sign) = line[at..].chars().next() {
        if let Some((length, markup)) = special(reader, &line[at..], sign, before) {
            parts.push(html! { (plain(&line[plain_from..at])) (markup) });
            before = line[at..at + length].chars().next_back();
            at += length;
            plain_from = at;
        } else {
            before = Some(sign);
            at += sign.len_utf8();
        }
    }
    html! { @for part in parts { (part) } (plain(&line[plain_from..])) }
}

/// The mark that starts here, and its length in bytes.
fn special(
    reader: &Reader,
    rest: &str,
    sign: char,
    before: Option<char>,
) -> Option<(usize, Markup)> {
    let opens = before.is_none_or(|sign| !sign.is_alphanumeric());
    match sign {
        '<' => {
            let end = rest.find('>')?;
            Some((end + 1, token(reader, &rest[1..end])))
        }
        '`' => {
            let end = rest[1..].find('`').filter(|&end| end > 0)? + 1;
            Some((end + 1, html! { code { (plain(&rest[1..end])) } }))
        }
        '*' | '_' | '~' if opens => {
            let end = closing(rest, sign)?;
            let inner = inline(reader, &rest[1..end]);
            let markup = match sign {
                '*' => html! { strong { (inner) } },
                '_' => html! { em { (inner) } },
                _ => html! { s { (inner) } },
            };
            Some((end + 1, markup))
        }
        _ => None,
    }
}

/// Where the same sign closes: after a character, and not within a word.
fn closing(rest: &str, sign: char) -> Option<usize> {
    if rest[1..].chars().next()?.is_whitespace() {
        return None;
    }
    let mut before = sign;
    for (at, found) in rest.char_indices().skip(1) {
        let after = rest[at + found.len_utf8()..].chars().next();
        let ends = after.is_none_or(|sign| !sign.is_alphanumeric());
        if found == sign && at > 1 && !before.is_whitespace() && ends {
            return Some(at);
        }
        before = found;
    }
    None
}

fn token(reader: &Reader, inside: &str) -> Markup {
    let (what, label) = match inside.split_once('|') {
        Some((what, label)) => (what, Some(label)),
        None => (inside, None),
    };
    if let Some(id) = what.strip_prefix('@') {
        return reader.mention(id);
    }
    if let Some(id) = what.strip_prefix('#') {
        return reader.channel(id);
    }
    if let Some(id) = what.strip_prefix("!subteam^") {
        return reader.group(id);
    }
    if let Some(date) = what.strip_prefix("!date^") {
        return self::date(reader, date, label.unwrap_or_default());
    }
    if let Some(everyone) = what.strip_prefix('!') {
        return html! { span.mention.to-me { "@" (everyone) } };
    }
    link(what, &plain_text(label.unwrap_or(what)))
}

/// Links of any other kind are shown, but do nothing.
pub(super) fn link(url: &str, label: &str) -> Markup {
    let url = plain_text(url);
    let is_safe = ["https://", "http://", "mailto:"].iter().any(|start| url.starts_with(start));
    html! {
        @if is_safe {
            a href=(url) target="_blank" rel="noopener noreferrer" { (label) }
        } @else {
            span { (label) }
        }
    }
}

fn date(reader: &Reader, date: &str, fallback: &str) -> Markup {
    let mut parts = date.splitn(3, '^');
    let at = parts.next().and_then(|seconds| seconds.parse().ok());
    let at = at.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let text = match (at, parts.next()) {
        (Some(at), Some(format)) => dates::fill(format, at, reader.now, reader.zone),
        _ => plain_text(fallback),
    };
    html! { time title=(plain_text(fallback)) { (text) } }
}

fn plain(text: &str) -> Markup {
    html! { (emoji::replace(&plain_text(text))) }
}

/// Slack has exactly three entities.
fn plain_text(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_read_and_everything_else_escaped() {
        let reader = Reader {
            people: vec![Person::new("U1", "aiko", "Aiko")],
            groups: vec![UserGroup::new("S1", "ops", "Operations", &["U1"])],
            channels: vec![Channel::new("C1", "patching", &[])],
            me: "U1".to_owned(),
            now: DateTime::UNIX_EPOCH,
            zone: dates::zone(0),
        };
        let cases = [
            (
                "*bold* _it_ ~no~ `a*b*`",
                "<strong>bold</strong> <em>it</em> <s>no</s> <code>a*b*</code>",
            ),
            ("2*3*4 snake_case_name", "2*3*4 snake_case_name"),
            ("<@U1>", "<span class=\"mention to-me\">@Aiko</span>"),
            ("<!subteam^S1>", "<span class=\"mention to-me\">@ops</span>"),
            ("<#C1>", "<span class=\"mention\">#patching</span>"),
            ("<!date^0^{date_num}|then>", "<time title=\"then\">1970-01-01</time>"),
            ("<javascript:alert(1)|x>", "<span>x</span>"),
            ("a &lt;b&gt; &amp; <script", "a &lt;b&gt; &amp; &lt;script"),
            ("*日本語*の文", "*日本語*の文"),
            ("*日本語* の文", "<strong>日本語</strong> の文"),
            ("&gt; said\nno", "<blockquote>said</blockquote>no"),
            ("```x < y```", "<pre><code>x &lt; y</code></pre>"),
        ];
        for (text, expected) in cases {
            assert_eq!(render(&reader, text).into_string(), expected, "{text}");
        }
        let link = render(&reader, "<https://a.example/?x=1&amp;y=2|see>").into_string();
        assert!(link.contains("href=\"https://a.example/?x=1&amp;y=2\""), "{link}");
    }
}
