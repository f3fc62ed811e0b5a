//! `conversations.*`: channels and their messages.

use serde_json::{Value, json};

use super::reach::{Answer, Reach};
use super::{Args, Refusal};
use crate::slack::message::Message;
use crate::slack::workspace::Channel;
use crate::slack::world::World;

/// The default and the maximum size of a page.
const PAGE: (usize, usize) = (100, 999);

pub(super) fn history(reach: &mut Reach<'_>, args: &Args) -> Answer {
    let channel = readable(reach, args)?;
    let world = &*reach.world;
    let found = world.messages.iter().rev().filter(|message| {
        message.channel == channel.id && message.is_top_level() && in_span(message, args)
    });
    let found: Vec<&Message> = found.collect();
    Ok(page(world, &found, args))
}

pub(super) fn replies(reach: &mut Reach<'_>, args: &Args) -> Answer {
    let channel = readable(reach, args)?;
    let ts = args.needed("ts")?;
    let world = &*reach.world;
    let asked = world.message(&channel.id, ts).ok_or_else(|| Refusal::of("thread_not_found"))?;
    let root = asked.thread_ts.as_deref().unwrap_or(ts);
    let found = world.messages.iter().filter(|message| {
        message.channel == channel.id
            && (message.ts == root || (message.is_reply_to(root) && in_span(message, args)))
    });
    let found: Vec<&Message> = found.collect();
    Ok(page(world, &found, args))
}

/// The app has to be in the channel, and a direct message requires a scope of its own.
fn readable(reach: &Reach<'_>, args: &Args) -> Result<Channel, Refusal> {
    let channel = reach.joined_channel(args)?;
    if channel.is_im && !reach.world.tokens.bot.scopes.contains("im:history") {
        return Err(Refusal::of("missing_scope").with("needed", json!("im:history")));
    }
    Ok(channel)
}

fn in_span(message: &Message, args: &Args) -> bool {
    let is_inclusive = args.flag("inclusive");
    let after = args.text("oldest").is_none_or(|oldest| {
        number(&message.ts) > number(oldest) || (is_inclusive && message.ts == oldest)
    });
    let before = args.text("latest").is_none_or(|latest| {
        number(&message.ts) < number(latest) || (is_inclusive && message.ts == latest)
    });
    after && before
}

/// A ts in microseconds; `oldest` may have no fraction.
fn number(ts: &str) -> i64 {
    let (seconds, fraction) = ts.split_once('.').unwrap_or((ts, "0"));
    let micros: String = fraction.chars().chain("000000".chars()).take(6).collect();
    seconds.parse::<i64>().unwrap_or(0) * 1_000_000 + micros.parse::<i64>().unwrap_or(0)
}

fn page(world: &World, found: &[&Message], args: &Args) -> Value {
    let (slice, next) = cut(found, args);
    let messages: Vec<Value> =
        slice.iter().map(|message| with_thread(world, message, args)).collect();
    json!({
        "messages": messages,
        "has_more": !next.is_empty(),
        "pin_count": 0,
        "response_metadata": { "next_cursor": next },
    })
}

/// One page and the cursor of the next one, empty at the end.
pub(super) fn cut<'a, T>(found: &'a [T], args: &Args) -> (&'a [T], String) {
    let limit = args.number("limit").unwrap_or(PAGE.0).clamp(1, PAGE.1);
    let from = args.text("cursor").and_then(|cursor| cursor.strip_prefix("next:"));
    let from = from.and_then(|from| from.parse().ok()).unwrap_or(0).min(found.len());
    let to = (from + limit).min(found.len());
    let next = if to < found.len() { format!("next:{to}") } else { String::new() };
    (&found[from..to], next)
}

