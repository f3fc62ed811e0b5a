//! What people do: type a command, press a button, choose, fill in a modal.
//!
//! Each action waits for the app's first response, like the person's client does. If none comes
//! within 3 s, the person reads that the application did not respond, and the action fails.

mod commands;
mod presses;

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::gateway::intent;
use super::guild::permission;
use super::interaction::{Answer, Interaction, Kind, Response};
use super::message::Message;
use super::world::World;
use super::{Discord, json};
use crate::deadline::Deadline;
pub use presses::Press;

/// How many seconds Discord waits for the first response.
const PATIENCE: u32 = 3;
/// The beginning of an interaction's token: `interaction:` in Base64, like at Discord.
pub const TOKEN_BEGINS: &str = "aW50ZXJhY3Rpb246";
/// How many minutes an interaction's token is valid.
const TOKEN_MINUTES: i64 = 15;

/// The app's response to what a person did.
#[derive(Clone, Debug, PartialEq)]
pub struct Receipt {
    /// The interaction; see [`Discord::redeliver`]. A modal that it opened has the same id.
    pub interaction: String,
    /// The app's first response.
    pub response: Response,
    /// The real time from sending to the response.
    pub took: Duration,
}

/// A choice that autocomplete offers.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The text that the person reads.
    pub name: String,
    /// The value that is sent.
    pub value: Value,
}

/// Why a person could not do it, or saw it fail.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UserActionError {
    /// There is no such channel, or the person does not see it or may not act there.
    #[error("{0} may not act in channel {1}")]
    NoChannel(String, String),
    /// The thread is archived or locked, so its buttons fail.
    #[error("thread {0} is archived or locked")]
    ThreadClosed(String),
    /// Nobody registered this command, or it is hidden from this person.
    #[error("no command {0} is offered")]
    NoCommand(String),
    /// The client does not send the command: this option is missing or does not fit.
    #[error("the option {0} is not filled in as it should be: {1}")]
    Option(String, String),
    /// The message is gone, or this person never could see it.
    #[error("no message {0} is to be seen")]
    NoMessage(String),
    /// The message has no such component that can be used.
    #[error("nothing to press fits {wanted}; there are: {}", .present.join(", "))]
    NoComponent {
        /// The component that was wanted.
        wanted: String,
        /// The custom ids that exist.
        present: Vec<String>,
    },
    /// No such modal is open on this person's screen.
    #[error("no modal {0} is open")]
    NoModal(String),
    /// The client does not send the modal: this input is missing or does not fit.
    #[error("the input {0} is not filled in as it should be: {1}")]
    Input(String, String),
    /// No such interaction was sent.
    #[error("no interaction {0} was sent")]
    NoInteraction(String),
    /// The app is not connected to the gateway.
    #[error("the application did not respond: it is not connected")]
    NoSession,
    /// No response within 3 s.
    #[error("the application did not respond")]
    NoResponse,
}

/// An action of a person before it becomes an interaction.
struct PendingInteraction {
    kind: Kind,
    user: String,
    channel: String,
    source: Option<String>,
    data: Value,
    /// The name of the spinner.
    what: String,
}

impl Discord {
    /// Posts a message in a channel or a thread. Returns its id.
    ///
    /// # Errors
    /// If the person may not do it.
    pub fn say(&self, user: &str, channel: &str, text: &str) -> Result<String, UserActionError> {
        let now = self.now();
        self.change(|world| {
            enter(world, user, channel)?;
            Ok(world.post(now, Message::new(channel, user, text, now)))
        })
    }

    /// Deletes a message, like a moderator.
    pub fn delete(&self, channel: &str, message: &str) {
        self.change(|world| world.remove(channel, message));
    }

    /// Archives or unarchives a thread, and locks or unlocks it, like a moderator.
    pub fn set_thread(&self, thread: &str, archived: bool, locked: bool) {
        let now = self.now();
        self.change(|world| {
            if let Some(state) = world.channel_mut(thread).and_then(super::Channel::thread_mut) {
                (state.archived, state.locked, state.active_at) = (archived, locked, now);
                world.dispatch_channel("THREAD_UPDATE", thread);
            }
        });
    }

    /// Sends the event of an interaction again, as a gateway may. Nobody waits for an answer.
    ///
    /// # Errors
    /// If no such interaction was sent.
    pub fn redeliver(&self, interaction: &str) -> Result<(), UserActionError> {
        self.change(|world| {
            let known = world.interactions.get(interaction);
            let known =
                known.ok_or_else(|| UserActionError::NoInteraction(interaction.to_owned()))?;
            let payload = known.payload.clone();
            world.gateway.dispatch(intent::NONE, "INTERACTION_CREATE", |_| payload.clone());
            Ok(())
        })
    }

