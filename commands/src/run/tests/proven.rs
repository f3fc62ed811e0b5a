//! Tests of the state in which a node ends, compared with the plan and the baseline, and of what
//! that proves.

use super::*;
use crate::environment::Environment;
use crate::fleet::node_status::Doubt;
use crate::plan::WhyLeftOut;
use crate::run::proof;

const NEWER: &str = "openssh.x86_64:0:8.7p1-9.amzn2023.0.12";

fn there(titles: &[&str]) -> Option<Present> {
    let one = |title: &&str| Installed {
        id: PatchId("openssh.x86_64".into()),
        title: (*title).to_owned(),
    };
    present(titles.iter().map(one))
}

/// A run with this pin whose canary reports these counts and this listing.
fn canary(pin: Pin, counts: PatchCounts, listing: Listing) -> Scenario {
    let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
    scenario.run.plan.pin = pin;
    for _ in [Operation::Install, Operation::Scan] {
        let dispatch = scenario.sent(after(5));
        scenario.heard(&dispatch, InvocationStatus::Success, after(5));
    }
    scenario.judged(counts, listing, after(5));
    scenario
}

fn verdict(scenario: &Scenario) -> Option<&Verdict> {
    scenario.run.verdicts.get(&NodeId("i-1".into()))
}

fn why(scenario: &Scenario) -> Vec<&WhyLeftOut> {
    match verdict(scenario) {
        Some(Verdict::AsPlanned { still, .. }) => still.iter().map(|one| &one.why).collect(),
        other => panic!("it is as planned, and not {other:?}"),
    }
}

fn missing(rows: &[(&str, &str)], installed: &[&str]) -> Listing {
    let rows = rows.iter().map(|(id, title)| absent(id, title)).collect();
    Listing { missing: rows, failed: vec![], present: there(installed) }
}

#[test]
fn as_planned_is_about_the_plan_and_compliant_about_the_baseline() {
    let left = missing(&[("curl.x86_64", "curl.x86_64:0:8-1")], &[OPENSSH]);
    let scenario = canary(pinned(1), counts(1), left.clone());
    assert_eq!(why(&scenario), [&WhyLeftOut::NotProven]);
    let verdict = verdict(&scenario).expect("it was judged");
    assert_eq!((verdict.is_good(), verdict.proves()), (true, false));
    assert!(scenario.run.wave() == Some(1), "it goes on");
    // If nothing is pinned, what the baseline approves was to be installed.
    let scenario = canary(Pin::First, counts(1), left);
    assert!(matches!(self::verdict(&scenario), Some(Verdict::NotCompliant(_))));
}

#[test]
fn a_run_that_ends_as_planned_proves_nothing_where_something_is_missing() {
    let finished = |rows: &[(&str, &str)]| {
        let listing = missing(rows, &[OPENSSH]);
        let mut scenario = canary(pinned(1), counts(rows.len() as u32), listing.clone());
        for _ in [Operation::Install, Operation::Scan] {
            let dispatch = scenario.sent(after(7));
            scenario.heard(&dispatch, InvocationStatus::Success, after(7));
        }
        scenario.judged(counts(rows.len() as u32), listing, after(8));
        assert!(matches!(scenario.run.phase, Phase::Finished { .. }), "{:?}", scenario.run.phase);
        assert!(scenario.run.is_as_planned());
        scenario
    };
    let proves = |scenario: &Scenario| proof(&environment(), [&scenario.run], after(60 * 24));
    let whole = finished(&[]);
    let proof = proves(&whole).expect("it proves");
    let versions = proof.proven.versions("amazon linux 2023", &PatchId("openssh.x86_64".into()));
    assert_eq!(versions.map(|found| found.everywhere.len()), Some(1));
    let left = finished(&[("curl.x86_64", "curl.x86_64:0:8-1")]);
    assert!(matches!(proves(&left), Err(Unproven::NotCompliant { compliant: 0, nodes: 3, .. })));
    assert_eq!(left.run.still_missing().len(), 1);
    // Definitions are missing again every day.
    let definitions = finished(&[("KB2267602", "Security Intelligence Update (Version 1.421.1)")]);
    assert!(proves(&definitions).is_ok());
}

#[test]
fn a_node_with_the_proven_version_is_as_planned_though_a_newer_one_is_out() {
    let newer = |installed: &[&str]| {
        let rows = missing(&[("openssh.x86_64", NEWER)], installed);
        canary(pinned(1), counts(1), rows)
    };
    let proven = OPENSSH.to_owned();
    assert_eq!(why(&newer(&[OPENSSH])), [&WhyLeftOut::Newer { proven }]);
    // Somebody else installed a newer one, and by now there is an even newer one.
    assert_eq!(why(&newer(&["openssh.x86_64:0:8.7p1-8.amzn2023.0.12"])), [&WhyLeftOut::NotProven]);
    for (what, installed) in [("an old one", &["openssh.x86_64:0:8.7p1-1"][..]), ("none", &[])] {
        let scenario = newer(installed);
        assert!(matches!(verdict(&scenario), Some(Verdict::NotCompliant(_))), "{what}");
    }
    // A missing patch of the plan is missing, whatever else is installed.
    let same = missing(&[("openssh.x86_64", OPENSSH)], &["openssh.x86_64:0:8.7p1-1"]);
    let scenario = canary(pinned(1), counts(1), same);
    assert!(matches!(verdict(&scenario), Some(Verdict::NotCompliant(_))));
}

