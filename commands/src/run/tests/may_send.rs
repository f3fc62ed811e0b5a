//! What a run may send at the very moment at which a command is about to leave.

use super::*;

fn allowed(told: &Told, now: DateTime<Utc>) -> (bool, bool, bool) {
    let may = told.run.may_send();
    let (install, scan) = (Operation::Install, Operation::Scan);
    (may.allows(install, now), may.allows(scan, now), may.is_near(now))
}

#[test]
fn nothing_leaves_before_a_run_begins_and_nothing_installs_after_it_was_stopped() {
    let waiting = Told::new(plan(Pin::First), 1);
    assert_eq!(allowed(&waiting, after(1)), (false, false, false));
    let mut told = waiting.begun();
    assert_eq!(allowed(&told, after(2)), (true, true, true));
    assert_eq!(allowed(&told, after(5)), (false, true, true), "the look is too old by then");
    let (actor, reason) = (actor("ben"), "disk alarms".to_owned());
    told.go(RunRequest::Stop { actor, reason }, after(3));
    assert_eq!(allowed(&told, after(3)), (false, true, true));
}

/// A run that waits for the window from minute 60 to 180.
fn bound() -> Told {
    let window = occurrence("nightly", after(60), after(121), after(180));
    let plan = PatchPlan { window: Some(window), ..plan(Pin::First) };
    let mut told = Told::new(plan, 1);
    told.approve("aiko", after(-30)).expect("an approver");
    told
}

#[test]
fn an_install_does_not_leave_before_its_window_opens_by_a_clock_set_back() {
    let mut told = bound();
    let fresh = Box::new(told.run.plan.clone());
    told.go(RunRequest::Rechecked { plan: fresh, windows: Vec::new() }, after(60));
    assert_eq!(allowed(&told, after(60)), (true, true, true));
    let early = after(60) - TimeDelta::seconds(1);
    assert_eq!(allowed(&told, early), (false, true, false));
    told.go(RunRequest::Tick, early);
    assert!(told.pending(early).iter().all(|effect| !effect.contains("/send/")));
}

#[test]
fn an_install_does_not_leave_after_the_last_moment_of_its_window() {
    let mut told = bound();
    assert_eq!(allowed(&told, after(-1)), (false, false, false));
    assert_eq!(allowed(&told, after(0)), (false, false, true), "it starts within the hour");
    let fresh = Box::new(told.run.plan.clone());
    told.go(RunRequest::Rechecked { plan: fresh, windows: Vec::new() }, after(120));
    assert_eq!(allowed(&told, after(121)), (true, true, true));
    let late = after(121) + TimeDelta::seconds(1);
    assert_eq!(allowed(&told, late), (false, true, true));
}
