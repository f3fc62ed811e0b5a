//! The brake: `stop` halts everything at once, and stays pulled through a restart until `resume`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::event::Recorded;
use crate::id::PersonRef;
use crate::reason::Reason;
use crate::text::TimeStyle;
use crate::text::wording::Args;

/// Whether everything stands still.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brake {
    /// Who pulled it and why; none while work may go on.
    pub pulled: Option<Pulled>,
}

/// Who pulled the brake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pulled {
    /// Who.
    pub by: PersonRef,
    /// Why.
    pub reason: Reason,
    /// When.
    pub at: DateTime<Utc>,
}

/// Something that has happened to the brake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BrakeEvent {
    /// Somebody pulled it.
    Pulled {
        /// Why.
        reason: Reason,
    },
    /// Somebody released it.
    Released {
        /// Why it is safe to go on.
        reason: Reason,
    },
}

impl Pulled {
    /// Who pulled it, why and when, for a message.
    pub(crate) fn said(&self) -> Args {
        let args = Args::new().person("who", &self.by).text("reason", &self.reason);
        args.time("at", self.at, TimeStyle::DateTime)
    }
}

impl Brake {
    /// What holds after an event; `None` where nobody is said to have done it. Pulling twice keeps the
    /// newer reason; releasing twice changes nothing.
    pub(crate) fn after(recorded: &Recorded<BrakeEvent>) -> Option<Self> {
        let by = recorded.person()?.clone();
        let pulled = match &recorded.event {
            BrakeEvent::Pulled { reason } => {
                Some(Pulled { by, reason: reason.clone(), at: recorded.at })
            }
            BrakeEvent::Released { .. } => None,
        };
        Some(Self { pulled })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::event::Event;
    use crate::id::Principal;
    use crate::run::tests::{after, person};
    use crate::state::State;

    /// Somebody pulls the brake of `book`, or releases it, at this minute.
    pub(crate) fn brakes(state: &mut State, who: &str, event: BrakeEvent, minute: i64) {
        let by = Some(Principal::Person(person(who)));
        let recorded = Recorded { at: after(minute), by, event: Event::Brake(event) };
        state.apply(recorded).expect("it can follow");
    }
}
