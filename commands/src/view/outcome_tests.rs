//! Snapshots of what people read about nodes that did not answer as they should.

use std::collections::BTreeMap;

use super::tests::{both, of_run};
use crate::environment::RebootOption;
use crate::fleet::agent::{Agent, ForeignScan, LookupResults};
use crate::fleet::listing::Listing;
use crate::fleet::node::{InvocationStatus, NodeId, NodePatchState, PatchCounts, Ping};
use crate::fleet::presence::Gone;
use crate::plan::{PatchPlan, Pin};
use crate::run::tests::{Scenario, absent, after, counts, listing, pinned, plan};
use crate::run::{Phase, RunInput, Verdict, VoidReason};
use crate::text::Text;
use crate::text::wording::Locale;
use crate::view::run::thread;

/// A run whose canary's install ended as `status`, with a good scan; `change` edits its report.
fn judged(
    status: InvocationStatus,
    reboot: RebootOption,
    change: impl Fn(&mut NodePatchState),
) -> Scenario {
    let mut patch_plan = plan(Pin::First);
    patch_plan.reboot = reboot;
    let mut scenario = Scenario::new(patch_plan, 1).begun();
    let install = scenario.sent(after(3));
    scenario.heard(&install, status, after(4));
    let scan = scenario.sent(after(4));
    scenario.heard(&scan, InvocationStatus::Success, after(5));
    let mut states = scenario.states(counts(0), after(5));
    states.values_mut().for_each(change);
    scenario.go(RunInput::States { states, lookup_results: LookupResults::default() }, after(5));
    scenario
}

#[test]
fn a_failed_command_and_a_compliant_scan() {
    let scenario = judged(InvocationStatus::Failed, RebootOption::RebootIfNeeded, |_| ());
    both("outcome-command-failed", |locale| of_run(&scenario, locale, false));
}

#[test]
fn a_reboot_that_waits() {
    let waiting = |state: &mut NodePatchState| {
        state.counts = PatchCounts { pending_reboot: Some(2), ..state.counts };
    };
    let scenario = judged(InvocationStatus::Success, RebootOption::NoReboot, waiting);
    both("outcome-no-reboot", |locale| of_run(&scenario, locale, false));
    let scenario = judged(InvocationStatus::Success, RebootOption::RebootIfNeeded, waiting);
    both("outcome-pending-reboot", |locale| of_run(&scenario, locale, false));
}

#[test]
fn scans_that_prove_nothing() {
    type Change = fn(&mut NodePatchState);
    let changes: [(&str, Change); 4] = [
        ("outcome-no-counts", |state| state.counts.missing = None),
        ("outcome-never-ended", |state| state.ended_at = None),
        ("outcome-not-a-scan", |state| state.operation = "Install".into()),
        ("outcome-old-report", |state| state.ended_at = Some(after(-60 * 24 * 400))),
    ];
    for (name, change) in changes {
        let scenario = judged(InvocationStatus::Success, RebootOption::RebootIfNeeded, change);
        both(name, |locale| of_run(&scenario, locale, false));
    }
}

#[test]
fn nodes_that_fall_silent() {
    for (name, last_ping, ping) in [
        ("outcome-silent", Some(after(4)), Ping::ConnectionLost),
        ("outcome-unlisted", None, Ping::Unknown),
    ] {
        let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
        let install = scenario.sent(after(3));
        scenario.heard(&install, InvocationStatus::InProgress, after(4));
        let agents: BTreeMap<NodeId, Agent> =
            [(NodeId("i-1".into()), Agent { ping, last_ping })].into();
        let seen = |dispatch| RunInput::AgentsSeen { dispatch, agents: agents.clone() };
        scenario.go(seen(install.id), after(123));
        let scan = scenario.sent(after(123));
        scenario.heard(&scan, InvocationStatus::Delayed, after(125));
        scenario.go(seen(scan.id), after(153));
        let lookup_results = LookupResults { agents, ..LookupResults::default() };
        scenario.go(RunInput::States { states: BTreeMap::new(), lookup_results }, after(154));
        both(name, |locale| of_run(&scenario, locale, false));
    }
}

