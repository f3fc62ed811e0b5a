//! Filling in modals.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::elements::{self, Found};
use super::{Receipt, TRIGGER_SECONDS, UserActionError};
use crate::slack::limits::number_of;
use crate::slack::message::View;
use crate::slack::socket::{Envelope, payloads};
use crate::slack::wire::{check_view, open_above, put_view};
use crate::slack::world::World;
use crate::slack::{Deadline, Workspace};

impl World {
    pub(crate) fn open_view(&self, user: &str, id: &str) -> Option<&View> {
        let mut all = self.modals.iter().chain(self.homes.values());
        all.find(|view| view.id == id && view.user == user)
    }

    fn modal_mut(&mut self, id: &str) -> Option<&mut View> {
        self.modals.iter_mut().find(|view| view.id == id)
    }
}

impl Workspace {
    /// Fills in a modal and submits it. Each value names an input by action id or block id; several
    /// values for one name are several choices. Options are named by value or label.
    ///
    /// The app's answer takes effect: errors are shown, the view is updated, pushed or closed.
    ///
    /// # Errors
    /// If the view is not open, an input does not satisfy the client, or nobody answers.
    pub async fn submit(
        &self,
        user: &str,
        view_id: &str,
        values: &[(&str, &str)],
    ) -> Result<Receipt, UserActionError> {
        let deadline = Deadline::after(self.clock(), TRIGGER_SECONDS);
        let payload = self.change(|world| {
            let found = world.open_view(user, view_id).cloned();
            let view = found.ok_or_else(|| UserActionError::NoView(view_id.to_owned()))?;
            let found = elements::all(view.blocks());
            known_names(&found, values)?;
            let state = elements::state(&found, |one| given(one, values))?;
            demanded(&view, &state)?;
            let trigger = world.new_trigger(user, deadline);
            if let Some(open) = world.modal_mut(view_id) {
                let filled = values.iter();
                open.filled =
                    filled.map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
                open.errors.clear();
                open.trouble = None;
            }
            Ok(payloads::view_submission(world, &view, &trigger, state))
        })?;
        let envelope = Envelope::new("interactive", true, payload);
        let result = self.hand_over(&envelope, user, view_id).await;
        self.change(|world| match &result {
            Ok(receipt) => settle(world, user, view_id, receipt.response.as_ref()),
            Err(error) => {
                let text = format!("We had some trouble connecting. Try again? ({error})");
                if let Some(view) = world.modal_mut(view_id) {
                    view.trouble = Some(text);
                }
            }
        });
        result
    }

    /// Closes a modal. The app is notified only if the view asked for that.
    ///
    /// # Errors
    /// If the view is not open, or nobody answers.
    pub async fn close(
        &self,
        user: &str,
        view_id: &str,
    ) -> Result<Option<Receipt>, UserActionError> {
        let payload = self.change(|world| {
            let found = world.open_view(user, view_id).cloned();
            let view = found.ok_or_else(|| UserActionError::NoView(view_id.to_owned()))?;
            let flag = |name: &str| view.view.get(name).and_then(Value::as_bool) == Some(true);
            let clears = flag("clear_on_close");
            world.modals.retain(|open| {
                let is_it = open.id == view_id || (clears && open.root == view.root);
                !is_it
            });
            Ok(flag("notify_on_close").then(|| payloads::view_closed(world, &view, clears)))
        })?;
        let Some(payload) = payload else { return Ok(None) };
        let envelope = Envelope::new("interactive", false, payload);
        self.hand_over(&envelope, user, view_id).await.map(Some)
    }
}

fn given(one: &Found, values: &[(&str, &str)]) -> Option<Vec<String>> {
    let mine = values.iter().filter(|(name, _)| *name == one.action_id() || *name == one.block_id);
    // An empty input is sent as empty, and still overrides a preset value.
    let mine: Vec<String> = mine.map(|(_, value)| (*value).to_owned()).collect();
    (!mine.is_empty()).then(|| mine.into_iter().filter(|value| !value.is_empty()).collect())
}

fn known_names(found: &[Found], values: &[(&str, &str)]) -> Result<(), UserActionError> {
    let is_known =
        |name: &str| found.iter().any(|one| one.action_id() == name || one.block_id == name);
    match values.iter().find(|(name, _)| !is_known(name)) {
        Some((name, _)) => {
            Err(UserActionError::Input((*name).to_owned(), "there is no such input".to_owned()))
        }
        None => Ok(()),
    }
}

