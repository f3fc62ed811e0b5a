//! How the program ends, as numbers that a supervisor can tell apart.

use std::error::Error;
use std::fmt;
use std::io;
use std::process::ExitCode;

use crate::config::{ConfigError, Unreadable};

/// The numbers are those of sysexits(3). A wrong command line ends with 2, which clap says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It is done.
    Done = 0,
    /// It cannot be done, and nobody tries again by itself: `export`, `import`.
    Failed = 1,
    /// EX_TEMPFAIL: `serve` has ended and may well work when it is started again.
    TryAgain = 75,
    /// EX_CONFIG: the file or a secret is wrong. Do not start again before somebody has mended it.
    Config = 78,
    /// 128 and SIGPIPE: the reader of the output has read enough, as behind `| head`. Nothing is said, and it is no
    /// success: an export that nobody took is no backup.
    NobodyReads = 141,
}

/// A secret is missing or cannot be one, or the configuration asks for what was not allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotConfigured(pub String);

/// An error whose message completes "failed to …", as a sentence of its own. What caused it stays what causes it.
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
    /// How a `serve` ends that met `error`.
    pub fn of_serve(error: &anyhow::Error) -> Self {
        let configured = error.downcast_ref::<ConfigError>().is_none()
            && error.downcast_ref::<Unreadable>().is_none()
            && error.downcast_ref::<NotConfigured>().is_none();
        if configured { Self::TryAgain } else { Self::Config }
    }

    /// How everything else ends that met `error`.
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
