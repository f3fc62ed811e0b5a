//! Tests of the preflight check: overlaps, silent and missing nodes, and changed windows.

use super::*;
use crate::emergency_stop::{EmergencyStop, Stop};
use crate::fleet::agent::LookupResults;
use crate::fleet::node::PatchCounts;
use crate::fleet::presence::{Gone, Presence};
use crate::id::RunId;
use crate::plan::{PatchPlan, Pin, Unproven};
use crate::run::tests::{Scenario, actor, after, baseline, counts, person, plan};
use crate::run::{RunInput, Whose, proof};
use crate::run::{SeenAssociation, SeenCommand};
use crate::window::tests::occurrence;

fn id(node: &str) -> NodeId {
    NodeId(node.into())
}

fn shrinking() -> PatchPlan {
    PatchPlan { on_drift: OnDrift::Shrink, ..plan(Pin::First) }
}

fn command(comment: &str, snapshot: Option<&str>) -> SeenCommand {
    SeenCommand {
        id: "c-1".into(),
        document: "AWS-RunPatchBaseline".into(),
        comment: comment.into(),
        snapshot: snapshot.map(str::to_owned),
        requested_at: Some(after(0)),
        nodes: 1,
    }
}

fn foreign() -> Seen {
    Seen { commands: vec![command("quarterly, by hand", None)], ..Seen::default() }
}

fn gone(nodes: &[(&str, Gone)]) -> Seen {
    let nodes = nodes.iter().map(|(node, why)| (id(node), Presence::Gone(*why))).collect();
    Seen { nodes, ..Seen::default() }
}

/// A run that is approved and rechecked, before the check of its first wave.
fn about_to_start(plan: PatchPlan) -> Scenario {
    let mut scenario = Scenario::new(plan, 1);
    scenario.quiet = false;
    scenario.begun()
}

/// A run whose canary is proven, before the check of the next wave.
fn about_to_go_on(plan: PatchPlan) -> Scenario {
    let mut scenario = Scenario::new(plan, 1).begun();
    scenario.quiet = false;
    scenario.wave(counts(0), after(5));
    assert_eq!(scenario.run.wave_to_clear(), Some(1));
    scenario
}

impl Scenario {
    fn sees(&mut self, wave: u32, seen: Seen, minutes: i64) {
        self.go(RunInput::Preflight { wave, seen: Box::new(seen) }, after(minutes));
    }
}

#[test]
fn nothing_is_decided_on_before_the_nodes_were_found_free() {
    let mut scenario = about_to_start(plan(Pin::First));
    let look = ["verification-1/preflight/0"];
    assert_eq!(scenario.pending(after(2)), look);
    scenario.sees(0, foreign(), 2);
    assert!(scenario.run.is_held_up(0) && scenario.run.dispatches.is_empty());
    assert_eq!(scenario.pending(after(3)), look, "it goes on looking");
    let lines = scenario.run.history.len();
    scenario.sees(0, foreign(), 3);
    assert_eq!(scenario.run.history.len(), lines, "the same once more is no news");
    scenario.sees(0, Seen::default(), 4);
    assert_eq!(scenario.pending(after(4)), ["verification-1/send/install-w0-c0:1"]);
    let told_of: Vec<&RunEvent> =
        scenario.run.history.iter().map(|scenario| &scenario.event).collect();
    assert!(matches!(
        told_of.as_slice(),
        [.., RunEvent::Cleared { waited: true, .. }, RunEvent::WaveStarted { wave: 0 }]
    ));
}

#[test]
fn a_later_wave_is_looked_at_as_well() {
    let mut scenario = about_to_go_on(plan(Pin::First));
    assert_eq!(scenario.pending(after(5)), ["verification-1/preflight/1"]);
    scenario.sees(0, Seen::default(), 6);
    scenario.sees(1, foreign(), 6);
    assert!(scenario.run.is_held_up(1), "{:?}", scenario.run.preflight);
    scenario.sees(1, Seen::default(), 7);
    assert_eq!(scenario.pending(after(7)), ["verification-1/send/install-w1-c0:1"]);
}

