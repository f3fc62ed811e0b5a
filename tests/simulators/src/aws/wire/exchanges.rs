//! Keeps what the SDK asked and what it was answered, for judges that are not ours.
//!
//! Where `PATCHBOT_EXCHANGES` names a folder, each process writes a file of JSON lines there. What
//! other clients ask is not kept: tests break the rules on purpose. Nothing of the signature is kept.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use axum::http::{HeaderMap, header};
use serde_json::{Value, json};
use uuid::Uuid;

use super::refusal::Refusal;

/// The environment variable that names the folder.
const FOLDER: &str = "PATCHBOT_EXCHANGES";

/// Keeps one exchange. `answer` is none where the connection closed without one.
pub(super) fn keep(
    service: &str,
    operation: &str,
    headers: &HeaderMap,
    input: &Value,
    answer: Option<&Result<Value, Refusal>>,
) {
    let Some(file) = file() else { return };
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    if !agent.is_some_and(|agent| agent.contains("aws-sdk-rust")) {
        return;
    }
    let answer = match answer {
        None => json!({ "closed": true }),
        Some(Ok(output)) => json!({ "output": output }),
        Some(Err(refusal)) => json!({ "error": refusal.code, "message": refusal.message }),
    };
    let line =
        json!({ "service": service, "operation": operation, "input": input, "answer": answer });
    let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
    // One write for each line: the process may be killed between any two.
    if let Err(error) = file.write_all(format!("{line}\n").as_bytes()) {
        tracing::error!(%error, "an exchange could not be kept");
    }
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
