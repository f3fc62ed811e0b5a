use super::*;
use crate::emergency_stop::{EmergencyStop, Stop};
use crate::fleet::agent::Sightings;
use crate::fleet::node::PatchCounts;
use crate::id::RunId;
use crate::plan::{PatchPlan, Pin, Unproven};
use crate::run::tests::{Told, actor, after, baseline, counts, person, plan};
use crate::run::{RunRequest, Whose, proof};
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

/// Approved and looked at again, and now it looks before its first wave.
fn about_to_start(plan: PatchPlan) -> Told {
    let mut told = Told::new(plan, 1);
    told.quiet = false;
    told.begun()
}

/// The canary is proven, and now it looks before the others.
fn about_to_go_on(plan: PatchPlan) -> Told {
    let mut told = Told::new(plan, 1).begun();
    told.quiet = false;
    told.wave(counts(0), after(5));
    assert_eq!(told.run.wave_to_clear(), Some(1));
    told
}

impl Told {
    fn sees(&mut self, wave: u32, seen: Seen, minutes: i64) {
        self.go(RunRequest::Preflight { wave, seen: Box::new(seen) }, after(minutes));
    }
}

#[test]
fn nothing_is_decided_on_before_the_nodes_were_found_free() {
    let mut told = about_to_start(plan(Pin::First));
    let look = ["verification-1/preflight/0"];
    assert_eq!(told.pending(after(2)), look);
    told.sees(0, foreign(), 2);
    assert!(told.run.is_held_up(0) && told.run.dispatches.is_empty());
    assert_eq!(told.pending(after(3)), look, "it goes on looking");
    let lines = told.run.story.len();
    told.sees(0, foreign(), 3);
    assert_eq!(told.run.story.len(), lines, "the same once more is no news");
    told.sees(0, Seen::default(), 4);
    assert_eq!(told.pending(after(4)), ["verification-1/send/install-w0-c0:1"]);
    let told_of: Vec<&RunEvent> = told.run.story.iter().map(|told| &told.event).collect();
    assert!(matches!(
        told_of.as_slice(),
        [.., RunEvent::Cleared { waited: true, .. }, RunEvent::WaveStarted { wave: 0 }]
    ));
}

#[test]
fn a_later_wave_is_looked_at_as_well() {
    let mut told = about_to_go_on(plan(Pin::First));
    assert_eq!(told.pending(after(5)), ["verification-1/preflight/1"]);
    told.sees(0, Seen::default(), 6);
    told.sees(1, foreign(), 6);
    assert!(told.run.is_held_up(1), "{:?}", told.run.preflight);
    told.sees(1, Seen::default(), 7);
    assert_eq!(told.pending(after(7)), ["verification-1/send/install-w1-c0:1"]);
}

#[test]
fn a_look_of_long_ago_is_worth_nothing() {
    let mut told = about_to_start(plan(Pin::First));
    let stop = Stop { by: person("ben"), reason: "disk alarms".into(), at: after(2) };
    told.emergency_stop = EmergencyStop { stop: Some(stop) };
    told.sees(0, Seen::default(), 2);
    told.emergency_stop = EmergencyStop::default();
    told.go(RunRequest::Tick, after(5));
    assert!(told.run.dispatches.is_empty());
    assert_eq!(told.pending(after(5)), ["verification-1/preflight/0"]);
}

#[test]
fn what_was_decided_on_and_held_back_is_not_sent_on_an_old_look() {
    let mut told = Told::new(plan(Pin::First), 1).begun();
    told.quiet = false;
    assert_eq!(told.pending(after(4)), ["verification-1/send/install-w0-c0:1"]);
    // AWS had no room, or everything was stopped, for longer than the look is good.
    assert_eq!(told.pending(after(5)), ["verification-1/preflight/0"]);
    told.sees(0, foreign(), 5);
    assert_eq!(told.pending(after(5)), ["verification-1/preflight/0"]);
    told.sees(0, Seen::default(), 6);
    assert_eq!(told.pending(after(6)), ["verification-1/send/install-w0-c0:1"]);
    // What stands in it cannot be taken out of it.
    told.sees(0, gone(&[("i-1", Gone::Untagged)]), 9);
    assert!(matches!(
        told.run.phase,
        Phase::Ending { why: HaltReason::NodesGone { wave: 0, .. }, .. }
    ));
    assert_eq!(told.pending(after(9)), ["verification-1/withdraw/install-w0-c0:1"]);
}

