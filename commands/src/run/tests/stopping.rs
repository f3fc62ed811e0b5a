//! A run that is called off, until the truth about each of its nodes is known.

use super::*;

fn wide() -> PatchPlan {
    let wave = |from, to| (from..=to).map(|n| node(&format!("i-{n}"))).collect();
    PatchPlan { waves: vec![wave(1, 4), wave(5, 6)], concurrency: Some(2), ..plan(Pin::First) }
}

fn stop(name: &str, reason: &str) -> RunRequest {
    RunRequest::Stop { actor: actor(name), reason: reason.into() }
}

fn heard(told: &mut Told, dispatch: &Dispatch, statuses: &[InvocationStatus]) {
    let invocations = dispatch.nodes.iter().cloned().zip(statuses.iter().copied()).collect();
    told.go(RunRequest::Heard { dispatch: dispatch.id.clone(), invocations }, after(6));
}

#[test]
fn stopped_in_the_middle_it_cancels_follows_scans_and_judges_what_was_touched() {
    let mut told = Told::new(wide(), 1).begun();
    let install = told.sent(after(3));
    told.go(stop("ben", "disk alarms"), after(4));
    let why = HaltReason::Stopped { reason: "disk alarms".into() };
    let by = Some(Principal::Person(person("ben")));
    let ending = Phase::Ending { wave: 0, since: after(4), why: why.clone(), by: by.clone() };
    assert_eq!(told.run.phase, ending);
    assert_eq!(
        told.pending(after(4)),
        ["verification-1/cancel/install-w0-c0:1", "verification-1/watch/install-w0-c0:1"]
    );
    told.go(RunRequest::CancelAsked { dispatch: install.id.clone() }, after(4));
    assert_eq!(told.pending(after(5)), ["verification-1/watch/install-w0-c0:1"]);
    use InvocationStatus::{Cancelled, Cancelling, Terminated};
    heard(&mut told, &install, &[Cancelling, Terminated]);
    assert_eq!(told.run.installing(), 1, "being cancelled is no answer yet");
    heard(&mut told, &install, &[Cancelled, Terminated]);
    // A cancelled node may have begun; a terminated one never was given its command.
    let scan = told.sent(after(6));
    assert_eq!(scan.id.operation, Operation::Scan);
    assert_eq!(scan.nodes, [NodeId("i-1".into())]);
    told.heard(&scan, InvocationStatus::Success, after(7));
    let states = told.states(counts(1), after(7));
    told.go(RunRequest::States { states, sightings: Sightings::default() }, after(7));
    assert_eq!(told.run.phase, Phase::Halted { why, by, at: after(7) });
    assert_eq!(told.run.verdicts.len(), 1);
    let untouched: Vec<&str> = told.run.untouched().iter().map(|id| id.0.as_str()).collect();
    assert_eq!(untouched, ["i-2", "i-3", "i-4", "i-5", "i-6"]);
}

#[test]
fn whoever_is_named_may_stop_it_while_it_is_under_way() {
    let mut waiting = Told::new(wide(), 1);
    assert!(matches!(waiting.ask(stop("ben", "no"), after(1)), Err(Refusal::NotBegun { .. })));
    let mut told = waiting.begun();
    assert!(matches!(
        told.ask(stop("mallory", "no"), after(3)),
        Err(Refusal::NotAnApprover { .. })
    ));
    assert!(matches!(told.ask(stop("ben", " "), after(3)), Err(Refusal::NoReason)));
    // Who asked for it may not vote on it, and may stop it.
    assert_eq!(told.ask(stop("chie", "wrong hosts"), after(3)), Ok(1));
    let again = told.ask(stop("ben", "alarms"), after(4));
    assert!(matches!(again, Err(Refusal::NotWaiting { now: Settled::Ending, .. })));
    let mut nobody = Told::new(wide(), 1).begun();
    nobody.run.policy.approvers.clear();
    let refused = nobody.ask(stop("ben", "alarms"), after(3));
    assert!(matches!(refused, Err(Refusal::NobodyMayApprove { .. })));
}

#[test]
fn what_was_decided_and_not_begun_is_not_sent_any_more() {
    let mut told = Told::new(wide(), 1).begun();
    told.go(stop("ben", "alarms"), after(3));
    assert_eq!(told.pending(after(3)), ["verification-1/withdraw/install-w0-c0:1"]);
    // It had been begun after all, and its answer comes first.
    let mut begun = Told::new(wide(), 1).begun();
    begun.go(stop("ben", "alarms"), after(3));
    begun.sent(after(3));
    assert!(begun.pending(after(3)).contains(&"verification-1/cancel/install-w0-c0:1".into()));
    let dispatch = told.open().id;
    told.go(RunRequest::Withdrawn { dispatch }, after(3));
    assert!(matches!(told.run.phase, Phase::Halted { .. }), "{:?}", told.run.phase);
    assert_eq!(told.run.untouched().len(), 6);
}