#[test]
fn what_failed_or_waits_for_a_reboot_is_not_as_planned() {
    let rows = missing(&[("curl.x86_64", "curl.x86_64:0:8-1")], &[OPENSSH]);
    let waiting = PatchCounts { pending_reboot: Some(1), ..counts(1) };
    let scenario = canary(pinned(1), waiting, rows.clone());
    assert!(matches!(verdict(&scenario), Some(Verdict::PendingReboot(_))));
    let failed = Listing { failed: vec![absent("bash.x86_64", "")], ..rows };
    let scenario = canary(pinned(1), PatchCounts { failed: Some(1), ..counts(1) }, failed);
    assert!(matches!(verdict(&scenario), Some(Verdict::NotCompliant(_))));
}

#[test]
fn a_list_that_is_not_what_was_counted_is_unknown_once_it_has_settled() {
    let mut scenario = canary(pinned(1), counts(5), listing());
    assert_eq!(verdict(&scenario), None, "a list can lag behind its counts");
    scenario.judged(counts(5), listing(), after(60));
    let unknown = Verdict::Unknown(UnknownWhy::Doubtful(Doubt::ListDisagrees));
    assert_eq!(verdict(&scenario), Some(&unknown));
}

#[test]
fn an_installed_list_that_is_not_what_was_counted_proves_nothing_once_it_has_settled() {
    let listed = present([]).map(|present| Present { rows: 11, ..present });
    let short = Listing { present: listed, ..Listing::default() };
    for pin in [Pin::First, pinned(1)] {
        let mut scenario = canary(pin, counts(0), short.clone());
        assert_eq!(verdict(&scenario), None, "a list can lag behind its counts");
        scenario.judged(counts(0), short.clone(), after(60));
        let unknown = Verdict::Unknown(UnknownWhy::Doubtful(Doubt::ListDisagrees));
        assert_eq!(verdict(&scenario), Some(&unknown));
        let systems = scenario.run.proven.versions("amazon linux 2023", &PatchId(OPENSSH.into()));
        assert_eq!(systems, None);
    }
}

#[test]
fn available_security_updates_are_no_failure_of_the_plan_and_prove_nothing() {
    let mut counted = plan(Pin::First);
    counted.baselines = vec![PatchBaseline {
        available_security_updates: Some(crate::fleet::survey::CountsAs::NotCompliant),
        ..baseline("servers", "pb-1")
    }];
    let mut scenario = Scenario::new(counted, 1).begun();
    for _ in [Operation::Install, Operation::Scan] {
        let dispatch = scenario.sent(after(5));
        scenario.heard(&dispatch, InvocationStatus::Success, after(5));
    }
    let mut states =
        scenario.states(PatchCounts { available_security_updates: Some(2), ..counts(0) }, after(5));
    states.values_mut().for_each(|state| state.baseline = Some("pb-1".into()));
    let listings = states.keys().map(|node| (node.clone(), listing())).collect();
    let lookup_results = LookupResults { listings, ..LookupResults::default() };
    scenario.go(RunInput::States { states, lookup_results }, after(5));
    let verdict = verdict(&scenario).expect("it was judged");
    assert!(matches!(verdict, Verdict::AsPlanned { available: 2, .. }), "{verdict:?}");
    assert_eq!((verdict.is_good(), verdict.proves()), (true, false));
}

#[test]
fn what_could_not_be_read_proves_nothing() {
    let mut scenario = canary(Pin::First, counts(0), Listing::default());
    for _ in [Operation::Install, Operation::Scan] {
        let dispatch = scenario.sent(after(7));
        scenario.heard(&dispatch, InvocationStatus::Success, after(7));
    }
    scenario.judged(counts(0), listing(), after(8));
    let proof = proof(&environment(), [&scenario.run], after(60 * 24));
    assert!(matches!(proof, Err(Unproven::NotRead { .. })), "{proof:?}");
}

#[test]
fn a_run_of_other_nodes_proves_nothing_of_these() {
    let mut scenario = canary(Pin::First, counts(0), listing());
    scenario.wave(counts(0), after(8));
    let proves = |here: &Environment| proof(here, [&scenario.run], after(60 * 24)).map(|_| ());
    assert_eq!(proves(&environment()), Ok(()));
    let moved = Err(Unproven::Moved { run: scenario.run.id.clone() });
    let there = String::from("elsewhere");
    for here in [
        Environment { account: there.clone(), ..environment() },
        Environment { region: there.clone(), ..environment() },
        Environment { patch_group: there.clone(), ..environment() },
    ] {
        assert_eq!(proves(&here), moved);
    }
    let other = Environment { name: "staging".parse().expect("a name"), ..environment() };
    assert_eq!(proves(&other), Err(Unproven::NeverRun));
}

#[test]
fn one_article_in_several_rows_is_named_once() {
    let titles =
        ["Security Intelligence Update (1.421.1)", "Security Intelligence Update (1.421.2)"];
    let rows = |titles: &[&str]| {
        let rows: Vec<_> = titles.iter().map(|title| ("KB2267602", *title)).collect();
        missing(&rows, &[OPENSSH])
    };
    let mut scenario = canary(pinned(1), counts(2), rows(&titles));
    assert_eq!(why(&scenario), [&WhyLeftOut::Definition]);
    for _ in [Operation::Install, Operation::Scan] {
        let dispatch = scenario.sent(after(7));
        scenario.heard(&dispatch, InvocationStatus::Success, after(7));
    }
    // The next nodes have tomorrow's version.
    scenario.judged(counts(1), rows(&["Security Intelligence Update (1.422.7)"]), after(8));
    assert_eq!(scenario.run.still_missing().len(), 1);
    assert!(scenario.run.is_proven());
}
