//! twilight's knowledge of what Discord accepts, consulted where ours found no mistake.
//!
//! Different people wrote our limits and these from the same documentation: a body must pass both.

use std::fmt::Display;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use twilight_model::application::command::{Command, CommandOptionChoice};
use twilight_model::channel::message::{Component, Embed};
use twilight_validate::{command, component, message};

use super::findings::{Findings, Object, below};

/// Checks a message, or the change of one.
pub(super) fn message(found: &mut Findings, body: &Object, is_v2: bool) {
    if !found.is_empty() {
        return;
    }
    if let Some(content) = body.get("content").and_then(Value::as_str) {
        judged(found, "content", message::content(content));
    }
    if let Some(embeds) = read::<Vec<Embed>>(found, "embeds", embeds(body)) {
        judged(found, "embeds", message::embeds(&embeds));
    }
    if let Some(rows) = read::<Vec<Component>>(found, "components", list(body, "components")) {
        judged(found, "components", message::components(&rows, is_v2));
    }
    let files = body.get("attachments").and_then(Value::as_array);
    for (index, file) in files.into_iter().flatten().enumerate() {
        let at = below("attachments", index);
        if let Some(words) = file.get("description").and_then(Value::as_str) {
            judged(found, &below(&at, "description"), message::attachment_description(words));
        }
        if let Some(name) = file.get("filename").and_then(Value::as_str) {
            judged(found, &below(&at, "filename"), message::attachment_filename(name));
        }
    }
}

/// Checks the `data` of a response that opens a modal.
pub(super) fn modal(found: &mut Findings, body: &Object) {
    if !found.is_empty() {
        return;
    }
    let parts = read::<Vec<Component>>(found, "components", list(body, "components"));
    for (index, part) in parts.iter().flatten().enumerate() {
        // Labels and text displays are checked like in messages of components v2.
        judged(found, &below("components", index), component::component_v2(part));
    }
}

/// Checks a command for registration. `at` is its position, for a list of commands.
pub(super) fn command(found: &mut Findings, at: &str, given: &Object) {
    if !found.is_empty() {
        return;
    }
    let mut given = given.clone();
    // What Discord adds, and the model of a registered command requires.
    for (name, value) in [("type", json!(1)), ("description", json!("")), ("version", json!("1"))] {
        if given.get(name).is_none_or(Value::is_null) {
            given.insert(name.to_owned(), value);
        }
    }
    given.entry("default_member_permissions").or_insert(Value::Null);
    if let Some(one) = read::<Command>(found, at, Some(Value::Object(given))) {
        judged(found, at, command::command(&one));
    }
}

/// Checks the choices of an autocomplete answer.
pub(super) fn choices(found: &mut Findings, body: &Object) {
    if !found.is_empty() {
        return;
    }
    let choices = read::<Vec<CommandOptionChoice>>(found, "choices", list(body, "choices"));
    for (index, choice) in choices.iter().flatten().enumerate() {
        judged(found, &below("choices", index), command::choice(choice));
    }
}

fn list(body: &Object, name: &str) -> Option<Value> {
    body.get(name).filter(|value| !value.is_null()).cloned()
}

/// The embeds, with the defaults of Discord that twilight's model of an answer requires.
fn embeds(body: &Object) -> Option<Value> {
    let mut embeds = list(body, "embeds")?;
    for embed in embeds.as_array_mut().into_iter().flatten() {
        embed["type"] = json!("rich");
        for field in embed.get_mut("fields").and_then(Value::as_array_mut).into_iter().flatten() {
            if field.get("inline").is_none_or(Value::is_null) {
                field["inline"] = json!(false);
            }
        }
    }
    Some(embeds)
}

fn read<T: DeserializeOwned>(found: &mut Findings, at: &str, value: Option<Value>) -> Option<T> {
    let read = serde_json::from_value(value?);
    read.inspect_err(|error| found.add(at, CODE, format!("twilight cannot read it: {error}"))).ok()
}

/// Discord has no such code: it says who judged.
const CODE: &str = "TWILIGHT_VALIDATE";

fn judged<E: Display>(found: &mut Findings, at: &str, verdict: Result<(), E>) {
    if let Err(error) = verdict {
        found.add(at, CODE, error.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(by: impl Fn(&mut Findings, &Object), body: Value) -> Value {
        let mut found = Findings::default();
        by(&mut found, body.as_object().expect("an object"));
        found.tree()
    }

    #[test]
    fn what_it_refuses_stands_at_its_place() {
        let of_message = |found: &mut Findings, body: &Object| message(found, body, false);
        let of_command = |found: &mut Findings, body: &Object| command(found, "0", body);
        let button = json!({ "type": 2, "style": 1, "label": "x".repeat(81), "custom_id": "a" });
        let row = json!({ "type": 1, "components": [button] });
        let input = json!({ "type": 4, "custom_id": "x".repeat(101), "style": 1 });
        let label = json!({ "type": 18, "label": "Why", "component": input });
        let field = json!({ "name": "n", "value": "x".repeat(1_025) });
        let file = json!({ "id": 0, "description": "x".repeat(1_025) });
        let choice = json!({ "name": "x".repeat(101), "value": "a" });
        for (tree, place) in [
            (judge(of_message, json!({ "content": "x".repeat(2_001) })), "/content"),
            (judge(of_message, json!({ "embeds": [{ "fields": [field] }] })), "/embeds"),
            (judge(of_message, json!({ "components": [row] })), "/components"),
            (judge(of_message, json!({ "components": [{ "type": 2 }] })), "/components"),
            (judge(of_message, json!({ "attachments": [file] })), "/attachments/0/description"),
            (judge(modal, json!({ "components": [label] })), "/components/0"),
            (judge(of_command, json!({ "name": "Patch", "description": "d" })), "/0"),
            (judge(choices, json!({ "choices": [choice] })), "/choices/0"),
        ] {
            assert_eq!(tree.pointer(&format!("{place}/_errors/0/code")), Some(&json!(CODE)));
        }
    }

    #[test]
    fn what_is_right_passes() {
        let embed = json!({ "title": "t", "fields": [{ "name": "n", "value": "v" }] });
        let button = json!({ "type": 2, "style": 1, "label": "l", "custom_id": "a" });
        let row = json!({ "type": 1, "components": [button] });
        let body = json!({ "content": "c", "embeds": [embed], "components": [row] });
        assert_eq!(judge(|found, body| message(found, body, false), body), json!({}));
        let body = json!({ "name": "patch", "description": "d" });
        assert_eq!(judge(|found, body| command(found, "", body), body), json!({}));
    }
}
