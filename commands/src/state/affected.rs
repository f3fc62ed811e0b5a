//! Which cards a change affects. Only those are drawn again.

use chrono::{DateTime, Utc};

use crate::event::Event;
use crate::id::{EnvironmentName, RunId};
use crate::run::{PatchRun, Phase};
use crate::state::{State, Subject};

/// The part of a run that other cards show, and that other decisions depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outline {
    is_open: bool,
    has_begun: bool,
    has_ended: bool,
    is_given_up: bool,
    is_proven: bool,
}

impl PatchRun {
    /// The part of this run that others see.
    pub fn outline(&self) -> Outline {
        let has_ended = self.has_ended();
        Outline {
            is_open: self.is_open(),
            has_begun: has_ended || self.wave().is_some(),
            has_ended,
            is_given_up: matches!(
                self.phase,
                Phase::Rejected { .. } | Phase::Expired { .. } | Phase::Voided { .. }
            ),
            is_proven: matches!(self.phase, Phase::Finished { .. }) && self.is_proven(),
        }
    }
}

impl State {
    /// The subjects whose cards an event affects. `before` is the outline of its run before the
    /// event; `None` for a new run, and for events of other aggregates.
    pub fn affected_by(&self, event: &Event, before: Option<Outline>) -> Vec<Subject> {
        match event {
            Event::Run(run, _) => self.affected_by_run(run, before),
            Event::Announced { number, .. } => vec![Subject::Announcement(*number)],
            Event::Reported { after, .. } => vec![Subject::Compliance(after.clone())],
            Event::EmergencyStop(_) => self.affected_by_emergency_stop(),
            Event::Reminded(reminder) => vec![reminder.subject()],
        }
    }

    /// Its own card and, if its outline differs from `before`, the cards that show it.
    fn affected_by_run(&self, run: &RunId, before: Option<Outline>) -> Vec<Subject> {
        let mut affected = vec![Subject::Run(run.clone())];
        if self.runs.get(run).map(PatchRun::outline) == before {
            return affected;
        }
        let here = run.environment();
        let name = |run: &PatchRun| Subject::Run(run.id.clone());
        // Only the newest run of an environment offers the next step, in its own environment and in
        // the one after.
        let older = self.runs.range(..run.clone()).next_back().map(|(_, older)| older);
        affected.extend(older.filter(|older| older.id.environment() == here).map(name));
        let first = self.promotion.before(here);
        affected.extend(first.and_then(|first| self.runs_of(&first.name).next_back()).map(name));
        let after = self.promotion.after(here).flat_map(|after| self.runs_of(&after.name));
        affected.extend(after.filter(|held| held.plan.pin.proof() == Some(run)).map(name));
        let of_here = self.announcements.list.iter().filter(|one| {
            one.affected.keys().any(|affected| self.arrives_first_at(affected, here))
        });
        affected.extend(of_here.map(|one| Subject::Announcement(one.number)));
        affected
    }

    fn arrives_first_at(&self, environment: &EnvironmentName, here: &EnvironmentName) -> bool {
        self.promotion.first_of(environment).is_some_and(|first| first.name == *here)
    }

    /// The cards of open runs, of the last stop or resume, and of the one before, which no longer
    /// holds.
    fn affected_by_emergency_stop(&self) -> Vec<Subject> {
        let open = self.runs.values().filter(|run| run.is_open());
        let last = u32::try_from(self.emergency_stops.len()).unwrap_or(u32::MAX);
        let words = (last.saturating_sub(1)..=last).map(Subject::EmergencyStop);
        open.map(|run| Subject::Run(run.id.clone())).chain(words).collect()
    }

