//! Where an answer to somebody can go.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where an answer can go.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyTo {
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

impl fmt::Debug for ReplyTo {
    /// Without what lets somebody else answer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { channel, user, response_url: _, trigger_id: _, thread } = self;
        f.debug_struct("ReplyTo")
            .field("channel", channel)
            .field("user", user)
            .field("thread", thread)
            .finish_non_exhaustive()
    }
}
