//! Handles hints from events: polls or refreshes early because an event said that something has
//! happened. A hint only moves forward what would happen anyway; the bot still reads every fact
//! from AWS, and a hint never shortens the pause after a failure.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use commands::id::EnvironmentName;
use commands::run::RunEffect;
use commands::state::Effect;

use crate::aws::Hint;
use crate::engine::Engine;
use crate::engine::tasks::TaskKey;

/// Hints about one command arrive in bursts, one for each node: the bot polls no more often than
/// this.
const BETWEEN_LOOKS: TimeDelta = TimeDelta::seconds(2);

/// The same for an environment, whose refresh reads every page of nodes.
const BETWEEN_REFRESHES: TimeDelta = TimeDelta::seconds(60);

/// The hints that were received.
#[derive(Debug, Default)]
pub(super) struct Hints {
    /// When an effect was last performed early, by key.
    early: BTreeMap<TaskKey, DateTime<Utc>>,
    /// Effects that were under way when a hint arrived: what they read may be older than it.
    again: BTreeSet<TaskKey>,
    /// When environments are due for a refresh, and when a hint last caused one.
    due: BTreeMap<EnvironmentName, DateTime<Utc>>,
    refreshed: BTreeMap<EnvironmentName, DateTime<Utc>>,
}

impl Hints {
    /// The earliest time at which the effect with this key may run because of a hint.
    fn earliest(&mut self, key: &TaskKey, now: DateTime<Utc>) -> DateTime<Utc> {
        self.early.retain(|_, at| *at + BETWEEN_LOOKS > now);
        let at = self.early.get(key).map_or(now, |last| (*last + BETWEEN_LOOKS).max(now));
        self.early.insert(key.clone(), at);
        at
    }

    pub(super) fn due(&mut self, now: DateTime<Utc>) -> Vec<EnvironmentName> {
        let due: Vec<EnvironmentName> =
            self.due.iter().filter(|(_, at)| **at <= now).map(|(name, _)| name.clone()).collect();
        for environment in &due {
            self.due.remove(environment);
            self.refreshed.insert(environment.clone(), now);
        }
        due
    }

    pub(super) fn next(&self) -> Option<DateTime<Utc>> {
        self.due.values().min().copied()
    }

    /// Notes that an environment has changed.
    fn changed(&mut self, environment: &EnvironmentName, now: DateTime<Utc>) {
        let last = self.refreshed.get(environment);
        let at = last.map_or(now + BETWEEN_LOOKS, |last| *last + BETWEEN_REFRESHES);
        self.due.entry(environment.clone()).or_insert(at.max(now + BETWEEN_LOOKS));
    }
}

impl Engine {
    /// Moves forward the polls and refreshes that `hints` concern.
    pub(super) fn hinted(&mut self, hints: BTreeSet<Hint>) {
        let now = self.services.clock.now();
        for hint in hints {
            for key in self.touched(&hint, now) {
                self.look_early(&key, now);
            }
            if let Hint::Compliance { account, region, .. } = &hint {
                for environment in &self.state.promotion.0 {
                    let is_there = environment.account == *account && environment.region == *region;
                    if is_there && !self.refreshes.failing.contains(&environment.name) {
                        self.hints.changed(&environment.name, now);
                    }
                }
            }
        }
    }

    /// The keys of the tasks that `hint` concerns; empty for a command or node that the bot does
    /// not watch.
    fn touched(&self, hint: &Hint, now: DateTime<Utc>) -> Vec<TaskKey> {
        let effects = self.state.pending(&self.agenda, self.context(), now).into_iter();
        let of_runs = effects.filter_map(|effect| match effect {
            Effect::Run(effect) => Some(effect),
            Effect::ReadAfter(_) => None,
        });
        of_runs
            .filter(|effect| match (effect, hint) {
                (RunEffect::Watch { commands, .. }, Hint::Command(id)) => commands.contains(id),
                (RunEffect::ReadStates { nodes, .. }, Hint::Compliance { node, .. }) => {
                    nodes.contains(node)
                }
                (
                    RunEffect::Replan { .. }
                    | RunEffect::Recheck { .. }
                    | RunEffect::Identify { .. }
                    | RunEffect::Preflight { .. }
                    | RunEffect::PublishList { .. }
                    | RunEffect::Send { .. }
                    | RunEffect::AbandonUnsent { .. }
                    | RunEffect::Reconcile { .. }
                    | RunEffect::Watch { .. }
                    | RunEffect::Cancel { .. }
                    | RunEffect::ReadOutputs { .. }
                    | RunEffect::ReadStates { .. },
                    Hint::Command(_) | Hint::Compliance { .. },
                ) => false,
            })
            .map(|effect| TaskKey::Effect(effect.key()))
            .collect()
    }

    fn look_early(&mut self, key: &TaskKey, now: DateTime<Utc>) {
        if self.tasks.is_under_way(key) {
            self.hints.again.insert(key.clone());
        } else if self.tasks.is_failing(key) {
            // AWS throttled the call or did not answer; its pause remains.
        } else if self.tasks.rests(key) {
            let at = self.hints.earliest(key, now);
            self.tasks.wake_at(key, at);
        }
    }

    /// After a task has ended: if a hint arrived in the meantime, it is due again soon, unless it
    /// failed.
    pub(super) fn hinted_meanwhile(&mut self, key: &TaskKey) {
        let now = self.services.clock.now();
        if self.hints.again.remove(key) && !self.tasks.is_failing(key) {
            self.tasks.wake_at(key, now + BETWEEN_LOOKS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_of_hints_is_one_look() {
        let (mut hints, now) = (Hints::default(), DateTime::UNIX_EPOCH);
        let watch = TaskKey::Effect("watch".into());
        assert_eq!(hints.earliest(&watch, now), now, "the first at once");
        let later = hints.earliest(&watch, now + TimeDelta::milliseconds(10));
        assert_eq!(later, now + BETWEEN_LOOKS);
        assert_eq!(hints.earliest(&TaskKey::Effect("other".into()), now), now, "another command");
        let after = now + TimeDelta::seconds(10);
        assert_eq!(hints.earliest(&watch, after), after);
        assert_eq!(hints.early.len(), 1, "what is long past is forgotten");
    }

    #[test]
    fn an_environment_is_not_read_for_every_node_of_it() {
        let (mut hints, now) = (Hints::default(), DateTime::UNIX_EPOCH);
        let web: EnvironmentName = "web".parse().expect("a name");
        for _ in 0..1_000 {
            hints.changed(&web, now);
        }
        let first = hints.next().expect("it is looked at");
        assert_eq!(hints.due(now), []);
        assert_eq!(hints.due(first), std::slice::from_ref(&web));
        hints.changed(&web, first);
        assert_eq!(hints.next(), Some(first + BETWEEN_REFRESHES));
    }
}
