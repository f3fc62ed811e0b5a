//! The id of a run.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::id::EnvironmentName;

/// The id of a run: its environment and a number that counts up, such as `verification-3`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RunId {
    environment: EnvironmentName,
    number: u32,
}

/// An error for text that is not the id of a run.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a run is named by its environment and a number, such as verification-3")]
pub struct RunIdError;

impl RunId {
    /// The `number`-th run of `environment`, counted from 1.
    pub fn new(environment: EnvironmentName, number: u32) -> Self {
        Self { environment, number }
    }

    /// The environment that the run patches.
    pub fn environment(&self) -> &EnvironmentName {
        &self.environment
    }

    /// Its number among the runs of the environment, counted from 1.
    pub fn number(&self) -> u32 {
        self.number
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.environment, self.number)
    }
}

impl FromStr for RunId {
    type Err = RunIdError;

    fn from_str(text: &str) -> Result<Self, RunIdError> {
        let (environment, number) = text.rsplit_once('-').ok_or(RunIdError)?;
        let canonical =
            number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0');
        let number = number.parse().ok().filter(|_| canonical).ok_or(RunIdError)?;
        Ok(Self { environment: environment.parse().map_err(|_| RunIdError)?, number })
    }
}

impl TryFrom<String> for RunId {
    type Error = RunIdError;

    fn try_from(text: String) -> Result<Self, RunIdError> {
        text.parse()
    }
}

impl From<RunId> for String {
    fn from(id: RunId) -> Self {
        id.to_string()
    }
}
