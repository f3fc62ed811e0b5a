//! What must still be done in the world, and when time will change that: of everything that is known,
//! derived from it alone, so that a bot that was killed computes the same list again.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::decide::Context;
use crate::id::RunId;
use crate::run::{RunEffect, pending};
use crate::state::{Agenda, State};

/// Something to do in the world.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// For a run.
    Run(RunEffect),
    /// Look at the environments after this run has ended, so that their compliance can be reported.
    ReadAfter(RunId),
}

impl State {
    /// What must still be done.
    pub fn pending(&self, agenda: &Agenda, context: Context, now: DateTime<Utc>) -> Vec<Effect> {
        let of_runs = agenda
            .at_work(self)
            .flat_map(|run| pending(run, &self.emergency_stop, context.token, now));
        of_runs.map(Effect::Run).chain(self.unreported()).collect()
    }

    /// When something is due next, of whatever there is. What was due and led to nothing is not.
    pub fn next_deadline(&self, agenda: &Agenda, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        agenda.next_due(now).into_iter().chain(self.next_reminder(now)).min()
    }

    /// Runs that have ended and after which compliance was not reported yet.
    fn unreported(&self) -> impl Iterator<Item = Effect> {
        let ended = self.runs.values().filter(|run| run.has_ended());
        let reported: BTreeSet<&RunId> = self.reports.iter().map(|report| &report.after).collect();
        let unreported = ended.filter(move |run| !reported.contains(&run.id));
        unreported.map(|run| Effect::ReadAfter(run.id.clone()))
    }
}
