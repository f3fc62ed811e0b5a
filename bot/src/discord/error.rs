//! The errors of Discord, and whether a retry makes sense.

use std::error::Error as _;

use commands::chat_failure::{ChatFailure, ChatFault};
use serenity::http::HttpError;
use thiserror::Error;

/// A failed call to Discord. It never carries an address or what was sent, because they may contain
/// a secret.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DiscordError {
    /// Discord understood the request and refused it.
    #[error("Discord refused {operation}: {code} {message}")]
    Refused {
        /// The operation, by its name in Discord's documentation.
        operation: &'static str,
        /// Discord's code, such as 10008; 0 if the response had none.
        code: i64,
        /// The HTTP status.
        status: u16,
        /// Discord's message about the refusal.
        message: String,
    },
    /// No readable response arrived.
    #[error("no usable answer from Discord to {operation}: {}", why.as_deref().unwrap_or("the client gave up"))]
    Broken {
        /// The operation, by its name in Discord's documentation.
        operation: &'static str,
        /// The network error, if there was one.
        why: Option<String>,
    },
    /// The response could not be parsed.
    #[error("the answer of Discord to {operation} cannot be read: {why} error in JSON")]
    Unreadable {
        /// The operation, by its name in Discord's documentation.
        operation: &'static str,
        /// The kind of fault.
        why: String,
    },
    /// The search met more messages than it reads.
    #[error("too many messages to look through with {operation}")]
    TooManyMessages {
        /// The operation, by its name in Discord's documentation.
        operation: &'static str,
    },
    /// The button press is too old to open a dialog, or has already opened one.
    #[error("the button press is too old to open a dialog")]
    TooLateForDialog,
    /// The settings cannot be used.
    #[error("{0}")]
    Settings(String),
}

/// The operation that fails when a thread is locked and the bot may not manage threads.
pub(super) const REVIVING: &str = "Modify Channel";
/// Unknown message.
const MESSAGE_GONE: [i64; 1] = [10_008];
/// Unknown channel.
const CHANNEL_GONE: i64 = 10_003;
/// Unknown channel, guild, application; no access; no permission; not authorised.
const ACCESS: [i64; 7] = [10_002, CHANNEL_GONE, 10_004, 40_001, 50_001, 50_013, 50_014];
/// The interaction is unknown, its token has expired, or its webhook is gone.
const EXPIRED: [i64; 3] = [10_062, 50_027, 10_015];

/// Unknown user; the bot cannot send messages to this user; no server in common with them.
const PERSON: [i64; 3] = [10_013, 50_007, 50_278];

impl DiscordError {
    /// Whether the bot cannot write to this person at all.
    pub fn is_about_person(&self) -> bool {
        self.code().is_some_and(|code| PERSON.contains(&code))
    }

    /// Whether the same call may succeed later.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Refused { status, .. } => *status >= 500 || *status == 429,
            Self::Broken { .. } | Self::Unreadable { .. } | Self::TooManyMessages { .. } => true,
            Self::TooLateForDialog | Self::Settings(_) => false,
        }
    }

    /// Whether Discord refuses the token itself, which lasts until somebody replaces it.
    pub fn is_of_token(&self) -> bool {
        matches!(self, Self::Refused { status: 401, .. })
    }

    /// Whether Discord may have done what was requested despite the error. Then the bot searches
    /// before it repeats the call.
    pub fn may_have_happened(&self) -> bool {
        match self {
            Self::Refused { status, .. } => *status >= 500,
            Self::Broken { .. } | Self::Unreadable { .. } | Self::TooManyMessages { .. } => true,
            Self::TooLateForDialog | Self::Settings(_) => false,
        }
    }

    /// Whether the message no longer exists.
    pub fn is_message_gone(&self) -> bool {
        self.code().is_some_and(|code| MESSAGE_GONE.contains(&code))
    }

    /// Whether the channel no longer exists.
    pub fn is_channel_gone(&self) -> bool {
        self.code() == Some(CHANNEL_GONE)
    }

    /// Whether Discord permits the bot nothing in this channel, or nothing at all.
    pub fn is_about_access(&self) -> bool {
        // A status without one of Discord's codes comes from the proxy in front of Discord, which
        // bans clients that go on.
        let unauthorised = matches!(
            self,
            Self::Refused { status: 401, .. } | Self::Refused { status: 403, code: ..=0, .. }
        );
        unauthorised
            || matches!(self, Self::Settings(_))
            || self.code().is_some_and(|code| ACCESS.contains(&code))
    }

    /// Whether the interaction is too old for a private answer.
    pub fn is_expired(&self) -> bool {
        self.code().is_some_and(|code| EXPIRED.contains(&code))
    }

    /// Discord's code, if there is one.
    pub fn code(&self) -> Option<i64> {
        match self {
            Self::Refused { code, .. } => Some(*code),
            Self::Broken { .. }
            | Self::Unreadable { .. }
            | Self::TooManyMessages { .. }
            | Self::TooLateForDialog
            | Self::Settings(_) => None,
        }
    }

    /// The failure as people read it.
    pub fn failure(&self) -> ChatFailure {
        let (operation, fault) = match self {
            Self::Refused { operation, code, .. } if *operation == REVIVING => {
                (*operation, ChatFault::ThreadLocked { code: code.to_string() })
            }
            Self::Refused { operation, code, message, .. } => {
                let (code, message) = (Some(code.to_string()), Some(message.clone()));
                (*operation, ChatFault::Refused { code, message })
            }
            Self::Broken { operation, why } => {
                (*operation, ChatFault::Broken { said: why.clone() })
            }
            Self::Unreadable { operation, .. } => (*operation, ChatFault::Unreadable),
            Self::TooManyMessages { operation } => (*operation, ChatFault::TooManyMessages),
            Self::TooLateForDialog => ("", ChatFault::TooLateForDialog),
            Self::Settings(_) => ("", ChatFault::Settings),
        };
        ChatFailure { platform: "Discord".into(), operation: operation.into(), fault }
    }

    pub(super) fn of(operation: &'static str, error: serenity::Error) -> Self {
        match error {
            serenity::Error::Http(HttpError::UnsuccessfulRequest(answer)) => {
                // The positions of the refused fields help the reader of the log; their values do
                // not.
                let places: Vec<&str> =
                    answer.error.errors.iter().map(|one| one.path.as_str()).collect();
                let message: String = answer.error.message.chars().take(200).collect();
                let message = if places.is_empty() {
                    message
                } else {
                    format!("{message} ({})", places.join(", "))
                };
                let code = i64::try_from(answer.error.code).unwrap_or_default();
                Self::Refused { operation, code, status: answer.status_code.as_u16(), message }
            }
            serenity::Error::Http(HttpError::Request(error)) => {
                let error = error.without_url();
                let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
                Self::Broken { operation, why: Some(why) }
            }
            serenity::Error::Json(error) => {
                Self::Unreadable { operation, why: format!("{:?}", error.classify()) }
            }
            _ => Self::Broken { operation, why: None },
        }
    }
}
