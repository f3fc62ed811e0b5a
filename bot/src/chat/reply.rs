//! Where an answer to a person can go.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::chat::Platform;

/// Where an answer can go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// To a person in Slack.
    Slack(SlackReply),
    /// To a person in Discord.
    Discord(DiscordReply),
}

impl Reply {
    /// The platform of the request.
    pub fn platform(&self) -> Platform {
        match self {
            Self::Slack(_) => Platform::Slack,
            Self::Discord(_) => Platform::Discord,
        }
    }

    /// The channel of the request.
    pub fn channel(&self) -> &str {
        match self {
            Self::Slack(to) => &to.channel,
            Self::Discord(to) => &to.channel,
        }
    }
}

/// Where an answer to a person in Slack can go.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlackReply {
    /// The channel of the request.
    pub channel: String,
    /// The user id of the person who asked.
    pub user: String,
    /// Accepts five answers within 30 minutes. It is a secret: anybody who has it can write there.
    pub response_url: Option<String>,
    /// Opens one dialog within 3 seconds.
    pub trigger_id: Option<String>,
    /// The thread of the request; `None` outside a thread.
    pub thread: Option<String>,
}

impl fmt::Debug for SlackReply {
    /// Omits everything that would let somebody else answer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { channel, user, response_url: _, trigger_id: _, thread } = self;
        f.debug_struct("SlackReply")
            .field("channel", channel)
            .field("user", user)
            .field("thread", thread)
            .finish_non_exhaustive()
    }
}

/// Where an answer to a person in Discord can go.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscordReply {
    /// The channel of the request.
    pub channel: String,
    /// The user id of the person who asked.
    pub user: String,
    /// The id of the interaction.
    pub interaction: String,
    /// Accepts answers for 15 minutes. It is a secret: anybody who has it can write there.
    pub token: String,
    /// Whether the bot has already announced an answer to Discord. A dialog can be opened only if
    /// it has not.
    pub deferred: bool,
    /// Whether the button is on a private message of theirs, which the answer replaces.
    #[serde(default)]
    pub replaces: bool,
}

impl fmt::Debug for DiscordReply {
    /// Omits everything that would let somebody else answer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { channel, user, interaction, token: _, deferred, replaces } = self;
        f.debug_struct("DiscordReply")
            .field("channel", channel)
            .field("user", user)
            .field("interaction", interaction)
            .field("deferred", deferred)
            .field("replaces", replaces)
            .finish_non_exhaustive()
    }
}
