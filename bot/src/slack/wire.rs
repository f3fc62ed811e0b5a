//! The parts of Slack's responses that the bot reads: no more than it needs, so that new members do
//! no harm.
//!
//! The library's own types repeat the message with its blocks and fail entirely on a block that
//! they do not know: a message that was posted would then count as not posted.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The response of `chat.postMessage` and `chat.update`.
#[derive(Debug, Deserialize)]
pub(super) struct Posted {
    pub(super) ts: String,
}

/// The response of `conversations.open`.
#[derive(Debug, Deserialize)]
pub(super) struct Opened {
    pub(super) channel: OpenedChannel,
}

#[derive(Debug, Deserialize)]
pub(super) struct OpenedChannel {
    pub(super) id: String,
}

/// The response of methods of which only the success matters.
#[derive(Debug, Deserialize)]
pub(super) struct Done {}

/// The response of `auth.test`.
#[derive(Debug, Deserialize)]
pub(super) struct AuthTest {
    pub(super) user_id: String,
    #[serde(default)]
    pub(super) bot_id: Option<String>,
    pub(super) team_id: String,
    /// Present only for a workspace in an enterprise.
    #[serde(default)]
    pub(super) enterprise_id: Option<String>,
    #[serde(default)]
    pub(super) is_enterprise_install: bool,
    #[serde(default)]
    pub(super) team: String,
}

/// The response of `conversations.history` and `conversations.replies`.
#[derive(Debug, Deserialize)]
pub(super) struct Messages {
    #[serde(default)]
    pub(super) messages: Vec<Message>,
    #[serde(default)]
    response_metadata: Option<ResponseMetadata>,
}

impl Messages {
    /// The cursor of the next page.
    pub(super) fn next(&self) -> Option<String> {
        let metadata = self.response_metadata.as_ref()?;
        metadata.next_cursor.clone().filter(|cursor| !cursor.is_empty())
    }
}

#[derive(Debug, Deserialize)]
struct ResponseMetadata {
    #[serde(default)]
    next_cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Message {
    pub(super) ts: String,
    #[serde(default)]
    pub(super) user: Option<String>,
    #[serde(default)]
    pub(super) bot_id: Option<String>,
    #[serde(default)]
    pub(super) metadata: Option<Metadata>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    #[serde(default)]
    pub(super) event_type: String,
    #[serde(default)]
    pub(super) event_payload: BTreeMap<String, serde_json::Value>,
}

/// The response of `usergroups.users.list`.
#[derive(Debug, Deserialize)]
pub(super) struct Users {
    pub(super) users: Vec<String>,
}

/// The response of `chat.getPermalink`.
#[derive(Debug, Deserialize)]
pub(super) struct Permalink {
    pub(super) permalink: String,
}
