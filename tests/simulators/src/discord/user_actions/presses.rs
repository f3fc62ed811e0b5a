//! Presses of buttons, choices in selects, and submissions of modals.

use serde_json::{Value, json};

use super::{Discord, Kind, PendingInteraction, Receipt, UserActionError, enter};
use crate::discord::message::flat;
use crate::discord::world::World;

/// How a button is identified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Press {
    /// By its label.
    Label(String),
    /// By its custom id.
    Id(String),
    /// By the beginning of its custom id.
    Starting(String),
}

impl Press {
    /// By the beginning of its custom id.
    pub fn starting(prefix: &str) -> Self {
        Self::Starting(prefix.to_owned())
    }

    /// By its custom id.
    pub fn id(id: &str) -> Self {
        Self::Id(id.to_owned())
    }

    fn fits(&self, component: &Value) -> bool {
        match self {
            Self::Label(label) => text(component, "label") == label,
            Self::Id(id) => text(component, "custom_id") == id,
            Self::Starting(prefix) => text(component, "custom_id").starts_with(prefix.as_str()),
        }
    }
}

impl From<&str> for Press {
    fn from(label: &str) -> Self {
        Self::Label(label.to_owned())
    }
}

impl Discord {
    /// Presses a button, identified by its label unless `button` says otherwise.
    ///
    /// # Errors
    /// If the person cannot do it, or nobody responds.
    pub async fn press(
        &self,
        user: &str,
        channel: &str,
        message: &str,
        button: impl Into<Press>,
    ) -> Result<Receipt, UserActionError> {
        let pending = self.on(user, channel, message, &button.into(), None, false)?;
        self.interact(pending).await.map(|(receipt, _)| receipt)
    }

    /// Presses a button of an earlier version of the message, as a slow client can.
    ///
    /// # Errors
    /// If no version had it, or nobody responds.
    pub async fn press_stale(
        &self,
        user: &str,
        channel: &str,
        message: &str,
        button: impl Into<Press>,
    ) -> Result<Receipt, UserActionError> {
        let pending = self.on(user, channel, message, &button.into(), None, true)?;
        self.interact(pending).await.map(|(receipt, _)| receipt)
    }

    /// Chooses these values in the select with this custom id.
    ///
    /// # Errors
    /// If the person cannot do it, or nobody responds.
    pub async fn choose(
        &self,
        user: &str,
        channel: &str,
        message: &str,
        select: &str,
        values: &[&str],
    ) -> Result<Receipt, UserActionError> {
        let press = Press::id(select);
        let pending = self.on(user, channel, message, &press, Some(values), false)?;
        self.interact(pending).await.map(|(receipt, _)| receipt)
    }

    fn on(
        &self,
        user: &str,
        channel: &str,
        message: &str,
        press: &Press,
        values: Option<&[&str]>,
        is_stale: bool,
    ) -> Result<PendingInteraction, UserActionError> {
        let now = self.now();
        let world = self.look();
        enter(&world, user, channel)?;
        let place = world.channel(channel).and_then(super::super::Channel::thread);
        if place.is_some_and(|thread| thread.locked || thread.is_archived(now)) {
            return Err(UserActionError::ThreadClosed(channel.to_owned()));
        }
        let component = component(&world, user, channel, message, press, is_stale)?;
        let mut data = json!({
            "custom_id": component["custom_id"], "component_type": component["type"],
            "id": component["id"],
        });
        if let Some(values) = values {
            let offered = component.get("options").and_then(Value::as_array);
            let is_offered = |value: &&&str| {
                offered.is_none_or(|all| all.iter().any(|option| option["value"] == **value))
            };
            if let Some(wrong) = values.iter().find(|value| !is_offered(value)) {
                let what = text(&component, "custom_id").to_owned();
                return Err(UserActionError::Input(what, format!("{wrong} is not offered")));
            }
            data["values"] = json!(values);
        }
        Ok(PendingInteraction {
            kind: Kind::Component,
            user: user.to_owned(),
            channel: channel.to_owned(),
            source: Some(message.to_owned()),
            what: format!("{message} {}", text(&component, "custom_id")),
            data,
        })
    }

