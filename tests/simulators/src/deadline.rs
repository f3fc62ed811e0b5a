//! Deadlines of services for machines.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::Clock;

/// Nobody waits longer than this in real time, even while the clock stands still.
const AT_MOST: Duration = Duration::from_secs(15);

/// The end of an interval that a service measures between machines, such as the 3 s to acknowledge.
///
/// It is reached in simulated time. While the clock runs, the same real time has to pass too: at
/// 600-fold speed 3 s would be 5 ms, and no network is that fast.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    simulated: DateTime<Utc>,
    real: Instant,
    never_later: Instant,
}

impl Deadline {
    pub(crate) fn after(clock: &Clock, seconds: u32) -> Self {
        let real = Duration::from_secs(u64::from(seconds));
        let now = Instant::now();
        Self {
            simulated: clock.now() + TimeDelta::seconds(i64::from(seconds)),
            real: now + real,
            never_later: now + real + AT_MOST,
        }
    }

    pub(crate) fn has_passed(&self, clock: &Clock) -> bool {
        let simulated = clock.now() >= self.simulated;
        simulated && (clock.speed() == 0.0 || Instant::now() >= self.real)
    }

    pub(crate) async fn wait(&self, clock: &Clock) {
        let passing = async {
            clock.sleep_until(self.simulated).await;
            if clock.speed() > 0.0 {
                tokio::time::sleep_until(self.real.into()).await;
            }
        };
        tokio::select! {
            () = passing => {}
            () = tokio::time::sleep_until(self.never_later.into()) => {}
        }
    }
}
