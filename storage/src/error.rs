//! Errors of a store. Each message completes "failed to …".

use chrono::{DateTime, Utc};
use thiserror::Error;

/// Why a store did not do what it was asked to do.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Somebody else wrote first: read again and decide again. Nothing was stored.
    #[error("write {what}: expected version {expected}, found {found}")]
    Conflict {
        /// The document or stream.
        what: String,
        /// The version on which the commit was based.
        expected: u64,
        /// The version that is stored; 0 if there is none.
        found: u64,
    },
    /// The lease has a newer token: another process acts now, and this one must stop. Nothing was
    /// stored.
    #[error("write under lease {lease}: its token is now {current}")]
    Fenced {
        /// The name of the lease.
        lease: String,
        /// The current token; 0 if the lease was never acquired.
        current: u64,
    },
    /// It exceeds the limit of every engine. Nothing was stored, and sending it again will not
    /// help.
    #[error("store {what}: {size} is over the limit of {limit}")]
    TooLarge {
        /// What exceeds the limit.
        what: String,
        /// Its size.
        size: usize,
        /// The limit.
        limit: usize,
    },
    /// The request violates the contract, by a mistake in the calling code. Nothing was stored.
    #[error("understand the request: {detail}")]
    Invalid {
        /// The rule that it violates.
        detail: String,
    },
    /// It is uncertain whether the commit was stored. Send the same commit with the same id again.
    #[error("learn whether the commit was stored: {detail}")]
    Ambiguous {
        /// What happened to the commit.
        detail: String,
    },
    /// The store does not answer. Nothing was stored.
    #[error("reach the store: {detail}")]
    Unavailable {
        /// Why it does not answer.
        detail: String,
    },
    /// The stored data is not what was written. A person has to act, perhaps with an export.
    #[error("read {what}: it is damaged: {detail}")]
    Corrupt {
        /// The record, with its version if it has one.
        what: String,
        /// What is wrong with it.
        detail: String,
    },
    /// Another process holds the lease.
    #[error("acquire lease {lease}: {holder} holds it until {until}")]
    HeldBy {
        /// The name of the lease.
        lease: String,
        /// The process that holds it.
        holder: String,
        /// When it expires, unless it is renewed.
        until: DateTime<Utc>,
    },
}

impl StoreError {
    /// Whether the error lasts until somebody fixes the cause, so that a retry is useless.
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
