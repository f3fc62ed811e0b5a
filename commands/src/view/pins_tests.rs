//! Snapshots of what people read about proven versions, about what a plan leaves out, and about the
//! result at its end.

use std::collections::{BTreeMap, BTreeSet};

use super::compliance;
use super::tests::{aloud, both, of_run, reader};
use crate::environment::Promotion;
use crate::fleet::compliance::ComplianceReport;
use crate::fleet::listing::Listing;
use crate::fleet::node::{InvocationStatus, NodeId};
use crate::fleet::node_status::{Doubt, UnknownSince};
use crate::id::Operation;
use crate::patch::PatchId;
use crate::patch::installed::Installed;
use crate::plan::{LeftOut, PatchPlan, Pin, WhyLeftOut};
use crate::run::tests::{OPENSSH, Scenario, absent, after, counts, pinned, plan, present};
use crate::state::LeftByPlan;

const NEWER: &str = "openssh.x86_64:0:8.7p1-9.amzn2023.0.12";
const DEFINITIONS: &str = "Security Intelligence Update for Microsoft Defender Antivirus";

fn left_out() -> Vec<LeftOut> {
    let proven = "bash.x86_64:0:5.2-1".to_owned();
    [
        ("nginx.x86_64", "nginx.x86_64:1:1.26-1", WhyLeftOut::NotProven),
        ("bash.x86_64", "bash.x86_64:0:5.2-2", WhyLeftOut::Newer { proven }),
        ("tmux.x86_64", "tmux.x86_64:0:3.3-1", WhyLeftOut::Disagreed),
        ("curl.x86_64", "curl.x86_64:0:8.3-1", WhyLeftOut::NotPinnable),
        ("KB2267602", DEFINITIONS, WhyLeftOut::Definition),
    ]
    .map(|(id, title, why)| LeftOut { id: PatchId(id.into()), title: title.into(), why })
    .into()
}

fn unclear() -> BTreeMap<NodeId, UnknownSince> {
    let other = Doubt::OtherBaseline { baseline: "pb-0fedcba9876543210".into() };
    let doubts = [Doubt::ListDisagrees, Doubt::CountsDisagree, other];
    let nodes = ["i-1", "i-2", "i-3"].map(|id| NodeId(id.into()));
    nodes.into_iter().zip(doubts.map(UnknownSince::Doubtful)).collect()
}

#[test]
fn a_plan_with_newer_versions_and_with_definition_updates() {
    let mut pinned = plan(pinned(1));
    pinned.patches[0].newer = BTreeSet::from([NEWER.to_owned()]);
    let mut definitions = pinned.patches[0].clone();
    definitions.id = PatchId("KB2267602".into());
    definitions.titles = BTreeSet::from([DEFINITIONS.to_owned()]);
    definitions.newer = BTreeSet::new();
    definitions.is_definition = true;
    pinned.patches.push(definitions);
    pinned.left_out = left_out();
    let scenario = Scenario::new(pinned, 1);
    both("plan-newer", |locale| of_run(&scenario, locale, true));
}

#[test]
fn plans_that_install_nothing() {
    let nothing = |change: fn(&mut PatchPlan)| {
        let mut plan = plan(pinned(1));
        plan.patches.clear();
        change(&mut plan);
        Scenario::new(plan, 1)
    };
    let all = [
        nothing(|_| ()),
        nothing(|plan| plan.left_out = left_out().into_iter().take(1).collect()),
        nothing(|plan| plan.left_out = left_out()),
        nothing(|plan| plan.unclear = unclear()),
    ];
    both("plan-nothing", |locale| {
        all.iter().map(|scenario| of_run(scenario, locale, true)).collect()
    });
}

/// A run in which every node has what was pinned, and misses these rows.
fn ended(pin: Pin, rows: &[(&str, &str)]) -> Scenario {
    let missing = rows.iter().map(|(id, title)| absent(id, title)).collect();
    let openssh = Installed { id: PatchId("openssh.x86_64".into()), title: OPENSSH.into() };
    let listing = Listing { missing, failed: vec![], present: present([openssh]) };
    let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
    scenario.run.plan.pin = pin;
    for minutes in [5, 9] {
        for operation in [Operation::Install, Operation::Scan] {
            let dispatch = scenario.sent(after(minutes));
            assert_eq!(dispatch.id.operation, operation);
            scenario.heard(&dispatch, InvocationStatus::Success, after(minutes));
        }
        scenario.judged(counts(rows.len() as u32), listing.clone(), after(minutes));
    }
    scenario
}

#[test]
fn as_planned_and_not_compliant() {
    let rows = [("nginx.x86_64", "nginx.x86_64:1:1.26-1"), ("openssh.x86_64", NEWER)];
    let scenario = ended(pinned(1), &rows);
    both("run-as-planned", |locale| of_run(&scenario, locale, true));
    let mut report = ComplianceReport::new("verification".parse().expect("a name"), after(10));
    (report.not_compliant, report.missing) = (3, 6);
    let left = [LeftByPlan { run: &scenario.run.id, patches: scenario.run.still_missing() }];
    both("compliance-left-by-plan", |locale| {
        let (reports, run) = (std::slice::from_ref(&report), Some(&scenario.run.id));
        let promotion = Promotion::default();
        aloud(&compliance::card(reports, &[], run, &left, &promotion, reader(locale)))
    });
    let definitions = ended(pinned(1), &[("KB2267602", DEFINITIONS)]);
    both("run-proven-but-definitions", |locale| of_run(&definitions, locale, false));
}
