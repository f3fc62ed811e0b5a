//! Tests of the life of a run without a network: the decisions, the pending effects, and what a
//! reader sees.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::emergency_stop::{EmergencyStop, Stop};
use crate::environment::policy::{Approver, CurrentPolicy};
use crate::environment::{OnDrift, RebootOption, Timeouts};
use crate::fleet::agent::LookupResults;
use crate::fleet::listing::{Absent, Listing, Present};
use crate::fleet::node::{InvocationStatus, NodePatchState, PatchCounts, Platform};
use crate::fleet::presence::{Gone, Presence};
use crate::fleet::survey::PatchBaseline;
use crate::id::{Actor, DispatchId, EnvironmentName, Operation};
use crate::patch::installed::Installed;
use crate::patch::{PatchId, is_definition};
use crate::plan::tests::environment;
use crate::plan::{Pin, Pinned, PlannedNode, Proof};
use crate::refusal::{Refusal, Settled};
use crate::seconds::Seconds;
use crate::window::tests::{occurrence, unchanged};
use chrono::{DateTime, TimeDelta, Utc};

mod anything;
mod budget;
mod install_output;
mod may_send;
mod narrow;
mod proven;
mod stopping;
mod uncertain;
mod wrong_account;

const TOKEN: u64 = 7;

fn start() -> DateTime<Utc> {
    "2026-11-23T09:00:00Z".parse().expect("a time")
}

pub(crate) fn after(minutes: i64) -> DateTime<Utc> {
    start() + TimeDelta::minutes(minutes)
}

pub(crate) fn person(name: &str) -> PersonRef {
    PersonRef::new(crate::id::person::tests::slack(name), name)
}

pub(crate) fn actor(name: &str) -> Actor {
    Actor {
        person: person(name),
        groups: BTreeSet::new(),
        linked: true,
        origin: crate::id::Origin::Channel,
    }
}

fn node(id: &str) -> PlannedNode {
    PlannedNode {
        id: NodeId(id.into()),
        name: format!("web-{id}"),
        platform: Platform::Linux,
        system: "amazon linux 2023".into(),
        left_out: 0,
        missing: 1,
    }
}

pub(crate) fn plan(pin: Pin) -> PatchPlan {
    let patch = serde_json::json!({
        "id": "openssh.x86_64", "titles": ["openssh.x86_64:0:8.7p1-8.amzn2023.0.11"], "newer": [], "nodes": 3,
        "is_definition": false,
        "assessment": {"level": "III", "estimated": false, "score": null, "kev": null, "clause": "level_i_i_i"},
    });
    PatchPlan {
        environment: "verification".parse().expect("a name"),
        account: "111111111111".into(),
        region: "ap-northeast-1".into(),
        patch_group: "web-verification".into(),
        waves: vec![vec![node("i-1")], vec![node("i-2"), node("i-3")]],
        patches: vec![serde_json::from_value(patch).expect("a patch")],
        left_out: vec![],
        unclear: BTreeMap::new(),
        in_two_groups: BTreeMap::new(),
        baselines: vec![],
        pin,
        reboot: RebootOption::RebootIfNeeded,
        error_budget: 0,
        concurrency: None,
        on_drift: OnDrift::Void,
        window: None,
        timeouts: Timeouts::default(),
        soak: Seconds::minutes(10),
        proof_lasts: Seconds::days(30),
        decided_by: None,
        applied_overrides: None,
    }
}

/// The run that a record rebuilds.
pub(crate) fn replayed(record: &[Recorded<RunEvent>]) -> Result<PatchRun, InvalidTransition> {
    let mut run = PatchRun::begin(&record[0])?;
    record[1..].iter().try_for_each(|recorded| run.apply(recorded))?;
    Ok(run)
}

/// The last event that the thread reports.
pub(crate) fn last(run: &PatchRun) -> Option<&RunEvent> {
    run.history.last().map(|last| &last.event)
}

/// A run and the outside world, as far as the test has described it.
pub(crate) struct Scenario {
    pub(crate) run: PatchRun,
    pub(crate) emergency_stop: EmergencyStop,
    before: Option<Result<Proof, Unproven>>,
    pub(crate) token: u64,
    /// Other runs that work on the same nodes.
    pub(crate) others: Vec<Overlap>,
    /// The people that the configuration knows today, with their accounts.
    pub(crate) people: Vec<PersonRef>,
    /// Who may vote today; if `None`, the same as when it was proposed.
    pub(crate) policy: Option<ApprovalPolicy>,
    /// Whether each preflight check finds nothing in the way and every node present.
    pub(crate) quiet: bool,
    events: Vec<Recorded<RunEvent>>,
}

impl Scenario {
    pub(crate) fn new(plan: PatchPlan, quorum: u32) -> Self {
        let approvers = ["aiko", "ben", "chie"].map(|name| Approver::Person(person(name)));
        let policy = ApprovalPolicy {
            approvers: approvers.into(),
            quorum,
            expires_after: Seconds::hours(24),
            requester_may_vote: false,
        };
        Self::under(plan, policy)
    }

    pub(crate) fn under(plan: PatchPlan, policy: ApprovalPolicy) -> Self {
        let proposed = RunEvent::Proposed {
            id: RunId::new(plan.environment.clone(), 1),
            plan: Box::new(plan),
            policy,
            requester: person("chie"),
            replaces: None,
            who_is_who: BTreeSet::new(),
            offline: vec![],
        };
        let by = Some(Principal::Person(person("chie")));
        let proposed = Recorded { at: start(), by, event: proposed };
        let run = PatchRun::begin(&proposed).expect("a run begins by being proposed");
        Self {
            run,
            emergency_stop: EmergencyStop::default(),
            before: None,
            token: TOKEN,
            others: vec![],
            people: vec![],
            policy: None,
            quiet: true,
            events: vec![proposed],
        }
    }

