//! The limits of messages, modals and commands, enforced like Discord does.
//!
//! The numbers are Discord's documented ones; where they find no mistake, twilight is asked as
//! well. Components that exist at Discord but are not simulated (file uploads, radio groups and so
//! on) are refused as unknown types.

mod commands;
mod components;
mod embeds;
mod findings;
mod inputs;
mod twilight;

use serde_json::Value;

pub(crate) use findings::{Findings, Object, below};

use super::message::flag;

const CONTENT: usize = 2_000;
const NONCE: usize = 25;
const ATTACHMENTS: usize = 10;
/// 100 slash commands; 5 for users and 5 for messages are counted separately.
const COMMANDS: usize = 100;

/// discord.js sends these with every message; Discord ignores them where they mean nothing.
const IGNORED: [&str; 2] = ["tts", "enforce_nonce"];

/// The route that a message's body was sent to: each route knows other fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MessageRoute {
    /// A new message of the bot in a channel.
    Create,
    /// An edit of one.
    Edit,
    /// The `data` of an interaction's response.
    Response,
    /// A new message through an interaction's webhook.
    FollowUp,
    /// An edit through that webhook.
    FollowUpEdit,
}

impl MessageRoute {
    fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Create => &[
                "content",
                "nonce",
                "tts",
                "embeds",
                "allowed_mentions",
                "message_reference",
                "components",
                "sticker_ids",
                "attachments",
                "flags",
                "enforce_nonce",
            ],
            Self::Edit | Self::FollowUpEdit => {
                &["content", "embeds", "flags", "allowed_mentions", "components", "attachments"]
            }
            Self::Response | Self::FollowUp => &[
                "content",
                "tts",
                "embeds",
                "allowed_mentions",
                "components",
                "attachments",
                "flags",
            ],
        }
    }

    /// Flags that the sender may set.
    fn flags(self) -> u64 {
        const SUPPRESS_EMBEDS: u64 = 1 << 2;
        const SUPPRESS_NOTIFICATIONS: u64 = 1 << 12;
        let both = SUPPRESS_EMBEDS | flag::COMPONENTS_V2;
        match self {
            Self::Create => both | SUPPRESS_NOTIFICATIONS,
            Self::Edit | Self::FollowUpEdit => both,
            Self::Response | Self::FollowUp => both | SUPPRESS_NOTIFICATIONS | flag::EPHEMERAL,
        }
    }
}

/// Checks the body of a message. `had` are the current flags of the message, `None` for a new one:
/// an edit has to repeat those that should stay (Discord's docs, "Edit Message").
pub(crate) fn check_message(found: &mut Findings, body: &Object, route: MessageRoute, had: u64) {
    let was_v2 = had & flag::COMPONENTS_V2 != 0;
    let known: Vec<&str> = route.fields().iter().chain(&IGNORED).copied().collect();
    found.known("", body, &known);
    let flags = found.number("", body, "flags", (0, i64::MAX)).unwrap_or_default().unsigned_abs();
    if flags & !route.flags() & !had & !(flag::LOADING | flag::EPHEMERAL) != 0 {
        found.choices("flags", &format!("bits of {}", route.flags()));
    }
    if route == MessageRoute::Create && flags & flag::EPHEMERAL != 0 {
        found.unknown.push("flags (64: only an interaction's answer can be ephemeral)".to_owned());
    }
    let is_v2 = was_v2 || flags & flag::COMPONENTS_V2 != 0;
    let content = found.optional_text("", body, "content", (0, CONTENT)).unwrap_or_default();
    let embeds = body.get("embeds").and_then(Value::as_array).map_or(0, Vec::len);
    if is_v2 {
        for (name, is_used) in [("content", !content.is_empty()), ("embeds", embeds > 0)] {
            if is_used {
                let code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2";
                found.add(
                    name,
                    code,
                    format!(
                        "The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
                    ),
                );
            }
        }
    }
    match body.get("nonce") {
        None | Some(Value::Null | Value::Number(_)) => {}
        Some(_) => {
            found.text("", body, "nonce", (1, NONCE));
        }
    }
    found.flag("", body, "enforce_nonce");
    found.flag("", body, "tts");
    found.array("", body, "attachments", (0, ATTACHMENTS));
    mentions(found, body);
    embeds::check(found, body);
    components::check(found, body, is_v2);
    twilight::message(found, body, is_v2);
}

fn mentions(found: &mut Findings, body: &Object) {
    let Some(Value::Object(allowed)) = body.get("allowed_mentions") else { return };
    let at = "allowed_mentions";
    found.known(at, allowed, &["parse", "roles", "users", "replied_user"]);
    let parse = found.array(at, allowed, "parse", (0, 3));
    if parse.iter().any(|one| !["roles", "users", "everyone"].iter().any(|word| one == word)) {
        found.choices("allowed_mentions.parse", "roles, users, everyone");
    }
    for name in ["roles", "users"] {
        let listed = found.array(at, allowed, name, (0, 100));
        if listed.iter().enumerate().any(|(n, one)| listed[..n].contains(one)) {
            let code = "SET_TYPE_ALREADY_CONTAINS_VALUE";
            found.add(
                &format!("{at}.{name}"),
                code,
                "The set already contains this value".to_owned(),
            );
        }
        if !listed.is_empty() && parse.iter().any(|one| one == name) {
            let code = "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE";
            let message = format!("parse:[\"{name}\"] and {name}:[ids...] are mutually exclusive.");
            found.add(at, code, message);
        }
    }
}

/// Checks the `data` of a response that opens a modal.
pub(crate) fn check_modal(found: &mut Findings, body: &Object) {
    inputs::modal(found, body);
    twilight::modal(found, body);
}

/// Checks the `data` of an autocomplete answer, for an option of this type.
pub(crate) fn check_choices(found: &mut Findings, body: &Object, kind: i64) {
    found.known("", body, &["choices"]);
    let choices = found.array("", body, "choices", (0, 25));
    commands::each_choice(found, "choices", choices, kind);
    twilight::choices(found, body);
}

/// Checks one command.
pub(crate) fn check_command(found: &mut Findings, command: &Object) {
    commands::command(found, "", command);
    twilight::command(found, "", command);
}

/// Checks a whole list of commands, as a bulk overwrite sends it.
pub(crate) fn check_commands(found: &mut Findings, list: &[Value]) {
    let kind = |one: &Value| one.get("type").and_then(Value::as_i64).unwrap_or(1);
    for (kind_of, most) in [(1, COMMANDS), (2, 5), (3, 5)] {
        if list.iter().filter(|one| kind(one) == kind_of).count() > most {
            let message = format!("Must be {most} or fewer in length.");
            found.add("", "BASE_TYPE_MAX_LENGTH", message);
        }
    }
    let mut names = std::collections::HashSet::new();
    for (index, one) in list.iter().enumerate() {
        let at = index.to_string();
        let Some(object) = found.object(&at, one) else { continue };
        commands::command(found, &at, object);
        twilight::command(found, &at, object);
        let name = object.get("name").and_then(Value::as_str).unwrap_or_default();
        if !names.insert((kind(one), name)) {
            let message = "Application command names must be unique";
            found.add(&at, "APPLICATION_COMMANDS_DUPLICATE_NAME", message);
        }
    }
}
