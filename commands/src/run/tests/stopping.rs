//! Tests of a stopped run, until the truth about each of its nodes is known.

use super::*;

fn wide() -> PatchPlan {
    let wave = |from, to| (from..=to).map(|n| node(&format!("i-{n}"))).collect();
    PatchPlan { waves: vec![wave(1, 4), wave(5, 6)], concurrency: Some(2), ..plan(Pin::First) }
}

fn stop(name: &str, reason: &str) -> RunInput {
    RunInput::Stop { actor: actor(name), reason: reason.into() }
}

fn heard(scenario: &mut Scenario, dispatch: &Dispatch, statuses: &[InvocationStatus]) {
    let invocations = dispatch.nodes.iter().cloned().zip(statuses.iter().copied()).collect();
    scenario.go(RunInput::Heard { dispatch: dispatch.id.clone(), invocations }, after(6));
}

#[test]
fn stopped_in_the_middle_it_cancels_follows_scans_and_judges_what_was_touched() {
    let mut scenario = Scenario::new(wide(), 1).begun();
    let install = scenario.sent(after(3));
    scenario.go(stop("ben", "disk alarms"), after(4));
    let why = StopReason::Person { reason: "disk alarms".into() };
    let by = Some(Principal::Person(person("ben")));
    let ending = Phase::Stopping { wave: 0, since: after(4), why: why.clone(), by: by.clone() };
    assert_eq!(scenario.run.phase, ending);
    assert_eq!(
        scenario.pending(after(4)),
        ["verification-1/cancel/install-w0-c0:1", "verification-1/watch/install-w0-c0:1"]
    );
    scenario.go(RunInput::CancelAsked { dispatch: install.id.clone() }, after(4));
    assert_eq!(scenario.pending(after(5)), ["verification-1/watch/install-w0-c0:1"]);
    use InvocationStatus::{Cancelled, Cancelling, Terminated};
    heard(&mut scenario, &install, &[Cancelling, Terminated]);
    assert_eq!(scenario.run.installing(), 1, "being cancelled is no answer yet");
    heard(&mut scenario, &install, &[Cancelled, Terminated]);
    // A cancelled node may have begun; a terminated one was never given its command.
    let scan = scenario.sent(after(6));
    assert_eq!(scan.id.operation, Operation::Scan);
    assert_eq!(scan.nodes, [NodeId("i-1".into())]);
    scenario.heard(&scan, InvocationStatus::Success, after(7));
    let states = scenario.states(counts(1), after(7));
    scenario.go(RunInput::States { states, lookup_results: LookupResults::default() }, after(7));
    assert_eq!(scenario.run.phase, Phase::Stopped { why, by, at: after(7) });
    assert_eq!(scenario.run.verdicts.len(), 1);
    let untouched: Vec<&str> = scenario.run.untouched().iter().map(|id| id.0.as_str()).collect();
    assert_eq!(untouched, ["i-2", "i-3", "i-4", "i-5", "i-6"]);
}

#[test]
fn whoever_is_named_may_stop_it_while_it_is_under_way() {
    let mut waiting = Scenario::new(wide(), 1);
    assert!(matches!(waiting.ask(stop("ben", "no"), after(1)), Err(Refusal::NotBegun { .. })));
    let mut scenario = waiting.begun();
    assert!(matches!(
        scenario.ask(stop("mallory", "no"), after(3)),
        Err(Refusal::NotAnApprover { .. })
    ));
    assert!(matches!(scenario.ask(stop("ben", " "), after(3)), Err(Refusal::NoReason)));
    // The person who asked for it may not vote on it but may stop it.
    assert_eq!(scenario.ask(stop("chie", "wrong hosts"), after(3)), Ok(1));
    let again = scenario.ask(stop("ben", "alarms"), after(4));
    assert!(matches!(again, Err(Refusal::NotWaiting { now: Settled::Stopping, .. })));
    let mut nobody = Scenario::new(wide(), 1).begun();
    nobody.run.policy.approvers.clear();
    let refused = nobody.ask(stop("ben", "alarms"), after(3));
    assert!(matches!(refused, Err(Refusal::NobodyMayApprove { .. })));
}

#[test]
fn what_was_decided_and_not_begun_is_not_sent_any_more() {
    let mut scenario = Scenario::new(wide(), 1).begun();
    scenario.go(stop("ben", "alarms"), after(3));
    assert_eq!(scenario.pending(after(3)), ["verification-1/abandon/install-w0-c0:1"]);
    // Its sending had begun after all, and the answer comes first.
    let mut begun = Scenario::new(wide(), 1).begun();
    begun.go(stop("ben", "alarms"), after(3));
    begun.sent(after(3));
    assert!(begun.pending(after(3)).contains(&"verification-1/cancel/install-w0-c0:1".into()));
    let dispatch = scenario.open().id;
    scenario.go(RunInput::DispatchAbandoned { dispatch }, after(3));
    assert!(matches!(scenario.run.phase, Phase::Stopped { .. }), "{:?}", scenario.run.phase);
    assert_eq!(scenario.run.untouched().len(), 6);
}

