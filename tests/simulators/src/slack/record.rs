//! What the app did, for tests to look at, and what shall go wrong next.

use chrono::{DateTime, Utc};
use serde_json::Value;

/// One call of the Web API or of a `response_url`.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Simulated time.
    pub at: DateTime<Utc>,
    /// As in `chat.postMessage`; `response_url` for a hook.
    pub method: String,
    /// The arguments as understood.
    pub args: Value,
    /// `ok`, or the error code.
    pub outcome: String,
}

impl Call {
    /// Whether Slack did as asked.
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
    /// All is done, and then the connection breaks: the caller cannot know.
    ResetAfter,
}
