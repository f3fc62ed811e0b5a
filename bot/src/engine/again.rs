//! When an environment that could not be read is tried again.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, TimeDelta, Utc};
use commands::environment_name::EnvironmentName;

/// The first pause. Each one after it is twice as long.
const FIRST: TimeDelta = TimeDelta::seconds(30);

/// No pause is longer.
const LONGEST: TimeDelta = TimeDelta::hours(1);

/// Environments whose last look failed.
#[derive(Debug, Default)]
pub(super) struct Again(BTreeMap<EnvironmentName, Try>);

#[derive(Debug)]
struct Try {
    failures: u32,
    at: DateTime<Utc>,
}

impl Again {
    pub(super) fn failed(&mut self, environment: &EnvironmentName, now: DateTime<Utc>) {
        let failures = self.0.get(environment).map_or(0, |before| before.failures) + 1;
        let at = now + pause(environment, failures);
        self.0.insert(environment.clone(), Try { failures, at });
    }

    pub(super) fn succeeded(&mut self, environment: &EnvironmentName) {
        self.0.remove(environment);
    }

    /// Whether a pause of this environment is not over.
    pub(super) fn waits(&self, environment: &EnvironmentName) -> bool {
        self.0.contains_key(environment)
    }

    /// Environments whose pause is over.
    pub(super) fn due(&self, now: DateTime<Utc>) -> Vec<EnvironmentName> {
        let due = self.0.iter().filter(|(_, again)| again.at <= now);
        due.map(|(name, _)| name.clone()).collect()
    }

    /// When the next pause after `now` is over.
    pub(super) fn next(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.0.values().map(|again| again.at).filter(|at| *at > now).min()
    }
}

/// Between three quarters and one and a quarter of what it would be, other for each environment and
/// failure: what failed at once does not come back at once.
fn pause(environment: &EnvironmentName, failures: u32) -> TimeDelta {
    let doubled = FIRST.num_milliseconds() << failures.saturating_sub(1).min(20);
    let whole = doubled.min(LONGEST.num_milliseconds());
    let mut hasher = DefaultHasher::new();
    (environment.as_str(), failures).hash(&mut hasher);
    let jitter = (hasher.finish() % 512) as i64 - 256;
    TimeDelta::milliseconds(whole + whole * jitter / 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> EnvironmentName {
        text.parse().expect("a name")
    }

    #[test]
    fn pauses_grow_to_an_hour_and_differ() {
        let environment = name("web");
        let pauses: Vec<i64> =
            (1..40).map(|failures| pause(&environment, failures).num_seconds()).collect();
        assert!((22..=38).contains(&pauses[0]), "{pauses:?}");
        assert!(pauses.iter().zip(&pauses[1..8]).all(|(a, b)| b > a), "{pauses:?}");
        assert!(pauses.iter().all(|pause| *pause <= 4_500), "{pauses:?}");
        assert_ne!(pause(&environment, 3), pause(&name("db"), 3));
    }

    #[test]
    fn success_forgets_and_failure_waits() {
        let (now, web) = (DateTime::UNIX_EPOCH, name("web"));
        let mut again = Again::default();
        again.failed(&web, now);
        assert!(again.due(now).is_empty());
        let next = again.next(now).expect("it is tried again");
        assert_eq!(again.due(next), std::slice::from_ref(&web));
        assert_eq!(again.next(next), None);
        again.succeeded(&web);
        assert!(again.due(next).is_empty());
    }
}
