//! A store that notifies a test before and after each commit, and continues only when the test
//! permits it. The test kills the process there instead. Only the binary of `tests/run crashes`
//! contains it: no other build knows the variable.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use storage::{
    Commit, Entry, Key, Lease, Operation, Store, StoreError, StreamId, Timer, Versioned,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The variable with the address at which the test listens, such as `127.0.0.1:4410`.
const LISTENER: &str = "PATCHBOT_CRASH_POINTS";

/// A store that is watched. It passes reads on unchanged.
pub(crate) struct Watched {
    store: Arc<dyn Store>,
    listener: Option<String>,
}

impl Watched {
    /// Watches `store` if a test listens.
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, listener: std::env::var(LISTENER).ok() }
    }

    /// Reports where the process is and waits for permission to continue. If the listener is gone,
    /// nothing continues: a test that no longer watches would prove nothing.
    async fn reaches(&self, moment: &str, what: &str) -> Result<(), StoreError> {
        let Some(listener) = &self.listener else { return Ok(()) };
        let told = async {
            let mut stream = TcpStream::connect(listener).await?;
            stream.set_nodelay(true)?;
            stream.write_all(format!("{moment} {what}\n").as_bytes()).await?;
            stream.read_u8().await
        };
        told.await.map(drop).map_err(|error| StoreError::Unavailable {
            detail: format!("nobody listens at {listener} any more: {error}"),
        })
    }
}

#[async_trait]
impl Store for Watched {
    async fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        let what = named(&commit);
        self.reaches("before", &what).await?;
        let done = self.store.commit(commit).await;
        self.reaches("after", &what).await?;
        done
    }

    async fn acquire(
        &self,
        name: &str,
        holder: &str,
        ttl: Duration,
        now: DateTime<Utc>,
    ) -> Result<Lease, StoreError> {
        let what = format!("acquire {name}");
        self.reaches("before", &what).await?;
        let done = self.store.acquire(name, holder, ttl, now).await;
        self.reaches("after", &what).await?;
        done
    }

    async fn renew(
        &self,
        lease: &Lease,
        ttl: Duration,
        now: DateTime<Utc>,
    ) -> Result<Lease, StoreError> {
        self.store.renew(lease, ttl, now).await
    }

    async fn document(&self, key: &str) -> Result<Option<Versioned>, StoreError> {
        self.store.document(key).await
    }

    async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(Key, Versioned)>, StoreError> {
        self.store.list(prefix, after, limit).await
    }

    async fn stream(&self, id: &str, after: u64, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.store.stream(id, after, limit).await
    }

    async fn streams(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(StreamId, u64)>, StoreError> {
        self.store.streams(prefix, after, limit).await
    }

    async fn due(
        &self,
        until: DateTime<Utc>,
        after: Option<&Timer>,
        limit: usize,
    ) -> Result<Vec<Timer>, StoreError> {
        self.store.due(until, after, limit).await
    }
}

/// The names that a commit writes to, without the parts that differ from one story to the next.
fn named(commit: &Commit) -> String {
    let names = commit.operations.iter().filter_map(|operation| match operation {
        // The digest of a platform's key means nothing to a reader.
        Operation::Put { key, .. } if key.starts_with("inbox/") => Some("inbox".to_owned()),
        Operation::Delete { key, .. } if key.starts_with("inbox/") => Some("swept".to_owned()),
        Operation::Put { key, .. } | Operation::Delete { key, .. } => Some(key.clone()),
        Operation::Append { stream, .. } => Some(stream.clone()),
        Operation::Check { .. } | Operation::SetTimer { .. } | Operation::ClearTimer { .. } => None,
    });
    names.collect::<Vec<_>>().join("+")
}