    /// A state with only this run, whose configuration is that of its proposal.
    pub(crate) fn state(&self) -> crate::state::State {
        let environment = crate::environment::Environment {
            name: self.run.plan.environment.clone(),
            policy: self.run.policy.clone(),
            policies_by_level: BTreeMap::new(),
            ..crate::plan::tests::environment()
        };
        crate::state::State {
            promotion: crate::environment::Promotion(vec![environment]),
            runs: [(self.run.id.clone(), self.run.clone())].into(),
            ..crate::state::State::default()
        }
    }

    pub(crate) fn current_policy(&self) -> CurrentPolicy<'_> {
        let policy = Some(self.policy.as_ref().unwrap_or(&self.run.policy));
        CurrentPolicy { people: &self.people, policy }
    }

    pub(crate) fn ask(
        &mut self,
        mut request: RunInput,
        now: DateTime<Utc>,
    ) -> Result<usize, Refusal> {
        self.leave_the_window(&mut request);
        let context = RunContext {
            emergency_stop: &self.emergency_stop,
            token: self.token,
            before: self.before.as_ref(),
            others: &self.others,
            policy: self.current_policy(),
        };
        let events = decide(&self.run, &request, context, now)?;
        let events = Recorded::all(events, request.by().as_ref(), now);
        for event in &events {
            self.run.apply(event).expect("what was decided can follow");
        }
        self.events.extend(events.iter().cloned());
        Ok(events.len())
    }

    /// Asks, then ticks until nothing follows. The window is unchanged unless a test changes it.
    fn leave_the_window(&self, request: &mut RunInput) {
        let seen = match request {
            RunInput::Rechecked { windows, .. } => windows,
            RunInput::Preflight { seen, .. } => &mut seen.bound,
            _ => return,
        };
        if seen.is_empty() {
            seen.extend(self.run.plan.window.as_ref().map(unchanged));
        }
    }

    pub(crate) fn go(&mut self, request: RunInput, now: DateTime<Utc>) {
        self.ask(request, now).expect("it is not refused");
        loop {
            while self.ask(RunInput::Tick, now).expect("time is never refused") > 0 {}
            let looks = pending(&self.run, &self.emergency_stop, self.token, now)
                .into_iter()
                .find(|effect| matches!(effect, RunEffect::Preflight { .. }));
            let Some(RunEffect::Preflight { wave, .. }) = looks.filter(|_| self.quiet) else {
                return;
            };
            let seen = Box::new(Seen::default());
            self.ask(RunInput::Preflight { wave, seen }, now).expect("it is not refused");
        }
    }

    pub(crate) fn pending(&self, now: DateTime<Utc>) -> Vec<String> {
        pending(&self.run, &self.emergency_stop, self.token, now)
            .iter()
            .map(RunEffect::key)
            .collect()
    }

    pub(crate) fn approve(&mut self, name: &str, now: DateTime<Utc>) -> Result<usize, Refusal> {
        self.ask(
            RunInput::Approve { actor: actor(name), digest: self.run.digest.short().into() },
            now,
        )
    }

    /// Goes from the votes to the first command.
    pub(crate) fn begun(mut self) -> Self {
        self.approve("aiko", after(1)).expect("an approver");
        let fresh = Box::new(self.run.plan.clone());
        self.go(RunInput::Rechecked { plan: fresh, windows: Vec::new() }, after(2));
        self
    }

    pub(crate) fn open(&self) -> Dispatch {
        let open = self.run.dispatches.values().find(|dispatch| dispatch.status.is_open());
        open.expect("a dispatch is open").clone()
    }

    pub(crate) fn sent(&mut self, now: DateTime<Utc>) -> Dispatch {
        let dispatch = self.open();
        self.go(
            RunInput::Sent { dispatch: dispatch.id.clone(), command: format!("c-{}", dispatch.id) },
            now,
        );
        dispatch
    }

    pub(crate) fn heard(
        &mut self,
        dispatch: &Dispatch,
        status: InvocationStatus,
        now: DateTime<Utc>,
    ) {
        let invocations = dispatch.nodes.iter().map(|node| (node.clone(), status)).collect();
        self.go(RunInput::Heard { dispatch: dispatch.id.clone(), invocations }, now);
    }

    /// A wave whose nodes all end with `counts`.
    pub(crate) fn wave(&mut self, counts: PatchCounts, now: DateTime<Utc>) {
        for _ in [Operation::Install, Operation::Scan] {
            let dispatch = self.sent(now);
            self.heard(&dispatch, InvocationStatus::Success, now);
        }
        let rows =
            (0..counts.missing.unwrap_or(0)).map(|n| absent(&format!("other-{n}.x86_64"), ""));
        self.judged(counts, Listing { missing: rows.collect(), ..listing() }, now);
    }

    /// Every node that was scanned reports these counts and this listing.
    pub(crate) fn judged(&mut self, counts: PatchCounts, listing: Listing, now: DateTime<Utc>) {
        let states = self.states(counts, now);
        let listings = states.keys().map(|node| (node.clone(), listing.clone())).collect();
        let lookup_results = LookupResults { listings, ..LookupResults::default() };
        self.go(RunInput::States { states, lookup_results }, now);
    }

    pub(crate) fn states(
        &self,
        counts: PatchCounts,
        now: DateTime<Utc>,
    ) -> BTreeMap<NodeId, NodePatchState> {
        let (wave, _) = self.run.step().expect("it is running");
        let scans = self.run.latest(wave, Operation::Scan);
        let state = |scan: &Dispatch| NodePatchState {
            snapshot: Some(scan.snapshot),
            operation: "Scan".into(),
            ended_at: Some(now),
            baseline: None,
            counts,
        };
        scans
            .iter()
            .flat_map(|scan| scan.nodes.iter().map(|node| (node.clone(), state(scan))))
            .collect()
    }
}

