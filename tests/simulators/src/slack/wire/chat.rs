//! `chat.*` and `reactions.add`.

use serde_json::{Value, json};

use super::reach::{Answer, Reach};
use super::{Args, Refusal, files};
use crate::slack::limits::{self, Surface};
use crate::slack::message::{Message, Version};
use crate::slack::world::{World, new_message};

/// Slack truncates a longer text; the simulator refuses it, because a truncated text loses an
/// alert.
const POST_TEXT: usize = 40_000;
/// `chat.update` is stricter than `chat.postMessage`.
const UPDATE_TEXT: usize = 4_000;

/// The text and blocks of a message, if Slack would accept them.
pub(crate) fn check_content(
    world: &World,
    text: Option<&str>,
    blocks: Option<&Value>,
    most_text: usize,
) -> Result<(String, Vec<Value>), Refusal> {
    let text = text.unwrap_or_default();
    let blocks = match blocks {
        None => Vec::new(),
        Some(Value::Array(blocks)) => blocks.clone(),
        Some(_) => return Err(Refusal::of("invalid_blocks_format")),
    };
    if text.trim().is_empty() && blocks.is_empty() {
        return Err(Refusal::of("no_text"));
    }
    if text.chars().count() > most_text {
        return Err(Refusal::of("msg_too_long"));
    }
    limits::check(&blocks, Surface::Message { charts: !world.refuse_charts })?;
    files::check(world, &blocks)?;
    Ok((text.to_owned(), blocks))
}

fn content(
    reach: &Reach<'_>,
    args: &Args,
    most_text: usize,
) -> Result<(String, Vec<Value>, Option<Value>), Refusal> {
    if args.json("attachments").is_some_and(|value| value.as_array().is_none_or(|a| !a.is_empty()))
    {
        // Deprecated and not rendered here: an error is better than a loss.
        return Err(Refusal::because(
            "invalid_attachments",
            vec!["attachments are not simulated: use blocks".to_owned()],
        ));
    }
    let metadata = args.json("metadata").cloned();
    if let Some(metadata) = &metadata {
        let has_type = metadata.get("event_type").is_some_and(Value::is_string);
        let has_payload = metadata.get("event_payload").is_some_and(Value::is_object);
        if !has_type || !has_payload {
            return Err(Refusal::of("invalid_metadata_format"));
        }
    }
    let (text, blocks) =
        check_content(reach.world, args.text("text"), args.json("blocks"), most_text)?;
    Ok((text, blocks, metadata))
}

/// The destination of a post: a channel id, a `#name`, or a user id, which means a direct message.
fn destination(reach: &mut Reach<'_>, args: &Args) -> Result<String, Refusal> {
    let given = args.needed("channel")?.to_owned();
    if reach.world.person(&given).is_some() {
        return Ok(reach.world.direct(&given));
    }
    let name = given.strip_prefix('#').unwrap_or(&given);
    let found =
        reach.world.channels.iter().find(|channel| {
            channel.id == given || (!channel.name.is_empty() && channel.name == name)
        });
    let channel = found.ok_or_else(|| Refusal::of("channel_not_found"))?;
    if channel.has(&reach.world.app.user) {
        Ok(channel.id.clone())
    } else {
        Err(Refusal::of("not_in_channel"))
    }
}

/// The first message of the thread that `thread_ts` names.
fn root(world: &World, channel: &str, thread_ts: &str) -> Result<String, Refusal> {
    match world.message(channel, thread_ts) {
        Some(message) => Ok(message.thread_ts.clone().unwrap_or_else(|| message.ts.clone())),
        None => Err(Refusal::of("thread_not_found")),
    }
}

pub(super) fn post(reach: &mut Reach<'_>, args: &Args) -> Answer {
    let channel = destination(reach, args)?;
    let (text, blocks, metadata) = content(reach, args, POST_TEXT)?;
    let thread_ts = args.text("thread_ts").map(|ts| root(reach.world, &channel, ts)).transpose()?;
    let bot = reach.world.app.user.clone();
    let message = Message {
        is_broadcast: thread_ts.is_some() && args.flag("reply_broadcast"),
        thread_ts,
        metadata,
        ..new_message(&channel, &bot, text, blocks)
    };
    let ts = reach.world.post(reach.now, message);
    let world = &*reach.world;
    let message = world.message(&channel, &ts).ok_or_else(|| Refusal::of("internal_error"))?;
    let message = message.to_json(&world.app, &world.team, true);
    Ok(json!({ "channel": channel, "ts": ts, "message": message }))
}

