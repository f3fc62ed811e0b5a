//! Limits of options, option groups and confirmation dialogs.

use serde_json::{Map, Value};

use super::findings::{Findings, Takes};
use super::part;

type Object = Map<String, Value>;

const OPTION_TEXT: usize = 75;
const OPTION_VALUE: usize = 150;
const GROUPS: usize = 100;

/// Checks the `options` of an element, or its groups where it may have them.
pub(super) fn options(
    found: &mut Findings,
    at: &str,
    object: &Object,
    (least, most): (usize, usize),
    takes: Takes,
) {
    if part(object, "option_groups").is_some() {
        if part(object, "options").is_some() {
            found.add(at, "options and option_groups exclude each other");
        }
        let groups = found.array(at, object, "option_groups", (1, GROUPS));
        for (index, group) in groups.iter().enumerate() {
            let at = format!("{at}/option_groups/{index}");
            let Some(group) = group.as_object() else {
                found.add(&at, "must be an object");
                continue;
            };
            found.known(&at, group, &["label", "options"]);
            found.text(&at, group, "label", (Takes::Plain, OPTION_TEXT));
            list(found, &at, group, (1, most), takes);
        }
    } else {
        list(found, at, object, (least, most), takes);
    }
    initial(found, at, object);
}

fn list(found: &mut Findings, at: &str, object: &Object, bounds: (usize, usize), takes: Takes) {
    for (index, option) in found.array(at, object, "options", bounds).iter().enumerate() {
        let at = format!("{at}/options/{index}");
        let Some(option) = option.as_object() else {
            found.add(&at, "must be an object");
            continue;
        };
        found.known(&at, option, &["text", "value", "description", "url"]);
        found.text(&at, option, "text", (takes, OPTION_TEXT));
        found.string(&at, option, "value", OPTION_VALUE);
        found.optional_text(&at, option, "description", (takes, OPTION_TEXT));
        found.optional_string(&at, option, "url", 3_000);
    }
}

/// Checks that the preset value is exactly one of the options.
fn initial(found: &mut Findings, at: &str, object: &Object) {
    let options = crate::slack::user_actions::options_of(&Value::Object(object.clone()));
    let one = part(object, "initial_option").into_iter();
    let many = part(object, "initial_options").and_then(Value::as_array).into_iter().flatten();
    for preset in one.chain(many) {
        if !options.contains(preset) {
            found.add(at, "the initial option is not among the options");
        }
    }
}

/// Checks the confirmation dialog.
pub(super) fn confirm(found: &mut Findings, at: &str, object: &Object) {
    let Some(value) = part(object, "confirm") else { return };
    let at = format!("{at}/confirm");
    let Some(dialog) = value.as_object() else { return found.add(&at, "must be an object") };
    found.known(&at, dialog, &["title", "text", "confirm", "deny", "style"]);
    found.text(&at, dialog, "title", (Takes::Plain, 100));
    found.text(&at, dialog, "text", (Takes::Any, 300));
    found.text(&at, dialog, "confirm", (Takes::Plain, 30));
    found.text(&at, dialog, "deny", (Takes::Plain, 30));
    found.word(&at, dialog, "style", &["primary", "danger"]);
}
