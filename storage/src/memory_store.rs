//! A store in memory: the simplest implementation of the contract, for tests and for comparison
//! with other engines.

use std::{
    collections::{BTreeMap, VecDeque},
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::{
    Commit, CommitId, Entry, Key, Lease, MAX_PAGE, Operation, Portable, RECENT_COMMITS, Store,
    StoreError, StreamId, Timer, Versioned, contract::lease_end, export::Item, limits,
};

/// A store that loses everything with its last handle. For tests: it keeps every promise except
/// durability.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Content>>);

#[derive(Debug, Clone, Default, PartialEq)]
struct Content {
    documents: BTreeMap<Key, Versioned>,
    streams: BTreeMap<StreamId, Vec<Vec<u8>>>,
    timers: BTreeMap<String, DateTime<Utc>>,
    leases: BTreeMap<String, Lease>,
    commits: VecDeque<CommitId>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Locks the content. No code leaves it half changed, so a panic elsewhere does not spoil it.
    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Content {
    fn version(&self, key: &str) -> u64 {
        self.documents.get(key).map_or(0, |document| document.version)
    }

    fn check(&self, commit: &Commit) -> Result<(), StoreError> {
        if let Some(fence) = &commit.fence {
            let current = self.leases.get(&fence.lease).map_or(0, |lease| lease.token);
            if current != fence.token {
                return Err(StoreError::Fenced { lease: fence.lease.clone(), current });
            }
        }
        for operation in &commit.operations {
            let (what, expected, found) = match operation {
                Operation::Put { key, if_version: Some(expected), .. }
                | Operation::Check { key, version: expected }
                | Operation::Delete { key, version: expected } => {
                    (key, *expected, self.version(key))
                }
                Operation::Append { stream, expected, .. } => {
                    (stream, *expected, self.streams.get(stream).map_or(0, Vec::len) as u64)
                }
                _ => continue,
            };
            if expected != found {
                return Err(StoreError::Conflict { what: what.clone(), expected, found });
            }
        }
        Ok(())
    }

    fn apply(&mut self, operation: Operation) {
        match operation {
            Operation::Put { key, value, .. } => {
                let version = self.version(&key) + 1;
                self.documents.insert(key, Versioned { version, value });
            }
            Operation::Delete { key, .. } => {
                self.documents.remove(&key);
            }
            Operation::Append { stream, entries, .. } if !entries.is_empty() => {
                self.streams.entry(stream).or_default().extend(entries);
            }
            Operation::SetTimer { id, due } => {
                self.timers.insert(id, due);
            }
            Operation::ClearTimer { id } => {
                self.timers.remove(&id);
            }
            Operation::Check { .. } | Operation::Append { .. } => {}
        }
    }
}

fn page<'a, T: Clone + 'a, U>(
    map: &'a BTreeMap<String, T>,
    prefix: &'a str,
    after: Option<&str>,
    limit: usize,
    show: impl Fn(&T) -> U,
) -> Vec<(String, U)> {
    let start = after.map_or(Bound::Unbounded, Bound::Excluded);
    map.range::<str, _>((start, Bound::Unbounded))
        .filter(|(name, _)| name.starts_with(prefix))
        .take(limit.min(MAX_PAGE))
        .map(|(name, value)| (name.clone(), show(value)))
        .collect()
}

#[async_trait]
impl Store for MemoryStore {
    async fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        limits::check_commit(&commit)?;
        let mut content = self.content();
        if content.commits.contains(&commit.id) {
            return Ok(());
        }
        content.check(&commit)?;
        for operation in commit.operations {
            content.apply(operation);
        }
        content.commits.push_back(commit.id);
        if content.commits.len() as u64 > RECENT_COMMITS {
            content.commits.pop_front();
        }
        Ok(())
    }

    async fn document(&self, key: &str) -> Result<Option<Versioned>, StoreError> {
        limits::check_name(key)?;
        Ok(self.content().documents.get(key).cloned())
    }

    async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(Key, Versioned)>, StoreError> {
        Ok(page(&self.content().documents, prefix, after, limit, Clone::clone))
    }

    async fn stream(&self, id: &str, after: u64, limit: usize) -> Result<Vec<Entry>, StoreError> {
        limits::check_name(id)?;
        let content = self.content();
        let entries = content.streams.get(id).map_or(&[][..], Vec::as_slice);
        Ok((1..)
            .zip(entries)
            .filter(|(version, _)| *version > after)
            .take(limit.min(MAX_PAGE))
            .map(|(version, payload)| Entry { version, payload: payload.clone() })
            .collect())
    }

    async fn streams(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(StreamId, u64)>, StoreError> {
        Ok(page(&self.content().streams, prefix, after, limit, |entries| entries.len() as u64))
    }

    async fn due(
        &self,
        until: DateTime<Utc>,
        after: Option<&Timer>,
        limit: usize,
    ) -> Result<Vec<Timer>, StoreError> {
        let mut timers: Vec<Timer> = self
            .content()
            .timers
            .iter()
            .filter(|(_, due)| **due <= until)
            .map(|(id, due)| Timer { id: id.clone(), due: *due })
            .collect();
        timers.retain(|timer| {
            after.is_none_or(|after| (timer.due, &timer.id) > (after.due, &after.id))
        });
        timers.sort_by(|a, b| (a.due, &a.id).cmp(&(b.due, &b.id)));
        timers.truncate(limit.min(MAX_PAGE));
        Ok(timers)
    }

    async fn acquire(
        &self,
        name: &str,
        holder: &str,
        ttl: Duration,
        now: DateTime<Utc>,
    ) -> Result<Lease, StoreError> {
        limits::check_name(name)?;
        limits::check_name(holder)?;
        let until = lease_end(ttl, now)?;
        let mut content = self.content();
        let held = content.leases.get(name);
        if let Some(held) = held
            && held.holder != holder
            && now < held.until
        {
            return Err(StoreError::HeldBy {
                lease: name.into(),
                holder: held.holder.clone(),
                until: held.until,
            });
        }
        let token = held.map_or(0, |held| held.token) + 1;
        let lease = Lease { name: name.into(), holder: holder.into(), token, until };
        content.leases.insert(name.into(), lease.clone());
        Ok(lease)
    }

    async fn renew(
        &self,
        lease: &Lease,
        ttl: Duration,
        now: DateTime<Utc>,
    ) -> Result<Lease, StoreError> {
        limits::check_name(&lease.name)?;
        let until = lease_end(ttl, now)?;
        match self.content().leases.get_mut(&lease.name) {
            Some(stored) if stored.token == lease.token => {
                stored.until = until;
                Ok(stored.clone())
            }
            stored => Err(StoreError::Fenced {
                lease: lease.name.clone(),
                current: stored.map_or(0, |stored| stored.token),
            }),
        }
    }
}

#[async_trait]
impl Portable for MemoryStore {
    async fn dump(&self) -> Result<Vec<Item>, StoreError> {
        let content = self.content().clone();
        let mut items = Vec::new();
        for (key, Versioned { version, value }) in content.documents {
            items.push(Item::Document { key, version, value });
        }
        for (stream, entries) in content.streams {
            items.extend((1..).zip(entries).map(|(version, payload)| Item::Entry {
                stream: stream.clone(),
                version,
                payload,
            }));
        }
        items.extend(content.timers.into_iter().map(|(id, due)| Item::Timer { id, due }));
        items.extend(content.leases.into_values().map(Item::Lease));
        items.extend(content.commits.into_iter().map(|id| Item::Commit { id }));
        Ok(items)
    }

    async fn load(&self, items: Vec<Item>) -> Result<(), StoreError> {
        let mut content = self.content();
        if *content != Content::default() {
            return Err(StoreError::Invalid { detail: "an import needs an empty store".into() });
        }
        for item in items {
            match item {
                Item::Document { key, version, value } => {
                    content.documents.insert(key, Versioned { version, value });
                }
                Item::Entry { stream, payload, .. } => {
                    content.streams.entry(stream).or_default().push(payload);
                }
                Item::Timer { id, due } => {
                    content.timers.insert(id, due);
                }
                Item::Lease(lease) => {
                    content.leases.insert(lease.name.clone(), lease);
                }
                Item::Commit { id } => content.commits.push_back(id),
            }
        }
        Ok(())
    }
}
