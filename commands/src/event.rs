//! The envelope around everything that is recorded: what has happened, when, and on whose word. This
//! is what the store keeps.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::actor::Principal;
use crate::text::PersonRef;

/// Something that has happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded<E> {
    /// When it was decided.
    pub at: DateTime<Utc>,
    /// On whose word; `None` where time or an answer of AWS brought it about.
    pub by: Option<Principal>,
    /// What has happened.
    pub event: E,
}

impl<E> Recorded<E> {
    /// The person on whose word it happened.
    pub fn person(&self) -> Option<&PersonRef> {
        self.by.as_ref().and_then(Principal::person)
    }

    /// Each of `events` as they are kept: one decision, one time, one author.
    pub fn all(events: Vec<E>, by: Option<&Principal>, at: DateTime<Utc>) -> Vec<Self> {
        events.into_iter().map(|event| Self { at, by: by.cloned(), event }).collect()
    }
}
