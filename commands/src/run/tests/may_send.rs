//! Tests of what a run may send at the very moment before a command is sent.

use super::*;

fn allowed(scenario: &Scenario, now: DateTime<Utc>) -> (bool, bool, bool) {
    let may = scenario.run.may_send();
    let (install, scan) = (Operation::Install, Operation::Scan);
    (may.allows(install, now), may.allows(scan, now), may.is_near(now))
}

#[test]
fn nothing_leaves_before_a_run_begins_and_nothing_installs_after_it_was_stopped() {
    let waiting = Scenario::new(plan(Pin::First), 1);
    assert_eq!(allowed(&waiting, after(1)), (false, false, false));
    let mut scenario = waiting.begun();
    assert_eq!(allowed(&scenario, after(2)), (true, true, true));
    assert_eq!(allowed(&scenario, after(5)), (false, true, true), "the look is too old by then");
    let (actor, reason) = (actor("ben"), "disk alarms".to_owned());
    scenario.go(RunInput::Stop { actor, reason }, after(3));
    assert_eq!(allowed(&scenario, after(3)), (false, true, true));
}

/// A run that waits for the window from minute 60 to 180.
fn bound() -> Scenario {
    let window = occurrence("nightly", after(60), after(121), after(180));
    let plan = PatchPlan { window: Some(window), ..plan(Pin::First) };
    let mut scenario = Scenario::new(plan, 1);
    scenario.approve("aiko", after(-30)).expect("an approver");
    scenario
}

#[test]
fn an_install_does_not_leave_before_its_window_opens_by_a_clock_set_back() {
    let mut scenario = bound();
    let fresh = Box::new(scenario.run.plan.clone());
    scenario.go(RunInput::Rechecked { plan: fresh, windows: Vec::new() }, after(60));
    assert_eq!(allowed(&scenario, after(60)), (true, true, true));
    let early = after(60) - TimeDelta::seconds(1);
    assert_eq!(allowed(&scenario, early), (false, true, false));
    scenario.go(RunInput::Tick, early);
    assert!(scenario.pending(early).iter().all(|effect| !effect.contains("/send/")));
}

#[test]
fn an_install_does_not_leave_after_the_last_moment_of_its_window() {
    let mut scenario = bound();
    assert_eq!(allowed(&scenario, after(-1)), (false, false, false));
    assert_eq!(allowed(&scenario, after(0)), (false, false, true), "it starts within the hour");
    let fresh = Box::new(scenario.run.plan.clone());
    scenario.go(RunInput::Rechecked { plan: fresh, windows: Vec::new() }, after(120));
    assert_eq!(allowed(&scenario, after(121)), (true, true, true));
    let late = after(121) + TimeDelta::seconds(1);
    assert_eq!(allowed(&scenario, late), (false, true, true));
}
