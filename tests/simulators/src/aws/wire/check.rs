//! Strict parsing of inputs: first the shapes, then the limits of the API model.

use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::refusal::Refusal;

/// The input of an operation, with its limits.
pub(super) trait Input: DeserializeOwned {
    /// Notes every value that the API model does not allow.
    fn check(&self, checks: &mut Checks);
}

/// Parses an input. Unknown fields and wrong types are refused with an error.
pub(super) fn read<T: Input>(input: Value) -> Result<T, Refusal> {
    let input: T = serde_json::from_value(input).map_err(|error| {
        let text = error.to_string();
        match text.strip_prefix("missing field `").and_then(|rest| rest.split_once('`')) {
            Some((field, _)) => {
                let mut checks = Checks::default();
                checks.note(&Value::Null, field, "Member must not be null");
                checks.refusal()
            }
            None => Refusal::new("SerializationException", text),
        }
    })?;
    let mut checks = Checks::default();
    input.check(&mut checks);
    checks.done()?;
    Ok(input)
}

/// Collects violated constraints, and reports them in the service's own format.
#[derive(Debug, Default)]
pub(super) struct Checks(Vec<String>);

impl Checks {
    pub(super) fn note(&mut self, value: &dyn Debug, at: &str, constraint: &str) {
        let mut at = at.to_owned();
        if let Some(first) = at.get_mut(..1) {
            first.make_ascii_lowercase();
        }
        self.0.push(format!(
            "Value '{value:?}' at '{at}' failed to satisfy constraint: {constraint}"
        ));
    }

    /// Requires a whole number within these bounds.
    pub(super) fn range(&mut self, at: &str, value: Option<i32>, low: i32, high: i32) {
        let Some(value) = value else { return };
        if value < low {
            let constraint = format!("Member must have value greater than or equal to {low}");
            self.note(&value, at, &constraint);
        } else if value > high {
            let constraint = format!("Member must have value less than or equal to {high}");
            self.note(&value, at, &constraint);
        }
    }

    /// Requires a list with this many entries.
    pub(super) fn count<T: Debug>(&mut self, at: &str, value: &[T], low: usize, high: usize) {
        self.length_of(at, &value, value.len(), low, high);
    }

    /// Requires a text with this many characters.
    pub(super) fn length(&mut self, at: &str, value: Option<&str>, low: usize, high: usize) {
        if let Some(value) = value {
            self.length_of(at, &value, value.chars().count(), low, high);
        }
    }

    fn length_of(&mut self, at: &str, value: &dyn Debug, length: usize, low: usize, high: usize) {
        if length < low {
            let constraint = format!("Member must have length greater than or equal to {low}");
            self.note(value, at, &constraint);
        } else if length > high {
            let constraint = format!("Member must have length less than or equal to {high}");
            self.note(value, at, &constraint);
        }
    }

    /// Requires a text of a certain form; `pattern` goes into the error message.
    pub(super) fn form(&mut self, at: &str, value: &str, fits: bool, pattern: &str) {
        if !fits {
            let constraint = format!("Member must satisfy regular expression pattern: {pattern}");
            self.note(&value, at, &constraint);
        }
    }

    /// Requires one of a closed set of words.
    pub(super) fn word(&mut self, at: &str, value: Option<&str>, words: &[&str]) {
        if let Some(value) = value.filter(|value| !words.contains(value)) {
            let constraint = format!("Member must satisfy enum value set: [{}]", words.join(", "));
            self.note(&value, at, &constraint);
        }
    }

    /// Requires valid instance ids.
    pub(super) fn instance_ids(&mut self, at: &str, ids: &[String]) {
        for id in ids {
            let fits = id.strip_prefix("i-").is_some_and(|hex| is_word(hex, &[8, 17]))
                || id.strip_prefix("mi-").is_some_and(|hex| is_word(hex, &[17]));
            self.form(at, id, fits, r"(^i-(\w{8}|\w{17})$)|(^mi-\w{17}$)");
        }
    }

    /// Requires a valid id of a maintenance window.
    pub(super) fn window_id(&mut self, id: &str) {
        let fits = id.strip_prefix("mw-").is_some_and(|hex| {
            hex.len() == 17 && hex.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
        });
        self.form("windowId", id, fits, "^mw-[0-9a-f]{17}$");
    }

    fn refusal(&self) -> Refusal {
        let errors = if self.0.len() == 1 { "error" } else { "errors" };
        let message =
            format!("{} validation {errors} detected: {}", self.0.len(), self.0.join("; "));
        Refusal::validation(message)
    }

    fn done(self) -> Result<(), Refusal> {
        if self.0.is_empty() { Ok(()) } else { Err(self.refusal()) }
    }
}

fn is_word(text: &str, lengths: &[usize]) -> bool {
    lengths.contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// `Key` with `Values`, the filter of most operations.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Filter {
    pub(super) key: String,
    #[serde(default)]
    pub(super) values: Vec<String>,
}

impl Filter {
    /// Requires at most five filters, with texts within the length limit.
    pub(super) fn check_all(filters: &[Self], checks: &mut Checks) {
        checks.count("filters", filters, 0, 5);
        for filter in filters {
            checks.length("filters.member.key", Some(&filter.key), 1, 128);
            for value in &filter.values {
                checks.length("filters.member.values", Some(value), 1, 256);
            }
        }
    }

    /// Whether this text is one of its values.
    pub(super) fn has(&self, text: &str) -> bool {
        self.values.iter().any(|value| value == text)
    }
}
