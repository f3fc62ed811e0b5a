//! How long to wait before AWS is asked again for what it could not answer: longer each time, up to
//! a limit, and not at the same moment for everything that waits.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use commands::digest::Digest;

/// The first pause.
const FIRST: Duration = Duration::from_secs(2);

/// The longest pause, before jitter, which at most doubles it.
const LONGEST: Duration = Duration::from_secs(120);

/// How long to wait after `failures` failures in a row of the effect with this key. The jitter
/// follows from the key: the same in every process, and another for every effect.
pub(crate) fn after(key: &str, failures: u32) -> Duration {
    let digest = Digest::of(&key);
    let seed = digest.as_str().get(..16).and_then(|hex| u64::from_str_radix(hex, 16).ok());
    let mut pauses = ExponentialBuilder::new()
        .with_min_delay(FIRST)
        .with_max_delay(LONGEST)
        .without_max_times()
        .with_jitter()
        .with_jitter_seed(seed.unwrap_or_default())
        .build();
    // Beyond some tries they no longer grow.
    pauses.nth(failures.clamp(1, 32) as usize - 1).unwrap_or(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit() {
        let key = "verification-1/send/install-w0-c0:1";
        for failures in 1..=40 {
            let unjittered = FIRST.saturating_mul(1 << (failures - 1).min(20)).min(LONGEST);
            let pause = after(key, failures);
            assert!(pause >= unjittered && pause <= unjittered * 2, "{failures}: {pause:?}");
        }
    }

    #[test]
    fn what_waits_does_not_wait_in_step_and_a_restart_changes_nothing() {
        let key = |chunk: u32| format!("production-9/send/install-w1-c{chunk}:1");
        let mut pauses: Vec<Duration> = (0..20).map(|chunk| after(&key(chunk), 3)).collect();
        assert_eq!(after(&key(7), 3), pauses[7]);
        pauses.sort();
        pauses.dedup();
        assert!(pauses.len() > 15, "{pauses:?}");
    }
}
