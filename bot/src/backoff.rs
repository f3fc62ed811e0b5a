//! How long to wait before retrying something that failed: longer each time, up to a limit, and
//! with jitter so that not everything retries at the same moment.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use chrono::{DateTime, TimeDelta, Utc};
use commands::id::Digest;

/// The pauses between attempts. Each is twice as long as the one before it; jitter adds up to as
/// much again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    first: Duration,
    longest: Duration,
}

impl Backoff {
    /// Between two calls for the same thing after the service could not answer.
    pub(crate) const CALL: Self =
        Self { first: Duration::from_secs(2), longest: Duration::from_secs(120) };

    /// Between two attempts to read a whole environment, which takes many calls.
    pub(crate) const ENVIRONMENT: Self =
        Self { first: Duration::from_secs(20), longest: Duration::from_secs(2_400) };

    /// The pause after `failures` failures in a row. The jitter is derived from `key`: it is the
    /// same in every process, and differs between keys.
    pub(crate) fn after(self, key: &str, failures: u32) -> Duration {
        let digest = Digest::of(&key);
        let seed = digest.as_str().get(..16).and_then(|hex| u64::from_str_radix(hex, 16).ok());
        let mut pauses = ExponentialBuilder::new()
            .with_min_delay(self.first)
            .with_max_delay(self.longest)
            .without_max_times()
            .with_jitter()
            .with_jitter_seed(seed.unwrap_or_default())
            .build();
        // The pauses reach the limit long before the 32nd.
        pauses.nth(failures.clamp(1, 32) as usize - 1).unwrap_or(self.longest)
    }
}

/// Keys whose last attempt failed, and when the next attempt is due.
#[derive(Debug)]
pub(crate) struct Failing<K> {
    backoff: Backoff,
    tries: BTreeMap<K, Try>,
}

#[derive(Debug)]
struct Try {
    failures: u32,
    again_at: DateTime<Utc>,
}

impl<K: Ord + Clone + fmt::Display> Failing<K> {
    pub(crate) fn new(backoff: Backoff) -> Self {
        Self { backoff, tries: BTreeMap::new() }
    }

    pub(crate) fn failed(&mut self, key: &K, now: DateTime<Utc>) {
        let failures = self.tries.get(key).map_or(0, |before| before.failures) + 1;
        let pause = self.backoff.after(&key.to_string(), failures);
        let again_at = now + TimeDelta::from_std(pause).unwrap_or(TimeDelta::MAX);
        self.tries.insert(key.clone(), Try { failures, again_at });
    }

    pub(crate) fn succeeded(&mut self, key: &K) {
        self.tries.remove(key);
    }

    /// Whether the last attempt failed, even if its pause is over.
    pub(crate) fn contains(&self, key: &K) -> bool {
        self.tries.contains_key(key)
    }

    /// The keys whose pause is over.
    pub(crate) fn due(&self, now: DateTime<Utc>) -> Vec<K> {
        let due = self.tries.iter().filter(|(_, one)| one.again_at <= now);
        due.map(|(key, _)| key.clone()).collect()
    }

    /// When the next pause after `now` ends.
    pub(crate) fn next_due(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.tries.values().map(|one| one.again_at).filter(|at| *at > now).min()
    }
}

#[cfg(test)]
mod tests {
    use commands::id::EnvironmentName;

    use super::*;

    #[test]
    fn pauses_grow_to_a_limit() {
        for backoff in [Backoff::CALL, Backoff::ENVIRONMENT] {
            for failures in 1..=40 {
                let doubled = backoff.first.saturating_mul(1 << (failures - 1).min(20));
                let unjittered = doubled.min(backoff.longest);
                let pause = backoff.after("verification-1/send/install-w0-c0:1", failures);
                assert!(pause >= unjittered && pause <= unjittered * 2, "{failures}: {pause:?}");
            }
        }
    }

    #[test]
    fn what_waits_does_not_wait_in_step_and_a_restart_changes_nothing() {
        let key = |chunk: u32| format!("production-9/send/install-w1-c{chunk}:1");
        let mut pauses: Vec<Duration> =
            (0..20).map(|chunk| Backoff::CALL.after(&key(chunk), 3)).collect();
        assert_eq!(Backoff::CALL.after(&key(7), 3), pauses[7]);
        pauses.sort();
        pauses.dedup();
        assert!(pauses.len() > 15, "{pauses:?}");
    }

    #[test]
    fn success_forgets_and_failure_waits() {
        let now = DateTime::UNIX_EPOCH;
        let web: EnvironmentName = "web".parse().expect("a name");
        let mut failing = Failing::new(Backoff::ENVIRONMENT);
        failing.failed(&web, now);
        assert!(failing.due(now).is_empty());
        let next = failing.next_due(now).expect("it is tried again");
        assert_eq!(failing.due(next), std::slice::from_ref(&web));
        assert_eq!(failing.next_due(next), None);
        failing.succeeded(&web);
        assert!(failing.due(next).is_empty());
    }
}
