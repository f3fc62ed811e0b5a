//! A store that says whether it is working: it has a thread of its own, so that a bot that only
//! waits for its disk would seem to have nothing to do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use storage::{Commit, Entry, Key, Lease, Store, StoreError, StreamId, Timer, Versioned};

/// How many calls of a store are under way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Work(Arc<AtomicUsize>);

impl Work {
    pub(crate) fn is_under_way(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 0
    }

    async fn on<T>(&self, work: impl Future<Output = T>) -> T {
        let _unit = UnitOfWork::more(&self.0);
        work.await
    }
}

/// One call of the store, for as long as it lives: the task that waits for it may be killed.
struct UnitOfWork<'a>(&'a AtomicUsize);

impl<'a> UnitOfWork<'a> {
    fn more(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for UnitOfWork<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A store whose calls are counted.
pub(crate) struct CountedStore {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) work: Work,
}

#[async_trait]
impl Store for CountedStore {
    async fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        self.work.on(self.store.commit(commit)).await
    }

    async fn document(&self, key: &str) -> Result<Option<Versioned>, StoreError> {
        self.work.on(self.store.document(key)).await
    }

    async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(Key, Versioned)>, StoreError> {
        self.work.on(self.store.list(prefix, after, limit)).await
    }

    async fn stream(&self, id: &str, after: u64, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.work.on(self.store.stream(id, after, limit)).await
    }

    async fn streams(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(StreamId, u64)>, StoreError> {
        self.work.on(self.store.streams(prefix, after, limit)).await
    }

    async fn due(
        &self,
        until: DateTime<Utc>,
        after: Option<&Timer>,
        limit: usize,
    ) -> Result<Vec<Timer>, StoreError> {
        self.work.on(self.store.due(until, after, limit)).await
    }

    async fn acquire(
        &self,
        name: &str,
        holder: &str,
        ttl: Duration,
        now: DateTime<Utc>,
    ) -> Result<Lease, StoreError> {
        self.work.on(self.store.acquire(name, holder, ttl, now)).await
    }

    async fn renew(
        &self,
        lease: &Lease,
        ttl: Duration,
        now: DateTime<Utc>,
    ) -> Result<Lease, StoreError> {
        self.work.on(self.store.renew(lease, ttl, now)).await
    }
}