fn with_thread(world: &World, message: &Message, args: &Args) -> Value {
    let mut shown = message.to_json(&world.app, &world.team, args.flag("include_all_metadata"));
    let replies: Vec<&Message> = world
        .messages
        .iter()
        .filter(|reply| reply.channel == message.channel && reply.is_reply_to(&message.ts))
        .collect();
    if let (Some(last), Some(object)) = (replies.last(), shown.as_object_mut()) {
        let mut users: Vec<&str> = replies.iter().map(|reply| reply.user.as_str()).collect();
        users.sort_unstable();
        users.dedup();
        object.insert("thread_ts".to_owned(), json!(message.ts));
        object.insert("reply_count".to_owned(), json!(replies.len()));
        object.insert("reply_users_count".to_owned(), json!(users.len()));
        object.insert("reply_users".to_owned(), json!(users));
        object.insert("latest_reply".to_owned(), json!(last.ts));
        object.insert("subscribed".to_owned(), json!(false));
    }
    shown
}

fn describe(world: &World, channel: &Channel) -> Value {
    let mut shown = json!({
        "id": channel.id, "created": 1_700_000_000, "is_archived": false,
        "is_im": channel.is_im, "is_mpim": false, "is_org_shared": false,
    });
    let more = if channel.is_im {
        let person = channel.members.iter().find(|&member| *member != world.app.user);
        json!({ "user": person, "is_user_deleted": false, "priority": 0 })
    } else {
        json!({
            "name": channel.name, "name_normalized": channel.name, "is_channel": true,
            "is_group": false, "is_private": false, "is_general": false, "is_shared": false,
            "is_member": channel.has(&world.app.user), "num_members": channel.members.len(),
            "creator": channel.members.first(), "previous_names": [],
            "topic": { "value": "", "creator": "", "last_set": 0 },
            "purpose": { "value": "", "creator": "", "last_set": 0 },
        })
    };
    if let (Value::Object(shown), Value::Object(more)) = (&mut shown, more) {
        shown.extend(more);
    }
    shown
}

pub(super) fn info(reach: &mut Reach<'_>, args: &Args) -> Answer {
    let channel = reach.channel(args)?;
    Ok(json!({ "channel": describe(reach.world, &channel) }))
}

pub(super) fn list(reach: &mut Reach<'_>, args: &Args) -> Answer {
    let types = args.json("types").and_then(Value::as_array);
    let wants = |name: &str| match types {
        None => name == "public_channel",
        Some(types) => types.iter().any(|kind| kind.as_str() == Some(name)),
    };
    let world = &*reach.world;
    let found = world
        .channels
        .iter()
        .filter(|channel| wants(if channel.is_im { "im" } else { "public_channel" }));
    let found: Vec<&Channel> = found.collect();
    let (slice, next) = cut(&found, args);
    let channels: Vec<Value> = slice.iter().map(|channel| describe(world, channel)).collect();
    Ok(json!({ "channels": channels, "response_metadata": { "next_cursor": next } }))
}

pub(super) fn open(reach: &mut Reach<'_>, args: &Args) -> Answer {
    if args.text("channel").is_some() {
        let channel = reach.channel(args)?;
        return Ok(json!({ "channel": describe(reach.world, &channel), "no_op": true }));
    }
    let users = args.json("users").and_then(Value::as_array).cloned().unwrap_or_default();
    let user = match users.as_slice() {
        [user] => user.as_str().unwrap_or_default(),
        [] => return Err(Refusal::of("users_list_not_supplied")),
        _ => {
            let why = vec!["direct messages of several people are not simulated".to_owned()];
            return Err(Refusal::because("invalid_arguments", why));
        }
    };
    match reach.world.person(user) {
        None => return Err(Refusal::of("user_not_found")),
        Some(person) if person.is_bot => return Err(Refusal::of("cannot_dm_bot")),
        Some(person) if person.is_deactivated => return Err(Refusal::of("user_disabled")),
        Some(_) => {}
    }
    let id = reach.world.direct(user);
    let mut shown = json!({ "id": id });
    if args.flag("return_im")
        && let Some(channel) = reach.world.channel(&id)
    {
        shown = describe(reach.world, channel);
    }
    Ok(json!({ "channel": shown, "no_op": false, "already_open": false }))
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn a_ts_without_a_fraction_is_a_second() {
        assert_eq!(number("1700000000"), number("1700000000.000000"));
        assert!(number("1700000000.0001") > number("1700000000"));
    }
}
