//! Notifies a supervisor such as systemd if it has set `NOTIFY_SOCKET`, and otherwise does nothing.
//! See sd_notify(3).

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::Utc;
use sd_notify::NotifyState;

use super::health::Health;

/// The minimum interval between two watchdog notifications, in milliseconds. The supervisor expects
/// one every two minutes.
const WATCHDOG_EVERY_MS: i64 = 1_000;

/// Notifies that the loop has run. Nothing else may do this, because the supervisor must restart a
/// loop that stalls.
pub(crate) fn turned() {
    static LAST: AtomicI64 = AtomicI64::new(0);
    let now = Utc::now().timestamp_millis();
    // A clock that was set back does not silence it.
    if (now - LAST.load(Ordering::Relaxed)).abs() >= WATCHDOG_EVERY_MS {
        LAST.store(now, Ordering::Relaxed);
        notify(&[NotifyState::Watchdog]);
    }
}

/// Notifies that the bot is ready once the platforms are connected and the loop runs, and from then
/// on of the worst condition, if there is one. Never ends.
pub(crate) async fn report(health: &Health) {
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    let mut ready = false;
    let mut told = None;
    loop {
        seconds.tick().await;
        let unhealthy = health.check(Utc::now());
        let status = match &unhealthy {
            None => "well: commands and buttons are received".to_owned(),
            Some(_) if !ready => "starting".to_owned(),
            // The duration of a stall changes each second.
            Some(unhealthy) => unhealthy.word().to_owned(),
        };
        if unhealthy.is_none() && !ready {
            ready = true;
            notify(&[NotifyState::Ready]);
        }
        if told.as_ref() != Some(&status) {
            notify(&[NotifyState::Status(&status)]);
            told = Some(status);
        }
    }
}

/// Notifies that the bot was asked to end.
pub(crate) fn stopping() {
    notify(&[
        NotifyState::Stopping,
        NotifyState::Status("ending: everything that was decided is stored"),
    ]);
}

fn notify(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::debug!(%error, "failed to notify the supervisor");
    }
}
