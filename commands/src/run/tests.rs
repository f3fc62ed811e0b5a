//! The life of a run, told without a network: what is decided, what is then pending, and what a
//! reader sees.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::emergency_stop::{EmergencyStop, Stop};
use crate::environment::policy::{Approver, Today};
use crate::environment::{OnDrift, Patience, RebootOption};
use crate::fleet::agent::Sightings;
use crate::fleet::listing::{Absent, Listing, Present};
use crate::fleet::node::{InvocationStatus, NodePatchState, PatchCounts, Platform};
use crate::fleet::survey::{Installed, PatchBaseline};
use crate::id::{Actor, EnvironmentName};
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
        whence: crate::id::Whence::Channel,
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
        unsettled: BTreeMap::new(),
        baselines: vec![],
        pin,
        reboot: RebootOption::RebootIfNeeded,
        error_budget: 0,
        concurrency: None,
        on_drift: OnDrift::Void,
        window: None,
        patience: Patience::default(),
        soak: Seconds::minutes(10),
        proof_lasts: Seconds::days(30),
        decided_by: None,
        wished: None,
    }
}

/// The run that a record is of.
pub(crate) fn replayed(record: &[Recorded<RunEvent>]) -> Result<PatchRun, Impossible> {
    let mut run = PatchRun::begin(&record[0])?;
    record[1..].iter().try_for_each(|recorded| run.apply(recorded))?;
    Ok(run)
}

/// What was told of last.
pub(crate) fn last(run: &PatchRun) -> Option<&RunEvent> {
    run.story.last().map(|told| &told.event)
}

/// A run and the world as far as the test has told it.
pub(crate) struct Told {
    pub(crate) run: PatchRun,
    pub(crate) emergency_stop: EmergencyStop,
    before: Option<Result<Proof, Unproven>>,
    pub(crate) token: u64,
    /// Other runs that work on the same nodes.
    pub(crate) others: Vec<Overlap>,
    /// Who is who today.
    pub(crate) people: Vec<PersonRef>,
    /// Who may vote today; as when it was proposed, where a test says nothing of it.
    pub(crate) policy: Option<ApprovalPolicy>,
    /// Whether each look before a wave finds nothing in the way and every node there.
    pub(crate) quiet: bool,
    events: Vec<Recorded<RunEvent>>,
}

impl Told {
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

    /// A book that knows of this run alone, and whose configuration is that of when it was proposed.
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

