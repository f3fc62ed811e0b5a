//! Renders rich text, in blocks and in table cells.

use maud::{Markup, html};
use serde_json::Value;

use super::fields::{flag, list, word};
use super::mrkdwn::{self, Reader};
use super::{dates, emoji};

pub(super) fn render(reader: &Reader, block: &Value) -> Markup {
    html! {
        @for element in list(block, "elements") {
            @match word(element, "type") {
                "rich_text_list" => {
                    @let items = html! {
                        @for item in list(element, "elements") { li { (inline(reader, item)) } }
                    };
                    @if word(element, "style") == "ordered" { ol { (items) } } @else { ul { (items) } }
                }
                "rich_text_quote" => { blockquote { (inline(reader, element)) } }
                "rich_text_preformatted" => { pre { code { (inline(reader, element)) } } }
                _ => { div { (inline(reader, element)) } }
            }
        }
    }
}

fn inline(reader: &Reader, of: &Value) -> Markup {
    html! { @for element in list(of, "elements") { (styled(element, one(reader, element))) } }
}

fn one(reader: &Reader, element: &Value) -> Markup {
    match word(element, "type") {
        "text" => html! {
            @for (index, line) in word(element, "text").split('\n').enumerate() {
                @if index > 0 { br; }
                (line)
            }
        },
        "link" => {
            let url = word(element, "url");
            let label = Some(word(element, "text")).filter(|text| !text.is_empty());
            mrkdwn::link(url, label.unwrap_or(url))
        }
        "user" => reader.mention(word(element, "user_id")),
        "usergroup" => reader.group(word(element, "usergroup_id")),
        "channel" => reader.channel(word(element, "channel_id")),
        "emoji" => {
            let name = word(element, "name");
            html! { (emoji::named(name).map_or_else(|| format!(":{name}:"), str::to_owned)) }
        }
        "broadcast" => html! { span.mention.to-me { "@" (word(element, "range")) } },
        "date" => {
            let at = element.get("timestamp").and_then(Value::as_i64);
            let at = at.and_then(|seconds| chrono::DateTime::from_timestamp(seconds, 0));
            let format = word(element, "format");
            let filled = at.map(|at| dates::fill(format, at, reader.now, reader.zone));
            html! { time { (filled.unwrap_or_else(|| word(element, "fallback").to_owned())) } }
        }
        _ => html! { (word(element, "value")) },
    }
}

fn styled(element: &Value, mut inner: Markup) -> Markup {
    let Some(style) = element.get("style") else { return inner };
    if flag(style, "code") {
        inner = html! { code { (inner) } };
    }
    if flag(style, "bold") {
        inner = html! { strong { (inner) } };
    }
    if flag(style, "italic") {
        inner = html! { em { (inner) } };
    }
    if flag(style, "strike") {
        inner = html! { s { (inner) } };
    }
    inner
}
