//! Measures and bounds how much is drawn.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::time::Instant;

use chrono::TimeDelta;
use commands::direct_message::NotificationPreference;
use commands::event::Event;
use commands::id::{EnvironmentName, Principal};
use commands::plan::PatchPlan;
use commands::recorded::Recorded;
use commands::run::RunEvent;
use serde_json::json;

use super::*;

const CONFIG: &str = r#"
[bot]
data = "/var/lib/patchbot"

[slack]
channel = "C0123456789"

[[person]]
name = "aiko"
slack = "U0AIKO"

[[environment]]
name = "verification"
account = "111111111111"
region = "ap-northeast-1"
patch_group = "web-verification"
approvers = ["aiko"]
"#;

fn plan() -> PatchPlan {
    let node = json!({
        "id": "i-1", "name": "web-1", "platform": "linux", "system": "amazon linux 2023",
        "left_out": 0, "missing": 1,
    });
    let plan = json!({
        "environment": "verification", "account": "111111111111", "region": "ap-northeast-1",
        "patch_group": "web-verification", "waves": [[node]], "patches": [], "left_out": [],
        "unclear": {}, "in_two_groups": {}, "baselines": [], "pin": "first",
        "reboot": "reboot_if_needed", "error_budget": 0, "concurrency": null, "on_drift": "void",
        "window": null, "timeouts": commands::environment::Timeouts::default(), "soak": 600,
        "proof_lasts": 86_400, "decided_by": null, "applied_overrides": null,
    });
    serde_json::from_value(plan).expect("a plan")
}

/// A channel and a person who opted in, and what both are shown.
struct Stage {
    delivery: Delivery,
    state: State,
    config: Config,
    people: Directory,
}

impl Stage {
    fn with(plans: u32) -> Self {
        let config = Config::parse(CONFIG).expect("a configuration");
        let people = Directory::new(config.people.clone());
        let mut state = State { promotion: config.promotion.clone(), ..State::default() };
        for number in 1..=plans {
            state.apply(proposed(&config, &people, number)).expect("a run");
        }
        let preference =
            NotificationPreference { on: true, at: DateTime::UNIX_EPOCH, closed: None };
        let subscriber = Subscriber { preference, channel: Some("D1".into()) };
        let subscribers = [("slack:U0AIKO".to_owned(), subscriber)].into();
        Self {
            delivery: Delivery::new(BTreeMap::new(), BTreeMap::new(), subscribers, &config, &state),
            state,
            config,
            people,
        }
    }

    /// Carries out every due step, as if every platform accepted it; returns what was written.
    fn settle(&mut self) -> Vec<PostId> {
        let surfaces: Vec<Surface> = self.delivery.queues.keys().cloned().collect();
        let mut written = Vec::new();
        for surface in surfaces {
            loop {
                let view = View {
                    state: &self.state,
                    config: &self.config,
                    people: &self.people,
                    drill: false,
                    rests: &|_, _| false,
                };
                match self.delivery.next_step(&surface, &view) {
                    None => break,
                    Some(Step::Pause) => {}
                    Some(Step::Settle(id)) => {
                        self.delivery.posted.entry(id).or_default().settled = true;
                    }
                    Some(Step::Open(account)) => panic!("{account} has a channel"),
                    Some(Step::Locate { channel, message }) => {
                        self.delivery.addresses.insert((channel.id, message), None);
                    }
                    Some(Step::Write(writing)) => {
                        let Writing { id, mut posted, action, .. } = *writing;
                        match action {
                            Action::Post { card, .. } | Action::Edit { card, .. } => {
                                posted.digest = Some(card.digest().as_str().to_owned());
                            }
                            Action::AddLine { .. } => posted.lines += 1,
                        }
                        posted.message = Some(id.to_string());
                        self.delivery.posted.insert(id.clone(), posted);
                        self.delivery.unpark_people();
                        written.push(id);
                    }
                }
            }
        }
        written
    }

    /// A vote that is not enough: only the card of that plan shows it.
    fn vote(&mut self, number: u32) -> Subject {
        let name: EnvironmentName = "verification".parse().expect("a name");
        let id = RunId::new(name, number);
        let run = &self.state.runs[&id];
        let (before, at) = (run.outline(), run.proposed_at);
        let vote = RunEvent::Voted { groups: BTreeSet::new(), digest: run.digest.clone() };
        let by = Some(Principal::Person(self.people.all().remove(0)));
        let recorded = read_back(at, by, &Event::Run(id.clone(), vote));
        self.state.apply(recorded.clone()).expect("a vote");
        let affected = self.state.affected_by(&recorded.event, Some(before));
        self.delivery.changed(&self.config, &self.state, affected);
        Subject::Run(id)
    }
}

fn proposed(config: &Config, people: &Directory, number: u32) -> Recorded<Event> {
    let plan = plan();
    let id = RunId::new(plan.environment.clone(), number);
    let event = RunEvent::Proposed {
        id: id.clone(),
        plan: Box::new(plan),
        policy: config.promotion.0[0].policy.clone(),
        requester: people.all().remove(0),
        replaces: None,
        who_is_who: BTreeSet::new(),
        offline: Vec::new(),
    };
    let at = DateTime::UNIX_EPOCH + TimeDelta::seconds(i64::from(number));
    read_back(at, None, &Event::Run(id, event))
}

/// An event as the store returns it: the shell itself cannot create one.
fn read_back(at: DateTime<Utc>, by: Option<Principal>, event: &Event) -> Recorded<Event> {
    let stored = serde_json::json!({ "at": at, "by": by, "event": event });
    serde_json::from_value(stored).expect("it is read")
}

#[test]
fn a_vote_among_many_draws_one_card_anew() {
    let mut drawn_for_a_vote = BTreeSet::new();
    for plans in [10, 500] {
        let mut stage = Stage::with(plans);
        let posted = stage.settle().len();
        assert!(posted >= plans as usize, "every plan is posted: {posted}");
        assert!(stage.settle().is_empty());
        let before = stage.delivery.drawn;
        assert!(stage.settle().is_empty());
        assert_eq!(stage.delivery.drawn, before, "nothing has changed");

        let subject = stage.vote(plans / 2);
        let written = stage.settle();
        assert!(!written.is_empty(), "the card shows the vote");
        assert!(written.iter().all(|id| id.subject == subject), "{written:?}");
        drawn_for_a_vote.insert(stage.delivery.drawn - before);
    }
    assert_eq!(drawn_for_a_vote.len(), 1, "as few as among ten: {drawn_for_a_vote:?}");
    assert!(drawn_for_a_vote.iter().all(|drawn| *drawn <= 8), "{drawn_for_a_vote:?}");
}

/// `cargo nextest run -p patchbot --run-ignored only measured --no-capture`
#[test]
#[ignore = "measures, and takes seconds"]
fn ten_thousand_approvals_are_measured() -> std::io::Result<()> {
    let mut to = std::io::stdout();
    let mut stage = Stage::with(10_000);
    let began = Instant::now();
    let (written, drawn) = (stage.settle().len(), stage.delivery.drawn);
    writeln!(to, "the first time: {written} written, {drawn} drawn, {:?}", began.elapsed())?;
    let mut spent = Vec::new();
    for number in (1..10_000).step_by(100) {
        let began = Instant::now();
        stage.vote(number);
        stage.settle();
        spent.push(began.elapsed());
    }
    spent.sort();
    let (median, p95) = (spent[spent.len() / 2], spent[spent.len() * 95 / 100]);
    writeln!(to, "a vote among 10,000: median {median:?}, p95 {p95:?}")
}
