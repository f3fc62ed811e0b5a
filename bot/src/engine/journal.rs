//! The journal: the state on disk. Every change is durable before it counts.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use commands::event::Event;
use commands::patch::advisory::Advisory;
use commands::recorded::Recorded;
use commands::state::State;
use serde::de::DeserializeOwned;
use serde_json::Value;
use storage::records::{self, append_events, read_events};
use storage::{Commit, Key, Lease, MAX_OPERATIONS, Operation, Store, StoreError};

use crate::aws::Gate;
use crate::chat::{Channel, Inbound};
use crate::clock::Clock;
use crate::delivery::{PostId, PostedMessage, Subscriber};
use crate::engine::{Services, inbox};
use crate::telemetry::metrics;

/// How long a lease lasts without renewal, by the host's own clock.
pub(super) const LEASE: Duration = Duration::from_secs(60);

/// Everything that a bot posts or sends happens under this lease.
const LEASE_NAME: &str = "dispatcher";
const ANNOUNCEMENTS: &str = "announcements";
const REPORTS: &str = "compliance";
const EMERGENCY_STOP: &str = "emergency_stop";
const REMINDERS: &str = "reminders";
const RUNS: &str = "run/";
const POSTED: &str = "posted/";
const CHANNELS: &str = "channel/";
/// When the last scheduled scan began.
const SCANNED: &str = "scanned";
const ADVISORIES: &str = "advisory/";
const SUBSCRIBERS: &str = "subscriber/";
/// The page size of reads.
const PAGE: usize = 500;

/// The store, the lease on it, and the position of each stream.
pub(super) struct Journal {
    store: Arc<dyn Store>,
    lease: Lease,
    gate: LeaseGate,
    heads: BTreeMap<String, u64>,
    clock: Clock,
    /// The last name of the inbox that was swept; `None` if the next sweep starts from the
    /// beginning.
    swept: Option<Key>,
}

/// Opens the gate while the lease is held, and closes it when the journal is dropped.
struct LeaseGate(Gate);

impl Drop for LeaseGate {
    fn drop(&mut self) {
        self.0.lease_is_lost();
    }
}

/// Everything that a bot reads from the store when it starts.
pub(super) struct Recovered {
    pub(super) state: State,
    /// The stored state of messages, by name.
    pub(super) posted: BTreeMap<String, PostedMessage>,
    /// When each channel was first configured.
    pub(super) since: BTreeMap<String, DateTime<Utc>>,
    /// Interactions that were acknowledged and not completed yet, oldest first.
    pub(super) inbox: Vec<Inbound>,
    /// The preferences for direct messages, by account.
    pub(super) subscribers: BTreeMap<String, Subscriber>,
    /// When the last scheduled scan began; `None` if there was none.
    pub(super) scanned_at: Option<DateTime<Utc>>,
}

/// A change of the state that is not durable yet.
#[derive(Default)]
pub(super) struct Transaction {
    appends: Vec<(String, Vec<Value>)>,
    puts: Vec<Operation>,
    handled: Option<String>,
}

impl Transaction {
    pub(super) fn events(mut self, events: &[Recorded<Event>]) -> Result<Self> {
        for recorded in events {
            let written = serde_json::to_value(recorded);
            let written = written.context("failed to store what was decided")?;
            let stream = stream(&recorded.event);
            match self.appends.iter_mut().find(|(known, _)| *known == stream) {
                Some((_, events)) => events.push(written),
                None => self.appends.push((stream, vec![written])),
            }
        }
        Ok(self)
    }

    pub(super) fn subscriber(mut self, name: &str, kept: &Subscriber) -> Result<Self> {
        let put = records::put(&format!("{SUBSCRIBERS}{name}"), kept, None)
            .context("failed to store who gets direct messages")?;
        self.puts.extend(put);
        Ok(self)
    }

    /// Sets the interaction that led to this: the same commit completes it.
    pub(super) fn handles(mut self, interaction: Option<&str>) -> Self {
        self.handled = interaction.map(str::to_owned);
        self
    }
}

