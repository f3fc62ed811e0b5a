//! Commits and leases. Everything here runs on the writer thread, the only one that reads or writes
//! the database: nothing changes between a check and the write that depends on it.
//!
//! A commit is only staged at first. Everything that a batch of commits has staged goes to the
//! database as one atomic write, because sled writes out two buffers of its log for each write,
//! which costs far more than their content.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    time::Duration,
};

use chrono::{DateTime, Utc};
use sled::IVec;

use super::keys;
use crate::{
    Commit, CommitId, Lease, MAX_COMMIT_BYTES, Operation, RECENT_COMMITS, StoreError,
    contract::lease_end, io_error, limits,
};

/// The open database.
pub(super) struct Engine {
    pub(super) db: sled::Db,
    /// What must be written to the database before the batch is durable; `None` removes the key.
    staged: RefCell<HashMap<IVec, Option<IVec>>>,
    staged_bytes: Cell<usize>,
    /// Whether the database has received something that is not durable yet.
    pub(super) dirty: Cell<bool>,
    /// The error with which sled itself failed; from then on, we do not trust what it holds in
    /// memory.
    pub(super) broken: RefCell<Option<String>>,
    /// The number of changes ever made, including staged ones.
    pub(super) writes: Cell<u64>,
}

impl Engine {
    pub(super) fn new(db: sled::Db) -> Self {
        Self {
            db,
            staged: RefCell::default(),
            staged_bytes: Cell::default(),
            dirty: Cell::new(false),
            broken: RefCell::default(),
            writes: Cell::default(),
        }
    }

    /// Notes that sled failed, and returns the error for the caller.
    pub(super) fn mark_broken(&self, error: &sled::Error) -> StoreError {
        let detail = io_error::describe_sled(error);
        *self.broken.borrow_mut() = Some(detail.clone());
        StoreError::Ambiguous { detail }
    }

    pub(super) fn commit(&self, commit: &Commit) -> Result<(), StoreError> {
        limits::check_commit(commit)?;
        self.change(|change| {
            if change.get(&keys::commit(commit.id))?.is_some() {
                return Ok(());
            }
            if let Some(fence) = &commit.fence {
                let current = change.lease(&fence.lease)?.map_or(0, |lease| lease.token);
                if current != fence.token {
                    return Err(StoreError::Fenced { lease: fence.lease.clone(), current });
                }
            }
            for operation in &commit.operations {
                change.operate(operation)?;
            }
            change.remember(commit.id)
        })
    }

    pub(super) fn acquire(
        &self,
        name: &str,
        holder: &str,
        ttl: Duration,
        now: DateTime<Utc>,
    ) -> Result<Lease, StoreError> {
        limits::check_name(name)?;
        limits::check_name(holder)?;
        let until = lease_end(ttl, now)?;
        self.change(|change| {
            let token = match change.lease(name)? {
                Some(held) if held.holder != holder && now < held.until => {
                    return Err(StoreError::HeldBy {
                        lease: held.name,
                        holder: held.holder,
                        until: held.until,
                    });
                }
                Some(held) => held.token + 1,
                None => 1,
            };
            let new = Lease { name: name.into(), holder: holder.into(), token, until };
            change.put_lease(&new)?;
            Ok(new)
        })
    }

    pub(super) fn renew(
        &self,
        held: &Lease,
        ttl: Duration,
        now: DateTime<Utc>,
    ) -> Result<Lease, StoreError> {
        limits::check_name(&held.name)?;
        let until = lease_end(ttl, now)?;
        self.change(|change| match change.lease(&held.name)? {
            Some(stored) if stored.token == held.token => {
                let renewed = Lease { until, ..stored };
                change.put_lease(&renewed)?;
                Ok(renewed)
            }
            stored => Err(StoreError::Fenced {
                lease: held.name.clone(),
                current: stored.map_or(0, |lease| lease.token),
            }),
        })
    }

    /// Stages the writes of `steps`; if they fail, stages nothing.
    fn change<T>(
        &self,
        steps: impl FnOnce(&mut Change<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut change = Change { engine: self, writes: Vec::new() };
        let done = steps(&mut change)?;
        let writes = change.writes;
        if !writes.is_empty() {
            let sizes =
                writes.iter().map(|(key, value)| key.len() + value.as_ref().map_or(0, |v| v.len()));
            self.staged_bytes.update(|staged| staged + sizes.sum::<usize>());
            self.staged.borrow_mut().extend(writes);
            self.writes.update(|writes| writes + 1);
        }
        // One write of the database is at most about as large as two commits.
        if self.staged_bytes.get() > MAX_COMMIT_BYTES {
            self.write_staged();
        }
        Ok(done)
    }

    /// Writes everything that was staged to the database at once. A failure is in `broken`
    /// afterwards.
    pub(super) fn write_staged(&self) {
        self.staged_bytes.set(0);
        let staged = self.staged.take();
        if staged.is_empty() {
            return;
        }
        let mut batch = sled::Batch::default();
        for (key, value) in staged {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        batch.insert(keys::WRITES, &self.writes.get().to_be_bytes());
        // Before the write and not after it: a write that panics half way must not count as clean.
        self.dirty.set(true);
        if let Err(error) = self.db.apply_batch(batch) {
            self.mark_broken(&error);
        }
    }

    /// Drops what was staged, because the database can no longer be trusted with it.
    pub(super) fn forget_staged(&self) {
        self.staged_bytes.set(0);
        self.staged.take();
    }

    fn get(&self, key: &[u8]) -> Result<Option<IVec>, StoreError> {
        match self.staged.borrow().get(key) {
            Some(staged) => Ok(staged.clone()),
            None => self.db.get(key).map_err(|error| self.mark_broken(&error)),
        }
    }
}

/// The writes of one commit. It only reads what was there before, which is enough, because no two
/// operations of a commit touch the same name.
struct Change<'a> {
    engine: &'a Engine,
    writes: Vec<(IVec, Option<IVec>)>,
}

impl Change<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<IVec>, StoreError> {
        self.engine.get(key)
    }

