//! Renders Discord's own markdown, and its `<…>` marks. Everything is escaped.

use chrono::{DateTime, FixedOffset, Utc};
use maud::{Markup, html};

use super::super::mrkdwn;
use super::reader::Reader;

/// A whole text: fenced code, headings, small print, quotes, lists and lines.
pub(super) fn render(reader: &Reader, text: &str) -> Markup {
    html! {
        @for (index, part) in text.split("```").enumerate() {
            @if index % 2 == 1 {
                pre { code { (part.trim_matches('\n')) } }
            } @else if !part.is_empty() {
                (lines(reader, part.trim_matches('\n')))
            }
        }
    }
}

fn lines(reader: &Reader, text: &str) -> Markup {
    html! {
        @for line in text.split('\n') {
            @if let Some(words) = line.strip_prefix("-# ") {
                small { (inline(reader, words)) }
            } @else if let Some(words) = line.strip_prefix("### ") {
                h5 { (inline(reader, words)) }
            } @else if let Some(words) = line.strip_prefix("## ") {
                h4 { (inline(reader, words)) }
            } @else if let Some(words) = line.strip_prefix("# ") {
                h3 { (inline(reader, words)) }
            } @else if let Some(words) = line.strip_prefix("> ") {
                blockquote { (inline(reader, words)) }
            } @else if let Some(words) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
                div.item-line { span aria-hidden="true" { "• " } (inline(reader, words)) }
            } @else if line.trim().is_empty() {
                div.gap {}
            } @else {
                div { (inline(reader, line)) }
            }
        }
    }
}

/// One line.
pub(super) fn inline(reader: &Reader, line: &str) -> Markup {
    let mut parts = Vec::new();
    let mut words = String::new();
    let mut rest = line;
    let mut before: Option<char> = None;
    while let Some(sign) = rest.chars().next() {
        if let Some(next) = escaped(rest) {
            words.push(next);
            rest = &rest[1 + next.len_utf8()..];
            before = Some(next);
        } else if let Some((length, markup)) = mark(reader, rest, before) {
            parts.push(html! { (words) });
            words.clear();
            parts.push(markup);
            before = rest[..length].chars().next_back();
            rest = &rest[length..];
        } else {
            words.push(sign);
            rest = &rest[sign.len_utf8()..];
            before = Some(sign);
        }
    }
    html! { @for part in parts { (part) } (words) }
}

/// The character after a backslash that escapes it.
fn escaped(rest: &str) -> Option<char> {
    let next = rest.strip_prefix('\\')?.chars().next()?;
    next.is_ascii_punctuation().then_some(next)
}

/// The mark that starts here, and its length in bytes.
fn mark(reader: &Reader, rest: &str, before: Option<char>) -> Option<(usize, Markup)> {
    if let Some((length, inside)) = code(rest) {
        return Some((length, html! { code { (inside) } }));
    }
    let within = |sign: &str| {
        let inside = &rest.strip_prefix(sign)?[..close(&rest[sign.len()..], sign)?];
        Some((inside.len() + 2 * sign.len(), inline(reader, inside)))
    };
    if let Some((length, inside)) = within("**") {
        return Some((length, html! { strong { (inside) } }));
    }
    if let Some((length, inside)) = within("__") {
        return Some((length, html! { u { (inside) } }));
    }
    if let Some((length, inside)) = within("~~") {
        return Some((length, html! { s { (inside) } }));
    }
    if let Some((length, inside)) = within("||") {
        return Some((length, html! { span.spoiler tabindex="0" { (inside) } }));
    }
    // Within a word, an underscore is only an underscore.
    let in_word = before.is_some_and(char::is_alphanumeric);
    let italic = within("*").or_else(|| if in_word { None } else { within("_") });
    if let Some((length, inside)) = italic {
        return Some((length, html! { em { (inside) } }));
    }
    angled(reader, rest).or_else(|| link(rest))
}

fn code(rest: &str) -> Option<(usize, &str)> {
    let ticks = rest.bytes().take_while(|byte| *byte == b'`').count();
    let inside = &rest[ticks..];
    let end = inside.find(&"`".repeat(ticks.max(1))).filter(|&end| ticks > 0 && end > 0)?;
    Some((end + 2 * ticks, &inside[..end]))
}