#[test]
fn a_look_of_long_ago_is_worth_nothing() {
    let mut scenario = about_to_start(plan(Pin::First));
    let stop = Stop { by: person("ben"), reason: "disk alarms".into(), at: after(2) };
    scenario.emergency_stop = EmergencyStop { stop: Some(stop) };
    scenario.sees(0, Seen::default(), 2);
    scenario.emergency_stop = EmergencyStop::default();
    scenario.go(RunInput::Tick, after(5));
    assert!(scenario.run.dispatches.is_empty());
    assert_eq!(scenario.pending(after(5)), ["verification-1/preflight/0"]);
}

#[test]
fn what_was_decided_on_and_held_back_is_not_sent_on_an_old_look() {
    let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
    scenario.quiet = false;
    assert_eq!(scenario.pending(after(4)), ["verification-1/send/install-w0-c0:1"]);
    // AWS's rate limit, or a stop, lasted longer than the check is valid.
    assert_eq!(scenario.pending(after(5)), ["verification-1/preflight/0"]);
    scenario.sees(0, foreign(), 5);
    assert_eq!(scenario.pending(after(5)), ["verification-1/preflight/0"]);
    scenario.sees(0, Seen::default(), 6);
    assert_eq!(scenario.pending(after(6)), ["verification-1/send/install-w0-c0:1"]);
    // A node cannot be removed from the command.
    scenario.sees(0, gone(&[("i-1", Gone::Untagged)]), 9);
    assert!(matches!(
        scenario.run.phase,
        Phase::Stopping { why: StopReason::NodesGone { wave: 0, .. }, .. }
    ));
    assert_eq!(scenario.pending(after(9)), ["verification-1/abandon/install-w0-c0:1"]);
}

#[test]
fn our_own_commands_of_this_run_are_not_in_its_way_and_those_of_another_are() {
    let scenario = Scenario::new(plan(Pin::First), 1).begun();
    let snapshot = scenario.open().snapshot.to_string().to_uppercase();
    let ours = command("patchbot:verification-1:install-w0-c0:1", Some(&snapshot));
    let seen = Seen { commands: vec![ours.clone()], ..Seen::default() };
    assert_eq!(overlaps(&scenario.run, &seen), []);
    // Anybody can type the comment alone.
    let typed = Seen { commands: vec![SeenCommand { snapshot: None, ..ours }], ..Seen::default() };
    assert_eq!(overlaps(&scenario.run, &typed).len(), 1);

    let whose = |comment: &str| match overlaps(
        &scenario.run,
        &Seen { commands: vec![command(comment, None)], ..Seen::default() },
    )
    .pop()
    {
        Some(Overlap::Command { whose, .. }) => whose,
        other => panic!("{other:?}"),
    };
    let other: RunId = "staging-7".parse().expect("a run");
    assert_eq!(whose("patchbot:staging-7:scan-w0-c0:1"), Whose::Run(other));
    assert_eq!(whose("patchbot:scan:verification"), Whose::Schedule);
    assert_eq!(whose("patchbot:"), Whose::Somebody);
    assert_eq!(whose("by hand"), Whose::Somebody);
}

#[test]
fn another_run_of_ours_on_the_same_nodes_is_waited_for() {
    let mut scenario = about_to_start(plan(Pin::First));
    let run: RunId = "staging-7".parse().expect("a run");
    let other = Overlap::Run { run: run.clone(), nodes: 1 };
    scenario.others = vec![other.clone()];
    // AWS does not list its command yet, or it is decided and not sent.
    scenario.sees(0, Seen::default(), 2);
    assert_eq!(
        scenario.run.preflight.as_ref().map(|last| last.by.clone()),
        Some(vec![other.clone()])
    );
    // It began after the check: the last moment counts.
    let mut late = about_to_start(plan(Pin::First));
    late.ask(RunInput::Preflight { wave: 0, seen: Box::default() }, after(2)).expect("an answer");
    late.others = vec![other];
    late.go(RunInput::Tick, after(2));
    assert!(late.run.is_held_up(0) && late.run.dispatches.is_empty());
    // Its command says the same and more.
    let seen = Seen {
        commands: vec![command("patchbot:staging-7:install-w0-c0:1", None)],
        ..Seen::default()
    };
    scenario.sees(0, seen, 3);
    let by = scenario.run.preflight.as_ref().map(|last| last.by.clone()).unwrap_or_default();
    assert!(
        matches!(&by[..], [Overlap::Command { whose: Whose::Run(named), .. }] if *named == run)
    );
    scenario.others = vec![];
    scenario.sees(0, Seen::default(), 4);
    assert_eq!(scenario.open().nodes, [id("i-1")]);
}

