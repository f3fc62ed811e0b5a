//! The agenda: the runs that time or a change may move on. The others are left alone, however many
//! they are: the agenda follows from the state, and is kept beside it so that no turn has to go
//! through all runs.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use crate::id::{EnvironmentName, RunId};
use crate::run::{PatchRun, Phase, next_deadline};
use crate::state::{Outline, State};

/// The runs that have to be ticked, and when.
#[derive(Clone, Debug, Default)]
pub struct Agenda {
    /// Runs that have changed, or that depend on something that has.
    changed: BTreeSet<RunId>,
    /// Runs that are approved or under way, which are ticked on every turn.
    at_work: BTreeSet<RunId>,
    due: BTreeSet<(DateTime<Utc>, RunId)>,
    due_of: BTreeMap<RunId, Vec<DateTime<Utc>>>,
}

impl Agenda {
    /// The agenda of all runs in the state, each of which may have something to do.
    pub fn of(state: &State) -> Self {
        let mut agenda = Self::default();
        state.runs.values().for_each(|run| agenda.follow(run));
        agenda
    }

    /// Notes that a run is new or has changed. `before` is its outline before the change.
    pub fn changed(&mut self, state: &State, run: &RunId, before: Option<Outline>) {
        let Some(run) = state.runs.get(run) else { return };
        self.follow(run);
        if before != Some(run.outline()) {
            self.touch_after(state, run.id.environment());
        }
    }

    /// Removes a run that is no longer kept in memory.
    pub fn forget(&mut self, run: &RunId) {
        self.changed.remove(run);
        self.at_work.remove(run);
        for at in self.due_of.remove(run).unwrap_or_default() {
            self.due.remove(&(at, run.clone()));
        }
    }

    /// Whether a deadline has come.
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        self.due.first().is_some_and(|(at, _)| *at <= now)
    }

    /// The runs for which something may follow now.
    pub(crate) fn take(&mut self, state: &State, now: DateTime<Utc>) -> BTreeSet<RunId> {
        let come = self.due.iter().take_while(|(at, _)| *at <= now);
        let due: BTreeSet<RunId> = come.map(|(_, run)| run.clone()).collect();
        // A deadline that has come stays until it has passed, because a run may wait for the end of
        // that instant.
        while self.due.first().is_some_and(|(at, _)| *at < now) {
            self.due.pop_first();
        }
        for run in &due {
            self.touch_after(state, run.environment());
        }
        let mut runs = std::mem::take(&mut self.changed);
        runs.extend(due);
        runs.extend(self.at_work.iter().cloned());
        runs
    }

    /// The runs that may have effects pending in the outside world.
    pub(crate) fn at_work<'a>(&'a self, state: &'a State) -> impl Iterator<Item = &'a PatchRun> {
        self.at_work.iter().filter_map(|run| state.runs.get(run))
    }

    /// When the next deadline after `now` comes; `now` if something has changed.
    pub(crate) fn next_due(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if !self.changed.is_empty() {
            return Some(now);
        }
        self.due.iter().map(|(at, _)| *at).find(|at| *at > now)
    }

    fn follow(&mut self, run: &PatchRun) {
        self.forget(&run.id);
        if run.is_open() {
            self.changed.insert(run.id.clone());
            if run.phase != Phase::Waiting {
                self.at_work.insert(run.id.clone());
            }
        }
        let deadlines = deadlines(run);
        self.due.extend(deadlines.iter().map(|at| (*at, run.id.clone())));
        self.due_of.insert(run.id.clone(), deadlines);
    }

    /// Notes that the proof of an environment may have changed, on which the runs in the next
    /// environments depend.
    fn touch_after(&mut self, state: &State, environment: &EnvironmentName) {
        for after in state.promotion.after(environment) {
            let open = state.runs_of(&after.name).filter(|run| run.is_open());
            self.changed.extend(open.map(|run| run.id.clone()));
        }
    }
}

