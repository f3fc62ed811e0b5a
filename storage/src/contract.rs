//! The contract: what an engine promises, and the types of those promises.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::StoreError;

/// The name of a document.
pub type Key = String;
/// The name of a stream.
pub type StreamId = String;

/// The id of one commit, with which it can be sent again without being applied again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommitId(pub Uuid);

impl CommitId {
    /// An id that nobody has used.
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }
}

impl From<Uuid> for CommitId {
    fn from(id: Uuid) -> Self {
        Self(id)
    }
}

/// Operations that happen together or not at all.
///
/// Conditions are checked in order, against what is stored before the commit; the first one that
/// fails is reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Identifies the content: the store answers a second commit with the same id with `Ok`,
    /// without reading it.
    pub id: CommitId,
    /// At most [`crate::MAX_OPERATIONS`], no two of them on the same name.
    pub operations: Vec<Operation>,
    /// The lease under which the commit is made, if any.
    pub fence: Option<Fence>,
}

impl Commit {
    /// A commit with a random id and no fence.
    pub fn new(operations: Vec<Operation>) -> Self {
        Self { id: CommitId::random(), operations, fence: None }
    }

    /// The same commit, which the store refuses once `lease` is no longer the current one.
    #[must_use]
    pub fn fenced(mut self, lease: &Lease) -> Self {
        self.fence = Some(lease.fence());
        self
    }
}

/// Proof of a lease: the token must still be the current one when the commit is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence {
    /// The name of the lease.
    pub lease: String,
    /// The token that [`Store::acquire`] gave.
    pub token: u64,
}

/// One operation of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Writes a document; its version grows by one.
    Put {
        /// The name of the document.
        key: Key,
        /// The content; at most [`crate::MAX_VALUE_BYTES`].
        value: Vec<u8>,
        /// The version that the document must have, 0 for "it does not exist yet"; `None`
        /// overwrites any version.
        if_version: Option<u64>,
    },
    /// Changes nothing, but fails the commit unless the document has this version (0: it does not
    /// exist).
    Check {
        /// The name of the document.
        key: Key,
        /// The version that the document must have.
        version: u64,
    },
    /// Deletes a document and forgets its version, which must be this one (0: it does not exist,
    /// and nothing happens). If it is put again, it starts at 1: a caller that still remembers an
    /// old version may confuse the two, so delete only documents that nobody will change again.
    Delete {
        /// The name of the document.
        key: Key,
        /// The version that the document must have.
        version: u64,
    },
    /// Appends entries to a stream. Without entries it only checks the head.
    Append {
        /// The name of the stream.
        stream: StreamId,
        /// The head that the stream must have: the version of its last entry, 0 if it does not
        /// exist.
        expected: u64,
        /// The entries, each at most [`crate::MAX_VALUE_BYTES`]. The first one gets the version after
        /// `expected`.
        entries: Vec<Vec<u8>>,
    },
    /// Makes [`Store::due`] report `id` from `due` on; replaces an earlier time.
    SetTimer {
        /// The name of the timer.
        id: String,
        /// The time from which it is due.
        due: DateTime<Utc>,
    },
    /// Clears a timer. Clearing a timer that is not set is fine.
    ClearTimer {
        /// The name of the timer.
        id: String,
    },
}

/// A document with its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned {
    /// 1 after the first put.
    pub version: u64,
    /// The content of the last put.
    pub value: Vec<u8>,
}

/// One entry of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The position in the stream, from 1, without gaps.
    pub version: u64,
    /// The content that was appended.
    pub payload: Vec<u8>,
}

/// A timer: something to do at a given time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timer {
    /// The name of the timer.
    pub id: String,
    /// The time from which it is due.
    pub due: DateTime<Utc>,
}

/// A lease: the right to act, for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The name of the right.
    pub name: String,
    /// The process that holds it.
    pub holder: String,
    /// Higher than every token issued before under this name.
    pub token: u64,
    /// Another holder may acquire it from this instant on.
    pub until: DateTime<Utc>,
}

