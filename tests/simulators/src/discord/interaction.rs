//! Interactions, which the app has to answer, and the modals that may follow.

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::deadline::Deadline;

/// The kinds of interactions, by Discord's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 2: a slash command.
    Command,
    /// 3: a button or a select.
    Component,
    /// 4: the choices for an option while a person types it.
    Autocomplete,
    /// 5: a submitted modal.
    Modal,
}

impl Kind {
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Command => 2,
            Self::Component => 3,
            Self::Autocomplete => 4,
            Self::Modal => 5,
        }
    }
}

/// The app's first response, by Discord's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Response {
    /// 4: a message.
    Message,
    /// 5: a message will follow; the person sees that the app is thinking.
    Deferred,
    /// 6: the message may change later; nothing is shown.
    DeferredUpdate,
    /// 7: the message under the component was changed.
    Update,
    /// 8: the choices of autocomplete.
    Choices,
    /// 9: a modal opened.
    Modal,
}

/// An interaction, as Discord remembers it.
pub(crate) struct Interaction {
    pub(crate) id: String,
    pub(crate) token: String,
    pub(crate) kind: Kind,
    pub(crate) user: String,
    pub(crate) channel: String,
    /// The message with the component, also for a modal that a component opened.
    pub(crate) source: Option<String>,
    /// What the answering message contains about the interaction.
    pub(crate) note: Value,
    pub(crate) payload: Value,
    /// The first response has to come before this.
    pub(crate) deadline: Deadline,
    /// When the token expires.
    pub(crate) expires: DateTime<Utc>,
    pub(crate) response: Option<Response>,
    /// The message that `@original` names.
    pub(crate) original: Option<String>,
    /// The person's client, while it waits.
    pub(crate) waiting: Option<oneshot::Sender<Answer>>,
}

/// What a person's client gets back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) response: Response,
    pub(crate) choices: Vec<Value>,
}

/// A modal on a person's screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Modal {
    /// The id for [`super::Discord::submit`]: the interaction that opened it.
    pub id: String,
    /// The person whose screen it is on.
    pub user: String,
    /// The channel where it was opened.
    pub channel: String,
    /// The app's id for it.
    pub custom_id: String,
    /// Its title.
    pub title: String,
    /// The rows or labels with inputs, as sent.
    pub components: Vec<Value>,
    /// The message whose component opened it.
    pub(crate) source: Option<String>,
}
