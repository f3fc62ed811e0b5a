//! Tests of what a plan takes over from what was proven, and of what it leaves out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::DateTime;

use super::tests::environment;
use super::*;
use crate::environment::{DefinitionUpdates, Environment};
use crate::fleet::node::Ping;
use crate::fleet::survey::{Survey, SurveyedNode};
use crate::patch::assessment::Assessment;
use crate::patch::installed::Installed;
use crate::patch::{Cves, Patch};
use crate::plan::proven::Proven;
use crate::run::tests::after;

const LINUX: &str = "amazon linux 2023";
const OLD: &str = "curl.x86_64:0:8.3-1";
const NEW: &str = "curl.x86_64:0:8.4-1";

/// The nodes of a system, with what they miss and what they have, by id and title.
type Fleet<'a> = &'a [(&'a str, &'a [(&'a str, &'a str)], &'a [(&'a str, &'a str)])];

fn survey(fleet: Fleet<'_>) -> Survey {
    let patch = |(id, title): &(&str, &str)| Patch {
        id: PatchId((*id).to_owned()),
        title: (*title).to_owned(),
        classification: "Security".into(),
        severity: None,
        cves: Cves::Unknown,
        released: None,
        advisories: vec![],
        url: None,
    };
    let nodes = fleet.iter().enumerate().map(|(at, (system, missing, has))| {
        let windows = system.starts_with("windows");
        let node = SurveyedNode {
            name: format!("node-{at}"),
            platform: if windows { Platform::Windows } else { Platform::Linux },
            platform_name: (*system).to_owned(),
            system: (*system).to_owned(),
            ping: Ping::Online,
            last_ping: None,
            state: None,
            baseline: None,
            missing: missing.iter().map(|(id, _)| PatchId((*id).to_owned())).collect(),
            titles: missing
                .iter()
                .map(|(id, title)| {
                    (PatchId((*id).to_owned()), BTreeSet::from([(*title).to_owned()]))
                })
                .collect(),
            listed_as_counted: true,
            installed: installed(has),
        };
        (NodeId(format!("i-{at}")), node)
    });
    let patches = fleet.iter().flat_map(|(_, missing, _)| missing.iter().map(patch));
    Survey {
        environment: "production".parse().expect("a name"),
        taken_at: DateTime::UNIX_EPOCH,
        nodes: nodes.collect(),
        in_two_groups: BTreeMap::new(),
        patches: patches.map(|patch| (patch.id.clone(), patch)).collect(),
        windows: vec![],
        baselines: vec![],
        held_back: None,
    }
}

fn installed(has: &[(&str, &str)]) -> BTreeSet<Installed> {
    let one = |(id, title): &(&str, &str)| Installed {
        id: PatchId((*id).to_owned()),
        title: (*title).to_owned(),
    };
    has.iter().map(one).collect()
}

fn production() -> Environment {
    let override_location = Some("s3://lists/production".into());
    Environment { name: "production".parse().expect("a name"), override_location, ..environment() }
}

/// The plan for a fleet, given proven nodes of a system with what they have.
fn planned(
    environment: &Environment,
    proven: &[(&str, &[(&str, &str)])],
    fleet: Fleet<'_>,
) -> PatchPlan {
    let mut all = Proven::default();
    for (at, (system, has)) in proven.iter().enumerate() {
        let node = NodeId(format!("v-{at}"));
        all.merge(&Proven::of_node(&node, system, Some(&installed(has))));
    }
    let verification: EnvironmentName = "verification".parse().expect("a name");
    let run = RunId::new(verification.clone(), 7);
    let proof = Proof { run, since: DateTime::UNIX_EPOCH, proven: Arc::new(all) };
    let before = Before { environment: verification, proof: Ok(proof) };
    let assess = |_: &Patch| Assessment {
        level: Level::II,
        estimated: false,
        score: None,
        kev: None,
        clause: None,
    };
    draft(environment, &Overrides::default(), &survey(fleet), Some(&before), &assess, after(0))
        .expect("a plan")
}

fn listed(plan: &PatchPlan) -> Vec<String> {
    plan.list().into_iter().map(|one| one.title).collect()
}

fn shown(titles: &BTreeSet<String>) -> Vec<&str> {
    titles.iter().map(String::as_str).collect()
}

fn left(plan: &PatchPlan) -> Vec<(&str, &WhyLeftOut)> {
    plan.left_out.iter().map(|one| (one.id.as_str(), &one.why)).collect()
}

#[test]
fn only_what_the_proving_run_judged_good_is_installed() {
    let fleet: Fleet<'_> =
        &[(LINUX, &[("curl.x86_64", OLD), ("bash.x86_64", "bash.x86_64:0:5-2")], &[])];
    let plan = planned(&production(), &[(LINUX, &[("curl.x86_64", OLD)])], fleet);
    assert_eq!(listed(&plan), [OLD]);
    assert_eq!(left(&plan), [("bash.x86_64", &WhyLeftOut::NotProven)]);
    let nodes: Vec<(u32, u32)> = plan.nodes().map(|node| (node.missing, node.left_out)).collect();
    assert_eq!(nodes, [(1, 1)]);
}

#[test]
fn a_version_on_which_the_proving_nodes_disagree_is_not_proven() {
    let proven: &[(&str, &[(&str, &str)])] =
        &[(LINUX, &[("curl.x86_64", OLD)]), (LINUX, &[("curl.x86_64", NEW)])];
    let plan = planned(&production(), proven, &[(LINUX, &[("curl.x86_64", NEW)], &[])]);
    assert_eq!(listed(&plan), Vec::<String>::new());
    assert_eq!(left(&plan), [("curl.x86_64", &WhyLeftOut::Disagreed)]);
    assert!(plan.only_scans());
}

#[test]
fn one_id_on_two_systems_is_never_mixed() {
    let amazon_2 = "amazon linux 2";
    let two = "curl.x86_64:0:8.3-1.amzn2";
    let proven: &[(&str, &[(&str, &str)])] =
        &[(LINUX, &[("curl.x86_64", OLD)]), (amazon_2, &[("curl.x86_64", two)])];
    let fleet: Fleet<'_> =
        &[(LINUX, &[("curl.x86_64", OLD)], &[]), ("ubuntu 22.04", &[("curl.x86_64", OLD)], &[])];
    let plan = planned(&production(), proven, fleet);
    assert_eq!(listed(&plan), [OLD]);
    assert_eq!(left(&plan), [("curl.x86_64", &WhyLeftOut::NotProven)], "not on Ubuntu");
    // A bare number would be installed on every node that reads the list.
    let proven: &[(&str, &[(&str, &str)])] = &[("windows 2022", &[("KB5041160", "a")])];
    let fleet: Fleet<'_> = &[
        ("windows 2022", &[("KB5041160", "a")], &[]),
        ("windows 2019", &[("KB5041160", "a")], &[]),
    ];
    let plan = planned(&production(), proven, fleet);
    assert!(plan.only_scans(), "{:?}", plan.patches);
    assert_eq!(left(&plan), [("KB5041160", &WhyLeftOut::NotProven)]);
}

#[test]
fn no_version_of_one_system_is_told_as_newer_on_another() {
    let (amazon_2, two) = ("amazon linux 2", "curl.x86_64:0:7.9-1.amzn2");
    let proven: &[(&str, &[(&str, &str)])] =
        &[(LINUX, &[("curl.x86_64", OLD)]), (amazon_2, &[("curl.x86_64", two)])];
    let fleet: Fleet<'_> =
        &[(LINUX, &[("curl.x86_64", OLD)], &[]), (amazon_2, &[("curl.x86_64", two)], &[])];
    let plan = planned(&production(), proven, fleet);
    let [patch] = plan.patches.as_slice() else { panic!("one patch: {:?}", plan.patches) };
    assert_eq!(
        (shown(&patch.titles), shown(&patch.newer), patch.nodes),
        (vec![two, OLD], vec![], 2)
    );
    // A patch that is left out has the title of its system.
    let plan = planned(&production(), &proven[..1], fleet);
    let [left] = plan.left_out.as_slice() else { panic!("one: {:?}", plan.left_out) };
    assert_eq!((left.title.as_str(), &left.why), (two, &WhyLeftOut::NotProven));
}

#[test]
fn one_article_with_two_titles_is_on_the_list_once() {
    let both = ["windows 2019", "windows 2022"];
    let proven: &[(&str, &[(&str, &str)])] =
        &[(both[0], &[("KB1", "for 2019")]), (both[1], &[("KB1", "for 2022")])];
    let fleet: Fleet<'_> =
        &[(both[0], &[("KB1", "for 2019")], &[]), (both[1], &[("KB1", "for 2022")], &[])];
    let plan = planned(&production(), proven, fleet);
    assert_eq!((plan.list().len(), plan.patches.len()), (1, 1), "{:?}", plan.list());
}

#[test]
fn what_names_more_than_one_version_is_refused_by_name() {
    for title in ["*", "curl.x86_64:*", "curl.x86_64:0:8.?-1", "curl.x86_64:0:1'\n  - id: '*"] {
        let proven: &[(&str, &[(&str, &str)])] = &[(LINUX, &[("curl.x86_64", title)])];
        let plan = planned(&production(), proven, &[(LINUX, &[("curl.x86_64", OLD)], &[])]);
        assert_eq!(left(&plan), [("curl.x86_64", &WhyLeftOut::NotPinnable)], "{title}");
        assert_eq!(listed(&plan), Vec::<String>::new());
    }
}

#[test]
fn the_proven_version_is_installed_and_a_newer_one_is_told() {
    let proven: &[(&str, &[(&str, &str)])] = &[(LINUX, &[("curl.x86_64", OLD)])];
    let fleet: Fleet<'_> = &[
        (LINUX, &[("curl.x86_64", NEW)], &[]),
        // As InstalledOther or as Installed: the node has it.
        (LINUX, &[("curl.x86_64", NEW)], &[("curl.x86_64", OLD)]),
    ];
    let plan = planned(&production(), proven, fleet);
    let [patch] = plan.patches.as_slice() else { panic!("one patch: {:?}", plan.patches) };
    assert_eq!((shown(&patch.titles), shown(&patch.newer), patch.nodes), (vec![OLD], vec![NEW], 1));
    assert_eq!(left(&plan), [("curl.x86_64", &WhyLeftOut::Newer { proven: OLD.into() })]);
    let there = planned(&production(), proven, &fleet[1..]);
    assert!(there.only_scans(), "what was proven is there");
}

