//! Subscriptions: which channel gets which posts. The platform of the channel does not matter here.

use std::collections::BTreeSet;

use crate::announcement::Announcement;
use crate::id::EnvironmentName;
use crate::patch::level::Level;
use crate::state::{State, Subject};

/// What a channel subscribes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Only these environments; `None` means all, including future ones.
    pub environments: Option<BTreeSet<EnvironmentName>>,
    /// Only announcements in which a patch has one of these levels; `None` means all.
    pub levels: Option<BTreeSet<Level>>,
    /// Whether missing patches are announced in the channel.
    pub announcements: bool,
    /// Whether people vote on plans and follow runs in the channel.
    pub plans: bool,
    /// Whether compliance is reported in the channel.
    pub compliance: bool,
}

impl Default for Subscription {
    /// A subscription to everything.
    fn default() -> Self {
        Self {
            environments: None,
            levels: None,
            announcements: true,
            plans: true,
            compliance: true,
        }
    }
}

impl Subscription {
    fn environment(&self, name: &EnvironmentName) -> bool {
        self.environments.as_ref().is_none_or(|followed| followed.contains(name))
    }

    fn announcement(&self, announced: &Announcement) -> bool {
        announced.patches.iter().any(|one| {
            let level = one.assessment.level;
            self.levels.as_ref().is_none_or(|followed| followed.contains(&level))
                && one.nodes.keys().any(|name| self.environment(name))
        })
    }
}

impl State {
    /// Whether a channel with the subscription `follow` gets the posts about `subject`. Every
    /// channel gets those about the emergency stop.
    pub fn is_subscribed(&self, subscription: &Subscription, subject: &Subject) -> bool {
        match subject {
            Subject::Announcement(number) => {
                let announced = self.announcements.list.iter().find(|one| one.number == *number);
                subscription.announcements
                    && announced.is_some_and(|one| subscription.announcement(one))
            }
            Subject::Run(run) => subscription.plans && subscription.environment(run.environment()),
            Subject::Compliance(after) => {
                subscription.compliance && subscription.environment(after.environment())
            }
            Subject::EmergencyStop(_) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str) -> Subject {
        Subject::Run(text.parse().expect("a run"))
    }

    #[test]
    fn a_place_hears_of_what_it_follows() {
        let state = State::default();
        let all = Subscription::default();
        assert!(state.is_subscribed(&all, &run("production-1")));
        let verification = Subscription {
            environments: Some(["verification".parse().expect("a name")].into()),
            ..Subscription::default()
        };
        assert!(state.is_subscribed(&verification, &run("verification-1")));
        assert!(!state.is_subscribed(&verification, &run("production-1")));
        let quiet = Subscription { plans: false, ..Subscription::default() };
        assert!(!state.is_subscribed(&quiet, &run("production-1")));
        let after = Subject::Compliance("production-1".parse().expect("a run"));
        assert!(state.is_subscribed(&quiet, &after));
        let nothing =
            Subscription { environments: Some(BTreeSet::new()), announcements: false, ..quiet };
        assert!(
            state.is_subscribed(&nothing, &Subject::EmergencyStop(1)),
            "everybody hears of the emergency stop"
        );
    }
}
