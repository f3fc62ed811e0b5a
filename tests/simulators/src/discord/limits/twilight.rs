//! A second opinion on messages and commands: twilight's model of Discord, and its limits.
//!
//! Discord adds a few fields itself (the type of an embed, the version of a command); they are put in
//! before twilight reads. What it refuses goes to [`Findings::second`], and so to the complaints:
//! where our own limits took it, one of the two is wrong, and a person has to look.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use twilight_model::application::command::Command;
use twilight_model::channel::message::{AllowedMentions, Component, Embed};
use twilight_validate::command as commands;
use twilight_validate::component::component_v2;
use twilight_validate::message;

use super::findings::{Findings, Object, below};

fn read<T: DeserializeOwned>(found: &mut Findings, at: &str, value: Value) -> Option<T> {
    match serde_json::from_value(value) {
        Ok(read) => Some(read),
        Err(error) => {
            found.second.push(format!("{at}: {error}"));
            None
        }
    }
}

fn heard<E: std::fmt::Display>(found: &mut Findings, at: &str, verdict: Result<(), E>) {
    if let Err(error) = verdict {
        found.second.push(format!("{at}: {error}"));
    }
}

fn list(body: &Object, name: &str) -> Vec<Value> {
    body.get(name).and_then(Value::as_array).cloned().unwrap_or_default()
}

pub(super) fn message(found: &mut Findings, body: &Object, is_v2: bool) {
    if let Some(content) = body.get("content").and_then(Value::as_str) {
        heard(found, "content", message::content(content));
    }
    let mut embeds = list(body, "embeds");
    for embed in embeds.iter_mut().filter_map(Value::as_object_mut) {
        embed.entry("type").or_insert(json!("rich"));
        // Discord takes a field without `inline`; twilight's model wants the word.
        let fields = embed.get_mut("fields").and_then(Value::as_array_mut);
        for field in fields.into_iter().flatten().filter_map(Value::as_object_mut) {
            field.entry("inline").or_insert(json!(false));
        }
    }
    if let Some(embeds) = read::<Vec<Embed>>(found, "embeds", Value::Array(embeds)) {
        heard(found, "embeds", message::embeds(&embeds));
    }
    let components = Value::Array(list(body, "components"));
    if let Some(components) = read::<Vec<Component>>(found, "components", components) {
        heard(found, "components", message::components(&components, is_v2));
    }
    if let Some(allowed) = body.get("allowed_mentions").filter(|allowed| !allowed.is_null()) {
        read::<AllowedMentions>(found, "allowed_mentions", allowed.clone());
    }
}

pub(super) fn modal(found: &mut Findings, body: &Object) {
    for (index, one) in list(body, "components").into_iter().enumerate() {
        let at = below("components", index);
        if let Some(one) = read::<Component>(found, &at, one) {
            heard(found, &at, component_v2(&one));
        }
    }
}

pub(super) fn command(found: &mut Findings, at: &str, command: &Object) {
    let mut command = command.clone();
    for (name, value) in [("version", json!("1")), ("type", json!(1)), ("description", json!(""))] {
        command.entry(name).or_insert(value);
    }
    if let Some(command) = read::<Command>(found, at, Value::Object(command)) {
        heard(found, at, commands::command(&command));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(check: impl FnOnce(&mut Findings)) -> Vec<String> {
        let mut found = Findings::default();
        check(&mut found);
        found.second
    }

    fn of_message(body: &Value) -> Vec<String> {
        said(|found| message(found, body.as_object().expect("an object"), false))
    }

    #[test]
    fn a_good_message_is_taken() {
        let button = json!({ "type": 2, "style": 3, "label": "Approve", "custom_id": "a" });
        let body = json!({
            "content": "A plan", "embeds": [{ "title": "A plan", "fields": [
                { "name": "Nodes", "value": "3" },
            ] }],
            "components": [{ "type": 1, "components": [button] }],
            "allowed_mentions": { "parse": [], "users": ["100000000000000002"] },
        });
        assert_eq!(of_message(&body), Vec::<String>::new());
    }

    #[test]
    fn bad_messages_are_told() {
        let long = "x".repeat(2_001);
        let button = json!({ "type": 2, "style": 3, "label": "x".repeat(81), "custom_id": "a" });
        for body in [
            json!({ "content": long }),
            json!({ "embeds": [{ "title": "x".repeat(257) }] }),
            json!({ "embeds": [{ "fields": [{ "name": "x".repeat(257), "value": "3" }] }] }),
            json!({ "components": [{ "type": 1, "components": [button] }] }),
            json!({ "components": [{ "type": 1, "components": [] }, { "type": "row" }] }),
            json!({ "allowed_mentions": { "parse": ["all"] } }),
        ] {
            assert_ne!(of_message(&body), Vec::<String>::new(), "{body}");
        }
    }

    #[test]
    fn commands_are_judged() {
        let of =
            |body: Value| said(|found| command(found, "0", body.as_object().expect("an object")));
        assert!(of(json!({ "name": "patch", "description": "Patches" })).is_empty());
        assert!(!of(json!({ "name": "Patch It", "description": "Patches" })).is_empty());
        assert!(!of(json!({ "name": "patch" })).is_empty());
    }
}
