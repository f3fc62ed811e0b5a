//! What is counted while a platform is listened to.

use std::sync::atomic::AtomicU64;

/// What was received so far, to be measured.
#[derive(Debug, Default)]
pub struct ListenStats {
    /// Interactions that were made durable.
    pub accepted: AtomicU64,
    /// Interactions that could not be, and were left for Slack to deliver again.
    pub refused: AtomicU64,
    /// Envelopes that were not understood. Slack was told that they arrived: another delivery
    /// would be no clearer.
    pub unreadable: AtomicU64,
    /// Requests over HTTP that were forged, stale or replayed.
    pub forged: AtomicU64,
    /// Connections that were opened.
    pub connected: AtomicU64,
    /// Connections that ended.
    pub disconnected: AtomicU64,
}
