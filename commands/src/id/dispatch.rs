//! The id of a command that a run decides on.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The operation of a command: `Operation` of AWS-RunPatchBaseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Installs what is missing.
    Install,
    /// Only reads; safe to send again.
    Scan,
}

impl Operation {
    /// The value as AWS-RunPatchBaseline spells it.
    pub fn as_parameter(self) -> &'static str {
        match self {
            Self::Install => "Install",
            Self::Scan => "Scan",
        }
    }
}

/// The id of a command within its run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DispatchId {
    /// The wave, counted from 0; wave 0 is the canary.
    pub wave: u32,
    /// The operation; in each chunk an Install comes before a Scan.
    pub operation: Operation,
    /// The part of the wave, counted from 0; at most 50 nodes each.
    pub chunk: u32,
    /// The attempt, counted from 1; each attempt is a command of its own.
    pub attempt: u32,
}

impl fmt::Display for DispatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { wave, operation, chunk, attempt } = self;
        write!(f, "{}-w{wave}-c{chunk}:{attempt}", operation.as_parameter().to_lowercase())
    }
}
