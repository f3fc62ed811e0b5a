//! Tests of credentials that turn out to belong to another account.

use super::*;
use crate::fleet::account::{Caller, Purpose, WrongAccount};

fn caller(account: &str) -> Caller {
    Caller {
        account: account.into(),
        arn: format!("arn:aws:sts::{account}:assumed-role/patchbot/bot"),
    }
}

pub(crate) fn wrong(account: &str) -> WrongAccount {
    let environment = crate::plan::tests::environment();
    let callers = BTreeMap::from([
        (Purpose::Read, caller(&environment.account)),
        (Purpose::Execute, caller(account)),
    ]);
    environment.wrong_account(callers).expect("one of them is of another account")
}

fn identified(scenario: &mut Scenario, wrong: Option<WrongAccount>, now: DateTime<Utc>) {
    scenario.go(RunInput::Identified { wrong }, now);
}

#[test]
fn only_credentials_of_another_account_are_named() {
    let environment = crate::plan::tests::environment();
    let own = || caller(&environment.account);
    let both = |read, execute| {
        let callers = BTreeMap::from([(Purpose::Read, read), (Purpose::Execute, execute)]);
        environment.wrong_account(callers)
    };
    assert_eq!(both(own(), own()), None);
    assert_eq!(environment.wrong_account(BTreeMap::from([(Purpose::Read, own())])), None);
    let wrong = both(own(), caller("999999999999")).expect("it would send elsewhere");
    assert_eq!(wrong.configured(), environment.account);
    assert_eq!(wrong.strays().keys().collect::<Vec<_>>(), [&Purpose::Execute]);
    let wrong = both(caller("888888888888"), caller("")).expect("neither is");
    assert_eq!(wrong.strays().len(), 2);
}

#[test]
fn nothing_begins_in_another_account_and_all_goes_on_in_its_own() {
    let mut scenario = Scenario::new(plan(Pin::First), 1);
    identified(&mut scenario, Some(wrong("999999999999")), after(0));
    assert_eq!(scenario.run.closed, None, "a plan that waits asks nobody");
    scenario.approve("aiko", after(1)).expect("an approver");
    assert_eq!(scenario.pending(after(1)), ["verification-1/recheck"]);
    identified(&mut scenario, Some(wrong("999999999999")), after(1));
    assert_eq!(scenario.pending(after(1)), ["verification-1/identify"], "nothing else is asked");
    let again = RunInput::Identified { wrong: Some(wrong("999999999999")) };
    assert_eq!(scenario.ask(again, after(2)), Ok(0), "it is told once");
    identified(&mut scenario, Some(wrong("888888888888")), after(3));
    assert!(matches!(last(&scenario.run), Some(RunEvent::Closed { .. })), "that is news");
    identified(&mut scenario, None, after(4));
    assert_eq!(
        scenario.run.history.iter().filter(|scenario| scenario.event == RunEvent::Reopened).count(),
        1
    );
    let fresh = Box::new(scenario.run.plan.clone());
    scenario.go(RunInput::Rechecked { plan: fresh, windows: Vec::new() }, after(4));
    assert_eq!(scenario.open().id.operation, Operation::Install);
}

#[test]
fn between_two_steps_nothing_is_sent_judged_or_given_up() {
    let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
    let install = scenario.sent(after(3));
    identified(&mut scenario, Some(wrong("999999999999")), after(4));
    assert_eq!(
        scenario.run.may_send(),
        MaySend { near_from: Some(after(2)), ..MaySend::default() }
    );
    // The node has ended; its scan is not decided yet.
    scenario.heard(&install, InvocationStatus::Success, after(5));
    assert_eq!(scenario.pending(after(5)), ["verification-1/identify"]);
    assert!(scenario.run.dispatches.values().all(|one| one.id.operation == Operation::Install));
    // It is stopped, and even then judged only by the reports of its own account.
    let (actor, reason) = (actor("ben"), "not tonight".to_owned());
    scenario.go(RunInput::Stop { actor, reason }, after(6));
    assert!(scenario.run.is_stopping());
    assert_eq!(scenario.pending(after(6)), ["verification-1/identify"]);
    identified(&mut scenario, None, after(7));
    assert_eq!(scenario.open().id.operation, Operation::Scan);
}