pub(super) fn update(reach: &mut Reach<'_>, args: &Args) -> Answer {
    let channel = reach.channel(args)?;
    let ts = args.needed("ts")?.to_owned();
    let bot = reach.world.app.user.clone();
    let found = reach.world.message(&channel.id, &ts);
    let message = found.ok_or_else(|| Refusal::of("message_not_found"))?;
    if message.user != bot {
        return Err(Refusal::of("cant_update_message"));
    }
    let (text, blocks, metadata) = content(reach, args, UPDATE_TEXT)?;
    edit(reach, &channel.id, &ts, text.clone(), blocks, metadata)?;
    let world = &*reach.world;
    let message =
        world.message(&channel.id, &ts).ok_or_else(|| Refusal::of("message_not_found"))?;
    let message = message.to_json(&world.app, &world.team, true);
    Ok(json!({ "channel": channel.id, "ts": ts, "text": text, "message": message }))
}

/// Replaces the content of a message. Text without blocks removes the blocks.
pub(super) fn edit(
    reach: &mut Reach<'_>,
    channel: &str,
    ts: &str,
    text: String,
    blocks: Vec<Value>,
    metadata: Option<Value>,
) -> Result<(), Refusal> {
    let now = reach.now;
    let blocks = reach.world.with_ids(&blocks);
    let edited_ts = reach.world.next_ts(now);
    let bot = reach.world.app.user.clone();
    let found = reach.world.message_mut(channel, ts);
    let message = found.ok_or_else(|| Refusal::of("message_not_found"))?;
    message.past.push(Version {
        text: std::mem::replace(&mut message.text, text),
        blocks: std::mem::replace(&mut message.blocks, blocks),
        until: now,
    });
    message.edited = Some((bot, edited_ts));
    if metadata.is_some() {
        message.metadata = metadata;
    }
    Ok(())
}

pub(super) fn ephemeral(reach: &mut Reach<'_>, args: &Args) -> Answer {
    let channel = reach.joined_channel(args)?;
    let user = args.needed("user")?.to_owned();
    if !channel.has(&user) {
        return Err(Refusal::of("user_not_in_channel"));
    }
    let (text, blocks, _) = content(reach, args, POST_TEXT)?;
    let bot = reach.world.app.user.clone();
    let message = Message {
        only_for: Some(user),
        thread_ts: args.text("thread_ts").map(str::to_owned),
        ..new_message(&channel.id, &bot, text, blocks)
    };
    let ts = reach.world.post(reach.now, message);
    Ok(json!({ "message_ts": ts }))
}

pub(super) fn delete(reach: &mut Reach<'_>, args: &Args) -> Answer {
    let channel = reach.channel(args)?;
    let ts = args.needed("ts")?.to_owned();
    let found = reach.world.message(&channel.id, &ts);
    let message = found.ok_or_else(|| Refusal::of("message_not_found"))?;
    if message.user != reach.world.app.user {
        return Err(Refusal::of("cant_delete_message"));
    }
    reach.world.messages.retain(|message| message.channel != channel.id || message.ts != ts);
    Ok(json!({ "channel": channel.id, "ts": ts }))
}

pub(super) fn permalink(reach: &mut Reach<'_>, args: &Args) -> Answer {
    let channel = reach.channel(args)?;
    let ts = args.needed("message_ts")?;
    let found = reach.world.message(&channel.id, ts);
    let message = found.ok_or_else(|| Refusal::of("message_not_found"))?;
    let mut link = format!(
        "https://{}.slack.com/archives/{}/p{}",
        reach.world.team.domain,
        channel.id,
        ts.replace('.', "")
    );
    if let Some(thread) = message.thread_ts.as_ref().filter(|thread| **thread != message.ts) {
        link.push_str(&format!("?thread_ts={thread}&cid={}", channel.id));
    }
    Ok(json!({ "channel": channel.id, "permalink": link }))
}

pub(super) fn react(reach: &mut Reach<'_>, args: &Args) -> Answer {
    let channel = reach.channel(args)?;
    let ts = args.needed("timestamp")?.to_owned();
    let name = args.needed("name")?.trim_matches(':').to_owned();
    let bot = reach.world.app.user.clone();
    let found = reach.world.message_mut(&channel.id, &ts);
    let message = found.ok_or_else(|| Refusal::of("message_not_found"))?;
    let reaction = (name, bot);
    if message.reactions.contains(&reaction) {
        return Err(Refusal::of("already_reacted"));
    }
    message.reactions.push(reaction);
    Ok(json!({}))
}
