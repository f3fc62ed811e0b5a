//! The record of what the app did, for tests, and the faults to come.

use chrono::{DateTime, Utc};
use serde_json::Value;

/// One call of the Web API or of a `response_url`.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The simulated time of the call.
    pub at: DateTime<Utc>,
    /// The method, such as `chat.postMessage`; `response_url` for a hook.
    pub method: String,
    /// The parsed arguments.
    pub args: Value,
    /// `ok`, or the error code.
    pub outcome: String,
}

impl Call {
    /// Whether Slack did what was asked.
    pub fn is_ok(&self) -> bool {
        self.outcome == "ok"
    }
}

/// A failure to inject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 429 with this `Retry-After`, in seconds.
    RateLimited(u32),
    /// 503, and nothing was done.
    ServerError,
    /// The connection breaks before anything was done.
    ResetBefore,
    /// Everything is done, and then the connection breaks: the caller cannot know.
    ResetAfter,
}
