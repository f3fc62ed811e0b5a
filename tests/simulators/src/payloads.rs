//! Keeps what an app sent to Slack and Discord, for judges that are not ours.
//!
//! Where `PATCHBOT_PAYLOADS` names a folder, each process writes a file of JSON lines there: the
//! platform, the method, the payload as it was understood, and what was answered. Tokens are no part
//! of it: they stand in headers and addresses, and those are not kept.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::{Value, json};
use uuid::Uuid;

/// The environment variable that names the folder.
const FOLDER: &str = "PATCHBOT_PAYLOADS";

/// Keeps one payload. `platform` is `slack` or `discord`; `outcome` is what the platform said of it.
pub(crate) fn keep(platform: &str, method: &str, payload: &Value, outcome: &str) {
    let Some(file) = file() else { return };
    let line = json!({
        "platform": platform, "method": method, "payload": payload, "outcome": outcome,
    });
    let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
    // One write for each line: the process may be killed between any two.
    if let Err(error) = file.write_all(format!("{line}\n").as_bytes()) {
        tracing::error!(%error, "a payload could not be kept");
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
                tracing::error!(%error, path = %path.display(), "payloads cannot be kept");
                None
            }
        }
    });
    kept.as_ref()
}
