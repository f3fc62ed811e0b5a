//! Blocks as people know them.

use maud::{Markup, html};
use serde_json::Value;

use super::fields::{list, word, words};
use super::mrkdwn::{self, Reader};
use super::place::Place;
use super::{charts, elements, emoji, markdown, rich_text, tables};

/// Where blocks stand: the message or view that a press belongs to.
pub(super) struct Kit<'a> {
    pub(super) reader: &'a Reader,
    pub(super) place: &'a Place,
    pub(super) channel: &'a str,
    pub(super) ts: &'a str,
    pub(super) view: &'a str,
    /// What this person waits for.
    pub(super) busy: &'a [String],
}

impl Kit<'_> {
    /// The hidden fields of every form here.
    pub(super) fn hidden(&self) -> Markup {
        html! {
            (whereabouts(self.place))
            @for (name, value) in [("channel", self.channel), ("ts", self.ts), ("view", self.view)] {
                @if !value.is_empty() { input type="hidden" name=(name) value=(value); }
            }
        }
    }

    fn owner(&self) -> &str {
        if self.view.is_empty() { self.ts } else { self.view }
    }

    pub(super) fn is_busy(&self, action: &str) -> bool {
        let key = format!("{}/{action}", self.owner());
        self.busy.contains(&key)
    }

    /// An id for an element of the page.
    pub(super) fn id(&self, action: &str) -> String {
        let pane = if self.place.thread == self.ts { "t" } else { "c" };
        let sound = |sign: char| if sign.is_ascii_alphanumeric() { sign } else { '-' };
        format!("{pane}-{}-{action}", self.owner()).chars().map(sound).collect()
    }
}

/// The hidden fields that say where a person is.
pub(super) fn whereabouts(place: &Place) -> Markup {
    html! {
        @for (name, value) in place.pairs() { input type="hidden" name=(name) value=(value); }
    }
}

pub(super) fn blocks(kit: &Kit<'_>, blocks: &[Value]) -> Markup {
    html! { @for block in blocks { (one(kit, block)) } }
}

/// A text object.
fn text(kit: &Kit<'_>, value: &Value) -> Markup {
    if word(value, "type") == "mrkdwn" {
        mrkdwn::render(kit.reader, word(value, "text"))
    } else {
        html! {
            @for (index, line) in word(value, "text").split('\n').enumerate() {
                @if index > 0 { br; }
                (emoji::replace(line))
            }
        }
    }
}

fn one(kit: &Kit<'_>, block: &Value) -> Markup {
    match word(block, "type") {
        "section" => section(kit, block),
        "header" => html! { h3.block-header { (emoji::replace(words(block, "text"))) } },
        "divider" => html! { hr; },
        "image" => html! {
            figure.image-box {
                @if !words(block, "title").is_empty() { figcaption { (words(block, "title")) } }
                @if let Some(file) = block.pointer("/slack_file/id").and_then(Value::as_str) {
                    img.picture src={ "/files/" (file) } alt=(word(block, "alt_text"));
                } @else {
                    // Nothing is fetched from outside: the words stand for the picture.
                    span.image { (word(block, "alt_text")) }
                }
            }
        },
        "context" => html! {
            div.context {
                @for element in list(block, "elements") {
                    @if word(element, "type") == "image" { span.image { (word(element, "alt_text")) } }
                    @else { span { (text(kit, element)) } }
                }
            }
        },
        "actions" => html! {
            div.actions { @for element in list(block, "elements") { (elements::render(kit, element)) } }
        },
        "markdown" => markdown::render(word(block, "text")),
        "rich_text" => html! { div.text { (rich_text::render(kit.reader, block)) } },
        "table" => tables::render(kit.reader, block),
        "data_visualization" => charts::render(block),
        "alert" => alert(kit, block),
        other => html! { p.odd { (other) } },
    }
}

fn section(kit: &Kit<'_>, block: &Value) -> Markup {
    html! {
        div.section {
            div.section-body {
                @if let Some(value) = block.get("text") { div.text { (text(kit, value)) } }
                @if !list(block, "fields").is_empty() {
                    div.fields { @for field in list(block, "fields") { div.text { (text(kit, field)) } } }
                }
            }
            @if let Some(accessory) = block.get("accessory") {
                div.accessory { (elements::render(kit, accessory)) }
            }
        }
    }
}

fn alert(kit: &Kit<'_>, block: &Value) -> Markup {
    let (sign, level) = match word(block, "level") {
        "warning" => ("⚠️", "warning"),
        "error" => ("⛔", "error"),
        "success" => ("✅", "success"),
        _ => ("ℹ️", "info"),
    };
    html! {
        div class={ "alert " (level) } {
            span role="img" aria-label=(level) { (sign) }
            div.text { (text(kit, block.get("text").unwrap_or(&Value::Null))) }
        }
    }
}
