//! `views.*`: modals and the App Home.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::reach::{Answer, Reach};
use super::{Args, Refusal};
use crate::slack::limits;
use crate::slack::message::View;
use crate::slack::world::World;

/// How many modals a person can have on top of each other.
const STACK: usize = 3;

/// The view, if Slack would accept it.
pub(crate) fn check_view(view: &Value) -> Result<(), Refusal> {
    limits::check_view(view)
}

pub(super) fn open(reach: &mut Reach<'_>, args: &Args) -> Answer {
    let (user, view) = triggered(reach, args)?;
    let view = put_view(reach.world, &user, None, view);
    reach.world.modals.retain(|open| open.user != user);
    Ok(show(reach.world, view))
}

pub(super) fn push(reach: &mut Reach<'_>, args: &Args) -> Answer {
    let (user, view) = triggered(reach, args)?;
    let view = open_above(reach.world, &user, view)?;
    Ok(show(reach.world, view))
}

/// Uses up the trigger and checks the view.
fn triggered(reach: &mut Reach<'_>, args: &Args) -> Result<(String, Value), Refusal> {
    let id = args.needed("trigger_id")?;
    let trigger = reach.world.triggers.get(id).ok_or_else(|| Refusal::of("invalid_trigger_id"))?;
    if trigger.is_used {
        return Err(Refusal::of("exchanged_trigger_id"));
    }
    if trigger.deadline.has_passed(reach.clock) {
        return Err(Refusal::of("expired_trigger_id"));
    }
    let user = trigger.user.clone();
    let view = args.json("view").ok_or_else(|| Refusal::of("invalid_arguments"))?.clone();
    if view.get("type").and_then(Value::as_str) == Some("home") {
        let why = vec!["a home view is published, not opened".to_owned()];
        return Err(Refusal::because("invalid_arguments", why));
    }
    check_view(&view)?;
    if let Some(trigger) = reach.world.triggers.get_mut(id) {
        trigger.is_used = true;
    }
    Ok((user, view))
}

/// Opens a new modal above the person's open ones.
pub(crate) fn open_above(world: &mut World, user: &str, view: Value) -> Result<View, Refusal> {
    let stack: Vec<&View> = world.modals.iter().filter(|open| open.user == user).collect();
    if stack.len() >= STACK {
        return Err(Refusal::of("push_limit_reached"));
    }
    let beneath = stack.last().map(|open| (open.id.clone(), open.root.clone()));
    Ok(put_view(world, user, beneath, view))
}

/// Gives the view its ids; `beneath` is the view below it, with the root of the stack.
pub(crate) fn put_view(
    world: &mut World,
    user: &str,
    beneath: Option<(String, String)>,
    view: Value,
) -> View {
    let id = world.next_id("V");
    let (previous, root) = beneath.map_or((None, id.clone()), |(id, root)| (Some(id), root));
    let hash = world.next_id("h.");
    let view = with_ids(world, view);
    View {
        id,
        user: user.to_owned(),
        view,
        hash,
        root,
        previous,
        errors: BTreeMap::new(),
        trouble: None,
        filled: Vec::new(),
    }
}

fn with_ids(world: &mut World, mut view: Value) -> Value {
    if let Some(blocks) = view.get_mut("blocks")
        && let Some(given) = blocks.as_array()
    {
        let given = given.clone();
        *blocks = Value::Array(world.with_ids(&given));
    }
    view
}

fn show(world: &mut World, view: View) -> Value {
    let shown = view.to_json(&world.app, &world.team, json!({}));
    world.modals.push(view);
    json!({ "view": shown })
}

pub(super) fn update(reach: &mut Reach<'_>, args: &Args) -> Answer {
    let view = args.json("view").ok_or_else(|| Refusal::of("invalid_arguments"))?.clone();
    check_view(&view)?;
    let by_id = args.text("view_id");
    let by_external = args.text("external_id");
    if by_id.is_none() && by_external.is_none() {
        return Err(Refusal::because(
            "invalid_arguments",
            vec!["either view_id or external_id is needed".to_owned()],
        ));
    }
    let is_it = |open: &View| match by_id {
        Some(id) => open.id == id,
        None => open.view.get("external_id").and_then(Value::as_str) == by_external,
    };
    let is_modal = reach.world.modals.iter().any(is_it);
    let is_home = reach.world.homes.values().any(is_it);
    if !is_modal && !is_home {
        return Err(Refusal::of("not_found"));
    }
    let view = with_ids(reach.world, view);
    let hash = reach.world.next_id("h.");
    let world = &mut *reach.world;
    let mut all = world.modals.iter_mut().chain(world.homes.values_mut());
    let open = all.find(|open| is_it(open)).ok_or_else(|| Refusal::of("not_found"))?;
    if args.text("hash").is_some_and(|given| given != open.hash) {
        return Err(Refusal::of("hash_conflict"));
    }
    open.view = view;
    open.hash = hash;
    open.errors.clear();
    open.trouble = None;
    let shown = open.to_json(&world.app, &world.team, json!({}));
    Ok(json!({ "view": shown }))
}

pub(super) fn publish(reach: &mut Reach<'_>, args: &Args) -> Answer {
    let user = args.needed("user_id")?.to_owned();
    if reach.world.person(&user).is_none() {
        return Err(Refusal::of("user_not_found"));
    }
    let view = args.json("view").ok_or_else(|| Refusal::of("invalid_arguments"))?.clone();
    if view.get("type").and_then(Value::as_str) != Some("home") {
        let why = vec!["only a home view can be published".to_owned()];
        return Err(Refusal::because("invalid_arguments", why));
    }
    check_view(&view)?;
    let known = reach.world.homes.get(&user).map(|home| (home.id.clone(), home.hash.clone()));
    if let (Some(given), Some((_, hash))) = (args.text("hash"), &known)
        && given != hash
    {
        return Err(Refusal::of("hash_conflict"));
    }
    let mut home = put_view(reach.world, &user, None, view);
    if let Some((id, _)) = known {
        home.root.clone_from(&id);
        home.id = id;
    }
    let world = &mut *reach.world;
    let shown = home.to_json(&world.app, &world.team, json!({}));
    world.homes.insert(user, home);
    Ok(json!({ "view": shown }))
}