/// AWS lists these commands with our marks.
pub(crate) fn found(dispatch: &DispatchId, commands: &[&str]) -> RunInput {
    RunInput::Reconciled {
        dispatch: dispatch.clone(),
        commands: commands.iter().map(|id| (*id).to_owned()).collect(),
        reported: vec![],
    }
}

/// A listing with nothing missing, and nothing that the baseline approves installed.
pub(crate) fn listing() -> Listing {
    Listing { present: present([]), ..Listing::default() }
}

/// Installed patches in as many rows as [`counts`] counts, because one article may have several.
pub(crate) fn present(installed: impl IntoIterator<Item = Installed>) -> Option<Present> {
    Some(Present { installed: installed.into_iter().collect(), rows: 12 })
}

pub(crate) fn absent(id: &str, title: &str) -> Absent {
    let id = PatchId(id.into());
    let is_definition = is_definition(&id, title, "");
    Absent { id, title: title.into(), is_definition }
}

pub(crate) fn counts(missing: u32) -> PatchCounts {
    PatchCounts {
        installed: Some(9),
        installed_other: Some(3),
        pending_reboot: Some(0),
        installed_rejected: Some(0),
        missing: Some(missing),
        failed: Some(0),
        available_security_updates: Some(0),
        non_compliant: None,
    }
}

#[test]
fn only_named_others_decide_and_each_of_them_once() {
    let mut scenario = Scenario::new(plan(Pin::First), 2);
    assert!(matches!(scenario.approve("chie", after(1)), Err(Refusal::OwnRequest { .. })));
    assert!(matches!(scenario.approve("mallory", after(1)), Err(Refusal::NotAnApprover { .. })));
    assert_eq!(scenario.approve("aiko", after(2)), Ok(1));
    assert!(
        matches!(scenario.approve("aiko", after(3)), Err(Refusal::AlreadyVoted { at, .. }) if at == after(2))
    );
    assert_eq!(scenario.run.phase, Phase::Waiting);
    assert_eq!(scenario.approve("ben", after(4)), Ok(2));
    assert_eq!(scenario.run.phase, Phase::Approved { at: after(4) });
    let late = scenario.approve("aiko", after(5));
    assert!(matches!(late, Err(Refusal::NotWaiting { now: Settled::Approved, .. })));
}

#[test]
fn a_card_of_another_plan_decides_nothing() {
    let mut scenario = Scenario::new(plan(Pin::First), 1);
    let request = RunInput::Approve { actor: actor("aiko"), digest: "0123456789ab".into() };
    assert!(matches!(scenario.ask(request, after(1)), Err(Refusal::OtherPlan { .. })));
    assert!(scenario.run.votes.is_empty());
}

#[test]
fn a_vote_can_be_withdrawn_until_it_starts() {
    let mut scenario = Scenario::new(plan(Pin::First), 1);
    scenario.approve("aiko", after(1)).expect("an approver");
    scenario.ask(RunInput::Withdraw { actor: actor("aiko") }, after(2)).expect("her own vote");
    assert_eq!(scenario.run.phase, Phase::Waiting);
    let none = scenario.ask(RunInput::Withdraw { actor: actor("ben") }, after(3));
    assert!(matches!(none, Err(Refusal::NoVote { .. })));
    let mut scenario = scenario.begun();
    let late = scenario.ask(RunInput::Withdraw { actor: actor("aiko") }, after(9));
    assert!(matches!(late, Err(Refusal::NotWaiting { now: Settled::Running, .. })));
}

fn voter(accounts: &[&str], name: &str) -> Actor {
    use crate::id::person::tests::slack;
    let person = PersonRef::new(slack(accounts[0]), name);
    let person = person.linked_to(accounts.iter().map(|account| slack(account)));
    Actor { person, ..actor(name) }
}

/// A plan that `requester` asked for and that needs this many votes of the group `sre`.
fn by_the_group(requester: PersonRef, quorum: u32) -> Scenario {
    let mut scenario = Scenario::new(plan(Pin::First), quorum);
    scenario.run.policy.approvers = vec![Approver::Group(crate::id::GroupRef("sre".into()))];
    scenario.run.requester = requester;
    scenario
}

fn votes(scenario: &mut Scenario, accounts: &[&str], name: &str) -> Result<usize, Refusal> {
    let mut actor = voter(accounts, name);
    actor.groups.insert(crate::id::GroupRef("sre".into()));
    let digest = scenario.run.digest.short().to_owned();
    scenario.ask(RunInput::Approve { actor, digest }, after(1))
}

#[test]
fn whatever_people_are_called_and_linked_to_one_human_has_one_vote() {
    let check = |first: &[&str], second: &[&str]| {
        let mut scenario = by_the_group(person("chie"), 2);
        votes(&mut scenario, first, "aiko").expect("a vote");
        let again = votes(&mut scenario, second, "somebody new");
        assert!(matches!(again, Err(Refusal::AlreadyVoted { .. })), "{first:?} {second:?}");
        assert_eq!(
            (scenario.run.voters(scenario.current_policy()), &scenario.run.phase),
            (1, &Phase::Waiting)
        );
    };
    // Renamed; linked; unlinked; linked to another of their accounts.
    check(&["A"], &["A"]);
    check(&["A"], &["B", "A"]);
    check(&["A", "B"], &["B"]);
    check(&["A", "B"], &["C", "B"]);
}

#[test]
fn a_policy_remembers_who_was_one_human_when_the_plan_was_posted() {
    let mut scenario = by_the_group(person("chie"), 2);
    scenario.run.policy.approvers.push(Approver::Person(voter(&["A", "B"], "aiko").person));
    votes(&mut scenario, &["A"], "aiko").expect("a vote");
    assert!(matches!(votes(&mut scenario, &["B"], "bea"), Err(Refusal::AlreadyVoted { .. })));
    assert!(votes(&mut scenario, &["D"], "dan").is_ok());
    assert_eq!(scenario.run.phase, Phase::Approved { at: after(1) });
}