/// Where `sign` closes what it opened: not after a backslash, and not within code.
fn close(inside: &str, sign: &str) -> Option<usize> {
    let mut at = 0;
    while at < inside.len() {
        let rest = &inside[at..];
        if let Some(next) = escaped(rest) {
            at += 1 + next.len_utf8();
        } else if let Some((length, _)) = code(rest) {
            at += length;
        } else if rest.starts_with(sign) {
            return (at > 0).then_some(at);
        } else if sign.len() == 1 && rest.starts_with(&sign.repeat(2)) {
            at += 2;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    None
}

/// `<@…>`, `<@&…>`, `<#…>`, `<t:…>` and `<https://…>`.
fn angled(reader: &Reader, rest: &str) -> Option<(usize, Markup)> {
    let inside = &rest.strip_prefix('<')?[..rest.find('>')?.checked_sub(1)?];
    let is_id = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    let markup = if let Some(role) = inside.strip_prefix("@&").filter(|id| is_id(id)) {
        reader.role(role)
    } else if let Some(user) = inside.strip_prefix('@') {
        let user = user.trim_start_matches('!');
        if !is_id(user) {
            return None;
        }
        reader.mention(user)
    } else if let Some(channel) = inside.strip_prefix('#').filter(|id| is_id(id)) {
        reader.channel(channel)
    } else if let Some(time) = inside.strip_prefix("t:") {
        let (seconds, style) = time.split_once(':').unwrap_or((time, "f"));
        let at = DateTime::from_timestamp(seconds.parse().ok()?, 0)?;
        html! { time title=(long(at, reader.zone)) { (when(at, style, reader)) } }
    } else if inside.starts_with("https://") || inside.starts_with("http://") {
        mrkdwn::link(inside, inside)
    } else {
        return None;
    };
    Some((inside.len() + 2, markup))
}

fn link(rest: &str) -> Option<(usize, Markup)> {
    if let Some(label) = rest.strip_prefix('[') {
        let (label, after) = label.split_once("](")?;
        let (url, _) = after.split_once(')')?;
        let whole = label.len() + url.len() + 4;
        return Some((whole, mrkdwn::link(url, label)));
    }
    if !rest.starts_with("https://") && !rest.starts_with("http://") {
        return None;
    }
    let end = rest.find(|sign: char| sign.is_whitespace() || "<>)]".contains(sign));
    let url = rest[..end.unwrap_or(rest.len())].trim_end_matches(['.', ',', ';']);
    Some((url.len(), mrkdwn::link(url, url)))
}

fn long(at: DateTime<Utc>, zone: FixedOffset) -> String {
    at.with_timezone(&zone).format("%A, %-d %B %Y %H:%M").to_string()
}

fn when(at: DateTime<Utc>, style: &str, reader: &Reader) -> String {
    let local = at.with_timezone(&reader.zone);
    let format = match style {
        "t" => "%H:%M",
        "T" => "%H:%M:%S",
        "d" => "%d/%m/%Y",
        "D" => "%-d %B %Y",
        "F" => return long(at, reader.zone),
        "R" => return super::super::dates::fill("{ago}", at, reader.now, reader.zone),
        _ => "%-d %B %Y %H:%M",
    };
    local.format(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::super::dates;
    use super::*;

    #[test]
    fn marks_are_read_and_everything_else_escaped() {
        let reader = Reader::new(&[], &[], "1", DateTime::UNIX_EPOCH, dates::zone(0));
        let check = |text: &str, expected: &str| {
            assert_eq!(inline(&reader, text).into_string(), expected, "{text}");
        };
        check("**a** *b* __c__ ~~d~~", "<strong>a</strong> <em>b</em> <u>c</u> <s>d</s>");
        check("**bold *and* more**", "<strong>bold <em>and</em> more</strong>");
        check("\\*no\\* \\<b\\> web\\_01", "*no* &lt;b&gt; web_01");
        check("web_01_a 2*3", "web_01_a 2*3");
        check("`a*b*` and <script>", "<code>a*b*</code> and &lt;script&gt;");
        check("**x \\** y**", "<strong>x ** y</strong>");
        check("<t:0:t>", "<time title=\"Thursday, 1 January 1970 00:00\">00:00</time>");
        check("[x](javascript:alert(1))", "<span>x</span>)");
        check("<@&> <@x>", "&lt;@&amp;&gt; &lt;@x&gt;");
        let whole = render(&reader, "-# small\n> said\n```\n<i>\n```").into_string();
        let expected = "<small>small</small><blockquote>said</blockquote>\
                        <pre><code>&lt;i&gt;</code></pre>";
        assert_eq!(whole, expected);
    }
}
