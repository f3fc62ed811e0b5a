//! What must still be done in the world, and when time will change that: of everything that is known,
//! derived from it alone, so that a bot that was killed computes the same list again.

use chrono::{DateTime, Utc};

use crate::book::{Book, Context};
use crate::run::{Phase, RunEffect, RunId, next_deadline, pending};

/// Something to do in the world.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// For a run.
    Run(RunEffect),
    /// Look at the environments after this run has ended, so that their compliance can be reported.
    ReadAfter(RunId),
}

impl Book {
    /// What must still be done.
    pub fn pending(&self, context: Context, now: DateTime<Utc>) -> Vec<Effect> {
        let open = self.runs.values().filter(|run| run.is_open());
        let of_runs = open.flat_map(|run| pending(run, &self.brake, context.token, now));
        of_runs.map(Effect::Run).chain(self.unreported()).collect()
    }

    /// When something is due next, of whatever there is. What was due and led to nothing is not.
    pub fn next_deadline(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let of_runs = self.runs.values().filter_map(next_deadline).filter(|at| *at > now);
        of_runs.chain(self.next_reminder(now)).min()
    }

    /// Runs that have ended and after which compliance was not reported yet.
    fn unreported(&self) -> impl Iterator<Item = Effect> {
        let ended = self.runs.values().filter(|run| match run.phase {
            Phase::Finished { .. } | Phase::Halted { .. } => true,
            Phase::Waiting
            | Phase::Approved { .. }
            | Phase::Running { .. }
            | Phase::Ending { .. }
            | Phase::Rejected { .. }
            | Phase::Expired { .. }
            | Phase::Voided { .. } => false,
        });
        let unreported =
            ended.filter(|run| !self.reports.iter().any(|report| report.after == run.id));
        unreported.map(|run| Effect::ReadAfter(run.id.clone()))
    }
}
