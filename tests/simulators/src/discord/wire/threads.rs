//! Threads: starting, archiving, locking and joining them.

use serde_json::{Value, json};

use super::reach::Reach;
use super::{Refusal, Reply};
use crate::discord::guild::{Channel, ChannelKind, Thread, permission};
use crate::discord::json;
use crate::discord::limits::{Findings, Object};
use crate::discord::message::Message;

const NAME: (usize, usize) = (1, 100);
const SILENCES: [i64; 4] = [60, 1_440, 4_320, 10_080];

fn silence(found: &mut Findings, body: &Object) -> Option<i64> {
    let minutes = found.number("", body, "auto_archive_duration", (0, 10_080))?;
    if !SILENCES.contains(&minutes) {
        found.choices("auto_archive_duration", "60, 1440, 4320, 10080");
    }
    Some(minutes)
}

/// Starts a thread, with or without a message.
pub(super) fn start(
    reach: &mut Reach<'_>,
    parent: &str,
    message: Option<&str>,
) -> Result<Reply, Refusal> {
    let body = reach.request.object()?;
    // Without a type, a thread without a message is private (docs, kept for old clients).
    let is_private = message.is_none() && body.get("type").and_then(Value::as_u64) != Some(11);
    let wanted = if is_private {
        permission::CREATE_PRIVATE_THREADS
    } else {
        permission::CREATE_PUBLIC_THREADS
    };
    let target = reach.channel(parent, wanted)?;
    if target.kind != ChannelKind::Text {
        return Err(Refusal::of(50024));
    }
    let mut found = Findings::default();
    let fields = ["name", "auto_archive_duration", "rate_limit_per_user", "type", "invitable"];
    found.known("", &body, &fields);
    let name = found.text("", &body, "name", NAME).unwrap_or_default().to_owned();
    let minutes = silence(&mut found, &body).unwrap_or(4_320);
    reach.verdict(&found, None)?;
    let id = match message {
        Some(message) => {
            reach.message(parent, message)?;
            if reach.world.channel(message).is_some() {
                return Err(Refusal::of(160_004));
            }
            message.to_owned()
        }
        None => reach.world.next_id(reach.now),
    };
    let bot = reach.world.app.id.clone();
    let thread = Thread {
        parent: parent.to_owned(),
        is_private,
        archived: false,
        locked: false,
        auto_archive_minutes: minutes,
        active_at: reach.now,
        members: vec![bot.clone()],
        owner: bot.clone(),
    };
    let guild = target.guild.clone();
    let kind = ChannelKind::Thread(thread);
    reach.world.channels.push(Channel { guild, kind, ..Channel::new(&id, &name) });
    reach.world.dispatch_channel("THREAD_CREATE", &id);
    if let Some(message) = message {
        let mut first = Message::new(&id, &bot, "", reach.now);
        first.kind = 21;
        first.reference = Some(json!({
            "type": 0, "channel_id": parent, "message_id": message, "guild_id": target.guild,
        }));
        reach.world.post(reach.now, first);
    }
    shown(reach, &id).map(Reply::Created)
}

fn shown(reach: &Reach<'_>, id: &str) -> Result<Value, Refusal> {
    let channel = reach.world.channel(id).ok_or_else(|| Refusal::of(10003))?;
    Ok(json::channel(reach.world, channel))
}

/// The state of the thread, or the error code if the channel is not one.
fn thread_of(channel: &Channel) -> Result<Thread, Refusal> {
    channel.thread().cloned().ok_or_else(|| Refusal::of(50024))
}

pub(super) fn edit(reach: &mut Reach<'_>, id: &str) -> Result<Reply, Refusal> {
    let channel = reach.channel(id, permission::VIEW_CHANNEL)?;
    // Channels that are not threads cannot be changed here.
    let before = channel.thread().cloned().ok_or_else(|| Refusal::of(50013))?;
    let body = reach.request.object()?;
    let mut found = Findings::default();
    let fields = [
        "name",
        "archived",
        "auto_archive_duration",
        "locked",
        "invitable",
        "rate_limit_per_user",
        "flags",
    ];
    found.known("", &body, &fields);
    let name = found.optional_text("", &body, "name", NAME).map(str::to_owned);
    let minutes = silence(&mut found, &body);
    found.flag("", &body, "archived");
    found.flag("", &body, "locked");
    reach.verdict(&found, None)?;
    let flag = |name: &str| body.get(name).and_then(Value::as_bool);
    let bot = reach.world.app.id.clone();
    let moderates = reach.world.may(&bot, &channel, permission::MANAGE_THREADS);
    let opens = flag("archived") == Some(false);
    if before.is_archived(reach.now) && !opens {
        return Err(Refusal::of(50083));
    }
    let needs_moderator = flag("locked").is_some_and(|locked| locked != before.locked)
        || (before.locked && flag("archived").is_some())
        || (before.owner != bot && !opens);
    if needs_moderator && !moderates {
        return Err(Refusal::of(50013));
    }
    let now = reach.now;
    if let Some(channel) = reach.world.channel_mut(id) {
        if let Some(name) = name {
            channel.name = name;
        }
        if let Some(thread) = channel.thread_mut() {
            thread.archived = flag("archived").unwrap_or(thread.archived);
            thread.locked = flag("locked").unwrap_or(thread.locked);
            thread.auto_archive_minutes = minutes.unwrap_or(thread.auto_archive_minutes);
            if flag("archived").is_some() {
                thread.active_at = now;
            }
        }
    }
    reach.world.dispatch_channel("THREAD_UPDATE", id);
    shown(reach, id).map(Reply::Json)
}

pub(super) fn active(reach: &mut Reach<'_>, guild: &str) -> Result<Reply, Refusal> {
    reach.guild(guild)?;
    let world = &*reach.world;
    let open = world.channels.iter().filter(|channel| {
        channel.guild.as_deref() == Some(guild)
            && channel.thread().is_some_and(|thread| !thread.is_archived(reach.now))
            && world.may(&world.app.id, channel, permission::VIEW_CHANNEL)
    });
    let threads: Vec<Value> = open.map(|channel| json::channel(world, channel)).collect();
    Ok(Reply::Json(json!({ "threads": threads, "members": [] })))
}

pub(super) fn members(reach: &mut Reach<'_>, id: &str) -> Result<Reply, Refusal> {
    let thread = thread_of(&reach.channel(id, permission::VIEW_CHANNEL)?)?;
    let members = thread.members.iter().map(|user| json::thread_member(id, user, thread.active_at));
    Ok(Reply::Json(members.collect()))
}

/// Adds or removes a person; `@me` is the bot.
pub(super) fn join(
    reach: &mut Reach<'_>,
    id: &str,
    user: &str,
    is_joining: bool,
) -> Result<Reply, Refusal> {
    let channel = reach.channel(id, permission::SEND_MESSAGES_IN_THREADS)?;
    let thread = thread_of(&channel)?;
    if thread.is_archived(reach.now) {
        return Err(Refusal::of(50083));
    }
    let user = if user == "@me" { reach.world.app.id.clone() } else { user.to_owned() };
    let guild = channel.guild.as_deref().unwrap_or_default();
    if reach.world.member(guild, &user).is_none() {
        return Err(Refusal::of(10007));
    }
    if let Some(thread) = reach.world.channel_mut(id).and_then(Channel::thread_mut) {
        thread.members.retain(|member| *member != user);
        if is_joining {
            thread.members.push(user);
        }
    }
    Ok(Reply::Nothing)
}
