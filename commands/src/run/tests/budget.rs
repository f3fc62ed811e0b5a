//! Tests of how many nodes may install at once, and how many may fail.

use super::*;
use crate::environment::Concurrency;

fn wide(nodes: u32, concurrency: Option<u32>, error_budget: u32) -> PatchPlan {
    let wave = (1..=nodes).map(|n| node(&format!("i-{n:03}"))).collect();
    PatchPlan { waves: vec![wave], concurrency, error_budget, ..plan(Pin::First) }
}

/// The sizes of the Installs that were decided so far.
fn sizes(scenario: &Scenario) -> Vec<usize> {
    let installs = scenario.run.dispatches.values().filter(|one| one.id.operation.is_install());
    installs.map(|install| install.nodes.len()).collect()
}

fn answers(scenario: &mut Scenario, chunk: u32, nodes: &[usize], status: InvocationStatus) {
    let id = DispatchId { wave: 0, operation: Operation::Install, chunk, attempt: 1 };
    let all = scenario.run.dispatches[&id].nodes.clone();
    let invocations = nodes.iter().map(|n| (all[*n].clone(), status)).collect();
    scenario.go(RunInput::Heard { dispatch: id, invocations }, after(5));
}

fn all_sent(scenario: &mut Scenario) {
    let intended = |scenario: &Scenario| {
        let mut all = scenario.run.dispatches.values();
        all.find(|one| one.status == DispatchStatus::Intended).map(|one| one.id.clone())
    };
    while let Some(dispatch) = intended(scenario) {
        let command = format!("c-{dispatch}");
        scenario.go(RunInput::Sent { dispatch, command }, after(4));
    }
}

#[test]
fn a_wave_goes_part_after_part_as_room_frees() {
    let mut scenario = Scenario::new(wide(7, Some(4), 7), 1).begun();
    all_sent(&mut scenario);
    assert_eq!((sizes(&scenario), scenario.run.installing()), (vec![4], 4));
    answers(&mut scenario, 0, &[0], InvocationStatus::Success);
    assert_eq!(sizes(&scenario), [4], "a remnant of room is saved up");
    answers(&mut scenario, 0, &[1], InvocationStatus::Failed);
    assert_eq!((sizes(&scenario), scenario.run.installing()), (vec![4, 2], 4));
    all_sent(&mut scenario);
    answers(&mut scenario, 1, &[0, 1], InvocationStatus::Success);
    assert_eq!(sizes(&scenario), [4, 2, 1], "the last one takes what is left");
    assert_eq!(scenario.run.step().map(|(_, step)| step), Some(Step::Installing));
}

#[test]
fn without_a_limit_a_wave_goes_at_once_in_parts_of_fifty() {
    assert_eq!(sizes(&Scenario::new(wide(120, None, 0), 1).begun()), [50, 50, 20]);
    assert_eq!(sizes(&Scenario::new(wide(120, Some(70), 0), 1).begun()), [50]);
    assert_eq!(sizes(&Scenario::new(wide(120, Some(100), 0), 1).begun()), [50, 50]);
}

#[test]
fn an_uncertain_install_takes_its_room_until_somebody_knows() {
    let mut scenario = Scenario::new(wide(4, Some(2), 0), 1).begun();
    let dispatch = scenario.open().id;
    let uncertain = RunInput::SendUncertain { dispatch: dispatch.clone(), why: "reset".into() };
    scenario.go(uncertain, after(3));
    scenario.go(RunInput::Tick, after(30));
    assert_eq!(sizes(&scenario), [2]);
    let (actor, reason) = (actor("ben"), "not in the command history".into());
    scenario.go(RunInput::NotSent { actor, dispatch, reason }, after(31));
    assert_eq!(sizes(&scenario), [2, 2], "the same nodes once more");
    assert_eq!(scenario.run.installing(), 2);
}

/// Ends the open scans successfully; their nodes report `missing` patches each.
fn scanned(scenario: &mut Scenario, missing: u32) -> Vec<NodeId> {
    let mut nodes = Vec::new();
    while let Some((0, Step::Scanning)) = scenario.run.step() {
        let scan = scenario.sent(after(6));
        scenario.heard(&scan, InvocationStatus::Success, after(6));
        nodes.extend(scan.nodes);
    }
    let states = scenario.states(counts(missing), after(7));
    scenario.go(RunInput::States { states, lookup_results: LookupResults::default() }, after(7));
    nodes
}

fn ids(ids: &[&str]) -> Vec<NodeId> {
    ids.iter().map(|id| NodeId((*id).into())).collect()
}