    /// Submits a modal with these values by the custom ids of the inputs; other inputs keep their
    /// values.
    ///
    /// # Errors
    /// If the client would not send it, or nobody responds. The modal then stays open.
    pub async fn submit(
        &self,
        user: &str,
        modal: &str,
        values: &[(&str, &str)],
    ) -> Result<Receipt, UserActionError> {
        let pending = {
            let world = self.look();
            let mut open = world.modals.iter();
            let known = open.find(|known| known.id == modal && known.user == user);
            let known = known.ok_or_else(|| UserActionError::NoModal(modal.to_owned()))?;
            let parts: Result<Vec<Value>, UserActionError> =
                known.components.iter().map(|part| filled(part, values)).collect();
            PendingInteraction {
                kind: Kind::Modal,
                user: user.to_owned(),
                channel: known.channel.clone(),
                source: known.source.clone(),
                what: modal.to_owned(),
                data: json!({ "custom_id": known.custom_id, "components": parts? }),
            }
        };
        let (receipt, _) = self.interact(pending).await?;
        self.dismiss(user, modal);
        Ok(receipt)
    }

    /// Closes a modal. The app is not notified, like at Discord.
    pub fn dismiss(&self, user: &str, modal: &str) {
        self.change(|world| world.modals.retain(|open| open.id != modal || open.user != user));
    }
}

fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn component(
    world: &World,
    user: &str,
    channel: &str,
    message: &str,
    press: &Press,
    is_stale: bool,
) -> Result<Value, UserActionError> {
    let found = world.message(channel, message);
    let found = found.filter(|one| one.only_for.as_deref().is_none_or(|only| only == user));
    let found = found.ok_or_else(|| UserActionError::NoMessage(message.to_owned()))?;
    let versions = found.past.iter().filter(|_| is_stale).flat_map(|past| flat(&past.components));
    let all: Vec<&Value> = versions.chain(found.all_components()).collect();
    let usable = |one: &&&Value| one["disabled"] != true && !text(one, "custom_id").is_empty();
    let chosen = all.iter().filter(usable).find(|one| press.fits(one));
    chosen.map(|one| (*one).clone()).ok_or_else(|| UserActionError::NoComponent {
        wanted: format!("{press:?}"),
        present: all.iter().filter(usable).map(|one| text(one, "custom_id").to_owned()).collect(),
    })
}

/// A part of a modal as the client sends it: rows and labels with the values.
fn filled(part: &Value, values: &[(&str, &str)]) -> Result<Value, UserActionError> {
    let mut sent = json!({ "type": part["type"], "id": part["id"] });
    if let Some(inner) = part.get("components").and_then(Value::as_array) {
        let inner: Result<Vec<Value>, UserActionError> =
            inner.iter().map(|one| input(one, values)).collect();
        sent["components"] = json!(inner?);
    }
    if let Some(inner) = part.get("component") {
        sent["component"] = input(inner, values)?;
    }
    Ok(sent)
}

fn input(input: &Value, values: &[(&str, &str)]) -> Result<Value, UserActionError> {
    let name = text(input, "custom_id");
    let given = values.iter().find(|(id, _)| *id == name).map(|(_, value)| *value);
    let value = given.unwrap_or_else(|| text(input, "value"));
    let wrong = |why: &str| UserActionError::Input(name.to_owned(), why.to_owned());
    if value.is_empty() && input["required"] != false {
        return Err(wrong("it is required"));
    }
    let length = value.chars().count() as u64;
    let bound = |name: &str| input.get(name).and_then(Value::as_u64);
    if !value.is_empty() && bound("min_length").is_some_and(|least| length < least) {
        return Err(wrong("it is too short"));
    }
    if bound("max_length").is_some_and(|most| length > most) {
        return Err(wrong("it is too long"));
    }
    let mut sent = json!({ "type": input["type"], "id": input["id"], "custom_id": name });
    if input["type"] == 4 {
        sent["value"] = json!(value);
    } else {
        let chosen: Vec<&str> = value.split(',').filter(|one| !one.is_empty()).collect();
        sent["values"] = json!(chosen);
    }
    Ok(sent)
}