    /// Sends the event of an interaction again, in a form that no client knows.
    ///
    /// # Errors
    /// If no such interaction was sent.
    pub fn garble(&self, interaction: &str) -> Result<(), UserActionError> {
        self.change(|world| {
            let known = world.interactions.get(interaction);
            let known =
                known.ok_or_else(|| UserActionError::NoInteraction(interaction.to_owned()))?;
            let mut payload = known.payload.clone();
            payload["data"] = json!(17);
            world.gateway.dispatch(intent::NONE, "INTERACTION_CREATE", |_| payload.clone());
            Ok(())
        })
    }

    async fn interact(
        &self,
        pending: PendingInteraction,
    ) -> Result<(Receipt, Vec<Value>), UserActionError> {
        let deadline = Deadline::after(self.clock(), PATIENCE);
        let (sender, receiver) = oneshot::channel();
        let started = Instant::now();
        let spinner = (pending.user.clone(), pending.what.clone());
        let id = self.change(|world| {
            if !world.gateway.has_session() {
                return Err(UserActionError::NoSession);
            }
            world.busy.insert(spinner.clone());
            Ok(self.send(world, pending, deadline, sender))
        })?;
        let answer = tokio::select! {
            biased;
            answer = receiver => answer.ok(),
            () = deadline.wait(self.clock()) => None,
        };
        self.change(|world| world.busy.remove(&spinner));
        let Answer { response, choices } = answer.ok_or(UserActionError::NoResponse)?;
        Ok((Receipt { interaction: id, response, took: started.elapsed() }, choices))
    }

    fn send(
        &self,
        world: &mut World,
        pending: PendingInteraction,
        deadline: Deadline,
        waiting: oneshot::Sender<Answer>,
    ) -> String {
        let now = self.now();
        let id = world.next_id(now);
        let token = format!("{TOKEN_BEGINS}{}", Uuid::new_v4().simple());
        let payload = payload(world, &pending, &id, &token);
        let mut note = json!({
            "id": id, "type": pending.kind.number(),
            "user": world.person(&pending.user).map(json::user),
            "authorizing_integration_owners": payload["authorizing_integration_owners"],
        });
        if let Some(source) = &pending.source {
            note["interacted_message_id"] = json!(source);
        }
        world.gateway.dispatch(intent::NONE, "INTERACTION_CREATE", |_| payload.clone());
        let interaction = Interaction {
            id: id.clone(),
            token,
            kind: pending.kind,
            user: pending.user,
            channel: pending.channel,
            source: pending.source,
            note,
            payload,
            deadline,
            expires: now + TimeDelta::minutes(TOKEN_MINUTES),
            response: None,
            original: None,
            waiting: Some(waiting),
        };
        world.interactions.insert(id.clone(), interaction);
        id
    }
}

/// Refuses unless this person may act in this channel.
fn enter(world: &World, user: &str, channel: &str) -> Result<(), UserActionError> {
    let known = world.channel(channel).filter(|known| {
        world.may(user, known, permission::VIEW_CHANNEL | permission::USE_APPLICATION_COMMANDS)
    });
    known.map(|_| ()).ok_or_else(|| UserActionError::NoChannel(user.to_owned(), channel.to_owned()))
}

fn payload(world: &World, pending: &PendingInteraction, id: &str, token: &str) -> Value {
    let mut whole = json!({
        "id": id, "application_id": world.app.id, "type": pending.kind.number(), "token": token,
        "version": 1, "data": pending.data, "channel_id": pending.channel, "entitlements": [],
        "attachment_size_limit": 10_485_760,
    });
    let person = world.person(&pending.user);
    whole["locale"] = json!(person.map(|person| person.locale.clone()));
    let Some(channel) = world.channel(&pending.channel) else { return whole };
    whole["channel"] = json::channel(world, channel);
    whole["app_permissions"] = json!(world.permissions(&world.app.id, channel).to_string());
    let guild = channel.guild.as_deref().and_then(|guild| world.guild(guild));
    match (guild, person) {
        (Some(guild), Some(person)) => {
            let mut member = json::member(person);
            member["permissions"] = json!(world.permissions(&pending.user, channel).to_string());
            whole["member"] = member;
            whole["guild_id"] = json!(guild.id);
            whole["guild_locale"] = json!(guild.locale);
            whole["guild"] = json!({ "id": guild.id, "locale": guild.locale, "features": [] });
            whole["context"] = json!(0);
            whole["authorizing_integration_owners"] = json!({ "0": guild.id });
        }
        (_, person) => {
            whole["user"] = json!(person.map(json::user));
            whole["context"] = json!(1);
            whole["authorizing_integration_owners"] = json!({ "0": "0" });
        }
    }
    let source = pending.source.as_deref().and_then(|id| world.message(&pending.channel, id));
    if let Some(source) = source {
        whole["message"] = json::message(world, source);
    }
    whole
}
