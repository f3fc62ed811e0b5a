//! Renders embeds and attachments.

use maud::{Markup, html};
use serde_json::Value;

use super::super::fields::{flag, list, word};
use super::markdown;
use super::reader::Reader;

/// All embeds of a message, and the attachments that no embed shows.
pub(super) fn render(reader: &Reader, embeds: &[Value], attachments: &[Value]) -> Markup {
    let is_shown = |one: &&Value| !embeds.iter().any(|embed| picture(embed) == word(one, "url"));
    html! {
        @for embed in embeds { (one(reader, embed, attachments)) }
        @for file in attachments.iter().filter(is_shown) { (attachment(file)) }
    }
}

fn picture(embed: &Value) -> &str {
    embed.get("image").map_or("", |image| word(image, "url"))
}

fn one(reader: &Reader, embed: &Value, attachments: &[Value]) -> Markup {
    let colour = embed.get("color").and_then(Value::as_u64).unwrap_or(0x4e_5058) & 0xff_ffff;
    let shown = attachments.iter().find(|file| word(file, "url") == picture(embed));
    let author = embed.get("author").map_or("", |author| word(author, "name"));
    let footer = embed.get("footer").map_or("", |footer| word(footer, "text"));
    let fields = list(embed, "fields");
    html! {
        div.embed style=(format!("border-left-color:#{colour:06x}")) {
            @if !author.is_empty() { p.embed-author { (author) } }
            @if !word(embed, "title").is_empty() {
                h3.embed-title { (markdown::inline(reader, word(embed, "title"))) }
            }
            @if !word(embed, "description").is_empty() {
                div.embed-text { (markdown::render(reader, word(embed, "description"))) }
            }
            @if !fields.is_empty() {
                dl.embed-fields {
                    @for field in fields {
                        div.wide[!flag(field, "inline")] {
                            dt { (markdown::inline(reader, word(field, "name"))) }
                            dd { (markdown::render(reader, word(field, "value"))) }
                        }
                    }
                }
            }
            @if let Some(file) = shown { (attachment(file)) }
            @if !footer.is_empty() { p.embed-footer { (footer) } }
        }
    }
}

fn attachment(file: &Value) -> Markup {
    let address = format!("/attachments/{}", word(file, "id"));
    html! {
        @if word(file, "content_type").starts_with("image/") {
            // People who do not see it read its description.
            a.attachment href=(address) target="_blank" rel="noopener" {
                img src=(address) alt=(alt(file));
            }
        } @else {
            a.attachment.file href=(address) download=(word(file, "filename")) { "📎 " (word(file, "filename")) }
        }
    }
}

fn alt(file: &Value) -> &str {
    Some(word(file, "description")).filter(|words| !words.is_empty()).unwrap_or("Picture")
}
