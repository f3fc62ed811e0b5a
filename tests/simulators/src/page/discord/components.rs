//! Renders buttons and menus of a message, and the inputs of a modal.

use maud::{Markup, html};
use serde_json::Value;

use super::super::block_kit::hidden_location;
use super::super::fields::{flag, list, word};
use super::super::location::Location;
use super::markdown;
use super::reader::Reader;
use crate::discord::Message;

/// The context of components: where they are, and what their person waits for.
pub(super) struct Panel<'a> {
    pub(super) reader: &'a Reader,
    pub(super) location: &'a Location,
    pub(super) message: &'a Message,
    pub(super) busy: &'a [String],
}

fn kind(component: &Value) -> u64 {
    component.get("type").and_then(Value::as_u64).unwrap_or_default()
}

pub(super) fn render(panel: &Panel<'_>, components: &[Value]) -> Markup {
    html! { @for component in components { (one(panel, component)) } }
}

fn one(panel: &Panel<'_>, component: &Value) -> Markup {
    let inner = || render(panel, list(component, "components"));
    match kind(component) {
        1 => html! { div.actions { (inner()) } },
        2 => button(panel, component),
        3 | 5..=8 => menu(panel, component),
        9 => html! {
            div.section {
                div.section-body { (inner()) }
                @if let Some(accessory) = component.get("accessory") { (one(panel, accessory)) }
            }
        },
        10 => markdown::render(panel.reader, word(component, "content")),
        14 => html! { hr; },
        17 => {
            let colour = component.get("accent_color").and_then(Value::as_u64);
            let colour = colour.unwrap_or(0x4e_5058) & 0xff_ffff;
            html! { div.embed style=(format!("border-left-color:#{colour:06x}")) { (inner()) } }
        }
        other => html! { p.odd { "component " (other) } },
    }
}

fn form(panel: &Panel<'_>, component: &Value, inner: &Markup) -> Markup {
    html! {
        form.press method="post" action="/do/discord-press" {
            (hidden_location(panel.location))
            input type="hidden" name="channel" value=(panel.message.channel);
            input type="hidden" name="message" value=(panel.message.id);
            input type="hidden" name="component" value=(word(component, "custom_id"));
            (inner)
        }
    }
}

fn button(panel: &Panel<'_>, component: &Value) -> Markup {
    let id = word(component, "custom_id");
    let is_busy = panel.busy.contains(&format!("{} {id}", panel.message.id));
    let emoji = component.get("emoji").map_or("", |emoji| word(emoji, "name"));
    let label = html! {
        @if !emoji.is_empty() { span aria-hidden="true" { (emoji) } " " }
        (word(component, "label"))
    };
    let url = word(component, "url");
    if url.starts_with("https://") || url.starts_with("http://") {
        return html! {
            a.button href=(url) target="_blank" rel="noopener noreferrer" { (label) span aria-hidden="true" { " ↗" } }
        };
    }
    let class = match component.get("style").and_then(Value::as_u64) {
        Some(1) => "button blurple",
        Some(3) => "button success",
        Some(4) => "button danger",
        _ => "button",
    };
    let inner = html! {
        button class=(class) disabled[is_busy || flag(component, "disabled")] {
            @if is_busy { i.spinner aria-hidden="true" {} }
            (label)
        }
    };
    form(panel, component, &inner)
}

fn menu(panel: &Panel<'_>, component: &Value) -> Markup {
    let label = Some(word(component, "placeholder")).filter(|text| !text.is_empty());
    let label = label.unwrap_or("Choose");
    let inner = html! {
        select name="value" aria-label=(label) data-sends {
            option value="" disabled selected { (label) }
            @for option in list(component, "options") {
                option value=(word(option, "value")) { (word(option, "label")) }
            }
        }
        noscript { button.button { "OK" } }
    };
    form(panel, component, &inner)
}

/// The labelled inputs of a modal: in rows, or in labels of their own (type 18).
pub(super) fn inputs(components: &[Value], form: &str) -> Markup {
    html! {
        @for part in components {
            @match kind(part) {
                1 => { @for inner in list(part, "components") { (input(inner, word(inner, "label"), "", form)) } }
                18 => {
                    @if let Some(inner) = part.get("component") {
                        (input(inner, word(part, "label"), word(part, "description"), form))
                    }
                }
                _ => { p { (word(part, "content")) } }
            }
        }
    }
}

fn input(component: &Value, label: &str, hint: &str, form: &str) -> Markup {
    let id = word(component, "custom_id");
    let (name, field) = (format!("in.{id}"), format!("discord-{id}"));
    let bound = |name: &str| component.get(name).and_then(Value::as_u64);
    let required = component.get("required") != Some(&Value::Bool(false));
    let holder = word(component, "placeholder");
    html! {
        div.field {
            label.label for=(field) {
                (label)
                @if required { span.required title="required" { " *" } } @else { small { " (optional)" } }
            }
            @if kind(component) == 3 {
                select id=(field) name=(name) form=(form) required[required] {
                    option value="" { (if holder.is_empty() { "Choose" } else { holder }) }
                    @for option in list(component, "options") {
                        option value=(word(option, "value")) selected[flag(option, "default")] { (word(option, "label")) }
                    }
                }
            } @else if component.get("style").and_then(Value::as_u64) == Some(2) {
                textarea id=(field) name=(name) form=(form) rows="4" placeholder=(holder) required[required]
                    minlength=[bound("min_length")] maxlength=[bound("max_length")] { (word(component, "value")) }
            } @else {
                input id=(field) type="text" name=(name) form=(form) value=(word(component, "value")) placeholder=(holder)
                    autocomplete="off" required[required] minlength=[bound("min_length")] maxlength=[bound("max_length")];
            }
            @if !hint.is_empty() { p.hint { (hint) } }
        }
    }
}
