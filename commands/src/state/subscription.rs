//! Which places are told of what. A place is a channel of some platform; here it is only what it
//! wants to hear.

use std::collections::BTreeSet;

use crate::announcement::Announcement;
use crate::id::EnvironmentName;
use crate::patch::level::Level;
use crate::state::{State, Subject};

/// What a place wants to hear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Of these environments; none named means all of them, those of tomorrow too.
    pub environments: Option<BTreeSet<EnvironmentName>>,
    /// Announcements in which a patch has one of these levels; none named means all.
    pub levels: Option<BTreeSet<Level>>,
    /// Whether patches that are missing are announced here.
    pub announcements: bool,
    /// Whether plans are voted on and runs are watched here.
    pub plans: bool,
    /// Whether compliance is reported here.
    pub compliance: bool,
}

impl Default for Subscription {
    /// Everything.
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
    /// Whether a place that follows this is told of `subject`. The emergency stop concerns everybody.
    pub fn is_subscribed(&self, follow: &Subscription, subject: &Subject) -> bool {
        match subject {
            Subject::Announcement(number) => {
                let announced = self.announcements.list.iter().find(|one| one.number == *number);
                follow.announcements && announced.is_some_and(|one| follow.announcement(one))
            }
            Subject::Run(run) => follow.plans && follow.environment(run.environment()),
            Subject::Compliance(after) => {
                follow.compliance && follow.environment(after.environment())
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
