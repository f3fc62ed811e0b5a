//! The pending effects of all aggregates, and when time will change them: derived from the state
//! alone, so that a bot that was killed computes the same list again.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::id::RunId;
use crate::run::{RunEffect, pending};
use crate::state::{Agenda, State};

/// What a decision has to know beside the state.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// The fencing token of this process's lease.
    pub token: u64,
}

/// An effect on the outside world.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// An effect of a run.
    Run(RunEffect),
    /// Survey the environments after this run has ended, so that their compliance can be reported.
    ReadAfter(RunId),
}

impl State {
    /// All effects that are pending now.
    pub fn pending(&self, agenda: &Agenda, context: Context, now: DateTime<Utc>) -> Vec<Effect> {
        let of_runs = agenda
            .at_work(self)
            .flat_map(|run| pending(run, &self.emergency_stop, context.token, now));
        of_runs.map(Effect::Run).chain(self.unreported()).collect()
    }

    /// When anything is due next. What was due already and led to nothing does not count.
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
