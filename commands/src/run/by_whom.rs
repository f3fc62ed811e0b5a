//! Who did what a record tells of: people change their names and platforms, records do not.

use crate::brake::BrakeEvent;
use crate::run::RunEvent;
use crate::text::PersonRef;

impl RunEvent {
    /// The person that it names; none where nobody did it. Whoever replays old records puts the
    /// name there by which the person is known today, so that one person has one vote.
    pub fn person_mut(&mut self) -> Option<&mut PersonRef> {
        match self {
            Self::Proposed { requester: by, .. }
            | Self::Voted { by, .. }
            | Self::Withdrawn { by, .. }
            | Self::Rejected { by, .. }
            | Self::Adopted { by, .. } => Some(by),
            Self::Abandoned { by, .. } => by.as_mut(),
            Self::Expired { .. }
            | Self::Voided { .. }
            | Self::Replanned { .. }
            | Self::Approved { .. }
            | Self::Rechecked { .. }
            | Self::ListPublished { .. }
            | Self::WaveStarted { .. }
            | Self::Intended { .. }
            | Self::Sent { .. }
            | Self::Doubled { .. }
            | Self::SendRefused { .. }
            | Self::BecameUncertain { .. }
            | Self::PersonAsked { .. }
            | Self::Searched { .. }
            | Self::Forgotten { .. }
            | Self::Ran { .. }
            | Self::Reported { .. }
            | Self::GivenUp { .. }
            | Self::Heard { .. }
            | Self::CancelAsked { .. }
            | Self::Ended { .. }
            | Self::Judged { .. }
            | Self::HeldUp { .. }
            | Self::Cleared { .. }
            | Self::LeftOut { .. }
            | Self::Overwritten { .. }
            | Self::CalledOff { .. }
            | Self::Halted { .. }
            | Self::Finished { .. } => None,
        }
    }
}

impl BrakeEvent {
    /// The person that it names.
    pub fn person_mut(&mut self) -> &mut PersonRef {
        match self {
            Self::Pulled(pulled) => &mut pulled.by,
            Self::Released { by, .. } => by,
        }
    }
}
