//! Tests of plans: who may approve one, by the level of its worst patch, and what its digest and
//! drift depend on.

use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;

use super::*;
use crate::environment::patch_group::GroupTag;
use crate::environment::policy::{ApprovalPolicy, Approver};
use crate::environment::{Concurrency, DefinitionUpdates, Environment, StartRule, WaveRule};
use crate::fleet::node::Ping;
use crate::fleet::survey::{Survey, SurveyedNode};
use crate::fleet::two_groups::NodeInTwoGroups;
use crate::patch::assessment::Assessment;
use crate::patch::{Cves, Patch};
use crate::refusal::Refusal;
use crate::run::tests::{Scenario, after, person};
use crate::run::{Phase, RunInput, VoidReason};
use crate::view::tests::{both, of_run};
use crate::window::tests::occurrence;

fn policy(approvers: &[&str], quorum: u32) -> ApprovalPolicy {
    ApprovalPolicy {
        approvers: approvers.iter().map(|name| Approver::Person(person(name))).collect(),
        quorum,
        expires_after: Seconds::hours(24),
        requester_may_vote: false,
    }
}

/// Level III takes two approvers of the security group, unrated takes Ben; everything else takes
/// Aiko.
pub(crate) fn environment() -> Environment {
    Environment {
        name: "verification".parse().expect("a name"),
        after: None,
        account: "111111111111".into(),
        region: "ap-northeast-1".into(),
        patch_group: "web-verification".into(),
        owner: None,
        policy: policy(&["aiko"], 1),
        may_ask: None,
        policies_by_level: BTreeMap::from([
            (Level::III, policy(&["sato", "sumi"], 2)),
            (Level::Unrated, policy(&["ben"], 1)),
        ]),
        reboot: RebootOption::RebootIfNeeded,
        start: StartRule::OnApproval,
        other_windows: Vec::new(),
        waves: WaveRule {
            canary: 1,
            percent: 50,
            error_budget: 0,
            concurrency: Concurrency::default(),
        },
        on_drift: OnDrift::Void,
        definition_updates: DefinitionUpdates::Install,
        soak: Seconds::minutes(10),
        proof_lasts: Seconds::days(30),
        timeouts: Timeouts::default(),
        override_location: None,
    }
}

/// The plan of an environment in which one node misses a patch of each level.
fn drafted(environment: &Environment, levels: &[Level]) -> PatchPlan {
    applied_overrides(environment, levels, &Overrides::default()).expect("a plan")
}

/// The same plan with overrides, if they are allowed.
fn applied_overrides(
    environment: &Environment,
    levels: &[Level],
    overrides: &Overrides,
) -> Result<PatchPlan, NotDrafted> {
    of_survey(environment, levels, overrides, &surveyed(environment, levels))
}

/// A survey of one node that misses a patch of each level.
fn surveyed(environment: &Environment, levels: &[Level]) -> Survey {
    let patch = |at: usize| Patch {
        id: PatchId(format!("package-{at}.x86_64")),
        title: String::new(),
        classification: "Security".into(),
        severity: None,
        cves: Cves::Unknown,
        released: None,
        advisories: vec![],
        url: None,
    };
    let patches: BTreeMap<PatchId, Patch> =
        (0..levels.len()).map(patch).map(|patch| (patch.id.clone(), patch)).collect();
    let node = SurveyedNode {
        name: "web-1".into(),
        platform: Platform::Linux,
        platform_name: "Amazon Linux 2023".into(),
        system: "amazon linux 2023".into(),
        baseline: None,
        listed_as_counted: true,
        ping: Ping::Online,
        last_ping: None,
        state: None,
        missing: patches.keys().cloned().collect(),
        titles: BTreeMap::new(),
        installed: BTreeSet::new(),
    };
    Survey {
        environment: environment.name.clone(),
        taken_at: DateTime::UNIX_EPOCH,
        nodes: BTreeMap::from([(NodeId("i-1".into()), node)]),
        in_two_groups: BTreeMap::new(),
        patches,
        windows: Vec::new(),
        baselines: Vec::new(),
        held_back: None,
    }
}

