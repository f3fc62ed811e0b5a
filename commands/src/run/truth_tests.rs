//! Tests of what is said about nodes that do not answer as they should: silent nodes, foreign
//! scans, reports that prove nothing, pending reboots.

use super::tests::{Scenario, after, counts, last, plan};
use super::*;
use chrono::{DateTime, TimeDelta};

use crate::environment::RebootOption;
use crate::fleet::agent::{Agent, ForeignScan, LookupResults};
use crate::fleet::node::{InvocationStatus, NodePatchState, PatchCounts, Ping};
use crate::id::Operation;
use crate::plan::Pin;

fn lost(node: &str) -> BTreeMap<NodeId, Agent> {
    let agent = Agent { ping: Ping::ConnectionLost, last_ping: Some(after(4)) };
    [(NodeId(node.into()), agent)].into()
}

/// A run whose canary was installed and whose scan has succeeded.
fn scanned() -> Scenario {
    let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
    let install = scenario.sent(after(3));
    scenario.heard(&install, InvocationStatus::Success, after(4));
    let scan = scenario.sent(after(4));
    scenario.heard(&scan, InvocationStatus::Success, after(5));
    scenario
}

fn verdict(scenario: &Scenario) -> Option<Verdict> {
    scenario.run.verdicts.get(&NodeId("i-1".into())).cloned()
}

#[test]
fn a_node_lost_in_its_reboot_is_unknown_since_its_last_ping() {
    let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
    let install = scenario.sent(after(3));
    scenario.heard(&install, InvocationStatus::InProgress, after(4));
    let overdue = |scenario: &Scenario, now| {
        let effects = pending(&scenario.run, &scenario.emergency_stop, scenario.token, now);
        match effects.into_iter().next() {
            Some(RunEffect::Watch { overdue, .. }) => Some(overdue),
            other => panic!("only watching is pending, and not {other:?}"),
        }
    };
    assert_eq!(overdue(&scenario, after(122)), Some(vec![]), "a reboot takes its time");
    let seen = |dispatch: &Dispatch| RunInput::AgentsSeen {
        dispatch: dispatch.id.clone(),
        agents: lost("i-1"),
    };
    scenario.go(seen(&install), after(122));
    assert_eq!(scenario.open().id, install.id, "silence before it is overdue means nothing");
    assert_eq!(overdue(&scenario, after(123)), Some(install.nodes.clone()));
    let online = Agent { ping: Ping::Online, last_ping: None };
    let agents = [(NodeId("i-1".into()), online)].into();
    scenario.go(RunInput::AgentsSeen { dispatch: install.id.clone(), agents }, after(123));
    assert_eq!(scenario.open().id, install.id, "an agent that answers may still come to an end");
    scenario.go(seen(&install), after(123));
    let scan = scenario.sent(after(123));
    assert_eq!(scan.id.operation, Operation::Scan, "the install is given up, ten minutes early");
    scenario.go(seen(&scan), after(123 + 30));
    assert_eq!(scenario.run.step(), Some((0, Step::Judging)));
    let wanted = scenario.run.required_lookups(&BTreeMap::new(), after(154));
    assert_eq!(wanted.agents, [NodeId("i-1".into())]);
    let lookup_results = LookupResults { agents: lost("i-1"), ..LookupResults::default() };
    scenario.go(RunInput::States { states: BTreeMap::new(), lookup_results }, after(154));
    let silent = UnknownWhy::Silent { status: None, since: Some(after(4)) };
    assert_eq!(verdict(&scenario), Some(Verdict::Unknown(silent)));
    assert!(!scenario.run.is_open(), "a canary that is lost calls the rest off");
}

#[test]
fn nobody_is_judged_for_what_showed_only_after_the_look() {
    let mut scenario = scanned();
    let mut states = scenario.states(counts(0), after(5));
    states.values_mut().for_each(|state| state.snapshot = Some(uuid::Uuid::nil()));
    let settled = (5..20)
        .map(after)
        .find(|&at| !scenario.run.required_lookups(&states, at).foreign_scans.is_empty());
    let settled = settled.expect("a report that is not ours is asked about");
    // The lookup began before that time, and its answer comes after it.
    let before = settled - TimeDelta::minutes(1);
    assert_eq!(scenario.run.required_lookups(&states, before).foreign_scans, []);
    let as_of = Some(before);
    let lookup_results = LookupResults { as_of, ..LookupResults::default() };
    scenario.go(RunInput::States { states, lookup_results }, settled);
    assert!(
        !matches!(last(&scenario.run), Some(RunEvent::Overwritten { .. })),
        "{:?}",
        scenario.run.history.last()
    );
    assert_eq!(verdict(&scenario), None);
}

