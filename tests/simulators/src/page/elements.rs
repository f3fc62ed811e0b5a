//! Renders interactive elements, in messages and views.

use maud::{Markup, html};
use serde_json::Value;

use super::block_kit::BlockContext;
use super::fields::{list, word, words};
use super::mrkdwn;
use super::{emoji, fields};
use crate::slack::{label_of, options_of};

pub(super) fn render(context: &BlockContext<'_>, element: &Value) -> Markup {
    match word(element, "type") {
        "button" => button(context, element),
        "overflow" => overflow(context, element),
        "image" => html! { span.image { (word(element, "alt_text")) } },
        "static_select"
        | "radio_buttons"
        | "checkboxes"
        | "multi_static_select"
        | "external_select" => menu(context, element, &choices(element)),
        "users_select" | "multi_users_select" => {
            let people = context.reader.people.iter().filter(|person| !person.is_bot);
            let people: Vec<(String, String)> =
                people.map(|person| (person.id.clone(), person.real_name.clone())).collect();
            menu(context, element, &people)
        }
        "datepicker" => typed(context, element, "date", word(element, "initial_date")),
        "timepicker" => typed(context, element, "time", word(element, "initial_time")),
        other => html! { span.odd { (other) } },
    }
}

/// The options, as value and label.
pub(super) fn choices(element: &Value) -> Vec<(String, String)> {
    let pair =
        |option: &Value| (word(option, "value").to_owned(), emoji::replace(&label_of(option)));
    options_of(element).iter().map(pair).collect()
}

/// A form that presses this element, with the chosen value.
fn form(context: &BlockContext<'_>, element: &Value, inner: &Markup) -> Markup {
    let action = word(element, "action_id");
    html! {
        form.press method="post" action="/do/press" {
            (context.hidden())
            input type="hidden" name="action" value=(action);
            (inner)
        }
    }
}

fn button(context: &BlockContext<'_>, element: &Value) -> Markup {
    let style = word(element, "style");
    let class = format!("button {style}");
    let label = emoji::replace(words(element, "text"));
    let is_busy = context.is_busy(word(element, "action_id"));
    let title = word(element, "accessibility_label");
    let url = word(element, "url");
    let sent = |label: &str, class: &str| {
        let inner = html! {
            button class=(class) disabled[is_busy] aria-label=[Some(title).filter(|title| !title.is_empty())] {
                @if is_busy { i.spinner aria-hidden="true" {} }
                (label)
            }
        };
        form(context, element, &inner)
    };
    if url.starts_with("https://") || url.starts_with("http://") {
        return html! {
            a class=(class) href=(url) target="_blank" rel="noopener noreferrer" { (label) span aria-hidden="true" { " ↗" } }
        };
    }
    let Some(confirm) = element.get("confirm").filter(|_| !is_busy) else {
        return sent(&label, &class);
    };
    let id = context.id(word(element, "action_id"));
    let danger = if word(confirm, "style") == "danger" { "danger" } else { "primary" };
    html! {
        button type="button" class=(class) popovertarget=(id) { (label) }
        div.confirm popover id=(id) role="dialog" aria-label=(words(confirm, "title")) {
            h3 { (words(confirm, "title")) }
            div.text { (mrkdwn::render(context.reader, words(confirm, "text"))) }
            div.row {
                button.button type="button" popovertarget=(id) popovertargetaction="hide" { (words(confirm, "deny")) }
                (sent(words(confirm, "confirm"), &format!("button {danger}")))
            }
        }
    }
}

fn overflow(context: &BlockContext<'_>, element: &Value) -> Markup {
    let id = context.id(word(element, "action_id"));
    html! {
        button.button type="button" popovertarget=(id) aria-label="More" { "⋯" }
        div.menu popover id=(id) {
            @for (value, label) in choices(element) {
                @let inner = html! { button.item name="value" value=(value) { (label) } };
                (form(context, element, &inner))
            }
        }
    }
}

