//! Who may ask for a plan, and how often one person may ask for what calls AWS or posts to a
//! channel.

use std::num::NonZeroU32;

use chrono::{DateTime, TimeDelta, Utc};

use crate::decide::Response;
use crate::emergency_stop::EmergencyStopEvent;
use crate::environment::Environment;
use crate::id::{Actor, PersonRef};
use crate::recorded::Recorded;
use crate::refusal::{Limited, Refusal};
use crate::run::{RunEvent, RunInput};
use crate::state::State;

/// The period that the limits apply to.
const HOUR: TimeDelta = TimeDelta::hours(1);

/// How often one person may change their mind about one plan, or stop and resume everything. Nobody
/// does so in earnest, and each change posts a message that everybody reads.
const CHANGES: u32 = 20;

impl Response {
    /// The parts of it that have a limit. An act that only closes something, such as a rejection or
    /// the stop of a run, can happen only once and has none.
    fn costs(&self) -> Vec<Limited> {
        match self {
            Self::Plan { .. } => vec![Limited::Plan, Limited::Survey],
            Self::Compliance { .. } | Self::Search { .. } => vec![Limited::Survey],
            Self::EmergencyStop(_) => vec![Limited::EmergencyStop],
            Self::Run { run, request } if matches!(**request, RunInput::Approve { .. }) => {
                vec![Limited::Vote(run.clone())]
            }
            // A person cannot take votes back more often than they give them.
            Self::Run { .. }
            | Self::Answer(_)
            | Self::Unreadable(_)
            | Self::Form(_)
            | Self::Overview
            | Self::Home
            | Self::Notify { .. } => Vec::new(),
        }
    }
}

impl State {
    /// Refuses an `actor` who may not ask for a plan of `environment` now.
    pub(crate) fn may_ask(
        &self,
        actor: &Actor,
        environment: &Environment,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        if !actor.linked {
            return Err(Refusal::NotLinkedToAsk);
        }
        if let Some(people) = &environment.may_ask
            && !people.iter().any(|one| one.names(actor))
        {
            let (environment, people) = (environment.name.clone(), people.clone());
            return Err(Refusal::MayNotAsk { environment, people });
        }
        self.not_too_often(&actor.person, &Limited::Plan, now)
    }

    /// Refuses what `response` costs if `person` is over a limit. Stopping is always free while
    /// nothing is stopped.
    pub(crate) fn affordable(
        &self,
        person: &PersonRef,
        response: &Response,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        if matches!(response, Response::EmergencyStop(EmergencyStopEvent::Stopped { .. }))
            && !self.emergency_stop.is_active()
        {
            return Ok(());
        }
        response.costs().iter().try_for_each(|what| self.not_too_often(person, what, now))
    }

    /// Notes that `person` caused `response`. Only surveys have to be noted, because the state has
    /// everything else. The notes are not stored: a restart resets them, but only the operator can
    /// cause one.
    pub fn caused(&mut self, person: &PersonRef, response: &Response, now: DateTime<Utc>) {
        self.looks.retain(|(_, at)| is_recent(*at, now));
        if response.costs().contains(&Limited::Survey) {
            self.looks.push((person.clone(), now));
        }
    }

