//! Commits and leases as sled transactions. Everything here runs on the writer thread.

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use chrono::{DateTime, Utc};
use sled::transaction::{ConflictableTransactionError, TransactionError, TransactionalTree};

use super::keys;
use crate::{
    Commit, CommitId, Lease, Operation, RECENT_COMMITS, StoreError, contract::lease_end, io_error,
    limits,
};

/// The open database.
pub(super) struct Engine {
    pub(super) db: sled::Db,
    /// Something was applied that is not durable yet.
    pub(super) dirty: Cell<bool>,
    /// What sled itself failed with: what it holds in memory is not to be trusted from then on.
    pub(super) broken: RefCell<Option<String>>,
    /// How many transactions were ever applied.
    pub(super) writes: Cell<u64>,
}

type Step<T> = Result<T, ConflictableTransactionError<StoreError>>;

impl Engine {
    pub(super) fn new(db: sled::Db) -> Self {
        Self { db, dirty: Cell::new(false), broken: RefCell::default(), writes: Cell::new(0) }
    }

    /// Notes that sled failed, and what follows for the one who asked.
    pub(super) fn mark_broken(&self, error: &sled::Error) -> StoreError {
        let detail = io_error::describe_sled(error);
        *self.broken.borrow_mut() = Some(detail.clone());
        StoreError::Ambiguous { detail }
    }

