//! What can go wrong. Each message completes "failed to …".

use chrono::{DateTime, Utc};
use thiserror::Error;

/// Why a store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Somebody else wrote first: read again, decide again. Nothing was stored.
    #[error("write {what}: expected version {expected}, found {found}")]
    Conflict {
        /// The document or stream.
        what: String,
        /// The version the commit was decided on.
        expected: u64,
        /// The version that is stored; 0 when there is none.
        found: u64,
    },
    /// The lease has a newer token: another process acts now, this one must stop. Nothing was stored.
    #[error("write under lease {lease}: its token is now {current}")]
    Fenced {
        /// The lease.
        lease: String,
        /// The token that counts; 0 when the lease was never acquired.
        current: u64,
    },
    /// Larger than any engine takes. Nothing was stored, and sending it again will not help.
    #[error("store {what}: {size} is over the limit of {limit}")]
    TooLarge {
        /// What is too large.
        what: String,
        /// How large it is.
        size: usize,
        /// How large it may be.
        limit: usize,
    },
    /// The request contradicts the contract: a mistake in the calling code. Nothing was stored.
    #[error("understand the request: {detail}")]
    Invalid {
        /// Which rule it breaks.
        detail: String,
    },
    /// Stored or not, nobody knows. Send the same commit with the same id again.
    #[error("learn whether the commit was stored: {detail}")]
    Ambiguous {
        /// What happened.
        detail: String,
    },
    /// The store does not answer. Nothing was stored.
    #[error("reach the store: {detail}")]
    Unavailable {
        /// What happened.
        detail: String,
    },
    /// What is stored is not what was written. It needs a person, and perhaps an export.
    #[error("read {what}: it is damaged: {detail}")]
    Corrupt {
        /// The record, with its version where it has one.
        what: String,
        /// What does not fit.
        detail: String,
    },
    /// Another holder has the lease.
    #[error("acquire lease {lease}: {holder} holds it until {until}")]
    HeldBy {
        /// The lease.
        lease: String,
        /// Who has it.
        holder: String,
        /// When it may be taken over, unless it is renewed.
        until: DateTime<Utc>,
    },
}

impl StoreError {
    /// Whether it stays so until somebody mends it: to try again is of no use.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Corrupt { .. } => true,
            Self::Conflict { .. }
            | Self::Fenced { .. }
            | Self::TooLarge { .. }
            | Self::Invalid { .. }
            | Self::Ambiguous { .. }
            | Self::Unavailable { .. }
            | Self::HeldBy { .. } => false,
        }
    }
}
