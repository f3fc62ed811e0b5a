//! The current time: the host's, or that of the sandbox, where an hour may pass in a second.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_ssm::config::{AsyncSleep, SharedAsyncSleep, Sleep};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;

/// A function that waits: it returns when the span has passed on the clock that the program runs
/// by.
pub type Wait = Arc<dyn Fn(TimeDelta) -> BoxFuture<'static, ()> + Send + Sync>;

/// The clock that the program runs by.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The clock of the host.
    System,
    /// The clock of the simulators.
    #[cfg(feature = "sandbox")]
    Simulated(simulators::clock::Clock),
    /// The clock of a host that deviates from the simulators' clock.
    #[cfg(feature = "sandbox")]
    Skewed(simulators::clock::Skewed),
}

impl Clock {
    /// The current time.
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now(),
            #[cfg(feature = "sandbox")]
            Self::Simulated(clock) => clock.now(),
            #[cfg(feature = "sandbox")]
            Self::Skewed(clock) => clock.now(),
        }
    }

    /// Returns at `deadline`, or shortly after it.
    pub async fn sleep_until(&self, deadline: DateTime<Utc>) {
        match self {
            Self::System => {
                let left = (deadline - Utc::now()).to_std().unwrap_or_default();
                tokio::time::sleep(left).await;
            }
            #[cfg(feature = "sandbox")]
            Self::Simulated(clock) => clock.sleep_until(deadline).await,
            #[cfg(feature = "sandbox")]
            Self::Skewed(clock) => clock.sleep_until(deadline).await,
        }
    }

    /// Waits by this clock for the AWS SDK, in tests that stop and advance time. `None` uses the
    /// host's time.
    pub fn sdk_sleep(&self) -> Option<SharedAsyncSleep> {
        match self {
            Self::System => None,
            #[cfg(feature = "sandbox")]
            Self::Simulated(_) => None,
            #[cfg(feature = "sandbox")]
            Self::Skewed(_) => Some(SharedAsyncSleep::new(self.clone())),
        }
    }

    /// Waits by this clock, for callers that need nothing else from it.
    pub fn wait(&self) -> Wait {
        let clock = self.clone();
        Arc::new(move |span: TimeDelta| {
            let clock = clock.clone();
            Box::pin(async move {
                let deadline = clock.now() + span;
                clock.sleep_until(deadline).await;
            })
        })
    }
}

impl AsyncSleep for Clock {
    fn sleep(&self, duration: Duration) -> Sleep {
        let day = TimeDelta::days(1);
        // The SDK never waits this long, and the calendar is finite.
        let span = TimeDelta::from_std(duration).unwrap_or(day).min(day);
        let clock = self.clone();
        Sleep::new(async move { clock.sleep_until(clock.now() + span).await })
    }
}
