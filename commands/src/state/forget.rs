//! Forgetting plans that ended before anybody voted, so that they do not stay in memory forever.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::id::RunId;
use crate::run::{PatchRun, Phase, RunEvent};
use crate::state::State;

/// How many runs of an environment are kept, however old they are.
const KEPT: usize = 50;

/// How long each run is kept at least: until then its cards show what happened to it.
const LEAST: TimeDelta = TimeDelta::days(1);

impl State {
    /// Runs that nobody needs any longer. They never include the newest run of an environment, so
    /// that no number is used twice, nor a run that anybody voted on or that was started.
    pub fn forgettable(&self, now: DateTime<Utc>) -> Vec<RunId> {
        let environments: BTreeSet<_> = self.runs.keys().map(RunId::environment).collect();
        let of_each = environments.into_iter().flat_map(|environment| {
            let mut runs: Vec<&PatchRun> = self.runs_of(environment).collect();
            runs.sort_by_key(|run| std::cmp::Reverse(run.id.number()));
            let old = runs.into_iter().skip(1).filter(|run| closed_unvoted(run).is_some());
            old.skip(KEPT).filter(|run| closed_unvoted(run).is_some_and(|at| at + LEAST <= now))
        });
        of_each.map(|run| run.id.clone()).collect()
    }

    /// Removes runs from memory. Their stored records stay.
    pub fn forget(&mut self, runs: &[RunId]) {
        self.runs.retain(|id, _| !runs.contains(id));
    }
}

/// When a run ended that nobody ever voted for; `None` for every other run.
fn closed_unvoted(run: &PatchRun) -> Option<DateTime<Utc>> {
    let at = match &run.phase {
        Phase::Rejected { at, .. }
        | Phase::Expired { at }
        | Phase::Voided { at, replan: false, .. } => *at,
        Phase::Voided { replan: true, .. }
        | Phase::Waiting
        | Phase::Approved { .. }
        | Phase::Running { .. }
        | Phase::Stopping { .. }
        | Phase::Finished { .. }
        | Phase::Stopped { .. } => return None,
    };
    let voted = run.history.iter().any(|scenario| matches!(scenario.event, RunEvent::Voted { .. }));
    (!voted).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Pin;
    use crate::run::RunInput;
    use crate::run::tests::{Scenario, after, plan};

    #[test]
    fn plans_without_a_vote_are_forgotten_and_no_number_comes_twice() {
        let mut state = State::default();
        for number in 1..=70 {
            let mut scenario = Scenario::new(plan(Pin::First), 2);
            if number == 3 {
                scenario.approve("aiko", after(1)).expect("an approver");
            }
            scenario.go(RunInput::Tick, after(60 * 30));
            scenario.run.id = RunId::new(scenario.run.id.environment().clone(), number);
            state.runs.insert(scenario.run.id.clone(), scenario.run);
        }
        assert_eq!(state.forgettable(after(60 * 40)), [], "on the same day");
        let now = after(60 * 60);
        let environment = state.runs.values().next().expect("a run").id.environment().clone();
        let next = state.next_run(&environment);
        let old = state.forgettable(now);
        state.forget(&old);
        // The newest, the fifty before it, and the one that somebody voted for.
        assert_eq!(state.runs.len(), 52);
        assert!(state.runs.contains_key(&RunId::new(environment.clone(), 3)));
        assert_eq!((state.next_run(&environment), state.forgettable(now)), (next, vec![]));
    }
}
