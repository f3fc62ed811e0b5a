//! Direct messages: each person's preference, and what they get. We only message people who opted
//! in.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::chat_failure::ChatFailure;
use crate::environment::Environment;
use crate::id::{Actor, PersonRef, RunId};
use crate::plan::Pin;
use crate::run::{PatchRun, Phase};
use crate::state::State;
use crate::text::TimeStyle;
use crate::text::wording::Args;
use crate::view::{Block, Card, Reader, Tone, Words, decision_request};

/// A person's preference for direct messages, on the platform where they typed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationPreference {
    /// Whether they want direct messages.
    pub on: bool,
    /// When they chose. They get a message about each plan that began to wait after that.
    pub at: DateTime<Utc>,
    /// The failure with which the platform refused to deliver to them. We do not try again until
    /// they choose again.
    pub closed: Option<ChatFailure>,
}

impl NotificationPreference {
    /// The preference after a person chooses `on`. Choosing the same again starts nothing anew,
    /// unless delivery had failed.
    pub fn chosen(before: Option<&Self>, on: bool, now: DateTime<Utc>) -> Self {
        let same = before.filter(|before| before.on == on && before.closed.is_none());
        Self { on, at: same.map_or(now, |same| same.at), closed: None }
    }

    /// Whether to message them about a plan on which they may decide: it can be voted on, and it
    /// began to wait after they opted in.
    pub fn tells(&self, run: &PatchRun) -> bool {
        self.is_open()
            && run.phase == Phase::Waiting
            && !matches!(run.plan.pin, Pin::NotProven { .. })
            && run.proposed_at >= self.at
    }

    /// Whether we may send them a new message.
    pub fn is_open(&self) -> bool {
        self.on && self.closed.is_none()
    }
}

/// The direct message about one plan.
#[derive(Clone, Debug, PartialEq)]
pub struct DirectMessage {
    /// Its current content.
    pub card: Card,
    /// Whether its content is final.
    pub settled: bool,
}

impl State {
    /// The message to `person` about a plan that waited for their decision. `address` links to the
    /// plan's card.
    pub fn direct_message(
        &self,
        run: &RunId,
        person: &PersonRef,
        address: Option<&str>,
        reader: Reader,
    ) -> Option<DirectMessage> {
        let run = self.runs.get(run)?;
        let is_production = self.promotion.before(&run.plan.environment).is_some();
        let settled = !matches!(run.phase, Phase::Waiting | Phase::Approved { .. });
        let card = decision_request::card(
            run,
            self.current_policy(run),
            person,
            address,
            is_production,
            reader,
        );
        Some(DirectMessage { card, settled })
    }

