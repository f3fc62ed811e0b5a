//! Keeps what the bot sent to Slack and to Discord, for judges that are not ours.
//!
//! Of an address only its method or route is kept, since the rest of it may open a door: the token of
//! an interaction, the secret of a `response_url`. Headers are not kept at all, and of the arguments
//! neither tokens nor triggers.

use serde_json::{Map, Value, json};

use crate::kept::Kept;

static PAYLOADS: Kept = Kept::in_folder("PATCHBOT_PAYLOADS");

/// Arguments of Slack that let their holder act.
const DOORS: [&str; 2] = ["token", "trigger_id"];

/// The simulators' own tests break the rules on purpose, and their peers are not the bot: cargo
/// names the package whose tests run, and nothing of this one is kept.
fn is_ours() -> bool {
    std::env::var("CARGO_PKG_NAME").is_ok_and(|package| package == env!("CARGO_PKG_NAME"))
}

/// Keeps a call of Slack's Web API, of a `response_url`, or an acknowledgement with a payload.
/// `outcome` is `ok` or Slack's code; `charts` says whether this workspace shows them.
pub(crate) fn slack(method: &str, body: &Value, outcome: &str, charts: bool) {
    if is_ours() {
        return;
    }
    PAYLOADS.write(|| {
        let body: Map<String, Value> = body
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(name, _)| !DOORS.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        json!({
            "platform": "slack", "to": method, "body": body, "outcome": outcome, "charts": charts,
        })
    });
}

/// Keeps a request to Discord. `route` has its ids and tokens replaced; `files` counts what was
/// attached; `status` is 0 where the connection broke; `answer` is kept of refusals alone.
pub(crate) fn discord(route: &str, body: &Value, files: usize, status: u16, answer: &Value) {
    if is_ours() {
        return;
    }
    PAYLOADS.write(|| {
        let refusal = if status >= 400 { answer.clone() } else { Value::Null };
        json!({
            "platform": "discord", "to": route, "body": body, "files": files, "status": status,
            "refusal": refusal,
        })
    });
}