#[test]
fn what_another_process_had_begun_is_looked_for_also_at_the_end() {
    let mut scenario = Scenario::new(wide(), 1).begun();
    scenario.token += 1;
    scenario.go(stop("ben", "alarms"), after(3));
    assert_eq!(scenario.pending(after(3)), ["verification-1/reconcile/install-w0-c0:1"]);
    // Nobody is asked, because it would not be sent again anyway.
    scenario.go(RunInput::Tick, after(8));
    let given_up = scenario.run.dispatches.values().next().map(|one| one.status.clone());
    assert!(matches!(given_up, Some(DispatchStatus::GivenUp { .. })), "{given_up:?}");
    let scan = scenario.sent(after(8));
    assert_eq!(scan.nodes.len(), 2, "its nodes may have it");
    scenario.heard(&scan, InvocationStatus::Success, after(9));
    let states = scenario.states(counts(0), after(9));
    scenario.go(RunInput::States { states, lookup_results: LookupResults::default() }, after(9));
    assert!(matches!(scenario.run.phase, Phase::Stopped { .. }));
}

#[test]
fn a_window_that_closes_lets_the_rest_be_and_follows_what_is_under_way() {
    let window = occurrence("nightly", after(0), after(30), after(60));
    let mut scenario = Scenario::new(PatchPlan { window: Some(window), ..wide() }, 1).begun();
    let install = scenario.sent(after(3));
    scenario.go(RunInput::Tick, after(31));
    assert!(matches!(
        scenario.run.phase,
        Phase::Stopping { why: StopReason::WindowClosed { wave: 0 }, .. }
    ));
    scenario.heard(&install, InvocationStatus::Success, after(32));
    let scan = scenario.sent(after(32));
    scenario.heard(&scan, InvocationStatus::Success, after(33));
    let states = scenario.states(counts(0), after(33));
    scenario.go(RunInput::States { states, lookup_results: LookupResults::default() }, after(33));
    assert_eq!((scenario.run.compliant(), scenario.run.untouched().len()), (2, 4));
}

#[test]
fn the_emergency_stop_holds_even_the_scans_of_an_end() {
    let mut scenario = Scenario::new(wide(), 1).begun();
    let install = scenario.sent(after(3));
    scenario.go(stop("ben", "alarms"), after(4));
    let stop = Stop { by: person("ben"), reason: "alarms".into(), at: after(4) };
    scenario.emergency_stop = EmergencyStop { stop: Some(stop) };
    scenario.heard(&install, InvocationStatus::Cancelled, after(5));
    assert_eq!(scenario.run.step(), Some((0, Step::ToScan)));
    scenario.emergency_stop = EmergencyStop::default();
    scenario.go(RunInput::Tick, after(6));
    assert_eq!(scenario.run.step(), Some((0, Step::Scanning)));
}

#[test]
fn an_answer_that_comes_after_the_end_changes_nothing() {
    let mut scenario = Scenario::new(wide(), 1).begun();
    let install = scenario.sent(after(3));
    let why = StopReason::WindowClosed { wave: 0 };
    let halted = Recorded { at: after(4), by: None, event: RunEvent::Stopped { why } };
    scenario.run.apply(&halted).expect("it ends");
    let dispatch = || install.id.clone();
    let invocations: crate::fleet::node::Invocations =
        install.nodes.iter().map(|node| (node.clone(), InvocationStatus::Success)).collect();
    for late in [
        RunInput::Heard { dispatch: dispatch(), invocations },
        RunInput::CancelAsked { dispatch: dispatch() },
        RunInput::Sent { dispatch: dispatch(), command: "c".into() },
        RunInput::SendRefused { dispatch: dispatch(), why: "no".into(), blame: Blame::Call },
        RunInput::SendUncertain { dispatch: dispatch(), why: "reset".into() },
        RunInput::DispatchAbandoned { dispatch: dispatch() },
        found(&install.id, &["c"]),
        RunInput::Tick,
    ] {
        assert_eq!(scenario.ask(late.clone(), after(5)), Ok(0), "{late:?}");
    }
    let (actor, reason) = (actor("ben"), "looked".to_owned());
    let word = RunInput::NotSent { actor, dispatch: dispatch(), reason };
    assert!(matches!(scenario.ask(word, after(5)), Err(Refusal::NotUncertain { .. })));
}
