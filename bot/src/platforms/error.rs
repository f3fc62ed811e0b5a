//! What goes wrong with a platform, and what to do about it.

use std::time::Duration;

use commands::chat_failure::{ChatFailure, ChatFault};
use thiserror::Error;

use crate::chat::Platform;
use crate::discord::DiscordError;
use crate::slack::SlackError;

/// What went wrong. It never carries what was sent or answered: there may be a secret in it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChatError {
    /// With Slack.
    #[error(transparent)]
    Slack(#[from] SlackError),
    /// With Discord.
    #[error(transparent)]
    Discord(#[from] DiscordError),
    /// A platform that the configuration no longer describes.
    #[error("{0} is not configured")]
    Absent(Platform),
}

/// What a failure is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// The platform or the channel: nothing else can be shown there either.
    Channel,
    /// This message alone: it will be refused again as it is.
    Message,
    /// The message that was to be changed is gone.
    Gone,
    /// This person: nothing that is written to them arrives.
    Person,
}

impl ChatError {
    /// What it is about.
    pub fn about(&self) -> About {
        match self {
            Self::Slack(error) if error.is_about_person() => About::Person,
            Self::Discord(error) if error.is_about_person() => About::Person,
            Self::Slack(error) if error.is_message_gone() => About::Gone,
            Self::Slack(error) if error.is_temporary() || error.is_about_access() => About::Channel,
            Self::Slack(_) => About::Message,
            Self::Discord(error) if error.is_message_gone() => About::Gone,
            Self::Discord(error) if error.is_temporary() || error.is_about_access() => {
                About::Channel
            }
            Self::Discord(_) => About::Message,
            Self::Absent(_) => About::Channel,
        }
    }

    /// What is said of it to people.
    pub fn failure(&self) -> ChatFailure {
        match self {
            Self::Slack(error) => error.failure(),
            Self::Discord(error) => error.failure(),
            Self::Absent(platform) => ChatFailure {
                platform: platform.to_string(),
                operation: String::new(),
                fault: ChatFault::NotConfigured,
            },
        }
    }

    /// Whether the same may succeed a little later.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Slack(error) => error.is_temporary(),
            Self::Discord(error) => error.is_temporary(),
            Self::Absent(_) => false,
        }
    }

    /// Whether it may have been done although this went wrong: look before repeating.
    pub fn may_have_happened(&self) -> bool {
        match self {
            Self::Slack(error) => error.may_have_happened(),
            Self::Discord(error) => error.may_have_happened(),
            Self::Absent(_) => false,
        }
    }

    /// Whether the channel that was meant is not there, or not for us.
    pub fn is_channel_gone(&self) -> bool {
        match self {
            Self::Slack(error) => error.is_channel_gone(),
            Self::Discord(error) => error.is_channel_gone(),
            Self::Absent(_) => false,
        }
    }

    /// How long the platform wants to be left alone, if it said so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Slack(error) => error.retry_after(),
            // Its client waits by itself.
            Self::Discord(_) | Self::Absent(_) => None,
        }
    }

    /// Whether a dialog came too late for the press that asked for it.
    pub fn is_too_late_for_dialog(&self) -> bool {
        matches!(
            self,
            Self::Slack(SlackError::TooLateForDialog)
                | Self::Discord(DiscordError::TooLateForDialog)
        )
    }
}
