//! What people do: type a command, press a button, fill in a modal.
//!
//! Each action waits for the app's acknowledgement, like the person's client does. If none comes,
//! the person reads why, and the action fails with the same code.

mod elements;
mod forms;
mod presses;

use std::time::Duration;

use serde_json::Value;

use super::message::Message;
use super::socket::{Delivery, Envelope, payloads};
use super::wire::check_content;
use super::world::{ResponseUrl, new_message};
use super::{Deadline, Workspace};
pub(crate) use elements::{label_of, options_of};
pub use presses::Press;

/// How many seconds a `trigger_id` is valid.
const TRIGGER_SECONDS: u32 = 3;
/// How many minutes a `response_url` is valid, and how many answers it accepts.
const HOOK_MINUTES: i64 = 30;
const HOOK_USES: u8 = 5;

/// The app's acknowledgement of what a person did.
#[derive(Clone, Debug, PartialEq)]
pub struct Receipt {
    /// The envelope; see [`Workspace::redeliver`].
    pub envelope_id: String,
    /// The payload of the acknowledgement, if it had one.
    pub response: Option<Value>,
    /// The real time from sending to the acknowledgement.
    pub took: Duration,
}

/// Why a person could not do it, or saw it fail.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UserActionError {
    /// There is no such channel, or the person is not in it.
    #[error("{0} sees no channel {1}")]
    NoChannel(String, String),
    /// Nobody registered this command.
    #[error("{0} is not a valid command")]
    NoCommand(String),
    /// The message is gone, or this person never could see it.
    #[error("no message {0} is to be seen")]
    NoMessage(String),
    /// The message no longer has such a button.
    #[error("no button fits {wanted}; there are: {}", .present.join(", "))]
    NoButton {
        /// The button that was wanted.
        wanted: String,
        /// The action ids that exist.
        present: Vec<String>,
    },
    /// The option is not one of the choices.
    #[error("no option {0} is offered")]
    NoOption(String),
    /// The view is not open on this person's screen.
    #[error("no view {0} is open")]
    NoView(String),
    /// The client does not send the form: this input is missing or does not fit.
    #[error("the input {0} is not filled in as it should be: {1}")]
    Input(String, String),
    /// No such envelope was sent.
    #[error("no envelope {0} was sent")]
    NoEnvelope(String),
    /// The app has no open socket: the person reads `dispatch_failed`.
    #[error("dispatch_failed: the app has no socket open")]
    DispatchFailed,
    /// Nobody acknowledged in time: the person reads `operation_timeout`.
    #[error("operation_timeout: the app did not respond")]
    OperationTimeout,
    /// In HTTP mode the app answered with this status (the codes that people read are inferred).
    #[error("http_client_error or http_service_error: the app answered {0}")]
    HttpStatus(u16),
}

impl UserActionError {
    /// Slack's code, if the fault is the app's.
    fn code(&self) -> Option<&'static str> {
        match self {
            Self::DispatchFailed => Some("dispatch_failed"),
            Self::OperationTimeout => Some("operation_timeout"),
            Self::HttpStatus(status) if *status < 500 => Some("http_client_error"),
            Self::HttpStatus(_) => Some("http_service_error"),
            _ => None,
        }
    }
}

impl Workspace {
    /// Types a whole line such as `/patch status` into the channel.
    ///
    /// # Errors
    /// If the person cannot do it, or nobody answers.
    pub async fn run_command(
        &self,
        user: &str,
        channel: &str,
        line: &str,
    ) -> Result<Receipt, UserActionError> {
        let line = line.trim();
        let (name, text) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let deadline = Deadline::after(self.clock(), TRIGGER_SECONDS);
        let now = self.now();
        let payload = self.change(|world| {
            if !world.channel(channel).is_some_and(|known| known.has(user)) {
                return Err(UserActionError::NoChannel(user.to_owned(), channel.to_owned()));
            }
            let is_known = world.commands.iter().any(|command| command.name == name);
            if !is_known || !world.tokens.bot.scopes.contains("commands") {
                let text = format!("`{name}` is not a valid command.");
                world.slackbot(now, channel, user, text);
                return Err(UserActionError::NoCommand(name.to_owned()));
            }
            let trigger = world.new_trigger(user, deadline);
            let hook = world.new_response_url("commands", self.response_url(channel, user, None));
            let words = (name, text.trim_start());
            let urls = (trigger.as_str(), hook.as_str());
            Ok(payloads::command(world, user, channel, words, urls))
        })?;
        let envelope = Envelope::new("slash_commands", true, payload);
        let result = self.hand_over(&envelope, user, line).await;
        match &result {
            Ok(Receipt { response: Some(response), .. }) => {
                self.show_response(user, channel, response);
            }
            Err(error) => {
                // Slack does not deliver a command again: the person has to repeat it.
                if let Some(code) = error.code() {
                    let text = format!("`{name}` failed with the error \"{code}\"");
                    self.change(|world| world.slackbot(now, channel, user, text));
                }
            }
            Ok(_) => {}
        }
        result
    }

