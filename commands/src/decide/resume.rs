//! Letting everything go on. The person who types `resume` may not know of a stop that somebody else pulled a
//! moment before: they are shown what stands now, with the button that names that very stop.

use crate::decide::Outcome;
use crate::emergency_stop::{BrakeEvent, Pulled};
use crate::id::Actor;
use crate::input::button::Press;
use crate::reason::Reason;
use crate::refusal::Refusal;
use crate::state::Book;
use crate::text::wording::Args;
use crate::view::notice;
use crate::view::{Button, ButtonStyle, Card, Reader, Tone, Words};

impl Book {
    /// The answer to `resume`. What would be refused is refused now. The reason goes with it, to be put
    /// into the dialog that the button opens.
    pub(crate) fn typed_resume(
        &self,
        actor: &Actor,
        reason: &str,
        reader: Reader,
    ) -> Result<Card, Refusal> {
        self.may_stop(actor)?;
        let (stop, pulled) = self.standing_stop()?;
        let words = Words(reader.locale);
        let args = pulled.said().code("typed", &Reason::parse(reason)?);
        let lead = words.say("typed-resume-lead", &args);
        let button = Button {
            label: words.phrase("button-resume", &Args::new()),
            press: Press::Resume { stop },
            style: ButtonStyle::Primary,
            confirm: None,
        };
        let plain = lead.plain();
        let card = notice("typed-resume-title", lead, Tone::Attention, reader);
        let fallback = format!("{} {plain}", card.title);
        Ok(Card { buttons: vec![button], fallback, ..card })
    }

    /// Whether `actor` may end this stop: it is still the one that stands.
    pub(crate) fn resumable(&self, actor: &Actor, stop: u32) -> Result<(), Refusal> {
        self.may_stop(actor)?;
        let (standing, pulled) = self.standing_stop()?;
        if standing == stop {
            return Ok(());
        }
        Err(Refusal::AnotherStop { now: Box::new(pulled.clone()) })
    }

    /// What follows when `actor` ends this stop.
    pub(crate) fn resume(
        &self,
        actor: &Actor,
        stop: u32,
        reason: &str,
    ) -> Result<Outcome, Refusal> {
        self.resumable(actor, stop)?;
        Ok(Outcome::Brake(BrakeEvent::Released { reason: Reason::parse(reason)? }))
    }

    /// The stop that stands, with its place among all stops and releases, counted from 1.
    pub(crate) fn standing_stop(&self) -> Result<(u32, &Pulled), Refusal> {
        let pulled = self.brake.pulled.as_ref().ok_or(Refusal::NotStopped)?;
        Ok((self.brakings.len() as u32, pulled))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::Ask;
    use crate::emergency_stop::tests::brakes;
    use crate::plan::Pin;
    use crate::run::tests::{Told, actor, after, plan};
    use crate::text::wording::Locale;
    use crate::view::form::{Filled, REASON};
    use crate::view::tests::{aloud, both, reader};

    fn asks(book: &Book, who: &str, ask: &Ask, locale: Locale) -> Result<Outcome, Refusal> {
        book.ask(&actor(who), ask, reader(locale), after(5))
    }

    fn types(book: &Book, who: &str, text: &str) -> Result<Outcome, Refusal> {
        asks(book, who, &Ask::Command { text: text.into() }, Locale::En)
    }

    fn stops(book: &mut Book, who: &str, reason: &str) {
        match types(book, who, &format!("stop {reason}")) {
            Ok(Outcome::Brake(event)) => brakes(book, who, event, 5),
            other => panic!("a stop that is typed holds at once: {other:?}"),
        }
    }

    fn shown(book: &Book, locale: Locale) -> Card {
        let text = "resume the alarms are over".to_owned();
        match asks(book, "ben", &Ask::Command { text }, locale) {
            Ok(Outcome::Answer(card)) => *card,
            other => panic!("{other:?}"),
        }
    }

    fn button(book: &Book) -> Press {
        let card = shown(book, Locale::En);
        let [button] = card.buttons.as_slice() else { panic!("{card:?}") };
        button.press.clone()
    }

    fn presses(book: &Book, who: &str, press: &Press) -> Result<Outcome, Refusal> {
        let ask = Ask::Press { token: press.token(), confirmed: true };
        asks(book, who, &ask, Locale::En)
    }

    fn fills(book: &Book, who: &str, press: &Press) -> Result<Outcome, Refusal> {
        let values = [(REASON.to_owned(), "they are over".to_owned())].into();
        asks(book, who, &Ask::Form(Filled { token: press.token(), values }), Locale::En)
    }

    fn book() -> Book {
        Told::new(plan(Pin::First), 1).book()
    }

    #[test]
    fn what_is_typed_only_shows_the_stop_and_the_button_ends_that_very_one() {
        let mut book = book();
        stops(&mut book, "aiko", "disk alarms");
        assert!(aloud(&shown(&book, Locale::En)).contains("disk alarms"));
        assert!(book.brake.pulled.is_some(), "nothing goes on yet");
        let press = button(&book);
        assert!(matches!(presses(&book, "ben", &press), Ok(Outcome::Form(_))));
        let Ok(Outcome::Brake(event)) = fills(&book, "ben", &press) else { panic!("it is theirs") };
        brakes(&mut book, "ben", event, 5);
        assert_eq!(book.brake.pulled, None);
        let again = presses(&book, "ben", &press);
        assert!(matches!(again, Err(Refusal::NotStopped)), "{again:?}");
    }

    #[test]
    fn a_stop_that_somebody_was_not_shown_is_never_ended_by_them() {
        let mut book = book();
        stops(&mut book, "aiko", "disk alarms");
        let press = button(&book);
        let refused = |book: &Book, reason: &str| {
            for outcome in [presses(book, "ben", &press), fills(book, "ben", &press)] {
                let Err(Refusal::AnotherStop { now }) = outcome else { panic!("{outcome:?}") };
                assert_eq!(now.reason, reason.into());
            }
        };
        // Pulled anew over the first one, even by the same person at the same moment.
        stops(&mut book, "aiko", "smoke");
        refused(&book, "smoke");
        let Ok(Outcome::Brake(event)) = fills(&book, "ben", &button(&book)) else {
            panic!("shown")
        };
        brakes(&mut book, "ben", event, 5);
        // And after everything went on in between.
        stops(&mut book, "aiko", "disk alarms");
        refused(&book, "disk alarms");
    }

    #[test]
    fn only_approvers_are_shown_it_and_only_they_end_it() {
        let mut book = book();
        assert!(matches!(types(&book, "aiko", "resume yes"), Err(Refusal::NotStopped)));
        stops(&mut book, "aiko", "disk alarms");
        let press = button(&book);
        for outcome in [
            types(&book, "mallory", "resume yes"),
            presses(&book, "mallory", &press),
            fills(&book, "mallory", &press),
        ] {
            assert!(matches!(outcome, Err(Refusal::MayNotStop { .. })), "{outcome:?}");
        }
    }

    #[test]
    fn the_answer_says_what_stands_and_that_nothing_goes_on_yet() {
        let mut book = book();
        stops(&mut book, "aiko", "disk alarms");
        both("typed_resume", |locale| aloud(&shown(&book, locale)));
    }
}
