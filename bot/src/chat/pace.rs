//! How often a platform lets us post and edit. Whoever comes too early waits here, and not at the
//! platform, where a refusal costs a call: meanwhile a card may change again, and only the newest
//! is sent.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::chat::{Place, Platform};
use crate::clock::Clock;

/// What is done to a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Something is posted.
    Post,
    /// Something that hangs there is edited.
    Edit,
}

/// When the next call may go. Slack: about one post a second in a channel with short bursts, and
/// 50 edits a minute in all. Discord tells its limits only with each answer, which its client obeys;
/// five calls in five seconds for each channel is what it has long been.
pub struct Pace {
    clock: Ticks,
    limits: Option<Arc<Limits>>,
}

struct Limits {
    slack_posts: Limiter,
    slack_edits: Limiter,
    discord: Limiter,
}

type Limiter = RateLimiter<String, HashMapStateStore<String>, Ticks, NoOpMiddleware<Nanos>>;

impl Pace {
    /// Keeps to what the platforms allow, by this clock.
    pub fn new(clock: Clock) -> Self {
        let clock = Ticks(clock);
        let limiter = |every: Duration, burst: u32| {
            let quota = Quota::with_period(every)
                .unwrap_or(Quota::per_second(NonZeroU32::MIN))
                .allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN));
            Limiter::new(quota, HashMapStateStore::default(), clock.clone())
        };
        let limits = Limits {
            slack_posts: limiter(Duration::from_secs(1), 4),
            slack_edits: limiter(Duration::from_millis(1_200), 50),
            discord: limiter(Duration::from_secs(1), 5),
        };
        Self { clock, limits: Some(Arc::new(limits)) }
    }

    /// Keeps to nothing, where nobody limits anything and time may stand still.
    pub fn unlimited(clock: Clock) -> Self {
        Self { clock: Ticks(clock), limits: None }
    }

    /// Takes the right to one call, or says how long to wait for it.
    pub fn take(&self, place: &Place, deed: Deed) -> Result<(), Duration> {
        let Some(limits) = &self.limits else { return Ok(()) };
        let (limiter, key) = match (place.platform, deed) {
            (Platform::Slack, Deed::Post) => (&limits.slack_posts, place.channel.clone()),
            (Platform::Slack, Deed::Edit) => (&limits.slack_edits, String::new()),
            (Platform::Discord, Deed::Post | Deed::Edit) => {
                (&limits.discord, format!("{deed:?} {}", place.channel))
            }
        };
        limiter.check_key(&key).map_err(|wait| wait.wait_time_from(self.clock.now()))
    }
}

/// The program's clock as the limiter reads it.
#[derive(Clone, Debug)]
struct Ticks(Clock);

impl governor::clock::Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        // Whoever lives before 1970 or after 2262 is not limited.
        let since_1970 = self.0.now().timestamp_nanos_opt().unwrap_or_default();
        Nanos::from(u64::try_from(since_1970).unwrap_or_default())
    }
}

#[cfg(all(test, feature = "sandbox"))]
mod tests {
    use chrono::{TimeDelta, Utc};
    use commands::follow::Follow;
    use commands::wording::Locale;

    use super::*;

    fn place(channel: &str) -> Place {
        Place {
            name: channel.into(),
            platform: Platform::Slack,
            channel: channel.into(),
            follow: Follow::default(),
            locale: Locale::En,
        }
    }

    #[test]
    fn posts_come_once_a_second_after_a_short_burst_in_each_channel() {
        let clock = simulators::clock::Clock::new(Utc::now(), 0.0);
        let pace = Pace::new(Clock::Simulated(clock.clone()));
        let (one, other) = (place("C1"), place("C2"));
        for _ in 0..4 {
            assert_eq!(pace.take(&one, Deed::Post), Ok(()));
        }
        let wait = pace.take(&one, Deed::Post).expect_err("a fifth at once");
        assert!(wait > Duration::ZERO && wait <= Duration::from_secs(1), "{wait:?}");
        assert_eq!(pace.take(&other, Deed::Post), Ok(()));
        assert_eq!(pace.take(&one, Deed::Edit), Ok(()));
        clock.advance(TimeDelta::seconds(1));
        assert_eq!(pace.take(&one, Deed::Post), Ok(()));
    }
}
