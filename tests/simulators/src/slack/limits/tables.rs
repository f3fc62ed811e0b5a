//! Limits of `table`: one in a message, 100 rows of 20 cells.

use serde_json::{Map, Value};

use super::findings::Findings;
use super::{part, rich_text};

const ROWS: usize = 100;
const COLUMNS: usize = 20;

pub(super) fn table(found: &mut Findings, at: &str, object: &Map<String, Value>) {
    found.tables += 1;
    found.known(at, object, &["type", "block_id", "rows", "column_settings"]);
    for (index, row) in found.array(at, object, "rows", (1, ROWS)).iter().enumerate() {
        let at = format!("{at}/rows/{index}");
        let Some(cells) = row.as_array() else {
            found.add(&at, "must be an array");
            continue;
        };
        if cells.is_empty() || cells.len() > COLUMNS {
            found.add(&at, format!("between 1 and {COLUMNS} cells are allowed"));
        }
        for (index, cell) in cells.iter().enumerate() {
            self::cell(found, &format!("{at}/{index}"), cell);
        }
    }
    if part(object, "column_settings").is_some() {
        let settings = found.array(at, object, "column_settings", (0, COLUMNS));
        for (index, setting) in settings.iter().enumerate() {
            let at = format!("{at}/column_settings/{index}");
            // A null leaves that column unchanged.
            let Some(setting) = setting.as_object() else { continue };
            found.known(&at, setting, &["align", "is_wrapped"]);
            found.word(&at, setting, "align", &["left", "center", "right"]);
            found.flags(&at, setting, &["is_wrapped"]);
        }
    }
}

fn cell(found: &mut Findings, at: &str, value: &Value) {
    let Some(object) = value.as_object() else { return found.add(at, "must be an object") };
    match object.get("type").and_then(Value::as_str) {
        Some("raw_text") => {
            found.known(at, object, &["type", "text"]);
            // Inferred: every other text needs a character too.
            found.string(at, object, "text", usize::MAX - 1);
        }
        Some("rich_text") => rich_text::block(found, at, object),
        other => found.add(at, format!("unsupported cell: {}", other.unwrap_or_default())),
    }
}
