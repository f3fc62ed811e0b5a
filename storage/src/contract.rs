//! The contract: what an engine promises, and the words it is promised in.

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

/// Names one commit, so that it can be sent again without being applied again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommitId(pub Uuid);

impl CommitId {
    /// An id nobody has used.
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
/// Conditions are checked in order, against what is stored before the commit; the first that fails is
/// the one reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The id stands for the content: what comes second with the same id is answered `Ok` unread.
    pub id: CommitId,
    /// At most [`crate::MAX_OPERATIONS`], no two on the same name.
    pub operations: Vec<Operation>,
    /// The lease this commit is made under, if it takes one.
    pub fence: Option<Fence>,
}

impl Commit {
    /// A commit with a fresh id and no fence.
    pub fn new(operations: Vec<Operation>) -> Self {
        Self { id: CommitId::random(), operations, fence: None }
    }

    /// The same commit, refused once `lease` is no longer the current one.
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

/// One step of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Writes a document; its version grows by one.
    Put {
        /// The document.
        key: Key,
        /// At most [`crate::MAX_VALUE_BYTES`].
        value: Vec<u8>,
        /// The version it must have, 0 for "there is none yet"; `None` writes over whatever is there.
        if_version: Option<u64>,
    },
    /// Changes nothing, but fails the commit unless the document has this version (0: there is none).
    Check {
        /// The document.
        key: Key,
        /// The version it must have.
        version: u64,
    },
    /// Forgets a document and its version, which must be this (0: there is none, and nothing
    /// happens). Put again, it starts at 1: whoever still has an old version in mind may take the
    /// new document for the old one, so delete only what nobody will change again.
    Delete {
        /// The document.
        key: Key,
        /// The version it must have.
        version: u64,
    },
    /// Adds entries to a stream. Without entries it only checks the head.
    Append {
        /// The stream.
        stream: StreamId,
        /// The head it must have: the version of its last entry, 0 for a stream that does not exist.
        expected: u64,
        /// Each at most [`crate::MAX_VALUE_BYTES`]; they get the versions `expected + 1` and on.
        entries: Vec<Vec<u8>>,
    },
    /// Makes [`Store::due`] report `id` from `due` on; replaces an earlier time.
    SetTimer {
        /// The timer.
        id: String,
        /// From when on.
        due: DateTime<Utc>,
    },
    /// The timer is dealt with. Clearing what is not set is fine.
    ClearTimer {
        /// The timer.
        id: String,
    },
}

/// A document as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned {
    /// 1 after the first put.
    pub version: u64,
    /// What was put.
    pub value: Vec<u8>,
}

/// One entry of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the stream, from 1, without gaps.
    pub version: u64,
    /// What was appended.
    pub payload: Vec<u8>,
}

/// Something to be done at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timer {
    /// Its name.
    pub id: String,
    /// When it is due.
    pub due: DateTime<Utc>,
}

/// The right to act, for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// What the right is called.
    pub name: String,
    /// Who has it.
    pub holder: String,
    /// Higher than every token issued before under this name.
    pub token: u64,
    /// Another holder may acquire it from this instant on.
    pub until: DateTime<Utc>,
}

impl Lease {
    /// What a commit carries to prove this lease.
    pub fn fence(&self) -> Fence {
        Fence { lease: self.name.clone(), token: self.token }
    }
}

/// A memory that keeps its word; the crate's documentation lists the invariants.
///
/// Lists come in pages, ordered by name in bytes. A page may be shorter than its limit: only an empty
/// one is the end.
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
    /// Applies the commit. `Ok` means the whole of it is stored and durable.
    async fn commit(&self, commit: Commit) -> Result<(), StoreError>;

    /// The document, if there is one.
    async fn document(&self, key: &str) -> Result<Option<Versioned>, StoreError>;

    /// Documents whose name starts with `prefix` and comes after `after`.
    async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(Key, Versioned)>, StoreError>;

    /// Entries of a stream with a version over `after`, in order. 0 starts at the beginning.
    async fn stream(&self, id: &str, after: u64, limit: usize) -> Result<Vec<Entry>, StoreError>;

    /// Streams whose name starts with `prefix` and comes after `after`, with their heads.
    async fn streams(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(StreamId, u64)>, StoreError>;

    /// Timers due at `until` or before that come after `after`, the longest overdue first, ties by
    /// name. They stay until a commit clears them.
    async fn due(
        &self,
        until: DateTime<Utc>,
        after: Option<&Timer>,
        limit: usize,
    ) -> Result<Vec<Timer>, StoreError>;

    /// Takes the lease, with a token higher than all before. The holder itself gets it at once (it may
    /// have crashed and come back), another one only when it has expired.
    async fn acquire(
        &self,
        name: &str,
        holder: &str,
        ttl: Duration,
        now: DateTime<Utc>,
    ) -> Result<Lease, StoreError>;

    /// Moves the end of a lease to `now + ttl`; its token stays. Works as long as nobody else acquired
    /// it, expired or not. A `ttl` of zero lets it go.
    async fn renew(
        &self,
        lease: &Lease,
        ttl: Duration,
        now: DateTime<Utc>,
    ) -> Result<Lease, StoreError>;
}

/// When a lease taken now ends.
pub(crate) fn lease_end(ttl: Duration, now: DateTime<Utc>) -> Result<DateTime<Utc>, StoreError> {
    chrono::TimeDelta::from_std(ttl)
        .ok()
        .and_then(|ttl| now.checked_add_signed(ttl))
        .ok_or_else(|| StoreError::Invalid { detail: "a lease would end beyond all dates".into() })
}
