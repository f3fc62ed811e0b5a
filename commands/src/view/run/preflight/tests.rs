//! Snapshots of what people read about the result of the preflight check.

use std::collections::BTreeMap;

use crate::environment::OnDrift;
use crate::fleet::node::{NodeId, Ping};
use crate::fleet::presence::{Gone, Presence};
use crate::plan::{PatchPlan, Pin};
use crate::run::tests::{Scenario, after, counts, pinned, plan};
use crate::run::{Blame, Overlap, RunInput, Seen, SeenAssociation, SeenCommand, SeenWindow};
use crate::view::tests::{both, of_run, of_run_after};
use crate::view::two_groups::tests::torn;

fn id(node: &str) -> NodeId {
    NodeId(node.into())
}

fn command(id: &str, comment: &str, nodes: u32) -> SeenCommand {
    SeenCommand {
        id: id.into(),
        document: "AWS-RunPatchBaseline".into(),
        comment: comment.into(),
        snapshot: None,
        requested_at: Some(after(1)),
        nodes,
    }
}

fn sees(scenario: &mut Scenario, wave: u32, seen: Seen, minutes: i64) {
    scenario.go(RunInput::Preflight { wave, seen: Box::new(seen) }, after(minutes));
}

#[test]
fn something_else_patches_the_nodes() {
    let mut scenario = Scenario::new(plan(Pin::First), 1);
    scenario.quiet = false;
    let mut scenario = scenario.begun();
    let window = SeenWindow {
        id: "mw-0123456789abcdef0".into(),
        name: "weekly".into(),
        document: "AWS-RunPatchBaseline".into(),
        started_at: None,
        nodes: 1,
    };
    let commands = vec![
        command("0b1fdd4c-89f6-4a1b-9c2e-1d1a2b3c4d5e", "", 1),
        SeenCommand {
            document: "AWS-PatchInstanceWithRollback".into(),
            requested_at: None,
            ..command("1b1fdd4c-89f6-4a1b-9c2e-1d1a2b3c4d5e", "hotfix *now* from hana", 1)
        },
        command("2b1fdd4c-89f6-4a1b-9c2e-1d1a2b3c4d5e", "patchbot:scan:verification", 1),
        command("3b1fdd4c-89f6-4a1b-9c2e-1d1a2b3c4d5e", "patchbot:staging-7:install-w0-c0:1", 1),
    ];
    scenario.others = vec![Overlap::Run { run: "qa-2".parse().expect("a run"), nodes: 1 }];
    sees(&mut scenario, 0, Seen { commands, windows: vec![window], ..Seen::default() }, 2);
    both("held-up-before-the-start", |locale| of_run(&scenario, locale, false));

    scenario.others.clear();
    let policy = SeenAssociation {
        id: "4b1fdd4c-89f6-4a1b-9c2e-1d1a2b3c4d5e".into(),
        name: "AWS-QuickSetup-PatchPolicy-InstallPatches-LA-x7k2q".into(),
        document: "AWS-RunPatchBaseline".into(),
        started_at: Some(after(1)),
        nodes: Some(1),
    };
    let unnamed = SeenAssociation {
        id: "5b1fdd4c-89f6-4a1b-9c2e-1d1a2b3c4d5e".into(),
        name: String::new(),
        started_at: None,
        nodes: None,
        ..policy.clone()
    };
    sees(&mut scenario, 0, Seen { associations: vec![policy, unnamed], ..Seen::default() }, 2);
    both("held-up-by-associations", |locale| of_run(&scenario, locale, false));

    sees(&mut scenario, 0, Seen::default(), 3);
    scenario.wave(counts(0), after(5));
    sees(&mut scenario, 1, Seen { commands: vec![command("c-2", "", 2)], ..Seen::default() }, 6);
    both("held-up-on-the-way", |locale| of_run(&scenario, locale, false));
}

#[test]
fn some_are_silent_and_some_are_gone() {
    let mut scenario =
        Scenario::new(PatchPlan { on_drift: OnDrift::Shrink, ..plan(Pin::First) }, 1);
    scenario.quiet = false;
    both("shrinks-waiting", |locale| of_run(&scenario, locale, false));
    let gone = (id("i-2"), Presence::Gone(Gone::Untagged));
    let mut wide = scenario.run.plan.clone();
    let canary = wide.waves[1].remove(1);
    wide.waves[0].push(canary);
    let mut silent = Scenario::new(wide, 1);
    silent.quiet = false;
    let mut silent = silent.begun();
    let nodes = [(id("i-1"), Presence::Here(Ping::ConnectionLost)), gone.clone()].into();
    sees(&mut silent, 0, Seen { nodes, ..Seen::default() }, 2);
    both("silent-and-left-out", |locale| of_run(&silent, locale, false));
    silent.wave(counts(0), after(5));
    both("silent-counts", |locale| of_run(&silent, locale, false));
    let mut refused = Scenario::new(plan(Pin::First), 1).begun();
    let (dispatch, why) = (refused.open().id, crate::failure::tests::said("InvalidInstanceId"));
    let blame = Blame::Nodes(vec![id("i-1")]);
    refused.go(RunInput::SendRefused { dispatch, why, blame }, after(3));
    refused.go(
        RunInput::States { states: Default::default(), lookup_results: Default::default() },
        after(4),
    );
    both("refused", |locale| of_run(&refused, locale, false));
    let mut scenario = scenario.begun();
    sees(&mut scenario, 0, Seen { nodes: [gone].into(), ..Seen::default() }, 2);
    scenario.wave(counts(0), after(5));
    sees(&mut scenario, 1, Seen::default(), 6);
    scenario.wave(counts(0), after(9));
    both("proven-without-some", |locale| of_run(&scenario, locale, false));

    let production = Scenario::new(plan(pinned(1)), 2);
    both("production-after-less", |locale| {
        of_run_after(&production, Some(&scenario.run), locale, true)
    });
}

#[test]
fn some_are_in_two_groups() {
    let mut scenario = Scenario::new(PatchPlan { in_two_groups: torn(), ..plan(Pin::First) }, 1);
    scenario.quiet = false;
    both("two-groups-waiting", |locale| of_run(&scenario, locale, false));
    let nodes: BTreeMap<_, _> = [(id("i-3"), Presence::Gone(Gone::NodeInTwoGroups))].into();
    let seen = Seen { nodes, ..Seen::default() };
    scenario.approve("aiko", after(1)).expect("an approver");
    scenario.go(
        RunInput::Rechecked { plan: Box::new(scenario.run.plan.clone()), windows: vec![] },
        after(2),
    );
    sees(&mut scenario, 0, seen.clone(), 2);
    // Both the nodes that were in two groups when it was planned, and the one that is now.
    both("two-groups-void", |locale| of_run(&scenario, locale, false));
    let mut scenario =
        Scenario::new(PatchPlan { on_drift: OnDrift::Shrink, ..plan(Pin::First) }, 1);
    scenario.quiet = false;
    let mut scenario = scenario.begun();
    sees(&mut scenario, 0, seen, 2);
    both("two-groups-left-out", |locale| of_run(&scenario, locale, false));
}

#[test]
fn gone_on_the_way() {
    let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
    scenario.quiet = false;
    scenario.wave(counts(0), after(5));
    let nodes = [("i-2", Gone::NotManaged), ("i-3", Gone::Untagged)];
    let nodes = nodes.map(|(node, why)| (id(node), Presence::Gone(why))).into();
    sees(&mut scenario, 1, Seen { nodes, ..Seen::default() }, 6);
    both("nodes-gone", |locale| of_run(&scenario, locale, false));
}
