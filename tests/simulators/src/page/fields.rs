//! Small helpers to read the JSON of blocks.

use serde_json::Value;

pub(super) fn word<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

pub(super) fn flag(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool).unwrap_or(false)
}

/// The text of a text object under `name`.
pub(super) fn words<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).map_or("", |text| word(text, "text"))
}