#[test]
fn two_votes_of_people_who_turn_out_to_be_one_count_once() {
    let mut scenario = by_the_group(person("chie"), 3);
    votes(&mut scenario, &["A"], "aiko").expect("a vote");
    votes(&mut scenario, &["B"], "bea").expect("a vote, as far as anybody knows");
    scenario.people = vec![voter(&["A", "B"], "aiko").person];
    votes(&mut scenario, &["D"], "dan").expect("a vote");
    assert_eq!(scenario.run.phase, Phase::Waiting, "two humans are no three");
    votes(&mut scenario, &["E"], "eve").expect("a vote");
    assert_eq!(scenario.run.phase, Phase::Approved { at: after(1) });
}

fn takes_back(scenario: &mut Scenario, accounts: &[&str]) {
    let withdraw = RunInput::Withdraw { actor: voter(accounts, "aiko") };
    scenario.ask(withdraw, after(1)).expect("a vote of theirs");
}

#[test]
fn a_vote_that_was_taken_back_still_says_whose_accounts_are_whose() {
    let mut scenario = by_the_group(person("chie"), 2);
    votes(&mut scenario, &["A", "B"], "aiko").expect("a vote");
    takes_back(&mut scenario, &["A", "B"]);
    // Unlinked since.
    votes(&mut scenario, &["A"], "aiko").expect("a vote");
    assert!(matches!(votes(&mut scenario, &["B"], "bea"), Err(Refusal::AlreadyVoted { .. })));
    // The same for the person who asked.
    let mut scenario = by_the_group(person("A"), 1);
    scenario.policy =
        Some(ApprovalPolicy { requester_may_vote: true, quorum: 2, ..scenario.run.policy.clone() });
    votes(&mut scenario, &["A", "B"], "aiko").expect("it is allowed");
    takes_back(&mut scenario, &["A", "B"]);
    scenario.policy = None;
    assert!(matches!(votes(&mut scenario, &["B"], "bea"), Err(Refusal::OwnRequest { .. })));
}

/// The plan that replaces `void`: by the same requester, with everything handed on.
fn in_place_of(void: &Scenario, quorum: u32) -> Scenario {
    let mut scenario = by_the_group(void.run.requester.clone(), quorum);
    scenario.run.replaces = Some(void.run.id.clone());
    scenario.run.who_is_who = void.run.handed_on();
    scenario
}

#[test]
fn a_plan_in_place_of_a_void_one_still_knows_who_is_who() {
    // Both are linked while the first plan waits, and unlinked before the next one.
    let mut first = by_the_group(person("C"), 3);
    first.run.policy.approvers.push(Approver::Person(voter(&["E", "F"], "eve").person));
    votes(&mut first, &["A", "B"], "aiko").expect("a vote");
    first.policy = Some(ApprovalPolicy { requester_may_vote: true, ..first.run.policy.clone() });
    votes(&mut first, &["C", "D"], "chie").expect("it is allowed");
    first.policy = None;
    let second = in_place_of(&first, 3);
    // The same over any number of void plans.
    for mut scenario in [in_place_of(&second, 3), second] {
        let own = votes(&mut scenario, &["D"], "dan");
        assert!(matches!(own, Err(Refusal::OwnRequest { .. })), "{own:?}");
        votes(&mut scenario, &["A"], "aiko").expect("a vote");
        votes(&mut scenario, &["E"], "eve").expect("a vote");
        for other in ["B", "F"] {
            let again = votes(&mut scenario, &[other], "somebody new");
            assert!(matches!(again, Err(Refusal::AlreadyVoted { .. })), "{again:?}");
        }
        assert_eq!(
            (scenario.run.voters(scenario.current_policy()), &scenario.run.phase),
            (2, &Phase::Waiting)
        );
        votes(&mut scenario, &["G"], "gen").expect("somebody else votes");
        assert_eq!(scenario.run.phase, Phase::Approved { at: after(1) });
    }
}

#[test]
fn a_workspace_that_joins_an_enterprise_makes_nobody_two() {
    let of = |server: &str| {
        let mut actor = voter(&["A"], "aiko");
        actor.groups.insert(crate::id::GroupRef("sre".into()));
        let account = crate::id::Identity { server: Some(server.into()), ..actor.person.acted };
        Actor { person: PersonRef::new(account, "aiko"), ..actor }
    };
    let vote = |scenario: &mut Scenario, actor: Actor| {
        let digest = scenario.run.digest.short().to_owned();
        scenario.ask(RunInput::Approve { actor, digest }, after(1))
    };
    let mut scenario = by_the_group(person("chie"), 2);
    vote(&mut scenario, of("T0TEAM")).expect("a vote");
    assert!(matches!(vote(&mut scenario, of("E0WHOLE")), Err(Refusal::AlreadyVoted { .. })));
    let mut scenario = by_the_group(of("T0TEAM").person, 1);
    assert!(matches!(vote(&mut scenario, of("E0WHOLE")), Err(Refusal::OwnRequest { .. })));
}

fn of_today(scenario: &mut Scenario, approvers: &[&str], quorum: u32) {
    let approvers = approvers.iter().map(|name| Approver::Person(person(name))).collect();
    scenario.policy = Some(ApprovalPolicy { approvers, quorum, ..scenario.run.policy.clone() });
}

