//! The progress of commands from node to node. Everything happens at its own simulated time, in
//! order, whether anybody observes it or not.

use chrono::{DateTime, TimeDelta, Utc};

use super::command::{Command, Invocation, Status};
use super::fault::NodeFault;
use super::node::{Activity, Installed, Node, Operation, Report, Row, RowState};
use super::override_list::OverrideList;
use super::reboot::Reboot;
use super::state::{Event, Outcome, State};

impl State {
    pub(super) fn happen(&mut self, event: Event) {
        match event {
            Event::Deliver { command } => self.deliver(command),
            Event::DeliveryDeadline { command, invocation } => {
                if self.commands[command].invocations[invocation].status == Status::Pending {
                    self.end(command, invocation, Status::DeliveryTimedOut);
                }
            }
            Event::Worked { command, invocation } => self.worked(command, invocation),
            Event::Rebooted { command, invocation, result } => {
                let node = self.commands[command].invocations[invocation].node;
                self.finish(command, invocation, *result);
                self.is_back(node);
            }
            Event::ExecutionDeadline { command, invocation } => {
                if !self.commands[command].invocations[invocation].status.is_final() {
                    self.end(command, invocation, Status::ExecutionTimedOut);
                }
            }
            Event::Report { node, report } => {
                self.nodes[node].report = Some(*report);
                self.notify_compliance(node);
            }
            Event::WindowOpens { window } => self.window_opens(window),
            Event::WindowEnds { window, execution } => {
                self.windows[window].executions[execution].ended.get_or_insert(self.now);
            }
            Event::Released => {}
        }
    }

    /// Delivers the command to as many nodes as its concurrency allows.
    fn deliver(&mut self, index: usize) {
        let command = &mut self.commands[index];
        let stopped = command.cancelled || command.is_over_its_errors();
        let mut room = command.concurrency().saturating_sub(command.in_flight());
        let waiting = if command.cancelled { Status::Cancelled } else { Status::Terminated };
        let timeout = command.timeout;
        let mut sent = Vec::new();
        for (number, invocation) in command.invocations.iter_mut().enumerate() {
            let is_new = invocation.sent_at.is_none() && invocation.status == Status::Pending;
            if is_new && stopped {
                invocation.status = waiting;
                invocation.ended_at = Some(self.now);
            } else if is_new && room > 0 {
                room -= 1;
                invocation.sent_at = Some(self.now);
                sent.push(number);
            }
        }
        for invocation in sent {
            self.after(timeout, Event::DeliveryDeadline { command: index, invocation });
            self.reach(index, invocation);
        }
    }

    pub(super) fn reach(&mut self, command: usize, invocation: usize) {
        let Invocation { node, status, .. } = self.commands[command].invocations[invocation];
        if status != Status::Pending {
            return;
        }
        if self.nodes[node].fault == Some(NodeFault::Undeliverable) {
            self.end(command, invocation, Status::Undeliverable);
        } else if self.nodes[node].is_online() {
            self.begin(command, invocation, node);
        } else {
            // It may come back before the delivery times out.
            self.nodes[node].waiting.push((command, invocation));
        }
    }

    fn begin(&mut self, command: usize, invocation: usize, node: usize) {
        let asked = &self.commands[command];
        let stagger = self.pace.stagger * i32::try_from(invocation).unwrap_or(i32::MAX);
        let (activity, takes) = match asked.operation() {
            Operation::Scan => (Activity::Scanning, self.pace.scan),
            Operation::Install => {
                let count = self.wanted(command, node).map_or(0, |wanted| wanted.len());
                let each = self.pace.each_patch * i32::try_from(count).unwrap_or(i32::MAX);
                (Activity::Installing, self.pace.install + each)
            }
        };
        self.nodes[node].activity = Some(activity);
        self.nodes[node].last_ping = self.now;
        let begun = &mut self.commands[command].invocations[invocation];
        begun.status = Status::InProgress;
        begun.started_at = Some(self.now);
        self.after(takes + stagger, Event::Worked { command, invocation });
        let timeout = self.pace.execution_timeout;
        self.after(timeout, Event::ExecutionDeadline { command, invocation });
    }

