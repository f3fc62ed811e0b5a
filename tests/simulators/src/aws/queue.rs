//! Queues with the events of Systems Manager from EventBridge: late, twice, out of order or not at
//! all, if a story asks for it.

use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::command::{Command, DOCUMENT, Status};
use super::state::State;

/// How long a received message is hidden from others: the default of a queue.
const HIDDEN: TimeDelta = TimeDelta::seconds(30);

/// A queue that gets the events of its own account and Region.
#[derive(Clone, Debug)]
pub struct Queue {
    /// The account that owns it.
    pub account: String,
    /// The Region that it is in.
    pub region: String,
    /// The name, such as `patchbot-events`.
    pub name: String,
}

/// What happens to events on their way into a queue; by default nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct EventDisturbances {
    /// Out of a hundred events, how many never arrive.
    pub lost: u32,
    /// How many arrive twice.
    pub twice: u32,
    /// How many are late.
    pub late: u32,
    /// The longest delay of a late event.
    pub late_by: TimeDelta,
    /// Whether the newest message comes first.
    pub reordered: bool,
    /// The seed that selects the affected events.
    pub seed: u64,
}

#[derive(Debug)]
pub(super) struct QueueState {
    pub(super) queue: Queue,
    pub(super) messages: Vec<Message>,
}

#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) body: String,
    /// The handle of the last time it was received.
    pub(super) receipt: String,
    visible_at: DateTime<Utc>,
}

/// The status of an invocation or a command in the last notification.
pub(super) type Notified = Option<&'static str>;

impl QueueState {
    /// Receives this many visible messages, and hides them for a while.
    pub(super) fn receive(
        &mut self,
        most: usize,
        hidden: Option<TimeDelta>,
        reordered: bool,
        now: DateTime<Utc>,
    ) -> Vec<Message> {
        let mut seen: Vec<&mut Message> =
            self.messages.iter_mut().filter(|message| message.visible_at <= now).collect();
        if reordered {
            seen.reverse();
        }
        let hide = |message: &mut Message| {
            message.visible_at = now + hidden.unwrap_or(HIDDEN);
            message.receipt = Uuid::new_v4().to_string();
            message.clone()
        };
        seen.into_iter().take(most).map(hide).collect()
    }

    /// Deletes the message that was received with this handle. It does not matter if it is gone
    /// already.
    pub(super) fn delete(&mut self, receipt: &str) {
        self.messages.retain(|message| message.receipt != receipt);
    }

    /// When the next hidden or late message becomes visible.
    pub(super) fn next_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.messages.iter().map(|message| message.visible_at).filter(|at| *at > now).min()
    }

    fn put(&mut self, body: String, at: DateTime<Utc>) {
        let id = Uuid::new_v4().to_string();
        let receipt = String::new();
        self.messages.push(Message { id, body, receipt, visible_at: at });
    }
}

impl State {
    /// Puts any text into every queue, like anybody who may write to one could.
    pub(super) fn put_into_queues(&mut self, body: &str) {
        let now = self.now;
        self.queues.iter_mut().for_each(|queue| queue.put(body.to_owned(), now));
    }

    /// Notifies the queues of what has changed since the last notification.
    pub(super) fn notify_queues(&mut self) {
        if self.queues.is_empty() {
            return;
        }
        let mut events = Vec::new();
        for command in &mut self.commands {
            let nodes = &self.nodes;
            let (account, region) = (command.account.clone(), command.region.clone());
            let of_all = command.status().0;
            if command.notified == Some(of_all) && is_over(command) {
                continue;
            }
            let detail = detail(command);
            let notified: Vec<(&'static str, usize)> = command
                .invocations
                .iter_mut()
                .filter_map(|invocation| {
                    let word = invocation.status.word();
                    let is_new = invocation.notified.replace(word) != Some(word);
                    is_new.then_some((word, invocation.node))
                })
                .collect();
            for (word, node) in notified {
                let mut detail = detail.clone();
                detail["instance-id"] = json!(nodes[node].spec.id);
                detail["status"] = json!(word);
                let kind = "EC2 Command Invocation Status-change Notification";
                events.push((account.clone(), region.clone(), kind, detail));
            }
            if command.notified.replace(of_all) != Some(of_all) {
                let mut detail = detail;
                detail["status"] = json!(of_all);
                events.push((account, region, "EC2 Command Status-change Notification", detail));
            }
        }
        for (account, region, kind, detail) in events {
            self.event(&account, &region, kind, &detail);
        }
    }

    /// Notifies the queues that a node's compliance was reported again.
    pub(super) fn notify_compliance(&mut self, node: usize) {
        let spec = &self.nodes[node].spec;
        let (account, region, id) = (spec.account.clone(), spec.region.clone(), spec.id.clone());
        let lacks = !self.nodes[node].lacks(&self.patches, self.now).is_empty();
        let detail = json!({
            "last-runtime": written(self.now),
            "compliance-status": if lacks { "non_compliant" } else { "compliant" },
            "resource-type": "managed-instance",
            "resource-id": id,
            "compliance-type": "Patch",
        });
        self.event(&account, &region, "Configuration Compliance State Change", &detail);
    }

    fn event(&mut self, account: &str, region: &str, kind: &str, detail: &Value) {
        let (now, troubles) = (self.now, self.event_troubles);
        for queue in &mut self.queues {
            if queue.queue.account != account || queue.queue.region != region {
                continue;
            }
            self.events += 1;
            let chance = |what: &str| {
                let mut hasher = DefaultHasher::new();
                (troubles.seed, self.events, what).hash(&mut hasher);
                (hasher.finish() % 100) as u32
            };
            if chance("lost") < troubles.lost {
                continue;
            }
            let late = chance("late") < troubles.late;
            let at = if late { now + troubles.late_by * chance("by") as i32 / 100 } else { now };
            let body = json!({
                "version": "0",
                "id": Uuid::new_v4().to_string(),
                "detail-type": kind,
                "source": "aws.ssm",
                "account": account,
                "time": written(now),
                "region": region,
                "resources": [],
                "detail": detail,
            })
            .to_string();
            if chance("twice") < troubles.twice {
                queue.put(body.clone(), at);
            }
            queue.put(body, at);
        }
    }
}

fn is_over(command: &Command) -> bool {
    command.invocations.iter().all(|invocation| {
        Status::is_final(invocation.status) && invocation.notified == Some(invocation.status.word())
    })
}

fn detail(command: &Command) -> Value {
    json!({
        "command-id": command.id,
        "document-name": DOCUMENT,
        "requested-date-time": written(command.requested_at),
    })
}

fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
