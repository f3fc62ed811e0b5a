//! The emergency stop: `stop` stops everything at once, through restarts, until `resume`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::event::Recorded;
use crate::id::PersonRef;
use crate::reason::Reason;
use crate::text::TimeStyle;
use crate::text::wording::Args;

/// Whether everything stands still.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmergencyStop {
    /// Who stopped everything and why; none while work may go on.
    pub stop: Option<Stop>,
}

/// Who stopped everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// Who.
    pub by: PersonRef,
    /// Why.
    pub reason: Reason,
    /// When.
    pub at: DateTime<Utc>,
}

/// Something that has happened to the emergency stop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmergencyStopEvent {
    /// Somebody stopped everything.
    Stopped {
        /// Why.
        reason: Reason,
    },
    /// Somebody resumed.
    Resumed {
        /// Why it is safe to go on.
        reason: Reason,
    },
}

impl Stop {
    /// Who stopped everything, why and when, for a message.
    pub(crate) fn said(&self) -> Args {
        let args = Args::new().person("who", &self.by).text("reason", &self.reason);
        args.time("at", self.at, TimeStyle::DateTime)
    }
}

impl EmergencyStop {
    /// What holds after an event; `None` where nobody is said to have done it. Stopping twice keeps the
    /// newer reason; resuming twice changes nothing.
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

    /// Somebody stops everything of `book`, or releases it, at this minute.
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
