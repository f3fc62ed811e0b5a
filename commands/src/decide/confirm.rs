//! The second confirmation of a vote for production, on platforms that do not ask by themselves. We
//! store nothing about the question: its button names the plan by its digest.

use chrono::{DateTime, Utc};

use crate::id::{Actor, RunId};
use crate::refusal::Refusal;
use crate::run::ensure_can_vote;
use crate::state::State;
use crate::text::wording::Args;
use crate::view::notice;
use crate::view::{Card, Reader, Tone, Words, run};

impl State {
    /// The question to `actor`, who wants to approve; `None` if the button asks no question. A vote
    /// that would be refused is refused now.
    pub(crate) fn ask_to_confirm(
        &self,
        actor: &Actor,
        id: &RunId,
        digest: &str,
        reader: Reader,
        now: DateTime<Utc>,
    ) -> Result<Option<Card>, Refusal> {
        let run = self.run(id)?;
        if !self.card_context(run, reader).is_production {
            return Ok(None);
        }
        let before = self.before(id.environment(), now);
        ensure_can_vote(run, actor, digest, before.as_ref(), self.current_policy(run), now)?;
        Ok(Some(run::question(run, self.current_policy(run), reader)))
    }

    /// The answer to a person who canceled the question.
    pub(crate) fn left(&self, id: &RunId, reader: Reader) -> Result<Card, Refusal> {
        let args = Args::new().text("run", self.run(id)?.id.to_string());
        let text = Words(reader.locale).say("confirm-left", &args);
        Ok(notice("confirm-left-title", text, Tone::Calm, reader))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::{Interaction, Response};
    use crate::environment::{Environment, Promotion};
    use crate::input::button::ButtonAction;
    use crate::plan::tests::environment;
    use crate::plan::{PatchPlan, Pin};
    use crate::refusal::Settled;
    use crate::run::tests::{Scenario, actor, after, pinned, plan};
    use crate::run::{Phase, RunInput};
    use crate::text::wording::Locale;
    use crate::view::tests::{aloud, both, reader};

    /// A state with a production plan that waits for votes, pinned to a proof that holds.
    fn state() -> State {
        let policy = Scenario::new(plan(Pin::First), 2).run.policy;
        let verification = Environment { policy, ..environment() };
        let name = verification.name.clone();
        let mut proven = Scenario::new(plan(Pin::First), 1).begun();
        proven.wave(crate::run::tests::counts(0), after(5));
        proven.wave(crate::run::tests::counts(0), after(9));
        let production = Environment {
            name: "production".parse().expect("a name"),
            after: Some(name),
            ..verification.clone()
        };
        let waits = PatchPlan { environment: production.name.clone(), ..plan(pinned(1)) };
        let runs = [proven.run, Scenario::new(waits, 2).run];
        State {
            promotion: Promotion(vec![verification, production]),
            runs: runs.into_iter().map(|run| (run.id.clone(), run)).collect(),
            ..State::default()
        }
    }

    fn press(
        state: &State,
        who: &str,
        press: &ButtonAction,
        confirmed: bool,
    ) -> Result<Response, Refusal> {
        let actor = actor(who);
        let ask = Interaction::Press { token: press.token(), confirmed };
        state.ask(&actor, &ask, reader(Locale::En), after(40))
    }

    fn production(state: &State) -> (RunId, String) {
        let run = state.runs.values().find(|run| run.phase == Phase::Waiting).expect("it waits");
        (run.id.clone(), run.digest.short().to_owned())
    }

    #[test]
    fn production_is_asked_once_more_where_the_platform_does_not() {
        let state = state();
        let (run, digest) = production(&state);
        let approve = ButtonAction::Approve { run: run.clone(), digest: digest.clone() };
        let asked = press(&state, "aiko", &approve, false);
        let Ok(Response::Answer(card)) = asked else { panic!("{asked:?}") };
        let presses: Vec<&ButtonAction> = card.buttons.iter().map(|button| &button.press).collect();
        let sure = ButtonAction::Sure { run: run.clone(), digest };
        assert_eq!(presses, [&sure, &ButtonAction::Leave { run: run.clone() }]);
        // "Yes" is a vote, and so is a press that the platform itself has confirmed.
        for (button, confirmed) in [(&sure, false), (&approve, true)] {
            let voted = press(&state, "aiko", button, confirmed);
            let Ok(Response::Run { request, .. }) = voted else { panic!("{voted:?}") };
            assert!(matches!(*request, RunInput::Approve { .. }));
        }
        let left = press(&state, "aiko", &ButtonAction::Leave { run }, false);
        assert!(matches!(left, Ok(Response::Answer(_))), "{left:?}");
    }

    #[test]
    fn what_would_be_refused_is_refused_instead_of_asked() {
        let mut state = state();
        let (run, digest) = production(&state);
        let approve = ButtonAction::Approve { run: run.clone(), digest };
        let other = ButtonAction::Approve { run: run.clone(), digest: "0123456789ab".into() };
        let check =
            |state: &State, who: &str, button: &ButtonAction| press(state, who, button, false);
        assert!(matches!(check(&state, "mallory", &approve), Err(Refusal::NotAnApprover { .. })));
        assert!(matches!(check(&state, "chie", &approve), Err(Refusal::OwnRequest { .. })));
        assert!(matches!(check(&state, "aiko", &other), Err(Refusal::OtherPlan { .. })));
        state.runs.get_mut(&run).expect("a run").phase = Phase::Expired { at: after(30) };
        let late = check(&state, "aiko", &approve);
        assert!(matches!(late, Err(Refusal::NotWaiting { now: Settled::Expired, .. })));
        state.runs.retain(|known, _| *known == run);
        state.runs.get_mut(&run).expect("a run").phase = Phase::Waiting;
        // The environment that the plan is pinned to is no longer proven.
        assert!(matches!(check(&state, "aiko", &approve), Err(Refusal::NotProven { .. })));
    }

    #[test]
    fn the_first_environment_asks_nothing() {
        let mut state = state();
        let scenario = Scenario::new(plan(Pin::First), 1);
        let approve = ButtonAction::Approve {
            run: scenario.run.id.clone(),
            digest: scenario.run.digest.short().to_owned(),
        };
        state.runs.insert(scenario.run.id.clone(), scenario.run);
        let voted = press(&state, "aiko", &approve, false);
        assert!(matches!(voted, Ok(Response::Run { .. })), "{voted:?}");
    }

    #[test]
    fn the_question_says_what_will_be_done() {
        let state = state();
        let (run, _) = production(&state);
        both("question", |locale| {
            let left = state.left(&run, reader(locale)).expect("it is known");
            let asks = &state.runs[&run];
            aloud(&run::question(asks, state.current_policy(asks), reader(locale))) + &aloud(&left)
        });
    }
}
