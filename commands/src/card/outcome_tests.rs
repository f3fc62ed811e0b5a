//! What people read of nodes that did not answer as they should, as snapshots.

use std::collections::BTreeMap;

use super::tests::{both, of_run};
use crate::environment::RebootOption;
use crate::node::{InvocationStatus, NodeId, NodePatchState, PatchCounts, Ping};
use crate::plan::Pin;
use crate::run::RunRequest;
use crate::run::tests::{Told, after, counts, plan};
use crate::sighting::{Agent, Sightings, Stranger};

/// The canary's install ended as `status`, its scan well; then `change` is what it reported.
fn judged(
    status: InvocationStatus,
    reboot: RebootOption,
    change: impl Fn(&mut NodePatchState),
) -> Told {
    let mut patch_plan = plan(Pin::First);
    patch_plan.reboot = reboot;
    let mut told = Told::new(patch_plan, 1).begun();
    let install = told.sent(after(3));
    told.heard(&install, status, after(4));
    let scan = told.sent(after(4));
    told.heard(&scan, InvocationStatus::Success, after(5));
    let mut states = told.states(counts(0), after(5));
    states.values_mut().for_each(change);
    told.go(RunRequest::States { states, sightings: Sightings::default() }, after(5));
    told
}

#[test]
fn a_failed_command_and_a_compliant_scan() {
    let told = judged(InvocationStatus::Failed, RebootOption::RebootIfNeeded, |_| ());
    both("outcome-command-failed", |locale| of_run(&told, locale, false));
}

#[test]
fn a_reboot_that_waits() {
    let waiting = |state: &mut NodePatchState| {
        state.counts = PatchCounts { pending_reboot: Some(2), ..state.counts };
    };
    let told = judged(InvocationStatus::Success, RebootOption::NoReboot, waiting);
    both("outcome-no-reboot", |locale| of_run(&told, locale, false));
    let told = judged(InvocationStatus::Success, RebootOption::RebootIfNeeded, waiting);
    both("outcome-pending-reboot", |locale| of_run(&told, locale, false));
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
        let told = judged(InvocationStatus::Success, RebootOption::RebootIfNeeded, change);
        both(name, |locale| of_run(&told, locale, false));
    }
}

#[test]
fn nodes_that_fall_silent() {
    for (name, last_ping, ping) in [
        ("outcome-silent", Some(after(4)), Ping::ConnectionLost),
        ("outcome-unlisted", None, Ping::Unknown),
    ] {
        let mut told = Told::new(plan(Pin::First), 1).begun();
        let install = told.sent(after(3));
        told.heard(&install, InvocationStatus::InProgress, after(4));
        let agents: BTreeMap<NodeId, Agent> =
            [(NodeId("i-1".into()), Agent { ping, last_ping })].into();
        let seen = |dispatch| RunRequest::AgentsSeen { dispatch, agents: agents.clone() };
        told.go(seen(install.id), after(123));
        let scan = told.sent(after(123));
        told.heard(&scan, InvocationStatus::Delayed, after(125));
        told.go(seen(scan.id), after(153));
        let sightings = Sightings { agents, ..Sightings::default() };
        told.go(RunRequest::States { states: BTreeMap::new(), sightings }, after(154));
        both(name, |locale| of_run(&told, locale, false));
    }
}

#[test]
fn a_scan_that_strangers_overwrite() {
    let command = |comment: &str, requested_at, certain| Stranger::Command {
        id: "0831c8d4-3d7e-4a9d-8a0e-2f7c4b6a1234".into(),
        comment: comment.into(),
        document: "AWS-RunPatchBaseline".into(),
        requested_at,
        certain,
    };
    let strangers = [
        command("nightly scan", Some(after(4)), true),
        command("", None, false),
        Stranger::NoCommand,
    ];
    let mut told = Told::new(plan(Pin::First), 1).begun();
    let install = told.sent(after(3));
    told.heard(&install, InvocationStatus::Success, after(4));
    for (stranger, now) in strangers.into_iter().zip([11, 21, 31]) {
        let scan = told.sent(after(now - 6));
        told.heard(&scan, InvocationStatus::Success, after(now - 5));
        let mut states = told.states(counts(0), after(now));
        states.values_mut().for_each(|state| state.snapshot = Some(uuid::Uuid::nil()));
        let strangers = [(Some(uuid::Uuid::nil()), stranger)].into();
        let sightings = Sightings { strangers, ..Sightings::default() };
        told.go(RunRequest::States { states, sightings }, after(now));
    }
    both("outcome-foreign-scan", |locale| of_run(&told, locale, false));
}

#[test]
fn a_second_wave_says_when_it_is_likely_done() {
    let mut told = Told::new(plan(Pin::First), 1).begun();
    told.wave(counts(0), after(14));
    told.sent(after(14));
    both("run-second-wave", |locale| of_run(&told, locale, false));
}