#[test]
fn definition_updates_are_installed_by_the_baseline_or_left_out_by_configuration() {
    let fleet: Fleet<'_> = &[(
        "windows 2022",
        &[("KB2267602", "Security Intelligence Update for Microsoft Defender Antivirus")],
        &[],
    )];
    let plan = planned(&production(), &[], fleet);
    let Pin::Proven { patches: pins, .. } = &plan.pin else { panic!("it is pinned") };
    assert!(pins.is_empty(), "nobody proved it");
    assert_eq!(plan.list().len(), 1);
    assert!(plan.patches[0].is_definition);
    let leaves = Environment { definition_updates: DefinitionUpdates::LeaveOut, ..production() };
    let plan = planned(&leaves, &[], fleet);
    assert_eq!(left(&plan), [("KB2267602", &WhyLeftOut::Definition)]);
    assert!(plan.only_scans());
}

#[test]
fn nodes_of_which_it_is_not_known_what_they_miss_are_named() {
    let plan = planned(&production(), &[], &[(LINUX, &[], &[])]);
    assert_eq!(plan.unclear, BTreeMap::from([(NodeId("i-0".into()), UnknownSince::NeverReported)]));
}

const KERNEL: &str = "kernel.x86_64";
const K1: &str = "kernel.x86_64:0:6.1.9-1.amzn2023";
const K2: &str = "kernel.x86_64:0:6.1.10-1.amzn2023";
const K3: &str = "kernel.x86_64:0:6.1.11-1.amzn2023";

