//! The tasks beside the loop. A task has a key: two with the same key never run at the same time,
//! and one that has ended may rest before it starts again. Nothing here is stored: the work to do
//! is derived from the state, in the next process as well.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use commands::id::RunId;
use tokio::sync::mpsc;

use crate::backoff::Backoff;
use crate::clock::Clock;
use crate::delivery::{Account, PostId, Surface};
use crate::engine::{Message, Outcome};

/// Identifies a task.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TaskKey {
    Assess,
    /// Reads some environments again.
    RefreshAgain,
    /// Reads the advisories of missing patches.
    Advisories,
    /// Looks up what a person asked for, by the key of their interaction. Two people may ask for
    /// the same: each gets an answer.
    Interaction(String),
    /// Drafts a successor for this void plan.
    Replan(RunId),
    /// Compares the current facts with an approved plan.
    Recheck(RunId),
    /// Reads compliance after a run.
    Report(RunId),
    /// An effect of a run, by the effect's own key.
    Effect(String),
    /// Carries out the next step on a surface.
    Deliver(Surface),
    /// Rests while a card cannot be shown as it is.
    Card(PostId),
    /// Rests while nothing can be added to the thread under a card.
    Thread(PostId),
    /// Finds out a person's groups; rests as long as the answer counts.
    Groups(Account),
}

impl fmt::Display for TaskKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Assess => f.write_str("assess"),
            Self::RefreshAgain => f.write_str("refresh-again"),
            Self::Advisories => f.write_str("advisories"),
            Self::Interaction(interaction) => write!(f, "interaction/{interaction}"),
            Self::Replan(run) => write!(f, "{run}/replan"),
            Self::Recheck(run) => write!(f, "{run}/recheck"),
            Self::Report(run) => write!(f, "{run}/report"),
            Self::Effect(key) => f.write_str(key),
            Self::Deliver(surface) => write!(f, "deliver/{surface}"),
            Self::Card(card) => write!(f, "card/{card}"),
            Self::Thread(card) => write!(f, "thread/{card}"),
            Self::Groups(account) => write!(f, "groups/{account}"),
        }
    }
}

/// When a task that has ended may start again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    No,
    For(Duration),
    /// The task failed: later with each failure in a row, and after this long at the earliest.
    Longer(Duration),
}

/// The tasks that are under way, that rest, and that keep failing.
pub(super) struct Tasks {
    clock: Clock,
    messages: mpsc::UnboundedSender<Message>,
    under_way: BTreeSet<TaskKey>,
    resting: BTreeMap<TaskKey, DateTime<Utc>>,
    /// How many times in a row a task has failed.
    failures: BTreeMap<TaskKey, u32>,
    /// Tasks that this process starts at most once.
    begun: BTreeSet<TaskKey>,
}

impl Tasks {
    pub(super) fn new(clock: Clock, messages: mpsc::UnboundedSender<Message>) -> Self {
        Self {
            clock,
            messages,
            under_way: BTreeSet::new(),
            resting: BTreeMap::new(),
            failures: BTreeMap::new(),
            begun: BTreeSet::new(),
        }
    }

    /// Starts `task`, unless it is under way or rests. Returns whether it started.
    pub(super) fn start(
        &mut self,
        key: TaskKey,
        task: impl Future<Output = Outcome> + Send + 'static,
    ) -> bool {
        if !self.is_free(&key) {
            return false;
        }
        self.resting.remove(&key);
        self.under_way.insert(key.clone());
        let messages = self.messages.clone();
        tokio::spawn(async move {
            let outcome = task.await;
            // The loop ends only with the process. The next one derives the work from the state
            // again.
            let _ = messages.send(Message::Ended(key, outcome));
        });
        true
    }

    /// As [`Self::start`], for what must be done at most once: a task that was begun does not start
    /// again unless [`Self::not_begun`] reverts that.
    pub(super) fn start_once(
        &mut self,
        key: TaskKey,
        task: impl Future<Output = Outcome> + Send + 'static,
    ) {
        if !self.has_begun(&key) && self.start(key.clone(), task) {
            self.begun.insert(key);
        }
    }

    /// Whether this process has begun a task with [`Self::start_once`].
    pub(super) fn has_begun(&self, key: &TaskKey) -> bool {
        self.begun.contains(key)
    }

    /// Notes that what a task of [`Self::start_once`] was to do certainly did not happen.
    pub(super) fn not_begun(&mut self, key: &TaskKey) {
        self.begun.remove(key);
    }

