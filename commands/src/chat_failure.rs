//! Failed calls to a chat platform, as data, so that each reader sees them in their own language.
//! What the platform itself said is quoted.

use serde::{Deserialize, Serialize};

/// A call to a chat platform that failed. It never carries the request or the response, because
/// either may contain a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatFailure {
    /// `Slack` or `Discord`.
    pub platform: String,
    /// The platform's own name for the call: `chat.postMessage`, `Create Message`. Empty if no call
    /// was made.
    pub operation: String,
    /// How the call failed.
    pub fault: ChatFault,
}

/// How a call to a chat platform failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatFault {
    /// The platform understood the request and refused it.
    Refused {
        /// The platform's error code: `channel_not_found`, 50001.
        code: Option<String>,
        /// The platform's message, if it sent one beside the code.
        message: Option<String>,
    },
    /// Somebody locked the thread, and we may not unlock it.
    ThreadLocked {
        /// The platform's error code.
        code: String,
    },
    /// The platform limits our rate of calls.
    Limited,
    /// The platform answered with this HTTP status and without an error of its own.
    Status(u16),
    /// There was no connection, so the request was not sent.
    Unreachable {
        /// The network error.
        said: String,
    },
    /// The connection broke; the request may or may not have been sent.
    Broken {
        /// The network error, if there is one.
        said: Option<String>,
    },
    /// The platform did not answer in time.
    NoAnswer {
        /// How long we waited, in seconds.
        seconds: u64,
    },
    /// The response could not be parsed.
    Unreadable,
    /// The channel has too many messages to find ours among them.
    TooManyMessages,
    /// We opened a dialog too late after the press that asked for it.
    TooLateForDialog,
    /// The configuration or the content of the call is unusable. The log has the details.
    Settings,
    /// The configuration no longer describes this platform.
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
