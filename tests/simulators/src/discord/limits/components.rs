//! Limits of components in messages: rows of buttons and selects, and the layouts of components v2.

use std::collections::HashSet;

use serde_json::Value;

use super::findings::{Findings, Object, below};
use super::inputs;

const ROWS: usize = 5;
const IN_A_ROW: usize = 5;
/// The most components v2 in a message, including nested ones.
const V2_IN_ALL: usize = 40;
const V2_TEXT: usize = 4_000;
const LABEL: usize = 80;
const CUSTOM_ID: usize = 100;
const URL: usize = 512;

/// What is counted over a whole message or modal.
#[derive(Default)]
pub(super) struct Seen {
    custom_ids: HashSet<String>,
    ids: HashSet<u64>,
    count: usize,
    text: usize,
}

impl Seen {
    pub(super) fn custom_id(&mut self, found: &mut Findings, at: &str, object: &Object) {
        let Some(id) = found.text(at, object, "custom_id", (1, CUSTOM_ID)) else { return };
        if !self.custom_ids.insert(id.to_owned()) {
            let message = "Component custom id cannot be duplicated";
            found.add(&below(at, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", message);
        }
    }

    /// Checks the number that every component may carry.
    pub(super) fn id(&mut self, found: &mut Findings, at: &str, object: &Object) {
        let Some(id) = found.number(at, object, "id", (0, i64::from(i32::MAX))) else { return };
        let id = id.unsigned_abs();
        if id != 0 && !self.ids.insert(id) {
            let message = "Component id cannot be duplicated";
            found.add(&below(at, "id"), "COMPONENT_ID_DUPLICATED", message);
        }
    }
}

pub(super) fn check(found: &mut Findings, body: &Object, is_v2: bool) {
    let most = if is_v2 { V2_IN_ALL } else { ROWS };
    let components = found.array("", body, "components", (0, most));
    let mut seen = Seen::default();
    for (index, component) in components.iter().enumerate() {
        let at = format!("components.{index}");
        let Some(component) = found.object(&at, component) else { continue };
        match (kind(component), is_v2) {
            (1, _) => row(found, &mut seen, &at, component),
            (_, true) => layout(found, &mut seen, &at, component, true),
            (_, false) => found.choices(&below(&at, "type"), "1"),
        }
    }
    if is_v2 && seen.count > V2_IN_ALL {
        let message = format!("A message may hold {V2_IN_ALL} components in all");
        found.add("components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", message);
    }
    if seen.text > V2_TEXT {
        let message = format!("Text displays may hold {V2_TEXT} characters in all");
        found.add("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message);
    }
}

pub(super) fn kind(component: &Object) -> u64 {
    component.get("type").and_then(Value::as_u64).unwrap_or_default()
}

fn row(found: &mut Findings, seen: &mut Seen, at: &str, row: &Object) {
    found.known(at, row, &["type", "id", "components"]);
    seen.id(found, at, row);
    seen.count += 1;
    let items = found.array(at, row, "components", (1, IN_A_ROW));
    let kinds: Vec<u64> = items.iter().filter_map(Value::as_object).map(kind).collect();
    if kinds.len() > 1 && kinds.iter().any(|&kind| kind != 2) {
        let message = "The specified component exceeds the maximum width";
        found.add(&below(at, "components"), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message);
    }
    for (index, item) in items.iter().enumerate() {
        let at = format!("{at}.components.{index}");
        let Some(item) = found.object(&at, item) else { continue };
        seen.count += 1;
        match kind(item) {
            2 => button(found, seen, &at, item),
            3 | 5..=8 => inputs::select(found, seen, &at, item, inputs::Surface::Message),
            _ => found.choices(&below(&at, "type"), "2, 3, 5, 6, 7, 8"),
        }
    }
}

fn button(found: &mut Findings, seen: &mut Seen, at: &str, button: &Object) {
    let names = ["type", "id", "style", "label", "emoji", "custom_id", "sku_id", "url", "disabled"];
    found.known(at, button, &names);
    seen.id(found, at, button);
    found.flag(at, button, "disabled");
    found.optional_text(at, button, "label", (0, LABEL));
    let has = |name: &str| button.get(name).is_some_and(|value| !value.is_null() && value != "");
    match button.get("style").and_then(Value::as_u64) {
        Some(1..=4) => {
            seen.custom_id(found, at, button);
            if has("url") {
                let message = "A custom id and url cannot both be specified";
                found.add(at, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", message);
            }
        }
        Some(5) => {
            found.text(at, button, "url", (1, URL));
            found.url(at, button, "url");
            if has("custom_id") {
                let message = "A custom id and url cannot both be specified";
                found.add(at, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", message);
            }
        }
        Some(6) => found.add(at, "BUTTON_COMPONENT_INVALID_SKU", "Nothing is sold here"),
        None if !button.contains_key("style") => found.required(&below(at, "style")),
        _ => found.choices(&below(at, "style"), "1, 2, 3, 4, 5, 6"),
    }
    if !has("label") && !has("emoji") {
        let message = "A button must have a label or an emoji";
        found.add(at, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", message);
    }
}

/// Checks what components v2 add. `is_top` is false inside a container.
fn layout(found: &mut Findings, seen: &mut Seen, at: &str, part: &Object, is_top: bool) {
    seen.count += 1;
    seen.id(found, at, part);
    match kind(part) {
        1 => {
            // The row counts itself.
            seen.count -= 1;
            row(found, seen, at, part);
        }
        9 => section(found, seen, at, part),
        10 => text_display(found, seen, at, part),
        12 => gallery(found, at, part),
        13 => {
            found.known(at, part, &["type", "id", "file", "spoiler", "name", "size"]);
            media(found, at, part, "file");
        }
        14 => {
            found.known(at, part, &["type", "id", "divider", "spacing"]);
            found.flag(at, part, "divider");
            found.number(at, part, "spacing", (1, 2));
        }
        17 if is_top => {
            found.known(at, part, &["type", "id", "components", "accent_color", "spoiler"]);
            found.number(at, part, "accent_color", (0, 0xff_ffff));
            let inner = found.array(at, part, "components", (1, V2_IN_ALL));
            for (index, one) in inner.iter().enumerate() {
                let at = format!("{at}.components.{index}");
                if let Some(one) = found.object(&at, one) {
                    layout(found, seen, &at, one, false);
                }
            }
        }
        _ => found.choices(&below(at, "type"), "1, 9, 10, 12, 13, 14, 17"),
    }
}

fn text_display(found: &mut Findings, seen: &mut Seen, at: &str, part: &Object) {
    found.known(at, part, &["type", "id", "content"]);
    let words = found.text(at, part, "content", (1, V2_TEXT)).unwrap_or_default();
    seen.text += words.chars().count();
}

fn section(found: &mut Findings, seen: &mut Seen, at: &str, part: &Object) {
    found.known(at, part, &["type", "id", "components", "accessory"]);
    for (index, one) in found.array(at, part, "components", (1, 3)).iter().enumerate() {
        let at = format!("{at}.components.{index}");
        match found.object(&at, one) {
            Some(one) if kind(one) == 10 => {
                seen.count += 1;
                text_display(found, seen, &at, one);
            }
            Some(_) => found.choices(&below(&at, "type"), "10"),
            None => {}
        }
    }
    let at = below(at, "accessory");
    let Some(accessory) = part.get("accessory") else { return found.required(&at) };
    seen.count += 1;
    match found.object(&at, accessory) {
        Some(one) if kind(one) == 2 => button(found, seen, &at, one),
        Some(one) if kind(one) == 11 => {
            found.known(&at, one, &["type", "id", "media", "description", "spoiler"]);
            media(found, &at, one, "media");
        }
        Some(_) => found.choices(&below(&at, "type"), "2, 11"),
        None => {}
    }
}

fn gallery(found: &mut Findings, at: &str, part: &Object) {
    found.known(at, part, &["type", "id", "items"]);
    for (index, item) in found.array(at, part, "items", (1, 10)).iter().enumerate() {
        let at = format!("{at}.items.{index}");
        if let Some(item) = found.object(&at, item) {
            found.known(&at, item, &["media", "description", "spoiler"]);
            media(found, &at, item, "media");
        }
    }
}

fn media(found: &mut Findings, at: &str, object: &Object, name: &str) {
    let at = below(at, name);
    let Some(value) = object.get(name) else { return found.required(&at) };
    if let Some(media) = found.object(&at, value) {
        found.text(&at, media, "url", (1, 2_048));
        found.url(&at, media, "url");
    }
}
