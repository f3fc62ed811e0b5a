//! Renders the blocks of Block Kit.

use maud::{Markup, html};
use serde_json::Value;

use super::fields::{list, word, words};
use super::location::Location;
use super::mrkdwn::{self, Reader};
use super::{charts, elements, emoji, markdown, rich_text, tables};

/// The context of blocks: the message or view that a press belongs to.
pub(super) struct BlockContext<'a> {
    pub(super) reader: &'a Reader,
    pub(super) location: &'a Location,
    pub(super) channel: &'a str,
    pub(super) ts: &'a str,
    pub(super) view: &'a str,
    /// What this person waits for.
    pub(super) busy: &'a [String],
}

impl BlockContext<'_> {
    /// The hidden fields of every form here.
    pub(super) fn hidden(&self) -> Markup {
        html! {
            (hidden_location(self.location))
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
        let pane = if self.location.thread == self.ts { "t" } else { "c" };
        let sound = |sign: char| if sign.is_ascii_alphanumeric() { sign } else { '-' };
        format!("{pane}-{}-{action}", self.owner()).chars().map(sound).collect()
    }
}

/// The hidden fields with a person's location.
pub(super) fn hidden_location(location: &Location) -> Markup {
    html! {
        @for (name, value) in location.pairs() { input type="hidden" name=(name) value=(value); }
    }
}

pub(super) fn blocks(context: &BlockContext<'_>, blocks: &[Value]) -> Markup {
    html! { @for block in blocks { (one(context, block)) } }
}

/// A text object.
fn text(context: &BlockContext<'_>, value: &Value) -> Markup {
    if word(value, "type") == "mrkdwn" {
        mrkdwn::render(context.reader, word(value, "text"))
    } else {
        html! {
            @for (index, line) in word(value, "text").split('\n').enumerate() {
                @if index > 0 { br; }
                (emoji::replace(line))
            }
        }
    }
}

fn one(context: &BlockContext<'_>, block: &Value) -> Markup {
    match word(block, "type") {
        "section" => section(context, block),
        "header" => html! { h3.block-header { (emoji::replace(words(block, "text"))) } },
        "divider" => html! { hr; },
        "image" => html! {
            figure.image-box {
                @if !words(block, "title").is_empty() { figcaption { (words(block, "title")) } }
                @if let Some(file) = block.pointer("/slack_file/id").and_then(Value::as_str) {
                    img.picture src={ "/files/" (file) } alt=(word(block, "alt_text"));
                } @else {
                    // Nothing is fetched from outside, so the text replaces the picture.
                    span.image { (word(block, "alt_text")) }
                }
            }
        },
        "context" => html! {
            div.context {
                @for element in list(block, "elements") {
                    @if word(element, "type") == "image" { span.image { (word(element, "alt_text")) } }
                    @else { span { (text(context, element)) } }
                }
            }
        },
        "actions" => html! {
            div.actions { @for element in list(block, "elements") { (elements::render(context, element)) } }
        },
        "markdown" => markdown::render(word(block, "text")),
        "rich_text" => html! { div.text { (rich_text::render(context.reader, block)) } },
        "table" => tables::render(context.reader, block),
        "data_visualization" => charts::render(block),
        "alert" => alert(context, block),
        other => html! { p.odd { (other) } },
    }
}

fn section(context: &BlockContext<'_>, block: &Value) -> Markup {
    html! {
        div.section {
            div.section-body {
                @if let Some(value) = block.get("text") { div.text { (text(context, value)) } }
                @if !list(block, "fields").is_empty() {
                    div.fields { @for field in list(block, "fields") { div.text { (text(context, field)) } } }
                }
            }
            @if let Some(accessory) = block.get("accessory") {
                div.accessory { (elements::render(context, accessory)) }
            }
        }
    }
}

fn alert(context: &BlockContext<'_>, block: &Value) -> Markup {
    let (sign, level) = match word(block, "level") {
        "warning" => ("⚠️", "warning"),
        "error" => ("⛔", "error"),
        "success" => ("✅", "success"),
        _ => ("ℹ️", "info"),
    };
    html! {
        div class={ "alert " (level) } {
            span role="img" aria-label=(level) { (sign) }
            div.text { (text(context, block.get("text").unwrap_or(&Value::Null))) }
        }
    }
}
