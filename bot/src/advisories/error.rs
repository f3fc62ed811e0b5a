//! The errors of the advisory feeds.

use thiserror::Error;

/// Why a feed could not be read. It never holds a key.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FeedError {
    /// No connection came about, or the response broke off.
    #[error("{feed} did not answer: {why}")]
    NoAnswer {
        /// The name of the feed, such as `the NVD`.
        feed: &'static str,
        /// The network error, without the address of the feed.
        why: String,
    },
    /// The feed kept answering that it gets too many requests.
    #[error("{feed} asks for fewer requests (status {status})")]
    TooMany {
        /// The name of the feed.
        feed: &'static str,
        /// The HTTP status, such as 429.
        status: u16,
    },
    /// The feed does not accept our API key.
    #[error("{feed} does not accept the configured API key")]
    Key {
        /// The name of the feed.
        feed: &'static str,
    },
    /// The feed answered with an error status.
    #[error("{feed} answered with status {status}")]
    Status {
        /// The name of the feed.
        feed: &'static str,
        /// The HTTP status.
        status: u16,
    },
    /// The response does not have the documented format.
    #[error("the answer of {feed} could not be read: {why}")]
    Unreadable {
        /// The name of the feed.
        feed: &'static str,
        /// Where the response deviates from the format.
        why: String,
    },
    /// The feed has not been read yet, so the absence of an entry means nothing.
    #[error("{feed} has not been read yet")]
    NeverRead {
        /// The name of the feed.
        feed: &'static str,
    },
    /// The HTTP client could not be built.
    #[error("no HTTP client could be built: {0}")]
    Client(String),
}

impl FeedError {
    /// Whether the next request would most likely fail in the same way, so that more requests are
    /// pointless.
    pub(super) fn is_of_the_feed(&self) -> bool {
        match self {
            Self::NoAnswer { .. } | Self::TooMany { .. } | Self::Key { .. } | Self::Client(_) => {
                true
            }
            Self::Status { status, .. } => *status >= 500,
            Self::Unreadable { .. } | Self::NeverRead { .. } => false,
        }
    }

    /// Converts an error of the HTTP client and removes the address: that of a mirror can contain a
    /// password.
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
