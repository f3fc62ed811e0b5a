//! Follow-ups to the first response, through the interaction's webhook.

use super::content::Content;
use super::reach::Reach;
use super::{Refusal, Reply};
use crate::discord::json;
use crate::discord::limits::MessageRoute;
use crate::discord::message::{Message, flag};
use serde_json::Value;

/// What the token of a webhook gives access to.
struct Webhook {
    id: String,
    user: String,
    channel: String,
    original: Option<String>,
    note: Value,
}

fn open(reach: &Reach<'_>, app: &str, token: &str) -> Result<Webhook, Refusal> {
    if app != reach.world.app.id {
        return Err(Refusal::of(10015));
    }
    let mut all = reach.world.interactions.values();
    let known = all.find(|one| one.token == token).ok_or_else(|| Refusal::of(50027))?;
    if reach.now >= known.expires {
        return Err(Refusal::of(50027));
    }
    // Before the first response there can be no follow-up.
    if known.response.is_none() {
        return Err(Refusal::of(10015));
    }
    Ok(Webhook {
        id: known.id.clone(),
        user: known.user.clone(),
        channel: known.channel.clone(),
        original: known.original.clone(),
        note: known.note.clone(),
    })
}

/// The message with this id, or `@original`, if this webhook may access it.
fn find(reach: &Reach<'_>, webhook: &Webhook, id: &str) -> Result<Message, Refusal> {
    let id = match id {
        "@original" => webhook.original.as_deref().ok_or_else(|| Refusal::of(10008))?,
        id => id,
    };
    let found = reach.world.message(&webhook.channel, id).filter(|message| {
        let is_theirs = message.interaction.as_ref().and_then(|note| note.get("id"));
        let is_source = webhook.original.as_deref() == Some(id);
        is_source || is_theirs.and_then(Value::as_str) == Some(webhook.id.as_str())
    });
    found.cloned().ok_or_else(|| Refusal::of(10008))
}

fn shown(reach: &Reach<'_>, channel: &str, id: &str) -> Result<Reply, Refusal> {
    let message = reach.world.message(channel, id).ok_or_else(|| Refusal::of(10008))?;
    Ok(Reply::Json(json::message(reach.world, message)))
}

pub(super) fn create(reach: &mut Reach<'_>, app: &str, token: &str) -> Result<Reply, Refusal> {
    let webhook = open(reach, app, token)?;
    let body = reach.request.object()?;
    let loading = find(reach, &webhook, "@original").ok().filter(Message::is_loading);
    let content = Content::read(reach, &body, MessageRoute::FollowUp, &webhook.channel, None)?;
    // The first follow-up replaces a deferred response, and is as private as that.
    if let Some(message) = loading {
        return fill(reach, &webhook, message, &content);
    }
    let mut message = Message::new(&webhook.channel, &reach.world.app.id, "", reach.now);
    message.interaction = Some(webhook.note.clone());
    if content.flags.is_some_and(|flags| flags & flag::EPHEMERAL != 0) {
        message.flags = flag::EPHEMERAL;
        message.only_for = Some(webhook.user.clone());
    }
    content.put(&mut message)?;
    let id = reach.world.post(reach.now, message);
    shown(reach, &webhook.channel, &id)
}

fn fill(
    reach: &mut Reach<'_>,
    webhook: &Webhook,
    mut message: Message,
    content: &Content,
) -> Result<Reply, Refusal> {
    content.put(&mut message)?;
    message.flags &= !flag::LOADING;
    let id = message.id.clone();
    reach.world.edit(reach.now, (&webhook.channel, &id), |stands| *stands = message);
    shown(reach, &webhook.channel, &id)
}

pub(super) fn get(
    reach: &mut Reach<'_>,
    app: &str,
    token: &str,
    id: &str,
) -> Result<Reply, Refusal> {
    let webhook = open(reach, app, token)?;
    let message = find(reach, &webhook, id)?;
    Ok(Reply::Json(json::message(reach.world, &message)))
}

pub(super) fn edit(
    reach: &mut Reach<'_>,
    app: &str,
    token: &str,
    id: &str,
) -> Result<Reply, Refusal> {
    let webhook = open(reach, app, token)?;
    let message = find(reach, &webhook, id)?;
    let body = reach.request.object()?;
    let route = MessageRoute::FollowUpEdit;
    let content = Content::read(reach, &body, route, &webhook.channel, Some(&message))?;
    fill(reach, &webhook, message, &content)
}

pub(super) fn delete(
    reach: &mut Reach<'_>,
    app: &str,
    token: &str,
    id: &str,
) -> Result<Reply, Refusal> {
    let webhook = open(reach, app, token)?;
    let message = find(reach, &webhook, id)?;
    reach.world.remove(&webhook.channel, &message.id);
    Ok(Reply::Nothing)
}