#[test]
fn whoever_is_no_approver_any_longer_does_not_vote_and_their_vote_does_not_count() {
    let mut scenario = Scenario::new(plan(Pin::First), 2);
    scenario.approve("aiko", after(1)).expect("an approver");
    of_today(&mut scenario, &["ben", "dora", "eve"], 2);
    let digest = scenario.run.digest.short().to_owned();
    let reject = |who: &str| RunInput::Reject {
        actor: actor(who),
        digest: digest.clone(),
        reason: "no".into(),
    };
    assert!(matches!(scenario.ask(reject("aiko"), after(2)), Err(Refusal::NotAnApprover { .. })));
    assert_eq!(scenario.run.voters(scenario.current_policy()), 0);
    assert_eq!(scenario.approve("ben", after(2)), Ok(1), "one of two");
    assert_eq!(
        scenario.run.counting(scenario.current_policy()),
        [&person("ben")],
        "only he is named"
    );
    assert_eq!(scenario.approve("dora", after(3)), Ok(2), "who was named since decides");
    let mut nobody = Scenario::new(plan(Pin::First), 1);
    of_today(&mut nobody, &[], 1);
    let refused = nobody.approve("aiko", after(1));
    assert!(matches!(refused, Err(Refusal::NobodyMayApprove { .. })));
}

#[test]
fn an_account_that_belongs_to_somebody_else_by_now_gives_them_no_right() {
    let mut scenario = Scenario::new(plan(Pin::First), 1);
    scenario.run.policy.approvers = vec![Approver::Person(voter(&["aiko", "B"], "aiko").person)];
    of_today(&mut scenario, &["aiko"], 1);
    let digest = scenario.run.digest.short().to_owned();
    let ben = voter(&["B", "ben"], "ben");
    let vote = RunInput::Approve { actor: ben, digest };
    assert!(matches!(scenario.ask(vote, after(1)), Err(Refusal::NotAnApprover { .. })));
}

#[test]
fn an_approved_plan_whose_votes_no_longer_suffice_does_not_start() {
    let approved = || {
        let mut scenario = Scenario::new(plan(Pin::First), 2);
        scenario.approve("aiko", after(1)).expect("an approver");
        scenario.approve("ben", after(1)).expect("an approver");
        assert_eq!(scenario.run.phase, Phase::Approved { at: after(1) });
        scenario
    };
    let check = |mut scenario: Scenario, voters: u32, quorum: u32| {
        scenario.ask(RunInput::Tick, after(2)).expect("time is never refused");
        let why = VoidReason::TooFewVotes { voters, quorum };
        assert_eq!(scenario.run.phase, Phase::Voided { why, replan: true, at: after(2) });
    };
    // Somebody was removed from the approvers; the quorum was raised; both turn out to be one
    // person.
    let mut scenario = approved();
    of_today(&mut scenario, &["ben", "dora"], 2);
    check(scenario, 1, 2);
    let mut scenario = approved();
    of_today(&mut scenario, &["aiko", "ben", "dora"], 3);
    check(scenario, 2, 3);
    let mut scenario = approved();
    scenario.people = vec![voter(&["aiko", "ben"], "aiko").person];
    check(scenario, 1, 2);
    // One of them turns out to have asked for the plan.
    let mut scenario = approved();
    scenario.people = vec![voter(&["chie", "ben"], "chie").person];
    check(scenario, 1, 2);
    let mut scenario = approved();
    scenario.people = vec![voter(&["aiko", "A"], "aiko").person];
    of_today(&mut scenario, &["aiko", "ben", "dora"], 2);
    scenario.ask(RunInput::Tick, after(2)).expect("time is never refused");
    assert_eq!(scenario.run.phase, Phase::Approved { at: after(1) }, "these change nothing");
}

#[test]
fn whoever_asked_is_no_second_person_by_another_name_or_account() {
    let own = |requester: &[&str], voter_is: &[&str]| {
        let mut scenario = by_the_group(voter(requester, "chie").person, 1);
        let refused = votes(&mut scenario, voter_is, "somebody new");
        assert!(matches!(refused, Err(Refusal::OwnRequest { .. })), "{requester:?} {voter_is:?}");
    };
    own(&["A"], &["A"]);
    own(&["A"], &["B", "A"]);
    own(&["A", "B"], &["B"]);
    own(&["A", "B"], &["C", "B"]);
    // Their other account had voted before it was known to be theirs.
    let mut scenario = by_the_group(person("A"), 2);
    votes(&mut scenario, &["B"], "bea").expect("a vote, as far as anybody knows");
    scenario.people = vec![voter(&["A", "B"], "chie").person];
    votes(&mut scenario, &["D"], "dan").expect("a vote");
    assert_eq!(scenario.run.phase, Phase::Waiting);
}

#[test]
fn a_vote_is_taken_back_by_whatever_account_of_the_same_human() {
    let mut scenario = by_the_group(person("chie"), 2);
    votes(&mut scenario, &["A", "B"], "aiko").expect("a vote");
    let back = |scenario: &mut Scenario, account: &str| {
        scenario.ask(RunInput::Withdraw { actor: voter(&[account], "new") }, after(2))
    };
    assert!(matches!(back(&mut scenario, "C"), Err(Refusal::NoVote { .. })));
    back(&mut scenario, "B").expect("it is theirs");
    assert_eq!(scenario.run.voters(scenario.current_policy()), 0);
}

#[test]
fn an_approver_can_say_no_and_who_asked_can_take_it_back() {
    let reject = |name: &str, reason: &str| {
        let mut scenario = Scenario::new(plan(Pin::First), 1);
        let digest = scenario.run.digest.short().to_owned();
        let request = RunInput::Reject { actor: actor(name), digest, reason: reason.to_owned() };
        scenario.ask(request, after(1)).map(|_| scenario.run.phase)
    };
    for name in ["aiko", "chie"] {
        let (by, reason) = (person(name), "quarter end".into());
        assert_eq!(reject(name, " quarter end "), Ok(Phase::Rejected { by, reason, at: after(1) }));
    }
    assert!(matches!(reject("mallory", "no"), Err(Refusal::NotAnApprover { .. })));
    assert!(matches!(reject("aiko", "\n"), Err(Refusal::NoReason)));
    assert!(matches!(reject("aiko", &"x".repeat(501)), Err(Refusal::LongReason { limit: 500 })));
}

