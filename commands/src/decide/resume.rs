//! Resuming after an emergency stop. A person who types `resume` may not know of another stop made
//! a moment before: we show them the current stop, with a button that names exactly that stop.

use crate::decide::Response;
use crate::emergency_stop::{EmergencyStopEvent, Stop};
use crate::id::Actor;
use crate::input::button::ButtonAction;
use crate::reason::Reason;
use crate::refusal::Refusal;
use crate::state::State;
use crate::text::wording::Args;
use crate::view::notice;
use crate::view::{Button, ButtonStyle, Card, Reader, Tone, Words};

impl State {
    /// The answer to `resume`. A resume that would be refused is refused now. The card carries the
    /// reason, which the button puts into the dialog.
    pub(crate) fn typed_resume(
        &self,
        actor: &Actor,
        reason: &str,
        reader: Reader,
    ) -> Result<Card, Refusal> {
        self.may_stop(actor)?;
        let (number, stop) = self.standing_stop()?;
        let words = Words(reader.locale);
        let args = stop.said().code("typed", &Reason::parse(reason)?);
        let lead = words.say("typed-resume-lead", &args);
        let button = Button {
            label: words.phrase("button-resume", &Args::new()),
            press: ButtonAction::Resume { stop: number },
            style: ButtonStyle::Primary,
            confirm: None,
        };
        let plain = lead.plain();
        let card = notice("typed-resume-title", lead, Tone::Attention, reader);
        let fallback = format!("{} {plain}", card.title);
        Ok(Card { buttons: vec![button], fallback, ..card })
    }

    /// Refuses if `actor` may not end this stop, or if it is no longer the current one.
    pub(crate) fn ensure_can_resume(&self, actor: &Actor, number: u32) -> Result<(), Refusal> {
        self.may_stop(actor)?;
        let (standing, stop) = self.standing_stop()?;
        if standing == number {
            return Ok(());
        }
        Err(Refusal::AnotherStop { now: Box::new(stop.clone()) })
    }

    /// What follows when `actor` ends this stop.
    pub(crate) fn resume(
        &self,
        actor: &Actor,
        number: u32,
        reason: &str,
    ) -> Result<Response, Refusal> {
        self.ensure_can_resume(actor, number)?;
        Ok(Response::EmergencyStop(EmergencyStopEvent::Resumed { reason: Reason::parse(reason)? }))
    }

    /// The current stop, with its number among all stops and resumes, counted from 1.
    pub(crate) fn standing_stop(&self) -> Result<(u32, &Stop), Refusal> {
        let stop = self.emergency_stop.stop.as_ref().ok_or(Refusal::NotStopped)?;
        Ok((self.emergency_stops.len() as u32, stop))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::Interaction;
    use crate::emergency_stop::tests::records_stop;
    use crate::plan::Pin;
    use crate::run::tests::{Scenario, actor, after, plan};
    use crate::text::wording::Locale;
    use crate::view::form::{Filled, REASON};
    use crate::view::tests::{aloud, both, reader};

    fn asks(
        state: &State,
        who: &str,
        ask: &Interaction,
        locale: Locale,
    ) -> Result<Response, Refusal> {
        state.ask(&actor(who), ask, reader(locale), after(5))
    }

    fn types(state: &State, who: &str, text: &str) -> Result<Response, Refusal> {
        asks(state, who, &Interaction::Command { text: text.into() }, Locale::En)
    }

    fn stops(state: &mut State, who: &str, reason: &str) {
        match types(state, who, &format!("stop {reason}")) {
            Ok(Response::EmergencyStop(event)) => records_stop(state, who, event, 5),
            other => panic!("a stop that is typed holds at once: {other:?}"),
        }
    }

    fn shown(state: &State, locale: Locale) -> Card {
        let text = "resume the alarms are over".to_owned();
        match asks(state, "ben", &Interaction::Command { text }, locale) {
            Ok(Response::Answer(card)) => *card,
            other => panic!("{other:?}"),
        }
    }

    fn button(state: &State) -> ButtonAction {
        let card = shown(state, Locale::En);
        let [button] = card.buttons.as_slice() else { panic!("{card:?}") };
        button.press.clone()
    }

    fn presses(state: &State, who: &str, press: &ButtonAction) -> Result<Response, Refusal> {
        let ask = Interaction::Press { token: press.token(), confirmed: true };
        asks(state, who, &ask, Locale::En)
    }

    fn fills(state: &State, who: &str, press: &ButtonAction) -> Result<Response, Refusal> {
        let values = [(REASON.to_owned(), "they are over".to_owned())].into();
        asks(state, who, &Interaction::Form(Filled { token: press.token(), values }), Locale::En)
    }

    fn state() -> State {
        Scenario::new(plan(Pin::First), 1).state()
    }

    #[test]
    fn what_is_typed_only_shows_the_stop_and_the_button_ends_that_very_one() {
        let mut state = state();
        stops(&mut state, "aiko", "disk alarms");
        assert!(aloud(&shown(&state, Locale::En)).contains("disk alarms"));
        assert!(state.emergency_stop.stop.is_some(), "nothing goes on yet");
        let press = button(&state);
        assert!(matches!(presses(&state, "ben", &press), Ok(Response::Form(_))));
        let Ok(Response::EmergencyStop(event)) = fills(&state, "ben", &press) else {
            panic!("it is theirs")
        };
        records_stop(&mut state, "ben", event, 5);
        assert_eq!(state.emergency_stop.stop, None);
        let again = presses(&state, "ben", &press);
        assert!(matches!(again, Err(Refusal::NotStopped)), "{again:?}");
    }

    #[test]
    fn a_stop_that_somebody_was_not_shown_is_never_ended_by_them() {
        let mut state = state();
        stops(&mut state, "aiko", "disk alarms");
        let press = button(&state);
        let refused = |state: &State, reason: &str| {
            for response in [presses(state, "ben", &press), fills(state, "ben", &press)] {
                let Err(Refusal::AnotherStop { now }) = response else { panic!("{response:?}") };
                assert_eq!(now.reason, reason.into());
            }
        };
        // A second stop replaces the first one, even one by the same person at the same moment.
        stops(&mut state, "aiko", "smoke");
        refused(&state, "smoke");
        let Ok(Response::EmergencyStop(event)) = fills(&state, "ben", &button(&state)) else {
            panic!("shown")
        };
        records_stop(&mut state, "ben", event, 5);
        // So does one after a resume in between.
        stops(&mut state, "aiko", "disk alarms");
        refused(&state, "disk alarms");
    }

    #[test]
    fn only_approvers_are_shown_it_and_only_they_end_it() {
        let mut state = state();
        assert!(matches!(types(&state, "aiko", "resume yes"), Err(Refusal::NotStopped)));
        stops(&mut state, "aiko", "disk alarms");
        let press = button(&state);
        for response in [
            types(&state, "mallory", "resume yes"),
            presses(&state, "mallory", &press),
            fills(&state, "mallory", &press),
        ] {
            assert!(matches!(response, Err(Refusal::MayNotStop { .. })), "{response:?}");
        }
    }

    #[test]
    fn the_answer_says_what_stands_and_that_nothing_goes_on_yet() {
        let mut state = state();
        stops(&mut state, "aiko", "disk alarms");
        both("typed_resume", |locale| aloud(&shown(&state, locale)));
    }
}
