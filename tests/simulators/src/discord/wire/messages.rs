//! Routes for the messages of a channel.

use serde_json::{Value, json};

use super::content::Content;
use super::reach::Reach;
use super::{Refusal, Reply};
use crate::discord::guild::{Channel, ChannelKind, permission};
use crate::discord::json;
use crate::discord::limits::{MessageRoute, Object};
use crate::discord::message::Message;

/// The channel, if the bot may post there.
fn open_channel(reach: &Reach<'_>, id: &str) -> Result<Channel, Refusal> {
    let is_thread = reach.world.channel(id).is_some_and(|channel| channel.thread().is_some());
    let wanted =
        if is_thread { permission::SEND_MESSAGES_IN_THREADS } else { permission::SEND_MESSAGES };
    let channel = reach.channel(id, wanted)?;
    not_archived(reach, &channel)?;
    match &channel.kind {
        ChannelKind::Direct(user) if reach.world.closed_to_us.contains(user) => {
            Err(Refusal::of(50007))
        }
        ChannelKind::Direct(_) | ChannelKind::Text | ChannelKind::Thread(_) => Ok(channel),
    }
}

/// Refuses archived threads. This is stricter than Discord, which unarchives an unlocked thread
/// when somebody posts there: an app that relies on it fails as soon as a moderator has locked the
/// thread.
fn not_archived(reach: &Reach<'_>, channel: &Channel) -> Result<(), Refusal> {
    match channel.thread() {
        Some(thread) if thread.is_archived(reach.now) => Err(Refusal::of(50083)),
        Some(thread)
            if thread.locked
                && !reach.world.may(&reach.world.app.id, channel, permission::MANAGE_THREADS) =>
        {
            Err(Refusal::of(50013))
        }
        Some(_) | None => Ok(()),
    }
}

pub(super) fn create(reach: &mut Reach<'_>, channel: &str) -> Result<Reply, Refusal> {
    let target = open_channel(reach, channel)?;
    let body = reach.request.object()?;
    if !reach.request.files.is_empty() {
        reach.channel(channel, permission::ATTACH_FILES)?;
    }
    let content = Content::read(reach, &body, MessageRoute::Create, channel, None)?;
    let nonce = body.get("nonce").filter(|nonce| !nonce.is_null()).cloned();
    let is_enforced = body.get("enforce_nonce").and_then(Value::as_bool).unwrap_or_default();
    if let (Some(nonce), true) = (&nonce, is_enforced) {
        if let Some(known) = reach.world.with_nonce(channel, nonce, reach.now) {
            return Ok(Reply::Json(json::message(reach.world, known)));
        }
        if reach.world.is_nonce_of_deleted(channel, nonce, reach.now) {
            return Err(Refusal::of(10008));
        }
    }
    let has_embeds = body.get("embeds").and_then(Value::as_array).is_some_and(|it| !it.is_empty());
    let bot = reach.world.app.id.clone();
    if has_embeds && !reach.world.may(&bot, &target, permission::EMBED_LINKS) {
        reach.world.complain("embeds without the permission to show them: nobody sees them");
    }
    let mut message = Message::new(channel, &bot, "", reach.now);
    message.nonce = nonce;
    message.reference = reference(reach, &body, &target)?;
    if message.reference.is_some() {
        message.kind = 19;
    }
    content.put(&mut message)?;
    let id = reach.world.post(reach.now, message);
    shown(reach, channel, &id)
}

/// The message that this one replies to.
fn reference(reach: &Reach<'_>, body: &Object, target: &Channel) -> Result<Option<Value>, Refusal> {
    let Some(given) = body.get("message_reference").filter(|given| !given.is_null()) else {
        return Ok(None);
    };
    if !reach.world.may(&reach.world.app.id, target, permission::READ_MESSAGE_HISTORY) {
        return Err(Refusal::of(160_002));
    }
    let id = given.get("message_id").and_then(Value::as_str).unwrap_or_default();
    if reach.world.message(&target.id, id).is_none() {
        if given.get("fail_if_not_exists") == Some(&json!(false)) {
            return Ok(None);
        }
        let code = "MESSAGE_REFERENCE_UNKNOWN_MESSAGE";
        return Err(Refusal::field("message_reference", code, "Unknown message"));
    }
    let mut reference = json!({ "type": 0, "channel_id": target.id, "message_id": id });
    if let Some(guild) = &target.guild {
        reference["guild_id"] = json!(guild);
    }
    Ok(Some(reference))
}

