//! Collects mistakes with their positions in the body, in the format of Discord's error.

use serde_json::{Map, Value, json};

/// A JSON object.
pub(crate) type Object = Map<String, Value>;

/// The mistakes in a body, and its unknown fields.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    errors: Vec<(String, &'static str, String)>,
    /// Fields that Discord ignores because it does not know them.
    pub(crate) unknown: Vec<String>,
}

/// Joins `embeds` and `0` to `embeds.0`.
pub(crate) fn below(at: &str, name: impl std::fmt::Display) -> String {
    if at.is_empty() { name.to_string() } else { format!("{at}.{name}") }
}

impl Findings {
    pub(crate) fn add(&mut self, at: &str, code: &'static str, message: impl Into<String>) {
        self.errors.push((at.to_owned(), code, message.into()));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// The `errors` of an Invalid Form Body: a tree of the positions, with `_errors` at its leaves.
    pub(crate) fn tree(&self) -> Value {
        let mut root = json!({});
        for (at, code, message) in &self.errors {
            let mut place = &mut root;
            for step in at.split('.').filter(|step| !step.is_empty()) {
                if place.get(step).is_none() {
                    place[step] = json!({});
                }
                place = &mut place[step];
            }
            let error = json!({ "code": code, "message": message });
            match place.get_mut("_errors").and_then(Value::as_array_mut) {
                Some(errors) => errors.push(error),
                None => place["_errors"] = json!([error]),
            }
        }
        root
    }

    /// Notes every field that is not one of these.
    pub(crate) fn known(&mut self, at: &str, object: &Object, names: &[&str]) {
        for name in object.keys().filter(|name| !names.contains(&name.as_str())) {
            self.unknown.push(below(at, name));
        }
    }

    pub(crate) fn required(&mut self, at: &str) {
        self.add(at, "BASE_TYPE_REQUIRED", "This field is required");
    }

    pub(crate) fn choices(&mut self, at: &str, words: &str) {
        let message = format!("Value must be one of {{{words}}}.");
        self.add(at, "BASE_TYPE_CHOICES", message);
    }

    fn length(&mut self, at: &str, count: usize, (least, most): (usize, usize)) {
        if count < least && count == 0 {
            self.required(at);
        } else if !(least..=most).contains(&count) {
            let message = format!("Must be between {least} and {most} in length.");
            self.add(at, "BASE_TYPE_BAD_LENGTH", message);
        }
    }

    /// Requires a string whose length (in characters) is within these bounds. Returns it if it is a
    /// string.
    pub(crate) fn text<'a>(
        &mut self,
        at: &str,
        object: &'a Object,
        name: &str,
        (least, most): (usize, usize),
    ) -> Option<&'a str> {
        let at = below(at, name);
        match object.get(name) {
            None | Some(Value::Null) => {
                if least > 0 {
                    self.required(&at);
                }
                None
            }
            Some(Value::String(text)) => {
                let count = text.chars().count();
                if least == 0 && count > most {
                    let message = format!("Must be {most} or fewer in length.");
                    self.add(&at, "BASE_TYPE_MAX_LENGTH", message);
                } else {
                    self.length(&at, count, (least, most));
                }
                Some(text)
            }
            Some(_) => {
                self.add(&at, "STRING_TYPE_CONVERT", "Could not interpret value as string.");
                None
            }
        }
    }

    /// As [`Self::text`], but optional; `least` applies if it is present.
    pub(crate) fn optional_text<'a>(
        &mut self,
        at: &str,
        object: &'a Object,
        name: &str,
        bounds: (usize, usize),
    ) -> Option<&'a str> {
        let is_there = object.get(name).is_some_and(|value| !value.is_null());
        if is_there { self.text(at, object, name, bounds) } else { None }
    }

    /// Requires a whole number within these bounds.
    pub(crate) fn number(
        &mut self,
        at: &str,
        object: &Object,
        name: &str,
        (least, most): (i64, i64),
    ) -> Option<i64> {
        let value = object.get(name).filter(|value| !value.is_null())?;
        let at = below(at, name);
        let Some(number) = value.as_i64() else {
            let message = format!("Value \"{value}\" is not int.");
            self.add(&at, "NUMBER_TYPE_COERCE", message);
            return None;
        };
        if number < least {
            let message = format!("int value should be greater than or equal to {least}.");
            self.add(&at, "NUMBER_TYPE_MIN", message);
        }
        if number > most {
            let message = format!("int value should be less than or equal to {most}.");
            self.add(&at, "NUMBER_TYPE_MAX", message);
        }
        Some(number)
    }

    pub(crate) fn flag(&mut self, at: &str, object: &Object, name: &str) -> bool {
        match object.get(name) {
            None | Some(Value::Null) => false,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                let at = below(at, name);
                self.add(&at, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.");
                false
            }
        }
    }

    /// Requires an array whose length is within these bounds; returns an empty one if it is absent
    /// and optional.
    pub(crate) fn array<'a>(
        &mut self,
        at: &str,
        object: &'a Object,
        name: &str,
        (least, most): (usize, usize),
    ) -> &'a [Value] {
        let at = below(at, name);
        match object.get(name) {
            None | Some(Value::Null) => {
                if least > 0 {
                    self.required(&at);
                }
                &[]
            }
            Some(Value::Array(items)) => {
                if least == 0 && items.len() > most {
                    let message = format!("Must be {most} or fewer in length.");
                    self.add(&at, "BASE_TYPE_MAX_LENGTH", message);
                } else {
                    self.length(&at, items.len(), (least, most));
                }
                items
            }
            Some(_) => {
                self.add(&at, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType");
                &[]
            }
        }
    }

    /// Requires an object at `at`.
    pub(crate) fn object<'a>(&mut self, at: &str, value: &'a Value) -> Option<&'a Object> {
        if !value.is_object() {
            self.add(at, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType");
        }
        value.as_object()
    }

    pub(crate) fn url(&mut self, at: &str, object: &Object, name: &str) {
        let Some(url) = self.optional_text(at, object, name, (1, 2_048)) else { return };
        let fits = ["http://", "https://", "attachment://"].iter().any(|it| url.starts_with(it));
        if !fits {
            let message = "Not a well formed URL.";
            self.add(&below(at, name), "URL_TYPE_INVALID_URL", message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_stand_at_their_places() {
        let mut found = Findings::default();
        found.required("embeds.0.fields.1.name");
        assert_eq!(
            found.tree()["embeds"]["0"]["fields"]["1"]["name"]["_errors"][0]["code"],
            "BASE_TYPE_REQUIRED"
        );
    }
}
