//! Where an answer to somebody can go.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::chat::Platform;

/// Where an answer can go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// To somebody in Slack.
    Slack(SlackReply),
    /// To somebody in Discord.
    Discord(DiscordReply),
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

/// Where an answer to somebody in Slack can go.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlackReply {
    /// The channel it was asked in.
    pub channel: String,
    /// Whom to answer.
    pub user: String,
    /// Takes five answers within 30 minutes. It is a secret: who has it can write there.
    pub response_url: Option<String>,
    /// Opens one dialog within 3 seconds.
    pub trigger_id: Option<String>,
    /// The thread that it was asked in.
    pub thread: Option<String>,
}

impl fmt::Debug for SlackReply {
    /// Without what lets somebody else answer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { channel, user, response_url: _, trigger_id: _, thread } = self;
        f.debug_struct("SlackReply")
            .field("channel", channel)
            .field("user", user)
            .field("thread", thread)
            .finish_non_exhaustive()
    }
}

/// Where an answer to somebody in Discord can go.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscordReply {
    /// The channel it was asked in.
    pub channel: String,
    /// Whom to answer.
    pub user: String,
    /// The id of what they did.
    pub interaction: String,
    /// Takes answers for 15 minutes. It is a secret: who has it can write there.
    pub token: String,
    /// Whether Discord was told that an answer will follow; a dialog can be opened only if not.
    pub deferred: bool,
    /// Whether what was pressed stands on a message of their own, and the answer takes its place.
    #[serde(default)]
    pub replaces: bool,
}

impl fmt::Debug for DiscordReply {
    /// Without what lets somebody else answer.
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