#[test]
fn a_run_works_on_the_nodes_of_a_wave_from_its_first_command_until_it_is_judged() {
    let mut scenario = about_to_start(plan(Pin::First));
    assert!(scenario.run.nodes_under_way().is_empty(), "it waits, and holds nobody up");
    scenario.sees(0, Seen::default(), 2);
    assert_eq!(scenario.run.nodes_under_way(), [&id("i-1")].into());
    scenario.wave(counts(0), after(5));
    assert!(scenario.run.nodes_under_way().is_empty(), "it waits before its second wave");
    scenario.sees(1, Seen::default(), 6);
    assert_eq!(scenario.run.nodes_under_way().len(), 2);
}

#[test]
fn the_window_closes_on_a_run_that_is_held_up() {
    let window = occurrence("nightly", after(1), after(60), after(120));
    let windowed = PatchPlan { window: Some(window), ..plan(Pin::First) };
    let mut scenario = about_to_start(windowed.clone());
    scenario.sees(0, foreign(), 59);
    scenario.go(RunInput::Tick, after(61));
    let missed = matches!(&scenario.run.phase, Phase::Voided { why: VoidReason::WindowMissed, .. });
    assert!(missed, "{:?}", scenario.run.phase);
    let mut scenario = about_to_go_on(windowed);
    scenario.sees(1, foreign(), 59);
    scenario.go(RunInput::Tick, after(61));
    let closed = StopReason::WindowClosed { wave: 1 };
    assert!(matches!(&scenario.run.phase, Phase::Stopped { why, .. } if *why == closed));
}

#[test]
fn an_association_under_way_holds_a_wave_up_also_when_its_nodes_are_not_known() {
    for nodes in [Some(1), None] {
        let mut scenario = about_to_start(plan(Pin::First));
        let association = SeenAssociation {
            id: "a-1".into(),
            name: "AWS-QuickSetup-PatchPolicy".into(),
            document: "AWS-RunPatchBaseline".into(),
            started_at: Some(after(1)),
            nodes,
        };
        let seen = Seen { associations: vec![association], ..foreign() };
        scenario.sees(0, seen, 2);
        assert!(scenario.run.is_held_up(0), "{nodes:?}");
        assert!(scenario.run.dispatches.is_empty(), "nothing is decided on");
        let by = &scenario.run.preflight.as_ref().expect("a look").by;
        assert!(
            matches!(&by[..], [Overlap::Association { nodes: said, .. }, Overlap::Command { .. }]
                if *said == nodes),
            "{by:?}"
        );
        scenario.sees(0, Seen::default(), 3);
        assert!(!scenario.run.is_held_up(0));
    }
}

#[test]
fn of_many_overlaps_the_oldest_are_kept() {
    let mut scenario = about_to_start(plan(Pin::First));
    let numbered = |n: i64| SeenCommand {
        id: format!("c-{n:02}"),
        requested_at: Some(after(-n)),
        ..command("", None)
    };
    let seen = |order: &mut dyn Iterator<Item = i64>| Seen {
        commands: order.map(numbered).collect(),
        ..Seen::default()
    };
    scenario.sees(0, seen(&mut (1..=25)), 2);
    let last = scenario.run.preflight.clone().expect("a look");
    assert_eq!((last.by.len(), last.more), (10, 15));
    assert!(matches!(&last.by[0], Overlap::Command { id, .. } if id == "c-25"));
    let events = scenario
        .ask(RunInput::Preflight { wave: 0, seen: Box::new(seen(&mut (1..=25).rev())) }, after(3));
    assert_eq!(events, Ok(0), "another order is no news");
}

