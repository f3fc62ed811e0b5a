//! Tests of an uncertain command and of the three ways out.

use super::*;
use crate::fleet::node::Invocations;
use crate::refusal::Mismatch;

const COMMAND: &str = "0b4f6c1e-9d3a-4f27-8c55-1f2e3d4c5b6a";

/// One wave of two nodes, whose Install became uncertain; a person was asked.
fn asked() -> (Scenario, DispatchId) {
    let one_wave = PatchPlan { waves: vec![vec![node("i-1"), node("i-2")]], ..plan(Pin::First) };
    let mut scenario = Scenario::new(one_wave, 1).begun();
    let dispatch = scenario.open().id;
    let why = "connection reset".into();
    scenario.go(RunInput::SendUncertain { dispatch: dispatch.clone(), why }, after(3));
    scenario.go(RunInput::Tick, after(8));
    (scenario, dispatch)
}

fn reported(dispatch: &DispatchId, nodes: &[&str]) -> RunInput {
    RunInput::Reconciled {
        dispatch: dispatch.clone(),
        commands: vec![],
        reported: nodes.iter().map(|id| NodeId((*id).into())).collect(),
    }
}

fn not_sent(name: &str, dispatch: &DispatchId) -> RunInput {
    let reason = "not in the command history".into();
    RunInput::NotSent { actor: actor(name), dispatch: dispatch.clone(), reason }
}

fn at_aws(operation: &str, nodes: &[&str]) -> Option<AtAws> {
    Some(AtAws {
        document: "AWS-RunPatchBaseline".into(),
        operation: Some(operation.into()),
        nodes: nodes.iter().map(|id| NodeId((*id).into())).collect(),
    })
}

fn adopt(name: &str, dispatch: &DispatchId, command: &str, found: Option<AtAws>) -> RunInput {
    let (dispatch, command) = (dispatch.clone(), command.to_owned());
    let reason = "same snapshot id in the command history".into();
    RunInput::Adopt { actor: actor(name), dispatch, command, reason, found }
}

#[test]
fn nodes_that_report_our_snapshot_prove_that_it_ran() {
    let (mut scenario, dispatch) = asked();
    scenario.go(reported(&dispatch, &["i-2", "i-9"]), after(9));
    assert!(matches!(scenario.run.dispatches[&dispatch].status, DispatchStatus::Ran { .. }));
    let refused = scenario.ask(not_sent("ben", &dispatch), after(10));
    assert!(matches!(refused, Err(Refusal::DidRun { nodes: 1, all: 2, .. })), "{refused:?}");
    assert_eq!(scenario.pending(after(10)), ["verification-1/reconcile/install-w0-c0:1"]);
    scenario.go(reported(&dispatch, &["i-1", "i-2"]), after(11));
    // Every node has reported, and the search for the command id has taken long enough: it is over.
    assert_eq!(scenario.run.dispatches[&dispatch].status.command(), None);
    assert_eq!(scenario.open().id.operation, Operation::Scan);
}

#[test]
fn what_ran_without_an_id_is_waited_for_as_long_as_any_other() {
    let (mut scenario, dispatch) = asked();
    scenario.go(reported(&dispatch, &["i-1"]), after(9));
    scenario.go(RunInput::Tick, after(9 + 129));
    assert!(matches!(scenario.run.dispatches[&dispatch].status, DispatchStatus::Ran { .. }));
    scenario.go(RunInput::Tick, after(9 + 130));
    assert!(matches!(
        scenario.run.dispatches[&dispatch].status,
        DispatchStatus::Ended { command: None, .. }
    ));
    let (mut scenario, dispatch) = asked();
    scenario.go(reported(&dispatch, &["i-1"]), after(9));
    scenario.go(found(&dispatch, &["c-1"]), after(10));
    assert_eq!(scenario.run.dispatches[&dispatch].status.command(), Some("c-1"), "it shows later");
}