impl Lease {
    /// The fence with which a commit proves this lease.
    pub fn fence(&self) -> Fence {
        Fence { lease: self.name.clone(), token: self.token }
    }
}

/// A durable store; the crate's documentation lists its invariants.
///
/// Lists come in pages, ordered by the bytes of the names. A page may be shorter than its limit: only an
/// empty page is the end.
///
/// The trait is object-safe: callers hold an `Arc<dyn Store>` and name no engine. Each call boxes its
/// future, which costs nothing beside the flush of a commit.
///
/// # Example
/// Two callers have read the same empty stream. The first commit that expects its head wins:
///
/// ```
/// use storage::{Commit, MemoryStore, Operation, Store, StoreError};
///
/// fn append(expected: u64, entry: &str) -> Commit {
///     Commit::new(vec![Operation::Append {
///         stream: "run/verification-1".into(),
///         expected,
///         entries: vec![entry.into()],
///     }])
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(async {
/// let store = MemoryStore::new();
/// store.commit(append(0, "approved")).await?;
///
/// let late = store.commit(append(0, "rejected")).await;
/// assert!(matches!(late, Err(StoreError::Conflict { expected: 0, found: 1, .. })));
///
/// // The loser reads again, and decides again on what it finds.
/// let entries = store.stream("run/verification-1", 0, 10).await?;
/// assert_eq!(entries.len(), 1);
/// assert_eq!((entries[0].version, entries[0].payload.as_slice()), (1, &b"approved"[..]));
/// # Ok::<(), StoreError>(())
/// # }).expect("a store in memory does not fail");
/// ```
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Applies the commit. `Ok` means that all of it is stored and durable.
    async fn commit(&self, commit: Commit) -> Result<(), StoreError>;

    /// Returns the document, if it exists.
    async fn document(&self, key: &str) -> Result<Option<Versioned>, StoreError>;

    /// Lists documents whose name starts with `prefix` and comes after `after`.
    async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(Key, Versioned)>, StoreError>;

    /// Returns entries of a stream with a version over `after`, in order. 0 starts at the
    /// beginning.
    async fn stream(&self, id: &str, after: u64, limit: usize) -> Result<Vec<Entry>, StoreError>;

    /// Lists streams whose name starts with `prefix` and comes after `after`, with their heads.
    async fn streams(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(StreamId, u64)>, StoreError>;

    /// Returns timers due at `until` or before that come after `after`, the longest overdue first,
    /// ties by name. They stay until a commit clears them.
    async fn due(
        &self,
        until: DateTime<Utc>,
        after: Option<&Timer>,
        limit: usize,
    ) -> Result<Vec<Timer>, StoreError>;

    /// Acquires the lease, with a token higher than all before. The current holder gets it at once
    /// (it may have crashed and restarted), another process only after it has expired.
    async fn acquire(
        &self,
        name: &str,
        holder: &str,
        ttl: Duration,
        now: DateTime<Utc>,
    ) -> Result<Lease, StoreError>;

    /// Moves the end of a lease to `now + ttl` and keeps its token. It works, even after the
    /// expiry, as long as nobody else has acquired the lease. A `ttl` of zero releases it.
    async fn renew(
        &self,
        lease: &Lease,
        ttl: Duration,
        now: DateTime<Utc>,
    ) -> Result<Lease, StoreError>;
}

/// The end of a lease that is acquired now.
pub(crate) fn lease_end(ttl: Duration, now: DateTime<Utc>) -> Result<DateTime<Utc>, StoreError> {
    chrono::TimeDelta::from_std(ttl)
        .ok()
        .and_then(|ttl| now.checked_add_signed(ttl))
        .ok_or_else(|| StoreError::Invalid { detail: "a lease would end beyond all dates".into() })
}