/// When time alone changes something about a run, or about what it proves: for a finished run, also
/// when its proof becomes too old.
fn deadlines(run: &PatchRun) -> Vec<DateTime<Utc>> {
    let next = next_deadline(run);
    let too_old = match run.phase {
        Phase::Finished { .. } => {
            let lasts = TimeDelta::from(run.plan.proof_lasts) + TimeDelta::milliseconds(1);
            next.and_then(|since| since.checked_add_signed(lasts))
        }
        Phase::Waiting
        | Phase::Approved { .. }
        | Phase::Running { .. }
        | Phase::Stopping { .. }
        | Phase::Stopped { .. }
        | Phase::Rejected { .. }
        | Phase::Expired { .. }
        | Phase::Voided { .. } => None,
    };
    next.into_iter().chain(too_old).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::{Environment, Promotion};
    use crate::plan::Pin;
    use crate::run::RunInput;
    use crate::run::tests::{Scenario, after, counts, plan};
    use crate::state::Subject;

    fn subjects(state: &State, agenda: &mut Agenda, minute: i64) -> Vec<Subject> {
        state.ticking(agenda, after(minute))
    }

    #[test]
    fn a_plan_that_waits_is_left_alone_until_it_changes_or_is_due() {
        let mut scenario = Scenario::new(plan(Pin::First), 2);
        let mut state = scenario.state();
        let (mut agenda, id) = (Agenda::of(&state), scenario.run.id.clone());
        let run = [Subject::Run(id.clone())];
        assert_eq!(subjects(&state, &mut agenda, 1), run, "a restart looks at all");
        assert_eq!(subjects(&state, &mut agenda, 1), []);
        let outline = scenario.run.outline();
        scenario.approve("aiko", after(2)).expect("an approver");
        state.runs.insert(id.clone(), scenario.run.clone());
        agenda.changed(&state, &id, Some(outline));
        assert_eq!(subjects(&state, &mut agenda, 2), run);
        assert_eq!(subjects(&state, &mut agenda, 3), []);
        let due = state.next_deadline(&agenda, after(3)).expect("it expires");
        assert_eq!(due, scenario.run.expires_at());
        for _ in 0..2 {
            assert_eq!(state.ticking(&mut agenda, due), run, "as long as that instant lasts");
        }
        assert_eq!(state.ticking(&mut agenda, due + TimeDelta::seconds(1)), run);
        assert_eq!(state.ticking(&mut agenda, due + TimeDelta::seconds(2)), []);
        scenario.approve("ben", after(3)).expect("an approver");
        state.runs.insert(id.clone(), scenario.run);
        agenda.changed(&state, &id, Some(outline));
        for minute in 4..6 {
            assert_eq!(subjects(&state, &mut agenda, minute), run, "what is at work each time");
        }
        agenda.forget(&id);
        assert_eq!(subjects(&state, &mut agenda, 9), []);
    }

    #[test]
    fn a_plan_is_looked_at_when_what_proves_it_changes_or_grows_too_old() {
        let mut proof = Scenario::new(plan(Pin::First), 1).begun();
        for minute in [10, 20] {
            proof.wave(counts(0), after(minute));
            proof.go(RunInput::Tick, after(minute + 1));
        }
        let Phase::Finished { at: ended } = proof.run.phase else { panic!("it has ended") };
        let mut waits = Scenario::new(plan(Pin::First), 2).run;
        waits.id = "production-1".parse().expect("a run");
        waits.plan.environment = waits.id.environment().clone();
        let mut state = proof.state();
        let first = state.promotion.0[0].clone();
        let next = Environment {
            name: waits.id.environment().clone(),
            after: Some(first.name.clone()),
            ..first.clone()
        };
        state.promotion = Promotion(vec![first, next]);
        state.runs.insert(waits.id.clone(), waits.clone());
        let mut agenda = Agenda::of(&state);
        let waits = Subject::Run(waits.id);
        assert!(subjects(&state, &mut agenda, 25).contains(&waits));
        assert!(!subjects(&state, &mut agenda, 25).contains(&waits));
        agenda.changed(&state, &proof.run.id, None);
        assert!(subjects(&state, &mut agenda, 25).contains(&waits));
        // Thirty days after it has soaked for ten minutes.
        let too_old = ended + TimeDelta::minutes(10) + TimeDelta::days(30);
        subjects(&state, &mut agenda, 60 * 26);
        assert!(!state.ticking(&mut agenda, too_old).contains(&waits));
        assert!(state.ticking(&mut agenda, too_old + TimeDelta::seconds(1)).contains(&waits));
    }
}