#[test]
fn a_strangers_scan_is_named_and_answered_by_two_more_of_our_own() {
    let mut scenario = scanned();
    let overwritten = |scenario: &Scenario, at| {
        let mut states = scenario.states(counts(0), at);
        states.values_mut().for_each(|state| state.snapshot = Some(uuid::Uuid::nil()));
        states
    };
    let foreign_scan = ForeignScan::Command {
        id: "1234".into(),
        comment: "nightly scan".into(),
        document: "AWS-RunPatchBaseline".into(),
        requested_at: Some(after(4)),
        certain: true,
    };
    let foreign_scans = [(Some(uuid::Uuid::nil()), foreign_scan.clone())].into();
    let lookup_results = LookupResults { foreign_scans, ..LookupResults::default() };
    for (attempt, now) in [(1, 11), (2, 21)] {
        let states = overwritten(&scenario, after(now));
        let wanted = scenario.run.required_lookups(&states, after(now));
        assert_eq!(wanted.foreign_scans.len(), 1);
        scenario
            .go(RunInput::States { states, lookup_results: lookup_results.clone() }, after(now));
        assert_eq!(verdict(&scenario), None);
        assert!(matches!(
            last(&scenario.run),
            Some(RunEvent::Overwritten { by: Some(by), nodes, .. })
                if *by == foreign_scan && nodes.len() == 1
        ));
        let scan = scenario.sent(after(now));
        assert_eq!((scan.id.operation, scan.id.attempt), (Operation::Scan, attempt + 1));
        scenario.heard(&scan, InvocationStatus::Success, after(now + 1));
    }
    let states = overwritten(&scenario, after(31));
    scenario.go(RunInput::States { states, lookup_results }, after(31));
    let why = UnknownWhy::ForeignScan { snapshot: Some(uuid::Uuid::nil()), by: Some(foreign_scan) };
    assert_eq!(verdict(&scenario), Some(Verdict::Unknown(why)), "three were enough");
}

#[test]
fn a_scan_that_is_sent_again_can_still_prove_the_node() {
    let mut scenario = scanned();
    let mut states = scenario.states(counts(0), after(11));
    states.values_mut().for_each(|state| state.snapshot = None);
    scenario.go(RunInput::States { states, lookup_results: LookupResults::default() }, after(11));
    let scan = scenario.sent(after(11));
    scenario.heard(&scan, InvocationStatus::Success, after(12));
    let states = scenario.states(counts(0), after(12));
    scenario.go(RunInput::States { states, lookup_results: LookupResults::default() }, after(12));
    assert_eq!(verdict(&scenario), Some(Verdict::Compliant { installed: 9 }));
}

#[test]
fn what_proves_nothing_says_why() {
    let judged = |change: fn(&mut NodePatchState)| {
        let mut scenario = scanned();
        let mut states = scenario.states(counts(0), after(5));
        states.values_mut().for_each(change);
        scenario
            .go(RunInput::States { states, lookup_results: LookupResults::default() }, after(5));
        match verdict(&scenario) {
            Some(Verdict::Unknown(why)) => why,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(judged(|state| state.counts.failed = None), UnknownWhy::ScanFailed);
    assert_eq!(judged(|state| state.ended_at = None), UnknownWhy::NeverEnded);
    let not_a_scan = UnknownWhy::NotAScan { operation: "Install".into() };
    assert_eq!(judged(|state| state.operation = "Install".into()), not_a_scan);
    // Not minutes ago, by which a clock may be wrong: the time of a failed scan.
    let old = UnknownWhy::OldReport { ended_at: DateTime::UNIX_EPOCH };
    assert_eq!(judged(|state| state.ended_at = Some(DateTime::UNIX_EPOCH)), old);
}

#[test]
fn a_reboot_that_waits_is_an_outcome_of_its_own() {
    let waiting = PatchCounts { pending_reboot: Some(2), ..counts(0) };
    let mut no_reboot = plan(Pin::First);
    no_reboot.reboot = RebootOption::NoReboot;
    let mut scenario = Scenario::new(no_reboot, 1).begun();
    scenario.wave(waiting, after(5));
    assert_eq!(verdict(&scenario), Some(Verdict::PendingReboot(waiting)));
    assert!(matches!(scenario.run.phase, Phase::Stopped { .. }), "it proves nothing");
}

#[test]
fn the_outlook_counts_nodes_and_guesses_only_from_waves_that_ended() {
    let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
    let tally = |done, running, failed, not_started| Tally { done, running, failed, not_started };
    let outlook = scenario.run.progress().expect("it is under way");
    assert_eq!((outlook.all, outlook.likely_done), (tally(0, 0, 0, 3), None));
    scenario.sent(after(3));
    let outlook = scenario.run.progress().expect("it is under way");
    assert_eq!((outlook.wave, outlook.all), (tally(0, 1, 0, 0), tally(0, 1, 0, 2)));
    assert_eq!(outlook.waits_until, Some(after(3 + 10 + 120)));
    let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
    scenario.wave(counts(0), after(14));
    scenario.sent(after(14));
    let outlook = scenario.run.progress().expect("it is under way");
    assert_eq!((outlook.wave, outlook.all), (tally(0, 2, 0, 0), tally(1, 2, 0, 0)));
    // Begun at minute 2, judged at 14: another twelve minutes from there, rounded up.
    assert_eq!(outlook.likely_done, Some(after(30)));
}