fn of_survey(
    environment: &Environment,
    levels: &[Level],
    overrides: &Overrides,
    survey: &Survey,
) -> Result<PatchPlan, NotDrafted> {
    let assess = |patch: &Patch| Assessment {
        level: (0..levels.len())
            .find(|at| patch.id.0 == format!("package-{at}.x86_64"))
            .map_or(Level::Unrated, |at| levels[at]),
        estimated: false,
        score: None,
        kev: None,
        clause: None,
    };
    draft(environment, overrides, survey, None, &assess, after(0))
}

/// The plan for one node that misses a patch of level I, with these overrides.
fn on_terms(environment: &Environment, overrides: &Overrides) -> Result<PatchPlan, NotDrafted> {
    applied_overrides(environment, &[Level::I], overrides)
}

#[test]
fn a_node_in_two_groups_is_named_by_a_plan_and_no_part_of_it() {
    let (environment, levels) = (environment(), [Level::I]);
    let draft = |survey: &Survey| of_survey(&environment, &levels, &Overrides::default(), survey);
    let id = |id: &str| NodeId(id.to_owned());
    let torn = NodeInTwoGroups { name: "web-2".into(), by: GroupTag::Unspaced };
    let whole = surveyed(&environment, &levels);
    let mut survey = whole.clone();
    survey.in_two_groups.insert(id("i-2"), torn.clone());
    let (plan, plain) = (draft(&survey).expect("a plan"), draft(&whole).expect("a plan"));
    assert_eq!(plan.in_two_groups, BTreeMap::from([(id("i-2"), torn.clone())]));
    assert_eq!(plan.nodes().map(|node| &node.id).collect::<Vec<_>>(), [&id("i-1")]);
    assert_eq!((plan.digest(), plan.drift(&plain)), (plain.digest(), None), "it does the same");

    // The ambiguity is settled: with another node the plan needs other votes.
    let mut settled = whole.clone();
    let node = whole.nodes[&id("i-1")].clone();
    settled.nodes.insert(id("i-2"), SurveyedNode { name: "web-2".into(), ..node });
    let settled = draft(&settled).expect("a plan");
    let drift = plan.drift(&settled).expect("it has changed");
    assert_eq!(drift.nodes_new, [id("i-2")]);
    // The other way around, the node is gone and the drift says why.
    let drift = settled.drift(&plan).expect("it has changed");
    assert_eq!((drift.nodes_gone, drift.nodes_in_two_groups), (vec![id("i-2")], vec![id("i-2")]));
    let drift = settled.drift(&plain).expect("it has changed");
    assert_eq!((drift.nodes_gone, drift.nodes_in_two_groups), (vec![id("i-2")], vec![]));
}

