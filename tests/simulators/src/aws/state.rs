//! The state of the world: everything that the cloud stores.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::associations::Association;
use super::command::Command;
use super::fault::OpFault;
use super::inspect::Call;
use super::node::{Node, Operation, Report};
use super::outside_changes::{Target, WindowTask};
use super::patch::{Baseline, Patch};
use super::queue::{EventDisturbances, QueueState};
use super::world::{Account, Pace, Powers, SendsTo, Window, World};

/// An account and a Region: what a caller can see.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Scope {
    pub(super) account: String,
    pub(super) region: String,
}

/// A role that somebody has assumed.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) account: String,
    /// `arn:aws:sts::…:assumed-role/…`
    pub(super) arn: String,
    pub(super) powers: Powers,
    pub(super) sends_only_to: Vec<SendsTo>,
}

pub(super) struct State {
    pub(super) accounts: Vec<Account>,
    /// Keys that AssumeRole gave out.
    pub(super) sessions: HashMap<String, Session>,
    /// Operations that no role may call, whatever its policies say.
    pub(super) forbidden: Vec<String>,
    /// The real account of swapped credentials, by the account that they should belong to.
    pub(super) exchanged: HashMap<String, String>,
    pub(super) patches: Vec<Patch>,
    pub(super) baselines: Vec<Baseline>,
    pub(super) windows: Vec<WindowState>,
    pub(super) associations: Vec<Association>,
    pub(super) buckets: HashMap<String, BTreeMap<String, Vec<u8>>>,
    pub(super) nodes: Vec<Node>,
    pub(super) node_ids: HashMap<String, usize>,
    pub(super) by_scope: HashMap<Scope, Vec<usize>>,
    pub(super) by_group: HashMap<(Scope, String), Vec<usize>>,
    pub(super) commands: Vec<Command>,
    pub(super) pace: Pace,
    pub(super) op_faults: HashMap<String, VecDeque<OpFault>>,
    pub(super) limit: Option<Limit>,
    /// Commands whose comment contains the text are visible only this late, whatever the pace.
    pub(super) lags: Vec<(String, TimeDelta)>,
    pub(super) calls: Vec<Call>,
    pub(super) queues: Vec<QueueState>,
    pub(super) event_troubles: EventDisturbances,
    /// How many events there have been.
    pub(super) events: u64,
    pub(super) now: DateTime<Utc>,
    queue: BinaryHeap<Reverse<Due>>,
    queued: u64,
}

/// The two spellings of the tag that sets a patch group.
const GROUP_TAGS: [&str; 2] = ["PatchGroup", "Patch Group"];

/// The baseline in reports of a world that has no baseline for a system: nothing is approved there,
/// and so nothing is ever missing.
const NO_BASELINE: &str = "pb-00000000000000000";

/// The limit of calls for each account, Region and operation.
#[derive(Debug)]
pub(super) struct Limit {
    pub(super) burst: f64,
    pub(super) per_second: f64,
    pub(super) buckets: HashMap<(Scope, String), (f64, DateTime<Utc>)>,
}

impl Limit {
    /// Takes one call from its bucket, if one is left.
    pub(super) fn admits(&mut self, scope: &Scope, operation: &str, now: DateTime<Utc>) -> bool {
        let bucket =
            self.buckets.entry((scope.clone(), operation.to_owned())).or_insert((self.burst, now));
        let refill = (now - bucket.1).as_seconds_f64() * self.per_second;
        *bucket = ((bucket.0 + refill).min(self.burst), now);
        let admitted = bucket.0 >= 1.0;
        if admitted {
            bucket.0 -= 1.0;
        }
        admitted
    }
}

#[derive(Clone, Debug)]
pub(super) struct WindowState {
    pub(super) window: Window,
    pub(super) target_id: String,
    pub(super) next: Option<DateTime<Utc>>,
    /// Its targets, if they are not its patch groups.
    pub(super) other_targets: Option<Vec<Target>>,
    /// `StartDate` and `EndDate` for responses; here they do not change when it opens.
    pub(super) starts: Option<String>,
    pub(super) ends: Option<String>,
    /// `ScheduleOffset`, only for responses.
    pub(super) offset_days: Option<u32>,
    /// Nothing shows it any longer; code that holds its index still finds it.
    pub(super) deleted: bool,
    pub(super) modified: DateTime<Utc>,
    pub(super) executions: Vec<Execution>,
    pub(super) tasks: Vec<WindowTask>,
}

#[derive(Clone, Debug)]
pub(super) struct Execution {
    pub(super) id: String,
    pub(super) started: DateTime<Utc>,
    pub(super) ended: Option<DateTime<Utc>>,
}

