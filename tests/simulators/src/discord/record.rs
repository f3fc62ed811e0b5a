//! What the app did, for tests to look at, and what shall go wrong next.

use chrono::{DateTime, Utc};
use serde_json::Value;

/// One request to the REST API.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Simulated time.
    pub at: DateTime<Utc>,
    /// `GET`, `POST` and so on.
    pub method: String,
    /// Below `/api/v10`, as in `/channels/5/messages`.
    pub path: String,
    /// With its ids replaced, as in `/channels/{}/messages`.
    pub route: String,
    /// The JSON that was sent; of a form its `payload_json`. Null without one.
    pub body: Value,
    /// The HTTP status; 0 when the connection broke.
    pub status: u16,
    /// The JSON that was answered. Null without one.
    pub answer: Value,
}

impl Call {
    /// Whether Discord did as asked.
    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Discord's error code, as in 10062, when it refused.
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
    /// All is done, and then the connection breaks: the caller cannot know.
    ResetAfter,
    /// The request arrives so many simulated seconds late.
    Delayed(u32),
}
