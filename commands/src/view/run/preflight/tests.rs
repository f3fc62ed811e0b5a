use std::collections::BTreeMap;

use crate::environment::OnDrift;
use crate::fleet::node::{NodeId, Ping};
use crate::plan::{PatchPlan, Pin};
use crate::run::tests::{Told, after, counts, pinned, plan};
use crate::run::{
    Blame, Gone, Overlap, Presence, RunRequest, Seen, SeenAssociation, SeenCommand, SeenWindow,
};
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

fn sees(told: &mut Told, wave: u32, seen: Seen, minutes: i64) {
    told.go(RunRequest::Preflight { wave, seen: Box::new(seen) }, after(minutes));
}

#[test]
fn something_else_patches_the_nodes() {
    let mut told = Told::new(plan(Pin::First), 1);
    told.quiet = false;
    let mut told = told.begun();
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
    told.others = vec![Overlap::Run { run: "qa-2".parse().expect("a run"), nodes: 1 }];
    sees(&mut told, 0, Seen { commands, windows: vec![window], ..Seen::default() }, 2);
    both("held-up-before-the-start", |locale| of_run(&told, locale, false));

    told.others.clear();
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
    sees(&mut told, 0, Seen { associations: vec![policy, unnamed], ..Seen::default() }, 2);
    both("held-up-by-associations", |locale| of_run(&told, locale, false));

    sees(&mut told, 0, Seen::default(), 3);
    told.wave(counts(0), after(5));
    sees(&mut told, 1, Seen { commands: vec![command("c-2", "", 2)], ..Seen::default() }, 6);
    both("held-up-on-the-way", |locale| of_run(&told, locale, false));
}

#[test]
fn some_are_silent_and_some_are_gone() {
    let mut told = Told::new(PatchPlan { on_drift: OnDrift::Shrink, ..plan(Pin::First) }, 1);
    told.quiet = false;
    both("shrinks-waiting", |locale| of_run(&told, locale, false));
    let gone = (id("i-2"), Presence::Gone(Gone::Untagged));
    let mut wide = told.run.plan.clone();
    let canary = wide.waves[1].remove(1);
    wide.waves[0].push(canary);
    let mut silent = Told::new(wide, 1);
    silent.quiet = false;
    let mut silent = silent.begun();
    let nodes = [(id("i-1"), Presence::Here(Ping::ConnectionLost)), gone.clone()].into();
    sees(&mut silent, 0, Seen { nodes, ..Seen::default() }, 2);
    both("silent-and-left-out", |locale| of_run(&silent, locale, false));
    silent.wave(counts(0), after(5));
    both("silent-counts", |locale| of_run(&silent, locale, false));
    let mut refused = Told::new(plan(Pin::First), 1).begun();
    let (dispatch, why) = (refused.open().id, crate::failure::tests::said("InvalidInstanceId"));
    let blame = Blame::Nodes(vec![id("i-1")]);
    refused.go(RunRequest::SendRefused { dispatch, why, blame }, after(3));
    refused.go(
        RunRequest::States { states: Default::default(), sightings: Default::default() },
        after(4),
    );
    both("refused", |locale| of_run(&refused, locale, false));
    let mut told = told.begun();
    sees(&mut told, 0, Seen { nodes: [gone].into(), ..Seen::default() }, 2);
    told.wave(counts(0), after(5));
    sees(&mut told, 1, Seen::default(), 6);
    told.wave(counts(0), after(9));
    both("proven-without-some", |locale| of_run(&told, locale, false));

    let production = Told::new(plan(pinned(1)), 2);
    both("production-after-less", |locale| {
        of_run_after(&production, Some(&told.run), locale, true)
    });
}

#[test]
fn some_are_in_two_groups() {
    let mut told = Told::new(PatchPlan { unsettled: torn(), ..plan(Pin::First) }, 1);
    told.quiet = false;
    both("two-groups-waiting", |locale| of_run(&told, locale, false));
    let nodes: BTreeMap<_, _> = [(id("i-3"), Presence::Gone(Gone::Unsettled))].into();
    let seen = Seen { nodes, ..Seen::default() };
    told.approve("aiko", after(1)).expect("an approver");
    told.go(
        RunRequest::Rechecked { plan: Box::new(told.run.plan.clone()), windows: vec![] },
        after(2),
    );
    sees(&mut told, 0, seen.clone(), 2);
    // Both those that were in two groups when it was planned, and the one that is by now.
    both("two-groups-void", |locale| of_run(&told, locale, false));
    let mut told = Told::new(PatchPlan { on_drift: OnDrift::Shrink, ..plan(Pin::First) }, 1);
    told.quiet = false;
    let mut told = told.begun();
    sees(&mut told, 0, seen, 2);
    both("two-groups-left-out", |locale| of_run(&told, locale, false));
}

#[test]
fn gone_on_the_way() {
    let mut told = Told::new(plan(Pin::First), 1).begun();
    told.quiet = false;
    told.wave(counts(0), after(5));
    let nodes = [("i-2", Gone::NotManaged), ("i-3", Gone::Untagged)];
    let nodes = nodes.map(|(node, why)| (id(node), Presence::Gone(why))).into();
    sees(&mut told, 1, Seen { nodes, ..Seen::default() }, 6);
    both("nodes-gone", |locale| of_run(&told, locale, false));
}
