//! The bot's own identity, and the people and things in its guilds.

use serde_json::{Value, json};

use super::reach::{Reach, word};
use super::{Refusal, Reply};
use crate::discord::guild::permission;
use crate::discord::json;

fn gateway_url(reach: &Reach<'_>) -> String {
    format!("{}/gateway", reach.world.base.replacen("http", "ws", 1))
}

pub(super) fn gateway(reach: &mut Reach<'_>) -> Reply {
    Reply::Json(json!({ "url": gateway_url(reach) }))
}

pub(super) fn gateway_bot(reach: &mut Reach<'_>) -> Reply {
    let (left, resets) = reach.world.gateway.starts_left(reach.now);
    Reply::Json(json!({
        "url": gateway_url(reach), "shards": 1,
        "session_start_limit": {
            "total": 1_000, "remaining": left, "reset_after": resets.num_milliseconds(),
            "max_concurrency": 1,
        },
    }))
}

pub(super) fn own_user(reach: &mut Reach<'_>) -> Reply {
    Reply::Json(json::own_user(reach.world))
}

pub(super) fn own_guilds(reach: &mut Reach<'_>) -> Reply {
    let guilds = reach.world.guilds.iter().map(|guild| {
        json!({
            "id": guild.id, "name": guild.name, "icon": null, "banner": null, "owner": false,
            "permissions": "0", "features": [],
        })
    });
    Reply::Json(guilds.collect())
}

pub(super) fn application(reach: &mut Reach<'_>) -> Reply {
    Reply::Json(json::application(reach.world))
}

pub(super) fn user(reach: &mut Reach<'_>, id: &str) -> Result<Reply, Refusal> {
    let person = reach.world.person(id).ok_or_else(|| Refusal::of(10013))?;
    Ok(Reply::Json(json::user(person)))
}

/// Opens the direct message with a person who shares a guild with the bot.
pub(super) fn direct(reach: &mut Reach<'_>) -> Result<Reply, Refusal> {
    let body = reach.request.body.clone();
    let user = word(&body, "recipient_id");
    match reach.world.person(user) {
        None => return Err(Refusal::of(10013)),
        Some(person) if person.is_bot => return Err(Refusal::of(50007)),
        Some(_) => {}
    }
    let id = reach.world.direct(user, reach.now);
    channel(reach, &id)
}

pub(super) fn guild(reach: &mut Reach<'_>, id: &str) -> Result<Reply, Refusal> {
    let guild = reach.world.guild(id).ok_or_else(|| Refusal::of(10004))?;
    Ok(Reply::Json(json::guild(guild)))
}

pub(super) fn roles(reach: &mut Reach<'_>, id: &str) -> Result<Reply, Refusal> {
    let guild = reach.world.guild(id).ok_or_else(|| Refusal::of(10004))?;
    let roles = guild.roles.iter().map(|role| json::role(guild, role));
    Ok(Reply::Json(roles.collect()))
}

pub(super) fn channels(reach: &mut Reach<'_>, id: &str) -> Result<Reply, Refusal> {
    reach.guild(id)?;
    let world = &*reach.world;
    let here = world.channels.iter().filter(|channel| {
        channel.guild.as_deref() == Some(id)
            && channel.thread().is_none()
            && world.may(&world.app.id, channel, permission::VIEW_CHANNEL)
    });
    let shown: Vec<Value> = here.map(|channel| json::channel(world, channel)).collect();
    Ok(Reply::Json(Value::Array(shown)))
}

pub(super) fn channel(reach: &mut Reach<'_>, id: &str) -> Result<Reply, Refusal> {
    let channel = reach.channel(id, permission::VIEW_CHANNEL)?;
    Ok(Reply::Json(json::channel(reach.world, &channel)))
}

/// The whole list requires the members intent, like at Discord.
pub(super) fn members(reach: &mut Reach<'_>, id: &str) -> Result<Reply, Refusal> {
    const GUILD_MEMBERS: u64 = 1 << 1;
    let limit = reach.limit(1, 1_000)?;
    if reach.world.app.privileged_intents & GUILD_MEMBERS == 0 {
        return Err(Refusal::of(50001));
    }
    let guild = reach.world.guild(id).ok_or_else(|| Refusal::of(10004))?;
    let after = reach.request.query.get("after").and_then(|id| id.parse::<u64>().ok());
    let mut sorted: Vec<_> = guild
        .members
        .iter()
        .map(|member| (member.id.parse::<u64>().unwrap_or_default(), member))
        .filter(|(id, _)| *id > after.unwrap_or_default())
        .collect();
    sorted.sort_by_key(|(id, _)| *id);
    let page = sorted.into_iter().take(limit).map(|(_, member)| json::member(member));
    Ok(Reply::Json(page.collect()))
}

pub(super) fn member(reach: &mut Reach<'_>, guild: &str, user: &str) -> Result<Reply, Refusal> {
    reach.guild(guild)?;
    let member = reach.world.member(guild, user).ok_or_else(|| Refusal::of(10007))?;
    Ok(Reply::Json(json::member(member)))
}
