//! What follows the first response, through the interaction's webhook.

use super::content::Content;
use super::reach::Reach;
use super::{Refusal, Reply};
use crate::discord::limits::Place;
use crate::discord::message::{Message, flag};
use crate::discord::show;
use serde_json::Value;

/// What a webhook's token opens.
struct Hook {
    id: String,
    user: String,
    channel: String,
    original: Option<String>,
    note: Value,
}

fn open(reach: &Reach<'_>, app: &str, token: &str) -> Result<Hook, Refusal> {
    if app != reach.world.app.id {
        return Err(Refusal::of(10015));
    }
    let mut all = reach.world.interactions.values();
    let known = all.find(|one| one.token == token).ok_or_else(|| Refusal::of(50027))?;
    if reach.now >= known.expires {
        return Err(Refusal::of(50027));
    }
    // Before the first response there is nothing to follow.
    if known.response.is_none() {
        return Err(Refusal::of(10015));
    }
    Ok(Hook {
        id: known.id.clone(),
        user: known.user.clone(),
        channel: known.channel.clone(),
        original: known.original.clone(),
        note: known.note.clone(),
    })
}

/// The message by its id or as `@original`, when this webhook may touch it.
fn find(reach: &Reach<'_>, hook: &Hook, id: &str) -> Result<Message, Refusal> {
    let id = match id {
        "@original" => hook.original.as_deref().ok_or_else(|| Refusal::of(10008))?,
        id => id,
    };
    let found = reach.world.message(&hook.channel, id).filter(|message| {
        let is_theirs = message.interaction.as_ref().and_then(|note| note.get("id"));
        let is_source = hook.original.as_deref() == Some(id);
        is_source || is_theirs.and_then(Value::as_str) == Some(hook.id.as_str())
    });
    found.cloned().ok_or_else(|| Refusal::of(10008))
}

fn shown(reach: &Reach<'_>, channel: &str, id: &str) -> Result<Reply, Refusal> {
    let message = reach.world.message(channel, id).ok_or_else(|| Refusal::of(10008))?;
    Ok(Reply::Json(show::message(reach.world, message)))
}

pub(super) fn create(reach: &mut Reach<'_>, app: &str, token: &str) -> Result<Reply, Refusal> {
    let hook = open(reach, app, token)?;
    let body = reach.request.object()?;
    let loading = find(reach, &hook, "@original").ok().filter(Message::is_loading);
    let content = Content::read(reach, &body, Place::FollowUp, &hook.channel, None)?;
    // The first follow-up of a deferred response takes its place, and is as private as that.
    if let Some(message) = loading {
        return fill(reach, &hook, message, &content);
    }
    let mut message = Message::new(&hook.channel, &reach.world.app.id, "", reach.now);
    message.interaction = Some(hook.note.clone());
    if content.flags.is_some_and(|flags| flags & flag::EPHEMERAL != 0) {
        message.flags = flag::EPHEMERAL;
        message.only_for = Some(hook.user.clone());
    }
    content.put(&mut message)?;
    let id = reach.world.post(reach.now, message);
    shown(reach, &hook.channel, &id)
}

fn fill(
    reach: &mut Reach<'_>,
    hook: &Hook,
    mut message: Message,
    content: &Content,
) -> Result<Reply, Refusal> {
    content.put(&mut message)?;
    message.flags &= !flag::LOADING;
    let id = message.id.clone();
    reach.world.edit(reach.now, (&hook.channel, &id), |stands| *stands = message);
    shown(reach, &hook.channel, &id)
}

pub(super) fn get(
    reach: &mut Reach<'_>,
    app: &str,
    token: &str,
    id: &str,
) -> Result<Reply, Refusal> {
    let hook = open(reach, app, token)?;
    let message = find(reach, &hook, id)?;
    Ok(Reply::Json(show::message(reach.world, &message)))
}

pub(super) fn edit(
    reach: &mut Reach<'_>,
    app: &str,
    token: &str,
    id: &str,
) -> Result<Reply, Refusal> {
    let hook = open(reach, app, token)?;
    let message = find(reach, &hook, id)?;
    let body = reach.request.object()?;
    let place = Place::FollowUpEdit;
    let content = Content::read(reach, &body, place, &hook.channel, Some(&message))?;
    fill(reach, &hook, message, &content)
}

pub(super) fn delete(
    reach: &mut Reach<'_>,
    app: &str,
    token: &str,
    id: &str,
) -> Result<Reply, Refusal> {
    let hook = open(reach, app, token)?;
    let message = find(reach, &hook, id)?;
    reach.world.remove(&hook.channel, &message.id);
    Ok(Reply::Nothing)
}
