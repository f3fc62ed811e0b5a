//! The errors of Slack, and whether a retry makes sense.

use std::error::Error;
use std::time::Duration;

use commands::chat_failure::{ChatFailure, ChatFault};
use slack_morphism::errors::SlackClientError;
use thiserror::Error;

/// A failed call to Slack. It never carries what was sent or answered, because that may contain a
/// secret.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SlackError {
    /// Slack understood the request and refused it.
    #[error("Slack refused {method}: {code}")]
    Refused {
        /// The method of Slack's Web API.
        method: &'static str,
        /// Slack's error code, such as `channel_not_found`.
        code: String,
    },
    /// The button press is too old to open a dialog: Slack allows 3 seconds.
    #[error("the button press is too old to open a dialog")]
    TooLateForDialog,
    /// Too many calls, and Slack asks for a longer wait than a call waits.
    #[error("Slack limits {method}")]
    Limited {
        /// The method of the Web API.
        method: &'static str,
        /// How long Slack asks us to wait, if it says so.
        retry_after: Option<Duration>,
    },
    /// The response is not one of Slack's Web API.
    #[error("Slack answered {method} with HTTP status {status}")]
    Status {
        /// The method of the Web API.
        method: &'static str,
        /// The HTTP status.
        status: u16,
    },
    /// There was no connection, so nothing was sent.
    #[error("no connection to Slack for {method}: {why}")]
    Unreachable {
        /// The method of the Web API.
        method: &'static str,
        /// The network error.
        why: String,
    },
    /// The connection broke, and the request may or may not have been sent.
    #[error("the connection to Slack broke in {method}: {}", why.as_deref().unwrap_or("no cause given"))]
    Broken {
        /// The method of the Web API.
        method: &'static str,
        /// The network error, if there was one.
        why: Option<String>,
    },
    /// No response arrived in time.
    #[error("no answer from Slack to {method} within {} s", after.as_secs())]
    NoAnswer {
        /// The method of the Web API.
        method: &'static str,
        /// How long the bot waited.
        after: Duration,
    },
    /// The response could not be parsed.
    #[error("the answer of Slack to {method} cannot be read: {why}")]
    Unreadable {
        /// The method of the Web API.
        method: &'static str,
        /// Where parsing failed.
        why: String,
    },
    /// The search met more messages than it reads.
    #[error("too many messages to look through with {method}")]
    TooManyMessages {
        /// The method of the Web API.
        method: &'static str,
    },
    /// The settings cannot be used.
    #[error("{0}")]
    Settings(String),
}

/// Slack's codes for a token that is wrong, of another kind, revoked or expired.
const TOKEN: [&str; 7] = [
    "invalid_auth",
    "not_authed",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "not_allowed_token_type",
    "missing_scope",
];