/// The checks of a client before it sends: required inputs, and lengths.
fn demanded(view: &View, state: &Value) -> Result<(), UserActionError> {
    for block in view.blocks() {
        if block.get("type").and_then(Value::as_str) != Some("input") {
            continue;
        }
        let id = |name: &str, of: &Value| {
            of.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let Some(element) = block.get("element") else { continue };
        let (block_id, action_id) = (id("block_id", block), id("action_id", element));
        let choice = state.get(&block_id).and_then(|block| block.get(&action_id));
        let filled = choice.and_then(Value::as_object).and_then(|choice| {
            choice.iter().find(|(name, _)| *name != "type").map(|(_, value)| value)
        });
        let is_empty = match filled {
            None | Some(Value::Null) => true,
            Some(Value::Array(items)) => items.is_empty(),
            Some(_) => false,
        };
        let is_optional = block.get("optional").and_then(Value::as_bool) == Some(true);
        if is_empty && !is_optional {
            return Err(UserActionError::Input(action_id, "please complete this field".to_owned()));
        }
        let length = filled.and_then(Value::as_str).map_or(0, |text| text.chars().count() as u64);
        let bound = |name: &str| element.get(name).and_then(Value::as_u64);
        if !is_empty && bound("min_length").is_some_and(|least| length < least) {
            return Err(UserActionError::Input(action_id, "too short".to_owned()));
        }
        if bound("max_length").is_some_and(|most| length > most) {
            return Err(UserActionError::Input(action_id, "too long".to_owned()));
        }
        let typed = filled.and_then(Value::as_str).filter(|_| !is_empty);
        if let (Some("number_input"), Some(typed)) = (element["type"].as_str(), typed)
            && let Some(why) = no_number(element, typed)
        {
            return Err(UserActionError::Input(action_id, why.to_owned()));
        }
    }
    Ok(())
}

/// Why the client does not send this as a number.
fn no_number(element: &Value, typed: &str) -> Option<&'static str> {
    let read = |text: &str| number_of(text, element["is_decimal_allowed"] == true);
    let Some(number) = read(typed) else { return Some("please enter a number") };
    let bound = |name: &str| element.get(name).and_then(Value::as_str).and_then(read);
    let is_low = bound("min_value").is_some_and(|least| number < least);
    let is_high = bound("max_value").is_some_and(|most| number > most);
    (is_low || is_high).then_some("out of bounds")
}

/// Handles the app's answer to a submission.
fn settle(world: &mut World, user: &str, view_id: &str, response: Option<&Value>) {
    let action = response.and_then(|response| response.get("response_action"));
    match action.and_then(Value::as_str) {
        None => {
            if let Some(response) = response {
                world.complain(format!("a submission was answered oddly: {response}"));
            }
            world.modals.retain(|view| view.id != view_id);
        }
        Some("clear") => world.modals.retain(|view| view.user != user),
        Some("errors") => {
            let errors = response.and_then(|response| response.get("errors"));
            show_errors(world, view_id, errors.and_then(Value::as_object));
        }
        Some(how @ ("update" | "push")) => {
            let view = response.and_then(|response| response.get("view"));
            put(world, user, view_id, how, view.cloned().unwrap_or(json!({})));
        }
        Some(other) => world.complain(format!("unknown response_action {other}")),
    }
}

fn show_errors(world: &mut World, view_id: &str, errors: Option<&Map<String, Value>>) {
    let inputs: Vec<String> = world
        .modals
        .iter()
        .filter(|view| view.id == view_id)
        .flat_map(View::blocks)
        .filter(|block| block.get("type").and_then(Value::as_str) == Some("input"))
        .filter_map(|block| block.get("block_id").and_then(Value::as_str).map(str::to_owned))
        .collect();
    let mut shown = BTreeMap::new();
    for (block, text) in errors.into_iter().flatten() {
        if !inputs.contains(block) {
            world.complain(format!("an error for {block}, which is no input block"));
        }
        let said = text.as_str().unwrap_or_default();
        if said.trim().is_empty() {
            world.complain(format!("an error for {block} that says nothing"));
        }
        shown.insert(block.clone(), said.to_owned());
    }
    if shown.is_empty() {
        world.complain("a submission was answered with errors that name no input");
    }
    if let Some(view) = world.modal_mut(view_id) {
        view.errors = shown;
    }
}

fn put(world: &mut World, user: &str, view_id: &str, how: &str, view: Value) {
    if let Err(refusal) = check_view(&view) {
        return world.complain(format!("{how} of a view: {}", refusal.words()));
    }
    if how == "push" {
        match open_above(world, user, view) {
            Ok(view) => world.modals.push(view),
            Err(refusal) => world.complain(format!("push of a view: {}", refusal.words())),
        }
        return;
    }
    let made = put_view(world, user, None, view);
    if let Some(open) = world.modal_mut(view_id) {
        open.view = made.view;
        open.hash = made.hash;
        open.filled.clear();
    }
}
