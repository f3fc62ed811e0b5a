//! How often a platform lets us post and edit. A call that comes too early waits here and not at
//! the platform, where a refusal costs a call. In the meantime the card may change again, and only
//! the newest version is sent.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::chat::{Channel, Platform};
use crate::clock::Clock;

/// What a platform counts together in its rate limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateClass {
    /// Posting a message.
    Post,
    /// Editing a message in a channel.
    Edit,
    /// Editing a direct message. It gets only its share of all edits, because the cards that
    /// everybody reads come first.
    EditDirect,
}

/// When the next call may go. Slack: about one post a second per channel with short bursts, and 50
/// edits a minute in all. Discord states its limits only in each response, and its client obeys
/// them; five calls in five seconds per channel has been its limit for a long time.
pub struct RateLimit {
    clock: Ticks,
    limits: Limits,
}

struct Limits {
    slack_posts: Limiter,
    slack_edits: Limiter,
    slack_direct_edits: Limiter,
    discord: Limiter,
}

type Limiter = RateLimiter<String, HashMapStateStore<String>, Ticks, NoOpMiddleware<Nanos>>;

impl RateLimit {
    /// Creates the limits by this clock: so many posts a second in each channel, and a matching
    /// number of edits.
    pub fn new(clock: Clock, posts_per_second: NonZeroU32) -> Self {
        let clock = Ticks::new(clock);
        let limiter = |every: Duration, burst: u32| {
            let quota = Quota::with_period(every / posts_per_second.get())
                .unwrap_or(Quota::per_second(NonZeroU32::MIN))
                .allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN));
            Limiter::new(quota, HashMapStateStore::default(), clock.clone())
        };
        let limits = Limits {
            slack_posts: limiter(Duration::from_secs(1), 4),
            slack_edits: limiter(Duration::from_millis(1_200), 50),
            slack_direct_edits: limiter(Duration::from_secs(6), 10),
            discord: limiter(Duration::from_secs(1), 5),
        };
        Self { clock, limits }
    }

    /// Takes a permit for one call, or returns how long to wait for it.
    pub fn acquire(&self, channel: &Channel, class: RateClass) -> Result<(), Duration> {
        let limits = &self.limits;
        let (limiter, key) = match (channel.platform, class) {
            (Platform::Slack, RateClass::Post) => (&limits.slack_posts, channel.id.clone()),
            (Platform::Slack, RateClass::Edit) => (&limits.slack_edits, String::new()),
            (Platform::Slack, RateClass::EditDirect) => {
                // Both must permit the edit. What one of them takes in vain is little, and is
                // refilled.
                let all = &limits.slack_edits;
                let share = &limits.slack_direct_edits;
                let wait = |wait: governor::NotUntil<_>| wait.wait_time_from(self.clock.now());
                share.check_key(&String::new()).map_err(wait)?;
                (all, String::new())
            }
            (Platform::Discord, RateClass::Post | RateClass::Edit | RateClass::EditDirect) => {
                (&limits.discord, format!("{class:?} {}", channel.id))
            }
        };
        limiter.check_key(&key).map_err(|wait| wait.wait_time_from(self.clock.now()))
    }
}

/// The program's clock for the limiter: the time since the start. A clock that is set back does not
/// reduce it, or nothing would be posted until the clock has caught up.
#[derive(Clone, Debug)]
struct Ticks {
    clock: Clock,
    passed: Arc<Mutex<Passed>>,
}

#[derive(Debug)]
struct Passed {
    seen: DateTime<Utc>,
    since_start: Duration,
}

impl Ticks {
    fn new(clock: Clock) -> Self {
        let passed = Passed { seen: clock.now(), since_start: Duration::ZERO };
        Self { clock, passed: Arc::new(Mutex::new(passed)) }
    }
}

impl governor::clock::Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let now = self.clock.now();
        let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        let more = (now - passed.seen).to_std().unwrap_or_default();
        passed.since_start += more;
        passed.seen = now;
        // It has room for 584 years.
        Nanos::from(u64::try_from(passed.since_start.as_nanos()).unwrap_or(u64::MAX))
    }
}

#[cfg(all(test, feature = "sandbox"))]
mod tests {
    use chrono::TimeDelta;
    use commands::state::subscription::Subscription;
    use commands::text::wording::Locale;

    use super::*;

    fn channel(id: &str) -> Channel {
        Channel {
            name: id.into(),
            platform: Platform::Slack,
            id: id.into(),
            subscription: Subscription::default(),
            locale: Locale::En,
        }
    }

    #[test]
    fn posts_come_once_a_second_after_a_short_burst_in_each_channel() {
        let clock = simulators::clock::Clock::new(Utc::now(), 0.0);
        let rate_limit = RateLimit::new(Clock::Simulated(clock.clone()), NonZeroU32::MIN);
        let (one, other) = (channel("C1"), channel("C2"));
        for _ in 0..4 {
            assert_eq!(rate_limit.acquire(&one, RateClass::Post), Ok(()));
        }
        let wait = rate_limit.acquire(&one, RateClass::Post).expect_err("a fifth at once");
        assert!(wait > Duration::ZERO && wait <= Duration::from_secs(1), "{wait:?}");
        assert_eq!(rate_limit.acquire(&other, RateClass::Post), Ok(()));
        assert_eq!(rate_limit.acquire(&one, RateClass::Edit), Ok(()));
        clock.advance(TimeDelta::seconds(1));
        assert_eq!(rate_limit.acquire(&one, RateClass::Post), Ok(()));
    }

    #[test]
    fn what_single_people_were_told_leaves_room_for_what_all_read() {
        let clock = simulators::clock::Clock::new(Utc::now(), 0.0);
        let rate_limit = RateLimit::new(Clock::Simulated(clock.clone()), NonZeroU32::MIN);
        let one = channel("C1");
        let edits = (0..100).filter(|n| {
            let person = channel(&format!("D{n}"));
            rate_limit.acquire(&person, RateClass::EditDirect).is_ok()
        });
        assert_eq!(edits.count(), 10);
        let cards = (0..100).filter(|_| rate_limit.acquire(&one, RateClass::Edit).is_ok());
        assert_eq!(cards.count(), 40);
        // When the limit for cards is used up, direct messages may not be edited either.
        clock.advance(TimeDelta::seconds(6));
        while rate_limit.acquire(&one, RateClass::Edit).is_ok() {}
        let wait = rate_limit
            .acquire(&channel("D1"), RateClass::EditDirect)
            .expect_err("cards come first");
        assert!(wait <= Duration::from_secs(2), "{wait:?}");
    }

    #[test]
    fn a_clock_that_is_set_back_holds_nothing_up() {
        let true_time = simulators::clock::Clock::new(Utc::now(), 0.0);
        let skewed = simulators::clock::Skewed::of(&true_time);
        let rate_limit = RateLimit::new(Clock::Skewed(skewed.clone()), NonZeroU32::MIN);
        let one = channel("C1");
        while rate_limit.acquire(&one, RateClass::Post).is_ok() {}
        skewed.set_wrong_by(TimeDelta::hours(-5));
        assert!(
            rate_limit.acquire(&one, RateClass::Post).expect_err("too early")
                <= Duration::from_secs(1)
        );
        true_time.advance(TimeDelta::seconds(1));
        assert_eq!(rate_limit.acquire(&one, RateClass::Post), Ok(()));
    }
}