    /// Posts a message in a channel or a thread, as people do between the cards. The three signs of
    /// Slack's markup are escaped, like a client does. Returns the ts.
    ///
    /// # Errors
    /// If the person is not in the channel.
    pub fn say(
        &self,
        user: &str,
        channel: &str,
        text: &str,
        thread_ts: Option<&str>,
    ) -> Result<String, UserActionError> {
        let now = self.now();
        self.change(|world| {
            if !world.channel(channel).is_some_and(|known| known.has(user)) {
                return Err(UserActionError::NoChannel(user.to_owned(), channel.to_owned()));
            }
            let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let mut message = new_message(channel, user, text, Vec::new());
            message.thread_ts = thread_ts.map(str::to_owned);
            Ok(world.post(now, message))
        })
    }

    /// Opens the App Home; the app gets `app_home_opened`, again and again until it acknowledges
    /// it. Returns whether it did.
    pub async fn open_home(&self, user: &str) -> bool {
        let now = self.now();
        let payload = self.change(|world| {
            let channel = world.direct(user);
            let event_id = world.next_id("Ev");
            payloads::home_opened(world, user, &channel, &event_id, now)
        });
        self.deliver_event(payload).await
    }

    /// Sends an envelope again, with the same id and payload, as a network may.
    ///
    /// # Errors
    /// If no such envelope was sent, or nobody acknowledges it.
    pub async fn redeliver(&self, envelope_id: &str) -> Result<Receipt, UserActionError> {
        let found = {
            let world = self.look();
            let mut sent = world.sockets.sent_envelopes();
            sent.find(|envelope| envelope.id == envelope_id).cloned()
        };
        let envelope = found.ok_or_else(|| UserActionError::NoEnvelope(envelope_id.to_owned()))?;
        self.receipt(&envelope).await
    }

    /// Delivers an envelope, and shows a spinner meanwhile.
    async fn hand_over(
        &self,
        envelope: &Envelope,
        user: &str,
        what: &str,
    ) -> Result<Receipt, UserActionError> {
        let key = (user.to_owned(), what.to_owned());
        self.change(|world| world.busy.insert(key.clone()));
        let result = self.receipt(envelope).await;
        self.change(|world| world.busy.remove(&key));
        result
    }

    async fn receipt(&self, envelope: &Envelope) -> Result<Receipt, UserActionError> {
        match self.deliver(envelope).await {
            Delivery::Acknowledged(payload, took) => Ok(Receipt {
                envelope_id: envelope.id.clone(),
                response: Some(payload).filter(|payload| !payload.is_null()),
                took,
            }),
            Delivery::TimedOut => Err(UserActionError::OperationTimeout),
            Delivery::NoSocket => Err(UserActionError::DispatchFailed),
            Delivery::Refused(status) => Err(UserActionError::HttpStatus(status)),
        }
    }

    fn response_url(
        &self,
        channel: &str,
        user: &str,
        original: Option<super::world::Original>,
    ) -> ResponseUrl {
        ResponseUrl {
            channel: channel.to_owned(),
            user: user.to_owned(),
            original,
            uses_left: HOOK_USES,
            expires: self.now() + chrono::TimeDelta::minutes(HOOK_MINUTES),
        }
    }

    /// A slash command's acknowledgement may carry its answer.
    fn show_response(&self, user: &str, channel: &str, response: &Value) {
        let now = self.now();
        self.change(|world| {
            let text = response.as_str().or_else(|| response.get("text").and_then(Value::as_str));
            let content = check_content(world, text, response.get("blocks"), 40_000);
            let (text, blocks) = match content {
                Ok(content) => content,
                Err(refusal) => {
                    return world.complain(format!("a command's answer: {}", refusal.words()));
                }
            };
            let is_public =
                response.get("response_type").and_then(Value::as_str) == Some("in_channel");
            let bot = world.app.user.clone();
            let message = Message {
                only_for: (!is_public).then(|| user.to_owned()),
                ..new_message(channel, &bot, text, blocks)
            };
            world.post(now, message);
        });
    }
}
