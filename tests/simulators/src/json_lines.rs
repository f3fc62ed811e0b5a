//! Recordings of what clients sent, in files of JSON lines, for judges that are not ours.
//!
//! If the environment variable names a folder, each process writes a file of its own there.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::Value;
use uuid::Uuid;

/// A file of this process in a folder, created with the first line.
pub(crate) struct JsonLines {
    variable: &'static str,
    file: OnceLock<Option<Mutex<File>>>,
}

impl JsonLines {
    /// A file in the folder that this environment variable names; without the variable, nowhere.
    pub(crate) const fn in_folder(variable: &'static str) -> Self {
        Self { variable, file: OnceLock::new() }
    }

    /// Appends a line, which is built only if it is recorded.
    pub(crate) fn write(&self, line: impl FnOnce() -> Value) {
        let Some(file) = self.file() else { return };
        let line = format!("{}\n", line());
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        // One write for each line, because the process may be killed between any two.
        if let Err(error) = file.write_all(line.as_bytes()) {
            tracing::error!(%error, recording.variable = self.variable, "failed to write a line of a recording");
        }
    }

    fn file(&self) -> Option<&Mutex<File>> {
        let file = self.file.get_or_init(|| {
            let folder = std::env::var_os(self.variable).filter(|folder| !folder.is_empty())?;
            let path = Path::new(&folder).join(format!("{}.jsonl", Uuid::new_v4()));
            match File::create(&path) {
                Ok(file) => Some(Mutex::new(file)),
                Err(error) => {
                    tracing::error!(%error, path = %path.display(), "failed to create a file for a recording");
                    None
                }
            }
        });
        file.as_ref()
    }
}