#[test]
fn what_a_command_calls_failed_holds_the_rest_back_until_a_fresh_scan_has_said() {
    use InvocationStatus::{Cancelled, ExecutionTimedOut, Failed, InProgress, Success};
    for status in [Failed, ExecutionTimedOut, Cancelled] {
        let mut scenario = Scenario::new(wide(6, Some(2), 0), 1).begun();
        all_sent(&mut scenario);
        answers(&mut scenario, 0, &[0], status);
        assert!(!scenario.run.is_stopping(), "a failed command proves nothing");
        answers(&mut scenario, 0, &[1], Success);
        assert_eq!(sizes(&scenario), [2], "nothing more is sent before the scan");
        // Patched all the same, as Windows nodes can be: the wave goes on to its end.
        assert_eq!(scanned(&mut scenario, 0), ids(&["i-001"]), "{status:?}");
        assert_eq!(sizes(&scenario), [2, 2]);
        for chunk in 1..=2 {
            all_sent(&mut scenario);
            answers(&mut scenario, chunk, &[0, 1], Success);
        }
        let rest = ids(&["i-002", "i-003", "i-004", "i-005", "i-006"]);
        assert_eq!(scanned(&mut scenario, 0), rest, "a node that is judged is not scanned twice");
        assert_eq!(scenario.run.phase, Phase::Finished { at: after(7) });
        assert_eq!(scenario.run.compliant(), 6);
        assert!(
            scenario
                .run
                .history
                .iter()
                .any(|scenario| matches!(scenario.event, RunEvent::HeldBack { .. }))
        );
    }
    // It never reported its end, and its deadline has passed.
    let mut scenario = Scenario::new(wide(4, Some(2), 0), 1).begun();
    all_sent(&mut scenario);
    answers(&mut scenario, 0, &[0], InProgress);
    scenario.go(RunInput::Tick, after(24 * 60));
    let scan = scenario.open();
    assert_eq!((scan.id.operation, scan.nodes.len()), (Operation::Scan, 2));
    assert_eq!(sizes(&scenario), [2]);
}

#[test]
fn a_fresh_scan_that_says_the_same_calls_the_rest_off_and_names_the_nodes() {
    let mut scenario = Scenario::new(wide(6, Some(2), 1), 1).begun();
    all_sent(&mut scenario);
    answers(&mut scenario, 0, &[0, 1], InvocationStatus::Failed);
    let nodes = ids(&["i-001", "i-002"]);
    assert_eq!(scanned(&mut scenario, 1), nodes);
    let why = StopReason::InstallsFailed { wave: 0, nodes };
    assert_eq!(scenario.run.phase, Phase::Stopped { why, by: None, at: after(7) });
    assert_eq!(sizes(&scenario), [2]);
    assert_eq!(scenario.run.untouched().len(), 4);
}

#[test]
fn what_the_budget_allows_to_fail_holds_nothing_back() {
    let mut scenario = Scenario::new(wide(6, Some(2), 2), 1).begun();
    all_sent(&mut scenario);
    answers(&mut scenario, 0, &[0, 1], InvocationStatus::Failed);
    assert_eq!(sizes(&scenario), [2, 2]);
    all_sent(&mut scenario);
    answers(&mut scenario, 1, &[0, 1], InvocationStatus::Failed);
    assert_eq!(sizes(&scenario), [2, 2]);
    // Two of the four are patched all the same: within the budget it goes on.
    let scan = scenario.sent(after(6));
    assert_eq!(scan.nodes.len(), 4);
    scenario.heard(&scan, InvocationStatus::Success, after(6));
    let mut states = scenario.states(counts(0), after(7));
    for node in ["i-001", "i-003"] {
        let state = states.get_mut(&NodeId(node.into())).expect("it reported");
        state.counts = counts(1);
    }
    scenario.go(RunInput::States { states, lookup_results: LookupResults::default() }, after(7));
    assert_eq!(sizes(&scenario), [2, 2, 2]);
}

#[test]
fn what_never_reached_a_node_holds_nothing_back() {
    use InvocationStatus::{AccessDenied, DeliveryTimedOut, Terminated, Undeliverable};
    for status in [Undeliverable, DeliveryTimedOut, Terminated, AccessDenied] {
        let mut scenario = Scenario::new(wide(4, Some(2), 0), 1).begun();
        all_sent(&mut scenario);
        answers(&mut scenario, 0, &[0], status);
        answers(&mut scenario, 0, &[1], InvocationStatus::Success);
        assert_eq!(sizes(&scenario).iter().sum::<usize>(), 4, "{status:?}");
    }
}

#[test]
fn where_every_node_has_answered_the_scan_decides_and_not_the_install() {
    let mut scenario = Scenario::new(wide(2, None, 0), 1).begun();
    all_sent(&mut scenario);
    answers(&mut scenario, 0, &[0, 1], InvocationStatus::Failed);
    assert_eq!(scenario.run.step().map(|(_, step)| step), Some(Step::Scanning));
    assert!(!scenario.run.is_stopping(), "there is no rest to call off");
}

#[test]
fn how_many_at_once_is_part_of_what_is_voted_on() {
    let digest = |concurrency| PatchPlan { concurrency, ..plan(Pin::First) }.digest();
    assert_ne!(digest(Some(1)), digest(Some(2)));
    assert_ne!(digest(Some(1)), digest(None));
}

#[test]
fn a_share_of_the_nodes_is_rounded_up_and_never_nothing() {
    assert_eq!(Concurrency::Percent(25).of(10), 3);
    assert_eq!(Concurrency::Percent(1).of(1), 1);
    assert_eq!(Concurrency::Percent(100).of(12), 12);
    assert_eq!(Concurrency::Nodes(5).of(3), 3);
    assert_eq!(Concurrency::Nodes(0).of(0), 1);
}
