//! The record of what the app did, for tests, and the faults to come.

use chrono::{DateTime, Utc};
use serde_json::Value;

/// One request to the REST API.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The simulated time of the request.
    pub at: DateTime<Utc>,
    /// The method: `GET`, `POST` and so on.
    pub method: String,
    /// The path below `/api/v10`, such as `/channels/5/messages`.
    pub path: String,
    /// The path with placeholders for ids, such as `/channels/{}/messages`.
    pub route: String,
    /// The JSON of the request; for a form, its `payload_json`. Null if there is none.
    pub body: Value,
    /// The HTTP status; 0 if the connection broke.
    pub status: u16,
    /// The JSON of the response. Null if there is none.
    pub answer: Value,
}

impl Call {
    /// Whether Discord did what was asked.
    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Discord's error code, such as 10062, if it refused.
    pub fn code(&self) -> Option<i64> {
        self.answer.get("code").and_then(Value::as_i64).filter(|_| !self.is_ok())
    }
}

/// A failure to inject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 429 with this `retry_after`, in seconds.
    RateLimited(u32),
    /// 503, and nothing was done.
    ServerError,
    /// The connection breaks before anything was done.
    ResetBefore,
    /// Everything is done, and then the connection breaks: the caller cannot know.
    ResetAfter,
    /// The request arrives this many simulated seconds late.
    Delayed(u32),
}