#[test]
fn the_newest_of_kernels_side_by_side_is_installed_where_an_older_one_is_there() {
    let both: &[(&str, &str)] = &[(KERNEL, K1), (KERNEL, K2)];
    for proven in [&[(LINUX, both), (LINUX, both)][..], &[(LINUX, both), (LINUX, &both[1..])]] {
        for missing in [K2, K3] {
            let fleet: Fleet<'_> = &[
                (LINUX, &[(KERNEL, missing)], &[(KERNEL, K1)]),
                (LINUX, &[(KERNEL, missing)], &[]),
            ];
            let plan = planned(&production(), proven, fleet);
            assert_eq!((listed(&plan), left(&plan)), (vec![K2.to_owned()], vec![]), "{missing}");
            let nodes: Vec<_> = plan.nodes().map(|node| (node.missing, node.left_out)).collect();
            assert_eq!(nodes, [(1, 0), (1, 0)]);
        }
    }
}

#[test]
fn a_node_beyond_what_was_proven_is_not_taken_back() {
    let proven: &[(&str, &[(&str, &str)])] = &[(LINUX, &[(KERNEL, K1)])];
    let fleet: Fleet<'_> = &[(LINUX, &[(KERNEL, K3)], &[(KERNEL, K2)])];
    let plan = planned(&production(), proven, fleet);
    assert!(plan.only_scans(), "{:?}", plan.patches);
    assert_eq!(left(&plan), [(KERNEL, &WhyLeftOut::NotProven)]);
}

#[test]
fn an_older_version_is_not_told_as_newer() {
    let proven: &[(&str, &[(&str, &str)])] = &[(LINUX, &[(KERNEL, K2)])];
    let plan = planned(&production(), proven, &[(LINUX, &[(KERNEL, K1)], &[])]);
    let [patch] = plan.patches.as_slice() else { panic!("one patch: {:?}", plan.patches) };
    assert_eq!(shown(&patch.newer), Vec::<&str>::new());
}
