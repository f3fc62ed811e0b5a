//! Presses of buttons and choices from menus, in messages, modals and the App Home.

use serde_json::{Value, json};

use super::elements::{self, Found};
use super::{Receipt, TRIGGER_SECONDS, UserActionError};
use crate::slack::message::Message;
use crate::slack::socket::{Envelope, payloads};
use crate::slack::world::{Original, World};
use crate::slack::{Deadline, Workspace};

/// How a button is identified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Press {
    /// By exactly this action id, value or label.
    Exactly(String),
    /// By the beginning of its action id or value; the first such button.
    Starting(String),
}

impl From<&str> for Press {
    fn from(text: &str) -> Self {
        Self::Exactly(text.to_owned())
    }
}

impl From<&String> for Press {
    fn from(text: &String) -> Self {
        Self::Exactly(text.clone())
    }
}

impl Press {
    /// The first button whose action id or value starts with `text`.
    pub fn starting(text: &str) -> Self {
        Self::Starting(text.to_owned())
    }

    fn find(&self, blocks: &[Value]) -> Result<Found, UserActionError> {
        let all = elements::all(blocks);
        let fits = |found: &&Found| {
            let value = found.element.get("value").and_then(Value::as_str).unwrap_or_default();
            match self {
                Self::Exactly(text) => {
                    found.action_id() == text || value == text || found.label() == *text
                }
                Self::Starting(text) => {
                    found.action_id().starts_with(text) || value.starts_with(text)
                }
            }
        };
        all.iter().find(fits).cloned().ok_or_else(|| UserActionError::NoButton {
            wanted: format!("{self:?}"),
            present: all.iter().map(|found| found.action_id().to_owned()).collect(),
        })
    }
}

/// Whether the person's client would allow it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sender {
    Genuine,
    Forged,
}

impl Workspace {
    /// Presses a button that the message has now.
    ///
    /// # Errors
    /// If the person sees no such message or button, or nobody answers.
    pub async fn press(
        &self,
        user: &str,
        channel: &str,
        ts: &str,
        what: impl Into<Press>,
    ) -> Result<Receipt, UserActionError> {
        let message = self.seen(user, channel, ts)?;
        self.act(user, message, &what.into(), None, Sender::Genuine).await
    }

    /// Chooses an option of a menu, or a date, in a message.
    ///
    /// # Errors
    /// As [`Workspace::press`], and if there is no such option.
    pub async fn choose(
        &self,
        user: &str,
        channel: &str,
        ts: &str,
        what: impl Into<Press>,
        value: &str,
    ) -> Result<Receipt, UserActionError> {
        let message = self.seen(user, channel, ts)?;
        self.act(user, message, &what.into(), Some(value), Sender::Genuine).await
    }

    /// Presses a button on the message as it was before its last edit removed the button: a slow
    /// client still shows it.
    ///
    /// # Errors
    /// If no version of the message had the button, or nobody answers.
    pub async fn press_stale(
        &self,
        user: &str,
        channel: &str,
        ts: &str,
        what: impl Into<Press>,
    ) -> Result<Receipt, UserActionError> {
        let what = what.into();
        let mut message = self.seen(user, channel, ts)?;
        let had = message.past.iter().rev().find(|version| what.find(&version.blocks).is_ok());
        if let Some(version) = had.cloned() {
            message.text = version.text;
            message.blocks = version.blocks;
        }
        self.act(user, message, &what, None, Sender::Genuine).await
    }

    /// Sends a press under a user id that need not exist, be in the channel, or be able to see the
    /// message, like a forged request.
    ///
    /// # Errors
    /// If there is no such message or button, or nobody answers.
    pub async fn press_forged(
        &self,
        user: &str,
        channel: &str,
        ts: &str,
        what: impl Into<Press>,
    ) -> Result<Receipt, UserActionError> {
        let found = self.look().message(channel, ts).cloned();
        let message = found.ok_or_else(|| UserActionError::NoMessage(ts.to_owned()))?;
        self.act(user, message, &what.into(), None, Sender::Forged).await
    }

