//! What goes wrong with Discord, and whether trying again makes sense.

use std::error::Error as _;

use commands::chat_failure::{ChatFailure, ChatFault};
use serenity::http::HttpError;
use thiserror::Error;

/// What went wrong. It never carries an address or what was sent: there may be a secret in them.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DiscordError {
    /// Discord understood and said no.
    #[error("Discord refused {operation}: {code} {message}")]
    Refused {
        /// What was asked, by the name that Discord's documentation gives it.
        operation: &'static str,
        /// Discord's code, such as 10008; 0 where it gave none.
        code: i64,
        /// The status of HTTP.
        status: u16,
        /// Discord's word for it.
        message: String,
    },
    /// There was no answer that could be read.
    #[error("no usable answer from Discord to {operation}: {}", why.as_deref().unwrap_or("the client gave up"))]
    Broken {
        /// What was asked, by the name that Discord's documentation gives it.
        operation: &'static str,
        /// What the network said, if anything.
        why: Option<String>,
    },
    /// The answer could not be read.
    #[error("the answer of Discord to {operation} cannot be read: {why} error in JSON")]
    Unreadable {
        /// What was asked, by the name that Discord's documentation gives it.
        operation: &'static str,
        /// What kind of fault it is.
        why: String,
    },
    /// More messages than are looked through.
    #[error("too many messages to look through with {operation}")]
    TooManyMessages {
        /// What was asked, by the name that Discord's documentation gives it.
        operation: &'static str,
    },
    /// The press is too long ago, or was used up.
    #[error("the press is too long ago for a dialog")]
    TooLateForDialog,
    /// What was configured cannot be used.
    #[error("{0}")]
    Settings(String),
}

/// What is refused where a thread is locked and we may not manage threads.
pub(super) const REVIVING: &str = "Modify Channel";
/// Unknown message.
const MESSAGE_GONE: [i64; 1] = [10_008];
/// Unknown channel.
const CHANNEL_GONE: i64 = 10_003;
/// Unknown channel, guild, application; no access; no permission; not authorised.
const ACCESS: [i64; 7] = [10_002, CHANNEL_GONE, 10_004, 40_001, 50_001, 50_013, 50_014];
/// The interaction is unknown, its token is no longer good, or its webhook is gone.
const EXPIRED: [i64; 3] = [10_062, 50_027, 10_015];

/// Unknown user; cannot send messages to this user; no server in common with them.
const PERSON: [i64; 3] = [10_013, 50_007, 50_278];

impl DiscordError {
    /// Whether this person cannot be written to at all.
    pub fn is_about_person(&self) -> bool {
        self.code().is_some_and(|code| PERSON.contains(&code))
    }

    /// Whether the same call may succeed a little later.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Refused { status, .. } => *status >= 500 || *status == 429,
            Self::Broken { .. } | Self::Unreadable { .. } | Self::TooManyMessages { .. } => true,
            Self::TooLateForDialog | Self::Settings(_) => false,
        }
    }

    /// Whether the token itself is refused, and will be until somebody has mended it.
    pub fn is_of_token(&self) -> bool {
        matches!(self, Self::Refused { status: 401, .. })
    }

    /// Whether Discord may have done what was asked although this went wrong: look before repeating.
    pub fn may_have_happened(&self) -> bool {
        match self {
            Self::Refused { status, .. } => *status >= 500,
            Self::Broken { .. } | Self::Unreadable { .. } | Self::TooManyMessages { .. } => true,
            Self::TooLateForDialog | Self::Settings(_) => false,
        }
    }

    /// Whether the message that was meant is no longer there.
    pub fn is_message_gone(&self) -> bool {
        self.code().is_some_and(|code| MESSAGE_GONE.contains(&code))
    }

    /// Whether the channel that was meant is no longer there.
    pub fn is_channel_gone(&self) -> bool {
        self.code() == Some(CHANNEL_GONE)
    }

    /// Whether Discord lets us do nothing in this channel, or nothing at all.
    pub fn is_about_access(&self) -> bool {
        // Without a code of Discord's it comes from what stands before Discord, and bans who goes on.
        let unauthorised = matches!(
            self,
            Self::Refused { status: 401, .. } | Self::Refused { status: 403, code: ..=0, .. }
        );
        unauthorised
            || matches!(self, Self::Settings(_))
            || self.code().is_some_and(|code| ACCESS.contains(&code))
    }

    /// Whether what was pressed or typed is too long ago for a private answer.
    pub fn is_expired(&self) -> bool {
        self.code().is_some_and(|code| EXPIRED.contains(&code))
    }

    /// Discord's code.
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

    /// What is said of it to people.
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
                // Where exactly a message is refused helps whoever reads the log; values do not.
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
