//! Reasons: why a person did something, in their own words.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text cannot be kept as a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidReason {
    /// The text is empty.
    Empty,
    /// The text is longer than [`Reason::LIMIT`].
    TooLong,
}

/// A reason, trimmed, not empty, and at most [`Reason::LIMIT`] characters long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reason(String);

impl Reason {
    /// The maximum length, in characters: cards quote reasons, and have limits of their own.
    pub const LIMIT: usize = 500;

    /// Parses what a person wrote.
    ///
    /// # Errors
    /// If nothing was written, or too much.
    pub fn parse(written: &str) -> Result<Self, InvalidReason> {
        let reason = written.trim();
        if reason.is_empty() {
            return Err(InvalidReason::Empty);
        }
        if reason.chars().count() > Self::LIMIT {
            return Err(InvalidReason::TooLong);
        }
        Ok(Self(reason.to_owned()))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&Reason> for String {
    fn from(reason: &Reason) -> Self {
        reason.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl From<&str> for Reason {
        fn from(written: &str) -> Self {
            Self::parse(written).expect("a reason")
        }
    }

    #[test]
    fn a_reason_is_neither_empty_nor_endless() {
        let most = "é".repeat(Reason::LIMIT);
        assert_eq!(
            Reason::parse("  disk alarms\n").map(|reason| reason.0).as_deref(),
            Ok("disk alarms")
        );
        assert_eq!(Reason::parse(&most).map(|reason| reason.0), Ok(most.clone()));
        assert_eq!(Reason::parse(" \n\t"), Err(InvalidReason::Empty));
        assert_eq!(Reason::parse(&format!("{most}é")), Err(InvalidReason::TooLong));
    }
}
