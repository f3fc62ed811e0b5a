//! Reminders: what is due at a time and is posted once.

use serde::{Deserialize, Serialize};

/// A reminder, which is posted once when it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reminder {
    /// Everything has been stopped for so long that somebody may have forgotten.
    StopStands {
        /// The number of the stop, as `Subject::EmergencyStop` of the state counts.
        stop: u32,
        /// How many whole days it has lasted; at least 1.
        days: u32,
    },
}
