//! What people did, in the same shape from every platform.

use std::collections::BTreeSet;

use commands::actor::Whence;
use commands::book::Ask;
use serde::{Deserialize, Serialize};

use crate::chat::Platform;
use crate::{discord, slack};

/// Something that a person did. It is stored before it is acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbound {
    /// The same for every delivery of the same interaction.
    pub key: String,
    /// Who.
    pub who: Who,
    /// What they asked for.
    pub ask: Ask,
    /// Where an answer can go.
    pub reply: Reply,
    /// The channel that the thread is in where they did it; `None` for what is no thread of its own.
    pub parent: Option<String>,
    /// Whether they did it from outside of the workspace or server that the bot works in.
    pub outside: bool,
}

impl Inbound {
    /// From where they ask. `is_configured` says of a channel whether decisions are made there.
    pub fn whence(&self, is_configured: impl Fn(Platform, &str) -> bool) -> Whence {
        let platform = self.reply.platform();
        let named = [Some(self.reply.channel()), self.parent.as_deref()];
        let named = named.into_iter().flatten().any(|channel| is_configured(platform, channel));
        match (self.outside, named) {
            (true, _) => Whence::Outside,
            (false, true) => Whence::Channel,
            (false, false) => Whence::Elsewhere,
        }
    }
}

/// Who did something, as the platform knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// Which platform.
    pub platform: Platform,
    /// Their id there.
    pub id: String,
    /// The roles that the platform said they have, where it says so with the interaction.
    pub roles: BTreeSet<String>,
}

/// Where an answer can go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// To somebody in Slack.
    Slack(slack::ReplyTo),
    /// To somebody in Discord.
    Discord(discord::ReplyTo),
}

impl Reply {
    /// The platform it was asked on.
    pub fn platform(&self) -> Platform {
        match self {
            Self::Slack(_) => Platform::Slack,
            Self::Discord(_) => Platform::Discord,
        }
    }

    /// The channel it was asked in.
    pub fn channel(&self) -> &str {
        match self {
            Self::Slack(to) => &to.channel,
            Self::Discord(to) => &to.channel,
        }
    }
}

impl From<slack::Inbound> for Inbound {
    fn from(interaction: slack::Inbound) -> Self {
        let who = Who { platform: Platform::Slack, id: interaction.user, roles: BTreeSet::new() };
        let ask = match interaction.ask {
            slack::Ask::Command(text) => Ask::Command { text },
            slack::Ask::Home => Ask::Home,
            // Its dialog has asked already, where the button has one.
            slack::Ask::Press { token, .. } => Ask::Press { token, confirmed: true },
            slack::Ask::Form(filled) => Ask::Form(filled),
        };
        let reply = Reply::Slack(interaction.reply);
        Self { key: interaction.key, who, ask, reply, parent: None, outside: false }
    }
}