#[test]
fn a_node_that_is_gone_before_the_first_wave_voids_the_plan_or_is_left_out() {
    let seen = gone(&[("i-3", Gone::Untagged)]);
    let mut scenario = about_to_start(plan(Pin::First));
    scenario.sees(0, seen.clone(), 2);
    let Phase::Voided { why: VoidReason::Drifted(drift), replan: true, .. } = &scenario.run.phase
    else {
        panic!("{:?}", scenario.run.phase)
    };
    assert_eq!(drift.nodes_gone, [id("i-3")]);

    let mut scenario = about_to_start(shrinking());
    scenario.sees(0, seen, 2);
    assert_eq!(scenario.run.verdicts, [(id("i-3"), Verdict::LeftOut(Gone::Untagged))].into());
    scenario.wave(counts(0), after(5));
    scenario.sees(1, Seen::default(), 6);
    assert_eq!(scenario.open().nodes, [id("i-2")], "nothing is sent to a node that was left out");
    scenario.wave(counts(0), after(9));
    assert_eq!(scenario.run.phase, Phase::Finished { at: after(9) });
    assert!(
        proof(&crate::plan::tests::environment(), [&scenario.run], after(19)).is_ok(),
        "the others are proven"
    );
}

/// The node gets nothing, whichever group it belongs to.
#[test]
fn a_node_that_is_in_two_groups_by_now_voids_the_plan_or_is_left_out() {
    let seen = gone(&[("i-3", Gone::NodeInTwoGroups)]);
    let mut scenario = about_to_start(plan(Pin::First));
    scenario.sees(0, seen.clone(), 2);
    let Phase::Voided { why: VoidReason::Drifted(drift), replan: true, .. } = &scenario.run.phase
    else {
        panic!("{:?}", scenario.run.phase)
    };
    assert_eq!(
        (&drift.nodes_gone, &drift.nodes_in_two_groups),
        (&vec![id("i-3")], &vec![id("i-3")])
    );

    let mut scenario = about_to_start(shrinking());
    scenario.sees(0, seen.clone(), 2);
    assert_eq!(
        scenario.run.verdicts,
        [(id("i-3"), Verdict::LeftOut(Gone::NodeInTwoGroups))].into()
    );
    scenario.wave(counts(0), after(5));
    scenario.sees(1, Seen::default(), 6);
    assert_eq!(scenario.open().nodes, [id("i-2")]);

    let mut scenario = about_to_go_on(plan(Pin::First));
    scenario.sees(1, seen.clone(), 6);
    let why = StopReason::NodesGone { wave: 1, nodes: [(id("i-3"), Gone::NodeInTwoGroups)].into() };
    assert_eq!(scenario.run.phase, Phase::Stopped { why, by: None, at: after(6) });

    let mut scenario = about_to_go_on(shrinking());
    scenario.sees(1, seen, 6);
    assert_eq!(scenario.open().nodes, [id("i-2")]);

    let mut scenario = about_to_start(PatchPlan { patches: vec![], ..shrinking() });
    scenario.sees(0, gone(&[("i-3", Gone::NodeInTwoGroups)]), 2);
    assert!(scenario.run.is_left_out(&id("i-3")), "it is not scanned either");
}

