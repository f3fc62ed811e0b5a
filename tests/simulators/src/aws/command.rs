//! Commands: what was requested, and the progress on each node.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::node::Operation;
use super::queue::Notified;

pub(super) const DOCUMENT: &str = "AWS-RunPatchBaseline";

#[derive(Clone, Debug)]
pub(super) struct Command {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) region: String,
    pub(super) comment: String,
    pub(super) document_version: String,
    pub(super) parameters: BTreeMap<String, Vec<String>>,
    /// As given in the request: empty if the command names targets.
    pub(super) instance_ids: Vec<String>,
    pub(super) targets: Value,
    pub(super) requested_at: DateTime<Utc>,
    /// From this time on, lists and lookups show it.
    pub(super) visible_at: DateTime<Utc>,
    pub(super) timeout: TimeDelta,
    pub(super) max_concurrency: String,
    pub(super) max_errors: String,
    pub(super) cancelled: bool,
    pub(super) invocations: Vec<Invocation>,
    pub(super) notified: Notified,
}

#[derive(Clone, Debug)]
pub(super) struct Invocation {
    pub(super) node: usize,
    pub(super) status: Status,
    /// When the service began to deliver it.
    pub(super) sent_at: Option<DateTime<Utc>>,
    pub(super) started_at: Option<DateTime<Utc>>,
    pub(super) ended_at: Option<DateTime<Utc>>,
    pub(super) response_code: i32,
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) notified: Notified,
}

/// The status of one invocation, with its detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Pending,
    InProgress,
    Cancelling,
    Success,
    Failed,
    Cancelled,
    /// It never reached its node in time.
    DeliveryTimedOut,
    /// It began and never ended.
    ExecutionTimedOut,
    /// The service could not reach the node.
    Undeliverable,
    /// Ended because too many others failed.
    Terminated,
    /// The caller may not send to this node.
    AccessDenied,
}

impl Status {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::InProgress => "InProgress",
            Self::Cancelling => "Cancelling",
            Self::Success => "Success",
            Self::Failed | Self::Undeliverable | Self::Terminated | Self::AccessDenied => "Failed",
            Self::Cancelled => "Cancelled",
            Self::DeliveryTimedOut | Self::ExecutionTimedOut => "TimedOut",
        }
    }

    /// `StatusDetails`. The service returns these without the spaces that its guide prints.
    pub(super) fn details(self) -> &'static str {
        match self {
            Self::DeliveryTimedOut => "DeliveryTimedOut",
            Self::ExecutionTimedOut => "ExecutionTimedOut",
            Self::Undeliverable => "Undeliverable",
            Self::Terminated => "Terminated",
            Self::AccessDenied => "AccessDenied",
            other => other.word(),
        }
    }

    pub(super) fn is_final(self) -> bool {
        !matches!(self, Self::Pending | Self::InProgress | Self::Cancelling)
    }

    /// Whether it counts against `MaxErrors`: an invocation that never reached a node does not.
    fn is_error(self) -> bool {
        matches!(self, Self::Failed | Self::ExecutionTimedOut)
    }
}

impl Command {
    pub(super) fn operation(&self) -> Operation {
        match self.parameter("Operation") {
            Some("Install") => Operation::Install,
            _ => Operation::Scan,
        }
    }

