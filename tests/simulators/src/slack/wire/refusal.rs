//! Slack's refusals: HTTP 200 with `ok: false` and a code.

use serde_json::{Map, Value, json};

/// An error code and what accompanies it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) error: String,
    pub(crate) more: Map<String, Value>,
    pub(crate) retry_after: Option<u32>,
}

impl Refusal {
    pub(crate) fn of(error: &str) -> Self {
        Self { error: error.to_owned(), more: Map::new(), retry_after: None }
    }

    pub(crate) fn rate_limited(seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..Self::of("ratelimited") }
    }

    pub(crate) fn with(mut self, name: &str, value: Value) -> Self {
        self.more.insert(name.to_owned(), value);
        self
    }

    /// The code, with sentences that explain the mistake.
    pub(crate) fn because(error: &str, reasons: Vec<String>) -> Self {
        let messages: Vec<String> =
            reasons.iter().map(|reason| format!("[ERROR] {reason}")).collect();
        Self::of(error)
            .with("errors", json!(reasons))
            .with("response_metadata", json!({ "messages": messages }))
    }

    pub(crate) fn words(&self) -> String {
        match self.more.get("errors").and_then(Value::as_array) {
            Some(reasons) => {
                let reasons: Vec<&str> = reasons.iter().filter_map(Value::as_str).collect();
                format!("{}: {}", self.error, reasons.join("; "))
            }
            None => self.error.clone(),
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut body = self.more.clone();
        body.insert("ok".to_owned(), json!(false));
        body.insert("error".to_owned(), json!(self.error));
        Value::Object(body)
    }
}
