//! Simulated time: it runs by itself for people, and by hand for tests.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

/// The one clock that every simulated service reads. Clones share it.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    anchor: Mutex<Anchor>,
    /// Wakes sleepers whenever time was advanced or its speed changed.
    moved: watch::Sender<u64>,
    /// Deadlines of sleepers, with the number of sleepers for each.
    sleepers: Mutex<BTreeMap<DateTime<Utc>, usize>>,
}

#[derive(Clone, Copy, Debug)]
struct Anchor {
    simulated: DateTime<Utc>,
    real: Instant,
    speed: f64,
}

impl Anchor {
    fn now(&self) -> DateTime<Utc> {
        let elapsed = self.real.elapsed().as_secs_f64() * self.speed;
        self.simulated + TimeDelta::microseconds((elapsed * 1e6) as i64)
    }
}

impl Clock {
    /// A clock that starts at `start` and runs at `speed` simulated seconds per real second. At
    /// speed 0 it stands still until [`Clock::advance`] is called.
    pub fn new(start: DateTime<Utc>, speed: f64) -> Self {
        let anchor = Anchor { simulated: start, real: Instant::now(), speed };
        Self(Arc::new(Inner {
            anchor: Mutex::new(anchor),
            moved: watch::Sender::new(0),
            sleepers: Mutex::default(),
        }))
    }

    /// The host's clock: simulated time equals real time.
    pub fn real() -> Self {
        Self::new(Utc::now(), 1.0)
    }

    /// The simulated time now.
    pub fn now(&self) -> DateTime<Utc> {
        self.anchor().now()
    }

    /// Simulated seconds that pass in a real second.
    pub fn speed(&self) -> f64 {
        self.anchor().speed
    }

    /// Advances time by `by` at once.
    pub fn advance(&self, by: TimeDelta) {
        self.set(|anchor| anchor.simulated += by);
    }

    /// Changes the speed from now on.
    pub fn set_speed(&self, speed: f64) {
        self.set(|anchor| anchor.speed = speed);
    }

    /// The earliest deadline of a sleeper. A story that moves time by hand goes there.
    pub fn next_deadline(&self) -> Option<DateTime<Utc>> {
        self.sleepers().keys().next().copied()
    }

    /// Returns once the simulated time has reached `deadline`.
    pub async fn sleep_until(&self, deadline: DateTime<Utc>) {
        let _asleep = Asleep::until(self, deadline);
        let mut moved = self.0.moved.subscribe();
        loop {
            moved.borrow_and_update();
            let anchor = self.anchor();
            let left = deadline - anchor.now();
            if left <= TimeDelta::zero() {
                return;
            }
            if anchor.speed > 0.0 {
                let seconds = (left.as_seconds_f64() / anchor.speed).clamp(0.0005, 86_400.0);
                let real = std::time::Duration::from_secs_f64(seconds);
                // In either case time is read again: an advance and a passed deadline look alike.
                let _ = tokio::time::timeout(real, moved.changed()).await;
            } else if moved.changed().await.is_err() {
                return;
            }
        }
    }

    fn sleepers(&self) -> MutexGuard<'_, BTreeMap<DateTime<Utc>, usize>> {
        self.0.sleepers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn anchor(&self) -> Anchor {
        *self.0.anchor.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, change: impl FnOnce(&mut Anchor)) {
        {
            let mut anchor = self.0.anchor.lock().unwrap_or_else(PoisonError::into_inner);
            anchor.simulated = anchor.now();
            anchor.real = Instant::now();
            change(&mut anchor);
        }
        self.0.moved.send_modify(|count| *count += 1);
    }
}

/// A sleeper, for as long as this lives.
struct Asleep<'a> {
    clock: &'a Clock,
    deadline: DateTime<Utc>,
}

impl<'a> Asleep<'a> {
    fn until(clock: &'a Clock, deadline: DateTime<Utc>) -> Self {
        *clock.sleepers().entry(deadline).or_default() += 1;
        Self { clock, deadline }
    }
}

