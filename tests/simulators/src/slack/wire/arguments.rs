//! Arguments, from a query, a form or JSON, checked against what the method accepts.

use axum::http::{HeaderMap, Method, header};
use serde_json::{Map, Value};

use super::Refusal;
use super::methods::{Kind, Rule};

/// The raw arguments of a request, before any check.
pub(super) struct Parsed {
    pub(super) token: Option<String>,
    pub(super) raw: Map<String, Value>,
    is_json: bool,
}

pub(super) fn parse(
    verb: &Method,
    query: Option<&str>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Parsed, Refusal> {
    let content = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content = content.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let mut raw = form(query.unwrap_or_default());
    // A call without arguments may claim a JSON body and have none, like slack_sdk does.
    let is_json = verb == Method::POST && content == "application/json" && !body.is_empty();
    if is_json {
        let parsed = serde_json::from_slice::<Value>(body);
        match parsed.map_err(|_| Refusal::of("invalid_json"))? {
            Value::Object(object) => raw.extend(object),
            _ => return Err(Refusal::of("json_not_object")),
        }
    } else if verb == Method::POST && !body.is_empty() {
        if content != "application/x-www-form-urlencoded" {
            return Err(Refusal::of("invalid_post_type"));
        }
        let text = std::str::from_utf8(body).map_err(|_| Refusal::of("invalid_charset"))?;
        raw.extend(form(text));
    }
    raw.retain(|_, value| !value.is_null());
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .map(|token| token.trim().to_owned());
    let in_args = raw.remove("token").and_then(|token| token.as_str().map(str::to_owned));
    Ok(Parsed { token: bearer.or(in_args).filter(|token| !token.is_empty()), raw, is_json })
}

fn form(text: &str) -> Map<String, Value> {
    let mut found = Map::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        found.insert(decode(name), Value::String(decode(value)));
    }
    found
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high * 16 + low);
                    rest = after;
                }
                _ => bytes.push(b'%'),
            },
            (other, _) => bytes.push(*other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Arguments that the method accepts, each of its kind.
pub(crate) struct Args(Map<String, Value>);

impl Args {
    pub(super) fn read(rule: &Rule, parsed: &Parsed) -> Result<Self, Refusal> {
        let mut faults = Vec::new();
        let mut args = Map::new();
        // Slack's reading methods accept forms and queries only.
        if parsed.is_json && !rule.takes_json && !parsed.raw.is_empty() {
            faults.push(format!("{} takes no JSON body", rule.name));
        }
        for (name, value) in &parsed.raw {
            // Slack's own JavaScript client sends it with every call.
            if name == "team_id" {
                continue;
            }
            match rule.args.iter().find(|(known, _)| known == name) {
                None => faults.push(format!("unknown argument: {name}")),
                Some((_, kind)) => match fit(*kind, value) {
                    Some(value) => {
                        args.insert(name.clone(), value);
                    }
                    None => faults.push(format!("{name} must be {}", kind.words())),
                },
            }
        }
        if faults.is_empty() {
            Ok(Self(args))
        } else {
            Err(Refusal::because("invalid_arguments", faults))
        }
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    pub(crate) fn needed(&self, name: &str) -> Result<&str, Refusal> {
        self.text(name).filter(|value| !value.is_empty()).ok_or_else(|| {
            Refusal::because("invalid_arguments", vec![format!("missing required field: {name}")])
        })
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        self.0.get(name).and_then(Value::as_u64).and_then(|value| usize::try_from(value).ok())
    }

    pub(crate) fn json(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }
}

fn fit(kind: Kind, value: &Value) -> Option<Value> {
    match (kind, value) {
        (Kind::Text, Value::String(_)) | (Kind::Flag, Value::Bool(_)) => Some(value.clone()),
        (Kind::Text, Value::Number(number)) => Some(Value::String(number.to_string())),
        (Kind::Flag, Value::String(text)) => match text.as_str() {
            "true" | "1" => Some(Value::Bool(true)),
            "false" | "0" => Some(Value::Bool(false)),
            _ => None,
        },
        (Kind::Number, Value::Number(number)) => number.as_u64().map(Value::from),
        (Kind::Number, Value::String(text)) => text.parse::<u64>().ok().map(Value::from),
        // Forms carry JSON as text, and JSON bodies may. What cannot be parsed stays text, and the
        // method answers with its own error code.
        (Kind::Json, Value::String(text)) => {
            Some(serde_json::from_str(text).unwrap_or_else(|_| value.clone()))
        }
        (Kind::Json, other) => Some(other.clone()),
        (Kind::Texts, Value::String(text)) => Some(split(text)),
        (Kind::Texts, Value::Array(items)) => {
            items.iter().all(Value::is_string).then(|| value.clone())
        }
        _ => None,
    }
}

fn split(text: &str) -> Value {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items.map(|item| Value::String(item.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_decoded() {
        let found = form("text=a+b%20%E2%9C%93&empty=&odd=%zz");
        assert_eq!(found["text"], "a b ✓");
        assert_eq!(found["empty"], "");
        assert_eq!(found["odd"], "%zz");
    }
}
