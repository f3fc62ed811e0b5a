//! The envelope around everything that is recorded: what has happened, when, and on whose word. This
//! is what the store keeps.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::announcement::{Affected, AnnouncedPatch};
use crate::emergency_stop::EmergencyStopEvent;
use crate::fleet::compliance::{ComplianceReport, Unreadable};
use crate::id::{EnvironmentName, PersonRef, Principal, RunId};
use crate::reminder::Reminder;
use crate::run::RunEvent;

/// Something that has happened, of whatever kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "nearly every event is of a run")]
pub enum Event {
    /// To a run.
    Run(RunId, RunEvent),
    /// Patches were found that the channel must hear of.
    Announced {
        /// Counted from 1.
        number: u32,
        /// The worst first.
        patches: Vec<AnnouncedPatch>,
        /// How many nodes of each environment miss at least one of them.
        affected: BTreeMap<EnvironmentName, Affected>,
    },
    /// Everything was stopped, or goes on.
    EmergencyStop(EmergencyStopEvent),
    /// Compliance was reported after a run had ended.
    Reported {
        /// After which run.
        after: RunId,
        /// One for each environment that could be read.
        reports: Vec<ComplianceReport>,
        /// Those that could not.
        unreadable: Vec<Unreadable>,
    },
    /// What was due was said.
    Reminded(Reminder),
}

impl Event {
    /// The run that it has happened to.
    pub fn run(&self) -> Option<&RunId> {
        match self {
            Self::Run(run, _) => Some(run),
            Self::Announced { .. }
            | Self::EmergencyStop(_)
            | Self::Reported { .. }
            | Self::Reminded(_) => None,
        }
    }
}

/// Something that has happened. Nothing but a decision makes one: outside this
/// crate it can be read, stored and restored, and not written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
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
    pub(crate) fn all(events: Vec<E>, by: Option<&Principal>, at: DateTime<Utc>) -> Vec<Self> {
        events.into_iter().map(|event| Self { at, by: by.cloned(), event }).collect()
    }
}