#[test]
fn a_node_that_is_gone_between_waves_ends_the_run_or_is_left_out() {
    let seen = gone(&[("i-2", Gone::NotManaged)]);
    let mut scenario = about_to_go_on(plan(Pin::First));
    scenario.sees(1, seen.clone(), 6);
    let nodes = [(id("i-2"), Gone::NotManaged)].into();
    let why = StopReason::NodesGone { wave: 1, nodes };
    assert_eq!(scenario.run.phase, Phase::Stopped { why, by: None, at: after(6) });
    assert!(!scenario.run.dispatches.keys().any(|id| id.wave == 1));

    let mut scenario = about_to_go_on(shrinking());
    scenario.sees(1, seen, 6);
    assert_eq!(scenario.open().nodes, [id("i-3")]);
    scenario.wave(counts(0), after(9));
    assert_eq!((scenario.run.compliant(), scenario.run.node_count()), (2, 2));
    assert!(scenario.run.is_proven());
}

#[test]
fn a_wave_of_which_nobody_is_left_is_passed_over() {
    let mut scenario = about_to_go_on(shrinking());
    scenario.sees(1, gone(&[("i-2", Gone::NotManaged), ("i-3", Gone::Untagged)]), 6);
    assert_eq!(scenario.run.phase, Phase::Finished { at: after(6) });
    assert!(scenario.run.is_proven(), "by its canary alone");
}

#[test]
fn without_its_canary_nothing_starts() {
    let mut scenario = about_to_start(shrinking());
    scenario.sees(0, gone(&[("i-1", Gone::NotManaged)]), 2);
    assert!(
        matches!(scenario.run.phase, Phase::Voided { replan: true, .. }),
        "{:?}",
        scenario.run.phase
    );
}

#[test]
fn left_out_is_not_bad_and_proves_nothing() {
    let mut scenario = about_to_start(shrinking());
    scenario.sees(0, gone(&[("i-3", Gone::Untagged)]), 2);
    scenario.wave(counts(2), after(5));
    assert!(matches!(
        scenario.run.phase,
        Phase::Stopped { why: StopReason::OverBudget { .. }, .. }
    ));
    let why = proof(&crate::plan::tests::environment(), [&scenario.run], after(99))
        .expect_err("the canary is bad");
    assert!(matches!(why, Unproven::NotCompliant { compliant: 0, nodes: 2, .. }), "{why:?}");
}

#[test]
fn who_does_not_answer_is_named_and_not_sent_to() {
    let mut scenario = about_to_start(plan(Pin::First));
    let nodes = [(id("i-1"), Presence::Here(Ping::ConnectionLost))].into();
    scenario.sees(0, Seen { nodes, ..Seen::default() }, 2);
    assert_eq!(
        scenario.run.preflight.as_ref().map(|last| last.silent.clone()),
        Some(vec![id("i-1")])
    );
    assert!(scenario.run.dispatches.is_empty(), "its canary was the only one");
    let why = StopReason::OverBudget { wave: 0, nodes: vec![id("i-1")] };
    assert_eq!(scenario.run.phase, Phase::Stopped { why, by: None, at: after(2) });
}

#[test]
fn whoever_votes_again_votes_on_the_whole_plan() {
    let mut scenario = about_to_start(shrinking());
    let mut seen = gone(&[("i-3", Gone::Untagged)]);
    seen.commands = foreign().commands;
    scenario.sees(0, seen, 2);
    assert!(scenario.run.is_left_out(&id("i-3")) && scenario.run.is_held_up(0));
    let actor = actor("aiko");
    scenario.go(RunInput::Withdraw { actor }, after(3));
    assert!(scenario.run.verdicts.is_empty() && scenario.run.preflight.is_none());
}

