//! What time it is: on the wall, or in the sandbox, where an hour may pass in a second.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_ssm::config::{AsyncSleep, SharedAsyncSleep, Sleep};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;

/// Waiting, handed in: returns when the span has passed on the clock that the program runs by.
pub type Wait = Arc<dyn Fn(TimeDelta) -> BoxFuture<'static, ()> + Send + Sync>;

/// The clock that the program runs by.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The host's.
    System,
    /// The simulators'.
    #[cfg(feature = "sandbox")]
    Simulated(simulators::clock::Clock),
    /// That of a host whose clock is wrong by the simulators'.
    #[cfg(feature = "sandbox")]
    Skewed(simulators::clock::Skewed),
}

impl Clock {
    /// The time now.
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now(),
            #[cfg(feature = "sandbox")]
            Self::Simulated(clock) => clock.now(),
            #[cfg(feature = "sandbox")]
            Self::Skewed(clock) => clock.now(),
        }
    }

    /// Returns at `deadline`, or a little after.
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

    /// Waiting by this clock for the AWS SDK, where time stands still until a test lets it pass.
    pub fn sdk_sleep(&self) -> Option<SharedAsyncSleep> {
        match self {
            Self::System => None,
            #[cfg(feature = "sandbox")]
            Self::Simulated(_) => None,
            #[cfg(feature = "sandbox")]
            Self::Skewed(_) => Some(SharedAsyncSleep::new(self.clone())),
        }
    }

    /// Waiting by this clock, for those who need nothing else of it.
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
        // The SDK never waits for so long, and a calendar has an end.
        let span = TimeDelta::from_std(duration).unwrap_or(day).min(day);
        let clock = self.clone();
        Sleep::new(async move { clock.sleep_until(clock.now() + span).await })
    }
}