    /// Refuses `what` if `person` had it as often within the hour as one person may. All limits are
    /// counted here and nowhere else.
    pub fn not_too_often(
        &self,
        person: &PersonRef,
        what: &Limited,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let limit = match what {
            Limited::Plan => self.plans_per_hour.map(NonZeroU32::get),
            Limited::Survey => self.surveys_per_hour.map(NonZeroU32::get),
            Limited::Vote(_) | Limited::EmergencyStop => Some(CHANGES),
        };
        let Some(limit) = limit else { return Ok(()) };
        let mut times = match what {
            Limited::Plan => self.plans_of(person, now),
            Limited::Survey => of(person, self.looks.iter().map(|(by, at)| (by, *at))),
            Limited::Vote(run) => {
                let story = self.runs.get(run).into_iter().flat_map(|run| &run.history);
                of(person, story.filter_map(vote))
            }
            Limited::EmergencyStop => {
                let changes = self.emergency_stops.iter();
                of(person, changes.filter_map(|change| Some((change.person()?, change.at))))
            }
        };
        times.retain(|at| is_recent(*at, now));
        times.sort_unstable_by(|one, other| other.cmp(one));
        // The next one is free when the oldest one that fills the limit is an hour old.
        match times.get(limit as usize - 1) {
            Some(oldest) => {
                Err(Refusal::TooMany { what: what.clone(), limit, again: *oldest + HOUR })
            }
            None => Ok(()),
        }
    }

    /// When `person` asked for plans, both existing ones and ones that are being drafted. A plan
    /// that replaced a void one automatically does not count.
    fn plans_of(&self, person: &PersonRef, now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let asked = self.runs.values().filter(|run| run.replaces.is_none());
        let asked = asked.map(|run| (&run.requester, run.proposed_at));
        of(person, asked.chain(self.asked.values().map(|by| (by, now))))
    }
}

/// Whether `at` is within the hour. A time more than an hour ahead comes from a clock that was
/// wrong.
fn is_recent(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    (now - at).abs() < HOUR
}

/// The times at which `person` acted, out of everybody's.
fn of<'a>(
    person: &PersonRef,
    all: impl Iterator<Item = (&'a PersonRef, DateTime<Utc>)>,
) -> Vec<DateTime<Utc>> {
    all.filter(|(by, _)| by.may_be(person)).map(|(_, at)| at).collect()
}

