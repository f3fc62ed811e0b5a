//! A run whose credentials turn out to be of another account than its plan's. What AWS would say is
//! about other nodes, so nothing is sent, looked for or judged before they are right again.

use crate::fleet::account::WrongAccount;
use crate::run::{PatchRun, Phase, RunEvent};

/// What follows from whose the credentials are. `wrong` is `None` where all are of its account.
pub(super) fn identified(run: &PatchRun, wrong: Option<&WrongAccount>) -> Vec<RunEvent> {
    match &run.phase {
        Phase::Approved { .. } | Phase::Running { .. } | Phase::Stopping { .. } => {}
        Phase::Waiting
        | Phase::Finished { .. }
        | Phase::Stopped { .. }
        | Phase::Rejected { .. }
        | Phase::Expired { .. }
        | Phase::Voided { .. } => return Vec::new(),
    }
    match (&run.closed, wrong) {
        (None, None) => Vec::new(),
        (Some(known), Some(wrong)) if known == wrong => Vec::new(),
        (_, Some(wrong)) => vec![RunEvent::Closed { wrong: wrong.clone() }],
        (Some(_), None) => vec![RunEvent::Reopened],
    }
}
