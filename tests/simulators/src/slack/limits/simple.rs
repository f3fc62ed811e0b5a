//! Limits of blocks that only show something: section, header, image, context, markdown, alert.

use serde_json::{Map, Value};

use super::findings::{Findings, Takes};
use super::{elements, part};

type Object = Map<String, Value>;

const SECTION_TEXT: usize = 3_000;
const FIELD_TEXT: usize = 2_000;
const FIELDS: usize = 10;
const HEADER_TEXT: usize = 150;
const CONTEXT_ELEMENTS: usize = 10;
const MARKDOWN_TEXT: usize = 12_000;
const ALT_TEXT: usize = 2_000;
const URL: usize = 3_000;

pub(super) fn section(found: &mut Findings, at: &str, object: &Object) {
    found.known(at, object, &["type", "block_id", "text", "fields", "accessory", "expand"]);
    found.flags(at, object, &["expand"]);
    if part(object, "text").is_none() && part(object, "fields").is_none() {
        found.add(at, "missing required field: text or fields");
    }
    found.optional_text(at, object, "text", (Takes::Any, SECTION_TEXT));
    if part(object, "fields").is_some() {
        for (index, field) in found.array(at, object, "fields", (1, FIELDS)).iter().enumerate() {
            let at = format!("{at}/fields/{index}");
            found.text_object(&at, field, (Takes::Any, FIELD_TEXT));
        }
    }
    if let Some(accessory) = part(object, "accessory") {
        elements::element(found, &format!("{at}/accessory"), accessory, elements::Surface::Section);
    }
}

pub(super) fn header(found: &mut Findings, at: &str, object: &Object) {
    found.known(at, object, &["type", "block_id", "text", "level"]);
    found.text(at, object, "text", (Takes::Plain, HEADER_TEXT));
    let level = part(object, "level");
    if level.is_some_and(|level| !level.as_u64().is_some_and(|level| (1..=6).contains(&level))) {
        found.add(at, "level must be a small number");
    }
}

pub(super) fn image_block(found: &mut Findings, at: &str, object: &Object) {
    found.known(at, object, &["type", "block_id", "image_url", "slack_file", "alt_text", "title"]);
    image(found, at, object);
    found.optional_text(at, object, "title", (Takes::Plain, ALT_TEXT));
}

pub(super) fn image_element(found: &mut Findings, at: &str, object: &Object) {
    found.known(at, object, &["type", "image_url", "slack_file", "alt_text"]);
    image(found, at, object);
}

fn image(found: &mut Findings, at: &str, object: &Object) {
    match part(object, "slack_file") {
        None => found.string(at, object, "image_url", URL),
        Some(_) if part(object, "image_url").is_some() => {
            found.add(at, "image_url and slack_file exclude each other");
        }
        Some(Value::Object(file)) => {
            found.known(&format!("{at}/slack_file"), file, &["id", "url"]);
            let by_id = file.get("id").is_some_and(Value::is_string);
            let by_url = file.get("url").is_some_and(Value::is_string);
            if by_id == by_url {
                found.add(at, "slack_file needs either an id or a url");
            }
        }
        Some(_) => found.add(at, "slack_file must be an object"),
    }
    found.string(at, object, "alt_text", ALT_TEXT);
}

pub(super) fn context(found: &mut Findings, at: &str, object: &Object) {
    found.known(at, object, &["type", "block_id", "elements"]);
    let elements = found.array(at, object, "elements", (1, CONTEXT_ELEMENTS));
    for (index, element) in elements.iter().enumerate() {
        let at = format!("{at}/elements/{index}");
        match element.as_object() {
            Some(image) if element.get("type").and_then(Value::as_str) == Some("image") => {
                image_element(found, &at, image);
            }
            _ => found.text_object(&at, element, (Takes::Any, SECTION_TEXT)),
        }
    }
}

pub(super) fn markdown(found: &mut Findings, at: &str, object: &Object) {
    found.known(at, object, &["type", "block_id", "text"]);
    found.string(at, object, "text", MARKDOWN_TEXT);
    let text = part(object, "text").and_then(Value::as_str).unwrap_or_default();
    found.markdown += text.chars().count();
}

pub(super) fn alert(found: &mut Findings, at: &str, object: &Object) {
    found.known(at, object, &["type", "block_id", "text", "level"]);
    found.text(at, object, "text", (Takes::Any, SECTION_TEXT));
    found.word(at, object, "level", &["default", "info", "warning", "error", "success"]);
}
