//! The emergency stop: `stop` stops everything at once, across restarts, until `resume`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::PersonRef;
use crate::reason::Reason;
use crate::recorded::Recorded;
use crate::text::TimeStyle;
use crate::text::wording::Args;

/// Whether everything is stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmergencyStop {
    /// The current stop; `None` while work may go on.
    pub stop: Option<Stop>,
}

/// One stop of everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// The person who stopped everything.
    pub by: PersonRef,
    /// Their reason.
    pub reason: Reason,
    /// When they stopped everything.
    pub at: DateTime<Utc>,
}

/// An event of the emergency stop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmergencyStopEvent {
    /// Somebody stopped everything.
    Stopped {
        /// The reason of the person who stopped.
        reason: Reason,
    },
    /// Somebody resumed everything.
    Resumed {
        /// Why it is safe to go on.
        reason: Reason,
    },
}

impl Stop {
    /// Who stopped everything, why and when, as arguments of a message.
    pub(crate) fn said(&self) -> Args {
        let args = Args::new().person("who", &self.by).text("reason", &self.reason);
        args.time("at", self.at, TimeStyle::DateTime)
    }
}

impl EmergencyStop {
    /// Whether everything is stopped now.
    pub fn is_active(&self) -> bool {
        self.stop.is_some()
    }

    /// The state after an event; `None` if the event does not name a person. A second stop replaces
    /// the reason; a second resume changes nothing.
    pub(crate) fn after(recorded: &Recorded<EmergencyStopEvent>) -> Option<Self> {
        let by = recorded.person()?.clone();
        let stop = match &recorded.event {
            EmergencyStopEvent::Stopped { reason } => {
                Some(Stop { by, reason: reason.clone(), at: recorded.at })
            }
            EmergencyStopEvent::Resumed { .. } => None,
        };
        Some(Self { stop })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::event::Event;
    use crate::id::Principal;
    use crate::run::tests::{after, person};
    use crate::state::State;

    /// Stops everything, or resumes it, at this minute.
    pub(crate) fn records_stop(
        state: &mut State,
        who: &str,
        event: EmergencyStopEvent,
        minute: i64,
    ) {
        let by = Some(Principal::Person(person(who)));
        let recorded = Recorded { at: after(minute), by, event: Event::EmergencyStop(event) };
        state.apply(recorded).expect("it can follow");
    }
}