#[test]
fn before_the_start_only_nodes_that_went_can_be_forgiven() {
    let rechecked = |was: PatchPlan, change: &dyn Fn(&mut PatchPlan)| {
        let mut scenario = Scenario::new(was, 1);
        scenario.quiet = false;
        scenario.approve("aiko", after(1)).expect("an approver");
        let mut fresh = scenario.run.plan.clone();
        change(&mut fresh);
        scenario.go(RunInput::Rechecked { plan: Box::new(fresh), windows: Vec::new() }, after(2));
        scenario.run.rechecked_at.is_some()
    };
    let lose = |fresh: &mut PatchPlan| drop(fresh.waves[1].pop());
    assert!(!rechecked(plan(Pin::First), &lose));
    assert!(rechecked(shrinking(), &lose));
    let others: [&dyn Fn(&mut PatchPlan); 5] = [
        &|fresh| fresh.waves.clear(),
        &|fresh| drop(fresh.waves.remove(0)),
        &|fresh| fresh.waves[1][0].id = id("i-9"),
        &|fresh| fresh.baselines.push(baseline("UBUNTU", "pb-1")),
        // A patch that nobody misses any longer, while all nodes exist.
        &|fresh| {
            fresh.patches.clear();
            fresh.waves.iter_mut().flatten().for_each(|node| node.missing = 0);
        },
    ];
    for change in others {
        assert!(!rechecked(shrinking(), change));
    }
    // A baseline and a patch that disappeared with the last node that needed them.
    let mut mixed = shrinking();
    mixed.baselines = vec![baseline("AMAZON_LINUX_2023", "pb-1"), baseline("WINDOWS", "pb-2")];
    mixed.waves[0][0].missing = 0;
    mixed.waves[1][0].missing = 0;
    assert!(rechecked(mixed, &|fresh| {
        lose(fresh);
        fresh.baselines.pop();
        fresh.patches.clear();
    }));
}

#[test]
fn whether_a_plan_shrinks_is_part_of_what_is_approved() {
    assert_ne!(plan(Pin::First).digest(), shrinking().digest());
}

#[test]
fn a_run_that_only_scans_looks_before_it_scans() {
    let nothing = PatchPlan { patches: vec![], ..plan(Pin::First) };
    let mut scenario = about_to_start(nothing);
    assert!(scenario.run.dispatches.is_empty());
    scenario.sees(0, Seen::default(), 2);
    assert_eq!(scenario.pending(after(2)), ["verification-1/send/scan-w0-c0:1"]);
    let counts: PatchCounts = counts(0);
    let scan = scenario.sent(after(3));
    scenario.heard(&scan, crate::fleet::node::InvocationStatus::Success, after(3));
    let states = scenario.states(counts, after(3));
    scenario.go(RunInput::States { states, lookup_results: LookupResults::default() }, after(3));
    assert_eq!(scenario.pending(after(3)), ["verification-1/preflight/1"]);
}

#[test]
fn of_two_runs_in_one_book_each_sees_the_other() {
    use crate::state::State;
    let mut other = plan(Pin::First);
    other.environment = "staging".parse().expect("a name");
    let first = about_to_start(plan(Pin::First));
    let second = Scenario::new(other, 1).begun();
    let ids = [first.run.id.clone(), second.run.id.clone()];
    let runs = [first.run, second.run].map(|run| (run.id.clone(), run)).into();
    let mut state = State { runs, ..State::default() };
    let looked = RunInput::Preflight { wave: 0, seen: Box::default() };
    let found = state.in_the_way_of(&ids[0], &looked, after(2));
    assert_eq!(found, [Overlap::Run { run: ids[1].clone(), nodes: 1 }]);
    assert_eq!(state.in_the_way_of(&ids[0], &RunInput::Tick, after(2)), [], "nothing is decided");
    assert_eq!(
        state.in_the_way_of(&ids[1], &looked, after(2)),
        [],
        "a run that waits holds up nobody"
    );
    // On other nodes they do not overlap.
    if let Some(run) = state.runs.get_mut(&ids[0]) {
        run.plan.waves[0][0].id = id("i-9");
    }
    assert_eq!(state.in_the_way_of(&ids[0], &looked, after(2)), []);
}

#[test]
fn a_run_is_near_an_hour_before_its_window() {
    let window = occurrence("nightly", after(100), after(160), after(220));
    let mut scenario = Scenario::new(PatchPlan { window: Some(window), ..plan(Pin::First) }, 1);
    assert!(!scenario.run.is_near(after(100)), "nobody has approved it");
    scenario.approve("aiko", after(1)).expect("an approver");
    assert!(!scenario.run.is_near(after(39)) && scenario.run.is_near(after(40)));
}

