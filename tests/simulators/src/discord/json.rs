//! The JSON of the world's things, in Discord's format.

use serde_json::{Value, json};

use super::guild::{Channel, ChannelKind, Guild, Member, Role};
use super::message::{Message, flag, stamp};
use super::world::World;

pub(crate) fn user(member: &Member) -> Value {
    json!({
        "id": member.id, "username": member.name, "discriminator": "0",
        "global_name": if member.is_bot { Value::Null } else { json!(member.display_name) },
        "avatar": null, "bot": member.is_bot, "system": false, "banner": null,
        "accent_color": null, "flags": 0, "public_flags": 0, "avatar_decoration_data": null,
        "collectibles": null, "primary_guild": null, "clan": null,
    })
}

pub(crate) fn own_user(world: &World) -> Value {
    let fallback = Member::new(&world.app.id, &world.app.name, &world.app.name);
    let mut shown = user(world.person(&world.app.id).unwrap_or(&fallback));
    shown["bot"] = json!(true);
    shown["verified"] = json!(true);
    shown["email"] = Value::Null;
    shown["mfa_enabled"] = json!(true);
    shown["locale"] = json!("en-US");
    shown["premium_type"] = json!(0);
    shown
}

/// A member without its `user`.
pub(crate) fn bare_member(member: &Member) -> Value {
    json!({
        "roles": member.roles, "nick": null, "avatar": null, "banner": null,
        "joined_at": "2025-01-01T00:00:00.000000+00:00", "premium_since": null, "deaf": false,
        "mute": false, "pending": false, "flags": 0, "communication_disabled_until": null,
        "collectibles": null,
    })
}

pub(crate) fn member(of: &Member) -> Value {
    let mut shown = bare_member(of);
    shown["user"] = user(of);
    shown
}

pub(crate) fn role(guild: &Guild, role: &Role) -> Value {
    let position = guild.roles.iter().position(|known| known.id == role.id).unwrap_or_default();
    json!({
        "id": role.id, "name": role.name, "description": null,
        "permissions": role.permissions.to_string(), "position": position, "color": role.colour,
        "colors": {
            "primary_color": role.colour, "secondary_color": null, "tertiary_color": null,
        },
        "hoist": false, "managed": false, "mentionable": true, "icon": null,
        "unicode_emoji": null, "flags": 0,
    })
}

pub(crate) fn channel(world: &World, channel: &Channel) -> Value {
    let last = world.messages.iter().rev().find(|message| message.channel == channel.id);
    let last = last.map(|message| message.id.clone());
    match &channel.kind {
        ChannelKind::Direct(with) => json!({
            "id": channel.id, "type": 1, "last_message_id": last, "flags": 0,
            "recipients": world.person(with).map(user).into_iter().collect::<Vec<_>>(),
        }),
        ChannelKind::Text => json!({
            "id": channel.id, "type": 0, "guild_id": channel.guild, "name": channel.name,
            "topic": null, "nsfw": false, "parent_id": null, "rate_limit_per_user": 0,
            "last_message_id": last, "flags": 0,
            "position": world.channels.iter().position(|known| known.id == channel.id),
            "permission_overwrites": channel.overwrites.iter().map(|over| json!({
                "id": over.id, "type": i32::from(over.is_member),
                "allow": over.allow.to_string(), "deny": over.deny.to_string(),
            })).collect::<Vec<_>>(),
        }),
        ChannelKind::Thread(thread) => {
            let said = world.messages.iter().filter(|message| message.channel == channel.id);
            let said = said.filter(|message| message.kind != 21).count();
            json!({
                "id": channel.id, "type": if thread.is_private { 12 } else { 11 },
                "guild_id": channel.guild, "name": channel.name, "parent_id": thread.parent,
                "owner_id": thread.owner, "last_message_id": last, "rate_limit_per_user": 0,
                "flags": 0, "message_count": said, "total_message_sent": said,
                "member_count": thread.members.len(),
                "thread_metadata": {
                    "archived": thread.archived, "locked": thread.locked, "invitable": true,
                    "auto_archive_duration": thread.auto_archive_minutes,
                    "archive_timestamp": stamp(thread.active_at),
                    "create_timestamp": stamp(thread.active_at),
                },
            })
        }
    }
}

pub(crate) fn thread_member(
    thread: &str,
    user: &str,
    since: chrono::DateTime<chrono::Utc>,
) -> Value {
    json!({ "id": thread, "user_id": user, "join_timestamp": stamp(since), "flags": 0 })
}

/// The flags that a client reads, and sends back when it edits.
pub(crate) fn flags(world: &World, message: &Message) -> u64 {
    let thread = world.channel(&message.id).filter(|channel| channel.thread().is_some());
    if thread.is_some() { message.flags | flag::HAS_THREAD } else { message.flags }
}

