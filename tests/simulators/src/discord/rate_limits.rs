//! Rate limits: a bucket for each route with its channel, guild or webhook, one for the whole bot,
//! and the count of invalid requests.
//!
//! Discord documents the headers and the two global numbers, not the sizes of the buckets: those
//! here are what its headers said for years, and a client must learn them from the headers.

use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};

/// Requests a second in total.
const GLOBAL: u32 = 50;
/// Invalid requests (401, 403, 429) in ten minutes after which an address is banned.
const INVALID: usize = 10_000;

#[derive(Debug)]
struct Window {
    used: u32,
    ends: DateTime<Utc>,
}

#[derive(Debug, Default)]
pub(crate) struct Rates {
    windows: HashMap<String, Window>,
    invalid: VecDeque<DateTime<Utc>>,
}

/// The content of the headers after a request was counted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BucketState {
    pub(crate) bucket: String,
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    pub(crate) resets: DateTime<Utc>,
}

/// A bucket is empty.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Exceeded {
    pub(crate) is_global: bool,
    pub(crate) after: TimeDelta,
    pub(crate) bucket_state: BucketState,
}

/// The requests and seconds of a route's bucket.
fn size(route: &str) -> (u32, i64) {
    match route {
        _ if route.contains("/commands") => (5, 20),
        _ if route.contains("/messages") && route.contains("/channels") => (5, 5),
        _ if route.starts_with("GET /users/@me") => (30, 30),
        _ if route.contains("/threads") => (50, 300),
        _ if route.contains("/webhooks") => (5, 2),
        _ => (10, 10),
    }
}

impl Rates {
    /// Counts a request of `route` (method and path with placeholders) on `major` (its channel,
    /// guild or webhook). The global limit does not apply to interactions.
    pub(crate) fn take(
        &mut self,
        route: &str,
        major: &str,
        now: DateTime<Utc>,
    ) -> Result<BucketState, Exceeded> {
        let is_interaction = route.contains("/interactions") || route.contains("/webhooks");
        if !is_interaction {
            let global = self.one("global", GLOBAL, TimeDelta::seconds(1), now);
            global.map_err(|exceeded| Exceeded { is_global: true, ..exceeded })?;
        }
        let (limit, seconds) = size(route);
        self.one(&format!("{route} {major}"), limit, TimeDelta::seconds(seconds), now)
    }

    fn one(
        &mut self,
        key: &str,
        limit: u32,
        lasts: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<BucketState, Exceeded> {
        let fresh = || Window { used: 0, ends: now + lasts };
        let window = self.windows.entry(key.to_owned()).or_insert_with(fresh);
        if now >= window.ends {
            *window = fresh();
        }
        let is_full = window.used >= limit;
        window.used += u32::from(!is_full);
        let bucket_state = BucketState {
            bucket: bucket_name(key),
            limit,
            remaining: limit - window.used,
            resets: window.ends,
        };
        if is_full {
            return Err(Exceeded { is_global: false, after: window.ends - now, bucket_state });
        }
        Ok(bucket_state)
    }

    /// Counts an invalid request.
    pub(crate) fn invalid(&mut self, now: DateTime<Utc>) {
        self.invalid.push_back(now);
    }

    /// Whether the address is banned for its invalid requests.
    pub(crate) fn is_banned(&mut self, now: DateTime<Utc>) -> bool {
        while self.invalid.front().is_some_and(|&at| at + TimeDelta::minutes(10) <= now) {
            self.invalid.pop_front();
        }
        self.invalid.len() >= INVALID
    }

    pub(crate) fn invalid_requests(&self) -> usize {
        self.invalid.len()
    }
}

/// A hash, like the names of Discord's buckets.
fn bucket_name(key: &str) -> String {
    let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_takes_five_posts_in_five_seconds() {
        let mut rates = Rates::default();
        let start = DateTime::UNIX_EPOCH;
        let post = "POST /channels/{}/messages";
        for left in (0..5).rev() {
            assert_eq!(
                rates.take(post, "1", start).map(|bucket_state| bucket_state.remaining),
                Ok(left)
            );
        }
        let refused = rates.take(post, "1", start).expect_err("the bucket is empty");
        assert_eq!((refused.is_global, refused.after), (false, TimeDelta::seconds(5)));
        assert!(rates.take(post, "2", start).is_ok(), "another channel has its own");
        assert!(rates.take(post, "1", start + TimeDelta::seconds(5)).is_ok());
    }

    #[test]
    fn ten_thousand_invalid_requests_ban_for_ten_minutes() {
        let mut rates = Rates::default();
        let start = DateTime::UNIX_EPOCH;
        (0..INVALID).for_each(|_| rates.invalid(start));
        assert!(rates.is_banned(start));
        assert!(!rates.is_banned(start + TimeDelta::minutes(10)));
    }
}
