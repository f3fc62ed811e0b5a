//! Limits of interactive elements: buttons, menus, pickers.

use serde_json::{Map, Value};

use super::findings::{Findings, Takes};
use super::{choices, inputs, part, simple};

type Object = Map<String, Value>;

const ACTIONS: usize = 25;
const BUTTON_TEXT: usize = 75;
const BUTTON_VALUE: usize = 2_000;
const PLACEHOLDER: usize = 150;
const SELECT_OPTIONS: usize = 100;
const OVERFLOW_OPTIONS: usize = 5;
const LISTED_OPTIONS: usize = 10;

/// Where an element is used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Surface {
    Section,
    Actions,
    Input,
}

pub(super) fn actions(found: &mut Findings, at: &str, object: &Object) {
    found.known(at, object, &["type", "block_id", "elements"]);
    let elements = found.array(at, object, "elements", (1, ACTIONS));
    for (index, value) in elements.iter().enumerate() {
        element(found, &format!("{at}/elements/{index}"), value, Surface::Actions);
    }
}

pub(super) fn element(found: &mut Findings, at: &str, value: &Value, surface: Surface) {
    let Some(object) = value.as_object() else { return found.add(at, "must be an object") };
    let kind = object.get("type").and_then(Value::as_str).unwrap_or_default();
    if kind == "image" && surface == Surface::Section {
        return simple::image_element(found, at, object);
    }
    found.action_id(at, object);
    choices::confirm(found, at, object);
    found.flags(at, object, &["focus_on_load"]);
    found.optional_text(at, object, "placeholder", (Takes::Plain, PLACEHOLDER));
    match (kind, surface) {
        ("button", Surface::Section | Surface::Actions) => button(found, at, object),
        ("overflow", Surface::Section | Surface::Actions) => {
            found.known(at, object, &["type", "action_id", "options", "confirm"]);
            choices::options(found, at, object, (1, OVERFLOW_OPTIONS), Takes::Plain);
        }
        ("static_select", _) => select(found, at, object, &["initial_option"]),
        ("multi_static_select", Surface::Section | Surface::Input) => {
            select(found, at, object, &["initial_options", "max_selected_items"]);
        }
        ("radio_buttons", _) => listed(found, at, object, "initial_option"),
        ("checkboxes", _) => listed(found, at, object, "initial_options"),
        ("users_select", _) => menu(found, at, object, &["initial_user"]),
        ("multi_users_select", Surface::Section | Surface::Input) => {
            menu(found, at, object, &["initial_users", "max_selected_items"]);
        }
        ("channels_select", _) => {
            menu(found, at, object, &["initial_channel", "response_url_enabled"]);
        }
        ("conversations_select", _) => menu(
            found,
            at,
            object,
            &[
                "initial_conversation",
                "default_to_current_conversation",
                "response_url_enabled",
                "filter",
            ],
        ),
        ("datepicker", _) => {
            menu(found, at, object, &["initial_date"]);
            shape(found, at, object, "initial_date", "0000-00-00");
        }
        ("timepicker", _) => {
            menu(found, at, object, &["initial_time", "timezone"]);
            shape(found, at, object, "initial_time", "00:00");
        }
        ("datetimepicker", Surface::Actions | Surface::Input) => {
            menu(found, at, object, &["initial_date_time"]);
        }
        ("plain_text_input", Surface::Input | Surface::Actions) => {
            inputs::plain_text(found, at, object);
        }
        ("number_input", Surface::Input) => inputs::number(found, at, object),
        ("url_text_input" | "email_text_input", Surface::Input) => inputs::line(found, at, object),
        (other, _) => found.add(at, format!("unsupported element here: {other}")),
    }
}

fn button(found: &mut Findings, at: &str, object: &Object) {
    let names =
        ["type", "action_id", "text", "url", "value", "style", "confirm", "accessibility_label"];
    found.known(at, object, &names);
    found.text(at, object, "text", (Takes::Plain, BUTTON_TEXT));
    found.optional_string(at, object, "value", BUTTON_VALUE);
    found.optional_string(at, object, "url", 3_000);
    found.optional_string(at, object, "accessibility_label", 75);
    found.word(at, object, "style", &["primary", "danger"]);
}

const MENU: [&str; 5] = ["type", "action_id", "placeholder", "confirm", "focus_on_load"];

fn menu(found: &mut Findings, at: &str, object: &Object, more: &[&str]) {
    let names: Vec<&str> = MENU.iter().chain(more).copied().collect();
    found.known(at, object, &names);
}

fn select(found: &mut Findings, at: &str, object: &Object, more: &[&str]) {
    let names: Vec<&str> = more.iter().chain(&["options", "option_groups"]).copied().collect();
    menu(found, at, object, &names);
    choices::options(found, at, object, (1, SELECT_OPTIONS), Takes::Plain);
}

fn listed(found: &mut Findings, at: &str, object: &Object, initial: &str) {
    found.known(at, object, &["type", "action_id", "options", initial, "confirm", "focus_on_load"]);
    choices::options(found, at, object, (1, LISTED_OPTIONS), Takes::Any);
}

/// Requires digits where the pattern has a zero, and the same signs elsewhere.
fn shape(found: &mut Findings, at: &str, object: &Object, name: &str, pattern: &str) {
    let Some(value) = part(object, name) else { return };
    let text = value.as_str().unwrap_or_default();
    let fits = text.len() == pattern.len()
        && text.chars().zip(pattern.chars()).all(|(sign, wanted)| {
            if wanted == '0' { sign.is_ascii_digit() } else { sign == wanted }
        });
    if !fits {
        found.add(&format!("{at}/{name}"), format!("must look like {pattern}"));
    }
}
