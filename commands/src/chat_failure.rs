//! A chat platform did not do what was asked of it, typed so that everybody reads it in their own
//! language. What the platform itself said is quoted.

use serde::{Deserialize, Serialize};

/// What went wrong with a chat platform. It never carries what was sent or answered: there may be a
/// secret in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatFailure {
    /// `Slack` or `Discord`.
    pub platform: String,
    /// What was asked, by the platform's own name for it: `chat.postMessage`, `Create Message`. Empty
    /// where nothing was asked.
    pub operation: String,
    /// What happened.
    pub fault: ChatFault,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatFault {
    /// The platform understood and said no.
    Refused {
        /// Its code: `channel_not_found`, 50001.
        code: Option<String>,
        /// Its words, where it has some beside the code.
        message: Option<String>,
    },
    /// Somebody locked the thread, and we may not open it again.
    ThreadLocked {
        /// The platform's code.
        code: String,
    },
    /// Too many calls.
    Limited,
    /// It answered with this status of HTTP and nothing of its own.
    Status(u16),
    /// There was no connection, so nothing was sent.
    Unreachable {
        /// What the network said.
        said: String,
    },
    /// The connection broke, after the request was sent or not.
    Broken {
        /// What the network said, if anything.
        said: Option<String>,
    },
    /// No answer came in time.
    NoAnswer {
        /// How long it was waited for.
        seconds: u64,
    },
    /// The answer could not be read.
    Unreadable,
    /// A channel has too many messages to find ours among them.
    TooManyMessages,
    /// A dialog came too late for the press that asked for it.
    TooLateForDialog,
    /// What is configured, or what was to be sent, cannot be used. The log says what.
    Settings,
    /// The configuration no longer describes the platform.
    NotConfigured,
}

#[cfg(test)]
mod tests {
    use super::*;

    impl From<&str> for ChatFailure {
        fn from(code: &str) -> Self {
            let fault = ChatFault::Refused { code: Some(code.into()), message: None };
            Self { platform: "Slack".into(), operation: "chat.postMessage".into(), fault }
        }
    }
}