    /// Presses a button, or chooses `value` from a menu, in an open modal or the App Home.
    ///
    /// # Errors
    /// If the person has no such view or button, or nobody answers.
    pub async fn press_in_view(
        &self,
        user: &str,
        view_id: &str,
        what: impl Into<Press>,
        value: Option<&str>,
    ) -> Result<Receipt, UserActionError> {
        let deadline = Deadline::after(self.clock(), TRIGGER_SECONDS);
        let what = what.into();
        let (payload, key) = self.change(|world| {
            let found = world.open_view(user, view_id).cloned();
            let view = found.ok_or_else(|| UserActionError::NoView(view_id.to_owned()))?;
            let found = what.find(view.blocks())?;
            let state = pressed_state(view.blocks(), &found, value)?;
            let action = action(world, self, &found, value)?;
            let trigger = world.new_trigger(user, deadline);
            let key = format!("{view_id}/{}", found.action_id());
            Ok((payloads::view_action(world, &view, &trigger, state, action), key))
        })?;
        let envelope = Envelope::new("interactive", false, payload);
        self.hand_over(&envelope, user, &key).await
    }

    /// The message, if this person can see it.
    fn seen(&self, user: &str, channel: &str, ts: &str) -> Result<Message, UserActionError> {
        let world = self.look();
        if !world.channel(channel).is_some_and(|known| known.has(user)) {
            return Err(UserActionError::NoChannel(user.to_owned(), channel.to_owned()));
        }
        let found = world.message(channel, ts).or_else(|| world.ephemeral(user, ts));
        found.cloned().ok_or_else(|| UserActionError::NoMessage(ts.to_owned()))
    }

    async fn act(
        &self,
        user: &str,
        message: Message,
        what: &Press,
        value: Option<&str>,
        sender: Sender,
    ) -> Result<Receipt, UserActionError> {
        let found = what.find(&message.blocks)?;
        // A button that is a link opens in the browser and still notifies the app.
        let deadline = Deadline::after(self.clock(), TRIGGER_SECONDS);
        let payload = self.change(|world| {
            let state = pressed_state(&message.blocks, &found, value)?;
            let action = action(world, self, &found, value)?;
            let trigger = world.new_trigger(user, deadline);
            let original = Original {
                ts: message.ts.clone(),
                thread_ts: message.thread_ts.clone(),
                is_ephemeral: message.only_for.is_some(),
            };
            let hook = self.response_url(&message.channel, user, Some(original));
            let hook = world.new_response_url("actions", hook);
            let urls = (trigger.as_str(), hook.as_str());
            Ok(payloads::message_action(world, user, &message, urls, state, action))
        })?;
        let envelope = Envelope::new("interactive", false, payload);
        let key = format!("{}/{}", message.ts, found.action_id());
        let result = self.hand_over(&envelope, user, &key).await;
        // Slack does not deliver a press again (inferred): the person sees a warning.
        if let (Err(error), Sender::Genuine) = (&result, sender)
            && let Some(code) = error.code()
        {
            let label = found.label();
            let text = format!("*{label}* did not work: the app did not respond (`{code}`).");
            let now = self.now();
            self.change(|world| world.slackbot(now, &message.channel, user, text));
        }
        result
    }
}

fn pressed_state(
    blocks: &[Value],
    pressed: &Found,
    value: Option<&str>,
) -> Result<Value, UserActionError> {
    elements::state(&elements::all(blocks), |found| {
        let is_it = found.action_id() == pressed.action_id() && found.block_id == pressed.block_id;
        value.filter(|_| is_it).map(|value| vec![value.to_owned()])
    })
}

/// The entry in `actions`.
fn action(
    world: &mut World,
    workspace: &Workspace,
    found: &Found,
    value: Option<&str>,
) -> Result<Value, UserActionError> {
    let mut action = json!({
        "type": found.kind(), "action_id": found.action_id(), "block_id": found.block_id,
        "action_ts": world.next_ts(workspace.now()),
    });
    let Some(object) = action.as_object_mut() else { return Ok(action) };
    if found.kind() == "button" {
        for name in ["text", "value", "style", "confirm", "url"] {
            if let Some(value) = found.element.get(name) {
                object.insert(name.to_owned(), value.clone());
            }
        }
    } else {
        let values: Vec<String> = value.map(str::to_owned).into_iter().collect();
        object.extend(elements::chosen(&found.element, &values)?);
        if let Some(placeholder) = found.element.get("placeholder") {
            object.insert("placeholder".to_owned(), placeholder.clone());
        }
    }
    Ok(action)
}
