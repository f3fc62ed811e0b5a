//! The messages of a channel, and the views on a person's screen.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::workspace::{App, Team};

/// A message, public or for one person only.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// The channel of the message.
    pub channel: String,
    /// Its id within the channel, which is also its time.
    pub ts: String,
    /// The first message of its thread, if it is a reply.
    pub thread_ts: Option<String>,
    /// Whether a reply is shown in the channel too.
    pub is_broadcast: bool,
    /// The author.
    pub user: String,
    /// The fallback text.
    pub text: String,
    /// The blocks as sent, with the ids that Slack adds.
    pub blocks: Vec<Value>,
    /// The message metadata, as sent.
    pub metadata: Option<Value>,
    /// The last editor, and the time of that edit (a ts).
    pub edited: Option<(String, String)>,
    /// For an ephemeral message: the only person who sees it.
    pub only_for: Option<String>,
    /// The content before each edit, the oldest first.
    pub past: Vec<Version>,
    /// The names of emoji, each with the person who added it.
    pub reactions: Vec<(String, String)>,
    /// Files that were shared with it: `id`, `name` and `title` of each.
    pub files: Vec<Value>,
}

/// The content of a message before an edit.
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

    /// The message in the format of the Web API and the payloads.
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

/// A modal on a person's screen, or a person's App Home.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// The id: `V…`.
    pub id: String,
    /// The person whose screen it is on.
    pub user: String,
    /// The view as sent, with the ids that Slack adds.
    pub view: Value,
    /// The hash, which changes with every update.
    pub hash: String,
    /// The id of the first view of the stack.
    pub root: String,
    /// The id of the view below it.
    pub previous: Option<String>,
    /// The mistakes that the app found in the last submission, by block id.
    pub errors: BTreeMap<String, String>,
    /// What the person sees if the app did not answer a submission.
    pub trouble: Option<String>,
    /// The values at the last submission, as `(action or block id, value)`.
    pub filled: Vec<(String, String)>,
}

impl View {
    /// The blocks of the view.
    pub fn blocks(&self) -> &[Value] {
        self.view.get("blocks").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The id by which the app knows this kind of view.
    pub fn callback_id(&self) -> &str {
        self.view.get("callback_id").and_then(Value::as_str).unwrap_or_default()
    }

    /// The view with the `state` of a submission or a press.
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
