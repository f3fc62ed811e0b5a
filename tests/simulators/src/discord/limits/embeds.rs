//! Limits of embeds.

use serde_json::Value;

use super::findings::{Findings, Object, below};

const EMBEDS: usize = 10;
const TITLE: usize = 256;
const DESCRIPTION: usize = 4_096;
const FIELDS: usize = 25;
const FIELD_NAME: usize = 256;
const FIELD_VALUE: usize = 1_024;
const FOOTER: usize = 2_048;
const AUTHOR: usize = 256;
/// The most characters in all embeds of a message together.
const IN_ALL: usize = 6_000;

pub(super) fn check(found: &mut Findings, body: &Object) {
    let embeds = found.array("", body, "embeds", (0, EMBEDS));
    let mut characters = 0;
    for (index, embed) in embeds.iter().enumerate() {
        let at = format!("embeds.{index}");
        if let Some(embed) = found.object(&at, embed) {
            characters += one(found, &at, embed);
        }
    }
    if characters > IN_ALL {
        let message = format!("Embed size exceeds maximum size of {IN_ALL}");
        found.add("embeds", "MAX_EMBED_SIZE_EXCEEDED", message);
    }
}

/// Checks one embed, and returns how many of its characters count.
fn one(found: &mut Findings, at: &str, embed: &Object) -> usize {
    let names = [
        "title",
        "type",
        "description",
        "url",
        "timestamp",
        "color",
        "footer",
        "image",
        "thumbnail",
        "video",
        "provider",
        "author",
        "fields",
        // Libraries send it back; Discord sets it itself.
        "flags",
    ];
    found.known(at, embed, &names);
    let mut all = count(found.optional_text(at, embed, "title", (0, TITLE)));
    all += count(found.optional_text(at, embed, "description", (0, DESCRIPTION)));
    found.url(at, embed, "url");
    found.number(at, embed, "color", (0, 0xff_ffff));
    if let Some(time) = found.optional_text(at, embed, "timestamp", (1, 64))
        && chrono::DateTime::parse_from_rfc3339(time).is_err()
    {
        let message = format!("Could not parse {time}. Should be ISO8601.");
        found.add(&below(at, "timestamp"), "DATE_TIME_TYPE_PARSE", message);
    }
    if let Some(footer) = part(found, at, embed, "footer") {
        let at = below(at, "footer");
        found.known(&at, footer, &["text", "icon_url"]);
        all += count(found.text(&at, footer, "text", (1, FOOTER)));
        found.url(&at, footer, "icon_url");
    }
    if let Some(author) = part(found, at, embed, "author") {
        let at = below(at, "author");
        found.known(&at, author, &["name", "url", "icon_url"]);
        all += count(found.text(&at, author, "name", (1, AUTHOR)));
        found.url(&at, author, "url");
        found.url(&at, author, "icon_url");
    }
    for name in ["image", "thumbnail"] {
        if let Some(image) = part(found, at, embed, name) {
            let at = below(at, name);
            found.known(&at, image, &["url", "height", "width", "proxy_url"]);
            found.url(&at, image, "url");
        }
    }
    let fields = found.array(at, embed, "fields", (0, FIELDS));
    for (index, field) in fields.iter().enumerate() {
        let at = format!("{at}.fields.{index}");
        let Some(field) = found.object(&at, field) else { continue };
        found.known(&at, field, &["name", "value", "inline"]);
        all += count(found.text(&at, field, "name", (1, FIELD_NAME)));
        all += count(found.text(&at, field, "value", (1, FIELD_VALUE)));
        found.flag(&at, field, "inline");
    }
    let shows = ["title", "description", "footer", "author", "image", "thumbnail", "fields"];
    let is_seen = |name: &str| embed.get(name).is_some_and(|value| !is_nothing(value));
    if !shows.iter().any(|name| is_seen(name)) {
        found.required(&below(at, "description"));
    }
    all
}

fn part<'a>(found: &mut Findings, at: &str, embed: &'a Object, name: &str) -> Option<&'a Object> {
    let value = embed.get(name).filter(|value| !value.is_null())?;
    found.object(&below(at, name), value)
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

/// The characters that count towards the sum: surrounding white space does not.
fn count(text: Option<&str>) -> usize {
    text.map_or(0, |text| text.trim().chars().count())
}
