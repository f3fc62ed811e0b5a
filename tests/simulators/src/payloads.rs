//! Records what the bot sent to Slack and to Discord, for judges that are not ours.
//!
//! Of an address, only the method or route is recorded, because the rest may grant access: the
//! token of an interaction, the secret of a `response_url`. Headers are not recorded, and of the
//! arguments neither tokens nor triggers.

use serde_json::{Map, Value, json};

use crate::json_lines::JsonLines;

static PAYLOADS: JsonLines = JsonLines::in_folder("PATCHBOT_PAYLOADS");

/// The beginnings of secrets that a text may contain: Slack's tokens, and addresses that let their
/// holder act. The bot stores such an address in the `private_metadata` of a form.
const SECRETS: [&str; 4] = ["xoxb-", "xapp-", "/hooks/", "/upload/v1/"];

/// Arguments of Slack that let their holder act.
const DOORS: [&str; 2] = ["token", "trigger_id"];

/// Whether the tests are those of the simulators, which break the rules on purpose and whose peers
/// are not the bot. Cargo names the package under test, and nothing of this one is recorded.
fn is_ours() -> bool {
    std::env::var("CARGO_PKG_NAME").is_ok_and(|package| package == env!("CARGO_PKG_NAME"))
}

/// Records a call of Slack's Web API or of a `response_url`. `outcome` is `ok` or Slack's code;
/// `charts` says whether this workspace shows them.
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
            .map(|(name, value)| (name.clone(), hidden(value, &of_slack)))
            .collect();
        json!({
            "platform": "slack", "to": method, "body": body, "outcome": outcome, "charts": charts,
        })
    });
}

/// Records the content of an acknowledgement, over a socket or as the response to a request: null
/// if it is empty, and text if it is not JSON. `what` was acknowledged; `outcome` is `ok`, or the
/// HTTP status of a refusal.
pub(crate) fn acknowledgement(what: &str, body: &Value, outcome: &str, charts: bool) {
    if is_ours() {
        return;
    }
    PAYLOADS.write(|| {
        json!({
            "platform": "slack", "to": format!("{ACKNOWLEDGEMENT}{what}"),
            "body": hidden(body, &of_slack), "outcome": outcome, "charts": charts,
        })
    });
}

/// By this prefix the judge knows what may be sent.
const ACKNOWLEDGEMENT: &str = "acknowledgement of ";

/// Records a request to Discord. `route` has placeholders for ids and tokens; `files` counts the
/// attachments; `status` is 0 if the connection broke; `answer` is recorded only for refusals.
/// `token` is the bot's own, which is hidden everywhere.
pub(crate) fn discord(
    route: &str,
    body: &Value,
    files: usize,
    (status, answer): (u16, &Value),
    token: &str,
) {
    if is_ours() {
        return;
    }
    PAYLOADS.write(|| {
        let refusal = if status >= 400 { answer.clone() } else { Value::Null };
        let body = hidden(body, &|text| of_discord(text, token));
        json!({
            "platform": "discord", "to": route, "body": body, "files": files, "status": status,
            "refusal": refusal,
        })
    });
}

/// The same value, with every text passed through `hide`.
fn hidden(value: &Value, hide: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(hide(text)),
        Value::Array(items) => items.iter().map(|item| hidden(item, hide)).collect(),
        Value::Object(object) => {
            let parts = object.iter();
            parts.map(|(name, value)| (name.clone(), hidden(value, hide))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// Replaces the rest of a secret, after its beginning, with the same number of asterisks.
fn of_slack(text: &str) -> String {
    let of_secret = |letter: char| letter.is_ascii_alphanumeric() || "-_/.".contains(letter);
    SECRETS.iter().fold(text.to_owned(), |text, begin| {
        let mut parts = text.split(begin);
        let mut shown = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part.find(|letter| !of_secret(letter)).unwrap_or(part.len());
            let (secret, rest) = part.split_at(end);
            shown.extend([begin, "*".repeat(secret.len()).as_str(), rest]);
        }
        shown
    })
}

/// Discord's tokens have no fixed beginning: the judge knows this word.
fn of_discord(text: &str, token: &str) -> String {
    if token.is_empty() { text.to_owned() } else { text.replace(token, "discord-token-*") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_kept() {
        let body = json!({
            "text": "it is xoxb-12-ab, and no other",
            "view": { "private_metadata": r#"{"reply":"http://x/hooks/commands/T1/s3","n":1}"# },
        });
        let shown = json!({
            "text": "it is xoxb-*****, and no other",
            "view": { "private_metadata": r#"{"reply":"http://x/hooks/**************","n":1}"# },
        });
        assert_eq!(hidden(&body, &of_slack), shown);
        assert_eq!(of_discord("it is abc", "abc"), "it is discord-token-*");
    }
}
