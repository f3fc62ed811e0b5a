//! What stands in a channel, and what is open on someone's screen.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::workspace::{App, Team};

/// A message, public or for one person's eyes.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// The channel it stands in.
    pub channel: String,
    /// Its id within the channel, and its time.
    pub ts: String,
    /// The message it answers, if it is in a thread.
    pub thread_ts: Option<String>,
    /// Whether a reply is shown in the channel too.
    pub is_broadcast: bool,
    /// Who wrote it.
    pub user: String,
    /// The fallback text.
    pub text: String,
    /// Block Kit, as sent, with the ids that Slack adds.
    pub blocks: Vec<Value>,
    /// Message metadata, as sent.
    pub metadata: Option<Value>,
    /// Who edited it last, and when (a ts).
    pub edited: Option<(String, String)>,
    /// For an ephemeral message: the only one who sees it.
    pub only_for: Option<String>,
    /// What it said before each edit, oldest first.
    pub past: Vec<Version>,
    /// Emoji names with who added them.
    pub reactions: Vec<(String, String)>,
    /// Files that were shared with it: `id`, `name` and `title` of each.
    pub files: Vec<Value>,
}

/// What a message said before an edit.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// The fallback text.
    pub text: String,
    /// Its blocks.
    pub blocks: Vec<Value>,
    /// When it was replaced.
    pub until: DateTime<Utc>,
}

impl Message {
    pub(crate) fn is_top_level(&self) -> bool {
        self.is_broadcast || self.thread_ts.as_ref().is_none_or(|parent| *parent == self.ts)
    }

    pub(crate) fn is_reply_to(&self, ts: &str) -> bool {
        self.thread_ts.as_deref() == Some(ts) && self.ts != ts
    }

    /// The message as the Web API and the payloads give it.
    pub(crate) fn to_json(&self, app: &App, team: &Team, with_metadata: bool) -> Value {
        let mut object = Map::new();
        let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
        put("type", json!("message"));
        put("user", json!(self.user));
        put("text", json!(self.text));
        put("ts", json!(self.ts));
        put("team", json!(team.id));
        if self.user == app.user {
            put("bot_id", json!(app.bot_id));
            put("app_id", json!(app.id));
            put(
                "bot_profile",
                json!({
                    "id": app.bot_id, "app_id": app.id, "user_id": app.user, "name": app.name,
                    "deleted": false, "updated": 1_700_000_000, "team_id": team.id,
                }),
            );
        }
        if !self.blocks.is_empty() {
            put("blocks", json!(self.blocks));
        }
        if !self.files.is_empty() {
            put("files", json!(self.files));
        }
        if let Some(thread) = &self.thread_ts {
            put("thread_ts", json!(thread));
        }
        if let Some((user, ts)) = &self.edited {
            put("edited", json!({ "user": user, "ts": ts }));
        }
        if let (true, Some(metadata)) = (with_metadata, &self.metadata) {
            put("metadata", metadata.clone());
        }
        Value::Object(object)
    }
}

/// A modal on someone's screen, or someone's App Home.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// `V…`
    pub id: String,
    /// Whose screen it is on.
    pub user: String,
    /// The view as sent, with the ids that Slack adds.
    pub view: Value,
    /// Changes with every update.
    pub hash: String,
    /// The first view of the stack.
    pub root: String,
    /// The view beneath it.
    pub previous: Option<String>,
    /// What the app found wrong in the last submission, by block id.
    pub errors: BTreeMap<String, String>,
    /// What the person sees when the app did not answer a submission.
    pub trouble: Option<String>,
    /// What the person had filled in when submitting, as `(action or block id, value)`.
    pub filled: Vec<(String, String)>,
}

impl View {
    /// Its blocks.
    pub fn blocks(&self) -> &[Value] {
        self.view.get("blocks").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The id by which the app knows this kind of view.
    pub fn callback_id(&self) -> &str {
        self.view.get("callback_id").and_then(Value::as_str).unwrap_or_default()
    }

    /// The view with the `state` that a submission or a press carries.
    pub(crate) fn to_json(&self, app: &App, team: &Team, state: Value) -> Value {
        let mut whole = self.view.as_object().cloned().unwrap_or_default();
        for name in ["private_metadata", "callback_id", "external_id"] {
            whole.entry(name).or_insert_with(|| json!(""));
        }
        for (name, default) in [("close", Value::Null), ("submit", Value::Null)] {
            whole.entry(name).or_insert(default);
        }
        whole.entry("clear_on_close").or_insert(json!(false));
        whole.entry("notify_on_close").or_insert(json!(false));
        let added = json!({
            "id": self.id, "team_id": team.id, "hash": self.hash, "state": { "values": state },
            "previous_view_id": self.previous, "root_view_id": self.root,
            "app_id": app.id, "app_installed_team_id": team.id, "bot_id": app.bot_id,
        });
        if let Value::Object(added) = added {
            whole.extend(added);
        }
        Value::Object(whole)
    }
}
