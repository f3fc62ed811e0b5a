//! Limits of registered commands and of autocomplete choices.

use std::collections::HashSet;

use serde_json::Value;

use super::findings::{Findings, Object, below};

const OPTIONS: usize = 25;
const CHOICES: usize = 25;
const NAME: usize = 32;
const DESCRIPTION: usize = 100;
const CHOICE: usize = 100;
const STRING: i64 = 6_000;
/// The most characters of names, descriptions and values in a command with all its options.
const IN_ALL: usize = 8_000;

/// Checks a command. `at` is its position, for a list of commands.
pub(super) fn command(found: &mut Findings, at: &str, command: &Object) {
    let names = [
        "id",
        "application_id",
        "version",
        "name",
        "name_localizations",
        "description",
        "description_localizations",
        "options",
        "default_member_permissions",
        "dm_permission",
        "default_permission",
        "integration_types",
        "contexts",
        "type",
        "nsfw",
        "handler",
        "guild_id",
    ];
    found.known(at, command, &names);
    let kind = found.number(at, command, "type", (1, 4)).unwrap_or(1);
    if kind == 1 {
        name(found, at, command);
        found.text(at, command, "description", (1, DESCRIPTION));
        localized(found, at, command);
        options(found, at, command, 0);
    } else {
        found.text(at, command, "name", (1, NAME));
        if command.get("description").is_some_and(|words| !words.is_null() && words != "") {
            let message = "Context menu commands cannot have description";
            found.add(&below(at, "description"), "APPLICATION_COMMAND_CONTEXT_MENU", message);
        }
    }
    if let Some(bits) = command.get("default_member_permissions")
        && !bits.is_null()
        && bits.as_str().is_none_or(|bits| bits.parse::<u64>().is_err())
    {
        found.add(
            &below(at, "default_member_permissions"),
            "STRING_TYPE_CONVERT",
            "Could not interpret value as a set of permissions.",
        );
    }
    if characters(&Value::Object(command.clone())) > IN_ALL {
        let message = format!("Command exceeds maximum size ({IN_ALL})");
        found.add(at, "APPLICATION_COMMAND_TOO_LARGE", message);
    }
}

fn name(found: &mut Findings, at: &str, object: &Object) {
    let Some(name) = found.text(at, object, "name", (1, NAME)) else { return };
    let fits = |letter: char| {
        (letter.is_alphanumeric() || matches!(letter, '-' | '_' | '\''))
            && letter.to_lowercase().next() == Some(letter)
    };
    if !name.chars().all(fits) {
        let at = below(at, "name");
        let message = "Command name is invalid";
        found.add(&at, "APPLICATION_COMMAND_INVALID_NAME", message);
    }
}

/// Translations have the limits of the original text.
fn localized(found: &mut Findings, at: &str, object: &Object) {
    for (field, most) in [("name_localizations", NAME), ("description_localizations", DESCRIPTION)]
    {
        let Some(Value::Object(words)) = object.get(field) else { continue };
        let at = below(at, field);
        for locale in words.keys() {
            found.text(&at, words, locale, (1, most));
            if !LOCALES.contains(&locale.as_str()) {
                found.choices(&below(&at, locale), &LOCALES.join(", "));
            }
        }
    }
}