impl SlackError {
    /// Whether the same call may succeed later.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Refused { code, .. } => TEMPORARY.contains(&code.as_str()),
            Self::Status { status, .. } => *status >= 500,
            Self::Limited { .. }
            | Self::Unreachable { .. }
            | Self::Broken { .. }
            | Self::NoAnswer { .. }
            | Self::Unreadable { .. }
            | Self::TooManyMessages { .. } => true,
            Self::TooLateForDialog | Self::Settings(_) => false,
        }
    }

    /// Whether Slack refuses the token itself, which lasts until somebody replaces it.
    pub fn is_of_token(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if TOKEN.contains(&code.as_str()))
    }

    /// How long Slack asks us to wait, if it says so.
    pub fn retry_after(&self) -> Option<Duration> {
        let Self::Limited { retry_after, .. } = self else { return None };
        *retry_after
    }

    /// Whether Slack may have done what was requested despite the error. Then the bot searches
    /// before it repeats the call.
    pub fn may_have_happened(&self) -> bool {
        match self {
            Self::Refused { code, .. } => TEMPORARY.contains(&code.as_str()),
            Self::Status { status, .. } => *status >= 500,
            Self::Broken { .. }
            | Self::NoAnswer { .. }
            | Self::Unreadable { .. }
            | Self::TooManyMessages { .. } => true,
            Self::TooLateForDialog
            | Self::Limited { .. }
            | Self::Unreachable { .. }
            | Self::Settings(_) => false,
        }
    }

    /// Whether the message no longer exists because somebody deleted it, or is no longer ours to
    /// edit because the app was reinstalled.
    pub fn is_message_gone(&self) -> bool {
        const GONE: [&str; 4] =
            ["cant_update_message", "edit_window_closed", "message_not_found", "thread_not_found"];
        matches!(self, Self::Refused { code, .. } if GONE.contains(&code.as_str()))
    }

    /// Whether the channel does not exist, or the bot has no access to it.
    pub fn is_channel_gone(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if code == "channel_not_found")
    }

    /// Whether the bot cannot write to this person at all.
    pub fn is_about_person(&self) -> bool {
        const PERSON: [&str; 5] = [
            "cannot_dm_bot",
            "user_disabled",
            "user_not_found",
            "user_not_visible",
            "users_not_found",
        ];
        matches!(self, Self::Refused { code, .. } if PERSON.contains(&code.as_str()))
    }

    /// Whether Slack permits the bot nothing in this channel, or nothing at all, for now.
    pub fn is_about_access(&self) -> bool {
        const ACCESS: [&str; 24] = [
            "access_denied",
            "account_inactive",
            "channel_not_found",
            "ekm_access_denied",
            "enterprise_is_restricted",
            "invalid_auth",
            "invalid_user_combination",
            "is_archived",
            "message_limit_exceeded",
            "messages_tab_disabled",
            "method_not_supported_for_channel_type",
            "missing_scope",
            "no_permission",
            "not_allowed_token_type",
            "not_authed",
            "not_in_channel",
            "org_login_required",
            "restricted_action",
            "restricted_action_non_threadable_channel",
            "restricted_action_read_only_channel",
            "restricted_action_thread_only_channel",
            "team_access_not_granted",
            "token_expired",
            "token_revoked",
        ];
        matches!(self, Self::Refused { code, .. } if ACCESS.contains(&code.as_str()))
            || matches!(self, Self::Settings(_))
            || matches!(self, Self::Status { status, .. } if *status < 500)
    }

    /// Whether Slack refused the blocks, so that simpler ones may be accepted.
    pub(super) fn is_about_blocks(&self) -> bool {
        const BLOCKS: [&str; 6] = [
            "invalid_blocks",
            "invalid_blocks_format",
            "msg_blocks_too_long",
            "blocks_too_long",
            "too_many_blocks",
            "unsupported_block_type",
        ];
        matches!(self, Self::Refused { code, .. } if BLOCKS.contains(&code.as_str()))
    }

    /// The failure as people read it.
    pub fn failure(&self) -> ChatFailure {
        let (operation, fault) = match self {
            Self::Refused { method, code } => {
                (*method, ChatFault::Refused { code: Some(code.clone()), message: None })
            }
            Self::TooLateForDialog => ("", ChatFault::TooLateForDialog),
            Self::Limited { method, .. } => (*method, ChatFault::Limited),
            Self::Status { method, status } => (*method, ChatFault::Status(*status)),
            Self::Unreachable { method, why } => {
                (*method, ChatFault::Unreachable { said: why.clone() })
            }
            Self::Broken { method, why } => (*method, ChatFault::Broken { said: why.clone() }),
            Self::NoAnswer { method, after } => {
                (*method, ChatFault::NoAnswer { seconds: after.as_secs() })
            }
            Self::Unreadable { method, .. } => (*method, ChatFault::Unreadable),
            Self::TooManyMessages { method } => (*method, ChatFault::TooManyMessages),
            Self::Settings(_) => ("", ChatFault::Settings),
        };
        ChatFailure { platform: "Slack".into(), operation: operation.into(), fault }
    }

    pub(super) fn of(method: &'static str, error: SlackClientError) -> Self {
        match error {
            SlackClientError::ApiError(error) => Self::Refused { method, code: code(&error.code) },
            SlackClientError::HttpError(error) => {
                Self::Status { method, status: error.status_code.as_u16() }
            }
            SlackClientError::RateLimitError(error) => {
                Self::Limited { method, retry_after: error.retry_after }
            }
            SlackClientError::ProtocolError(error) => {
                Self::Unreadable { method, why: place(&error.json_error) }
            }
            SlackClientError::HttpProtocolError(error) => match error.cause {
                Some(cause) => Self::network(method, cause.as_ref()),
                None => Self::Broken { method, why: None },
            },
            SlackClientError::SystemError(error) => match error.cause {
                Some(cause) => Self::network(method, cause.as_ref()),
                None => Self::Broken { method, why: None },
            },
            SlackClientError::EndOfStream(_) | SlackClientError::SocketModeProtocolError(_) => {
                Self::Broken { method, why: None }
            }
        }
    }

    fn network(method: &'static str, cause: &(dyn Error + Send + Sync + 'static)) -> Self {
        let why = chain(cause);
        let legacy = cause.downcast_ref::<hyper_util::client::legacy::Error>();
        if legacy.is_some_and(hyper_util::client::legacy::Error::is_connect) {
            Self::Unreachable { method, why }
        } else {
            Self::Broken { method, why: Some(why) }
        }
    }
}

/// Codes that concern Slack itself and not the request.
const TEMPORARY: [&str; 7] = [
    "fatal_error",
    "internal_error",
    "rate_limited",
    "ratelimited",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
];

/// Slack's codes are words with underscores; the log does not repeat anything else.
fn code(text: &str) -> String {
    let fine =
        text.len() <= 80 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-. ".contains(&b));
    if fine { text.to_owned() } else { "?".to_owned() }
}

/// Where and why parsing failed. The message of a JSON error can quote values; its category cannot.
fn place(error: &serde_json::Error) -> String {
    format!("{:?} error at line {} column {}", error.classify(), error.line(), error.column())
}

fn chain(error: &(dyn Error + 'static)) -> String {
    let mut all = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        all.push_str(": ");
        all.push_str(&error.to_string());
        next = error.source();
    }
    all
}
