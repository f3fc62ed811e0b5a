//! Limits of rich text, in blocks of its own and in table cells.

use serde_json::{Map, Value};

use super::findings::Findings;

type Object = Map<String, Value>;

pub(super) fn block(found: &mut Findings, at: &str, object: &Object) {
    found.known(at, object, &["type", "block_id", "elements"]);
    let elements = found.array(at, object, "elements", (1, usize::MAX));
    for (index, element) in elements.iter().enumerate() {
        line(found, &format!("{at}/elements/{index}"), element);
    }
}

fn line(found: &mut Findings, at: &str, value: &Value) {
    let Some(object) = value.as_object() else { return found.add(at, "must be an object") };
    let (names, is_list): (&[&str], bool) = match kind(object) {
        "rich_text_section" => (&["type", "elements"], false),
        "rich_text_quote" => (&["type", "elements", "border"], false),
        "rich_text_preformatted" => (&["type", "elements", "border", "language"], false),
        "rich_text_list" => {
            found.word(at, object, "style", &["bullet", "ordered"]);
            (&["type", "elements", "style", "indent", "offset", "border"], true)
        }
        other => return found.add(at, format!("unsupported type: {other}")),
    };
    found.known(at, object, names);
    let elements = found.array(at, object, "elements", (0, usize::MAX));
    for (index, element) in elements.iter().enumerate() {
        let at = format!("{at}/elements/{index}");
        if is_list {
            line(found, &at, element);
        } else {
            inline(found, &at, element);
        }
    }
}

fn inline(found: &mut Findings, at: &str, value: &Value) {
    let Some(object) = value.as_object() else { return found.add(at, "must be an object") };
    let (names, needed): (&[&str], &str) = match kind(object) {
        "text" => (&["type", "text", "style"], "text"),
        "link" => (&["type", "url", "text", "unsafe", "style"], "url"),
        "user" => (&["type", "user_id", "style"], "user_id"),
        "usergroup" => (&["type", "usergroup_id", "style"], "usergroup_id"),
        "channel" => (&["type", "channel_id", "style"], "channel_id"),
        "emoji" => (&["type", "name", "unicode"], "name"),
        "broadcast" => (&["type", "range", "style"], "range"),
        "color" => (&["type", "value"], "value"),
        "date" => (&["type", "timestamp", "format", "fallback", "url", "style"], "timestamp"),
        other => return found.add(at, format!("unsupported type: {other}")),
    };
    found.known(at, object, names);
    if !object.contains_key(needed) {
        found.add(at, format!("missing required field: {needed}"));
    }
    if kind(object) == "text" {
        found.string(at, object, "text", usize::MAX - 1);
    }
}

fn kind(object: &Object) -> &str {
    object.get("type").and_then(Value::as_str).unwrap_or_default()
}
