//! Rate limits: a bucket for each method, and one for the posts in each channel.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

/// Slack's tiers, in calls a minute. That a burst may use a whole minute's calls is inferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tier {
    One,
    Two,
    Three,
    Four,
    /// One post a second in a channel, with a small burst.
    Posting,
    /// Methods with a special limit that nobody reaches.
    Special,
}

/// How many posts in a channel may come at once. Slack says "short bursts"; the number is inferred.
const POST_BURST: f64 = 4.0;

impl Tier {
    fn burst_and_refill(self) -> (f64, f64) {
        let a_minute = match self {
            Self::One => 1.0,
            Self::Two => 20.0,
            Self::Three => 50.0,
            Self::Four => 100.0,
            Self::Posting => return (POST_BURST, 1.0),
            Self::Special => 600.0,
        };
        // Ten sockets open one after another: the documented limit of connections takes precedence.
        let burst = if self == Self::One { 10.0 } else { a_minute };
        (burst, a_minute / 60.0)
    }
}

#[derive(Debug)]
struct Bucket {
    left: f64,
    at: DateTime<Utc>,
}

#[derive(Debug, Default)]
pub(crate) struct Rates(HashMap<String, Bucket>);

impl Rates {
    /// Takes one call from the bucket `key`, or returns after how many seconds to try again.
    pub(crate) fn take(&mut self, key: &str, tier: Tier, now: DateTime<Utc>) -> Result<(), u32> {
        let (burst, refill) = tier.burst_and_refill();
        let bucket = self.0.entry(key.to_owned()).or_insert(Bucket { left: burst, at: now });
        let passed = (now - bucket.at).as_seconds_f64().max(0.0);
        bucket.left = (bucket.left + passed * refill).min(burst);
        bucket.at = now;
        if bucket.left >= 1.0 {
            bucket.left -= 1.0;
            return Ok(());
        }
        Err((((1.0 - bucket.left) / refill).ceil() as u32).max(1))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn posts_burst_and_then_come_once_a_second() {
        let mut rates = Rates::default();
        let start = DateTime::UNIX_EPOCH;
        for _ in 0..4 {
            assert_eq!(rates.take("C1", Tier::Posting, start), Ok(()));
        }
        assert_eq!(rates.take("C1", Tier::Posting, start), Err(1));
        assert_eq!(rates.take("C2", Tier::Posting, start), Ok(()));
        assert_eq!(rates.take("C1", Tier::Posting, start + TimeDelta::seconds(1)), Ok(()));
    }

    #[test]
    fn tier_three_is_fifty_a_minute() {
        let mut rates = Rates::default();
        let start = DateTime::UNIX_EPOCH;
        for _ in 0..50 {
            assert_eq!(rates.take("chat.update", Tier::Three, start), Ok(()));
        }
        assert_eq!(rates.take("chat.update", Tier::Three, start), Err(2));
    }
}