pub(crate) fn message(world: &World, message: &Message) -> Value {
    let author = world.person(&message.author);
    let mentioned = world
        .guilds
        .iter()
        .flat_map(|guild| &guild.members)
        .filter(|one| message.content.contains(&format!("<@{}>", one.id)));
    let roles = world.guilds.iter().flat_map(|guild| &guild.roles);
    let roles = roles.filter(|role| message.content.contains(&format!("<@&{}>", role.id)));
    let mut shown = json!({
        "id": message.id, "channel_id": message.channel, "type": message.kind,
        "author": author.map(user), "content": message.content,
        "timestamp": stamp(message.at), "edited_timestamp": message.edited.map(stamp),
        "tts": false, "mention_everyone": message.content.contains("@everyone"),
        "mentions": mentioned.map(user).collect::<Vec<_>>(),
        "mention_roles": roles.map(|role| role.id.clone()).collect::<Vec<_>>(),
        "attachments": message.attachments, "embeds": message.embeds, "pinned": false,
        "components": message.components,
    });
    let thread = world.channel(&message.id).filter(|channel| channel.thread().is_some());
    shown["flags"] = json!(flags(world, message));
    if let Some(thread) = thread {
        shown["thread"] = channel(world, thread);
    }
    if let Some(nonce) = &message.nonce {
        shown["nonce"] = nonce.clone();
    }
    if let Some(interaction) = &message.interaction {
        shown["interaction_metadata"] = interaction.clone();
        shown["webhook_id"] = json!(world.app.id);
        shown["application_id"] = json!(world.app.id);
    }
    if let Some(reference) = &message.reference {
        shown["message_reference"] = reference.clone();
        let id = |name: &str| reference.get(name).and_then(Value::as_str).unwrap_or_default();
        let quoted = world.message(id("channel_id"), id("message_id"));
        shown["referenced_message"] = quoted.map_or(Value::Null, |quoted| {
            let quoted = Message { reference: None, ..quoted.clone() };
            self::message(world, &quoted)
        });
    }
    shown
}

/// A message as the gateway sends it: with its guild and the author's membership.
pub(crate) fn message_event(world: &World, of: &Message) -> Value {
    let mut shown = message(world, of);
    let guild = world.channel(&of.channel).and_then(|channel| channel.guild.clone());
    if let Some(guild) = guild {
        if let Some(author) = world.member(&guild, &of.author) {
            shown["member"] = bare_member(author);
        }
        shown["guild_id"] = json!(guild);
    }
    shown
}

/// A guild as in `GUILD_CREATE` and `GET /guilds/{id}`.
pub(crate) fn guild(guild: &Guild) -> Value {
    let roles: Vec<Value> = guild.roles.iter().map(|one| role(guild, one)).collect();
    json!({
        "id": guild.id, "name": guild.name, "icon": null, "icon_hash": null, "splash": null,
        "discovery_splash": null, "home_header": null, "owner_id": guild.owner, "region": "tokyo",
        "afk_channel_id": null, "afk_timeout": 300, "widget_enabled": false,
        "widget_channel_id": null, "verification_level": 1, "default_message_notifications": 1,
        "explicit_content_filter": 0, "roles": roles, "emojis": [], "features": [],
        "mfa_level": 0, "application_id": null, "system_channel_id": null,
        "system_channel_flags": 0, "rules_channel_id": null, "max_presences": null,
        "max_members": 500_000, "vanity_url_code": null, "description": null, "banner": null,
        "premium_tier": 0, "premium_subscription_count": 0, "preferred_locale": guild.locale,
        "public_updates_channel_id": null, "max_video_channel_users": 25,
        "max_stage_video_channel_users": 50, "nsfw": false, "nsfw_level": 0, "stickers": [],
        "premium_progress_bar_enabled": false, "safety_alerts_channel_id": null,
        "incidents_data": null,
    })
}

/// What a bot gets about a guild when it comes online.
pub(crate) fn guild_create(world: &World, of: &Guild, sees_members: bool) -> Value {
    let mut shown = guild(of);
    let own = of.members.iter().filter(|one| sees_members || one.id == world.app.id);
    let here = |channel: &&Channel| {
        channel.guild.as_ref() == Some(&of.id)
            && world.may(&world.app.id, channel, super::guild::permission::VIEW_CHANNEL)
    };
    let all: Vec<&Channel> = world.channels.iter().filter(here).collect();
    let show = |wanted: &dyn Fn(&Channel) -> bool| -> Vec<Value> {
        all.iter().filter(|one| wanted(one)).map(|one| channel(world, one)).collect()
    };
    shown["channels"] = json!(show(&|one| one.thread().is_none()));
    shown["threads"] = json!(show(&|one| one.thread().is_some_and(|thread| !thread.archived)));
    shown["members"] = own.map(member).collect();
    shown["member_count"] = json!(of.members.len());
    shown["joined_at"] = json!("2025-01-01T00:00:00.000000+00:00");
    shown["large"] = json!(false);
    shown["unavailable"] = json!(false);
    for name in [
        "voice_states",
        "presences",
        "stage_instances",
        "guild_scheduled_events",
        "soundboard_sounds",
        "embedded_activities",
    ] {
        shown[name] = json!([]);
    }
    shown
}

pub(crate) fn application(world: &World) -> Value {
    let owner = world.guilds.first().and_then(|guild| world.person(&guild.owner));
    json!({
        "id": world.app.id, "name": world.app.name, "icon": null, "description": "",
        "type": null, "rpc_origins": [], "bot_public": true, "bot_require_code_grant": false,
        "terms_of_service_url": null, "privacy_policy_url": null, "summary": "",
        "verify_key": "0".repeat(64), "team": null, "flags": 1 << 23, "hook": true,
        "owner": owner.map(user), "bot": own_user(world), "tags": [],
        "redirect_uris": [], "interactions_endpoint_url": null,
        "approximate_guild_count": world.guilds.len(), "integration_types_config": { "0": {} },
    })
}