    fn insert(&mut self, key: impl Into<IVec>, value: impl Into<IVec>) {
        self.writes.push((key.into(), Some(value.into())));
    }

    fn remove(&mut self, key: impl Into<IVec>) {
        self.writes.push((key.into(), None));
    }

    fn operate(&mut self, operation: &Operation) -> Result<(), StoreError> {
        match operation {
            Operation::Put { key, value, if_version } => {
                let found = self.document_version(key)?;
                expect(key, if_version.unwrap_or(found), found)?;
                self.insert(keys::key(keys::DOCUMENT, key), keys::document(found + 1, value));
            }
            Operation::Check { key, version } => {
                expect(key, *version, self.document_version(key)?)?;
            }
            Operation::Delete { key, version } => {
                expect(key, *version, self.document_version(key)?)?;
                self.remove(keys::key(keys::DOCUMENT, key));
            }
            Operation::Append { stream, expected, entries } => {
                let head_key = keys::key(keys::HEAD, stream);
                let mut head = self.number(&head_key, stream)?;
                expect(stream, *expected, head)?;
                for payload in entries {
                    head += 1;
                    self.insert(keys::entry(stream, head), payload.as_slice());
                }
                if !entries.is_empty() {
                    self.insert(head_key, &head.to_be_bytes());
                }
            }
            Operation::SetTimer { id, due } => {
                self.clear_timer(id)?;
                let at = keys::instant(*due);
                self.insert(keys::due(&at, id), &[]);
                self.insert(keys::key(keys::TIMER, id), &at);
            }
            Operation::ClearTimer { id } => self.clear_timer(id)?,
        }
        Ok(())
    }

    fn clear_timer(&mut self, id: &str) -> Result<(), StoreError> {
        let key = keys::key(keys::TIMER, id);
        if let Some(at) = self.get(&key)? {
            self.remove(keys::due(&at, id));
            self.remove(key);
        }
        Ok(())
    }

    fn document_version(&self, key: &str) -> Result<u64, StoreError> {
        match self.get(&keys::key(keys::DOCUMENT, key))? {
            Some(raw) => keys::read_document(key, &raw).map(|(version, _)| version),
            None => Ok(0),
        }
    }

    fn number(&self, key: &[u8], what: &str) -> Result<u64, StoreError> {
        self.get(key)?.map_or(Ok(0), |raw| keys::read_number(what, &raw))
    }

    fn lease(&self, name: &str) -> Result<Option<Lease>, StoreError> {
        let raw = self.get(&keys::key(keys::LEASE, name))?;
        raw.map(|raw| read_lease(name, &raw)).transpose()
    }

    fn put_lease(&mut self, lease: &Lease) -> Result<(), StoreError> {
        let raw = serde_json::to_vec(lease)
            .map_err(|error| StoreError::Invalid { detail: error.to_string() })?;
        self.insert(keys::key(keys::LEASE, &lease.name), raw);
        Ok(())
    }

    /// A ring buffer: an id replaces the one that took its slot a full round ago.
    fn remember(&mut self, id: CommitId) -> Result<(), StoreError> {
        let count = self.number(keys::COMMITS, "the count of commits")?;
        let slot = keys::ring_slot(count % RECENT_COMMITS);
        if let Some(old) = self.get(&slot)? {
            self.remove([&[keys::COMMIT], &*old].concat());
        }
        self.insert(slot, id.0.as_bytes());
        self.insert(keys::commit(id), &[]);
        self.insert(keys::COMMITS, &(count + 1).to_be_bytes());
        Ok(())
    }
}

fn expect(what: &str, expected: u64, found: u64) -> Result<(), StoreError> {
    if expected != found {
        return Err(StoreError::Conflict { what: what.into(), expected, found });
    }
    Ok(())
}

pub(super) fn read_lease(name: &str, raw: &[u8]) -> Result<Lease, StoreError> {
    serde_json::from_slice(raw)
        .map_err(|error| keys::corrupt(&format!("lease {name}"), &error.to_string()))
}