fn shown(reach: &Reach<'_>, channel: &str, id: &str) -> Result<Reply, Refusal> {
    let message = reach.world.message(channel, id).ok_or_else(|| Refusal::of(10008))?;
    Ok(Reply::Json(json::message(reach.world, message)))
}

pub(super) fn get(reach: &mut Reach<'_>, channel: &str, id: &str) -> Result<Reply, Refusal> {
    reach.channel(channel, permission::READ_MESSAGE_HISTORY)?;
    reach.message(channel, id)?;
    shown(reach, channel, id)
}

/// Lists the newest first, by `before`, `after` or `around`.
pub(super) fn list(reach: &mut Reach<'_>, channel: &str) -> Result<Reply, Refusal> {
    reach.channel(channel, permission::READ_MESSAGE_HISTORY)?;
    let limit = reach.limit(50, 100)?;
    let bound = |name: &str| reach.request.query.get(name).and_then(|id| id.parse::<u64>().ok());
    let (before, after, around) = (bound("before"), bound("after"), bound("around"));
    let all = reach.world.messages.iter();
    let mut here: Vec<(u64, &Message)> = all
        .filter(|message| message.channel == channel && message.only_for.is_none())
        .map(|message| (message.id.parse().unwrap_or_default(), message))
        .filter(|(id, _)| before.is_none_or(|before| *id < before))
        .filter(|(id, _)| after.is_none_or(|after| *id > after))
        .collect();
    if let Some(around) = around {
        here.sort_by_key(|(id, _)| id.abs_diff(around));
        here.truncate(limit);
    }
    here.sort_by_key(|(id, _)| *id);
    let page: Vec<&(u64, &Message)> = if after.is_some() && before.is_none() {
        here.iter().take(limit).rev().collect()
    } else {
        here.iter().rev().take(limit).collect()
    };
    let shown: Vec<Value> =
        page.iter().map(|(_, message)| json::message(reach.world, message)).collect();
    Ok(Reply::Json(Value::Array(shown)))
}

pub(super) fn edit(reach: &mut Reach<'_>, channel: &str, id: &str) -> Result<Reply, Refusal> {
    let target = reach.channel(channel, permission::VIEW_CHANNEL)?;
    let mut message = reach.message(channel, id)?;
    if message.author != reach.world.app.id {
        return Err(Refusal::of(50005));
    }
    if target.thread().is_some_and(|thread| thread.is_archived(reach.now)) {
        return Err(Refusal::of(50083));
    }
    let body = reach.request.object()?;
    let content = Content::read(reach, &body, MessageRoute::Edit, channel, Some(&message))?;
    content.put(&mut message)?;
    reach.world.edit(reach.now, (channel, id), |stands| *stands = message);
    shown(reach, channel, id)
}

pub(super) fn delete(reach: &mut Reach<'_>, channel: &str, id: &str) -> Result<Reply, Refusal> {
    let target = reach.channel(channel, permission::VIEW_CHANNEL)?;
    let message = reach.message(channel, id)?;
    if message.author != reach.world.app.id {
        reach.channel(channel, permission::MANAGE_MESSAGES)?;
    }
    if target.thread().is_some_and(|thread| thread.is_archived(reach.now)) {
        return Err(Refusal::of(50083));
    }
    reach.world.remove(channel, id);
    Ok(Reply::Nothing)
}

pub(super) fn typing(reach: &mut Reach<'_>, channel: &str) -> Result<Reply, Refusal> {
    open_channel(reach, channel)?;
    Ok(Reply::Nothing)
}
