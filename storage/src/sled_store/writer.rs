//! The one thread that touches the database, and what makes its answers durable.
//!
//! Reads go through the same queue as writes. That is the simplest way to keep a reader from seeing what
//! a power cut could still take back: while a batch is between its writes and its fsync, no one
//! reads, because the only thread that could is waiting for the disk. There is no lock to get wrong, and
//! a reader waits at most for one batch.

use std::{
    fs::File,
    os::unix::fs::FileExt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::Receiver,
};

use super::apply::Engine;
use crate::{StoreError, io_error};

/// Sends a write's answer, once it is known whether the batch reached the disk.
pub(super) type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// The engine, or why there is none any more.
pub(super) type Access<'a> = Result<&'a Engine, StoreError>;

/// Reads and answers at once.
pub(super) type Read = Box<dyn FnOnce(Access<'_>) + Send>;

/// Writes at once, and answers once that is durable.
pub(super) type Write = Box<dyn FnOnce(Access<'_>) -> Answer + Send>;

/// What the thread is asked.
pub(super) enum Job {
    Read(Read),
    Write(Write),
}

/// One fsync serves at most this many commits: enough to share its cost, few enough that a burst of
/// commits does not keep readers waiting.
const MAX_BATCH: usize = 256;

pub(super) struct Writer {
    pub(super) engine: Engine,
    /// `<path>/db`. sled's flush hands the bytes to the kernel; only an fsync of its file sends them on.
    pub(super) file: File,
    /// Says how many writes were acknowledged, so that a database that lost some is recognized.
    pub(super) acknowledged: File,
    /// Why the store no longer answers.
    pub(super) failed: Option<String>,
}

impl Writer {
    /// Serves until every handle of the store is gone.
    pub(super) fn run(mut self, jobs: &Receiver<Job>) {
        while let Ok(first) = jobs.recv() {
            let mut writes = Vec::new();
            // Reads that wait together with writes are answered first: nobody was told yet that those
            // writes happened.
            let waiting = std::iter::once(first).chain(jobs.try_iter().take(MAX_BATCH - 1));
            let mut reads = Vec::new();
            for job in waiting {
                match job {
                    Job::Read(read) => reads.push(read),
                    Job::Write(write) => writes.push(write),
                }
            }
            // sled panics on some failures. Answers dropped by a panic tell their callers as much.
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
            // A refusal, too, may rest on a write of the same batch that is now in doubt.
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
        // Without an fsync: after a power cut it may say too little, but never more than is durable.
        let count = format!("{:020}\n", self.engine.writes.get());
        if let Err(error) = self.acknowledged.write_all_at(count.as_bytes(), 0) {
            tracing::warn!(%error, "the count of acknowledged writes was not noted");
        }
        Ok(())
    }

    /// After a failed fsync the kernel may have dropped the pages, and a second fsync would say all is
    /// well. So there is no second one: only a restart reads what the disk really has.
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
