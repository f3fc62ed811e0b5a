//! Registered commands, for all guilds or for one.

use serde_json::{Value, json};

use super::reach::{Reach, word};
use super::{Refusal, Reply};
use crate::discord::limits::{self, Findings, Object};

/// The limit of slash commands in one scope.
const MOST: usize = 100;

/// The scope of commands.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) app: &'a str,
    /// The guild; `None` for commands of all guilds.
    pub(super) guild: Option<&'a str>,
}

fn enter(reach: &Reach<'_>, scope: Scope<'_>) -> Result<Option<String>, Refusal> {
    reach.app(scope.app)?;
    if let Some(guild) = scope.guild {
        reach.guild(guild)?;
    }
    Ok(scope.guild.map(str::to_owned))
}

/// A command as Discord shows it, with all defaults filled in.
fn complete(reach: &mut Reach<'_>, given: &Object, guild: Option<&String>, id: &str) -> Value {
    let mut shown = json!({
        "id": id, "application_id": reach.world.app.id, "version": reach.world.next_id(reach.now),
        "default_member_permissions": null, "type": 1, "name_localizations": null,
        "description": "", "description_localizations": null, "nsfw": false,
    });
    match guild {
        Some(guild) => shown["guild_id"] = json!(guild),
        None => {
            shown["dm_permission"] = json!(true);
            shown["contexts"] = Value::Null;
            shown["integration_types"] = json!([0]);
        }
    }
    for (name, value) in given {
        if !matches!(name.as_str(), "id" | "application_id" | "version" | "guild_id") {
            shown[name.as_str()] = value.clone();
        }
    }
    if shown["type"].is_null() {
        shown["type"] = json!(1);
    }
    shown
}

fn same(one: &Value, other: &Object) -> bool {
    let kind = |value: Option<&Value>| value.and_then(Value::as_i64).unwrap_or(1);
    one.get("name") == other.get("name") && kind(one.get("type")) == kind(other.get("type"))
}

pub(super) fn list(reach: &mut Reach<'_>, scope: Scope<'_>) -> Result<Reply, Refusal> {
    let key = enter(reach, scope)?;
    let all = reach.world.commands.get(&key).cloned().unwrap_or_default();
    Ok(Reply::Json(Value::Array(all)))
}

/// Replaces the whole list; commands that stay keep their ids.
pub(super) fn overwrite(reach: &mut Reach<'_>, scope: Scope<'_>) -> Result<Reply, Refusal> {
    let key = enter(reach, scope)?;
    let list = reach.request.body.as_array().cloned().ok_or_else(|| Refusal::of(50109))?;
    let mut found = Findings::default();
    limits::check_commands(&mut found, &list);
    reach.verdict(&found, None)?;
    let known = reach.world.commands.get(&key).cloned().unwrap_or_default();
    let mut all = Vec::new();
    for one in list.iter().filter_map(Value::as_object) {
        let id = match known.iter().find(|known| same(known, one)) {
            Some(known) => word(known, "id").to_owned(),
            None => reach.world.next_id(reach.now),
        };
        all.push(complete(reach, one, key.as_ref(), &id));
    }
    reach.world.commands.insert(key, all.clone());
    Ok(Reply::Json(Value::Array(all)))
}

/// Creates a command, or replaces the one with the same name.
pub(super) fn create(reach: &mut Reach<'_>, scope: Scope<'_>) -> Result<Reply, Refusal> {
    let key = enter(reach, scope)?;
    let given = reach.request.object()?;
    check(reach, &given)?;
    let known = reach.world.commands.get(&key).cloned().unwrap_or_default();
    let existing = known.iter().find(|known| same(known, &given));
    if existing.is_none() && known.len() >= MOST {
        return Err(Refusal::of(30032));
    }
    let id = match existing {
        Some(known) => word(known, "id").to_owned(),
        None => reach.world.next_id(reach.now),
    };
    let is_new = existing.is_none();
    let shown = put(reach, key, &given, &id);
    Ok(if is_new { Reply::Created(shown) } else { Reply::Json(shown) })
}

fn check(reach: &mut Reach<'_>, given: &Object) -> Result<(), Refusal> {
    let mut found = Findings::default();
    limits::check_command(&mut found, given);
    reach.verdict(&found, None)
}

fn put(reach: &mut Reach<'_>, key: Option<String>, given: &Object, id: &str) -> Value {
    let shown = complete(reach, given, key.as_ref(), id);
    let all = reach.world.commands.entry(key).or_default();
    match all.iter_mut().find(|known| word(known, "id") == id) {
        Some(known) => *known = shown.clone(),
        None => all.push(shown.clone()),
    }
    shown
}

fn find(reach: &Reach<'_>, key: &Option<String>, id: &str) -> Result<Value, Refusal> {
    let all = reach.world.commands.get(key).into_iter().flatten();
    let mut all = all.filter(|known| word(known, "id") == id);
    all.next().cloned().ok_or_else(|| Refusal::of(10063))
}

pub(super) fn get(reach: &mut Reach<'_>, scope: Scope<'_>, id: &str) -> Result<Reply, Refusal> {
    let key = enter(reach, scope)?;
    find(reach, &key, id).map(Reply::Json)
}

pub(super) fn edit(reach: &mut Reach<'_>, scope: Scope<'_>, id: &str) -> Result<Reply, Refusal> {
    let key = enter(reach, scope)?;
    let mut whole = find(reach, &key, id)?.as_object().cloned().unwrap_or_default();
    whole.extend(reach.request.object()?);
    check(reach, &whole)?;
    Ok(Reply::Json(put(reach, key, &whole, id)))
}

pub(super) fn delete(reach: &mut Reach<'_>, scope: Scope<'_>, id: &str) -> Result<Reply, Refusal> {
    let key = enter(reach, scope)?;
    find(reach, &key, id)?;
    if let Some(all) = reach.world.commands.get_mut(&key) {
        all.retain(|known| word(known, "id") != id);
    }
    Ok(Reply::Nothing)
}