#[test]
fn a_person_is_believed_about_a_command_only_when_aws_shows_it_to_be_one() {
    let (mut scenario, dispatch) = asked();
    let ours = || at_aws("Install", &["i-1", "i-2"]);
    let mut refused = |request| scenario.ask(request, after(9)).expect_err("it is refused");
    let by_others = [("mallory", "a stranger"), ("chie", "who asked for the run")];
    assert!(matches!(
        by_others.map(|(name, _)| refused(adopt(name, &dispatch, COMMAND, ours()))),
        [Refusal::NotAnApprover { .. }, Refusal::OwnRequest { .. }]
    ));
    assert_eq!(refused(adopt("ben", &dispatch, "c-1", ours())), Refusal::NoCommandId);
    let mut mismatch = |found| match refused(adopt("ben", &dispatch, COMMAND, found)) {
        Refusal::NotThatCommand { why, .. } => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(mismatch(None), Mismatch::Unknown);
    let shell = AtAws { document: "AWS-RunShellScript".into(), ..ours().expect("a command") };
    assert!(matches!(mismatch(Some(shell)), Mismatch::Document { .. }));
    assert!(matches!(mismatch(at_aws("Scan", &["i-1", "i-2"])), Mismatch::Operation { .. }));
    let others = Mismatch::Nodes { lacking: 1, others: 2 };
    assert_eq!(mismatch(at_aws("Install", &["i-1", "i-3", "i-4"])), others);
    // It is recorded with who said so and why, however they wrote the id.
    let shouted = format!(" {} ", COMMAND.to_uppercase());
    scenario.go(adopt("ben", &dispatch, &shouted, ours()), after(10));
    assert_eq!(scenario.pending(after(10)), ["verification-1/watch/install-w0-c0:1"]);
    let kept = scenario.events.iter().any(|event| {
        event.person() == Some(&person("ben"))
            && matches!(&event.event, RunEvent::Dispatch(_, DispatchEvent::Adopted { command, reason })
                if command == COMMAND && reason.to_string().contains("same snapshot"))
    });
    assert!(kept);
    let twice = scenario.ask(adopt("ben", &dispatch, COMMAND, ours()), after(11));
    assert!(matches!(twice, Err(Refusal::NotUncertain { .. })));
}

#[test]
fn before_a_person_is_asked_nobody_has_to_say_anything() {
    let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
    let dispatch = scenario.open().id;
    let uncertain = RunInput::SendUncertain { dispatch: dispatch.clone(), why: "reset".into() };
    scenario.go(uncertain, after(3));
    let early = scenario.ask(not_sent("ben", &dispatch), after(4));
    assert!(matches!(early, Err(Refusal::NotUncertain { .. })));
    let early =
        scenario.ask(adopt("ben", &dispatch, COMMAND, at_aws("Install", &["i-1"])), after(4));
    assert!(matches!(early, Err(Refusal::NotUncertain { .. })));
}

#[test]
fn a_command_that_another_dispatch_has_cannot_be_adopted() {
    let (mut scenario, first) = asked();
    scenario.go(found(&first, &[COMMAND]), after(9));
    let install = scenario.run.dispatches[&first].clone();
    scenario.heard(&install, InvocationStatus::Success, after(10));
    let scan = scenario.open().id;
    scenario.go(RunInput::SendUncertain { dispatch: scan.clone(), why: "reset".into() }, after(11));
    scenario.go(reported(&scan, &["i-1"]), after(12));
    let taken =
        scenario.ask(adopt("ben", &scan, COMMAND, at_aws("Scan", &["i-1", "i-2"])), after(13));
    let why = Mismatch::Taken { by: first };
    assert!(matches!(taken, Err(Refusal::NotThatCommand { why: found, .. }) if found == why));
}

#[test]
fn of_several_commands_the_oldest_is_adopted_and_all_are_followed() {
    let (mut scenario, dispatch) = asked();
    scenario.go(found(&dispatch, &["c-1", "c-2"]), after(9));
    let install = scenario.run.dispatches[&dispatch].clone();
    assert_eq!(install.commands(), ["c-1", "c-2"]);
    let watched = pending(&scenario.run, &scenario.emergency_stop, scenario.token, after(9));
    let both = vec!["c-1".to_owned(), "c-2".to_owned()];
    assert_eq!(
        watched,
        [RunEffect::Watch {
            run: scenario.run.id.clone(),
            dispatch,
            commands: both.clone(),
            overdue: Vec::new()
        }]
    );
    let stop = RunInput::Stop { actor: actor("ben"), reason: "twice".into() };
    scenario.go(stop, after(10));
    let effects = pending(&scenario.run, &scenario.emergency_stop, scenario.token, after(10));
    assert!(
        effects.iter().any(|effect| matches!(effect,
            RunEffect::Cancel { commands, .. } if *commands == both)),
        "{effects:?}"
    );
}

#[test]
fn two_commands_together_have_ended_when_both_have() {
    use InvocationStatus::{Failed, InProgress, Success, Terminated, Undeliverable};
    let said = |statuses: &[(&str, InvocationStatus)]| -> Invocations {
        statuses.iter().map(|(node, status)| (NodeId((*node).into()), *status)).collect()
    };
    let first = said(&[("a", Success), ("b", Success), ("c", Terminated), ("d", Success)]);
    let second = said(&[("a", InProgress), ("b", Undeliverable), ("c", Failed)]);
    let both = said(&[("a", InProgress), ("b", Success), ("c", Failed)]);
    assert_eq!(together([first.clone(), second.clone()]), both);
    assert_eq!(together([second, first.clone()]), both);
    assert_eq!(together([first.clone()]), first);
    assert_eq!(together([]), Invocations::new());
}

#[test]
fn after_thirty_days_it_can_no_longer_be_found_out() {
    let (mut scenario, dispatch) = asked();
    let days = |days: i64| after(3 + days * 24 * 60);
    scenario.go(RunInput::Tick, days(29));
    assert_eq!(scenario.pending(days(29)), ["verification-1/reconcile/install-w0-c0:1"]);
    scenario.go(RunInput::Tick, days(30));
    assert_eq!(scenario.pending(days(30)), Vec::<String>::new());
    assert_eq!(next_deadline(&scenario.run), None, "nothing is left to wait for");
    scenario.go(not_sent("ben", &dispatch), days(31));
    assert_eq!(scenario.open().id.attempt, 2, "a person can still decide");
}

#[test]
fn a_person_may_rather_stop_the_run() {
    let (mut scenario, dispatch) = asked();
    scenario.go(RunInput::Stop { actor: actor("ben"), reason: "enough".into() }, after(9));
    assert!(matches!(scenario.run.dispatches[&dispatch].status, DispatchStatus::GivenUp { .. }));
    let scan = scenario.sent(after(9));
    assert_eq!(scan.nodes.len(), 2);
    scenario.heard(&scan, InvocationStatus::Success, after(10));
    let states = scenario.states(counts(1), after(10));
    scenario.go(RunInput::States { states, lookup_results: LookupResults::default() }, after(10));
    assert!(matches!(scenario.run.phase, Phase::Stopped { why: StopReason::Person { .. }, .. }));
    assert!(scenario.run.untouched().is_empty());
}

#[test]
fn what_was_searched_is_noted_once_and_once_more_after_somebody_is_asked() {
    let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
    let dispatch = scenario.open().id;
    let uncertain = RunInput::SendUncertain { dispatch: dispatch.clone(), why: "reset".into() };
    scenario.go(uncertain, after(3));
    let mut empty = |minutes| scenario.ask(reported(&dispatch, &[]), after(minutes));
    assert_eq!([empty(4), empty(5)], [Ok(1), Ok(0)]);
    scenario.go(RunInput::Tick, after(8));
    let mut empty = |minutes| scenario.ask(reported(&dispatch, &[]), after(minutes));
    assert_eq!([empty(9), empty(10)], [Ok(1), Ok(0)]);
}