/// What happens by itself at its time.
#[derive(Debug)]
pub(super) enum Event {
    /// The service delivers a command to as many nodes as it may.
    Deliver { command: usize },
    /// No agent took it in time.
    DeliveryDeadline { command: usize, invocation: usize },
    /// Scanning or installing is done.
    Worked { command: usize, invocation: usize },
    /// The node is back from its reboot.
    Rebooted { command: usize, invocation: usize, result: Box<Outcome> },
    /// It began and never ended.
    ExecutionDeadline { command: usize, invocation: usize },
    /// The findings of an operation become visible.
    Report { node: usize, report: Box<Report> },
    /// A window opens, if `at` is still its next time.
    WindowOpens { window: usize },
    /// The execution of a window is over.
    WindowEnds { window: usize, execution: usize },
    /// A vendor's release date has come: only the page needs this.
    Released,
}

/// How an invocation ends.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) code: i32,
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) report: Option<Report>,
}

#[derive(Debug)]
struct Due {
    at: DateTime<Utc>,
    order: u64,
    event: Event,
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.order) == (other.at, other.order)
    }
}
impl Eq for Due {}
impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.order).cmp(&(other.at, other.order))
    }
}

impl State {
    pub(super) fn new(world: World, now: DateTime<Utc>) -> Self {
        let World { accounts, nodes, patches, baselines, windows, buckets, queues, pace } = world;
        let nodes: Vec<Node> =
            nodes.into_iter().map(|spec| Node::new(spec, &patches, now)).collect();
        let mut state = Self {
            accounts,
            sessions: HashMap::new(),
            exchanged: HashMap::new(),
            forbidden: Vec::new(),
            patches,
            baselines,
            windows: Vec::new(),
            associations: Vec::new(),
            buckets: buckets.into_iter().map(|name| (name, BTreeMap::new())).collect(),
            nodes: Vec::new(),
            node_ids: HashMap::new(),
            by_scope: HashMap::new(),
            by_group: HashMap::new(),
            commands: Vec::new(),
            pace,
            op_faults: HashMap::new(),
            limit: None,
            lags: Vec::new(),
            calls: Vec::new(),
            queues: queues
                .into_iter()
                .map(|queue| QueueState { queue, messages: Vec::new() })
                .collect(),
            event_troubles: EventDisturbances::default(),
            events: 0,
            now,
            queue: BinaryHeap::new(),
            queued: 0,
        };
        for node in nodes {
            state.adopt(node);
        }
        for window in windows {
            state.adopt_window(window);
        }
        let to_come: Vec<_> =
            state.patches.iter().map(|patch| patch.released).filter(|at| *at > now).collect();
        for at in to_come {
            state.later(at, Event::Released);
        }
        state
    }

    /// Adds a node, with the report of its last scan.
    pub(super) fn adopt(&mut self, mut node: Node) {
        if let Some(ago) = node.spec.scanned_ago {
            node.report = Some(self.report_of(&node, Operation::Scan, self.now - ago));
        }
        let index = self.nodes.len();
        let scope = Scope { account: node.spec.account.clone(), region: node.spec.region.clone() };
        self.node_ids.insert(node.spec.id.clone(), index);
        self.by_scope.entry(scope).or_default().push(index);
        self.nodes.push(node);
        self.list_by_group(index);
    }

    /// Lists a node under each group that its tags name, in addition to earlier ones.
    pub(super) fn list_by_group(&mut self, index: usize) {
        let spec = &self.nodes[index].spec;
        let scope = Scope { account: spec.account.clone(), region: spec.region.clone() };
        let groups: BTreeSet<&String> =
            GROUP_TAGS.iter().filter_map(|tag| spec.tags.get(*tag)).collect();
        for group in groups {
            self.by_group.entry((scope.clone(), group.clone())).or_default().push(index);
        }
    }

    pub(super) fn adopt_window(&mut self, window: Window) {
        let index = self.windows.len();
        self.windows.push(WindowState {
            target_id: Uuid::new_v4().to_string(),
            modified: window.created,
            window,
            next: None,
            deleted: false,
            other_targets: None,
            starts: None,
            ends: None,
            offset_days: None,
            executions: Vec::new(),
            tasks: Vec::new(),
        });
        self.plan_next_opening(index);
    }

    /// Schedules the next opening of a window by its definition; an earlier schedule is void.
    pub(super) fn plan_next_opening(&mut self, index: usize) {
        let living = &mut self.windows[index];
        let window = &living.window;
        living.next = window.schedule.next(window.created, self.now).filter(|_| window.enabled);
        if let Some(at) = living.next {
            self.later(at, Event::WindowOpens { window: index });
        }
    }

