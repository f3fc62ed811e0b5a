//! Limits of modals and of the App Home.

use serde_json::{Map, Value};

use super::findings::{Findings, Takes};
use super::{Surface, one, part};
use crate::slack::wire::Refusal;

const TITLE: usize = 24;
const METADATA: usize = 3_000;
const ID: usize = 255;
/// The most bytes of JSON; beyond that Slack answers `view_too_large`.
const SIZE: usize = 250_000;

/// Refuses a view that Slack would refuse.
pub(in crate::slack) fn check_view(view: &Value) -> Result<(), Refusal> {
    let wrong = |why: String| Refusal::because("invalid_arguments", vec![why]);
    let object = view.as_object().ok_or_else(|| wrong("view must be an object".to_owned()))?;
    if view.to_string().len() > SIZE {
        return Err(Refusal::of("view_too_large"));
    }
    let mut found = Findings::default();
    let surface = match object.get("type").and_then(Value::as_str) {
        Some("modal") => {
            modal(&mut found, object);
            Surface::Modal
        }
        Some("home") => {
            let names = ["type", "blocks", "private_metadata", "callback_id", "external_id"];
            found.known("/view", object, &names);
            Surface::Home
        }
        other => return Err(wrong(format!("unsupported type: {}", other.unwrap_or_default()))),
    };
    // An empty string is as good as none here.
    for (name, most) in [("private_metadata", METADATA), ("callback_id", ID), ("external_id", ID)] {
        if part(object, name).is_some_and(|value| *value != "") {
            found.string("/view", object, name, most);
        }
    }
    let blocks = found.array("/view", object, "blocks", (0, surface.most_blocks()));
    for (index, block) in blocks.iter().enumerate() {
        one(&mut found, &format!("/view/blocks/{index}"), block, surface);
    }
    if found.inputs > 0 && surface == Surface::Modal && part(object, "submit").is_none() {
        found.add("/view/submit", "missing required field: submit, since there is an input");
    }
    found.verdict().map_err(|mut refusal| {
        // For views Slack names the argument, not the blocks.
        "invalid_arguments".clone_into(&mut refusal.error);
        refusal
    })?;
    Ok(())
}

fn modal(found: &mut Findings, object: &Map<String, Value>) {
    let names = [
        "type",
        "title",
        "blocks",
        "close",
        "submit",
        "private_metadata",
        "callback_id",
        "clear_on_close",
        "notify_on_close",
        "external_id",
        "submit_disabled",
    ];
    found.known("/view", object, &names);
    found.text("/view", object, "title", (Takes::Plain, TITLE));
    found.optional_text("/view", object, "submit", (Takes::Plain, TITLE));
    found.optional_text("/view", object, "close", (Takes::Plain, TITLE));
    found.flags("/view", object, &["clear_on_close", "notify_on_close", "submit_disabled"]);
}
