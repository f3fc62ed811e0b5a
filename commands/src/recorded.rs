//! The envelope around each event: what has happened, when, and on whose authority. This is what
//! the store keeps.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::{PersonRef, Principal};

/// A recorded event. Only a decision creates one: other crates can read, store and restore it, but
/// not construct it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Recorded<E> {
    /// When it was decided.
    pub at: DateTime<Utc>,
    /// On whose authority; `None` if time or an answer of AWS brought it about.
    pub by: Option<Principal>,
    /// What has happened.
    pub event: E,
}

impl<E> Recorded<E> {
    /// The person on whose authority it happened.
    pub fn person(&self) -> Option<&PersonRef> {
        self.by.as_ref().and_then(Principal::person)
    }

    /// The envelopes of `events`, which come from one decision: one time, one author.
    pub(crate) fn all(events: Vec<E>, by: Option<&Principal>, at: DateTime<Utc>) -> Vec<Self> {
        events.into_iter().map(|event| Self { at, by: by.cloned(), event }).collect()
    }
}
