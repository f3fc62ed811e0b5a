//! A feed that gave no answer.

use thiserror::Error;

/// Why a feed could not be read. It never holds a key.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FeedError {
    /// Nobody answered, or the answer broke off.
    #[error("{feed} did not answer: {why}")]
    NoAnswer {
        /// Which feed.
        feed: &'static str,
        /// What the network said.
        why: String,
    },
    /// The feed answered that it is too much, several times over.
    #[error("{feed} asks for fewer requests (status {status})")]
    TooMany {
        /// Which feed.
        feed: &'static str,
        /// The HTTP status.
        status: u16,
    },
    /// The feed does not know our key.
    #[error("{feed} does not accept the configured API key")]
    Key {
        /// Which feed.
        feed: &'static str,
    },
    /// The feed answered with an error.
    #[error("{feed} answered with status {status}")]
    Status {
        /// Which feed.
        feed: &'static str,
        /// The HTTP status.
        status: u16,
    },
    /// The feed answered with something that is not what it promises.
    #[error("the answer of {feed} could not be read: {why}")]
    Unreadable {
        /// Which feed.
        feed: &'static str,
        /// Where it went wrong.
        why: String,
    },
    /// The feed was never read, so that its silence means nothing.
    #[error("{feed} has not been read yet")]
    NeverRead {
        /// Which feed.
        feed: &'static str,
    },
    /// The client could not be built.
    #[error("no HTTP client could be built: {0}")]
    Client(String),
}

impl FeedError {
    /// Whether a next question would most likely fare the same, so that asking on is pointless.
    pub(super) fn is_of_the_feed(&self) -> bool {
        match self {
            Self::NoAnswer { .. } | Self::TooMany { .. } | Self::Key { .. } | Self::Client(_) => {
                true
            }
            Self::Status { status, .. } => *status >= 500,
            Self::Unreadable { .. } | Self::NeverRead { .. } => false,
        }
    }

    /// From an error of the client, without the address: a mirror's can hold a password.
    pub(super) fn network(feed: &'static str, error: reqwest::Error) -> Self {
        let error = error.without_url();
        if error.is_decode() {
            return Self::Unreadable { feed, why: words(&error) };
        }
        Self::NoAnswer { feed, why: words(&error) }
    }
}

fn words(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        words.push_str(": ");
        words.push_str(&cause.to_string());
        next = cause.source();
    }
    words
}
