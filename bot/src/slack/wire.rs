//! What of Slack's answers is read: no more than is needed, so that nothing new in them can harm.
//!
//! The library's own answers repeat the message with its blocks and fail as a whole on a block that
//! it does not know: a message that was posted would then count as one that was not.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Of `chat.postMessage` and `chat.update`.
#[derive(Debug, Deserialize)]
pub(super) struct Posted {
    pub(super) ts: String,
}

/// Of `conversations.open`.
#[derive(Debug, Deserialize)]
pub(super) struct Opened {
    pub(super) channel: OpenedChannel,
}

#[derive(Debug, Deserialize)]
pub(super) struct OpenedChannel {
    pub(super) id: String,
}

/// Of methods of which only the success matters.
#[derive(Debug, Deserialize)]
pub(super) struct Done {}

/// Of `auth.test`.
#[derive(Debug, Deserialize)]
pub(super) struct AuthTest {
    pub(super) user_id: String,
    #[serde(default)]
    pub(super) bot_id: Option<String>,
    pub(super) team_id: String,
    /// Only of a workspace in an enterprise.
    #[serde(default)]
    pub(super) enterprise_id: Option<String>,
    #[serde(default)]
    pub(super) is_enterprise_install: bool,
    #[serde(default)]
    pub(super) team: String,
}

/// Of `conversations.history` and `conversations.replies`.
#[derive(Debug, Deserialize)]
pub(super) struct Messages {
    #[serde(default)]
    pub(super) messages: Vec<Message>,
    #[serde(default)]
    response_metadata: Option<ResponseMetadata>,
}

impl Messages {
    /// Where the next page begins.
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

/// Of `usergroups.users.list`.
#[derive(Debug, Deserialize)]
pub(super) struct Users {
    pub(super) users: Vec<String>,
}

/// Of `chat.getPermalink`.
#[derive(Debug, Deserialize)]
pub(super) struct Permalink {
    pub(super) permalink: String,
}
