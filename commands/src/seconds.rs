//! Durations in whole seconds: plans need nothing finer.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// A duration in whole seconds.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Seconds(pub u32);

impl Seconds {
    /// `n` minutes.
    pub const fn minutes(n: u32) -> Self {
        Self(n * 60)
    }

    /// `n` hours.
    pub const fn hours(n: u32) -> Self {
        Self(n * 3_600)
    }

    /// `n` days.
    pub const fn days(n: u32) -> Self {
        Self(n * 86_400)
    }
}

impl From<Seconds> for TimeDelta {
    fn from(seconds: Seconds) -> Self {
        Self::seconds(i64::from(seconds.0))
    }
}
