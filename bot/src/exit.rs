//! The exit codes of the program, by which a supervisor can distinguish how it ended.

use std::error::Error;
use std::fmt;
use std::io;
use std::process::ExitCode;

use commands::run::InvalidTransition;
use storage::records::RecordError;
use storage::{OpenError, StoreError};

use crate::config::{ConfigError, Unreadable};

/// The numbers are those of sysexits(3). A wrong command line ends with 2, which clap sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The command succeeded.
    Done = 0,
    /// `export` or `import` failed, and no supervisor will repeat it.
    Failed = 1,
    /// EX_TEMPFAIL: `serve` has ended and may well work after a restart.
    TryAgain = 75,
    /// EX_CONFIG: the file, a secret or the store is wrong. Do not restart before somebody has
    /// fixed that.
    Config = 78,
    /// 128 and SIGPIPE: the reader of the output has read enough, as behind `| head`. The program
    /// prints nothing, but this is no success: an export that nobody received is no backup.
    NobodyReads = 141,
}

/// A secret is missing or malformed, or the configuration requires a permission that was not given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotConfigured(pub String);

/// An error whose message completes "failed to …", turned into a sentence. Its source stays the
/// same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed<E>(pub E);

impl<E: fmt::Display> fmt::Display for Failed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failed to {}", self.0)
    }
}

impl<E: Error> Error for Failed<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

impl Exit {
    /// The exit code of a `serve` that ended with `error`.
    pub fn of_serve(error: &anyhow::Error) -> Self {
        if error.chain().any(is_permanent) { Self::Config } else { Self::TryAgain }
    }

    /// The exit code of any other subcommand that ended with `error`.
    pub fn of(error: &anyhow::Error) -> Self {
        if is_broken_pipe(error) { Self::NobodyReads } else { Self::Failed }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let broken = |error: &(dyn std::error::Error + 'static)| {
        error
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    };
    error.chain().any(broken)
}

/// Whether the next start would end in the same way until somebody fixes what is wrong: the
/// configuration, a secret, the folder of the store, or its content.
fn is_permanent(error: &(dyn Error + 'static)) -> bool {
    let store = |error: &StoreError| error.is_permanent();
    error.is::<ConfigError>()
        || error.is::<Unreadable>()
        || error.is::<NotConfigured>()
        || error.is::<InvalidTransition>()
        || error.downcast_ref::<Failed<OpenError>>().is_some_and(|error| error.0.is_permanent())
        || error.downcast_ref::<OpenError>().is_some_and(OpenError::is_permanent)
        || error.downcast_ref::<RecordError>().is_some_and(RecordError::is_permanent)
        || error.downcast_ref::<StoreError>().is_some_and(store)
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn a_store_that_stays_as_it_is_until_somebody_mends_it_is_not_tried_again() {
        let path = || "/var/lib/patchbot/store".into();
        let opening = |error: OpenError| anyhow::Error::new(Failed(error));
        let record = |error: RecordError| {
            Err::<(), _>(error).context("failed to read the state").expect_err("it is one")
        };
        let corrupt = || StoreError::Corrupt { what: "a run".into(), detail: "it ends".into() };
        let newer = RecordError::Newer { what: "a run".into(), found: 2, supported: 1 };
        let unavailable = StoreError::Unavailable { detail: "no room".into() };
        let check = |error: anyhow::Error, exit| {
            assert_eq!(Exit::of_serve(&error), exit, "{error:#}");
        };
        check(
            opening(OpenError::NewerFormat { path: path(), found: 2, supported: 1 }),
            Exit::Config,
        );
        check(opening(OpenError::Occupied { path: path(), nearby_store: None }), Exit::Config);
        check(opening(OpenError::NotAFolder { path: path() }), Exit::Config);
        check(opening(OpenError::Damaged { path: path(), detail: "no end".into() }), Exit::Config);
        check(opening(OpenError::InUse { path: path() }), Exit::TryAgain);
        check(opening(OpenError::Full { path: path(), what: "the disk is full" }), Exit::TryAgain);
        check(record(newer), Exit::Config);
        check(record(RecordError::Store(corrupt())), Exit::Config);
        check(record(RecordError::Store(unavailable)), Exit::TryAgain);
        check(corrupt().into(), Exit::Config);
    }
}