    pub(crate) fn today(&self) -> Today<'_> {
        let policy = Some(self.policy.as_ref().unwrap_or(&self.run.policy));
        Today { people: &self.people, policy }
    }

    pub(crate) fn ask(
        &mut self,
        mut request: RunRequest,
        now: DateTime<Utc>,
    ) -> Result<usize, Refusal> {
        self.leave_the_window(&mut request);
        let circumstances = Circumstances {
            emergency_stop: &self.emergency_stop,
            token: self.token,
            before: self.before.as_ref(),
            others: &self.others,
            today: self.today(),
        };
        let events = decide(&self.run, &request, circumstances, now)?;
        let events = Recorded::all(events, request.by().as_ref(), now);
        for event in &events {
            self.run.apply(event).expect("what was decided can follow");
        }
        self.events.extend(events.iter().cloned());
        Ok(events.len())
    }

    /// Asks, then lets time decide until nothing follows.
    /// A window is as it was where a test says nothing of it.
    fn leave_the_window(&self, request: &mut RunRequest) {
        let seen = match request {
            RunRequest::Rechecked { windows, .. } => windows,
            RunRequest::Preflight { seen, .. } => &mut seen.bound,
            _ => return,
        };
        if seen.is_empty() {
            seen.extend(self.run.plan.window.as_ref().map(unchanged));
        }
    }

    pub(crate) fn go(&mut self, request: RunRequest, now: DateTime<Utc>) {
        self.ask(request, now).expect("it is not refused");
        loop {
            while self.ask(RunRequest::Tick, now).expect("time is never refused") > 0 {}
            let looks = pending(&self.run, &self.emergency_stop, self.token, now)
                .into_iter()
                .find(|effect| matches!(effect, RunEffect::Preflight { .. }));
            let Some(RunEffect::Preflight { wave, .. }) = looks.filter(|_| self.quiet) else {
                return;
            };
            let seen = Box::new(Seen::default());
            self.ask(RunRequest::Preflight { wave, seen }, now).expect("it is not refused");
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
            RunRequest::Approve { actor: actor(name), digest: self.run.digest.short().into() },
            now,
        )
    }

    /// From the votes to the first command.
    pub(crate) fn begun(mut self) -> Self {
        self.approve("aiko", after(1)).expect("an approver");
        let fresh = Box::new(self.run.plan.clone());
        self.go(RunRequest::Rechecked { plan: fresh, windows: Vec::new() }, after(2));
        self
    }

    pub(crate) fn open(&self) -> Dispatch {
        let open = self.run.dispatches.values().find(|dispatch| dispatch.status.is_open());
        open.expect("a dispatch is open").clone()
    }

    pub(crate) fn sent(&mut self, now: DateTime<Utc>) -> Dispatch {
        let dispatch = self.open();
        self.go(
            RunRequest::Sent {
                dispatch: dispatch.id.clone(),
                command: format!("c-{}", dispatch.id),
            },
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
        self.go(RunRequest::Heard { dispatch: dispatch.id.clone(), invocations }, now);
    }

    /// A wave whose nodes all end as `counts` says.
    pub(crate) fn wave(&mut self, counts: PatchCounts, now: DateTime<Utc>) {
        for _ in [Operation::Install, Operation::Scan] {
            let dispatch = self.sent(now);
            self.heard(&dispatch, InvocationStatus::Success, now);
        }
        let rows =
            (0..counts.missing.unwrap_or(0)).map(|n| absent(&format!("other-{n}.x86_64"), ""));
        self.judged(counts, Listing { missing: rows.collect(), ..listing() }, now);
    }

    /// Every node that was scanned reports and lists this.
    pub(crate) fn judged(&mut self, counts: PatchCounts, listing: Listing, now: DateTime<Utc>) {
        let states = self.states(counts, now);
        let listings = states.keys().map(|node| (node.clone(), listing.clone())).collect();
        let sightings = Sightings { listings, ..Sightings::default() };
        self.go(RunRequest::States { states, sightings }, now);
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

/// AWS shows these commands with our marks.
pub(crate) fn found(dispatch: &DispatchId, commands: &[&str]) -> RunRequest {
    RunRequest::Reconciled {
        dispatch: dispatch.clone(),
        commands: commands.iter().map(|id| (*id).to_owned()).collect(),
        reported: vec![],
    }
}

/// Nothing is missing, and nothing of the baseline is there.
pub(crate) fn listing() -> Listing {
    Listing { present: present([]), ..Listing::default() }
}

/// In as many rows as [`counts`] counts: one article may stand in several.
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
    let mut told = Told::new(plan(Pin::First), 2);
    assert!(matches!(told.approve("chie", after(1)), Err(Refusal::OwnRequest { .. })));
    assert!(matches!(told.approve("mallory", after(1)), Err(Refusal::NotAnApprover { .. })));
    assert_eq!(told.approve("aiko", after(2)), Ok(1));
    assert!(
        matches!(told.approve("aiko", after(3)), Err(Refusal::AlreadyVoted { at, .. }) if at == after(2))
    );
    assert_eq!(told.run.phase, Phase::Waiting);
    assert_eq!(told.approve("ben", after(4)), Ok(2));
    assert_eq!(told.run.phase, Phase::Approved { at: after(4) });
    let late = told.approve("aiko", after(5));
    assert!(matches!(late, Err(Refusal::NotWaiting { now: Settled::Approved, .. })));
}

#[test]
fn a_card_of_another_plan_decides_nothing() {
    let mut told = Told::new(plan(Pin::First), 1);
    let request = RunRequest::Approve { actor: actor("aiko"), digest: "0123456789ab".into() };
    assert!(matches!(told.ask(request, after(1)), Err(Refusal::OtherPlan { .. })));
    assert!(told.run.votes.is_empty());
}

#[test]
fn a_vote_can_be_withdrawn_until_it_starts() {
    let mut told = Told::new(plan(Pin::First), 1);
    told.approve("aiko", after(1)).expect("an approver");
    told.ask(RunRequest::Withdraw { actor: actor("aiko") }, after(2)).expect("her own vote");
    assert_eq!(told.run.phase, Phase::Waiting);
    let none = told.ask(RunRequest::Withdraw { actor: actor("ben") }, after(3));
    assert!(matches!(none, Err(Refusal::NoVote { .. })));
    let mut told = told.begun();
    let late = told.ask(RunRequest::Withdraw { actor: actor("aiko") }, after(9));
    assert!(matches!(late, Err(Refusal::NotWaiting { now: Settled::Running, .. })));
}

fn voter(accounts: &[&str], name: &str) -> Actor {
    use crate::id::person::tests::slack;
    let person = PersonRef::new(slack(accounts[0]), name);
    let person = person.linked_to(accounts.iter().map(|account| slack(account)));
    Actor { person, ..actor(name) }
}

/// A plan that `requester` asked for and that needs so many votes of the group `sre`.
fn by_the_group(requester: PersonRef, quorum: u32) -> Told {
    let mut told = Told::new(plan(Pin::First), quorum);
    told.run.policy.approvers = vec![Approver::Group(crate::id::GroupRef("sre".into()))];
    told.run.requester = requester;
    told
}

fn votes(told: &mut Told, accounts: &[&str], name: &str) -> Result<usize, Refusal> {
    let mut actor = voter(accounts, name);
    actor.groups.insert(crate::id::GroupRef("sre".into()));
    let digest = told.run.digest.short().to_owned();
    told.ask(RunRequest::Approve { actor, digest }, after(1))
}

#[test]
fn whatever_people_are_called_and_linked_to_one_human_has_one_vote() {
    let check = |first: &[&str], second: &[&str]| {
        let mut told = by_the_group(person("chie"), 2);
        votes(&mut told, first, "aiko").expect("a vote");
        let again = votes(&mut told, second, "somebody new");
        assert!(matches!(again, Err(Refusal::AlreadyVoted { .. })), "{first:?} {second:?}");
        assert_eq!((told.run.voters(told.today()), &told.run.phase), (1, &Phase::Waiting));
    };
    // Renamed; linked; unlinked; linked to another of their accounts.
    check(&["A"], &["A"]);
    check(&["A"], &["B", "A"]);
    check(&["A", "B"], &["B"]);
    check(&["A", "B"], &["C", "B"]);
}

#[test]
fn a_policy_remembers_who_was_one_human_when_the_plan_was_posted() {
    let mut told = by_the_group(person("chie"), 2);
    told.run.policy.approvers.push(Approver::Person(voter(&["A", "B"], "aiko").person));
    votes(&mut told, &["A"], "aiko").expect("a vote");
    assert!(matches!(votes(&mut told, &["B"], "bea"), Err(Refusal::AlreadyVoted { .. })));
    assert!(votes(&mut told, &["D"], "dan").is_ok());
    assert_eq!(told.run.phase, Phase::Approved { at: after(1) });
}

#[test]
fn two_votes_of_people_who_turn_out_to_be_one_count_once() {
    let mut told = by_the_group(person("chie"), 3);
    votes(&mut told, &["A"], "aiko").expect("a vote");
    votes(&mut told, &["B"], "bea").expect("a vote, as far as anybody knows");
    told.people = vec![voter(&["A", "B"], "aiko").person];
    votes(&mut told, &["D"], "dan").expect("a vote");
    assert_eq!(told.run.phase, Phase::Waiting, "two humans are no three");
    votes(&mut told, &["E"], "eve").expect("a vote");
    assert_eq!(told.run.phase, Phase::Approved { at: after(1) });
}

fn takes_back(told: &mut Told, accounts: &[&str]) {
    let withdraw = RunRequest::Withdraw { actor: voter(accounts, "aiko") };
    told.ask(withdraw, after(1)).expect("a vote of theirs");
}

#[test]
fn a_vote_that_was_taken_back_still_says_whose_accounts_are_whose() {
    let mut told = by_the_group(person("chie"), 2);
    votes(&mut told, &["A", "B"], "aiko").expect("a vote");
    takes_back(&mut told, &["A", "B"]);
    // Unlinked since.
    votes(&mut told, &["A"], "aiko").expect("a vote");
    assert!(matches!(votes(&mut told, &["B"], "bea"), Err(Refusal::AlreadyVoted { .. })));
    // The same of the person who asked.
    let mut told = by_the_group(person("A"), 1);
    told.policy =
        Some(ApprovalPolicy { requester_may_vote: true, quorum: 2, ..told.run.policy.clone() });
    votes(&mut told, &["A", "B"], "aiko").expect("it is allowed");
    takes_back(&mut told, &["A", "B"]);
    told.policy = None;
    assert!(matches!(votes(&mut told, &["B"], "bea"), Err(Refusal::OwnRequest { .. })));
}

/// The plan that takes the place of `void`: of the same requester, with everything handed on.
fn in_place_of(void: &Told, quorum: u32) -> Told {
    let mut told = by_the_group(void.run.requester.clone(), quorum);
    told.run.replaces = Some(void.run.id.clone());
    told.run.who_is_who = void.run.handed_on();
    told
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
    // And over any number of void plans.
    for mut told in [in_place_of(&second, 3), second] {
        let own = votes(&mut told, &["D"], "dan");
        assert!(matches!(own, Err(Refusal::OwnRequest { .. })), "{own:?}");
        votes(&mut told, &["A"], "aiko").expect("a vote");
        votes(&mut told, &["E"], "eve").expect("a vote");
        for other in ["B", "F"] {
            let again = votes(&mut told, &[other], "somebody new");
            assert!(matches!(again, Err(Refusal::AlreadyVoted { .. })), "{again:?}");
        }
        assert_eq!((told.run.voters(told.today()), &told.run.phase), (2, &Phase::Waiting));
        votes(&mut told, &["G"], "gen").expect("somebody else votes");
        assert_eq!(told.run.phase, Phase::Approved { at: after(1) });
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
    let vote = |told: &mut Told, actor: Actor| {
        let digest = told.run.digest.short().to_owned();
        told.ask(RunRequest::Approve { actor, digest }, after(1))
    };
    let mut told = by_the_group(person("chie"), 2);
    vote(&mut told, of("T0TEAM")).expect("a vote");
    assert!(matches!(vote(&mut told, of("E0WHOLE")), Err(Refusal::AlreadyVoted { .. })));
    let mut told = by_the_group(of("T0TEAM").person, 1);
    assert!(matches!(vote(&mut told, of("E0WHOLE")), Err(Refusal::OwnRequest { .. })));
}

fn of_today(told: &mut Told, approvers: &[&str], quorum: u32) {
    let approvers = approvers.iter().map(|name| Approver::Person(person(name))).collect();
    told.policy = Some(ApprovalPolicy { approvers, quorum, ..told.run.policy.clone() });
}

#[test]
fn whoever_is_no_approver_any_longer_does_not_vote_and_their_vote_does_not_count() {
    let mut told = Told::new(plan(Pin::First), 2);
    told.approve("aiko", after(1)).expect("an approver");
    of_today(&mut told, &["ben", "dora", "eve"], 2);
    let digest = told.run.digest.short().to_owned();
    let reject = |who: &str| RunRequest::Reject {
        actor: actor(who),
        digest: digest.clone(),
        reason: "no".into(),
    };
    assert!(matches!(told.ask(reject("aiko"), after(2)), Err(Refusal::NotAnApprover { .. })));
    assert_eq!(told.run.voters(told.today()), 0);
    assert_eq!(told.approve("ben", after(2)), Ok(1), "one of two");
    assert_eq!(told.run.counting(told.today()), [&person("ben")], "only he is named");
    assert_eq!(told.approve("dora", after(3)), Ok(2), "who was named since decides");
    let mut nobody = Told::new(plan(Pin::First), 1);
    of_today(&mut nobody, &[], 1);
    let refused = nobody.approve("aiko", after(1));
    assert!(matches!(refused, Err(Refusal::NobodyMayApprove { .. })));
}

#[test]
fn an_account_that_belongs_to_somebody_else_by_now_gives_them_no_right() {
    let mut told = Told::new(plan(Pin::First), 1);
    told.run.policy.approvers = vec![Approver::Person(voter(&["aiko", "B"], "aiko").person)];
    of_today(&mut told, &["aiko"], 1);
    let digest = told.run.digest.short().to_owned();
    let ben = voter(&["B", "ben"], "ben");
    let vote = RunRequest::Approve { actor: ben, digest };
    assert!(matches!(told.ask(vote, after(1)), Err(Refusal::NotAnApprover { .. })));
}

#[test]
fn an_approved_plan_whose_votes_no_longer_suffice_does_not_start() {
    let approved = || {
        let mut told = Told::new(plan(Pin::First), 2);
        told.approve("aiko", after(1)).expect("an approver");
        told.approve("ben", after(1)).expect("an approver");
        assert_eq!(told.run.phase, Phase::Approved { at: after(1) });
        told
    };
    let check = |mut told: Told, voters: u32, quorum: u32| {
        told.ask(RunRequest::Tick, after(2)).expect("time is never refused");
        let why = VoidReason::TooFewVotes { voters, quorum };
        assert_eq!(told.run.phase, Phase::Voided { why, replan: true, at: after(2) });
    };
    // Somebody was taken out of the approvers; the quorum was raised; both turn out to be one.
    let mut told = approved();
    of_today(&mut told, &["ben", "dora"], 2);
    check(told, 1, 2);
    let mut told = approved();
    of_today(&mut told, &["aiko", "ben", "dora"], 3);
    check(told, 2, 3);
    let mut told = approved();
    told.people = vec![voter(&["aiko", "ben"], "aiko").person];
    check(told, 1, 2);
    // One of them turns out to have asked for it.
    let mut told = approved();
    told.people = vec![voter(&["chie", "ben"], "chie").person];
    check(told, 1, 2);
    let mut told = approved();
    told.people = vec![voter(&["aiko", "A"], "aiko").person];
    of_today(&mut told, &["aiko", "ben", "dora"], 2);
    told.ask(RunRequest::Tick, after(2)).expect("time is never refused");
    assert_eq!(told.run.phase, Phase::Approved { at: after(1) }, "these change nothing");
}

#[test]
fn whoever_asked_is_no_second_person_by_another_name_or_account() {
    let own = |requester: &[&str], voter_is: &[&str]| {
        let mut told = by_the_group(voter(requester, "chie").person, 1);
        let refused = votes(&mut told, voter_is, "somebody new");
        assert!(matches!(refused, Err(Refusal::OwnRequest { .. })), "{requester:?} {voter_is:?}");
    };
    own(&["A"], &["A"]);
    own(&["A"], &["B", "A"]);
    own(&["A", "B"], &["B"]);
    own(&["A", "B"], &["C", "B"]);
    // Their other account had voted before it was known to be theirs.
    let mut told = by_the_group(person("A"), 2);
    votes(&mut told, &["B"], "bea").expect("a vote, as far as anybody knows");
    told.people = vec![voter(&["A", "B"], "chie").person];
    votes(&mut told, &["D"], "dan").expect("a vote");
    assert_eq!(told.run.phase, Phase::Waiting);
}

#[test]
fn a_vote_is_taken_back_by_whatever_account_of_the_same_human() {
    let mut told = by_the_group(person("chie"), 2);
    votes(&mut told, &["A", "B"], "aiko").expect("a vote");
    let back = |told: &mut Told, account: &str| {
        told.ask(RunRequest::Withdraw { actor: voter(&[account], "new") }, after(2))
    };
    assert!(matches!(back(&mut told, "C"), Err(Refusal::NoVote { .. })));
    back(&mut told, "B").expect("it is theirs");
    assert_eq!(told.run.voters(told.today()), 0);
}

#[test]
fn an_approver_can_say_no_and_who_asked_can_take_it_back() {
    let reject = |name: &str, reason: &str| {
        let mut told = Told::new(plan(Pin::First), 1);
        let digest = told.run.digest.short().to_owned();
        let request = RunRequest::Reject { actor: actor(name), digest, reason: reason.to_owned() };
        told.ask(request, after(1)).map(|_| told.run.phase)
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
    let mut told = Told::new(plan(Pin::First), 1);
    told.go(RunRequest::Tick, after(24 * 60 - 1));
    assert_eq!(told.run.phase, Phase::Waiting);
    assert!(
        told.approve("aiko", after(24 * 60)).is_err(),
        "a vote after the end counts for nothing"
    );
    told.go(RunRequest::Tick, after(24 * 60));
    assert_eq!(told.run.phase, Phase::Expired { at: after(24 * 60) });
}

#[test]
fn a_quiet_run_goes_canary_first_and_ends_proven() {
    let mut told = Told::new(plan(Pin::First), 1);
    assert_eq!(told.pending(after(1)), Vec::<String>::new());
    told.approve("aiko", after(1)).expect("an approver");
    assert_eq!(told.pending(after(1)), ["verification-1/recheck"]);
    let mut told = Told::new(plan(Pin::First), 1).begun();
    assert_eq!(told.pending(after(2)), ["verification-1/send/install-w0-c0:1"]);
    assert_eq!(told.open().nodes, [NodeId("i-1".into())], "the canary alone");
    told.wave(counts(0), after(5));
    assert_eq!(told.open().nodes.len(), 2, "then the others");
    told.wave(counts(0), after(9));
    assert_eq!(told.run.phase, Phase::Finished { at: after(9) });
    let proof_at = |now| proof(&environment(), [&told.run], now);
    assert!(
        matches!(proof_at(after(18)), Err(Unproven::Soaking { until, .. }) if until == after(19))
    );
    assert_eq!(proof_at(after(19)).map(|proof| proof.run), Ok(told.run.id.clone()));
    assert!(matches!(proof_at(after(32 * 24 * 60)), Err(Unproven::TooOld { .. })));
}

#[test]
fn a_bad_canary_calls_the_rest_off() {
    let mut told = Told::new(plan(Pin::First), 1).begun();
    told.wave(counts(2), after(5));
    let expected = HaltReason::OverBudget { wave: 0, nodes: vec![NodeId("i-1".into())] };
    assert_eq!(told.run.phase, Phase::Halted { why: expected, by: None, at: after(5) });
    assert!(matches!(
        proof(&environment(), [&told.run], after(99)),
        Err(Unproven::NotCompliant { compliant: 0, nodes: 3, .. })
    ));
}

#[test]
fn a_node_is_judged_by_its_own_fresh_state_and_by_nothing_else() {
    let judge_with = |status: InvocationStatus, change: fn(&mut NodePatchState), minutes: i64| {
        let mut told = Told::new(plan(Pin::First), 1).begun();
        let install = told.sent(after(3));
        told.heard(&install, InvocationStatus::Success, after(4));
        let scan = told.sent(after(4));
        told.heard(&scan, status, after(5));
        let mut states = told.states(counts(0), after(5));
        states.values_mut().for_each(change);
        told.go(RunRequest::States { states, sightings: Sightings::default() }, after(5 + minutes));
        told.run.verdicts.get(&NodeId("i-1".into())).cloned()
    };
    let unknown = |why| Some(Verdict::Unknown(why));
    use InvocationStatus::{Failed, Success, Undeliverable};
    assert_eq!(judge_with(Success, |_| (), 0), Some(Verdict::Compliant { installed: 9 }));
    // "Failed" says nothing of the patches when the node has reported.
    assert_eq!(judge_with(Failed, |_| (), 0), Some(Verdict::Compliant { installed: 9 }));
    let reboot = |state: &mut NodePatchState| state.counts.pending_reboot = Some(1);
    assert!(matches!(judge_with(Success, reboot, 0), Some(Verdict::PendingReboot(_))));
    let failed = |state: &mut NodePatchState| state.counts.missing = None;
    assert_eq!(judge_with(Success, failed, 0), unknown(UnknownWhy::ScanFailed));
    let epoch = |state: &mut NodePatchState| state.ended_at = None;
    assert_eq!(judge_with(Success, epoch, 0), unknown(UnknownWhy::NeverEnded));
    // A host whose clock was hours ahead when it sent: the snapshot id is ours all the same.
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
    let mut told = Told::new(plan(Pin::First), 1).begun();
    told.token = TOKEN + 1;
    assert_eq!(told.pending(after(3)), Vec::<String>::new(), "another process meant to send it");
    told.go(RunRequest::Tick, after(3));
    assert_eq!(told.pending(after(3)), ["verification-1/reconcile/install-w0-c0:1"]);
    told.go(RunRequest::Tick, after(8));
    let asked = matches!(told.open().status, DispatchStatus::Uncertain { asked_at: Some(_), .. });
    assert!(asked, "after five minutes a person is asked");
    assert_eq!(told.pending(after(999)), ["verification-1/reconcile/install-w0-c0:1"]);
    let dispatch = told.open().id;
    let not_sent = |name: &str, reason: &str| RunRequest::NotSent {
        actor: actor(name),
        dispatch: dispatch.clone(),
        reason: reason.into(),
    };
    assert!(matches!(
        told.ask(not_sent("mallory", "sure"), after(9)),
        Err(Refusal::NotAnApprover { .. })
    ));
    assert!(matches!(told.ask(not_sent("ben", "  "), after(9)), Err(Refusal::NoReason)));
    told.go(not_sent("ben", "not in the command history"), after(9));
    assert_eq!(told.pending(after(9)), ["verification-1/send/install-w0-c0:2"]);
    let [first, second] = [1, 2].map(|attempt| DispatchId { attempt, ..dispatch.clone() });
    let snapshot = |id: &DispatchId| told.run.dispatches.get(id).map(|dispatch| dispatch.snapshot);
    assert_ne!(snapshot(&first), snapshot(&second), "another attempt is another command");
}

#[test]
fn what_was_found_at_aws_is_gone_on_with() {
    let mut told = Told::new(plan(Pin::First), 1).begun();
    let dispatch = told.open().id;
    told.go(
        RunRequest::SendUncertain { dispatch: dispatch.clone(), why: "connection reset".into() },
        after(3),
    );
    told.go(found(&dispatch, &["c-9"]), after(4));
    assert_eq!(told.pending(after(4)), ["verification-1/watch/install-w0-c0:1"]);
    // A late or second answer to the same send changes nothing.
    let again = RunRequest::Sent { dispatch, command: "c-10".into() };
    assert_eq!(told.ask(again, after(5)), Ok(0));
}

#[test]
fn the_emergency_stop_stops_what_is_not_sent_and_cancels_what_is() {
    let mut told = Told::new(plan(Pin::First), 1).begun();
    let stop = Stop { by: person("ben"), reason: "alarms".into(), at: after(3) };
    told.emergency_stop = EmergencyStop { stop: Some(stop) };
    assert_eq!(told.pending(after(3)), Vec::<String>::new());
    told.emergency_stop = EmergencyStop::default();
    told.sent(after(3));
    told.emergency_stop = EmergencyStop {
        stop: Some(Stop { by: person("ben"), reason: "alarms".into(), at: after(4) }),
    };
    let keys = told.pending(after(4));
    assert_eq!(
        keys,
        ["verification-1/cancel/install-w0-c0:1", "verification-1/watch/install-w0-c0:1"]
    );
}

#[test]
fn what_has_changed_since_the_votes_voids_them() {
    let mut told = Told::new(plan(Pin::First), 1);
    told.approve("aiko", after(1)).expect("an approver");
    let mut fresh = told.run.plan.clone();
    fresh.waves[1].push(node("i-4"));
    told.go(RunRequest::Rechecked { plan: Box::new(fresh), windows: Vec::new() }, after(2));
    let Phase::Voided { why: VoidReason::Drifted(drift), replan: true, .. } = &told.run.phase
    else {
        panic!("{:?}", told.run.phase)
    };
    assert_eq!(drift.nodes_new, [NodeId("i-4".into())]);
    assert_eq!(told.pending(after(2)), ["verification-1/replan"]);
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
        let mut told = Told::new(planned.clone(), 1);
        told.approve("aiko", after(1)).expect("an approver");
        let mut fresh = planned.clone();
        change(&mut fresh.baselines);
        assert_eq!(fresh.digest() != planned.digest(), voids, "{:?}", fresh.baselines);
        told.go(RunRequest::Rechecked { plan: Box::new(fresh), windows: Vec::new() }, after(2));
        match &told.run.phase {
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
    let mut told = Told::new(windowed.clone(), 1);
    told.approve("aiko", after(1)).expect("an approver");
    assert_eq!(told.pending(after(59)), Vec::<String>::new());
    assert_eq!(told.pending(after(60)), ["verification-1/recheck"]);
    told.go(RunRequest::Tick, after(121));
    assert!(matches!(
        told.run.phase,
        Phase::Voided { why: VoidReason::WindowMissed, replan: false, .. }
    ));
    // A wave that the window leaves no time for is not started.
    let mut told = Told::new(windowed, 1);
    told.approve("aiko", after(1)).expect("an approver");
    let fresh = Box::new(told.run.plan.clone());
    told.go(RunRequest::Rechecked { plan: fresh, windows: Vec::new() }, after(61));
    told.wave(counts(0), after(121));
    assert!(matches!(
        told.run.phase,
        Phase::Halted { why: HaltReason::WindowClosed { wave: 1 }, .. }
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
    let mut told =
        Told::new(plan(Pin::NotProven { needs: needs.clone(), why: Unproven::NeverRun }), 1);
    told.before = Some(Err(Unproven::NeverRun));
    assert!(matches!(told.approve("aiko", after(1)), Err(Refusal::NotProven { .. })));
    let proof = |number| Proof {
        run: RunId::new(needs.clone(), number),
        since: start(),
        proven: Default::default(),
    };
    told.before = Some(Ok(proof(1)));
    told.go(RunRequest::Tick, after(2));
    assert!(matches!(
        told.run.phase,
        Phase::Voided { why: VoidReason::NowProven { .. }, replan: true, .. }
    ));
    // Pinned to a proof that does not hold any more.
    let mut told = Told::new(plan(pinned(1)), 1);
    told.before = Some(Err(Unproven::NeverRun));
    assert!(matches!(told.approve("aiko", after(1)), Err(Refusal::NotProven { .. })));
    told.before = Some(Ok(proof(1)));
    assert_eq!(told.approve("aiko", after(1)), Ok(2));
    let fresh = Box::new(told.run.plan.clone());
    told.go(RunRequest::Rechecked { plan: fresh, windows: Vec::new() }, after(2));
    assert_eq!(
        told.pending(after(2)),
        ["verification-1/publish-list"],
        "the list is there before any node is told"
    );
    told.go(RunRequest::ListPublished, after(3));
    assert_eq!(told.pending(after(3)), ["verification-1/send/install-w0-c0:1"]);
}

#[test]
fn an_install_that_the_window_overtakes_is_never_sent() {
    let mut windowed = plan(Pin::First);
    windowed.window = Some(occurrence("nightly", after(0), after(30), after(60)));
    let begun = || Told::new(windowed.clone(), 1).begun();
    // Stopped before it was sent, and resumed too late.
    let mut told = begun();
    assert_eq!(told.pending(after(31)), Vec::<String>::new());
    told.go(RunRequest::Tick, after(33));
    // Only this process knows whether it had begun to send it.
    assert_eq!(told.pending(after(33)), ["verification-1/withdraw/install-w0-c0:1"]);
    let dispatch = told.open().id;
    told.go(RunRequest::Withdrawn { dispatch }, after(33));
    assert!(matches!(
        told.run.phase,
        Phase::Halted { why: HaltReason::WindowClosed { wave: 0 }, .. }
    ));
    // Somebody finds out too late that it was never sent.
    let mut told = begun();
    let dispatch = told.open().id;
    told.go(
        RunRequest::SendUncertain { dispatch: dispatch.clone(), why: "reset".into() },
        after(3),
    );
    told.go(RunRequest::Tick, after(8));
    let reason = "not in the command history".into();
    told.go(RunRequest::NotSent { actor: actor("ben"), dispatch, reason }, after(31));
    assert!(matches!(
        told.run.phase,
        Phase::Halted { why: HaltReason::WindowClosed { wave: 0 }, .. }
    ));
    // What AWS has is watched to its end all the same.
    let mut told = begun();
    told.wave(counts(0), after(31));
    assert!(matches!(
        told.run.phase,
        Phase::Halted { why: HaltReason::WindowClosed { wave: 1 }, .. }
    ));
}

#[test]
fn replay_gives_the_same_run() {
    let mut told = Told::new(plan(Pin::First), 1).begun();
    told.wave(counts(0), after(5));
    told.wave(counts(1), after(9));
    let stored: Vec<Recorded<RunEvent>> = told
        .events
        .iter()
        .map(|event| {
            serde_json::from_str(&serde_json::to_string(event).expect("JSON")).expect("the same")
        })
        .collect();
    assert_eq!(replayed(&stored), Ok(told.run));
}

#[test]
fn an_event_that_cannot_follow_is_a_fault_and_not_ignored() {
    let told = Told::new(plan(Pin::First), 1);
    let finished = Recorded { at: after(1), by: None, event: RunEvent::Finished };
    let mut run = told.run.clone();
    assert!(run.apply(&finished).is_err());
    assert_eq!(run, told.run, "nothing has changed");
    assert!(PatchRun::begin(&finished).is_err());
}
