//! The app's own identity, the people, and the address of a socket.

use serde_json::{Value, json};

use super::conversations::cut;
use super::reach::{Answer, Reach};
use super::{Args, Refusal};
use crate::slack::workspace::{Person, UserGroup};
use crate::slack::world::World;

#[expect(clippy::unnecessary_wraps, reason = "every method has this shape")]
pub(super) fn api_test(_reach: &mut Reach<'_>, args: &Args) -> Answer {
    Ok(json!({ "args": { "foo": args.text("foo") } }))
}

#[expect(clippy::unnecessary_wraps, reason = "every method has this shape")]
pub(super) fn auth_test(reach: &mut Reach<'_>, _args: &Args) -> Answer {
    let world = &*reach.world;
    let name = world.person(&world.app.user).map(|person| person.name.clone());
    Ok(json!({
        "url": format!("https://{}.slack.com/", world.team.domain),
        "team": world.team.name, "team_id": world.team.id,
        "user": name, "user_id": world.app.user,
        "bot_id": world.app.bot_id, "is_enterprise_install": false,
    }))
}

#[expect(clippy::unnecessary_wraps, reason = "every method has this shape")]
pub(super) fn connections_open(reach: &mut Reach<'_>, _args: &Args) -> Answer {
    let world = &mut *reach.world;
    let ticket = world.sockets.new_ticket();
    let base = world.base.replacen("http", "ws", 1);
    Ok(json!({ "url": format!("{base}/link/?ticket={ticket}&app_id={}", world.app.id) }))
}

fn describe(world: &World, person: &Person) -> Value {
    json!({
        "id": person.id,
        "team_id": person.home_team.as_ref().unwrap_or(&world.team.id), "name": person.name, "deleted": false,
        "color": person.colour.trim_start_matches('#'), "real_name": person.real_name,
        "tz": "Etc/UTC", "tz_label": "UTC", "tz_offset": person.tz_offset,
        "profile": {
            "real_name": person.real_name, "real_name_normalized": person.real_name,
            "display_name": person.name, "display_name_normalized": person.name,
            "title": person.title, "team": world.team.id,
        },
        "is_admin": false, "is_owner": false, "is_primary_owner": false, "is_restricted": false,
        "is_ultra_restricted": false, "is_bot": person.is_bot, "is_app_user": false,
        "updated": 1_700_000_000,
    })
}

pub(super) fn user(reach: &mut Reach<'_>, args: &Args) -> Answer {
    let found = reach.world.person(args.needed("user")?);
    let person = found.ok_or_else(|| Refusal::of("user_not_found"))?;
    Ok(json!({ "user": describe(reach.world, person) }))
}

#[expect(clippy::unnecessary_wraps, reason = "every method has this shape")]
pub(super) fn users(reach: &mut Reach<'_>, args: &Args) -> Answer {
    let world = &*reach.world;
    let (slice, next) = cut(&world.people, args);
    let members: Vec<Value> = slice.iter().map(|person| describe(world, person)).collect();
    Ok(json!({
        "members": members, "cache_ts": reach.now.timestamp(),
        "response_metadata": { "next_cursor": next },
    }))
}

fn describe_group(world: &World, group: &UserGroup, with_users: bool) -> Value {
    let mut shown = json!({
        "id": group.id, "team_id": world.team.id, "is_usergroup": true, "is_subteam": true,
        "name": group.name, "description": "", "handle": group.handle, "is_external": false,
        "date_create": 1_700_000_000, "date_update": 1_700_000_000, "date_delete": 0,
        "auto_type": null, "auto_provision": false, "created_by": world.app.user,
        "updated_by": world.app.user, "deleted_by": null,
        "prefs": { "channels": [], "groups": [] }, "user_count": group.users.len(),
        "channel_count": 0,
    });
    if let (true, Some(shown)) = (with_users, shown.as_object_mut()) {
        shown.insert("users".to_owned(), json!(group.users));
    }
    shown
}

#[expect(clippy::unnecessary_wraps, reason = "every method has this shape")]
pub(super) fn groups(reach: &mut Reach<'_>, args: &Args) -> Answer {
    let world = &*reach.world;
    let with_users = args.flag("include_users");
    let groups: Vec<Value> =
        world.groups.iter().map(|group| describe_group(world, group, with_users)).collect();
    Ok(json!({ "usergroups": groups }))
}

pub(super) fn group_users(reach: &mut Reach<'_>, args: &Args) -> Answer {
    let id = args.needed("usergroup")?;
    let found = reach.world.groups.iter().find(|group| group.id == id);
    let group = found.ok_or_else(|| Refusal::of("no_such_subteam"))?;
    Ok(json!({ "users": group.users }))
}