fn vote(scenario: &Recorded<RunEvent>) -> Option<(&PersonRef, DateTime<Utc>)> {
    let voted = matches!(scenario.event, RunEvent::Voted { .. });
    scenario.person().filter(|_| voted).map(|person| (person, scenario.at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::Interaction;
    use crate::emergency_stop::tests::records_stop;
    use crate::environment::Promotion;
    use crate::environment::policy::Approver;
    use crate::id::{GroupRef, RunId};
    use crate::plan::Pin;
    use crate::plan::tests::environment;
    use crate::reason::Reason;
    use crate::run::Phase;
    use crate::run::tests::{Scenario, actor, after, person, plan};
    use crate::text::wording::Locale;
    use crate::view::tests::reader;

    fn state(may_ask: Option<Vec<Approver>>) -> State {
        let first = Environment { may_ask, ..environment() };
        State {
            promotion: Promotion(vec![first]),
            plans_per_hour: NonZeroU32::new(2),
            ..State::default()
        }
    }

    fn asks(state: &State, actor: &Actor, minute: i64) -> Result<(), Refusal> {
        let ask = Interaction::Command { text: format!("plan {}", state.promotion.0[0].name) };
        let response = state.ask(actor, &ask, reader(Locale::En), after(minute))?;
        assert!(matches!(response, Response::Plan { .. }), "{response:?}");
        Ok(())
    }

    #[test]
    fn whoever_is_named_may_ask_and_everybody_where_nobody_is() {
        assert_eq!(asks(&state(None), &actor("omar"), 0), Ok(()));
        let sre = GroupRef("sre".into());
        let named = vec![Approver::Person(person("hana")), Approver::Group(sre.clone())];
        let state = state(Some(named));
        assert_eq!(asks(&state, &actor("hana"), 0), Ok(()));
        assert_eq!(asks(&state, &Actor { groups: [sre].into(), ..actor("ben") }, 0), Ok(()));
        assert!(matches!(asks(&state, &actor("omar"), 0), Err(Refusal::MayNotAsk { .. })));
        let unlinked = Actor { linked: false, ..actor("hana") };
        assert_eq!(asks(&state, &unlinked, 0), Err(Refusal::NotLinkedToAsk));
    }

    /// A plan that was rejected at once, so that the next one can be asked for.
    fn asked(state: &mut State, number: u32, by: &str, minute: i64, replaces: Option<RunId>) {
        let mut run = Scenario::new(plan(Pin::First), 1).run;
        run.id = RunId::new(state.promotion.0[0].name.clone(), number);
        (run.requester, run.proposed_at, run.replaces) = (person(by), after(minute), replaces);
        let (by, reason) = (person(by), "again".into());
        run.phase = Phase::Rejected { by, reason, at: after(minute) };
        state.runs.insert(run.id.clone(), run);
    }

    #[test]
    fn one_person_asks_so_often_an_hour_and_is_told_when_again() {
        let mut state = state(None);
        asked(&mut state, 1, "omar", 0, None);
        asked(&mut state, 2, "omar", 10, None);
        let too_many = |again| Err(Refusal::TooMany { what: Limited::Plan, limit: 2, again });
        assert_eq!(asks(&state, &actor("omar"), 20), too_many(after(60)));
        assert_eq!(asks(&state, &actor("hana"), 20), Ok(()), "others are not held up");
        assert_eq!(asks(&state, &actor("omar"), 60), Ok(()));
        // The same person by another name, from another account.
        let other = actor("omar-in-discord");
        let linked = other.person.clone().linked_to(person("omar").accounts().clone());
        assert_eq!(asks(&state, &Actor { person: linked, ..other }, 20), too_many(after(60)));
        asked(&mut state, 3, "omar", 61, None);
        assert_eq!(asks(&state, &actor("omar"), 62), too_many(after(70)));
    }

    #[test]
    fn what_is_still_being_drafted_counts_so_that_nobody_asks_for_a_hundred_at_once() {
        let mut state = state(None);
        asked(&mut state, 1, "omar", 0, None);
        assert_eq!(asks(&state, &actor("omar"), 1), Ok(()));
        state.asked.insert("slack:command:1".into(), person("omar"));
        let again = after(60);
        let too_many = Err(Refusal::TooMany { what: Limited::Plan, limit: 2, again });
        assert_eq!(asks(&state, &actor("omar"), 1), too_many);
        assert_eq!(asks(&state, &actor("hana"), 1), Ok(()), "others are not held up");
        state.asked.clear();
        assert_eq!(asks(&state, &actor("omar"), 1), Ok(()), "nothing came of it");
    }

    #[test]
    fn a_clock_that_was_wrong_locks_nobody_out() {
        let mut state = state(None);
        for number in 1..=2 {
            asked(&mut state, number, "omar", 60 * 24 * 365, None);
        }
        assert_eq!(asks(&state, &actor("omar"), 0), Ok(()));
    }

    #[test]
    fn what_the_bot_plans_again_by_itself_is_not_held_against_anybody() {
        let mut state = state(None);
        asked(&mut state, 1, "omar", 0, None);
        let before = state.runs.keys().next().cloned();
        asked(&mut state, 2, "omar", 1, before);
        assert_eq!(asks(&state, &actor("omar"), 2), Ok(()));
    }

    /// What follows from this text or button; what is not refused is noted, as the shell does.
    fn does(
        state: &mut State,
        who: &str,
        ask: &Interaction,
        minute: i64,
    ) -> Result<Response, Refusal> {
        let (actor, now) = (actor(who), after(minute));
        let response = state.ask(&actor, ask, reader(Locale::En), now)?;
        state.caused(&actor.person, &response, now);
        Ok(response)
    }

    fn typed(text: &str) -> Interaction {
        Interaction::Command { text: text.into() }
    }

    #[test]
    fn a_look_at_aws_is_limited_whatever_it_is_for_and_whatever_comes_of_it() {
        let mut state = State { surveys_per_hour: NonZeroU32::new(3), ..state(None) };
        let plan = typed(&format!("plan {}", state.promotion.0[0].name));
        let looks = [typed("compliance"), plan.clone(), typed("compliance")];
        for (minute, look) in (0..).zip(&looks) {
            assert!(does(&mut state, "omar", look, minute).is_ok(), "{look:?}");
        }
        let too_many = Refusal::TooMany { what: Limited::Survey, limit: 3, again: after(60) };
        for look in [&looks[0], &plan] {
            let refused = does(&mut state, "omar", look, 5);
            assert_eq!(refused.err().as_ref(), Some(&too_many), "{look:?}");
        }
        assert!(does(&mut state, "hana", &looks[0], 5).is_ok(), "others are not held up");
        // Answers from memory are free.
        for text in ["status", "list", "runs", "mine", "help", "notify on", ""] {
            for _ in 0..5 {
                assert!(does(&mut state, "omar", &typed(text), 5).is_ok(), "{text}");
            }
        }
        assert!(does(&mut state, "omar", &looks[0], 60).is_ok(), "the first is an hour ago");
        assert!(does(&mut state, "omar", &looks[0], 60).is_err());
        assert!(does(&mut state, "omar", &looks[0], 200).is_ok());
        assert_eq!(state.looks.len(), 1, "what is old is not kept");
    }

    #[test]
    fn somebody_who_changes_their_mind_about_one_plan_again_and_again_has_to_wait() {
        let mut scenario = Scenario::new(plan(Pin::First), 2);
        let press = crate::input::button::ButtonAction::Approve {
            run: scenario.run.id.clone(),
            digest: scenario.run.digest.short().to_owned(),
        };
        let press = Interaction::Press { token: press.token(), confirmed: true };
        for minute in 0..CHANGES {
            assert!(does(&mut scenario.state(), "aiko", &press, minute.into()).is_ok(), "{minute}");
            scenario.approve("aiko", after(minute.into())).expect("an approver");
            let withdrawn = RunInput::Withdraw { actor: actor("aiko") };
            scenario.go(withdrawn, after(minute.into()));
        }
        let what = Limited::Vote(scenario.run.id.clone());
        let too_many = Refusal::TooMany { what, limit: CHANGES, again: after(60) };
        assert_eq!(does(&mut scenario.state(), "aiko", &press, 30).err(), Some(too_many));
        assert!(does(&mut scenario.state(), "ben", &press, 30).is_ok(), "others vote");
        assert!(does(&mut scenario.state(), "aiko", &press, 60).is_ok());
    }

    #[test]
    fn everything_can_always_be_stopped_and_goes_on_only_so_often() {
        let mut state = Scenario::new(plan(Pin::First), 1).state();
        let stop = typed("stop it burns");
        let resumed = |state: &State| {
            let event =
                Response::EmergencyStop(EmergencyStopEvent::Resumed { reason: "it is out".into() });
            state.affordable(&person("aiko"), &event, after(2))
        };
        for _ in 0..CHANGES / 2 {
            assert!(resumed(&state).is_ok());
            let reason = || Reason::from("it burns");
            records_stop(&mut state, "aiko", EmergencyStopEvent::Stopped { reason: reason() }, 1);
            records_stop(&mut state, "aiko", EmergencyStopEvent::Resumed { reason: reason() }, 1);
        }
        let too_many =
            Refusal::TooMany { what: Limited::EmergencyStop, limit: CHANGES, again: after(61) };
        assert_eq!(resumed(&state), Err(too_many.clone()));
        let Ok(Response::EmergencyStop(event)) = does(&mut state, "aiko", &stop, 2) else {
            panic!("it is an emergency")
        };
        records_stop(&mut state, "aiko", event, 2);
        // Everything is stopped already.
        assert_eq!(does(&mut state, "aiko", &stop, 2).err(), Some(too_many));
        assert!(does(&mut state, "ben", &stop, 2).is_ok(), "others are not held up");
    }
}
