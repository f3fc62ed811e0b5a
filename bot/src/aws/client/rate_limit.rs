//! How often the bot calls AWS: one limit for each account, Region and operation, shared by all
//! callers.
//!
//! AWS publishes no rates for these operations and counts by account, Region and operation. Other
//! tools share the allowance, so the rates are modest. Time here is the host's own: moving a
//! simulated clock forward permits no more calls.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

/// The maximum rates of calls for each account and Region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Calls per second of each operation that reads.
    pub reads: NonZeroU32,
    /// How many reads of one operation may burst after a pause.
    pub burst: NonZeroU32,
    /// Calls of SendCommand per second.
    pub sends: NonZeroU32,
}

impl Default for Rates {
    fn default() -> Self {
        let number = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Self { reads: number(10), burst: number(20), sends: number(2) }
    }
}

type Keyed<C> = RateLimiter<
    &'static str,
    HashMapStateStore<&'static str>,
    C,
    NoOpMiddleware<<C as Clock>::Instant>,
>;

/// The rate limit of one account and Region, which all environments there share.
pub(in crate::aws) struct RateLimit<C: Clock = DefaultClock> {
    reads: Keyed<C>,
    sends: Keyed<C>,
    clock: C,
}

impl<C: Clock + Clone> RateLimit<C> {
    pub(in crate::aws) fn new(rates: Rates, clock: C) -> Self {
        let reads = Quota::per_second(rates.reads).allow_burst(rates.burst);
        let sends = Quota::per_second(rates.sends);
        Self {
            reads: RateLimiter::hashmap_with_clock(reads, clock.clone()),
            sends: RateLimiter::hashmap_with_clock(sends, clock.clone()),
            clock,
        }
    }

    /// Waits until one more call of `operation` is permitted.
    pub(in crate::aws) async fn acquire(&self, operation: &'static str) {
        while let Some(pause) = self.not_yet(operation) {
            tokio::time::sleep(pause).await;
        }
    }

    /// Takes a permit, or returns how long until there is one.
    fn not_yet(&self, operation: &'static str) -> Option<Duration> {
        let limit = if operation == "SendCommand" { &self.sends } else { &self.reads };
        let refused = limit.check_key(&operation).err()?;
        Some(refused.wait_time_from(self.clock.now()))
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    #[test]
    fn each_operation_has_its_own_allowance_and_time_gives_it_back() {
        let clock = FakeRelativeClock::default();
        let rate_limit = RateLimit::new(Rates::default(), clock.clone());
        let turns = |operation: &'static str| {
            (0..100).take_while(|_| rate_limit.not_yet(operation).is_none()).count()
        };
        assert_eq!(turns("DescribeInstancePatches"), 20, "a burst");
        assert_eq!(turns("DescribeInstancePatches"), 0);
        assert_eq!(turns("DescribeInstanceInformation"), 20, "another operation");
        assert_eq!(turns("SendCommand"), 2);
        let pause = rate_limit.not_yet("DescribeInstancePatches").expect("it is too soon");
        assert_eq!(pause, Duration::from_millis(100));
        clock.advance(pause);
        assert_eq!(turns("DescribeInstancePatches"), 1);
        clock.advance(Duration::from_secs(1));
        assert_eq!((turns("DescribeInstancePatches"), turns("SendCommand")), (10, 2));
    }
}