#[test]
fn what_another_process_had_begun_is_looked_for_also_at_the_end() {
    let mut told = Told::new(wide(), 1).begun();
    told.token += 1;
    told.go(stop("ben", "alarms"), after(3));
    assert_eq!(told.pending(after(3)), ["verification-1/reconcile/install-w0-c0:1"]);
    // Nobody is asked: it would not be sent again anyway.
    told.go(RunRequest::Tick, after(8));
    let given_up = told.run.dispatches.values().next().map(|one| one.status.clone());
    assert!(matches!(given_up, Some(DispatchStatus::GivenUp { .. })), "{given_up:?}");
    let scan = told.sent(after(8));
    assert_eq!(scan.nodes.len(), 2, "its nodes may have it");
    told.heard(&scan, InvocationStatus::Success, after(9));
    let states = told.states(counts(0), after(9));
    told.go(RunRequest::States { states, sightings: Sightings::default() }, after(9));
    assert!(matches!(told.run.phase, Phase::Halted { .. }));
}

#[test]
fn a_window_that_closes_lets_the_rest_be_and_follows_what_is_under_way() {
    let window = occurrence("nightly", after(0), after(30), after(60));
    let mut told = Told::new(PatchPlan { window: Some(window), ..wide() }, 1).begun();
    let install = told.sent(after(3));
    told.go(RunRequest::Tick, after(31));
    assert!(matches!(
        told.run.phase,
        Phase::Ending { why: HaltReason::WindowClosed { wave: 0 }, .. }
    ));
    told.heard(&install, InvocationStatus::Success, after(32));
    let scan = told.sent(after(32));
    told.heard(&scan, InvocationStatus::Success, after(33));
    let states = told.states(counts(0), after(33));
    told.go(RunRequest::States { states, sightings: Sightings::default() }, after(33));
    assert_eq!((told.run.compliant(), told.run.untouched().len()), (2, 4));
}

#[test]
fn the_emergency_stop_holds_even_the_scans_of_an_end() {
    let mut told = Told::new(wide(), 1).begun();
    let install = told.sent(after(3));
    told.go(stop("ben", "alarms"), after(4));
    let stop = Stop { by: person("ben"), reason: "alarms".into(), at: after(4) };
    told.emergency_stop = EmergencyStop { stop: Some(stop) };
    told.heard(&install, InvocationStatus::Cancelled, after(5));
    assert_eq!(told.run.step(), Some((0, Step::ToScan)));
    told.emergency_stop = EmergencyStop::default();
    told.go(RunRequest::Tick, after(6));
    assert_eq!(told.run.step(), Some((0, Step::Scanning)));
}

#[test]
fn an_answer_that_comes_after_the_end_changes_nothing() {
    let mut told = Told::new(wide(), 1).begun();
    let install = told.sent(after(3));
    let why = HaltReason::WindowClosed { wave: 0 };
    let halted = Recorded { at: after(4), by: None, event: RunEvent::Halted { why } };
    told.run.apply(&halted).expect("it ends");
    let dispatch = || install.id.clone();
    let invocations: crate::fleet::node::Invocations =
        install.nodes.iter().map(|node| (node.clone(), InvocationStatus::Success)).collect();
    for late in [
        RunRequest::Heard { dispatch: dispatch(), invocations },
        RunRequest::CancelAsked { dispatch: dispatch() },
        RunRequest::Sent { dispatch: dispatch(), command: "c".into() },
        RunRequest::SendRefused { dispatch: dispatch(), why: "no".into(), blame: Blame::Call },
        RunRequest::SendUncertain { dispatch: dispatch(), why: "reset".into() },
        RunRequest::Withdrawn { dispatch: dispatch() },
        found(&install.id, &["c"]),
        RunRequest::Tick,
    ] {
        assert_eq!(told.ask(late.clone(), after(5)), Ok(0), "{late:?}");
    }
    let (actor, reason) = (actor("ben"), "looked".to_owned());
    let word = RunRequest::NotSent { actor, dispatch: dispatch(), reason };
    assert!(matches!(told.ask(word, after(5)), Err(Refusal::NotUncertain { .. })));
}
