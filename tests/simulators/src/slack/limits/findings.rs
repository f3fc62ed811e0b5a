//! Collects mistakes, each with a pointer to its position.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::part;
use crate::slack::wire::Refusal;

/// The maximum length of ids.
const MOST_ID: usize = 255;

/// The kinds of text objects that a field accepts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Plain,
    Any,
}

#[derive(Default)]
pub(super) struct Findings {
    messages: Vec<String>,
    block_ids: HashSet<String>,
    action_ids: HashSet<String>,
    pub(super) tables: usize,
    pub(super) charts: usize,
    pub(super) markdown: usize,
    pub(super) inputs: usize,
}

impl Findings {
    pub(super) fn add(&mut self, at: &str, what: impl AsRef<str>) {
        self.messages.push(format!("{} [json-pointer:{at}]", what.as_ref()));
    }

    pub(super) fn verdict(&mut self) -> Result<(), Refusal> {
        if self.messages.is_empty() {
            return Ok(());
        }
        Err(Refusal::because("invalid_blocks", std::mem::take(&mut self.messages)))
    }

    /// Refuses every field that is not one of these.
    pub(super) fn known(&mut self, at: &str, object: &Map<String, Value>, names: &[&str]) {
        for name in object.keys().filter(|name| !names.contains(&name.as_str())) {
            self.add(at, format!("unknown field: {name}"));
        }
    }

    pub(super) fn block_id(&mut self, at: &str, object: &Map<String, Value>) {
        let Some(id) = self.id(at, object, "block_id") else { return };
        if !self.block_ids.insert(id.clone()) {
            self.add(at, format!("block_id already exists: {id}"));
        }
    }

    pub(super) fn action_id(&mut self, at: &str, object: &Map<String, Value>) {
        let Some(id) = self.id(at, object, "action_id") else { return };
        if !self.action_ids.insert(id.clone()) {
            self.add(at, format!("action_id already exists: {id}"));
        }
    }

    fn id(&mut self, at: &str, object: &Map<String, Value>, name: &str) -> Option<String> {
        let id = match part(object, name)? {
            Value::String(id) => id.clone(),
            _ => {
                self.add(at, format!("{name} must be a string"));
                return None;
            }
        };
        self.length(&format!("{at}/{name}"), &id, MOST_ID);
        Some(id)
    }

    pub(super) fn length(&mut self, at: &str, text: &str, most: usize) {
        if text.is_empty() {
            self.add(at, "must be more than 0 characters");
        }
        if text.chars().count() > most {
            self.add(at, format!("must be less than {} characters", most + 1));
        }
    }

    /// Requires a plain string field.
    pub(super) fn string(
        &mut self,
        at: &str,
        object: &Map<String, Value>,
        name: &str,
        most: usize,
    ) {
        match part(object, name) {
            Some(Value::String(text)) => self.length(&format!("{at}/{name}"), text, most),
            Some(_) => self.add(at, format!("{name} must be a string")),
            None => self.add(at, format!("missing required field: {name}")),
        }
    }

    /// As [`Self::string`], but optional.
    pub(super) fn optional_string(
        &mut self,
        at: &str,
        object: &Map<String, Value>,
        name: &str,
        most: usize,
    ) {
        if part(object, name).is_some() {
            self.string(at, object, name, most);
        }
    }

    /// Requires a text object.
    pub(super) fn text(
        &mut self,
        at: &str,
        object: &Map<String, Value>,
        name: &str,
        (takes, most): (Takes, usize),
    ) {
        match part(object, name) {
            Some(text) => self.text_object(&format!("{at}/{name}"), text, (takes, most)),
            None => self.add(at, format!("missing required field: {name}")),
        }
    }

    pub(super) fn optional_text(
        &mut self,
        at: &str,
        object: &Map<String, Value>,
        name: &str,
        limit: (Takes, usize),
    ) {
        if part(object, name).is_some() {
            self.text(at, object, name, limit);
        }
    }

    pub(super) fn text_object(&mut self, at: &str, value: &Value, (takes, most): (Takes, usize)) {
        let Some(object) = value.as_object() else { return self.add(at, "must be an object") };
        match object.get("type").and_then(Value::as_str) {
            Some("plain_text") => self.known(at, object, &["type", "text", "emoji"]),
            Some("mrkdwn") if takes == Takes::Any => {
                self.known(at, object, &["type", "text", "verbatim"]);
            }
            Some(other) => self.add(at, format!("unsupported text type: {other}")),
            None => self.add(at, "missing required field: type"),
        }
        self.string(at, object, "text", most);
    }

    /// Checks a flag or one of a list of words.
    pub(super) fn word(
        &mut self,
        at: &str,
        object: &Map<String, Value>,
        name: &str,
        words: &[&str],
    ) {
        if let Some(value) = part(object, name)
            && !value.as_str().is_some_and(|word| words.contains(&word))
        {
            self.add(&format!("{at}/{name}"), format!("must be one of {}", words.join(", ")));
        }
    }

    pub(super) fn flags(&mut self, at: &str, object: &Map<String, Value>, names: &[&str]) {
        for name in names {
            if part(object, name).is_some_and(|value| !value.is_boolean()) {
                self.add(at, format!("{name} must be a boolean"));
            }
        }
    }

    /// Requires an array with this many items.
    pub(super) fn array<'a>(
        &mut self,
        at: &str,
        object: &'a Map<String, Value>,
        name: &str,
        (least, most): (usize, usize),
    ) -> &'a [Value] {
        let Some(items) = part(object, name) else {
            self.add(at, format!("missing required field: {name}"));
            return &[];
        };
        let Some(items) = items.as_array() else {
            self.add(at, format!("{name} must be an array"));
            return &[];
        };
        if items.len() < least {
            self.add(&format!("{at}/{name}"), format!("no fewer than {least} items allowed"));
        }
        if items.len() > most {
            self.add(&format!("{at}/{name}"), format!("no more than {most} items allowed"));
        }
        items
    }
}
