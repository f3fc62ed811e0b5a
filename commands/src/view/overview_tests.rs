//! Snapshots of a person's overview, in both languages.

use std::collections::BTreeMap;

use super::tests::{aloud, both, reader};
use crate::plan::Pin;
use crate::run::tests::{Scenario, actor, after, plan};
use crate::state::Subject;
use crate::text::Span;
use crate::text::wording::Locale;
use crate::view::{Block, Overview};

fn overview(scenario: &Scenario, name: &str, locale: Locale) -> Overview {
    let state = scenario.state();
    let actor = actor(name);
    state.overview(&actor, reader(locale), after(2))
}

#[test]
fn what_waits_for_one_person_and_no_longer_does_once_they_have_voted() {
    let mut scenario = Scenario::new(plan(Pin::First), 2);
    scenario.approve("aiko", after(1)).expect("an approver");
    let show = |name: &'static str| {
        let scenario = &scenario;
        move |locale| {
            aloud(&overview(scenario, name, locale).card(&BTreeMap::new(), reader(locale)))
        }
    };
    both("desk-waiting", show("ben"));
    both("desk-voted", show("aiko"));
    let begun = Scenario::new(plan(Pin::First), 1).begun();
    both("desk-under-way", |locale| {
        aloud(&overview(&begun, "ben", locale).card(&BTreeMap::new(), reader(locale)))
    });
}

#[test]
fn who_may_not_decide_is_not_waited_for() {
    let scenario = Scenario::new(plan(Pin::First), 2);
    let requester = scenario.run.requester.called().to_owned();
    for name in ["nobody-knows-them", requester.as_str()] {
        let desk = overview(&scenario, name, Locale::En);
        assert!(!desk.waits, "{name}: {desk:?}");
        assert!(desk.subjects().is_empty(), "{name}: {desk:?}");
    }
}

#[test]
fn a_card_whose_address_is_known_is_a_link() {
    let scenario = Scenario::new(plan(Pin::First), 2);
    let desk = overview(&scenario, "ben", Locale::En);
    let subject = Subject::Run(scenario.run.id.clone());
    assert_eq!(desk.subjects(), std::slice::from_ref(&subject));
    let address = "https://chat.example/1".to_owned();
    let card = desk.card(&[(subject, address.clone())].into(), reader(Locale::En));
    let link = Span::Link { label: scenario.run.id.to_string(), address };
    let links = |block: &&Block| matches!(block, Block::Text(text) if text.0.contains(&link));
    assert_eq!(card.blocks.iter().filter(links).count(), 1, "{card:?}");
}
