//! Who may ask for a plan, and how often.

use chrono::{DateTime, TimeDelta, Utc};

use crate::actor::Actor;
use crate::book::Book;
use crate::environment::Environment;
use crate::refusal::Refusal;
use crate::text::PersonRef;

/// Within which plans are counted.
const HOUR: TimeDelta = TimeDelta::hours(1);

impl Book {
    /// Whether `actor` may ask for a plan of `environment` now.
    pub(super) fn may_ask(
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
        self.not_too_often(&actor.person, now)
    }

    /// Whether `person` has asked for fewer plans within the hour than the limit: for plans that are there,
    /// and for those that are being drafted. What took the place of a void plan by itself does not count.
    pub fn not_too_often(&self, person: &PersonRef, now: DateTime<Utc>) -> Result<(), Refusal> {
        let Some(limit) = self.plans_per_hour else { return Ok(()) };
        let asked = self.runs.values().filter(|run| run.replaces.is_none());
        let asked = asked.filter(|run| {
            // What is of more than an hour ahead is from a clock that was wrong.
            run.requester.may_be(person) && (now - run.proposed_at).abs() < HOUR
        });
        let drafted = self.asked.values().filter(|asked| asked.may_be(person)).map(|_| now);
        let mut times: Vec<DateTime<Utc>> =
            asked.map(|run| run.proposed_at).chain(drafted).collect();
        times.sort_unstable_by(|one, other| other.cmp(one));
        // The next is free when the oldest that fills the limit is an hour old.
        match times.get(limit.get() as usize - 1) {
            Some(oldest) => Err(Refusal::TooMany { limit: limit.get(), again: *oldest + HOUR }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::actor::{GroupRef, Whence};
    use crate::book::{Ask, Outcome};
    use crate::card::tests::reader;
    use crate::environment::Promotion;
    use crate::plan::Pin;
    use crate::plan::tests::environment;
    use crate::policy::Approver;
    use crate::run::tests::{Told, after, person, plan};
    use crate::run::{Phase, RunId};
    use crate::wording::Locale;

    fn book(may_ask: Option<Vec<Approver>>) -> Book {
        let first = Environment { may_ask, ..environment() };
        Book {
            promotion: Promotion(vec![first]),
            plans_per_hour: NonZeroU32::new(2),
            ..Book::default()
        }
    }

    fn asks(book: &Book, actor: &Actor, minute: i64) -> Result<(), Refusal> {
        let ask = Ask::Command { text: format!("plan {}", book.promotion.0[0].name) };
        let outcome = book.ask(actor, &ask, reader(Locale::En), after(minute))?;
        assert!(matches!(outcome, Outcome::Plan { .. }), "{outcome:?}");
        Ok(())
    }

    fn somebody(name: &str) -> Actor {
        Actor { person: person(name), groups: [].into(), linked: true, whence: Whence::Channel }
    }

    #[test]
    fn whoever_is_named_may_ask_and_everybody_where_nobody_is() {
        assert_eq!(asks(&book(None), &somebody("omar"), 0), Ok(()));
        let sre = GroupRef("sre".into());
        let named = vec![Approver::Person(person("hana")), Approver::Group(sre.clone())];
        let book = book(Some(named));
        assert_eq!(asks(&book, &somebody("hana"), 0), Ok(()));
        assert_eq!(asks(&book, &Actor { groups: [sre].into(), ..somebody("ben") }, 0), Ok(()));
        assert!(matches!(asks(&book, &somebody("omar"), 0), Err(Refusal::MayNotAsk { .. })));
        let unlinked = Actor { linked: false, ..somebody("hana") };
        assert_eq!(asks(&book, &unlinked, 0), Err(Refusal::NotLinkedToAsk));
    }

    /// A plan that was rejected at once, so that the next can be asked for.
    fn asked(book: &mut Book, number: u32, by: &str, minute: i64, replaces: Option<RunId>) {
        let mut run = Told::new(plan(Pin::First), 1).run;
        run.id = RunId::new(book.promotion.0[0].name.clone(), number);
        (run.requester, run.proposed_at, run.replaces) = (person(by), after(minute), replaces);
        let (by, reason) = (person(by), "again".to_owned());
        run.phase = Phase::Rejected { by, reason, at: after(minute) };
        book.runs.insert(run.id.clone(), run);
    }

    #[test]
    fn one_person_asks_so_often_an_hour_and_is_told_when_again() {
        let mut book = book(None);
        asked(&mut book, 1, "omar", 0, None);
        asked(&mut book, 2, "omar", 10, None);
        let too_many = |again| Err(Refusal::TooMany { limit: 2, again });
        assert_eq!(asks(&book, &somebody("omar"), 20), too_many(after(60)));
        assert_eq!(asks(&book, &somebody("hana"), 20), Ok(()), "others are not held up");
        assert_eq!(asks(&book, &somebody("omar"), 60), Ok(()));
        // By another name, from another account.
        let other = somebody("omar-in-discord");
        let linked = other.person.clone().linked_to(person("omar").accounts().clone());
        assert_eq!(asks(&book, &Actor { person: linked, ..other }, 20), too_many(after(60)));
        asked(&mut book, 3, "omar", 61, None);
        assert_eq!(asks(&book, &somebody("omar"), 62), too_many(after(70)));
    }

    #[test]
    fn what_is_still_being_drafted_counts_so_that_nobody_asks_for_a_hundred_at_once() {
        let mut book = book(None);
        asked(&mut book, 1, "omar", 0, None);
        assert_eq!(asks(&book, &somebody("omar"), 1), Ok(()));
        book.asked.insert("slack:command:1".into(), person("omar"));
        let too_many = Err(Refusal::TooMany { limit: 2, again: after(60) });
        assert_eq!(asks(&book, &somebody("omar"), 1), too_many);
        assert_eq!(asks(&book, &somebody("hana"), 1), Ok(()), "others are not held up");
        book.asked.clear();
        assert_eq!(asks(&book, &somebody("omar"), 1), Ok(()), "nothing came of it");
    }

    #[test]
    fn a_clock_that_was_wrong_locks_nobody_out() {
        let mut book = book(None);
        for number in 1..=2 {
            asked(&mut book, number, "omar", 60 * 24 * 365, None);
        }
        assert_eq!(asks(&book, &somebody("omar"), 0), Ok(()));
    }

    #[test]
    fn what_the_bot_plans_again_by_itself_is_not_held_against_anybody() {
        let mut book = book(None);
        asked(&mut book, 1, "omar", 0, None);
        let before = book.runs.keys().next().cloned();
        asked(&mut book, 2, "omar", 1, before);
        assert_eq!(asks(&book, &somebody("omar"), 2), Ok(()));
    }
}
