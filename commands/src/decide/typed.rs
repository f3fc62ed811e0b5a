//! Typed text never votes, because the person who types does not see the plan. We show them the
//! plan in private, with the button that names it by its digest.

use chrono::{DateTime, Utc};

use crate::id::{Actor, RunId};
use crate::reason::Reason;
use crate::refusal::Refusal;
use crate::run::{ensure_can_reject, ensure_can_vote};
use crate::state::State;
use crate::view::{Card, Reader, run};

impl State {
    /// The answer to `approve`. A vote that would be refused is refused now.
    pub(crate) fn typed_approve(
        &self,
        actor: &Actor,
        id: &RunId,
        reader: Reader,
        now: DateTime<Utc>,
    ) -> Result<Card, Refusal> {
        let run = self.run(id)?;
        let before = self.before(id.environment(), now);
        ensure_can_vote(
            run,
            actor,
            run.digest.short(),
            before.as_ref(),
            self.current_policy(run),
            now,
        )?;
        Ok(run::typed_approve(run, &self.card_context(run, reader)))
    }

    /// The answer to `reject`. The card carries the reason, which the button puts into the dialog.
    pub(crate) fn typed_reject(
        &self,
        actor: &Actor,
        id: &RunId,
        reason: &str,
        reader: Reader,
    ) -> Result<Card, Refusal> {
        let run = self.run(id)?;
        ensure_can_reject(run, actor, run.digest.short(), self.current_policy(run))?;
        let reason = Reason::parse(reason)?;
        Ok(run::typed_reject(run, &reason, &self.card_context(run, reader)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::{Interaction, Response};
    use crate::input::button::ButtonAction;
    use crate::plan::Pin;
    use crate::run::tests::{Scenario, actor, after, plan};
    use crate::text::wording::Locale;
    use crate::view::tests::{aloud, both, reader};

    fn typed(
        scenario: &Scenario,
        who: &str,
        text: &str,
        locale: Locale,
    ) -> Result<Response, Refusal> {
        let state = scenario.state();
        let actor = actor(who);
        state.ask(&actor, &Interaction::Command { text: text.into() }, reader(locale), after(5))
    }

    fn card(scenario: &Scenario, text: &str, locale: Locale) -> Card {
        match typed(scenario, "aiko", text, locale) {
            Ok(Response::Answer(card)) => *card,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn what_is_typed_only_shows_the_plan_with_the_button_that_names_it() {
        let scenario = Scenario::new(plan(Pin::First), 1);
        let (run, digest) = (scenario.run.id.clone(), scenario.run.digest.short().to_owned());
        let approve = ButtonAction::Approve { run: run.clone(), digest: digest.clone() };
        let reject = ButtonAction::Reject { run, digest };
        for (text, press) in [
            ("approve", &approve),
            ("approve verification-1", &approve),
            ("reject quarter end", &reject),
            ("reject verification-1 quarter end", &reject),
        ] {
            let card = card(&scenario, text, Locale::En);
            let presses: Vec<&ButtonAction> =
                card.buttons.iter().map(|button| &button.press).collect();
            assert_eq!(presses, [press], "{text}");
            assert!(!text.contains("quarter end") || aloud(&card).contains("quarter end"));
        }
        assert!(scenario.run.votes.is_empty());
    }

    #[test]
    fn what_would_be_refused_is_refused_when_it_is_typed() {
        let scenario = Scenario::new(plan(Pin::First), 1);
        let refused = |who, text| typed(&scenario, who, text, Locale::En).map(drop);
        assert!(matches!(refused("mallory", "approve"), Err(Refusal::NotAnApprover { .. })));
        assert!(matches!(refused("chie", "approve"), Err(Refusal::OwnRequest { .. })));
        assert!(matches!(refused("mallory", "reject no"), Err(Refusal::NotAnApprover { .. })));
        assert!(refused("chie", "reject I was wrong").is_ok(), "who asked may take it back");
    }

    #[test]
    fn the_answers_say_that_nothing_is_counted_yet() {
        let scenario = Scenario::new(plan(Pin::First), 1);
        both("typed", |locale| {
            let cards = ["approve", "reject quarter end"].map(|text| card(&scenario, text, locale));
            cards.map(|card| aloud(&card)).concat()
        });
    }
}