#[test]
fn a_window_that_may_not_have_opened_voids_the_votes_and_ends_nothing_that_has_begun() {
    let window = occurrence("nightly", after(1), after(600), after(660));
    let again = crate::window::WindowSeen {
        modified_at: Some(after(4)),
        ..crate::window::tests::unchanged(&window)
    };
    let windowed = PatchPlan { window: Some(window), ..plan(Pin::First) };
    let changes = vec![crate::window::WindowChange::ChangedSince { at: after(4) }];
    let why = VoidReason::WindowChanged { changes };
    let seen = || Seen { bound: vec![again.clone()], ..Seen::default() };
    let mut scenario = Scenario::new(windowed.clone(), 1);
    scenario.approve("aiko", after(1)).expect("an approver");
    let plan = Box::new(scenario.run.plan.clone());
    scenario.go(RunInput::Rechecked { plan, windows: vec![again.clone()] }, after(5));
    assert!(
        matches!(&scenario.run.phase, Phase::Voided { why: is, replan: true, .. } if *is == why)
    );
    let mut scenario = about_to_start(windowed.clone());
    scenario.sees(0, seen(), 5);
    assert!(matches!(&scenario.run.phase, Phase::Voided { why: is, .. } if *is == why));
    // Its occurrence began as planned and goes on with the definition that it had.
    let mut scenario = about_to_go_on(windowed);
    scenario.sees(1, seen(), 6);
    assert!(
        matches!(scenario.run.phase, Phase::Running { wave: 1, .. }),
        "{:?}",
        scenario.run.phase
    );
}

#[test]
fn a_window_that_changed_voids_the_votes_and_ends_what_has_begun() {
    let window = occurrence("nightly", after(1), after(600), after(660));
    let same = crate::window::tests::unchanged(&window);
    let disabled = crate::window::WindowSeen { enabled: false, ..same.clone() };
    let changes = vec![crate::window::WindowChange::Disabled];
    let windowed = PatchPlan { window: Some(window), ..plan(Pin::First) };
    let bound = |window: &crate::window::WindowSeen| Seen {
        bound: vec![window.clone()],
        ..Seen::default()
    };
    // Just before the start, and in the check before the first wave.
    let mut scenario = Scenario::new(windowed.clone(), 1);
    scenario.approve("aiko", after(1)).expect("an approver");
    let plan = Box::new(scenario.run.plan.clone());
    scenario.go(RunInput::Rechecked { plan, windows: vec![disabled.clone()] }, after(2));
    let why = VoidReason::WindowChanged { changes: changes.clone() };
    assert!(
        matches!(&scenario.run.phase, Phase::Voided { why: is, replan: true, .. } if *is == why)
    );
    // While it waits for votes, and once it has them.
    for votes in 0..2 {
        let mut scenario = Scenario::new(windowed.clone(), 1);
        if votes > 0 {
            scenario.approve("aiko", after(0)).expect("an approver");
        }
        scenario.go(RunInput::WindowSeen { windows: vec![same.clone()] }, after(0));
        assert!(scenario.run.is_open() && scenario.run.waits_for_window());
        scenario.go(RunInput::WindowSeen { windows: vec![disabled.clone()] }, after(0));
        assert!(matches!(&scenario.run.phase, Phase::Voided { why: is, .. } if *is == why));
    }
    let mut scenario = about_to_start(windowed.clone());
    scenario.sees(0, bound(&disabled), 3);
    assert!(matches!(&scenario.run.phase, Phase::Voided { why: is, .. } if *is == why));
    let mut scenario = about_to_start(windowed.clone());
    scenario.sees(0, bound(&same), 3);
    assert!(scenario.run.step().is_some(), "{:?}", scenario.run.phase);
    // On the way, no further wave is sent.
    let mut scenario = about_to_go_on(windowed);
    scenario.sees(1, bound(&disabled), 6);
    let why = StopReason::WindowChanged { wave: 1, changes };
    assert!(matches!(&scenario.run.phase, Phase::Stopped { why: is, .. } if *is == why));
}