#[test]
fn a_scan_that_strangers_overwrite() {
    let command = |comment: &str, requested_at, certain| ForeignScan::Command {
        id: "0831c8d4-3d7e-4a9d-8a0e-2f7c4b6a1234".into(),
        comment: comment.into(),
        document: "AWS-RunPatchBaseline".into(),
        requested_at,
        certain,
    };
    let foreign_scans = [
        command("nightly scan", Some(after(4)), true),
        command("", None, false),
        ForeignScan::NoCommand,
    ];
    let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
    let install = scenario.sent(after(3));
    scenario.heard(&install, InvocationStatus::Success, after(4));
    for (foreign_scan, now) in foreign_scans.into_iter().zip([11, 21, 31]) {
        let scan = scenario.sent(after(now - 6));
        scenario.heard(&scan, InvocationStatus::Success, after(now - 5));
        let mut states = scenario.states(counts(0), after(now));
        states.values_mut().for_each(|state| state.snapshot = Some(uuid::Uuid::nil()));
        let foreign_scans = [(Some(uuid::Uuid::nil()), foreign_scan)].into();
        let lookup_results = LookupResults { foreign_scans, ..LookupResults::default() };
        scenario.go(RunInput::States { states, lookup_results }, after(now));
    }
    both("outcome-foreign-scan", |locale| of_run(&scenario, locale, false));
}

#[test]
fn a_second_wave_says_when_it_is_likely_done() {
    let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
    scenario.wave(counts(0), after(14));
    scenario.sent(after(14));
    both("run-second-wave", |locale| of_run(&scenario, locale, false));
}

/// The whole thread, in English.
fn thread(scenario: &Scenario) -> String {
    thread::thread(&scenario.run, Locale::En).iter().map(Text::plain).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_thread_tells_as_planned_and_compliant_apart() {
    let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
    scenario.run.plan.pin = pinned(1);
    for _ in ["install", "scan"] {
        let dispatch = scenario.sent(after(5));
        scenario.heard(&dispatch, InvocationStatus::Success, after(5));
    }
    let missing = vec![absent("curl.x86_64", "curl.x86_64:0:8-1")];
    scenario.judged(counts(1), Listing { missing, ..listing() }, after(5));
    let said = thread(&scenario);
    let expected = "0 of 1 node compliant, 1 as planned but not compliant.";
    assert!(said.contains(expected), "{said}");
}

#[test]
fn a_run_that_left_nodes_out_never_speaks_of_all_or_of_the_only_one() {
    let ended = |left: &[&str]| {
        let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
        scenario.wave(counts(0), after(5));
        scenario.wave(counts(0), after(9));
        assert_eq!(scenario.run.phase, Phase::Finished { at: after(9) });
        for node in left {
            scenario
                .run
                .verdicts
                .insert(NodeId((*node).into()), Verdict::LeftOut(Gone::NotManaged));
        }
        assert!(scenario.run.is_proven());
        let card = of_run(&scenario, Locale::En, false);
        (card, thread(&scenario))
    };
    for (left, lead, end) in [
        (&[][..], "All 3 nodes reported", "3 of 3 nodes compliant."),
        (
            &["i-3"],
            "All 2 nodes that were not left out reported",
            "compliant. 1 node was left out.",
        ),
        (
            &["i-2", "i-3"],
            "The only node that was not left out reported",
            "1 of 1 node compliant. 2 nodes were left out.",
        ),
    ] {
        let (card, thread) = ended(left);
        assert!(card.contains(lead), "{card}");
        assert!(thread.ends_with(end), "{thread}");
    }
}

#[test]
fn nothing_is_called_missing_on_nodes_that_do_not_answer() {
    let mut scenario = Scenario::new(plan(Pin::First), 1);
    scenario.run.plan.patches.clear();
    let mut read = |offline: &[&str]| {
        scenario.run.offline = offline.iter().map(|id| NodeId((*id).into())).collect();
        of_run(&scenario, Locale::En, false)
    };
    let (none, one, all) = (read(&[]), read(&["i-2"]), read(&["i-1", "i-2", "i-3"]));
    assert!(none.contains("No patches are missing. This run installs nothing"), "{none}");
    assert!(one.contains("No patches are missing on the nodes that answer."), "{one}");
    assert!(one.contains("1 node does not answer"), "{one}");
    assert!(all.contains("It is not known whether patches are missing"), "{all}");
}

#[test]
fn a_window_that_may_have_been_off_at_its_opening() {
    let window = crate::window::tests::occurrence("nightly", after(60), after(600), after(660));
    let mut scenario = Scenario::new(PatchPlan { window: Some(window), ..plan(Pin::First) }, 1);
    scenario.approve("aiko", after(1)).expect("an approver");
    let changes = vec![crate::window::WindowChange::ChangedSince { at: after(90) }];
    let why = VoidReason::WindowChanged { changes };
    scenario.run.phase = Phase::Voided { why, replan: true, at: after(91) };
    both("window-changed-since", |locale| of_run(&scenario, locale, false));
}