fn options(found: &mut Findings, at: &str, owner: &Object, depth: u8) {
    let options = found.array(at, owner, "options", (0, OPTIONS));
    let mut names = HashSet::new();
    let mut was_optional = false;
    let groups = options.iter().filter(|one| matches!(kind(one), 1 | 2)).count();
    if groups > 0 && groups < options.len() {
        let message = "Sub-commands and sub-command groups cannot be mixed with other options";
        found.add(&below(at, "options"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message);
    }
    for (index, option) in options.iter().enumerate() {
        let at = format!("{at}.options.{index}");
        let at = at.trim_start_matches('.');
        let Some(object) = found.object(at, option) else { continue };
        one(found, at, object, depth);
        let name = object.get("name").and_then(Value::as_str).unwrap_or_default();
        if !names.insert(name) {
            let message = "Option name already used";
            found.add(
                &below(at, "name"),
                "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS",
                message,
            );
        }
        let is_required = object.get("required").and_then(Value::as_bool).unwrap_or_default();
        if is_required && was_optional {
            let message = "Required options must be placed before non-required options";
            found.add(at, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message);
        }
        was_optional |= !is_required;
    }
}

fn kind(option: &Value) -> i64 {
    option.get("type").and_then(Value::as_i64).unwrap_or_default()
}

fn one(found: &mut Findings, at: &str, option: &Object, depth: u8) {
    let names = [
        "type",
        "name",
        "name_localizations",
        "description",
        "description_localizations",
        "required",
        "choices",
        "options",
        "channel_types",
        "min_value",
        "max_value",
        "min_length",
        "max_length",
        "autocomplete",
    ];
    found.known(at, option, &names);
    name(found, at, option);
    found.text(at, option, "description", (1, DESCRIPTION));
    localized(found, at, option);
    found.flag(at, option, "required");
    let is_completed = found.flag(at, option, "autocomplete");
    if !option.contains_key("type") {
        found.required(&below(at, "type"));
    }
    let kind = found.number(at, option, "type", (1, 11)).unwrap_or_default();
    let takes_choices = matches!(kind, 3 | 4 | 10);
    match kind {
        2 if depth == 0 => {
            let inner = option.get("options").and_then(Value::as_array);
            if inner.into_iter().flatten().any(|one| self::kind(one) != 1) {
                let message = "A sub-command group holds sub-commands only";
                found.add(at, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message);
            }
            options(found, at, option, 1);
        }
        1 if depth <= 1 => options(found, at, option, 2),
        1 | 2 => {
            let message = "Sub-commands nest no deeper";
            found.add(at, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message);
        }
        _ => {}
    }
    found.number(at, option, "min_length", (0, STRING));
    found.number(at, option, "max_length", (1, STRING));
    let choices = found.array(at, option, "choices", (0, CHOICES));
    if !choices.is_empty() && (is_completed || !takes_choices) {
        let message = "Choices exclude autocomplete, and are for strings and numbers";
        found.add(&below(at, "choices"), "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID", message);
    }
    if is_completed && !takes_choices {
        let message = "Autocomplete is for strings and numbers";
        found.add(&below(at, "autocomplete"), "APPLICATION_COMMAND_AUTOCOMPLETE_INVALID", message);
    }
    each_choice(found, &below(at, "choices"), choices, kind);
}

/// Checks the choices of an option, or of an autocomplete answer; `kind` is the option's type.
pub(super) fn each_choice(found: &mut Findings, at: &str, choices: &[Value], kind: i64) {
    for (index, choice) in choices.iter().enumerate() {
        let at = below(at, index);
        let Some(choice) = found.object(&at, choice) else { continue };
        found.known(&at, choice, &["name", "name_localizations", "value"]);
        found.text(&at, choice, "name", (1, CHOICE));
        match (choice.get("value"), kind) {
            (None, _) => found.required(&below(&at, "value")),
            (Some(Value::String(_)), 3) => {
                found.text(&at, choice, "value", (1, CHOICE));
            }
            (Some(Value::Number(_)), 4 | 10) => {}
            (Some(value), _) => {
                let message = format!("The value {value} does not fit the option's type");
                found.add(
                    &below(&at, "value"),
                    "APPLICATION_COMMAND_OPTIONS_VALUE_INVALID",
                    message,
                );
            }
        }
    }
}

/// What counts towards the sum: the longest translation (docs), or here the default.
fn characters(value: &Value) -> usize {
    let Some(object) = value.as_object() else { return 0 };
    let own: usize = ["name", "description", "value"]
        .iter()
        .filter_map(|name| object.get(*name).and_then(Value::as_str))
        .map(|text| text.chars().count())
        .sum();
    let nested = ["options", "choices"].iter().filter_map(|name| object.get(*name)?.as_array());
    own + nested.flatten().map(characters).sum::<usize>()
}

/// The languages of Discord's clients.
const LOCALES: [&str; 32] = [
    "id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl",
    "no", "pl", "pt-BR", "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th",
    "zh-CN", "ja", "zh-TW", "ko",
];