impl Drop for Asleep<'_> {
    fn drop(&mut self) {
        let mut sleepers = self.clock.sleepers();
        if let Some(count) = sleepers.get_mut(&self.deadline) {
            *count -= 1;
            if *count == 0 {
                sleepers.remove(&self.deadline);
            }
        }
    }
}

/// The clock of a host that is wrong, and that somebody corrects or sets to a wrong time. Clones
/// share it.
#[derive(Clone, Debug)]
pub struct Skewed {
    clock: Clock,
    wrong_by: Arc<Mutex<TimeDelta>>,
    asleep: Arc<AtomicUsize>,
}

impl Skewed {
    /// A host whose clock is right until it is set.
    pub fn of(clock: &Clock) -> Self {
        Self { clock: clock.clone(), wrong_by: Arc::default(), asleep: Arc::default() }
    }

    /// How far it is ahead of the time.
    pub fn wrong_by(&self) -> TimeDelta {
        *self.wrong_by.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets it this far ahead of the time; behind it if negative.
    pub fn set_wrong_by(&self, offset: TimeDelta) {
        *self.wrong_by.lock().unwrap_or_else(PoisonError::into_inner) = offset;
    }

    /// The time that it shows.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now() + self.wrong_by()
    }

    /// Sleeps for as long as `deadline` seems to be away now. Like on a real host, correcting the
    /// clock meanwhile neither wakes a sleeper nor prolongs its sleep.
    pub async fn sleep_until(&self, deadline: DateTime<Utc>) {
        let truly = deadline - self.wrong_by();
        self.asleep.fetch_add(1, Ordering::SeqCst);
        let _awake = Awake(&self.asleep);
        self.clock.sleep_until(truly).await;
    }

    /// How many sleep by this clock: none while its program works.
    pub fn asleep(&self) -> usize {
        self.asleep.load(Ordering::SeqCst)
    }
}

struct Awake<'a>(&'a AtomicUsize);

impl Drop for Awake<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_standing_clock_moves_only_when_pushed() {
        let start = DateTime::UNIX_EPOCH;
        let clock = Clock::new(start, 0.0);
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep_until(start + TimeDelta::hours(1)).await }
        });
        clock.advance(TimeDelta::minutes(59));
        assert_eq!(clock.now(), start + TimeDelta::minutes(59));
        assert!(!sleeper.is_finished());
        clock.advance(TimeDelta::minutes(1));
        sleeper.await.expect("the sleeper wakes at its deadline");
    }

    #[tokio::test]
    async fn a_fast_clock_reaches_the_deadline_by_itself() {
        let start = DateTime::UNIX_EPOCH;
        let clock = Clock::new(start, 1e6);
        clock.sleep_until(start + TimeDelta::hours(2)).await;
        assert!(clock.now() >= start + TimeDelta::hours(2));
    }

    #[tokio::test]
    async fn a_wrong_clock_sleeps_as_long_as_it_believes() {
        let start = DateTime::UNIX_EPOCH;
        let clock = Clock::new(start, 0.0);
        let host = Skewed::of(&clock);
        host.set_wrong_by(TimeDelta::hours(2));
        assert_eq!(host.now(), start + TimeDelta::hours(2));
        let sleeper = tokio::spawn({
            let host = host.clone();
            async move { host.sleep_until(start + TimeDelta::hours(3)).await }
        });
        while host.asleep() == 0 {
            tokio::task::yield_now().await;
        }
        // Corrected while it sleeps: it has slept an hour all the same.
        host.set_wrong_by(TimeDelta::zero());
        assert_eq!(clock.next_deadline(), Some(start + TimeDelta::hours(1)));
        clock.advance(TimeDelta::hours(1));
        sleeper.await.expect("the sleeper wakes");
        assert_eq!(clock.next_deadline(), None);
    }
}
