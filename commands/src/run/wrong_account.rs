//! A run whose credentials turn out to belong to another account than its plan's. AWS would then
//! answer about other nodes, so we send, search and judge nothing until the credentials are right
//! again.

use crate::fleet::account::WrongAccount;
use crate::run::{PatchRun, Phase, RunEvent};

/// What follows from the account of the credentials. `wrong` is `None` if all of them belong to the
/// plan's account.
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