    /// When a subject came up, which is the order in which cards are posted. `None` if there is no
    /// such subject.
    pub fn came_up(&self, subject: &Subject) -> Option<DateTime<Utc>> {
        match subject {
            Subject::Announcement(number) => {
                let mut all = self.announcements.list.iter();
                all.find(|one| one.number == *number).map(|one| one.at)
            }
            Subject::Run(run) => self.runs.get(run).map(|run| run.proposed_at),
            Subject::Compliance(after) => {
                self.reports.iter().rev().find(|one| one.after == *after).map(|one| one.at)
            }
            Subject::EmergencyStop(number) => {
                let event = self.emergency_stops.get((*number as usize).checked_sub(1)?)?;
                Some(event.at)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::announcement::{Affected, Announcement};
    use crate::environment::{Environment, Promotion};
    use crate::plan::{PatchPlan, Pin};
    use crate::run::RunInput;
    use crate::run::tests::{Scenario, after, counts, plan};
    use crate::text::wording::Locale;
    use crate::view::Post;
    use crate::view::tests::reader;

    fn environment(name: &str, follows: Option<&str>) -> Environment {
        Environment {
            name: name.parse().expect("a name"),
            after: follows.map(|name| name.parse().expect("a name")),
            ..crate::plan::tests::environment()
        }
    }

    fn run_id(text: &str) -> RunId {
        text.parse().expect("a run")
    }

    /// A run of this name, in each of its possible phases.
    fn phases(id: &str, held_to: Option<&str>) -> Vec<Option<PatchRun>> {
        let id = run_id(id);
        let fresh = || {
            let mut scenario = Scenario::new(PatchPlan { ..plan(Pin::First) }, 1);
            scenario.run.plan.environment = id.environment().clone();
            if let Some(by) = held_to {
                scenario.run.plan.pin = Pin::Proven {
                    by: run_id(by),
                    patches: Vec::new(),
                    location: "s3://bucket/list.yaml".into(),
                };
            }
            scenario
        };
        let mut expired = fresh();
        expired.go(RunInput::Tick, after(60 * 30));
        let mut runs = vec![fresh(), expired];
        if held_to.is_none() {
            let mut finished = fresh().begun();
            for minute in [10, 20] {
                finished.wave(counts(0), after(minute));
                finished.go(RunInput::Tick, after(minute + 1));
            }
            runs.extend([fresh().begun(), finished]);
        }
        let named = runs.into_iter().map(|scenario| {
            let mut run = scenario.run;
            run.id = id.clone();
            Some(run)
        });
        std::iter::once(None).chain(named).collect()
    }

    fn drawn(state: &State) -> BTreeMap<Subject, Post> {
        let subjects = state.subjects().into_iter();
        let reader = reader(Locale::En);
        subjects.filter_map(|(_, one)| Some((one.clone(), state.post(&one, reader)?))).collect()
    }

    fn with(state: &State, id: &RunId, run: Option<&PatchRun>) -> State {
        let mut state = state.clone();
        state.runs.remove(id);
        state.runs.extend(run.map(|run| (id.clone(), run.clone())));
        state
    }

    /// Draws everything before and after each change that each run may make: every card that
    /// differs afterwards must be among those that the change affects.
    #[test]
    fn a_card_that_a_change_does_not_concern_stays_as_it_is() {
        let ids = ["verification-1", "verification-2", "production-1"].map(run_id);
        let of_each = [
            phases("verification-1", None),
            phases("verification-2", None),
            phases("production-1", Some("verification-1")),
        ];
        assert!(of_each[0].iter().flatten().any(|run| run.outline().is_proven));
        let mut state = State {
            promotion: Promotion(vec![
                environment("verification", None),
                environment("production", Some("verification")),
            ]),
            ..State::default()
        };
        state.announcements.list.push(Announcement {
            number: 1,
            at: after(0),
            patches: Vec::new(),
            affected: [("production".parse().expect("a name"), Affected { nodes: 1, of: 3 })]
                .into(),
        });
        let mut others = 0;
        for first in &of_each[0] {
            for second in &of_each[1] {
                for third in &of_each[2] {
                    let mut here = with(&state, &ids[0], first.as_ref());
                    here = with(&here, &ids[1], second.as_ref());
                    here = with(&here, &ids[2], third.as_ref());
                    let before = drawn(&here);
                    for (id, variants) in ids.iter().zip(&of_each) {
                        let outline = here.runs.get(id).map(PatchRun::outline);
                        for variant in variants.iter().flatten() {
                            let changed = with(&here, id, Some(variant));
                            let said: BTreeSet<Subject> =
                                changed.affected_by_run(id, outline).into_iter().collect();
                            for (subject, card) in drawn(&changed) {
                                let same = before.get(&subject) == Some(&card);
                                assert!(same || said.contains(&subject), "{id} changes {subject}");
                                others += usize::from(!same && subject != Subject::Run(id.clone()));
                            }
                        }
                    }
                }
            }
        }
        assert!(others > 50, "cards of others change as well: {others}");
    }
}
