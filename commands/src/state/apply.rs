//! How events change the state, in replay too. An event that cannot follow is an error.

use crate::announcement::Announcement;
use crate::emergency_stop::EmergencyStop;
use crate::event::Event;
use crate::id::RunId;
use crate::recorded::Recorded;
use crate::run::{InvalidTransition, PatchRun, RunEvent};
use crate::state::{Reported, State};

impl State {
    /// Applies an event. If it cannot follow, nothing changes.
    pub fn apply(&mut self, recorded: Recorded<Event>) -> Result<(), InvalidTransition> {
        let Recorded { at, by, event } = recorded;
        match event {
            Event::Run(id, event) => {
                self.apply_to_run(id, &Recorded { at, by, event })?;
            }
            Event::Announced { number, patches, affected } => {
                self.announcements.announced(Announcement { number, at, patches, affected });
            }
            Event::EmergencyStop(event) => {
                let recorded = Recorded { at, by, event };
                self.emergency_stop =
                    EmergencyStop::after(&recorded).ok_or_else(|| InvalidTransition {
                        event: "emergency_stop",
                        state: "a decision of nobody".to_owned(),
                    })?;
                self.emergency_stops.push(recorded);
            }
            Event::Reported { after, reports, unreadable } => {
                self.reports.push(Reported { after, reports, unreadable, at });
            }
            Event::Reminded(reminder) => {
                self.reminded.insert(reminder, at);
            }
        }
        Ok(())
    }

    /// Applies all events or, if one cannot follow, none: a decision must never take effect by
    /// half.
    pub fn apply_all(&mut self, events: &[Recorded<Event>]) -> Result<(), InvalidTransition> {
        let before = self.runs_in(events);
        let applied = events.iter().try_for_each(|recorded| self.apply(recorded.clone()));
        if applied.is_err() {
            for (id, run) in before {
                match run {
                    Some(run) => drop(self.runs.insert(id, run)),
                    None => drop(self.runs.remove(&id)),
                }
            }
        }
        applied
    }

    /// Copies of the runs that the events change, if there is more than one event: a single one
    /// that cannot follow changes nothing.
    fn runs_in(&self, events: &[Recorded<Event>]) -> Vec<(RunId, Option<PatchRun>)> {
        let [_, _, ..] = events else { return Vec::new() };
        let runs = events.iter().filter_map(|recorded| recorded.event.run());
        let ids: std::collections::BTreeSet<&RunId> = runs.collect();
        ids.into_iter().map(|id| (id.clone(), self.runs.get(id).cloned())).collect()
    }

    fn apply_to_run(
        &mut self,
        id: RunId,
        recorded: &Recorded<RunEvent>,
    ) -> Result<(), InvalidTransition> {
        match self.runs.get_mut(&id) {
            Some(run) => run.apply(recorded),
            None => {
                self.runs.insert(id, PatchRun::begin(recorded)?);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;
    use crate::emergency_stop::EmergencyStopEvent;
    use crate::id::Principal;
    use crate::plan::Pin;
    use crate::run::tests::{Scenario, after, person, plan};

    fn recorded(at: DateTime<Utc>, by: Option<&str>, event: Event) -> Recorded<Event> {
        let by = by.map(|name| Principal::Person(person(name)));
        Recorded { at, by, event }
    }

    #[test]
    fn of_a_decision_that_contradicts_itself_nothing_counts() {
        let scenario = Scenario::new(plan(Pin::First), 1);
        let (id, mut state) = (scenario.run.id.clone(), scenario.state());
        let event = |event| recorded(after(1), None, Event::Run(id.clone(), event));
        let contradiction = [event(RunEvent::Approved), event(RunEvent::Finished)];
        assert!(state.apply_all(&contradiction).is_err());
        assert_eq!(state.runs[&id], scenario.run, "the first half is undone");
        assert!(state.apply_all(&contradiction[..1]).is_ok());
    }

    #[test]
    fn what_needs_a_person_cannot_have_happened_without_one() {
        let scenario = Scenario::new(plan(Pin::First), 1);
        let mut state = scenario.state();
        let stop = Event::EmergencyStop(EmergencyStopEvent::Stopped { reason: "smoke".into() });
        assert!(state.apply(recorded(after(1), None, stop.clone())).is_err());
        assert_eq!((&state.emergency_stop.stop, state.emergency_stops.len()), (&None, 0));
        assert!(state.apply(recorded(after(1), Some("ben"), stop)).is_ok());
        let vote = RunEvent::Voted { groups: [].into(), digest: scenario.run.digest.clone() };
        let vote = Event::Run(scenario.run.id.clone(), vote);
        assert!(state.apply(recorded(after(1), None, vote.clone())).is_err());
        let policy = Some(Principal::Policy(scenario.run.plan.environment.clone()));
        let of_policy = Recorded { at: after(1), by: policy, event: vote.clone() };
        assert!(state.apply(of_policy).is_err());
        assert!(state.apply(recorded(after(1), Some("ben"), vote)).is_ok());
    }

    #[test]
    fn a_record_of_every_kind_is_read_as_it_was_written() {
        let scenario = Scenario::new(plan(Pin::First), 1);
        let stop = Event::EmergencyStop(EmergencyStopEvent::Stopped { reason: "smoke".into() });
        let run = scenario.run.id.clone();
        let events = [
            recorded(after(1), Some("ben"), stop),
            recorded(after(2), None, Event::Run(run, RunEvent::Approved)),
            recorded(
                after(3),
                None,
                Event::Announced { number: 1, patches: vec![], affected: [].into() },
            ),
        ];
        for event in events {
            let text = serde_json::to_string(&event).expect("JSON");
            let read: Recorded<Event> = serde_json::from_str(&text).expect("the same");
            assert_eq!(read, event, "{text}");
        }
    }
}
