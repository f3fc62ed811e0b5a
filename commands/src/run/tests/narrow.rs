//! Tests of a command that AWS refuses because of some of its nodes, and of nodes that certainly do
//! not answer.

use super::*;
use crate::fleet::node::Ping;

fn wide(nodes: u32, on_drift: OnDrift) -> PatchPlan {
    let wave = (1..=nodes).map(|n| node(&format!("i-{n:03}"))).collect();
    PatchPlan { waves: vec![wave], on_drift, ..plan(Pin::First) }
}

fn id(text: &str) -> NodeId {
    NodeId(text.into())
}

/// Simulates AWS refusing commands that contain any of `bad`, naming them or not. Returns the
/// number of calls.
fn answer_sends(scenario: &mut Scenario, bad: &[&str], names: bool) -> usize {
    for asked in 0..1_000 {
        let intended =
            scenario.run.dispatches.values().find(|one| one.status == DispatchStatus::Intended);
        let Some(Dispatch { id: dispatch, nodes, .. }) = intended.cloned() else { return asked };
        let found: Vec<NodeId> =
            nodes.into_iter().filter(|node| bad.contains(&node.0.as_str())).collect();
        let request = match found.as_slice() {
            [] => RunInput::Sent { command: format!("c-{dispatch}"), dispatch },
            _ => {
                let blame = Blame::Nodes(if names { found } else { Vec::new() });
                RunInput::SendRefused { dispatch, why: "InvalidInstanceId".into(), blame }
            }
        };
        scenario.go(request, after(3));
    }
    panic!("it never ends");
}

/// The accepted command of each node.
fn accepted(scenario: &Scenario, operation: Operation) -> BTreeMap<NodeId, usize> {
    let mut all = BTreeMap::new();
    for one in scenario.run.dispatches.values().filter(|one| one.id.operation == operation) {
        if one.status.command().is_some() {
            one.nodes.iter().for_each(|node| *all.entry(node.clone()).or_default() += 1);
        }
    }
    all
}

/// Ends everything that was sent successfully.
fn to_the_end(scenario: &mut Scenario, bad: &[&str], names: bool) {
    answer_sends(scenario, bad, names);
    while let Some(one) = scenario.run.dispatches.values().find(|one| one.status.is_open()).cloned()
    {
        scenario.heard(&one, InvocationStatus::Success, after(5));
        answer_sends(scenario, bad, names);
    }
    let states = scenario.states(counts(0), after(7));
    scenario.go(RunInput::States { states, lookup_results: LookupResults::default() }, after(7));
}

#[test]
fn one_bad_node_does_not_decide_for_the_others() {
    for (names, on_drift) in [(true, OnDrift::Shrink), (false, OnDrift::Void)] {
        let mut scenario = Scenario::new(wide(51, on_drift), 1).begun();
        to_the_end(&mut scenario, &["i-017"], names);
        let sent = accepted(&scenario, Operation::Install);
        assert_eq!(sent.len(), 50, "all but one");
        assert!(sent.values().all(|times| *times == 1), "no node twice");
        let good = scenario.run.verdicts.values().filter(|verdict| verdict.is_good()).count();
        assert_eq!(good, 50);
        let why = Box::new("InvalidInstanceId".into());
        let refused = Verdict::Unknown(UnknownWhy::Refused { why });
        assert_eq!(scenario.run.verdicts.get(&id("i-017")), Some(&refused));
        assert_eq!(scenario.run.phase, Phase::Finished { at: after(7) });
        assert!(!scenario.run.is_proven(), "it proves nothing of the node that was left out");
    }
}

#[test]
fn a_refused_node_counts_against_the_budget() {
    let mut two = wide(3, OnDrift::Void);
    two.waves.push(vec![node("i-900")]);
    let mut scenario = Scenario::new(two, 1).begun();
    to_the_end(&mut scenario, &["i-002"], true);
    let why = StopReason::OverBudget { wave: 0, nodes: vec![id("i-002")] };
    assert_eq!(scenario.run.phase, Phase::Stopped { why, by: None, at: after(7) });
    assert_eq!(accepted(&scenario, Operation::Install).len(), 2);
}