#[test]
fn where_every_node_is_in_two_groups_there_is_nothing_to_plan() {
    let environment = environment();
    let mut survey = surveyed(&environment, &[]);
    survey.nodes.clear();
    let torn = NodeInTwoGroups { name: "web-1".into(), by: GroupTag::Spaced };
    survey.in_two_groups.insert(NodeId("i-1".into()), torn);
    let refused = of_survey(&environment, &[], &Overrides::default(), &survey);
    let Err(NotDrafted::NoNodes { in_two_groups, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(in_two_groups, survey.in_two_groups);
}

#[test]
fn a_plan_holds_what_was_wished_and_what_the_configuration_said() {
    let environment = environment();
    let overrides = Overrides {
        reboot: Some(RebootOption::NoReboot),
        canary: Some(2),
        percent: Some(25),
        ..Overrides::default()
    };
    let (plan, plain) = (on_terms(&environment, &overrides), drafted(&environment, &[Level::I]));
    let plan = plan.expect("it is allowed");
    assert_eq!((plan.reboot, plain.reboot), (RebootOption::NoReboot, RebootOption::RebootIfNeeded));
    assert_eq!((plan.overrides(), plain.overrides()), (overrides, Overrides::default()));
    assert_ne!(plan.digest(), plain.digest());
    let kept = plan.applied_overrides.expect("it is kept");
    assert_eq!(kept.configured, environment.options());
}

#[test]
fn a_wish_for_what_is_configured_changes_nothing_that_votes_name() {
    let environment = environment();
    let (reboot, start) = (Some(RebootOption::RebootIfNeeded), Some(StartRule::OnApproval));
    let same = Overrides { start, reboot, canary: Some(1), percent: Some(50) };
    let plan = on_terms(&environment, &same).expect("it is allowed");
    assert_eq!(plan.digest(), drafted(&environment, &[Level::I]).digest());
    both("plan-overrides-as-configured", |locale| {
        of_run(&Scenario::new(plan.clone(), 1), locale, false)
    });
}

#[test]
fn a_window_that_was_wished_has_to_come_up() {
    let environment = Environment { other_windows: vec!["sunday".into()], ..environment() };
    let overrides =
        Overrides { start: Some(StartRule::InWindow("Sunday".into())), ..Overrides::default() };
    let refused = on_terms(&environment, &overrides);
    assert!(matches!(refused, Err(NotDrafted::NoWindow { .. })), "{refused:?}");
}

#[test]
fn approvers_read_where_a_plan_departs_from_the_configuration() {
    let opens = after(60);
    let window = occurrence(
        "sunday",
        opens,
        opens + chrono::TimeDelta::hours(3),
        opens + chrono::TimeDelta::hours(4),
    );
    let start = StartRule::InWindow("sunday".into());
    let overrides = Overrides {
        start: Some(start),
        reboot: Some(RebootOption::NoReboot),
        canary: Some(2),
        percent: Some(25),
    };
    let configured = environment().options();
    let plan = |configured: PlanOptions| PatchPlan {
        window: Some(window.clone()),
        reboot: RebootOption::NoReboot,
        applied_overrides: Some(AppliedOverrides { overrides: overrides.clone(), configured }),
        ..drafted(&environment(), &[Level::I])
    };
    both("plan-overrides", |locale| {
        of_run(&Scenario::new(plan(configured.clone()), 1), locale, true)
    });
    // The other way around: a node that would not have rebooted, and another window.
    let other = PlanOptions {
        start: StartRule::InWindow("nightly".into()),
        reboot: RebootOption::NoReboot,
        canary: 1,
        percent: 25,
    };
    let mut back = plan(other);
    back.reboot = RebootOption::RebootIfNeeded;
    if let Some(applied_overrides) = &mut back.applied_overrides {
        applied_overrides.overrides.reboot = Some(RebootOption::RebootIfNeeded);
    }
    both("plan-overrides-back", |locale| of_run(&Scenario::new(back.clone(), 1), locale, false));
}

/// Posts a plan under the policy that applies to it.
fn posted(environment: &Environment, plan: PatchPlan) -> Scenario {
    let policy = environment.policy_of(plan.decided_by).clone();
    Scenario::under(plan, policy)
}

#[test]
fn the_worst_patch_says_who_decides() {
    let environment = environment();
    let check = |levels: &[Level], decided_by| {
        assert_eq!(drafted(&environment, levels).decided_by, decided_by, "{levels:?}");
    };
    check(&[Level::I, Level::III, Level::II], Some(Level::III));
    check(&[Level::I, Level::Unrated], Some(Level::Unrated));
    check(&[Level::Unrated, Level::II], None);
    check(&[Level::I], None);
    // The plan only scans, so it has no patch of any level.
    check(&[], None);
}

#[test]
fn two_of_security_decide_on_level_iii_and_one_of_the_others_on_level_i() {
    let environment = environment();
    let mut severe = posted(&environment, drafted(&environment, &[Level::III]));
    assert!(matches!(severe.approve("aiko", after(1)), Err(Refusal::NotAnApprover { .. })));
    severe.approve("sato", after(2)).expect("of security");
    assert_eq!(severe.run.phase, Phase::Waiting);
    severe.approve("sumi", after(3)).expect("of security");
    assert_eq!(severe.run.phase, Phase::Approved { at: after(3) });

    let mut mild = posted(&environment, drafted(&environment, &[Level::I]));
    assert!(matches!(mild.approve("sato", after(1)), Err(Refusal::NotAnApprover { .. })));
    mild.approve("aiko", after(2)).expect("an approver");
    assert_eq!(mild.run.phase, Phase::Approved { at: after(2) });
}

#[test]
fn a_level_for_which_nobody_is_named_is_for_nobody() {
    let mut environment = environment();
    environment.policies_by_level.insert(Level::III, policy(&[], 1));
    let mut scenario = posted(&environment, drafted(&environment, &[Level::III]));
    for name in ["aiko", "sato"] {
        let refusal = scenario.approve(name, after(1));
        assert!(matches!(refusal, Err(Refusal::NobodyMayApprove { .. })), "{refusal:?}");
    }
}

#[test]
fn a_level_that_rises_to_others_voids_the_votes_and_nothing_else_does() {
    let with = environment();
    let mut without = environment();
    without.policies_by_level.clear();
    let check = |before: (&Environment, Level), now: (&Environment, Level), voids: bool| {
        let (plan, fresh) = (drafted(before.0, &[before.1]), drafted(now.0, &[now.1]));
        let mut scenario = Scenario::under(plan, policy(&["aiko"], 1));
        scenario.approve("aiko", after(1)).expect("an approver");
        scenario
            .ask(RunInput::Rechecked { plan: Box::new(fresh), windows: Vec::new() }, after(2))
            .expect("it decides");
        let risen = match &scenario.run.phase {
            Phase::Voided { why: VoidReason::Drifted(drift), replan: true, .. } => {
                drift.level_risen
            }
            Phase::Approved { .. } => None,
            other => panic!("{other:?}"),
        };
        assert_eq!(risen, voids.then_some(now.1), "{before:?} {now:?}");
    };
    check((&with, Level::II), (&with, Level::III), true);
    check((&with, Level::I), (&with, Level::Unrated), true);
    // The same people decide on both levels.
    check((&with, Level::I), (&with, Level::II), false);
    check((&without, Level::I), (&without, Level::III), false);
    // The people who may decide on the worse level have decided.
    check((&with, Level::III), (&with, Level::I), false);
    // The configuration has changed, but what was voted on has not.
    check((&without, Level::III), (&with, Level::III), false);
    check((&with, Level::III), (&without, Level::III), false);
}

#[test]
fn votes_name_the_level_where_it_says_who_decides() {
    let with = environment();
    let digest = |environment: &Environment, level| drafted(environment, &[level]).digest();
    assert_ne!(digest(&with, Level::III), digest(&with, Level::II));
    assert_eq!(digest(&with, Level::I), digest(&with, Level::II));
}

#[test]
fn the_card_says_by_which_level_who_decides() {
    let environment = environment();
    let scenario = posted(&environment, drafted(&environment, &[Level::III, Level::I]));
    both("plan-by-level", |locale| of_run(&scenario, locale, false));
    let mut void = posted(&environment, drafted(&environment, &[Level::II]));
    let fresh = Box::new(drafted(&environment, &[Level::III]));
    void.ask(RunInput::Rechecked { plan: fresh, windows: Vec::new() }, after(2))
        .expect("it decides");
    both("run-void-level", |locale| of_run(&void, locale, false));
}

#[test]
fn votes_name_how_the_window_is_defined() {
    let opens = after(60);
    let window = occurrence("sunday", opens, opens, opens);
    let bound = |window| PatchPlan { window: Some(window), ..drafted(&environment(), &[Level::I]) };
    let mut other = window.clone();
    other.definition.time_zone = "UTC".into();
    assert_ne!(bound(window).digest(), bound(other).digest());
}

#[test]
fn definition_updates_that_come_and_go_void_no_votes() {
    let environment = environment();
    let with = |definition: bool, levels: &[Level]| {
        let mut survey = surveyed(&environment, levels);
        if definition {
            let (id, one) = survey.patches.first_key_value().expect("a patch");
            let mut patch = one.clone();
            let node = survey.nodes.values_mut().next().expect("a node");
            assert!(node.missing.contains(id));
            patch.id = PatchId("KB2267602".into());
            node.missing.insert(patch.id.clone());
            survey.patches.insert(patch.id.clone(), patch);
        }
        of_survey(&environment, levels, &Overrides::default(), &survey).expect("a plan")
    };
    let (plain, more) = (with(false, &[Level::I]), with(true, &[Level::I]));
    assert_eq!(more.patches.len(), 2);
    // The definition is unrated, and other people decide on unrated patches.
    assert_ne!(plain.decided_by, more.decided_by);
    assert_eq!((plain.drift(&more), more.drift(&plain)), (None, None));
    let worse = more.drift(&with(false, &[Level::III])).expect("it is worse");
    assert_eq!(worse.level_risen, Some(Level::III));
    let another = plain.drift(&with(true, &[Level::I, Level::I])).expect("one more");
    assert_eq!(another.patches_new.len(), 1);
}
