//! The routes of the REST API, and the functions that answer them.

use axum::http::Method;

use super::reach::Reach;
use super::{Refusal, Reply, commands, followups, identity, interactions, messages, threads};

pub(super) fn dispatch(reach: &mut Reach<'_>) -> Result<Reply, Refusal> {
    if reach.request.is_broken {
        reach.world.complain(format!("{}: the body cannot be read", reach.request.route()));
        return Err(Refusal::of(50109));
    }
    let path = reach.request.path.clone();
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    if let Some(result) = open(reach, &parts) {
        return result;
    }
    if reach.request.token.as_deref() != Some(reach.world.app.token.as_str()) {
        return Err(Refusal::unauthorized());
    }
    let known = about_people(reach, &parts)
        .or_else(|| about_commands(reach, &parts))
        .or_else(|| about_channels(reach, &parts));
    known.unwrap_or_else(|| {
        reach.world.complain(format!("unknown route {}", reach.request.route()));
        Err(Refusal::no_route())
    })
}

type Found = Option<Result<Reply, Refusal>>;

/// Routes whose path is the secret, or that need none.
fn open(reach: &mut Reach<'_>, parts: &[&str]) -> Found {
    let method = reach.request.method.clone();
    Some(match (method, parts) {
        (Method::GET, ["gateway"]) => Ok(identity::gateway(reach)),
        (Method::POST, ["interactions", id, token, "callback"]) => {
            interactions::callback(reach, id, token)
        }
        (Method::POST, ["webhooks", app, token]) => followups::create(reach, app, token),
        (Method::GET, ["webhooks", app, token, "messages", id]) => {
            followups::get(reach, app, token, id)
        }
        (Method::PATCH, ["webhooks", app, token, "messages", id]) => {
            followups::edit(reach, app, token, id)
        }
        (Method::DELETE, ["webhooks", app, token, "messages", id]) => {
            followups::delete(reach, app, token, id)
        }
        _ => return None,
    })
}

fn about_people(reach: &mut Reach<'_>, parts: &[&str]) -> Found {
    let method = reach.request.method.clone();
    Some(match (method, parts) {
        (Method::GET, ["gateway", "bot"]) => Ok(identity::gateway_bot(reach)),
        (Method::GET, ["users", "@me"]) => Ok(identity::own_user(reach)),
        (Method::GET, ["users", "@me", "guilds"]) => Ok(identity::own_guilds(reach)),
        (Method::POST, ["users", "@me", "channels"]) => identity::direct(reach),
        (Method::GET, ["users", id]) => identity::user(reach, id),
        (Method::GET, ["applications", "@me"] | ["oauth2", "applications", "@me"]) => {
            Ok(identity::application(reach))
        }
        (Method::GET, ["guilds", guild]) => identity::guild(reach, guild),
        (Method::GET, ["guilds", guild, "roles"]) => identity::roles(reach, guild),
        (Method::GET, ["guilds", guild, "channels"]) => identity::channels(reach, guild),
        (Method::GET, ["guilds", guild, "members"]) => identity::members(reach, guild),
        (Method::GET, ["guilds", guild, "members", user]) => identity::member(reach, guild, user),
        (Method::GET, ["guilds", guild, "threads", "active"]) => threads::active(reach, guild),
        _ => return None,
    })
}

fn about_commands(reach: &mut Reach<'_>, parts: &[&str]) -> Found {
    let ["applications", app, rest @ ..] = parts else { return None };
    let (guild, rest) = match rest {
        ["guilds", guild, rest @ ..] => (Some(*guild), rest),
        rest => (None, rest),
    };
    let ["commands", rest @ ..] = rest else { return None };
    let method = reach.request.method.clone();
    let scope = commands::Scope { app, guild };
    Some(match (method, rest) {
        (Method::GET, []) => commands::list(reach, scope),
        (Method::PUT, []) => commands::overwrite(reach, scope),
        (Method::POST, []) => commands::create(reach, scope),
        (Method::GET, [id]) => commands::get(reach, scope, id),
        (Method::PATCH, [id]) => commands::edit(reach, scope, id),
        (Method::DELETE, [id]) => commands::delete(reach, scope, id),
        _ => return None,
    })
}

fn about_channels(reach: &mut Reach<'_>, parts: &[&str]) -> Found {
    let ["channels", channel, rest @ ..] = parts else { return None };
    let method = reach.request.method.clone();
    Some(match (method, rest) {
        (Method::GET, []) => identity::channel(reach, channel),
        (Method::PATCH, []) => threads::edit(reach, channel),
        (Method::POST, ["typing"]) => messages::typing(reach, channel),
        (Method::POST, ["messages"]) => messages::create(reach, channel),
        (Method::GET, ["messages"]) => messages::list(reach, channel),
        (Method::GET, ["messages", id]) => messages::get(reach, channel, id),
        (Method::PATCH, ["messages", id]) => messages::edit(reach, channel, id),
        (Method::DELETE, ["messages", id]) => messages::delete(reach, channel, id),
        (Method::POST, ["messages", id, "threads"]) => threads::start(reach, channel, Some(id)),
        (Method::POST, ["threads"]) => threads::start(reach, channel, None),
        (Method::GET, ["thread-members"]) => threads::members(reach, channel),
        (Method::PUT, ["thread-members", user]) => threads::join(reach, channel, user, true),
        (Method::DELETE, ["thread-members", user]) => threads::join(reach, channel, user, false),
        _ => return None,
    })
}