#[test]
fn nobody_decides_in_time() {
    let mut scenario = Scenario::new(plan(Pin::First), 1);
    scenario.go(RunInput::Tick, after(24 * 60 - 1));
    assert_eq!(scenario.run.phase, Phase::Waiting);
    assert!(
        scenario.approve("aiko", after(24 * 60)).is_err(),
        "a vote after the end counts for nothing"
    );
    scenario.go(RunInput::Tick, after(24 * 60));
    assert_eq!(scenario.run.phase, Phase::Expired { at: after(24 * 60) });
}

#[test]
fn a_quiet_run_goes_canary_first_and_ends_proven() {
    let mut scenario = Scenario::new(plan(Pin::First), 1);
    assert_eq!(scenario.pending(after(1)), Vec::<String>::new());
    scenario.approve("aiko", after(1)).expect("an approver");
    assert_eq!(scenario.pending(after(1)), ["verification-1/recheck"]);
    let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
    assert_eq!(scenario.pending(after(2)), ["verification-1/send/install-w0-c0:1"]);
    assert_eq!(scenario.open().nodes, [NodeId("i-1".into())], "the canary alone");
    scenario.wave(counts(0), after(5));
    assert_eq!(scenario.open().nodes.len(), 2, "then the others");
    scenario.wave(counts(0), after(9));
    assert_eq!(scenario.run.phase, Phase::Finished { at: after(9) });
    let proof_at = |now| proof(&environment(), [&scenario.run], now);
    assert!(
        matches!(proof_at(after(18)), Err(Unproven::Soaking { until, .. }) if until == after(19))
    );
    assert_eq!(proof_at(after(19)).map(|proof| proof.run), Ok(scenario.run.id.clone()));
    assert!(matches!(proof_at(after(32 * 24 * 60)), Err(Unproven::TooOld { .. })));
}

#[test]
fn a_bad_canary_calls_the_rest_off() {
    let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
    scenario.wave(counts(2), after(5));
    let expected = StopReason::OverBudget { wave: 0, nodes: vec![NodeId("i-1".into())] };
    assert_eq!(scenario.run.phase, Phase::Stopped { why: expected, by: None, at: after(5) });
    assert!(matches!(
        proof(&environment(), [&scenario.run], after(99)),
        Err(Unproven::NotCompliant { compliant: 0, nodes: 3, .. })
    ));
}

#[test]
fn a_node_is_judged_by_its_own_fresh_state_and_by_nothing_else() {
    let judge_with = |status: InvocationStatus, change: fn(&mut NodePatchState), minutes: i64| {
        let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
        let install = scenario.sent(after(3));
        scenario.heard(&install, InvocationStatus::Success, after(4));
        let scan = scenario.sent(after(4));
        scenario.heard(&scan, status, after(5));
        let mut states = scenario.states(counts(0), after(5));
        states.values_mut().for_each(change);
        scenario.go(
            RunInput::States { states, lookup_results: LookupResults::default() },
            after(5 + minutes),
        );
        scenario.run.verdicts.get(&NodeId("i-1".into())).cloned()
    };
    let unknown = |why| Some(Verdict::Unknown(why));
    use InvocationStatus::{Failed, Success, Undeliverable};
    assert_eq!(judge_with(Success, |_| (), 0), Some(Verdict::Compliant { installed: 9 }));
    // "Failed" says nothing about the patches once the node has reported.
    assert_eq!(judge_with(Failed, |_| (), 0), Some(Verdict::Compliant { installed: 9 }));
    let reboot = |state: &mut NodePatchState| state.counts.pending_reboot = Some(1);
    assert!(matches!(judge_with(Success, reboot, 0), Some(Verdict::PendingReboot(_))));
    let failed = |state: &mut NodePatchState| state.counts.missing = None;
    assert_eq!(judge_with(Success, failed, 0), unknown(UnknownWhy::ScanFailed));
    let epoch = |state: &mut NodePatchState| state.ended_at = None;
    assert_eq!(judge_with(Success, epoch, 0), unknown(UnknownWhy::NeverEnded));
    // The clock of the host was hours ahead when it sent: the snapshot id is ours all the same.
    let behind = |state: &mut NodePatchState| {
        state.ended_at = state.ended_at.map(|at| at - TimeDelta::hours(3));
    };
    assert_eq!(judge_with(Success, behind, 0), Some(Verdict::Compliant { installed: 9 }));
    let in_1970 = |state: &mut NodePatchState| state.ended_at = Some(DateTime::UNIX_EPOCH);
    let old = UnknownWhy::OldReport { ended_at: DateTime::UNIX_EPOCH };
    assert_eq!(judge_with(Success, in_1970, 0), unknown(old));
    let foreign = |state: &mut NodePatchState| state.snapshot = Some(uuid::Uuid::nil());
    assert_eq!(judge_with(Success, foreign, 4), None, "it may still show");
    assert_eq!(judge_with(Success, foreign, 5), None, "then ours is sent again");
    let old = |state: &mut NodePatchState| {
        state.snapshot = None;
        state.ended_at = Some(start() - TimeDelta::days(1));
    };
    assert_eq!(judge_with(Success, old, 5), unknown(UnknownWhy::NoReport));
    let silent = UnknownWhy::NoAnswer { status: Some(Undeliverable) };
    assert_eq!(judge_with(Undeliverable, foreign, 0), unknown(silent));
}

