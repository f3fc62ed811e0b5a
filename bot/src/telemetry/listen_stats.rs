//! Statistics of receiving from a platform.

use std::sync::atomic::AtomicU64;

/// What was received so far.
#[derive(Debug, Default)]
pub struct ListenStats {
    /// Interactions that were made durable.
    pub accepted: AtomicU64,
    /// Interactions that could not be made durable, and that Slack will deliver again.
    pub refused: AtomicU64,
    /// Envelopes that could not be parsed. The bot acknowledged them, because another delivery
    /// would be no clearer.
    pub unreadable: AtomicU64,
    /// Requests over HTTP that were forged, stale or replayed.
    pub forged: AtomicU64,
    /// Connections that were opened.
    pub connected: AtomicU64,
    /// Connections that ended.
    pub disconnected: AtomicU64,
}
