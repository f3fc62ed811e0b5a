//! The errors of the platforms, and how to react to them.

use std::time::Duration;

use commands::chat_failure::{ChatFailure, ChatFault};
use thiserror::Error;

use crate::chat::Platform;
use crate::discord::DiscordError;
use crate::slack::SlackError;

/// A failed call to a platform. It never carries what was sent or answered, because that may
/// contain a secret.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChatError {
    /// A call to Slack failed.
    #[error(transparent)]
    Slack(#[from] SlackError),
    /// A call to Discord failed.
    #[error(transparent)]
    Discord(#[from] DiscordError),
    /// The configuration no longer describes the platform.
    #[error("{0} is not configured")]
    Absent(Platform),
}

/// What a failure concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// The platform or the channel: nothing else can be shown there either.
    Channel,
    /// This message alone: unchanged, it will be refused again.
    Message,
    /// The message to edit no longer exists.
    Gone,
    /// This person: no message can reach them.
    Person,
}

impl ChatError {
    /// What the failure concerns.
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

    /// The failure as people read it.
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

    /// Whether the same call may succeed later.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Slack(error) => error.is_temporary(),
            Self::Discord(error) => error.is_temporary(),
            Self::Absent(_) => false,
        }
    }

    /// Whether the platform may have done what was requested despite the error. Then the bot
    /// searches before it repeats the call.
    pub fn may_have_happened(&self) -> bool {
        match self {
            Self::Slack(error) => error.may_have_happened(),
            Self::Discord(error) => error.may_have_happened(),
            Self::Absent(_) => false,
        }
    }

    /// Whether the channel does not exist, or the bot has no access to it.
    pub fn is_channel_gone(&self) -> bool {
        match self {
            Self::Slack(error) => error.is_channel_gone(),
            Self::Discord(error) => error.is_channel_gone(),
            Self::Absent(_) => false,
        }
    }

    /// How long the platform asks us to wait, if it says so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Slack(error) => error.retry_after(),
            // Discord's client waits by itself.
            Self::Discord(_) | Self::Absent(_) => None,
        }
    }

    /// Whether a dialog came too late after the button press that asked for it.
    pub fn is_too_late_for_dialog(&self) -> bool {
        matches!(
            self,
            Self::Slack(SlackError::TooLateForDialog)
                | Self::Discord(DiscordError::TooLateForDialog)
        )
    }
}
