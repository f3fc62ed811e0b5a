//! What follows when the deadline of a dispatch has passed.

use chrono::{DateTime, Utc};

use crate::run::{
    Dispatch, DispatchEvent, DispatchStatus, PatchRun, RunEvent, WhyAbandoned, WhyUncertain,
};

/// What follows when the deadline of a dispatch has passed.
pub(super) fn late(run: &PatchRun, token: u64, at: DateTime<Utc>) -> Option<RunEvent> {
    run.dispatches.values().find_map(|dispatch| late_with(run, dispatch, token, at))
}

fn late_with(
    run: &PatchRun,
    dispatch: &Dispatch,
    token: u64,
    at: DateTime<Utc>,
) -> Option<RunEvent> {
    let id = &dispatch.id;
    let happens = |event| Some(RunEvent::Dispatch(id.clone(), event));
    let overdue = run.deadline(dispatch).is_some_and(|deadline| at >= deadline);
    match &dispatch.status {
        DispatchStatus::Intended if dispatch.token != token => {
            happens(DispatchEvent::BecameUncertain { why: WhyUncertain::Restarted })
        }
        DispatchStatus::Sent { .. } | DispatchStatus::Ran { .. } if overdue => {
            happens(DispatchEvent::Ended)
        }
        // A second scan does no harm.
        DispatchStatus::Uncertain { .. } if overdue && !id.operation.is_install() => {
            happens(DispatchEvent::Abandoned { why: WhyAbandoned::ScanAgain })
        }
        // It will not be sent again, so no person has to decide that.
        DispatchStatus::Uncertain { asked_at, .. }
            if run.is_stopping() && (overdue || asked_at.is_some()) =>
        {
            happens(DispatchEvent::GivenUp)
        }
        DispatchStatus::Uncertain { asked_at: None, .. } if overdue => {
            happens(DispatchEvent::PersonAsked)
        }
        DispatchStatus::Uncertain { .. } if overdue => happens(DispatchEvent::Forgotten),
        DispatchStatus::Intended
        | DispatchStatus::Sent { .. }
        | DispatchStatus::Ran { .. }
        | DispatchStatus::Uncertain { .. }
        | DispatchStatus::Ended { .. }
        | DispatchStatus::Refused { .. }
        | DispatchStatus::Abandoned { .. }
        | DispatchStatus::GivenUp { .. } => None,
    }
}
