//! Renders the `markdown` block: headings, lists, quotes, code, tables, and inline marks.

use maud::{Markup, html};

use super::emoji;
use super::mrkdwn;

pub(super) fn render(text: &str) -> Markup {
    let lines: Vec<&str> = text.lines().collect();
    let mut parts = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let (used, markup) = block(&lines[at..]);
        parts.push(markup);
        at += used.max(1);
    }
    html! { div.md { @for part in parts { (part) } } }
}

/// The block that starts here, and the number of its lines.
fn block(lines: &[&str]) -> (usize, Markup) {
    let first = lines.first().copied().unwrap_or_default().trim_end();
    let run = |fits: fn(&str) -> bool| lines.iter().take_while(|line| fits(line)).count();
    if first.trim().is_empty() {
        return (1, html! {});
    }
    if first.starts_with("```") {
        let inside = lines.iter().skip(1).take_while(|line| !line.starts_with("```"));
        let inside: Vec<&str> = inside.copied().collect();
        return (inside.len() + 2, html! { pre { code { (inside.join("\n")) } } });
    }
    let hashes = first.bytes().take_while(|byte| *byte == b'#').count();
    if (1..=6).contains(&hashes) && first[hashes..].starts_with(' ') {
        let words = inline(first[hashes..].trim());
        let heading = if hashes <= 2 {
            html! { h3 { (words) } }
        } else {
            html! { h4 { (words) } }
        };
        return (1, heading);
    }
    if matches!(first.trim(), "---" | "***" | "___") {
        return (1, html! { hr; });
    }
    if first.starts_with('>') {
        let used = run(|line| line.starts_with('>'));
        let text: Vec<&str> =
            lines[..used].iter().map(|line| line.trim_start_matches('>').trim()).collect();
        return (used, html! { blockquote { (broken(&text)) } });
    }
    if first.trim_start().starts_with('|') {
        let used = run(|line| line.trim_start().starts_with('|'));
        return (used, table(&lines[..used]));
    }
    if item(first).is_some() {
        let used = run(|line| item(line).is_some());
        let is_ordered = first.trim_start().starts_with(|sign: char| sign.is_ascii_digit());
        let items: Vec<Markup> =
            lines[..used].iter().filter_map(|line| item(line)).map(inline).collect();
        let items = html! { @for item in items { li { (item) } } };
        let whole = if is_ordered {
            html! { ol { (items) } }
        } else {
            html! { ul { (items) } }
        };
        return (used, whole);
    }
    let used = 1 + lines[1..].iter().take_while(|line| goes_on(line)).count();
    (used, html! { p { (broken(&lines[..used])) } })
}

fn goes_on(line: &str) -> bool {
    let line = line.trim_start();
    let starts = ["#", ">", "|", "```"];
    !line.is_empty() && item(line).is_none() && !starts.iter().any(|start| line.starts_with(start))
}

/// The text after `- `, `* ` or `1. `.
fn item(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        return line[digits..].strip_prefix(". ");
    }
    line.strip_prefix("- ").or_else(|| line.strip_prefix("* "))
}

fn table(lines: &[&str]) -> Markup {
    let cells = |line: &str| -> Vec<String> {
        line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let is_rule = |line: &&&str| line.chars().all(|sign| matches!(sign, '|' | '-' | ':' | ' '));
    let mut rows = lines.iter().filter(|line| !is_rule(line)).map(|line| cells(line));
    let head = rows.next().unwrap_or_default();
    html! {
        div.scroll tabindex="0" {
            table {
                thead { tr { @for cell in head { th { (inline(&cell)) } } } }
                tbody { @for row in rows { tr { @for cell in row { td { (inline(&cell)) } } } } }
            }
        }
    }
}

fn broken(lines: &[&str]) -> Markup {
    html! {
        @for (index, line) in lines.iter().enumerate() {
            @if index > 0 { br; }
            (inline(line.trim()))
        }
    }
}

fn inline(text: &str) -> Markup {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let next = rest.find(['`', '*', '_', '~', '[']).unwrap_or(rest.len());
        parts.push(html! { (emoji::replace(&rest[..next])) });
        rest = &rest[next..];
        if rest.is_empty() {
            break;
        }
        match mark(rest) {
            Some((length, markup)) => {
                parts.push(markup);
                rest = &rest[length..];
            }
            None => {
                let length = rest.chars().next().map_or(1, char::len_utf8);
                parts.push(html! { (&rest[..length]) });
                rest = &rest[length..];
            }
        }
    }
    html! { @for part in parts { (part) } }
}

/// The mark that starts here, and its length in bytes.
fn mark(rest: &str) -> Option<(usize, Markup)> {
    let between = |sign: &str| {
        let inside = rest.strip_prefix(sign)?;
        let end = inside.find(sign).filter(|&end| end > 0)?;
        Some((end + 2 * sign.len(), &inside[..end]))
    };
    if let Some((length, inside)) = between("`") {
        return Some((length, html! { code { (inside) } }));
    }
    if let Some((length, inside)) = between("**").or_else(|| between("__")) {
        return Some((length, html! { strong { (inline(inside)) } }));
    }
    if let Some((length, inside)) = between("~~") {
        return Some((length, html! { s { (inline(inside)) } }));
    }
    if let Some((length, inside)) = between("*").or_else(|| between("_")) {
        return Some((length, html! { em { (inline(inside)) } }));
    }
    let label = rest.strip_prefix('[')?;
    let (label, after) = label.split_once("](")?;
    let (url, _) = after.split_once(')')?;
    Some((label.len() + url.len() + 4, mrkdwn::link(url, label)))
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn markdown_is_read_and_everything_else_escaped() {
        let cases = [
            ("# Done", "<h3>Done</h3>"),
            ("a **b** `c<d`", "<p>a <strong>b</strong> <code>c&lt;d</code></p>"),
            ("- one\n- two", "<ul><li>one</li><li>two</li></ul>"),
            ("1. one", "<ol><li>one</li></ol>"),
            ("> said", "<blockquote>said</blockquote>"),
            ("[x](javascript:1)", "<p><span>x</span></p>"),
        ];
        for (text, expected) in cases {
            let expected = format!("<div class=\"md\">{expected}</div>");
            assert_eq!(render(text).into_string(), expected, "{text}");
        }
    }
}