    /// The answer to a person who asks for their preference or has just chosen it. `trouble` is why
    /// the last attempt to message them failed.
    pub fn notify_card(
        &self,
        actor: &Actor,
        preference: Option<&NotificationPreference>,
        trouble: Option<&ChatFailure>,
        reader: Reader,
    ) -> Card {
        let words = Words(reader.locale);
        let none = Args::new();
        let title = words.phrase("notify-title", &none);
        let on = preference.filter(|preference| preference.on);
        let mut blocks = vec![Block::Text(match on {
            Some(preference) => {
                words.say("notify-on", &Args::new().time("at", preference.at, TimeStyle::DateTime))
            }
            None => words.say("notify-off", &none),
        })];
        let closed = on.and_then(|preference| preference.closed.as_ref());
        let mut tone = Tone::Calm;
        if let Some(why) = closed {
            tone = Tone::Attention;
            blocks.push(Block::Text(
                words.say("notify-closed", &Args::new().rich("why", why.text(words))),
            ));
        } else if let Some(why) = trouble.filter(|_| on.is_some()) {
            tone = Tone::Attention;
            blocks.push(Block::Text(
                words.say("notify-trouble", &Args::new().rich("why", why.text(words))),
            ));
        }
        let mut policies = self.promotion.0.iter().flat_map(Environment::policies);
        if on.is_some() && !policies.any(|policy| policy.name(actor).is_ok()) {
            blocks.push(Block::Note(words.say("notify-not-named", &none)));
        }
        Card {
            drill: reader.drill,
            tone,
            fallback: title.clone(),
            title,
            blocks,
            buttons: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{PatchPlan, Unproven};
    use crate::run::RunInput;
    use crate::run::tests::{Scenario, actor, after, person, plan};
    use crate::text::wording::Locale;
    use crate::view::tests::{aloud, both, reader};

    fn state(scenario: &Scenario) -> State {
        scenario.state()
    }

    fn preference(at: DateTime<Utc>) -> NotificationPreference {
        NotificationPreference { on: true, at, closed: None }
    }

    fn direct_message(
        scenario: &Scenario,
        name: &str,
        address: Option<&str>,
        locale: Locale,
    ) -> DirectMessage {
        let letter = state(scenario).direct_message(
            &scenario.run.id,
            &person(name),
            address,
            reader(locale),
        );
        letter.expect("there is such a run")
    }

    #[test]
    fn only_what_began_to_wait_after_the_choice_is_told() {
        let scenario = Scenario::new(plan(Pin::First), 2);
        let waiting =
            |state: &State, at| state.runs.values().filter(|run| preference(at).tells(run)).count();
        assert_eq!(waiting(&state(&scenario), after(0)), 1);
        assert_eq!(waiting(&state(&scenario), after(1)), 0);
        let needs = "staging".parse().expect("a name");
        let pin = Pin::NotProven { needs, why: Unproven::NeverRun };
        assert_eq!(waiting(&state(&Scenario::new(plan(pin), 2)), after(0)), 0);
        assert_eq!(waiting(&state(&Scenario::new(plan(Pin::First), 1).begun()), after(0)), 0);
    }

    #[test]
    fn to_choose_the_same_again_begins_nothing_anew_unless_something_was_in_the_way() {
        let first = NotificationPreference::chosen(None, true, after(1));
        assert_eq!(NotificationPreference::chosen(Some(&first), true, after(5)), first);
        assert_eq!(NotificationPreference::chosen(Some(&first), false, after(5)).at, after(5));
        let closed = NotificationPreference { closed: Some("50007".into()), ..first };
        assert!(!closed.is_open());
        assert_eq!(
            NotificationPreference::chosen(Some(&closed), true, after(9)),
            preference(after(9))
        );
    }

    #[test]
    fn what_is_told_changes_until_it_is_decided_and_has_no_buttons() {
        let address = Some("https://chat.example/1");
        let mut scenario = Scenario::new(PatchPlan { ..plan(Pin::First) }, 2);
        both("letter-asked", |locale| {
            aloud(&direct_message(&scenario, "ben", address, locale).card)
        });
        both("letter-without-link", |locale| {
            aloud(&direct_message(&scenario, "ben", None, locale).card)
        });
        scenario.approve("ben", after(1)).expect("an approver");
        both("letter-voted", |locale| {
            aloud(&direct_message(&scenario, "ben", address, locale).card)
        });
        assert_ne!(
            direct_message(&scenario, "ben", address, Locale::En),
            direct_message(&scenario, "aiko", address, Locale::En)
        );
        scenario.approve("aiko", after(2)).expect("an approver");
        let approved = direct_message(&scenario, "ben", address, Locale::En);
        // A vote can still be taken back, so the message may change again.
        assert!(!approved.settled && approved.card.buttons.is_empty());
        both("letter-approved", |locale| {
            aloud(&direct_message(&scenario, "aiko", address, locale).card)
        });
        let begun = Scenario::new(plan(Pin::First), 1).begun();
        assert!(direct_message(&begun, "ben", address, Locale::En).settled);
    }

    #[test]
    fn what_is_told_of_a_plan_on_which_nobody_decides_any_more() {
        let mut rejected = Scenario::new(plan(Pin::First), 2);
        let actor = actor("aiko");
        let reason = "quarter end".to_owned();
        let digest = rejected.run.digest.short().to_owned();
        rejected.ask(RunInput::Reject { actor, digest, reason }, after(1)).expect("an approver");
        let mut expired = Scenario::new(plan(Pin::First), 2);
        expired.go(RunInput::Tick, after(60 * 30));
        let mut void = Scenario::new(plan(Pin::First), 2);
        let fresh = Box::new(PatchPlan { waves: Vec::new(), ..plan(Pin::First) });
        void.ask(RunInput::Rechecked { plan: fresh, windows: Vec::new() }, after(2))
            .expect("it decides");
        both("letter-over", |locale| {
            let over = [&rejected, &expired, &void];
            let said = over.map(|scenario| direct_message(scenario, "ben", None, locale));
            assert!(said.iter().all(|letter| letter.settled));
            said.iter().map(|letter| aloud(&letter.card)).collect()
        });
    }

    #[test]
    fn what_is_set_is_said_with_what_is_in_the_way() {
        let scenario = Scenario::new(plan(Pin::First), 2);
        let state = state(&scenario);
        let closed =
            NotificationPreference { closed: Some("user_disabled".into()), ..preference(after(0)) };
        both("notify", |locale| {
            let said = |name: &str, preference: Option<&NotificationPreference>, trouble| {
                let actor = actor(name);
                aloud(&state.notify_card(&actor, preference, trouble, reader(locale)))
            };
            [
                said("aiko", None, None),
                said("aiko", Some(&preference(after(0))), None),
                said("aiko", Some(&closed), None),
                said("aiko", Some(&preference(after(0))), Some(&"missing_scope".into())),
                said("mallory", Some(&preference(after(0))), None),
            ]
            .concat()
        });
    }
}
