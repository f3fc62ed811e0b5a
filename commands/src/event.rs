//! The events of all aggregates.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::announcement::{Affected, AnnouncedPatch};
use crate::emergency_stop::EmergencyStopEvent;
use crate::fleet::compliance::{ComplianceReport, Unreadable};
use crate::id::{EnvironmentName, RunId};
use crate::reminder::Reminder;
use crate::run::RunEvent;

/// An event of any aggregate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "nearly every event is of a run")]
pub enum Event {
    /// An event of a run.
    Run(RunId, RunEvent),
    /// Patches were found that are worth announcing to the channels.
    Announced {
        /// The number of the announcement, counted from 1.
        number: u32,
        /// The announced patches, the worst first.
        patches: Vec<AnnouncedPatch>,
        /// For each environment, how many nodes miss at least one of them.
        affected: BTreeMap<EnvironmentName, Affected>,
    },
    /// Somebody stopped everything, or resumed it.
    EmergencyStop(EmergencyStopEvent),
    /// Compliance was reported after a run had ended.
    Reported {
        /// The run that had ended.
        after: RunId,
        /// One report for each environment that could be read.
        reports: Vec<ComplianceReport>,
        /// The environments that could not be read.
        unreadable: Vec<Unreadable>,
    },
    /// A reminder that was due was posted.
    Reminded(Reminder),
}

impl Event {
    /// The run that the event belongs to; `None` for events of other aggregates.
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