impl Journal {
    /// Takes the lease and reads everything.
    pub(super) async fn open(
        store: Arc<dyn Store>,
        services: &Services,
    ) -> Result<(Self, Recovered)> {
        let lease = store
            .acquire(LEASE_NAME, &services.config.name, LEASE, Utc::now())
            .await
            .context("failed to take the lease: is another patchbot running on this store?")?;
        let clock = services.clock.clone();
        let gate = LeaseGate(Gate::closed(clock.clone()));
        let mut journal = Self { store, lease, gate, heads: BTreeMap::new(), clock, swept: None };
        let state = journal.read_book(services).await?;
        journal.gate.0.stopped(state.emergency_stop.is_active());
        state.runs.values().for_each(|run| journal.gate.0.knows(run));
        journal.gate.0.lease_lasts(journal.lease.until);
        let since = journal.channels_since(services).await?;
        let posted = journal.documents(POSTED).await?;
        let inbox = inbox::unfinished(journal.store.as_ref()).await?;
        let subscribers = journal.documents(SUBSCRIBERS).await?;
        let scanned: BTreeMap<String, DateTime<Utc>> = journal.documents(SCANNED).await?;
        let scanned_at = scanned.into_values().next();
        Ok((journal, Recovered { state, posted, since, inbox, subscribers, scanned_at }))
    }

    /// When each channel was first configured. The bot posts nothing in a new channel that was over
    /// before.
    async fn channels_since(&self, services: &Services) -> Result<BTreeMap<String, DateTime<Utc>>> {
        let mut known: BTreeMap<String, DateTime<Utc>> = self.documents(CHANNELS).await?;
        for channel in services.config.channels.iter().map(Channel::key) {
            if let Entry::Vacant(new) = known.entry(channel) {
                let now = services.clock.now();
                let put = records::put(&format!("{CHANNELS}{}", new.key()), &now, None)
                    .context("failed to store that a channel is new")?;
                self.write(put).await?;
                new.insert(now);
            }
        }
        Ok(known)
    }

    async fn read_book(&mut self, services: &Services) -> Result<State> {
        let promotion = services.chat.directory.settled(&services.config.promotion);
        let mut state = State {
            promotion,
            plans_per_hour: Some(services.config.plans_per_hour),
            surveys_per_hour: Some(services.config.surveys_per_hour),
            people: services.chat.directory.all(),
            ..State::default()
        };
        let mut after: Option<String> = None;
        loop {
            let page = self
                .store
                .streams(RUNS, after.as_deref(), PAGE)
                .await
                .context("failed to list the runs")?;
            let Some((last, _)) = page.last() else { break };
            after = Some(last.clone());
            for (stream, _) in page {
                self.replay(&stream, &mut state).await?;
            }
        }
        for stream in [ANNOUNCEMENTS, REPORTS, EMERGENCY_STOP, REMINDERS] {
            self.replay(stream, &mut state).await?;
        }
        let advisories: BTreeMap<String, Advisory> = self.documents(ADVISORIES).await?;
        state.advisories =
            advisories.into_values().map(|advisory| (advisory.cve.clone(), advisory)).collect();
        Ok(state)
    }

    async fn replay(&mut self, stream: &str, state: &mut State) -> Result<()> {
        for recorded in self.read::<Recorded<Event>>(stream).await? {
            state.apply(recorded).with_context(|| format!("the record {stream} makes no sense"))?;
        }
        Ok(())
    }

    async fn read<E: DeserializeOwned + Send>(&mut self, stream: &str) -> Result<Vec<E>> {
        let mut events = Vec::new();
        let mut head = 0;
        loop {
            let page = read_events(self.store.as_ref(), stream, head, PAGE)
                .await
                .with_context(|| format!("failed to read {stream}"))?;
            let Some(last) = page.last() else { break };
            head = last.version;
            events.extend(page.into_iter().map(|event| event.body));
        }
        self.heads.insert(stream.to_owned(), head);
        Ok(events)
    }

    async fn documents<T: DeserializeOwned + Send>(
        &self,
        prefix: &str,
    ) -> Result<BTreeMap<String, T>> {
        let mut all = BTreeMap::new();
        let mut after: Option<String> = None;
        loop {
            let page = records::list(self.store.as_ref(), prefix, after.as_deref(), PAGE)
                .await
                .with_context(|| format!("failed to list {prefix}"))?;
            let Some((last, _)) = page.last() else { return Ok(all) };
            after = Some(last.clone());
            for (key, document) in page {
                let name = key.strip_prefix(prefix).unwrap_or(&key).to_owned();
                all.insert(name, document.body);
            }
        }
    }

    /// The fencing token of this process.
    pub(super) fn token(&self) -> u64 {
        self.lease.token
    }

