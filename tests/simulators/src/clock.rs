//! Simulated time: automatic for people, stepped by hand for tests.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

/// The one clock that every simulated service reads. Cloning it shares it.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    anchor: Mutex<Anchor>,
    /// Sleepers look again whenever time was pushed or its speed changed.
    moved: watch::Sender<u64>,
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
    /// A clock that starts at `start` and runs at `speed` simulated seconds a real second.
    /// Speed 0 stands still until [`Clock::advance`] is called.
    pub fn new(start: DateTime<Utc>, speed: f64) -> Self {
        let anchor = Anchor { simulated: start, real: Instant::now(), speed };
        Self(Arc::new(Inner { anchor: Mutex::new(anchor), moved: watch::Sender::new(0) }))
    }

    /// The wall clock: simulated time equals the host's.
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

    /// Pushes time ahead by `by` at once.
    pub fn advance(&self, by: TimeDelta) {
        self.set(|anchor| anchor.simulated += by);
    }

    /// Changes the speed from now on.
    pub fn set_speed(&self, speed: f64) {
        self.set(|anchor| anchor.speed = speed);
    }

    /// Returns when the simulated time has reached `deadline`.
    pub async fn sleep_until(&self, deadline: DateTime<Utc>) {
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
                // Either way time is read again: a push ahead and a passed deadline look alike.
                let _ = tokio::time::timeout(real, moved.changed()).await;
            } else if moved.changed().await.is_err() {
                return;
            }
        }
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
}