    /// The only value of a parameter, if it is not empty.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let value = self.parameters.get(name)?.first()?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    pub(super) fn no_reboot(&self) -> bool {
        self.parameter("RebootOption") == Some("NoReboot")
    }

    /// How many nodes may work on it at the same time.
    pub(super) fn concurrency(&self) -> usize {
        share(&self.max_concurrency, self.invocations.len()).max(1)
    }

    /// Whether more nodes have failed than `MaxErrors` allows.
    pub(super) fn is_over_its_errors(&self) -> bool {
        self.error_count() > share(&self.max_errors, self.invocations.len())
    }

    pub(super) fn in_flight(&self) -> usize {
        let is_flying = |invocation: &&Invocation| {
            invocation.sent_at.is_some() && !invocation.status.is_final()
        };
        self.invocations.iter().filter(is_flying).count()
    }

    pub(super) fn error_count(&self) -> usize {
        self.invocations.iter().filter(|i| i.status.is_error()).count()
    }

    pub(super) fn count(&self, status: Status) -> usize {
        self.invocations.iter().filter(|i| i.status == status).count()
    }

    pub(super) fn completed_count(&self) -> usize {
        self.invocations.iter().filter(|i| i.status.is_final()).count()
    }

    /// The `Status` and `StatusDetails` of the command, which follow from the invocations. One
    /// success among undeliverable invocations makes the whole command a success: the real service
    /// says so too, and deceives a caller that relies on it.
    pub(super) fn status(&self) -> (&'static str, &'static str) {
        let all = self.invocations.len();
        if all == 0 {
            return ("Success", "NoInstancesInTag");
        }
        if self.completed_count() < all {
            let waiting = self.invocations.iter().all(|i| i.status == Status::Pending);
            return match (self.cancelled, waiting) {
                (true, _) => ("Cancelling", "Cancelling"),
                (_, true) => ("Pending", "Pending"),
                _ => ("InProgress", "InProgress"),
            };
        }
        let (successes, undeliverable) =
            (self.count(Status::Success), self.count(Status::Undeliverable));
        let unreached = self.count(Status::DeliveryTimedOut);
        match () {
            () if self.cancelled && self.count(Status::Cancelled) > 0 => ("Cancelled", "Cancelled"),
            () if self.is_over_its_errors() => ("Failed", "Failed"),
            () if unreached == all => ("TimedOut", "DeliveryTimedOut"),
            () if undeliverable == all => ("Failed", "Failed"),
            () if self.count(Status::AccessDenied) == all => ("Failed", "AccessDenied"),
            () if successes > 0 && successes + undeliverable == all => ("Success", "Success"),
            () => ("Failed", "Incomplete"),
        }
    }
}

/// A count, or a percentage of `all` rounded up.
fn share(text: &str, all: usize) -> usize {
    match text.strip_suffix('%') {
        Some(percent) => (percent.parse::<usize>().unwrap_or_default() * all).div_ceil(100),
        None => text.parse().unwrap_or_default(),
    }
}

impl Invocation {
    pub(super) fn new(node: usize) -> Self {
        Self {
            node,
            status: Status::Pending,
            sent_at: None,
            started_at: None,
            ended_at: None,
            response_code: -1,
            stdout: String::new(),
            stderr: String::new(),
            notified: None,
        }
    }

    /// `Status` and `StatusDetails` at `now`: an invocation that has waited for long is called
    /// delayed.
    pub(super) fn words(&self, now: DateTime<Utc>) -> (&'static str, &'static str) {
        let is_late = self.sent_at.is_some_and(|sent| now - sent >= TimeDelta::seconds(60));
        match self.status {
            Status::Pending if is_late => ("Delayed", "Delayed"),
            status => (status.word(), status.details()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(statuses: &[Status], max_errors: &str) -> Command {
        let invocation = |status: &Status| Invocation { status: *status, ..Invocation::new(0) };
        Command {
            id: String::new(),
            account: String::new(),
            region: String::new(),
            comment: String::new(),
            document_version: String::new(),
            parameters: BTreeMap::new(),
            instance_ids: Vec::new(),
            targets: Value::Null,
            requested_at: DateTime::UNIX_EPOCH,
            visible_at: DateTime::UNIX_EPOCH,
            timeout: TimeDelta::zero(),
            max_concurrency: "50".into(),
            max_errors: max_errors.into(),
            cancelled: false,
            invocations: statuses.iter().map(invocation).collect(),
            notified: None,
        }
    }

    #[test]
    fn the_parent_follows_from_its_invocations() {
        use Status::*;
        for (statuses, max_errors, expected) in [
            (vec![Pending, Pending], "0", ("Pending", "Pending")),
            (vec![Success, Pending], "0", ("InProgress", "InProgress")),
            (vec![Success, Success], "0", ("Success", "Success")),
            (vec![Success, Failed], "0", ("Failed", "Failed")),
            (vec![Success, Failed], "1", ("Failed", "Incomplete")),
            (vec![Success, Undeliverable, Undeliverable], "0", ("Success", "Success")),
            (vec![Undeliverable], "0", ("Failed", "Failed")),
            (vec![DeliveryTimedOut], "0", ("TimedOut", "DeliveryTimedOut")),
            (vec![Success, DeliveryTimedOut], "0", ("Failed", "Incomplete")),
            (vec![], "0", ("Success", "NoInstancesInTag")),
        ] {
            assert_eq!(command(&statuses, max_errors).status(), expected, "{statuses:?}");
        }
    }

    #[test]
    fn percentages_are_of_all_and_rounded_up() {
        assert_eq!(share("10%", 12), 2);
        assert_eq!(share("3", 12), 3);
        assert_eq!(share("0", 12), 0);
    }
}