    /// What an install would put on the node; the error is what the node would report.
    fn wanted(&self, command: usize, node: usize) -> Result<Vec<usize>, Unreadable> {
        let command = &self.commands[command];
        let node = &self.nodes[node];
        let overrides = command.parameter("InstallOverrideList");
        if overrides.is_some() && command.parameter("BaselineOverride").is_some() {
            let text = "InstallOverrideList and BaselineOverride exclude each other";
            return Err(Unreadable { code: 167, stdout: String::new(), stderr: text.into() });
        }
        let Some(overrides) = overrides else {
            let baseline = self.baseline_of(node);
            let approved = |index: &usize| {
                baseline.is_some_and(|baseline| baseline.approves(&self.patches[*index], self.now))
            };
            let lacking = node.lacks(&self.patches, self.now);
            return Ok(lacking.into_iter().filter(approved).collect());
        };
        let windows = node.spec.os.plugin() == "PatchWindows";
        let unreadable = |why: &NoList| unreadable(windows, overrides, why);
        let text = self.read_override_list(node, overrides).map_err(|why| unreadable(&why))?;
        let pins =
            OverrideList::parse(&text).map_err(|error| unreadable(&NoList::NotAList(error)))?;
        // A pin bypasses the baseline, and may name an older version than the newest.
        let fits = |index: &usize| {
            let patch = &self.patches[*index];
            patch.os == node.spec.os && patch.is_out(self.now) && pins.names(patch)
        };
        let mut pinned: Vec<usize> = (0..self.patches.len())
            .filter(fits)
            .filter(|index| !node.has.contains_key(index))
            .collect();
        let newest = pinned.clone();
        pinned.retain(|older| {
            let newer = |index: &usize| self.patches[*index].replaces_patch(&self.patches[*older]);
            !newest.iter().any(newer) && !node.has.keys().any(newer)
        });
        Ok(pinned)
    }

    fn read_override_list(&self, node: &Node, address: &str) -> Result<String, NoList> {
        let (bucket, key) = address
            .strip_prefix("s3://")
            .and_then(|rest| rest.split_once('/'))
            .ok_or_else(|| NoList::NotAList("only s3:// is within reach of this node".into()))?;
        if node.fault == Some(NodeFault::CannotReadLists) {
            return Err(NoList::Forbidden);
        }
        let object = self.buckets.get(bucket).and_then(|objects| objects.get(key));
        let object = object.ok_or(NoList::NotFound)?;
        String::from_utf8(object.clone()).map_err(|error| NoList::NotAList(error.to_string()))
    }

    fn worked(&mut self, command: usize, invocation: usize) {
        let Invocation { node, status, .. } = self.commands[command].invocations[invocation];
        if status.is_final() {
            return;
        }
        self.nodes[node].last_ping = self.now;
        let operation = self.commands[command].operation();
        if status == Status::Cancelling && operation == Operation::Scan {
            self.nodes[node].activity = None;
            self.end(command, invocation, Status::Cancelled);
            return;
        }
        if self.nodes[node].fault == Some(NodeFault::ScanFails) {
            let outcome = self.broken(command, invocation);
            self.finish(command, invocation, outcome);
            return;
        }
        match operation {
            Operation::Scan => {
                let outcome = self.outcome(command, invocation, &[], String::new());
                self.finish(command, invocation, outcome);
            }
            Operation::Install => match self.wanted(command, node) {
                Ok(wanted) => self.installed(command, invocation, &wanted),
                Err(Unreadable { code, stdout, stderr }) => {
                    let outcome = Outcome { code, stdout, stderr, report: None };
                    self.finish(command, invocation, outcome);
                }
            },
        }
    }

    fn installed(&mut self, command: usize, invocation: usize, wanted: &[usize]) {
        let now = self.now;
        let no_reboot = self.commands[command].no_reboot();
        let index = self.commands[command].invocations[invocation].node;
        let node = &mut self.nodes[index];
        let mut stderr = String::new();
        let mut failed = Vec::new();
        if let Some(NodeFault::InstallFails { patch, once, stderr: says }) = node.fault.clone() {
            let hit = |wanted: &&usize| {
                patch.as_ref().is_none_or(|patch| *patch == self.patches[**wanted].id)
            };
            failed = wanted.iter().filter(hit).copied().collect();
            if !failed.is_empty() {
                stderr = says;
                node.fault = node.fault.take().filter(|_| !once);
            }
        }
        let done: Vec<usize> = wanted.iter().filter(|w| !failed.contains(w)).copied().collect();
        for patch in &done {
            node.has.insert(*patch, Installed { at: now, pending_reboot: true });
        }
        node.installs.push(done.iter().map(|patch| self.patches[*patch].id.clone()).collect());
        let reboots = !no_reboot && node.has.values().any(|installed| installed.pending_reboot);
        if !reboots {
            let outcome = self.outcome(command, invocation, &failed, stderr);
            self.finish(command, invocation, outcome);
            return;
        }
        node.activity = Some(Activity::Rebooting);
        node.last_ping = now;
        let reboot = Reboot { command, invocation, failed, stderr };
        if node.fault == Some(NodeFault::LostInReboot) {
            node.activity = None;
            node.lost = Some(reboot);
            return;
        }
        self.reboot(index, reboot);
    }