#[test]
fn what_another_process_meant_to_send_is_looked_for_and_never_sent_again_by_itself() {
    let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
    scenario.token = TOKEN + 1;
    assert_eq!(
        scenario.pending(after(3)),
        Vec::<String>::new(),
        "another process meant to send it"
    );
    scenario.go(RunInput::Tick, after(3));
    assert_eq!(scenario.pending(after(3)), ["verification-1/reconcile/install-w0-c0:1"]);
    scenario.go(RunInput::Tick, after(8));
    let asked =
        matches!(scenario.open().status, DispatchStatus::Uncertain { asked_at: Some(_), .. });
    assert!(asked, "after five minutes a person is asked");
    assert_eq!(scenario.pending(after(999)), ["verification-1/reconcile/install-w0-c0:1"]);
    let dispatch = scenario.open().id;
    let not_sent = |name: &str, reason: &str| RunInput::NotSent {
        actor: actor(name),
        dispatch: dispatch.clone(),
        reason: reason.into(),
    };
    assert!(matches!(
        scenario.ask(not_sent("mallory", "sure"), after(9)),
        Err(Refusal::NotAnApprover { .. })
    ));
    assert!(matches!(scenario.ask(not_sent("ben", "  "), after(9)), Err(Refusal::NoReason)));
    scenario.go(not_sent("ben", "not in the command history"), after(9));
    assert_eq!(scenario.pending(after(9)), ["verification-1/send/install-w0-c0:2"]);
    let [first, second] = [1, 2].map(|attempt| DispatchId { attempt, ..dispatch.clone() });
    let snapshot =
        |id: &DispatchId| scenario.run.dispatches.get(id).map(|dispatch| dispatch.snapshot);
    assert_ne!(snapshot(&first), snapshot(&second), "another attempt is another command");
}

#[test]
fn what_was_found_at_aws_is_gone_on_with() {
    let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
    let dispatch = scenario.open().id;
    scenario.go(
        RunInput::SendUncertain { dispatch: dispatch.clone(), why: "connection reset".into() },
        after(3),
    );
    scenario.go(found(&dispatch, &["c-9"]), after(4));
    assert_eq!(scenario.pending(after(4)), ["verification-1/watch/install-w0-c0:1"]);
    // A late or second answer to the same send changes nothing.
    let again = RunInput::Sent { dispatch, command: "c-10".into() };
    assert_eq!(scenario.ask(again, after(5)), Ok(0));
}

#[test]
fn the_emergency_stop_stops_what_is_not_sent_and_cancels_what_is() {
    let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
    let stop = Stop { by: person("ben"), reason: "alarms".into(), at: after(3) };
    scenario.emergency_stop = EmergencyStop { stop: Some(stop) };
    assert_eq!(scenario.pending(after(3)), Vec::<String>::new());
    scenario.emergency_stop = EmergencyStop::default();
    scenario.sent(after(3));
    scenario.emergency_stop = EmergencyStop {
        stop: Some(Stop { by: person("ben"), reason: "alarms".into(), at: after(4) }),
    };
    let keys = scenario.pending(after(4));
    assert_eq!(
        keys,
        ["verification-1/cancel/install-w0-c0:1", "verification-1/watch/install-w0-c0:1"]
    );
}

#[test]
fn what_has_changed_since_the_votes_voids_them() {
    let mut scenario = Scenario::new(plan(Pin::First), 1);
    scenario.approve("aiko", after(1)).expect("an approver");
    let mut fresh = scenario.run.plan.clone();
    fresh.waves[1].push(node("i-4"));
    scenario.go(RunInput::Rechecked { plan: Box::new(fresh), windows: Vec::new() }, after(2));
    let Phase::Voided { why: VoidReason::Drifted(drift), replan: true, .. } = &scenario.run.phase
    else {
        panic!("{:?}", scenario.run.phase)
    };
    assert_eq!(drift.nodes_new, [NodeId("i-4".into())]);
    assert_eq!(scenario.pending(after(2)), ["verification-1/replan"]);
}

pub(crate) fn baseline(system: &str, id: &str) -> PatchBaseline {
    PatchBaseline {
        operating_system: system.into(),
        id: id.into(),
        name: format!("AWS-{system}DefaultPatchBaseline"),
        approves_after_days: Some(7),
        is_default: true,
        available_security_updates: None,
        modified_at: None,
    }
}

#[test]
fn another_baseline_is_another_plan() {
    let before = vec![baseline("AmazonLinux2023", "pb-1"), baseline("WindowsServer", "pb-2")];
    let planned = PatchPlan { baselines: before.clone(), ..plan(Pin::First) };
    let check = |change: &dyn Fn(&mut Vec<PatchBaseline>), voids: bool| {
        let mut scenario = Scenario::new(planned.clone(), 1);
        scenario.approve("aiko", after(1)).expect("an approver");
        let mut fresh = planned.clone();
        change(&mut fresh.baselines);
        assert_eq!(fresh.digest() != planned.digest(), voids, "{:?}", fresh.baselines);
        scenario.go(RunInput::Rechecked { plan: Box::new(fresh), windows: Vec::new() }, after(2));
        match &scenario.run.phase {
            Phase::Voided { why: VoidReason::Drifted(drift), replan: true, .. } => {
                assert!(voids && drift.baselines_changed && drift.nodes_new.is_empty());
            }
            phase => assert!(!voids, "{phase:?}"),
        }
    };
    check(&|baselines| baselines[0].id = "pb-3".into(), true);
    check(&|baselines| baselines[0].modified_at = Some(after(1)), true);
    check(&|baselines| baselines[1].approves_after_days = Some(0), true);
    check(&|baselines| baselines.truncate(1), true);
    // The same rules under another name, or in another order, decide the same.
    check(&|baselines| baselines[0].name = "renamed".into(), false);
    check(&|baselines| baselines.reverse(), false);
}

