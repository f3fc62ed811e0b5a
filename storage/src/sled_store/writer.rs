//! The writer thread, the only one that touches the database, and the durability of its answers.
//!
//! Reads go through the same queue as writes. That is the simplest way to keep a reader from seeing
//! what a power cut could still undo: between the writes and the fsync of a batch nobody reads,
//! because the only thread that could is waiting for the disk. There is no lock to get wrong, and a
//! reader waits for one batch at most.

use std::{
    fs::File,
    os::unix::fs::FileExt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::Receiver,
};

use super::apply::Engine;
use crate::{StoreError, io_error};

/// Sends the answer to a write, once it is known whether the batch reached the disk.
pub(super) type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// The engine, or why it is no longer available.
pub(super) type Access<'a> = Result<&'a Engine, StoreError>;

/// Reads and answers at once.
pub(super) type Read = Box<dyn FnOnce(Access<'_>) + Send>;

/// Writes at once, and answers once that is durable.
pub(super) type Write = Box<dyn FnOnce(Access<'_>) -> Answer + Send>;

/// A job for the thread.
pub(super) enum Job {
    Read(Read),
    Write(Write),
}

/// The most commits for one fsync: enough to share its cost, but few enough that a burst of commits
/// does not keep readers waiting.
const MAX_BATCH: usize = 256;

pub(super) struct Writer {
    pub(super) engine: Engine,
    /// `<path>/db`. sled's flush only hands the bytes to the kernel; an fsync of the file makes
    /// them durable.
    pub(super) file: File,
    /// The file with the number of acknowledged writes, by which we recognize a database that has
    /// lost some.
    pub(super) acknowledged: File,
    /// Why the store no longer answers, once it has failed.
    pub(super) failed: Option<String>,
}

impl Writer {
    /// Serves jobs until every handle of the store is gone.
    pub(super) fn run(mut self, jobs: &Receiver<Job>) {
        while let Ok(first) = jobs.recv() {
            let mut writes = Vec::new();
            // Reads that wait together with writes are answered first, because nobody has been told
            // yet that those writes happened.
            let waiting = std::iter::once(first).chain(jobs.try_iter().take(MAX_BATCH - 1));
            let mut reads = Vec::new();
            for job in waiting {
                match job {
                    Job::Read(read) => reads.push(read),
                    Job::Write(write) => writes.push(write),
                }
            }
            // sled panics on some failures. A panic drops the answers, which tells their callers as
            // much.
            let served = catch_unwind(AssertUnwindSafe(|| {
                for read in reads {
                    read(self.engine());
                }
                self.write(writes);
            }));
            if served.is_err() {
                self.fail("the database engine panicked");
            }
        }
    }

    fn write(&mut self, writes: Vec<Write>) {
        let answers: Vec<Answer> = writes.into_iter().map(|write| write(self.engine())).collect();
        let durable = self.sync();
        if let Err(detail) = &durable {
            self.fail(detail);
        }
        for answer in answers {
            // A refusal, too, may depend on a write of the same batch that is uncertain now.
            answer(durable.clone().map_err(|detail| StoreError::Ambiguous { detail }));
        }
    }

    fn sync(&self) -> Result<(), String> {
        self.engine.write_staged();
        if let Some(why) = self.engine.broken.take() {
            return Err(why);
        }
        if !self.engine.dirty.get() {
            return Ok(());
        }
        self.engine.db.flush().map_err(|error| io_error::describe_sled(&error))?;
        self.file.sync_all().map_err(|error| io_error::describe(&error))?;
        self.engine.dirty.set(false);
        // Without an fsync: after a power cut the count may be too low, but never higher than what
        // is durable.
        let count = format!("{:020}\n", self.engine.writes.get());
        if let Err(error) = self.acknowledged.write_all_at(count.as_bytes(), 0) {
            tracing::warn!(%error, "the count of acknowledged writes was not noted");
        }
        Ok(())
    }

    /// Stops answering. After a failed fsync the kernel may have dropped the pages, and a second
    /// fsync would report success. So there is no second one: only a restart reads what the disk
    /// really has.
    fn fail(&mut self, detail: &str) {
        if self.failed.is_none() {
            tracing::error!(detail, "the store failed and answers no more until a restart");
            self.failed = Some(detail.to_owned());
        }
        self.engine.forget_staged();
        self.engine.dirty.set(false);
        self.engine.broken.take();
    }

    fn engine(&self) -> Access<'_> {
        match &self.failed {
            None => Ok(&self.engine),
            Some(detail) => Err(StoreError::Unavailable {
                detail: format!("it failed earlier and needs a restart: {detail}"),
            }),
        }
    }
}
