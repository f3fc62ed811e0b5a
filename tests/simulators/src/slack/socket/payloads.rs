//! The payloads in the envelopes, field by field as Slack sends them.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::slack::message::{Message, View};
use crate::slack::world::World;

/// The verification token, which Slack has deprecated but still sends.
const TOKEN: &str = "simulated";

fn name_of(world: &World, user: &str) -> String {
    world.person(user).map_or_else(|| user.to_lowercase(), |person| person.name.clone())
}

/// The workspace of a person: a channel that is shared with another company has people of both
/// (docs.slack.dev, "Slack Connect": users carry the id of their own team).
fn team_of<'a>(world: &'a World, user: &str) -> &'a str {
    let home_team = world.person(user).and_then(|person| person.home_team.as_deref());
    home_team.unwrap_or(&world.team.id)
}

fn channel_name(world: &World, channel: &str) -> String {
    match world.channel(channel) {
        Some(found) if found.is_im => "directmessage".to_owned(),
        Some(found) => found.name.clone(),
        None => String::new(),
    }
}

pub(crate) fn command(
    world: &World,
    user: &str,
    channel: &str,
    (command, text): (&str, &str),
    (trigger, hook): (&str, &str),
) -> Value {
    json!({
        "token": TOKEN, "team_id": team_of(world, user), "team_domain": world.team.domain,
        "channel_id": channel, "channel_name": channel_name(world, channel),
        "user_id": user, "user_name": name_of(world, user),
        "command": command, "text": text, "api_app_id": world.app.id,
        "is_enterprise_install": "false", "response_url": hook, "trigger_id": trigger,
    })
}

/// What every interaction has in common.
fn interaction(world: &World, kind: &str, user: &str, trigger: Option<&str>) -> Map<String, Value> {
    let name = name_of(world, user);
    let whole = json!({
        "type": kind, "token": TOKEN, "api_app_id": world.app.id,
        "team": { "id": world.team.id, "domain": world.team.domain },
        "user": { "id": user, "username": name, "name": name, "team_id": team_of(world, user) },
        "enterprise": null, "is_enterprise_install": false,
    });
    let mut whole = whole.as_object().cloned().unwrap_or_default();
    if let Some(trigger) = trigger {
        whole.insert("trigger_id".to_owned(), json!(trigger));
    }
    whole
}

pub(crate) fn message_action(
    world: &World,
    user: &str,
    message: &Message,
    (trigger, hook): (&str, &str),
    state: Value,
    action: Value,
) -> Value {
    let is_ephemeral = message.only_for.is_some();
    let mut container = json!({
        "type": "message", "message_ts": message.ts, "channel_id": message.channel,
        "is_ephemeral": is_ephemeral,
    });
    if let (Some(thread), Some(container)) = (&message.thread_ts, container.as_object_mut()) {
        container.insert("thread_ts".to_owned(), json!(thread));
    }
    let mut whole = interaction(world, "block_actions", user, Some(trigger));
    let channel = &message.channel;
    whole.insert("container".to_owned(), container);
    whole.insert(
        "channel".to_owned(),
        json!({ "id": channel, "name": channel_name(world, channel) }),
    );
    // Slack keeps nothing of an ephemeral message that it could send along.
    if !is_ephemeral {
        whole.insert("message".to_owned(), message.to_json(&world.app, &world.team, true));
    }
    whole.insert("response_url".to_owned(), json!(hook));
    whole.insert("state".to_owned(), json!({ "values": state }));
    whole.insert("actions".to_owned(), json!([action]));
    Value::Object(whole)
}

pub(crate) fn view_action(
    world: &World,
    view: &View,
    trigger: &str,
    state: Value,
    action: Value,
) -> Value {
    let mut whole = interaction(world, "block_actions", &view.user, Some(trigger));
    whole.insert("container".to_owned(), json!({ "type": "view", "view_id": view.id }));
    whole.insert("view".to_owned(), view.to_json(&world.app, &world.team, state));
    whole.insert("actions".to_owned(), json!([action]));
    Value::Object(whole)
}

pub(crate) fn view_submission(world: &World, view: &View, trigger: &str, state: Value) -> Value {
    let mut whole = interaction(world, "view_submission", &view.user, Some(trigger));
    whole.insert("view".to_owned(), view.to_json(&world.app, &world.team, state));
    whole.insert("response_urls".to_owned(), json!([]));
    Value::Object(whole)
}

pub(crate) fn view_closed(world: &World, view: &View, is_cleared: bool) -> Value {
    let mut whole = interaction(world, "view_closed", &view.user, None);
    whole.insert("view".to_owned(), view.to_json(&world.app, &world.team, json!({})));
    whole.insert("is_cleared".to_owned(), json!(is_cleared));
    Value::Object(whole)
}

pub(crate) fn home_opened(
    world: &World,
    user: &str,
    channel: &str,
    event_id: &str,
    now: DateTime<Utc>,
) -> Value {
    let mut event = json!({
        "type": "app_home_opened", "user": user, "channel": channel, "tab": "home",
        "event_ts": format!("{}.{:06}", now.timestamp(), now.timestamp_subsec_micros()),
    });
    if let (Some(home), Some(event)) = (world.homes.get(user), event.as_object_mut()) {
        event.insert("view".to_owned(), home.to_json(&world.app, &world.team, json!({})));
    }
    json!({
        "token": TOKEN, "team_id": team_of(world, user), "api_app_id": world.app.id, "event": event,
        "type": "event_callback", "event_id": event_id, "event_time": now.timestamp(),
        "authorizations": [{
            "enterprise_id": null, "team_id": world.team.id, "user_id": world.app.user,
            "is_bot": true, "is_enterprise_install": false,
        }],
        "is_ext_shared_channel": false, "event_context": "simulated",
    })
}