#[test]
fn each_command_has_marks_of_its_own_and_a_fresh_look_before_it() {
    let mut scenario = Scenario::new(wide(4, OnDrift::Void), 1).begun();
    scenario.quiet = false;
    let dispatch = scenario.open().id;
    let blame = Blame::Nodes(vec![id("i-002")]);
    scenario.go(RunInput::SendRefused { dispatch, why: "no".into(), blame }, after(3));
    assert_eq!(scenario.pending(after(3)), ["verification-1/preflight/0"]);
    scenario.quiet = true;
    scenario.go(RunInput::Tick, after(3));
    let snapshots: BTreeSet<_> = scenario.run.dispatches.values().map(|one| one.snapshot).collect();
    assert_eq!((scenario.run.dispatches.len(), snapshots.len()), (2, 2));
    assert_eq!(scenario.open().nodes, [id("i-001"), id("i-003"), id("i-004")]);
}

#[test]
fn a_node_that_the_fresh_look_finds_gone_is_left_out_where_plans_may_shrink() {
    let mut scenario = Scenario::new(wide(4, OnDrift::Shrink), 1).begun();
    scenario.quiet = false;
    let dispatch = scenario.open().id;
    let blame = Blame::Nodes(vec![id("i-002")]);
    scenario.go(RunInput::SendRefused { dispatch, why: "no".into(), blame }, after(3));
    let nodes = [(id("i-002"), Presence::Gone(Gone::NotManaged))].into();
    let seen = Box::new(Seen { nodes, ..Seen::default() });
    scenario.go(RunInput::Preflight { wave: 0, seen }, after(3));
    assert_eq!(scenario.open().nodes.len(), 3);
    assert!(scenario.run.is_left_out(&id("i-002")), "it is gone, and needs no proof");
}

#[test]
fn a_refusal_that_no_node_can_help_is_taken_at_once() {
    let mut scenario = Scenario::new(wide(4, OnDrift::Void), 1).begun();
    let dispatch = scenario.open().id;
    scenario.go(
        RunInput::SendRefused { dispatch, why: "InvalidDocument".into(), blame: Blame::Call },
        after(3),
    );
    assert_eq!(scenario.run.dispatches.len(), 1);
    assert_eq!(scenario.run.step(), Some((0, Step::Judging)));
}