    pub(super) fn outcome(
        &self,
        command: usize,
        invocation: usize,
        failed: &[usize],
        stderr: String,
    ) -> Outcome {
        let command = &self.commands[command];
        let invocation = &command.invocations[invocation];
        let node = &self.nodes[invocation.node];
        let operation = command.operation();
        let mut report = self.report_of(node, operation, self.now);
        report.started = invocation.started_at.unwrap_or(self.now);
        report.snapshot = command.parameter("SnapshotId").map(str::to_owned);
        report.no_reboot = command.no_reboot();
        report.override_list = command.parameter("InstallOverrideList").map(str::to_owned);
        let row = |patch: &usize| Row { patch: *patch, state: RowState::Failed, at: None };
        report.rows.extend(failed.iter().map(row));
        let stdout = summary(node, &report);
        // With the caller's own baseline, results go to standard output and nowhere else.
        let own_baseline = command.parameter("BaselineOverride").is_some();
        let code = i32::from(!failed.is_empty());
        Outcome { code, stdout, stderr, report: (!own_baseline).then_some(report) }
    }

    fn broken(&self, command: usize, invocation: usize) -> Outcome {
        let mut outcome = self.outcome(command, invocation, &[], String::new());
        if let Some(report) = &mut outcome.report {
            report.started = DateTime::<Utc>::UNIX_EPOCH;
            report.ended = DateTime::<Utc>::UNIX_EPOCH;
            report.rows.clear();
            report.broken = true;
            let node = self.commands[command].invocations[invocation].node;
            outcome.stdout = summary(&self.nodes[node], report);
        }
        outcome.code = 1;
        outcome.stderr = "The scan did not complete.".into();
        outcome
    }

    fn finish(&mut self, command: usize, invocation: usize, outcome: Outcome) {
        let node = self.commands[command].invocations[invocation].node;
        self.nodes[node].activity = None;
        if let Some(report) = outcome.report {
            let lag = self.pace.state_lag;
            let report = Box::new(report);
            if lag.is_zero() {
                self.nodes[node].report = Some(*report);
                self.notify_compliance(node);
            } else {
                self.after(lag, Event::Report { node, report });
            }
        }
        let ended = &mut self.commands[command].invocations[invocation];
        if ended.status.is_final() {
            return;
        }
        ended.response_code = outcome.code;
        ended.stdout = outcome.stdout;
        ended.stderr = outcome.stderr;
        let status = if outcome.code == 0 { Status::Success } else { Status::Failed };
        self.end(command, invocation, status);
    }

    fn end(&mut self, command: usize, invocation: usize, status: Status) {
        let ended = &mut self.commands[command].invocations[invocation];
        ended.status = status;
        ended.ended_at = Some(self.now);
        self.after(TimeDelta::zero(), Event::Deliver { command });
    }

    /// A Scan that nobody sent over the wire.
    pub(super) fn foreign_command(
        &mut self,
        node: usize,
        comment: &str,
        snapshot: Option<&str>,
    ) -> String {
        let spec = &self.nodes[node].spec;
        let mut parameters: std::collections::BTreeMap<String, Vec<String>> =
            [("Operation".to_owned(), vec!["Scan".to_owned()])].into();
        parameters.extend(snapshot.map(|id| ("SnapshotId".to_owned(), vec![id.to_owned()])));
        let command = Command {
            id: uuid::Uuid::new_v4().to_string(),
            account: spec.account.clone(),
            region: spec.region.clone(),
            comment: comment.to_owned(),
            document_version: "$DEFAULT".into(),
            parameters,
            instance_ids: vec![spec.id.clone()],
            targets: serde_json::Value::Array(Vec::new()),
            requested_at: self.now,
            visible_at: self.visible_at(comment),
            timeout: TimeDelta::seconds(3600),
            max_concurrency: "50".into(),
            max_errors: "0".into(),
            cancelled: false,
            invocations: vec![Invocation::new(node)],
            notified: None,
        };
        let (id, index) = (command.id.clone(), self.commands.len());
        self.commands.push(command);
        self.after(self.pace.delivery, Event::Deliver { command: index });
        id
    }

