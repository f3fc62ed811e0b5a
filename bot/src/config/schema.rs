//! The JSON Schema of the file, for editors. It is derived from `keys.rs`, and stored in
//! `deploy/patchbot.schema.json`.

use serde_json::{Map, Value, json};

use super::keys::{FILE, Key};

/// A table that accepts `keys` and no others.
pub(super) fn table(keys: &[Key]) -> Value {
    let property = |key: &Key| {
        let mut schema = key.value_type.schema();
        if let Value::Object(schema) = &mut schema {
            schema.insert("description".into(), key.what.into());
        }
        (key.name.to_owned(), schema)
    };
    let properties: Map<String, Value> = keys.iter().map(property).collect();
    let required: Vec<&str> = keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
        "required": required
    })
}

/// The schema of the whole file.
pub fn schema() -> Value {
    let mut schema = table(FILE);
    if let Value::Object(schema) = &mut schema {
        schema.insert("$schema".into(), "http://json-schema.org/draft-07/schema#".into());
        schema.insert("title".into(), "patchbot.toml".into());
    }
    schema
}
