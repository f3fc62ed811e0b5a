//! Limits of input blocks and of the values typed into them.

use serde_json::{Map, Value};

use super::elements::{self, Surface};
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
            elements::element(found, &format!("{at}/element"), element, Surface::Input);
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
    let decimals = part(object, "is_decimal_allowed").and_then(Value::as_bool);
    if decimals.is_none() {
        found.add(at, "missing required field: is_decimal_allowed");
    }
    let mut number = |name: &str| {
        let value = part(object, name)?;
        // Slack expects numbers as text here.
        let read = value.as_str().and_then(|text| number_of(text, decimals == Some(true)));
        if read.is_none() {
            found.add(&format!("{at}/{name}"), format!("{name} must be a number, as a string"));
        }
        read
    };
    let (least, most) = (number("min_value"), number("max_value"));
    let initial = number("initial_value");
    let above = |low: Option<f64>, high: Option<f64>| low.zip(high).is_some_and(|(a, b)| a > b);
    if above(least, most) {
        found.add(at, "min_value is greater than max_value");
    }
    if above(least, initial) || above(initial, most) {
        found.add(at, "initial_value is out of bounds");
    }
}

/// Parses what a number input accepts as a number.
pub(in crate::slack) fn number_of(text: &str, decimals: bool) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_sign = |c: char| c.is_ascii_digit() || (decimals && c == '.');
    let is_number = !digits.is_empty() && digits.chars().all(is_sign);
    is_number.then(|| text.parse().ok()).flatten()
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
