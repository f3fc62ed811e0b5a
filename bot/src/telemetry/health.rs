//! The health of the bot.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use super::{ListenStats, metrics, supervisor};

/// The maximum time between two turns of the loop, which runs at least whenever it renews the
/// lease: every 20 seconds.
const TURNS_WITHIN: TimeDelta = TimeDelta::seconds(60);

/// The known state of the bot, shared by the parts that report it. Times are the host's own even if
/// the bot runs in simulated time: a stopped clock is no fault.
#[derive(Debug, Default)]
pub struct Health {
    /// When the loop last ran, in milliseconds since 1970; 0 before it did.
    turned_at: AtomicI64,
    /// Until when the lease is held, in milliseconds since 1970.
    lease_until: AtomicI64,
    /// The connections that have to be open.
    needs: Connections,
    discord_connected: AtomicBool,
    /// Event queues that cannot be read: the bot is slower without them, but healthy.
    unread: Mutex<BTreeSet<String>>,
    /// Statistics of what was received from Slack.
    pub slack: Arc<ListenStats>,
}

/// The connections that a bot needs to receive interactions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Connections {
    /// Sockets to Slack: needed if Slack is configured and does not call the bot.
    pub slack: bool,
    /// Discord's gateway.
    pub discord: bool,
}

/// Why the bot is unhealthy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unhealthy {
    /// The loop stalls, for this many seconds.
    #[error("the engine has not turned for {0} s: it hangs, or has not started yet")]
    Stalled(i64),
    /// The lease has expired.
    #[error("the lease on the store is not held: another patchbot may have taken over")]
    NoLease,
    /// No connection to Slack is open.
    #[error("no connection to Slack is open: commands and buttons are not received")]
    SlackDisconnected,
    /// No connection to Discord is open.
    #[error("no connection to Discord's gateway is open: commands and buttons are not received")]
    DiscordDisconnected,
}

impl Unhealthy {
    /// A label that stays the same while the condition lasts.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Stalled(_) => "the engine does not turn",
            Self::NoLease => "the lease on the store is not held",
            Self::SlackDisconnected => "no connection to Slack",
            Self::DiscordDisconnected => "no connection to Discord's gateway",
        }
    }
}

impl Health {
    /// Creates a state in which nothing is known yet.
    pub fn new(needs: Connections) -> Self {
        Self { needs, ..Self::default() }
    }

    /// Sets whether Discord's gateway is connected.
    pub fn discord_connected(&self, connected: bool) {
        self.discord_connected.store(connected, Ordering::Relaxed);
    }

    /// Notes that the loop has run, and holds its lease until `lease_until`.
    pub fn turned(&self, now: DateTime<Utc>, lease_until: DateTime<Utc>) {
        self.turned_at.store(now.timestamp_millis(), Ordering::Relaxed);
        self.lease_until.store(lease_until.timestamp_millis(), Ordering::Relaxed);
        supervisor::turned();
    }

    /// Sets whether an event queue can be read.
    pub fn queue_read(&self, queue: &str, is_read: bool) {
        metrics::queue_read(queue, is_read);
        let mut unread = self.unread();
        if is_read {
            unread.remove(queue);
        } else {
            unread.insert(queue.to_owned());
        }
    }

    /// Event queues that cannot be read now.
    pub fn unread_queues(&self) -> Vec<String> {
        self.unread().iter().cloned().collect()
    }

    fn unread(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.unread.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The worst condition at `now`; `None` if the bot is healthy.
    pub fn check(&self, now: DateTime<Utc>) -> Option<Unhealthy> {
        let now = now.timestamp_millis();
        let still = now - self.turned_at.load(Ordering::Relaxed);
        if still > TURNS_WITHIN.num_milliseconds() {
            return Some(Unhealthy::Stalled(still / 1_000));
        }
        if now >= self.lease_until.load(Ordering::Relaxed) {
            return Some(Unhealthy::NoLease);
        }
        let opened = self.slack.connected.load(Ordering::Relaxed);
        let lost = self.slack.disconnected.load(Ordering::Relaxed);
        if self.needs.slack && opened <= lost {
            return Some(Unhealthy::SlackDisconnected);
        }
        let lost_discord = self.needs.discord && !self.discord_connected.load(Ordering::Relaxed);
        lost_discord.then_some(Unhealthy::DiscordDisconnected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_has_its_reason() {
        let now = DateTime::from_timestamp(1_772_384_400, 0).expect("a time");
        let health = Health::new(Connections { slack: true, discord: true });
        assert!(matches!(health.check(now), Some(Unhealthy::Stalled(_))));
        health.turned(now, now + TimeDelta::seconds(40));
        assert_eq!(health.check(now), Some(Unhealthy::SlackDisconnected));
        health.slack.connected.fetch_add(1, Ordering::Relaxed);
        assert_eq!(health.check(now), Some(Unhealthy::DiscordDisconnected));
        health.discord_connected(true);
        assert_eq!(health.check(now), None);
        assert_eq!(health.check(now + TimeDelta::seconds(40)), Some(Unhealthy::NoLease));
        assert_eq!(health.check(now + TimeDelta::seconds(61)), Some(Unhealthy::Stalled(61)));
        health.slack.disconnected.fetch_add(1, Ordering::Relaxed);
        assert_eq!(health.check(now), Some(Unhealthy::SlackDisconnected));
    }
}