#[test]
fn our_own_commands_of_this_run_are_not_in_its_way_and_those_of_another_are() {
    let told = Told::new(plan(Pin::First), 1).begun();
    let snapshot = told.open().snapshot.to_string().to_uppercase();
    let ours = command("patchbot:verification-1:install-w0-c0:1", Some(&snapshot));
    let seen = Seen { commands: vec![ours.clone()], ..Seen::default() };
    assert_eq!(overlaps(&told.run, &seen), []);
    // A comment alone can be typed by anybody.
    let typed = Seen { commands: vec![SeenCommand { snapshot: None, ..ours }], ..Seen::default() };
    assert_eq!(overlaps(&told.run, &typed).len(), 1);

    let whose = |comment: &str| match overlaps(
        &told.run,
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
    let mut told = about_to_start(plan(Pin::First));
    let run: RunId = "staging-7".parse().expect("a run");
    let other = Overlap::Run { run: run.clone(), nodes: 1 };
    told.others = vec![other.clone()];
    // AWS does not list its command yet, or it is decided on and not sent.
    told.sees(0, Seen::default(), 2);
    assert_eq!(told.run.preflight.as_ref().map(|last| last.by.clone()), Some(vec![other.clone()]));
    // It began after the look: the word of the last moment counts.
    let mut late = about_to_start(plan(Pin::First));
    late.ask(RunRequest::Preflight { wave: 0, seen: Box::default() }, after(2)).expect("an answer");
    late.others = vec![other];
    late.go(RunRequest::Tick, after(2));
    assert!(late.run.is_held_up(0) && late.run.dispatches.is_empty());
    // Its command says the same and more.
    let seen = Seen {
        commands: vec![command("patchbot:staging-7:install-w0-c0:1", None)],
        ..Seen::default()
    };
    told.sees(0, seen, 3);
    let by = told.run.preflight.as_ref().map(|last| last.by.clone()).unwrap_or_default();
    assert!(
        matches!(&by[..], [Overlap::Command { whose: Whose::Run(named), .. }] if *named == run)
    );
    told.others = vec![];
    told.sees(0, Seen::default(), 4);
    assert_eq!(told.open().nodes, [id("i-1")]);
}

#[test]
fn a_run_works_on_the_nodes_of_a_wave_from_its_first_command_until_it_is_judged() {
    let mut told = about_to_start(plan(Pin::First));
    assert!(told.run.nodes_under_way().is_empty(), "it waits, and holds nobody up");
    told.sees(0, Seen::default(), 2);
    assert_eq!(told.run.nodes_under_way(), [&id("i-1")].into());
    told.wave(counts(0), after(5));
    assert!(told.run.nodes_under_way().is_empty(), "it waits before its second wave");
    told.sees(1, Seen::default(), 6);
    assert_eq!(told.run.nodes_under_way().len(), 2);
}

#[test]
fn the_window_closes_on_a_run_that_is_held_up() {
    let window = occurrence("nightly", after(1), after(60), after(120));
    let windowed = PatchPlan { window: Some(window), ..plan(Pin::First) };
    let mut told = about_to_start(windowed.clone());
    told.sees(0, foreign(), 59);
    told.go(RunRequest::Tick, after(61));
    let missed = matches!(&told.run.phase, Phase::Voided { why: VoidReason::WindowMissed, .. });
    assert!(missed, "{:?}", told.run.phase);
    let mut told = about_to_go_on(windowed);
    told.sees(1, foreign(), 59);
    told.go(RunRequest::Tick, after(61));
    let closed = HaltReason::WindowClosed { wave: 1 };
    assert!(matches!(&told.run.phase, Phase::Halted { why, .. } if *why == closed));
}

#[test]
fn an_association_under_way_holds_a_wave_up_also_when_its_nodes_are_not_known() {
    for nodes in [Some(1), None] {
        let mut told = about_to_start(plan(Pin::First));
        let association = SeenAssociation {
            id: "a-1".into(),
            name: "AWS-QuickSetup-PatchPolicy".into(),
            document: "AWS-RunPatchBaseline".into(),
            started_at: Some(after(1)),
            nodes,
        };
        let seen = Seen { associations: vec![association], ..foreign() };
        told.sees(0, seen, 2);
        assert!(told.run.is_held_up(0), "{nodes:?}");
        assert!(told.run.dispatches.is_empty(), "nothing is decided on");
        let by = &told.run.preflight.as_ref().expect("a look").by;
        assert!(
            matches!(&by[..], [Overlap::Association { nodes: said, .. }, Overlap::Command { .. }]
                if *said == nodes),
            "{by:?}"
        );
        told.sees(0, Seen::default(), 3);
        assert!(!told.run.is_held_up(0));
    }
}

#[test]
fn of_many_overlaps_the_oldest_are_kept() {
    let mut told = about_to_start(plan(Pin::First));
    let numbered = |n: i64| SeenCommand {
        id: format!("c-{n:02}"),
        requested_at: Some(after(-n)),
        ..command("", None)
    };
    let seen = |order: &mut dyn Iterator<Item = i64>| Seen {
        commands: order.map(numbered).collect(),
        ..Seen::default()
    };
    told.sees(0, seen(&mut (1..=25)), 2);
    let last = told.run.preflight.clone().expect("a look");
    assert_eq!((last.by.len(), last.more), (10, 15));
    assert!(matches!(&last.by[0], Overlap::Command { id, .. } if id == "c-25"));
    let events = told.ask(
        RunRequest::Preflight { wave: 0, seen: Box::new(seen(&mut (1..=25).rev())) },
        after(3),
    );
    assert_eq!(events, Ok(0), "another order is no news");
}

#[test]
fn a_node_that_is_gone_before_the_first_wave_voids_the_plan_or_is_left_out() {
    let seen = gone(&[("i-3", Gone::Untagged)]);
    let mut told = about_to_start(plan(Pin::First));
    told.sees(0, seen.clone(), 2);
    let Phase::Voided { why: VoidReason::Drifted(drift), replan: true, .. } = &told.run.phase
    else {
        panic!("{:?}", told.run.phase)
    };
    assert_eq!(drift.nodes_gone, [id("i-3")]);

    let mut told = about_to_start(shrinking());
    told.sees(0, seen, 2);
    assert_eq!(told.run.verdicts, [(id("i-3"), Verdict::LeftOut(Gone::Untagged))].into());
    told.wave(counts(0), after(5));
    told.sees(1, Seen::default(), 6);
    assert_eq!(told.open().nodes, [id("i-2")], "nothing is sent to whoever was left out");
    told.wave(counts(0), after(9));
    assert_eq!(told.run.phase, Phase::Finished { at: after(9) });
    assert!(
        proof(&crate::plan::tests::environment(), [&told.run], after(19)).is_ok(),
        "the others are proven"
    );
}

/// Whichever group it belongs to, nothing is sent to it.
#[test]
fn a_node_that_is_in_two_groups_by_now_voids_the_plan_or_is_left_out() {
    let seen = gone(&[("i-3", Gone::Unsettled)]);
    let mut told = about_to_start(plan(Pin::First));
    told.sees(0, seen.clone(), 2);
    let Phase::Voided { why: VoidReason::Drifted(drift), replan: true, .. } = &told.run.phase
    else {
        panic!("{:?}", told.run.phase)
    };
    assert_eq!((&drift.nodes_gone, &drift.nodes_unsettled), (&vec![id("i-3")], &vec![id("i-3")]));

    let mut told = about_to_start(shrinking());
    told.sees(0, seen.clone(), 2);
    assert_eq!(told.run.verdicts, [(id("i-3"), Verdict::LeftOut(Gone::Unsettled))].into());
    told.wave(counts(0), after(5));
    told.sees(1, Seen::default(), 6);
    assert_eq!(told.open().nodes, [id("i-2")]);

    let mut told = about_to_go_on(plan(Pin::First));
    told.sees(1, seen.clone(), 6);
    let why = HaltReason::NodesGone { wave: 1, nodes: [(id("i-3"), Gone::Unsettled)].into() };
    assert_eq!(told.run.phase, Phase::Halted { why, by: None, at: after(6) });

    let mut told = about_to_go_on(shrinking());
    told.sees(1, seen, 6);
    assert_eq!(told.open().nodes, [id("i-2")]);

    let mut told = about_to_start(PatchPlan { patches: vec![], ..shrinking() });
    told.sees(0, gone(&[("i-3", Gone::Unsettled)]), 2);
    assert!(told.run.is_left_out(&id("i-3")), "it is not scanned either");
}

#[test]
fn a_node_that_is_gone_between_waves_ends_the_run_or_is_left_out() {
    let seen = gone(&[("i-2", Gone::NotManaged)]);
    let mut told = about_to_go_on(plan(Pin::First));
    told.sees(1, seen.clone(), 6);
    let nodes = [(id("i-2"), Gone::NotManaged)].into();
    let why = HaltReason::NodesGone { wave: 1, nodes };
    assert_eq!(told.run.phase, Phase::Halted { why, by: None, at: after(6) });
    assert!(!told.run.dispatches.keys().any(|id| id.wave == 1));

    let mut told = about_to_go_on(shrinking());
    told.sees(1, seen, 6);
    assert_eq!(told.open().nodes, [id("i-3")]);
    told.wave(counts(0), after(9));
    assert_eq!((told.run.compliant(), told.run.node_count()), (2, 2));
    assert!(told.run.is_proven());
}

#[test]
fn a_wave_of_which_nobody_is_left_is_passed_over() {
    let mut told = about_to_go_on(shrinking());
    told.sees(1, gone(&[("i-2", Gone::NotManaged), ("i-3", Gone::Untagged)]), 6);
    assert_eq!(told.run.phase, Phase::Finished { at: after(6) });
    assert!(told.run.is_proven(), "by its canary alone");
}

#[test]
fn without_its_canary_nothing_starts() {
    let mut told = about_to_start(shrinking());
    told.sees(0, gone(&[("i-1", Gone::NotManaged)]), 2);
    assert!(matches!(told.run.phase, Phase::Voided { replan: true, .. }), "{:?}", told.run.phase);
}

#[test]
fn left_out_is_not_bad_and_proves_nothing() {
    let mut told = about_to_start(shrinking());
    told.sees(0, gone(&[("i-3", Gone::Untagged)]), 2);
    told.wave(counts(2), after(5));
    assert!(matches!(told.run.phase, Phase::Halted { why: HaltReason::OverBudget { .. }, .. }));
    let why = proof(&crate::plan::tests::environment(), [&told.run], after(99))
        .expect_err("the canary is bad");
    assert!(matches!(why, Unproven::NotCompliant { compliant: 0, nodes: 2, .. }), "{why:?}");
}

#[test]
fn who_does_not_answer_is_named_and_not_sent_to() {
    let mut told = about_to_start(plan(Pin::First));
    let nodes = [(id("i-1"), Presence::Here(Ping::ConnectionLost))].into();
    told.sees(0, Seen { nodes, ..Seen::default() }, 2);
    assert_eq!(told.run.preflight.as_ref().map(|last| last.silent.clone()), Some(vec![id("i-1")]));
    assert!(told.run.dispatches.is_empty(), "its canary was the only one");
    let why = HaltReason::OverBudget { wave: 0, nodes: vec![id("i-1")] };
    assert_eq!(told.run.phase, Phase::Halted { why, by: None, at: after(2) });
}

#[test]
fn whoever_votes_again_votes_on_the_whole_plan() {
    let mut told = about_to_start(shrinking());
    let mut seen = gone(&[("i-3", Gone::Untagged)]);
    seen.commands = foreign().commands;
    told.sees(0, seen, 2);
    assert!(told.run.is_left_out(&id("i-3")) && told.run.is_held_up(0));
    let actor = actor("aiko");
    told.go(RunRequest::Withdraw { actor }, after(3));
    assert!(told.run.verdicts.is_empty() && told.run.preflight.is_none());
}

#[test]
fn before_the_start_only_nodes_that_went_can_be_forgiven() {
    let rechecked = |was: PatchPlan, change: &dyn Fn(&mut PatchPlan)| {
        let mut told = Told::new(was, 1);
        told.quiet = false;
        told.approve("aiko", after(1)).expect("an approver");
        let mut fresh = told.run.plan.clone();
        change(&mut fresh);
        told.go(RunRequest::Rechecked { plan: Box::new(fresh), windows: Vec::new() }, after(2));
        told.run.rechecked_at.is_some()
    };
    let lose = |fresh: &mut PatchPlan| drop(fresh.waves[1].pop());
    assert!(!rechecked(plan(Pin::First), &lose));
    assert!(rechecked(shrinking(), &lose));
    let others: [&dyn Fn(&mut PatchPlan); 5] = [
        &|fresh| fresh.waves.clear(),
        &|fresh| drop(fresh.waves.remove(0)),
        &|fresh| fresh.waves[1][0].id = id("i-9"),
        &|fresh| fresh.baselines.push(baseline("UBUNTU", "pb-1")),
        // A patch that nobody misses any more, while everybody is there.
        &|fresh| {
            fresh.patches.clear();
            fresh.waves.iter_mut().flatten().for_each(|node| node.missing = 0);
        },
    ];
    for change in others {
        assert!(!rechecked(shrinking(), change));
    }
    // A baseline and a patch that went with the last node that needed them.
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
    let mut told = about_to_start(nothing);
    assert!(told.run.dispatches.is_empty());
    told.sees(0, Seen::default(), 2);
    assert_eq!(told.pending(after(2)), ["verification-1/send/scan-w0-c0:1"]);
    let counts: PatchCounts = counts(0);
    let scan = told.sent(after(3));
    told.heard(&scan, crate::fleet::node::InvocationStatus::Success, after(3));
    let states = told.states(counts, after(3));
    told.go(RunRequest::States { states, sightings: Sightings::default() }, after(3));
    assert_eq!(told.pending(after(3)), ["verification-1/preflight/1"]);
}

#[test]
fn of_two_runs_in_one_book_each_sees_the_other() {
    use crate::state::State;
    let mut other = plan(Pin::First);
    other.environment = "staging".parse().expect("a name");
    let first = about_to_start(plan(Pin::First));
    let second = Told::new(other, 1).begun();
    let ids = [first.run.id.clone(), second.run.id.clone()];
    let runs = [first.run, second.run].map(|run| (run.id.clone(), run)).into();
    let mut state = State { runs, ..State::default() };
    let looked = RunRequest::Preflight { wave: 0, seen: Box::default() };
    let found = state.in_the_way_of(&ids[0], &looked, after(2));
    assert_eq!(found, [Overlap::Run { run: ids[1].clone(), nodes: 1 }]);
    assert_eq!(state.in_the_way_of(&ids[0], &RunRequest::Tick, after(2)), [], "nothing is decided");
    assert_eq!(
        state.in_the_way_of(&ids[1], &looked, after(2)),
        [],
        "a run that waits holds up nobody"
    );
    // On other nodes they do not meet.
    if let Some(run) = state.runs.get_mut(&ids[0]) {
        run.plan.waves[0][0].id = id("i-9");
    }
    assert_eq!(state.in_the_way_of(&ids[0], &looked, after(2)), []);
}

#[test]
fn a_run_is_near_an_hour_before_its_window() {
    let window = occurrence("nightly", after(100), after(160), after(220));
    let mut told = Told::new(PatchPlan { window: Some(window), ..plan(Pin::First) }, 1);
    assert!(!told.run.is_near(after(100)), "nobody has approved it");
    told.approve("aiko", after(1)).expect("an approver");
    assert!(!told.run.is_near(after(39)) && told.run.is_near(after(40)));
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
    let mut told = Told::new(windowed.clone(), 1);
    told.approve("aiko", after(1)).expect("an approver");
    let plan = Box::new(told.run.plan.clone());
    told.go(RunRequest::Rechecked { plan, windows: vec![again.clone()] }, after(5));
    assert!(matches!(&told.run.phase, Phase::Voided { why: is, replan: true, .. } if *is == why));
    let mut told = about_to_start(windowed.clone());
    told.sees(0, seen(), 5);
    assert!(matches!(&told.run.phase, Phase::Voided { why: is, .. } if *is == why));
    // Its occurrence began as planned, and goes on with the definition that it had.
    let mut told = about_to_go_on(windowed);
    told.sees(1, seen(), 6);
    assert!(matches!(told.run.phase, Phase::Running { wave: 1, .. }), "{:?}", told.run.phase);
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
    // When it is about to start, and in the look before the first wave.
    let mut told = Told::new(windowed.clone(), 1);
    told.approve("aiko", after(1)).expect("an approver");
    let plan = Box::new(told.run.plan.clone());
    told.go(RunRequest::Rechecked { plan, windows: vec![disabled.clone()] }, after(2));
    let why = VoidReason::WindowChanged { changes: changes.clone() };
    assert!(matches!(&told.run.phase, Phase::Voided { why: is, replan: true, .. } if *is == why));
    // While it waits for votes, and once it has them.
    for votes in 0..2 {
        let mut told = Told::new(windowed.clone(), 1);
        if votes > 0 {
            told.approve("aiko", after(0)).expect("an approver");
        }
        told.go(RunRequest::WindowSeen { windows: vec![same.clone()] }, after(0));
        assert!(told.run.is_open() && told.run.waits_for_window());
        told.go(RunRequest::WindowSeen { windows: vec![disabled.clone()] }, after(0));
        assert!(matches!(&told.run.phase, Phase::Voided { why: is, .. } if *is == why));
    }
    let mut told = about_to_start(windowed.clone());
    told.sees(0, bound(&disabled), 3);
    assert!(matches!(&told.run.phase, Phase::Voided { why: is, .. } if *is == why));
    let mut told = about_to_start(windowed.clone());
    told.sees(0, bound(&same), 3);
    assert!(told.run.step().is_some(), "{:?}", told.run.phase);
    // On the way no further wave is sent.
    let mut told = about_to_go_on(windowed);
    told.sees(1, bound(&disabled), 6);
    let why = HaltReason::WindowChanged { wave: 1, changes };
    assert!(matches!(&told.run.phase, Phase::Halted { why: is, .. } if *is == why));
}