    /// The report that a plain operation without our parameters would leave.
    pub(super) fn report_of(&self, node: &Node, operation: Operation, at: DateTime<Utc>) -> Report {
        let baseline = self.baseline_of(node);
        // A node that loses its tag on the way began in its group.
        let before = node.report.as_ref().map(|report| report.group.as_str());
        let group = node.group().or(before);
        Report {
            operation,
            snapshot: None,
            started: at - self.pace.scan,
            ended: at,
            group: group.unwrap_or_default().to_owned(),
            baseline: baseline.map_or_else(|| NO_BASELINE.to_owned(), |b| b.id.clone()),
            no_reboot: false,
            override_list: None,
            rows: node.rows(&self.patches, baseline, operation, at),
            broken: false,
        }
    }

    pub(super) fn baseline_of(&self, node: &Node) -> Option<&Baseline> {
        let scope = |baseline: &&Baseline| {
            baseline.account == node.spec.account
                && baseline.region == node.spec.region
                && baseline.os == node.spec.os
        };
        let group = node.group();
        let registered = |baseline: &&Baseline| {
            group.is_some_and(|group| baseline.groups.iter().any(|registered| registered == group))
        };
        let mine = || self.baselines.iter().filter(scope);
        mine().find(registered).or_else(|| mine().find(|baseline| baseline.is_default))
    }

    /// The account of an access key.
    pub(super) fn account_of(&self, key: &str) -> Option<&str> {
        let session = self.sessions.get(key).map(|session| session.account.as_str());
        let owns = |account: &&Account| account.keys.iter().any(|owned| owned == key);
        let own = || self.accounts.iter().find(owns).map(|account| account.id.as_str());
        let account = session.or_else(own)?;
        Some(self.exchanged.get(account).map_or(account, String::as_str))
    }

    /// The identity of the caller, if its policies do not allow the operation. An account's own
    /// keys may do everything.
    pub(super) fn denies(&self, key: &str, operation: &str) -> Option<&str> {
        let session = self.sessions.get(key)?;
        let forbidden = self.forbidden.iter().any(|known| known == operation);
        (forbidden || !session.powers.allow(operation)).then_some(session.arn.as_str())
    }

    /// When lists and lookups begin to show a command that is sent now.
    pub(super) fn visible_at(&self, comment: &str) -> DateTime<Utc> {
        let own = self.lags.iter().rev().find(|(words, _)| comment.contains(words.as_str()));
        self.now + own.map_or(self.pace.command_lag, |(_, lag)| *lag)
    }

    /// Whether the policies of the caller allow sending commands to a node.
    pub(super) fn lets_send(&self, key: &str, node: usize) -> bool {
        let tags = &self.nodes[node].spec.tags;
        let statements = self.sessions.get(key).map_or(&[][..], |session| &session.sends_only_to);
        statements.is_empty() || statements.iter().any(|statement| statement.admits(tags))
    }

    /// The identity of the caller, if it assumed a role.
    pub(super) fn arn_of(&self, key: &str) -> Option<&str> {
        self.sessions.get(key).map(|session| session.arn.as_str())
    }

    /// A managed node that the caller can see.
    pub(super) fn node_at(&self, scope: &Scope, id: &str) -> Option<usize> {
        let index = *self.node_ids.get(id)?;
        let spec = &self.nodes[index].spec;
        let here = spec.account == scope.account && spec.region == scope.region;
        (here && self.nodes[index].is_managed()).then_some(index)
    }

    pub(super) fn later(&mut self, at: DateTime<Utc>, event: Event) {
        self.queued += 1;
        self.queue.push(Reverse(Due { at, order: self.queued, event }));
    }

    pub(super) fn after(&mut self, delay: TimeDelta, event: Event) {
        self.later(self.now + delay, event);
    }

    pub(super) fn next_event_at(&self) -> Option<DateTime<Utc>> {
        self.queue.peek().map(|Reverse(due)| due.at)
    }

    /// Lets everything happen that is due until `now`, each at its own time and in order. Returns
    /// whether anything did.
    pub(super) fn settle(&mut self, now: DateTime<Utc>) -> bool {
        let mut happened = false;
        while self.next_event_at().is_some_and(|at| at <= now) {
            let Some(Reverse(due)) = self.queue.pop() else { break };
            self.now = due.at.max(self.now);
            self.happen(due.event);
            self.notify_queues();
            happened = true;
        }
        self.now = now.max(self.now);
        // The changes that a request made.
        self.notify_queues();
        happened
    }
}
