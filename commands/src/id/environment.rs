//! The name of an environment.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The maximum length of a name, in characters: run ids and button tokens contain it.
const LIMIT: usize = 40;

/// The name of an environment: lower-case letters, digits and hyphens, such as `verification`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EnvironmentName(String);

/// An error for text that cannot name an environment.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "an environment is named by 1 to 40 lower-case letters, digits and hyphens, beginning with a letter"
)]
pub struct EnvironmentNameError;

impl EnvironmentName {
    /// The name, as the configuration spells it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EnvironmentName {
    type Err = EnvironmentNameError;

    fn from_str(text: &str) -> Result<Self, EnvironmentNameError> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let begins_well = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
        if begins_well && text.len() <= LIMIT && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(EnvironmentNameError)
        }
    }
}

impl fmt::Display for EnvironmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for EnvironmentName {
    type Error = EnvironmentNameError;

    fn try_from(text: String) -> Result<Self, EnvironmentNameError> {
        text.parse()
    }
}

impl From<EnvironmentName> for String {
    fn from(name: EnvironmentName) -> Self {
        name.0
    }
}