    /// Cancels what has not begun; what is running is asked to stop, which only a scan obeys.
    pub(super) fn cancel(&mut self, command: usize, only: &[usize]) {
        let concerned = |node: usize| only.is_empty() || only.contains(&node);
        if only.is_empty() {
            self.commands[command].cancelled = true;
        }
        let now = self.now;
        for invocation in &mut self.commands[command].invocations {
            match invocation.status {
                Status::Pending if concerned(invocation.node) => {
                    invocation.status = Status::Cancelled;
                    invocation.ended_at = Some(now);
                }
                Status::InProgress if concerned(invocation.node) => {
                    invocation.status = Status::Cancelling;
                }
                _ => {}
            }
        }
        self.deliver(command);
    }

    fn window_opens(&mut self, index: usize) {
        let now = self.now;
        let living = &mut self.windows[index];
        if living.next != Some(now) {
            return; // Disabled or moved since.
        }
        let execution = living.begin(now);
        // The next opening advances as soon as the execution starts.
        living.next = living.window.schedule.next(living.window.created, now);
        let next = living.next;
        let open = TimeDelta::hours(i64::from(living.window.duration_hours));
        self.after(open, Event::WindowEnds { window: index, execution });
        if let Some(at) = next {
            self.later(at, Event::WindowOpens { window: index });
        }
    }
}

/// Why a node has no list.
enum NoList {
    Forbidden,
    NotFound,
    NotAList(String),
}

/// What the document prints before it ends without having done anything.
struct Unreadable {
    code: i32,
    stdout: String,
    stderr: String,
}

/// The output in the format of the payload for Linux, published in 2021
/// (`install_override_list.py`, `downloader.py`, `main_entrance.py`): its log goes to standard
/// output, and it exits with 1 whatever went wrong. The output on Windows is inferred.
fn unreadable(windows: bool, address: &str, why: &NoList) -> Unreadable {
    let (s3, windows_says) = match why {
        NoList::Forbidden => {
            ("(403) when calling the HeadObject operation: Forbidden", "Access Denied")
        }
        NoList::NotFound => ("(404) when calling the HeadObject operation: Not Found", "Not Found"),
        NoList::NotAList(_) => ("", "it is not in YAML format"),
    };
    if windows {
        let stderr = format!(
            "Invoke-PatchBaselineOperation : Unable to read InstallOverrideList {address} : {windows_says}"
        );
        return Unreadable { code: 1, stdout: String::new(), stderr };
    }
    let log = |level: &str, text: &str| format!("11/29/2026 10:00:00 root [{level}]: {text}\n");
    let mut stdout = log("INFO", &format!("Downloading InstallOverrideList from: {address}."));
    stdout += &match why {
        NoList::Forbidden | NoList::NotFound => {
            log("ERROR", &format!("Unable to download file from S3: {address}."))
                + &log("ERROR", &format!("An error occurred {s3}"))
                + &format!("botocore.exceptions.ClientError: An error occurred {s3}\n")
        }
        NoList::NotAList(error) => {
            let text = "Unable to load yaml file: /var/log/amazon/ssm/patch-baseline-operations/install_override_list.yaml. \
                        Please make sure the file you provided is in YAML format.";
            log("ERROR", text) + &log("ERROR", error)
        }
    };
    Unreadable { code: 1, stdout, stderr: "failed to run commands: exit status 1".into() }
}

/// The last lines of the document's output.
fn summary(node: &super::node::Node, report: &Report) -> String {
    let count = |state| if report.broken { -1 } else { report.count(state) };
    format!(
        "Patch Summary for {}\n\nPatchGroup          : {}\nBaselineId          : {}\n\
         SnapshotId          : {}\nOperationStartTime  : {}\nOperationType       : {}\n\
         InstalledCount      : {}\nInstalledOtherCount : {}\nMissingCount        : {}\n\
         FailedCount         : {}\n",
        node.spec.id,
        node.group().unwrap_or_default(),
        report.baseline,
        report.snapshot.as_deref().unwrap_or_default(),
        report.started.to_rfc3339(),
        report.operation.word(),
        count(RowState::Installed),
        count(RowState::InstalledOther),
        count(RowState::Missing),
        count(RowState::Failed),
    )
}