fn menu(context: &BlockContext<'_>, element: &Value, choices: &[(String, String)]) -> Markup {
    let label = words(element, "placeholder");
    let label = if label.is_empty() { "Choose" } else { label };
    let initial = element.get("initial_option").map(|option| word(option, "value"));
    let initial = initial.unwrap_or_else(|| word(element, "initial_user"));
    let inner = html! {
        select name="value" aria-label=(label) data-sends {
            option value="" disabled selected[initial.is_empty()] { (label) }
            @for (value, label) in choices {
                option value=(value) selected[value == initial] { (label) }
            }
        }
        noscript { button.button { "OK" } }
    };
    form(context, element, &inner)
}

fn typed(context: &BlockContext<'_>, element: &Value, kind: &str, initial: &str) -> Markup {
    let label = words(element, "placeholder");
    let inner = html! {
        input type=(kind) name="value" value=(initial) aria-label=(label) data-sends;
        noscript { button.button { "OK" } }
    };
    form(context, element, &inner)
}

/// The element as an input of a modal's form.
pub(super) fn input(
    context: &BlockContext<'_>,
    element: &Value,
    id: &str,
    filled: &[String],
) -> Markup {
    let name = format!("in.{}", word(element, "action_id"));
    let holder = words(element, "placeholder");
    let one = filled.first().map_or("", String::as_str);
    let most = element.get("max_length").and_then(Value::as_u64);
    match word(element, "type") {
        "plain_text_input" if fields::flag(element, "multiline") => html! {
            textarea id=(id) name=(name) rows="4" placeholder=(holder) maxlength=[most] { (one) }
        },
        "static_select" | "external_select" => select(&name, id, holder, &choices(element), one),
        "users_select" => {
            let people = context.reader.people.iter().filter(|person| !person.is_bot);
            let people: Vec<(String, String)> =
                people.map(|person| (person.id.clone(), person.real_name.clone())).collect();
            select(&name, id, holder, &people, one)
        }
        kind @ ("checkboxes" | "radio_buttons" | "multi_static_select" | "multi_users_select") => {
            let kind = if kind == "radio_buttons" { "radio" } else { "checkbox" };
            html! {
                div.options id=(id) {
                    // No tick is an answer too.
                    input type="hidden" name=(name) value="";
                    @for option in options_of(element) {
                        @let value = word(&option, "value");
                        label {
                            input type=(kind) name=(name) value=(value) checked[filled.iter().any(|given| given == value)];
                            span {
                                (mrkdwn::inline(context.reader, &label_of(&option)))
                                @if !words(&option, "description").is_empty() {
                                    small { (words(&option, "description")) }
                                }
                            }
                        }
                    }
                }
            }
        }
        kind => {
            let kind = match kind {
                "datepicker" => "date",
                "timepicker" => "time",
                "number_input" => "number",
                "url_text_input" => "url",
                "email_text_input" => "email",
                _ => "text",
            };
            let bound = |name: &str| Some(word(element, name)).filter(|text| !text.is_empty());
            html! {
                input id=(id) type=(kind) name=(name) value=(one) placeholder=(holder) maxlength=[most]
                    min=[bound("min_value")] max=[bound("max_value")] autocomplete="off";
            }
        }
    }
}

fn select(
    name: &str,
    id: &str,
    holder: &str,
    choices: &[(String, String)],
    chosen: &str,
) -> Markup {
    html! {
        select id=(id) name=(name) {
            option value="" selected[chosen.is_empty()] { (if holder.is_empty() { "Choose" } else { holder }) }
            @for (value, label) in choices {
                option value=(value) selected[value == chosen] { (label) }
            }
        }
    }
}

/// The values that the app preset in an input.
pub(super) fn preset(element: &Value) -> Vec<String> {
    let names = ["initial_value", "initial_user", "initial_date", "initial_time"];
    let text = names.iter().map(|name| word(element, name)).find(|text| !text.is_empty());
    if let Some(text) = text {
        return vec![text.to_owned()];
    }
    let one = element.get("initial_option").into_iter();
    one.chain(list(element, "initial_options"))
        .map(|option| word(option, "value").to_owned())
        .collect()
}
