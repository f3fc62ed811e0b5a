//! Limits of selects and of modals with inputs.

use std::collections::HashSet;

use serde_json::Value;

use super::components::{Seen, kind};
use super::findings::{Findings, Object, below};

const OPTIONS: usize = 25;
const OPTION_TEXT: usize = 100;
const PLACEHOLDER: usize = 150;
const MODAL_TITLE: usize = 45;
const MODAL_PARTS: usize = 5;
const INPUT_LABEL: usize = 45;
const INPUT_TEXT: usize = 4_000;
const INPUT_PLACEHOLDER: usize = 100;

/// Where a select is used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Surface {
    Message,
    Modal,
}

pub(super) fn select(
    found: &mut Findings,
    seen: &mut Seen,
    at: &str,
    select: &Object,
    surface: Surface,
) {
    let mut names = vec![
        "type",
        "id",
        "custom_id",
        "placeholder",
        "min_values",
        "max_values",
        "disabled",
        "options",
        "default_values",
        "channel_types",
    ];
    if surface == Surface::Modal {
        names.push("required");
        if found.flag(at, select, "disabled") {
            let message = "Selects in modals cannot be disabled";
            found.add(&below(at, "disabled"), "MODAL_SELECT_DISABLED", message);
        }
    }
    found.known(at, select, &names);
    seen.id(found, at, select);
    seen.custom_id(found, at, select);
    found.optional_text(at, select, "placeholder", (0, PLACEHOLDER));
    found.flag(at, select, "disabled");
    let least = found.number(at, select, "min_values", (0, 25)).unwrap_or(1);
    let most = found.number(at, select, "max_values", (1, 25)).unwrap_or(1);
    if least > most {
        let message = "min_values must be less than or equal to max_values";
        found.add(&below(at, "min_values"), "SELECT_COMPONENT_MIN_OVER_MAX", message);
    }
    if kind(select) != 3 {
        return;
    }
    let options = found.array(at, select, "options", (1, OPTIONS));
    let mut values = HashSet::new();
    for (index, option) in options.iter().enumerate() {
        let at = format!("{at}.options.{index}");
        let Some(option) = found.object(&at, option) else { continue };
        found.known(&at, option, &["label", "value", "description", "emoji", "default"]);
        found.text(&at, option, "label", (1, OPTION_TEXT));
        found.optional_text(&at, option, "description", (0, OPTION_TEXT));
        let value = found.text(&at, option, "value", (1, OPTION_TEXT)).unwrap_or_default();
        if !values.insert(value) {
            let message = "The specified option value is already used";
            found.add(&below(&at, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message);
        }
    }
    let count = i64::try_from(options.len()).unwrap_or(i64::MAX);
    if !options.is_empty() && most > count {
        let message = format!("max_values must be less than or equal to {count}");
        found.add(&below(at, "max_values"), "SELECT_COMPONENT_MAX_VALUES_EXCEEDED", message);
    }
}

pub(super) fn modal(found: &mut Findings, modal: &Object) {
    found.known("", modal, &["custom_id", "title", "components"]);
    found.text("", modal, "custom_id", (1, 100));
    found.text("", modal, "title", (1, MODAL_TITLE));
    let mut seen = Seen::default();
    let parts = found.array("", modal, "components", (1, MODAL_PARTS));
    for (index, part) in parts.iter().enumerate() {
        let at = format!("components.{index}");
        let Some(part) = found.object(&at, part) else { continue };
        seen.id(found, &at, part);
        match kind(part) {
            1 => row(found, &mut seen, &at, part),
            10 => {
                found.known(&at, part, &["type", "id", "content"]);
                found.text(&at, part, "content", (1, INPUT_TEXT));
            }
            18 => label(found, &mut seen, &at, part),
            _ => found.choices(&below(&at, "type"), "1, 10, 18"),
        }
    }
}

fn row(found: &mut Findings, seen: &mut Seen, at: &str, row: &Object) {
    found.known(at, row, &["type", "id", "components"]);
    for (index, item) in found.array(at, row, "components", (1, 1)).iter().enumerate() {
        let at = format!("{at}.components.{index}");
        match found.object(&at, item) {
            Some(item) if kind(item) == 4 => {
                found.text(&at, item, "label", (1, INPUT_LABEL));
                text_input(found, seen, &at, item);
            }
            Some(_) => found.choices(&below(&at, "type"), "4"),
            None => {}
        }
    }
}

fn label(found: &mut Findings, seen: &mut Seen, at: &str, label: &Object) {
    found.known(at, label, &["type", "id", "label", "description", "component"]);
    found.text(at, label, "label", (1, INPUT_LABEL));
    found.optional_text(at, label, "description", (0, 100));
    let at = below(at, "component");
    let Some(component) = label.get("component") else { return found.required(&at) };
    match found.object(&at, component) {
        Some(one) if kind(one) == 4 => text_input(found, seen, &at, one),
        Some(one) if matches!(kind(one), 3 | 5..=8) => {
            select(found, seen, &at, one, Surface::Modal);
        }
        Some(_) => found.choices(&below(&at, "type"), "3, 4, 5, 6, 7, 8"),
        None => {}
    }
}

fn text_input(found: &mut Findings, seen: &mut Seen, at: &str, input: &Object) {
    let names = [
        "type",
        "id",
        "custom_id",
        "style",
        "label",
        "min_length",
        "max_length",
        "required",
        "value",
        "placeholder",
    ];
    found.known(at, input, &names);
    seen.id(found, at, input);
    seen.custom_id(found, at, input);
    match input.get("style").and_then(Value::as_u64) {
        Some(1 | 2) => {}
        None => found.required(&below(at, "style")),
        Some(_) => found.choices(&below(at, "style"), "1, 2"),
    }
    let least = found.number(at, input, "min_length", (0, 4_000)).unwrap_or(0);
    let most = found.number(at, input, "max_length", (1, 4_000)).unwrap_or(4_000);
    if least > most {
        let message = "min_length must be less than or equal to max_length";
        found.add(&below(at, "min_length"), "TEXT_INPUT_MIN_OVER_MAX", message);
    }
    found.flag(at, input, "required");
    found.optional_text(at, input, "value", (0, INPUT_TEXT));
    found.optional_text(at, input, "placeholder", (0, INPUT_PLACEHOLDER));
}