#[test]
fn nothing_starts_outside_of_its_window() {
    let mut windowed = plan(Pin::First);
    windowed.window = Some(occurrence("nightly", after(60), after(120), after(180)));
    let mut scenario = Scenario::new(windowed.clone(), 1);
    scenario.approve("aiko", after(1)).expect("an approver");
    assert_eq!(scenario.pending(after(59)), Vec::<String>::new());
    assert_eq!(scenario.pending(after(60)), ["verification-1/recheck"]);
    scenario.go(RunInput::Tick, after(121));
    assert!(matches!(
        scenario.run.phase,
        Phase::Voided { why: VoidReason::WindowMissed, replan: false, .. }
    ));
    // A wave is not started if the window leaves no time for it.
    let mut scenario = Scenario::new(windowed, 1);
    scenario.approve("aiko", after(1)).expect("an approver");
    let fresh = Box::new(scenario.run.plan.clone());
    scenario.go(RunInput::Rechecked { plan: fresh, windows: Vec::new() }, after(61));
    scenario.wave(counts(0), after(121));
    assert!(matches!(
        scenario.run.phase,
        Phase::Stopped { why: StopReason::WindowClosed { wave: 1 }, .. }
    ));
}

pub(crate) const OPENSSH: &str = "openssh.x86_64:0:8.7p1-8.amzn2023.0.11";

pub(crate) fn pinned(by: u32) -> Pin {
    Pin::Proven {
        by: RunId::new("verification".parse().expect("a name"), by),
        patches: vec![Pinned {
            system: "amazon linux 2023".into(),
            id: PatchId("openssh.x86_64".into()),
            title: OPENSSH.into(),
        }],
        location: "s3://lists/one.yaml".into(),
    }
}

#[test]
fn production_cannot_be_approved_before_it_is_proven_nor_on_a_proof_that_is_gone() {
    let needs: EnvironmentName = "verification".parse().expect("a name");
    let mut scenario =
        Scenario::new(plan(Pin::NotProven { needs: needs.clone(), why: Unproven::NeverRun }), 1);
    scenario.before = Some(Err(Unproven::NeverRun));
    assert!(matches!(scenario.approve("aiko", after(1)), Err(Refusal::NotProven { .. })));
    let proof = |number| Proof {
        run: RunId::new(needs.clone(), number),
        since: start(),
        proven: Default::default(),
    };
    scenario.before = Some(Ok(proof(1)));
    scenario.go(RunInput::Tick, after(2));
    assert!(matches!(
        scenario.run.phase,
        Phase::Voided { why: VoidReason::NowProven { .. }, replan: true, .. }
    ));
    // Pinned to a proof that no longer holds.
    let mut scenario = Scenario::new(plan(pinned(1)), 1);
    scenario.before = Some(Err(Unproven::NeverRun));
    assert!(matches!(scenario.approve("aiko", after(1)), Err(Refusal::NotProven { .. })));
    scenario.before = Some(Ok(proof(1)));
    assert_eq!(scenario.approve("aiko", after(1)), Ok(2));
    let fresh = Box::new(scenario.run.plan.clone());
    scenario.go(RunInput::Rechecked { plan: fresh, windows: Vec::new() }, after(2));
    assert_eq!(
        scenario.pending(after(2)),
        ["verification-1/publish-list"],
        "the list is there before any node is told"
    );
    scenario.go(RunInput::ListPublished, after(3));
    assert_eq!(scenario.pending(after(3)), ["verification-1/send/install-w0-c0:1"]);
}

#[test]
fn an_install_that_the_window_overtakes_is_never_sent() {
    let mut windowed = plan(Pin::First);
    windowed.window = Some(occurrence("nightly", after(0), after(30), after(60)));
    let begun = || Scenario::new(windowed.clone(), 1).begun();
    // Stopped before it was sent, and resumed too late.
    let mut scenario = begun();
    assert_eq!(scenario.pending(after(31)), Vec::<String>::new());
    scenario.go(RunInput::Tick, after(33));
    // Only this process knows whether it had begun to send it.
    assert_eq!(scenario.pending(after(33)), ["verification-1/abandon/install-w0-c0:1"]);
    let dispatch = scenario.open().id;
    scenario.go(RunInput::DispatchAbandoned { dispatch }, after(33));
    assert!(matches!(
        scenario.run.phase,
        Phase::Stopped { why: StopReason::WindowClosed { wave: 0 }, .. }
    ));
    // Somebody finds out too late that it was never sent.
    let mut scenario = begun();
    let dispatch = scenario.open().id;
    scenario
        .go(RunInput::SendUncertain { dispatch: dispatch.clone(), why: "reset".into() }, after(3));
    scenario.go(RunInput::Tick, after(8));
    let reason = "not in the command history".into();
    scenario.go(RunInput::NotSent { actor: actor("ben"), dispatch, reason }, after(31));
    assert!(matches!(
        scenario.run.phase,
        Phase::Stopped { why: StopReason::WindowClosed { wave: 0 }, .. }
    ));
    // What AWS has is watched to its end all the same.
    let mut scenario = begun();
    scenario.wave(counts(0), after(31));
    assert!(matches!(
        scenario.run.phase,
        Phase::Stopped { why: StopReason::WindowClosed { wave: 1 }, .. }
    ));
}

#[test]
fn replay_gives_the_same_run() {
    let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
    scenario.wave(counts(0), after(5));
    scenario.wave(counts(1), after(9));
    let stored: Vec<Recorded<RunEvent>> = scenario
        .events
        .iter()
        .map(|event| {
            serde_json::from_str(&serde_json::to_string(event).expect("JSON")).expect("the same")
        })
        .collect();
    assert_eq!(replayed(&stored), Ok(scenario.run));
}

#[test]
fn an_event_that_cannot_follow_is_a_fault_and_not_ignored() {
    let scenario = Scenario::new(plan(Pin::First), 1);
    let finished = Recorded { at: after(1), by: None, event: RunEvent::Finished };
    let mut run = scenario.run.clone();
    assert!(run.apply(&finished).is_err());
    assert_eq!(run, scenario.run, "nothing has changed");
    assert!(PatchRun::begin(&finished).is_err());
}
