//! The store on one machine: the contract, implemented with sled.

mod apply;
mod directory;
mod dump;
mod keys;
mod open;
mod read;
#[cfg(test)]
mod tests;
mod verify;
mod writer;

use std::{
    fmt,
    path::Path,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tokio::sync::oneshot;

use self::{
    apply::Engine,
    writer::{Job, Writer},
};
use crate::{Commit, Entry, Key, Lease, Store, StoreError, StreamId, Timer, Versioned};

pub use self::directory::CONTROL_SOCKET;
pub use self::open::OpenError;

/// A store in a directory of its own, which only one process can open at a time.
///
/// Clones are handles of the same store; it closes with the last of them.
#[derive(Clone)]
pub struct SledStore(Arc<Handle>);

struct Handle {
    /// `None` only while dropping.
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl SledStore {
    /// Opens the store at `path`, or creates it there. Blocks while it reads all of it.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let path = path.as_ref();
        let (writer, lock) = open::open(path)?;
        Self::start(path, writer, lock)
    }

    /// Opens a copy of the store at `path`, which stays exactly as it is, even for root. Writes to
    /// the copy are lost. Blocks while it copies and reads all of it.
    ///
    /// # Errors
    /// [`OpenError::NoStore`] if there is no store, [`OpenError::InUse`] while a process has it
    /// open.
    pub fn open_copy(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let path = path.as_ref();
        let copy = directory::copy(path)?;
        let (writer, lock) = open::open(copy.path()).map_err(|error| error.of_original(path))?;
        Self::start(path, writer, (lock, copy))
    }

    /// Starts the writer thread. `kept` lives until the database is closed.
    fn start(path: &Path, writer: Writer, kept: impl Send + 'static) -> Result<Self, OpenError> {
        let (jobs, waiting) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("store".into())
            .spawn(move || {
                writer.run(&waiting);
                // After the database is closed, not before.
                drop(kept);
            })
            .map_err(|source| OpenError::of(path, source))?;
        Ok(Self(Arc::new(Handle { jobs: Some(jobs), thread: Some(thread) })))
    }

    fn send(&self, job: Job) -> Result<(), StoreError> {
        // Sending fails if the thread is gone; the job was then never begun.
        self.0.jobs.as_ref().and_then(|jobs| jobs.send(job).ok()).ok_or_else(stopped)
    }

    async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Engine) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        // If nobody waits for the answer any longer, it can be dropped.
        self.send(Job::Read(Box::new(move |engine| drop(reply.send(engine.and_then(question))))))?;
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }

    async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Engine) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Write(Box::new(move |engine| {
            let done = engine.and_then(change);
            Box::new(move |durable| drop(reply.send(durable.and(done))))
        })))?;
        answer.await.unwrap_or_else(|_| {
            Err(StoreError::Ambiguous { detail: "the store stopped before it answered".into() })
        })
    }
}

fn stopped() -> StoreError {
    StoreError::Unavailable { detail: "its thread has stopped".into() }
}

#[async_trait]
impl Store for SledStore {
    async fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        self.write(move |engine| engine.commit(&commit)).await
    }

    async fn document(&self, key: &str) -> Result<Option<Versioned>, StoreError> {
        let key = key.to_owned();
        self.read(move |engine| engine.document(&key)).await
    }

    async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(Key, Versioned)>, StoreError> {
        let (prefix, after) = (prefix.to_owned(), after.map(str::to_owned));
        self.read(move |engine| engine.list(&prefix, after.as_deref(), limit)).await
    }

    async fn stream(&self, id: &str, after: u64, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let id = id.to_owned();
        self.read(move |engine| engine.stream(&id, after, limit)).await
    }

    async fn streams(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(StreamId, u64)>, StoreError> {
        let (prefix, after) = (prefix.to_owned(), after.map(str::to_owned));
        self.read(move |engine| engine.streams(&prefix, after.as_deref(), limit)).await
    }

    async fn due(
        &self,
        until: DateTime<Utc>,
        after: Option<&Timer>,
        limit: usize,
    ) -> Result<Vec<Timer>, StoreError> {
        let after = after.cloned();
        self.read(move |engine| engine.due(until, after.as_ref(), limit)).await
    }

    async fn acquire(
        &self,
        name: &str,
        holder: &str,
        ttl: Duration,
        now: DateTime<Utc>,
    ) -> Result<Lease, StoreError> {
        let (name, holder) = (name.to_owned(), holder.to_owned());
        self.write(move |engine| engine.acquire(&name, &holder, ttl, now)).await
    }

    async fn renew(
        &self,
        lease: &Lease,
        ttl: Duration,
        now: DateTime<Utc>,
    ) -> Result<Lease, StoreError> {
        let lease = lease.clone();
        self.write(move |engine| engine.renew(&lease, ttl, now)).await
    }
}

impl Drop for Handle {
    /// Waits for the commits under way, so that the store can be opened again as soon as the last
    /// handle is dropped.
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the store's thread panicked");
        }
    }
}

impl fmt::Debug for SledStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SledStore").finish_non_exhaustive()
    }
}
