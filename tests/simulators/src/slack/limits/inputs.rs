//! Input blocks and what is typed into them.

use serde_json::{Map, Value};

use super::elements::{self, Place};
use super::findings::{Findings, Takes};
use super::part;

type Object = Map<String, Value>;

const LABEL: usize = 2_000;
const TYPED: u64 = 3_000;

pub(super) fn input(found: &mut Findings, at: &str, object: &Object) {
    found.inputs += 1;
    let names = ["type", "block_id", "label", "element", "hint", "optional", "dispatch_action"];
    found.known(at, object, &names);
    found.text(at, object, "label", (Takes::Plain, LABEL));
    found.optional_text(at, object, "hint", (Takes::Plain, LABEL));
    found.flags(at, object, &["optional", "dispatch_action"]);
    match part(object, "element") {
        Some(element) => {
            elements::element(found, &format!("{at}/element"), element, Place::Input);
        }
        None => found.add(at, "missing required field: element"),
    }
}

pub(super) fn plain_text(found: &mut Findings, at: &str, object: &Object) {
    let names = [
        "type",
        "action_id",
        "placeholder",
        "initial_value",
        "multiline",
        "min_length",
        "max_length",
        "focus_on_load",
        "dispatch_action_config",
    ];
    found.known(at, object, &names);
    found.flags(at, object, &["multiline"]);
    for (name, least) in [("min_length", 0), ("max_length", 1)] {
        if let Some(value) = part(object, name)
            && !value.as_u64().is_some_and(|length| (least..=TYPED).contains(&length))
        {
            found.add(at, format!("{name} must be a number from {least} to {TYPED}"));
        }
    }
    let length = part(object, "initial_value").and_then(Value::as_str);
    let length = length.map_or(0, |text| text.chars().count() as u64);
    let most = part(object, "max_length").and_then(Value::as_u64).unwrap_or(TYPED);
    if length > most {
        found.add(at, "initial_value is longer than max_length");
    }
}

pub(super) fn number(found: &mut Findings, at: &str, object: &Object) {
    let names = [
        "type",
        "action_id",
        "is_decimal_allowed",
        "placeholder",
        "initial_value",
        "min_value",
        "max_value",
        "focus_on_load",
        "dispatch_action_config",
    ];
    found.known(at, object, &names);
    if !part(object, "is_decimal_allowed").is_some_and(Value::is_boolean) {
        found.add(at, "missing required field: is_decimal_allowed");
    }
}

pub(super) fn line(found: &mut Findings, at: &str, object: &Object) {
    let names = [
        "type",
        "action_id",
        "placeholder",
        "initial_value",
        "focus_on_load",
        "dispatch_action_config",
    ];
    found.known(at, object, &names);
}
