//! Discord's refusals: an HTTP status, a code and a message.

use serde_json::{Value, json};

use crate::discord::limits::Findings;

/// A refusal with everything in its body.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    code: i64,
    message: String,
    errors: Option<Value>,
}

impl Refusal {
    fn new(status: u16, code: i64, message: &str) -> Self {
        Self { status, code, message: message.to_owned(), errors: None }
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(401, 0, "401: Unauthorized")
    }

    pub(crate) fn no_route() -> Self {
        Self::new(404, 0, "404: Not Found")
    }

    /// One of Discord's codes, with its status and message.
    pub(crate) fn of(code: i64) -> Self {
        let (status, message) = match code {
            10003 => (404, "Unknown Channel"),
            10004 => (404, "Unknown Guild"),
            10007 => (404, "Unknown Member"),
            10008 => (404, "Unknown Message"),
            10013 => (404, "Unknown User"),
            10015 => (404, "Unknown Webhook"),
            10062 => (404, "Unknown interaction"),
            10063 => (404, "Unknown application command"),
            20012 => (403, "You are not authorized to perform this action on this application"),
            30032 => (400, "Maximum number of application commands reached (100)."),
            40060 => (400, "Interaction has already been acknowledged."),
            50001 => (403, "Missing Access"),
            50005 => (403, "Cannot edit a message authored by another user"),
            50007 => (403, "Cannot send messages to this user"),
            50006 => (400, "Cannot send an empty message"),
            50013 => (403, "Missing Permissions"),
            50024 => (400, "Cannot execute action on this channel type"),
            50027 => (401, "Invalid Webhook Token"),
            50083 => (400, "Thread is archived"),
            50109 => (400, "The request body contains invalid JSON."),
            160_002 => (400, "You cannot reply without permission to read message history"),
            160_004 => (400, "A thread has already been created for this message"),
            _ => (400, "Bad Request"),
        };
        Self::new(status, code, message)
    }

    /// 50035 with the tree of mistakes, under `under` if the body was nested.
    pub(crate) fn form(found: &Findings, under: Option<&str>) -> Self {
        let errors = match under {
            Some(under) => json!({ under: found.tree() }),
            None => found.tree(),
        };
        Self { errors: Some(errors), ..Self::new(400, 50035, "Invalid Form Body") }
    }

    /// 50035 for one field.
    pub(crate) fn field(at: &str, code: &'static str, message: &str) -> Self {
        let mut found = Findings::default();
        found.add(at, code, message);
        Self::form(&found, None)
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut body = json!({ "message": self.message, "code": self.code });
        if let Some(errors) = &self.errors {
            body["errors"] = errors.clone();
        }
        body
    }
}