#[test]
fn who_refuses_everything_is_not_asked_for_ever() {
    let all: Vec<String> = (1..=50).map(|n| format!("i-{n:03}")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    for names in [true, false] {
        let mut scenario = Scenario::new(wide(50, OnDrift::Void), 1).begun();
        let asked = answer_sends(&mut scenario, &all, names);
        assert!(asked <= 100, "asked {asked} times");
        assert_eq!(scenario.run.step(), Some((0, Step::Judging)));
        assert!(accepted(&scenario, Operation::Install).is_empty());
    }
}

#[test]
fn a_scan_is_narrowed_down_too() {
    let mut scenario = Scenario::new(wide(20, OnDrift::Void), 1).begun();
    answer_sends(&mut scenario, &[], true);
    let install = scenario.open();
    scenario.heard(&install, InvocationStatus::Success, after(4));
    to_the_end(&mut scenario, &["i-003", "i-019"], false);
    let good = scenario.run.verdicts.values().filter(|verdict| verdict.is_good()).count();
    assert_eq!((good, scenario.run.verdicts.len()), (18, 20));
}

#[test]
fn nodes_that_are_known_not_to_answer_are_not_sent_to_and_count_as_unknown() {
    let begin = |pings: &[(&str, Ping)]| {
        let mut scenario = Scenario::new(wide(4, OnDrift::Void), 1);
        scenario.quiet = false;
        scenario.approve("aiko", after(1)).expect("an approver");
        let fresh = Box::new(scenario.run.plan.clone());
        scenario.go(RunInput::Rechecked { plan: fresh, windows: Vec::new() }, after(2));
        let nodes = pings.iter().map(|(node, ping)| (id(node), Presence::Here(*ping))).collect();
        let seen = Box::new(Seen { nodes, ..Seen::default() });
        scenario.go(RunInput::Preflight { wave: 0, seen }, after(2));
        scenario.quiet = true;
        scenario
    };
    let mut scenario = begin(&[
        ("i-001", Ping::Online),
        ("i-002", Ping::ConnectionLost),
        ("i-003", Ping::Inactive),
        ("i-004", Ping::Unknown),
    ]);
    assert_eq!(scenario.open().nodes, [id("i-001"), id("i-004")]);
    let unknown = Verdict::Unknown(UnknownWhy::NotSent);
    assert_eq!(scenario.run.verdicts.get(&id("i-002")), Some(&unknown), "judged at once");
    to_the_end(&mut scenario, &[], true);
    assert_eq!(accepted(&scenario, Operation::Scan).len(), 2);
    assert_eq!((scenario.run.compliant(), scenario.run.is_proven()), (2, false));
    // If no node answers, nothing is sent at all.
    let silent = ["i-001", "i-002", "i-003", "i-004"].map(|node| (node, Ping::ConnectionLost));
    let scenario = begin(&silent);
    assert!(scenario.run.dispatches.is_empty());
    assert_eq!(scenario.run.phase, Phase::Finished { at: after(2) });
}

/// A run of four nodes whose scan AWS refused because of `i-002`, and then accepted for the others.
fn scan_without_one() -> Scenario {
    let mut scenario = Scenario::new(wide(4, OnDrift::Void), 1).begun();
    answer_sends(&mut scenario, &[], true);
    let install = scenario.open();
    scenario.heard(&install, InvocationStatus::Success, after(4));
    answer_sends(&mut scenario, &["i-002"], true);
    let scan = scenario.open();
    assert_eq!((scan.id.operation, scan.id.chunk, scan.nodes.len()), (Operation::Scan, 1, 3));
    scenario.heard(&scan, InvocationStatus::Success, after(5));
    scenario
}

/// The reports of the nodes that were scanned last.
fn reports(scenario: &Scenario) -> BTreeMap<NodeId, NodePatchState> {
    let mut states = scenario.states(counts(0), after(6));
    states.remove(&id("i-002"));
    states
}

#[test]
fn nodes_of_a_narrowed_scan_are_listed_before_they_are_judged() {
    let scenario = scan_without_one();
    let listed: Vec<NodeId> = scenario.run.to_list(&reports(&scenario)).into_keys().collect();
    assert_eq!(listed, [id("i-001"), id("i-003"), id("i-004")]);
}

#[test]
fn a_narrowed_scan_that_somebody_overwrote_is_sent_again_and_judged_by_that() {
    let mut scenario = scan_without_one();
    let mut states = reports(&scenario);
    for state in states.values_mut() {
        state.snapshot = Some(uuid::Uuid::nil());
    }
    scenario.go(RunInput::States { states, lookup_results: LookupResults::default() }, after(60));
    let again = scenario.open();
    let expected = DispatchId { wave: 0, operation: Operation::Scan, chunk: 1, attempt: 2 };
    assert_eq!((&again.id, again.nodes.len()), (&expected, 3));
    answer_sends(&mut scenario, &[], true);
    scenario.heard(&again, InvocationStatus::Success, after(61));
    let states = reports(&scenario);
    scenario.go(RunInput::States { states, lookup_results: LookupResults::default() }, after(62));
    let good = scenario.run.verdicts.values().filter(|verdict| verdict.is_good()).count();
    assert_eq!((good, scenario.run.verdicts.len()), (3, 4));
}

#[test]
fn one_good_node_among_fifty_is_found_by_halves() {
    let bad: Vec<String> = (1..=49).map(|n| format!("i-{n:03}")).collect();
    let bad: Vec<&str> = bad.iter().map(String::as_str).collect();
    let mut scenario = Scenario::new(wide(50, OnDrift::Void), 1).begun();
    answer_sends(&mut scenario, &bad, false);
    let accepted: Vec<NodeId> = accepted(&scenario, Operation::Install).into_keys().collect();
    assert_eq!(accepted, [id("i-050")]);
}

#[test]
fn a_refusal_that_names_strangers_is_taken_by_halves_and_one_that_names_all_at_once() {
    let nodes = [id("i-1"), id("i-2"), id("i-3")];
    let foreign_scans = narrow(&nodes, &Blame::Nodes(vec![id("i-9")]));
    assert_eq!(foreign_scans.left_out, []);
    assert_eq!(foreign_scans.again, [vec![id("i-1"), id("i-2")], vec![id("i-3")]]);
    let one = narrow(&nodes, &Blame::Nodes(vec![id("i-9"), id("i-2"), id("i-2")]));
    assert_eq!((one.left_out, one.again), (vec![id("i-2")], vec![vec![id("i-1"), id("i-3")]]));
    let all = narrow(&nodes, &Blame::Nodes(nodes.to_vec()));
    assert_eq!((all.left_out.len(), all.again.len()), (3, 0));
}
