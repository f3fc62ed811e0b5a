//! Keeps what the SDK asked and what it was answered, for judges that are not ours.
//!
//! Where `PATCHBOT_EXCHANGES` names a folder, each process writes a file of JSON lines there, each
//! with the service that was asked. What other clients ask is not kept: tests break the rules on
//! purpose. Nothing of the signature is kept, and of the headers only those that the protocol names.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The environment variable that names the folder.
const FOLDER: &str = "PATCHBOT_EXCHANGES";

/// What the protocols of AWS say in headers.
const HEADERS: [&str; 5] =
    ["content-type", "x-amz-target", "x-amzn-requestid", "x-amzn-errortype", "x-amzn-query-mode"];

/// One request of a service.
pub(super) struct Asked<'a> {
    /// `ssm`, `sts`, as AWS signs for it.
    pub(super) service: &'static str,
    pub(super) operation: &'a str,
    pub(super) headers: &'a HeaderMap,
    pub(super) input: &'a Value,
}

/// Keeps one exchange. `answer` is none where the connection closed without one; else the response
/// as it leaves, and what its body says.
pub(super) fn keep(asked: &Asked<'_>, answer: Option<(&Response, Value)>) {
    let Some(file) = file() else { return };
    let Asked { service, operation, headers, input } = asked;
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    if !agent.is_some_and(|agent| agent.contains("aws-sdk-rust")) {
        return;
    }
    let answer = match answer {
        None => json!({ "closed": true }),
        Some((response, said)) => json!({
            "status": response.status().as_u16(),
            "headers": named(response.headers()),
            "body": said,
        }),
    };
    let line = json!({
        "service": service,
        "operation": operation,
        "headers": named(headers),
        "input": input,
        "answer": answer,
    });
    let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
    // One write for each line: the process may be killed between any two.
    if let Err(error) = file.write_all(format!("{line}\n").as_bytes()) {
        tracing::error!(%error, "an exchange could not be kept");
    }
}

fn named(headers: &HeaderMap) -> Map<String, Value> {
    let text = |name: &&str| {
        let value = headers.get(*name)?.to_str().ok()?;
        Some(((*name).to_owned(), json!(value)))
    };
    HEADERS.iter().filter_map(text).collect()
}

fn file() -> Option<&'static Mutex<File>> {
    static KEPT: OnceLock<Option<Mutex<File>>> = OnceLock::new();
    let kept = KEPT.get_or_init(|| {
        let folder = std::env::var_os(FOLDER).filter(|folder| !folder.is_empty())?;
        let path = Path::new(&folder).join(format!("{}.jsonl", Uuid::new_v4()));
        match File::create(&path) {
            Ok(file) => Some(Mutex::new(file)),
            Err(error) => {
                tracing::error!(%error, path = %path.display(), "exchanges cannot be kept");
                None
            }
        }
    });
    kept.as_ref()
}