    /// Whether this process may send, because no other process can have the lease yet.
    pub(super) fn may_send(&self) -> bool {
        Utc::now() < self.lease.until
    }

    /// The gate that every command passes before it leaves.
    pub(super) fn gate(&self) -> &Gate {
        &self.gate.0
    }

    /// Until when this process may send.
    pub(super) fn lease_until(&self) -> DateTime<Utc> {
        self.lease.until
    }

    pub(super) async fn renew(&mut self) -> Result<()> {
        match self.store.renew(&self.lease, LEASE, Utc::now()).await {
            Ok(lease) => self.lease = lease,
            Err(error) => {
                self.gate.0.lease_is_lost();
                let lost = "failed to keep the lease: another patchbot has taken over";
                return Err(error).context(lost);
            }
        }
        self.gate.0.lease_lasts(self.lease.until);
        Ok(())
    }

    /// Makes a change durable. It counts only after this.
    pub(super) async fn commit(&mut self, change: Transaction) -> Result<()> {
        let mut operations = change.puts;
        let mut heads = Vec::new();
        for (stream, events) in change.appends.into_iter().filter(|(_, events)| !events.is_empty())
        {
            let expected = self.heads.get(&stream).copied().unwrap_or(0);
            let (append, head) = append_events(&stream, expected, &events)
                .context("failed to store what was decided")?;
            operations.push(append);
            heads.push((stream, head));
        }
        if let Some(interaction) = change.handled {
            operations.extend(inbox::complete(&interaction, self.clock.now())?);
        }
        if operations.is_empty() {
            return Ok(());
        }
        self.write(operations).await?;
        self.heads.extend(heads);
        Ok(())
    }

    /// Removes the stored state of these messages.
    pub(super) async fn forget_posted(&self, names: &[PostId]) -> Result<()> {
        for name in names {
            let key = format!("{POSTED}{name}");
            let known =
                self.store.document(&key).await.context("failed to read what was posted")?;
            if let Some(known) = known {
                self.write(vec![Operation::Delete { key, version: known.version }]).await?;
            }
        }
        Ok(())
    }

    /// Deletes some old names of completed interactions.
    pub(super) async fn sweep(&mut self) -> Result<()> {
        let found =
            inbox::sweep(self.store.as_ref(), self.swept.as_deref(), self.clock.now()).await?;
        for some in found.operations.chunks(MAX_OPERATIONS) {
            self.write(some.to_vec()).await?;
        }
        self.swept = found.last;
        Ok(())
    }

    pub(super) async fn save_posted(&self, name: &str, posted: &PostedMessage) -> Result<()> {
        let put = records::put(&format!("{POSTED}{name}"), posted, None)
            .context("failed to store what was posted")?;
        self.write(put).await
    }

    pub(super) async fn save_advisories<'a>(
        &mut self,
        advisories: impl Iterator<Item = &'a Advisory>,
    ) -> Result<()> {
        for advisory in advisories {
            let key = format!("{ADVISORIES}{}", advisory.cve);
            let put = records::put(&key, advisory, None).context("failed to store an advisory")?;
            self.write(put).await?;
        }
        Ok(())
    }

    /// Stores that a scheduled scan begins, before it is sent: a process that keeps dying and
    /// restarting sends only one.
    pub(super) async fn save_scan_begun(&self, at: DateTime<Utc>) -> Result<()> {
        let put = records::put(SCANNED, &at, None)
            .context("failed to store that the nodes are scanned")?;
        self.write(put).await
    }

    async fn write(&self, operations: Vec<Operation>) -> Result<()> {
        let commit = Commit::new(operations).fenced(&self.lease);
        let began = Instant::now();
        let committed = match self.store.commit(commit.clone()).await {
            // The same commit id again: the store applies it once, whether or not the first attempt
            // arrived.
            Err(StoreError::Ambiguous { .. }) => self.store.commit(commit).await,
            other => other,
        };
        metrics::committed(began.elapsed());
        committed.context("failed to write to the store")
    }
}

/// The stream of an event. The events of one run can be read alone.
fn stream(event: &Event) -> String {
    match event {
        Event::Run(run, _) => format!("{RUNS}{run}"),
        Event::Announced { .. } => ANNOUNCEMENTS.to_owned(),
        Event::EmergencyStop(_) => EMERGENCY_STOP.to_owned(),
        Event::Reported { .. } => REPORTS.to_owned(),
        Event::Reminded(_) => REMINDERS.to_owned(),
    }
}