    pub(super) fn commit(&self, commit: &Commit) -> Result<(), StoreError> {
        limits::check_commit(commit)?;
        self.transaction(|tree| {
            if tree.get(keys::commit(commit.id))?.is_some() {
                return Ok(());
            }
            if let Some(fence) = &commit.fence {
                let current = lease(tree, &fence.lease)?.map_or(0, |lease| lease.token);
                if current != fence.token {
                    return refuse(StoreError::Fenced { lease: fence.lease.clone(), current });
                }
            }
            for operation in &commit.operations {
                apply(tree, operation)?;
            }
            remember(tree, commit.id)
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
        self.transaction(|tree| {
            let token = match lease(tree, name)? {
                Some(held) if held.holder != holder && now < held.until => {
                    return refuse(StoreError::HeldBy {
                        lease: held.name,
                        holder: held.holder,
                        until: held.until,
                    });
                }
                Some(held) => held.token + 1,
                None => 1,
            };
            let new = Lease { name: name.into(), holder: holder.into(), token, until };
            put_lease(tree, &new)?;
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
        self.transaction(|tree| match lease(tree, &held.name)? {
            Some(stored) if stored.token == held.token => {
                let renewed = Lease { until, ..stored };
                put_lease(tree, &renewed)?;
                Ok(renewed)
            }
            stored => refuse(StoreError::Fenced {
                lease: held.name.clone(),
                current: stored.map_or(0, |lease| lease.token),
            }),
        })
    }

    fn transaction<T>(
        &self,
        steps: impl Fn(&TransactionalTree) -> Step<T>,
    ) -> Result<T, StoreError> {
        // Before, not after: a transaction that panics half way must not count as clean.
        let was_dirty = self.dirty.replace(true);
        let counted = self.db.transaction(|tree| {
            let done = steps(tree)?;
            let writes = number(tree, keys::WRITES, "the count of writes")? + 1;
            tree.insert(keys::WRITES, &writes.to_be_bytes())?;
            Ok((done, writes))
        });
        match counted {
            Ok((done, writes)) => {
                self.writes.set(writes);
                Ok(done)
            }
            Err(TransactionError::Abort(refused)) => {
                self.dirty.set(was_dirty);
                Err(refused)
            }
            Err(TransactionError::Storage(error)) => Err(self.mark_broken(&error)),
        }
    }
}

fn refuse<T>(error: StoreError) -> Step<T> {
    Err(ConflictableTransactionError::Abort(error))
}

fn apply(tree: &TransactionalTree, operation: &Operation) -> Step<()> {
    match operation {
        Operation::Put { key, value, if_version } => {
            let found = document_version(tree, key)?;
            expect(key, if_version.unwrap_or(found), found)?;
            tree.insert(keys::key(keys::DOCUMENT, key), keys::document(found + 1, value))?;
        }
        Operation::Check { key, version } => expect(key, *version, document_version(tree, key)?)?,
        Operation::Delete { key, version } => {
            expect(key, *version, document_version(tree, key)?)?;
            tree.remove(keys::key(keys::DOCUMENT, key))?;
        }
        Operation::Append { stream, expected, entries } => {
            let head_key = keys::key(keys::HEAD, stream);
            let mut head = number(tree, &head_key, stream)?;
            expect(stream, *expected, head)?;
            for payload in entries {
                head += 1;
                tree.insert(keys::entry(stream, head), payload.as_slice())?;
            }
            if !entries.is_empty() {
                tree.insert(head_key, &head.to_be_bytes())?;
            }
        }
        Operation::SetTimer { id, due } => {
            clear_timer(tree, id)?;
            let at = keys::instant(*due);
            tree.insert(keys::due(&at, id), &[])?;
            tree.insert(keys::key(keys::TIMER, id), &at)?;
        }
        Operation::ClearTimer { id } => clear_timer(tree, id)?,
    }
    Ok(())
}

/// sled rolls the whole transaction back when a later operation is refused, so checking as we go gives
/// the same as checking first: no two operations of a commit touch the same name.
fn expect(what: &str, expected: u64, found: u64) -> Step<()> {
    if expected != found {
        return refuse(StoreError::Conflict { what: what.into(), expected, found });
    }
    Ok(())
}

fn clear_timer(tree: &TransactionalTree, id: &str) -> Step<()> {
    if let Some(at) = tree.remove(keys::key(keys::TIMER, id))? {
        tree.remove(keys::due(&at, id))?;
    }
    Ok(())
}

fn document_version(tree: &TransactionalTree, key: &str) -> Step<u64> {
    match tree.get(keys::key(keys::DOCUMENT, key))? {
        Some(raw) => keys::read_document(key, &raw).map(|(version, _)| version).or_else(refuse),
        None => Ok(0),
    }
}

fn number(tree: &TransactionalTree, key: &[u8], what: &str) -> Step<u64> {
    match tree.get(key)? {
        Some(raw) => keys::read_number(what, &raw).or_else(refuse),
        None => Ok(0),
    }
}

fn lease(tree: &TransactionalTree, name: &str) -> Step<Option<Lease>> {
    match tree.get(keys::key(keys::LEASE, name))? {
        Some(raw) => read_lease(name, &raw).map(Some).or_else(refuse),
        None => Ok(None),
    }
}

pub(super) fn read_lease(name: &str, raw: &[u8]) -> Result<Lease, StoreError> {
    serde_json::from_slice(raw)
        .map_err(|error| keys::corrupt(&format!("lease {name}"), &error.to_string()))
}

fn put_lease(tree: &TransactionalTree, lease: &Lease) -> Step<()> {
    match serde_json::to_vec(lease) {
        Ok(raw) => {
            tree.insert(keys::key(keys::LEASE, &lease.name), raw)?;
            Ok(())
        }
        Err(error) => refuse(StoreError::Invalid { detail: error.to_string() }),
    }
}

/// A ring: the id that takes a place pushes out the one that had it a full round ago.
fn remember(tree: &TransactionalTree, id: CommitId) -> Step<()> {
    let count = number(tree, keys::COMMITS, "the count of commits")?;
    let slot = keys::ring_slot(count % RECENT_COMMITS);
    if let Some(old) = tree.insert(slot, id.0.as_bytes())? {
        tree.remove([&[keys::COMMIT], &*old].concat())?;
    }
    tree.insert(keys::commit(id), &[])?;
    tree.insert(keys::COMMITS, &(count + 1).to_be_bytes())?;
    Ok(())
}