    pub(super) fn end(&mut self, key: &TaskKey, rest: Rest) {
        self.under_way.remove(key);
        let pause = match rest {
            Rest::No => None,
            Rest::For(pause) => Some(pause),
            Rest::Longer(at_least) => {
                let failures = self.failures.entry(key.clone()).or_default();
                *failures += 1;
                let pause = Backoff::CALL.after(&key.to_string(), *failures);
                self.rest(key.clone(), pause.max(at_least));
                return;
            }
        };
        self.failures.remove(key);
        if let Some(pause) = pause {
            self.rest(key.clone(), pause);
        }
    }

    /// Keeps a task from starting before `pause` has passed.
    pub(super) fn rest(&mut self, key: TaskKey, pause: Duration) {
        if let Ok(pause) = TimeDelta::from_std(pause) {
            self.resting.insert(key, self.clock.now() + pause);
        }
    }

    pub(super) fn wake(&mut self, key: &TaskKey) {
        self.resting.remove(key);
    }

    /// Ends the rest of a task at `at`, if it would last longer.
    pub(super) fn wake_at(&mut self, key: &TaskKey, at: DateTime<Utc>) {
        if let Some(until) = self.resting.get_mut(key) {
            *until = at.min(*until);
        }
    }

    /// Whether the task is neither under way nor resting.
    pub(super) fn is_free(&self, key: &TaskKey) -> bool {
        !self.is_under_way(key) && !self.rests(key)
    }

    pub(super) fn is_under_way(&self, key: &TaskKey) -> bool {
        self.under_way.contains(key)
    }

    pub(super) fn rests(&self, key: &TaskKey) -> bool {
        self.resting.get(key).is_some_and(|until| self.clock.now() < *until)
    }

    /// Whether the last attempt failed.
    pub(super) fn is_failing(&self, key: &TaskKey) -> bool {
        self.failures.contains_key(key)
    }

    /// How many direct messages are being written at the moment.
    pub(super) fn direct_under_way(&self) -> usize {
        self.under_way
            .iter()
            .filter(|key| matches!(key, TaskKey::Deliver(Surface::Direct(_))))
            .count()
    }

    /// Removes rests that have ended, for which the loop would otherwise wake again and again. Call
    /// it before starting tasks: a rest that ends after that is still the next one to end.
    pub(super) fn forget_rested(&mut self) {
        let now = self.clock.now();
        self.resting.retain(|_, until| *until > now);
    }

    pub(super) fn next_due(&self) -> Option<DateTime<Utc>> {
        self.resting.values().min().copied()
    }

    /// The channel on which a task sends messages before it ends.
    pub(super) fn messages(&self) -> mpsc::UnboundedSender<Message> {
        self.messages.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> TaskKey {
        TaskKey::Effect("production-9/watch/install-w0-c0:1".into())
    }

    fn outcome() -> impl Future<Output = Outcome> + Send + 'static {
        std::future::pending()
    }

    #[tokio::test]
    async fn a_task_is_never_under_way_twice_and_rests_longer_with_each_failure() {
        let (messages, _heard) = mpsc::unbounded_channel();
        let mut tasks = Tasks::new(Clock::System, messages);
        assert!(tasks.start(key(), outcome()));
        assert!(!tasks.start(key(), outcome()), "it is under way");
        assert!(tasks.start(TaskKey::Assess, outcome()), "another is not in its way");
        tasks.end(&key(), Rest::No);
        assert!(tasks.start(key(), outcome()));

        let at_least = Duration::from_secs(1);
        let mut rested = DateTime::<Utc>::MIN_UTC;
        for _ in 0..4 {
            tasks.end(&key(), Rest::Longer(at_least));
            assert!(tasks.is_failing(&key()) && !tasks.start(key(), outcome()));
            let due = tasks.next_due().expect("it is started again");
            assert!(due > rested);
            rested = due;
        }
        tasks.wake(&key());
        assert!(tasks.start(key(), outcome()));
        tasks.end(&key(), Rest::For(at_least));
        assert!(!tasks.is_failing(&key()) && tasks.rests(&key()));
    }

    #[tokio::test]
    async fn what_is_done_once_is_begun_again_only_where_it_certainly_did_not_happen() {
        let (messages, _heard) = mpsc::unbounded_channel();
        let mut tasks = Tasks::new(Clock::System, messages);
        tasks.start_once(key(), outcome());
        tasks.end(&key(), Rest::No);
        tasks.start_once(key(), outcome());
        assert!(tasks.has_begun(&key()) && !tasks.is_under_way(&key()));
        tasks.not_begun(&key());
        tasks.start_once(key(), outcome());
        assert!(tasks.is_under_way(&key()));
    }
}
