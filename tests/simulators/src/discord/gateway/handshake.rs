//! The beginning and continuation of a session: IDENTIFY and RESUME.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::connection::{Closing, Connection};
use super::{Out, Session, intent};
use crate::discord::json;
use crate::discord::world::World;

pub(super) fn identify(
    world: &mut World,
    connection: &mut Connection,
    data: &Value,
    now: DateTime<Utc>,
) -> Result<bool, Closing> {
    check_token(world, data)?;
    let known =
        ["token", "properties", "compress", "large_threshold", "shard", "presence", "intents"];
    for name in data.as_object().into_iter().flatten().map(|(name, _)| name) {
        // Older fields that clients still send; Discord ignores them.
        if !known.contains(&name.as_str()) && !matches!(name.as_str(), "v" | "capabilities") {
            world.complain(format!("IDENTIFY: unknown field {name}"));
        }
    }
    let intents = data.get("intents").and_then(Value::as_u64).ok_or(Closing(4013))?;
    if intents & !intent::ALL != 0 {
        return Err(Closing(4013));
    }
    if intents & intent::PRIVILEGED & !world.app.privileged_intents != 0 {
        return Err(Closing(4014));
    }
    if let Some(shard) = data.get("shard").filter(|shard| !shard.is_null())
        && *shard != json!([0, 1])
    {
        return Err(Closing(4010));
    }
    if world.gateway.starts_left(now).0 == 0 {
        world.complain("more than 1,000 IDENTIFYs in a day: Discord resets the token");
        world.app.token = Uuid::new_v4().to_string();
        return Err(Closing(4004));
    }
    world.gateway.starts.push(now);
    world.gateway.identifies += 1;
    connection.wants_compression =
        data.get("compress").and_then(Value::as_bool).unwrap_or_default();
    let id = Uuid::new_v4().simple().to_string();
    let guilds = world.guilds.iter().map(|it| json!({ "id": it.id, "unavailable": true }));
    let ready = json!({
        "v": 10, "user": json::own_user(world), "guilds": guilds.collect::<Vec<_>>(),
        "session_id": id, "session_type": "normal", "shard": [0, 1],
        "resume_gateway_url": format!("{}/gateway", world.base.replacen("http", "ws", 1)),
        "application": { "id": world.app.id, "flags": 1 << 23 }, "private_channels": [],
        "presences": [], "relationships": [], "user_settings": {}, "_trace": ["simulator"],
    });
    let mut session = Session {
        intents,
        seq: 0,
        events: Vec::new(),
        connection: Some((connection.id, connection.out.clone())),
    };
    session.dispatch("READY", ready);
    if intents & intent::GUILDS != 0 {
        let sees_members = intents & intent::GUILD_MEMBERS != 0;
        for guild in &world.guilds {
            session.dispatch("GUILD_CREATE", json::guild_create(world, guild, sees_members));
        }
    }
    world.gateway.sessions.insert(id.clone(), session);
    connection.session = Some(id);
    Ok(false)
}

fn check_token(world: &World, data: &Value) -> Result<(), Closing> {
    let given = data.get("token").and_then(Value::as_str).unwrap_or_default();
    let given = given.strip_prefix("Bot ").unwrap_or(given);
    if given == world.app.token { Ok(()) } else { Err(Closing(4004)) }
}

pub(super) fn resume(
    world: &mut World,
    connection: &mut Connection,
    data: &Value,
) -> Result<bool, Closing> {
    check_token(world, data)?;
    let id = data.get("session_id").and_then(Value::as_str).unwrap_or_default();
    let seen = data.get("seq").and_then(Value::as_u64).unwrap_or_default();
    let repeats = world.gateway.repeats;
    let Some(session) = world.gateway.sessions.get_mut(id) else {
        let _ = connection.out.send(Out::Say(json!({ "op": 9, "d": false, "s": null, "t": null })));
        return Ok(false);
    };
    if seen > session.seq {
        return Err(Closing(4007));
    }
    // Only one connection can serve a session. It may be this very one: after an op 9 that allows
    // it, clients resume on the same connection.
    if let Some((id, old)) = session.connection.replace((connection.id, connection.out.clone()))
        && id != connection.id
    {
        let _ = old.send(Out::Close(4000));
    }
    let since = seen.saturating_sub(repeats);
    for (_, missed) in session.events.iter().filter(|(seq, _)| *seq > since) {
        let _ = connection.out.send(Out::Say(missed.clone()));
    }
    session.dispatch("RESUMED", json!({ "_trace": ["simulator"] }));
    world.gateway.repeats = 0;
    world.gateway.resumes += 1;
    connection.session = Some(id.to_owned());
    Ok(false)
}
