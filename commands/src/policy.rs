//! Who may approve. Unset means nobody.

use serde::{Deserialize, Serialize};

use crate::actor::{Actor, GroupRef};
use crate::seconds::Seconds;
use crate::text::PersonRef;

/// Somebody whom a policy names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approver {
    /// This one person.
    Person(PersonRef),
    /// Whoever is in this group at the moment of voting.
    Group(GroupRef),
}

/// Who may approve a plan of an environment, how many must, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalPolicy {
    /// Empty means nobody may approve.
    pub approvers: Vec<Approver>,
    /// How many different approvers it takes; at least 1.
    pub quorum: u32,
    /// How long after it was posted a plan can still be approved.
    pub expires_after: Seconds,
    /// Whether who asked for the plan may vote on it as well.
    pub requester_may_vote: bool,
}

/// Why somebody's vote does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAdmitted {
    /// The policy names no approver: nobody may approve.
    NobodyIsNamed,
    /// The policy does not name this person, nor a group they are in.
    NotNamed,
    /// Only a group that they are in is named, and on another platform they would be somebody else:
    /// one human being could vote twice.
    NotLinked,
    /// Who asks does not decide.
    Requester,
}

impl ApprovalPolicy {
    /// Whether `actor` may vote on a plan that `requester` asked for.
    pub fn admit(&self, actor: &Actor, requester: &PersonRef) -> Result<(), NotAdmitted> {
        self.name(actor)?;
        let themselves = Approver::Person(actor.person.clone());
        if !actor.linked && !self.approvers.contains(&themselves) {
            return Err(NotAdmitted::NotLinked);
        }
        if actor.person == *requester && !self.requester_may_vote {
            return Err(NotAdmitted::Requester);
        }
        Ok(())
    }

    /// Everybody who may vote on a plan that `requester` asked for.
    pub fn voters(&self, requester: &PersonRef) -> Vec<Approver> {
        let may = |approver: &&Approver| {
            self.requester_may_vote || **approver != Approver::Person(requester.clone())
        };
        self.approvers.iter().filter(may).cloned().collect()
    }

    /// Whether the policy names `actor` at all: enough to stop, never enough to approve.
    pub fn name(&self, actor: &Actor) -> Result<(), NotAdmitted> {
        if self.approvers.is_empty() {
            return Err(NotAdmitted::NobodyIsNamed);
        }
        let named = self.approvers.iter().any(|approver| match approver {
            Approver::Person(person) => *person == actor.person,
            Approver::Group(group) => actor.groups.contains(group),
        });
        if named { Ok(()) } else { Err(NotAdmitted::NotNamed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(name: &str, groups: &[&str]) -> Actor {
        Actor {
            person: PersonRef(name.into()),
            groups: groups.iter().map(|group| GroupRef((*group).into())).collect(),
            linked: true,
        }
    }

    fn policy(approvers: Vec<Approver>) -> ApprovalPolicy {
        ApprovalPolicy {
            approvers,
            quorum: 1,
            expires_after: Seconds::hours(24),
            requester_may_vote: false,
        }
    }

    #[test]
    fn unset_means_nobody() {
        let refusal = policy(vec![]).admit(&actor("aiko", &["sre"]), &PersonRef("ben".into()));
        assert_eq!(refusal, Err(NotAdmitted::NobodyIsNamed));
    }

    #[test]
    fn a_named_person_and_a_member_of_a_named_group_may() {
        let policy = policy(vec![
            Approver::Person(PersonRef("aiko".into())),
            Approver::Group(GroupRef("sre".into())),
        ]);
        let requester = PersonRef("ben".into());
        assert_eq!(policy.admit(&actor("aiko", &[]), &requester), Ok(()));
        assert_eq!(policy.admit(&actor("chen", &["sre"]), &requester), Ok(()));
        assert_eq!(policy.admit(&actor("dora", &["web"]), &requester), Err(NotAdmitted::NotNamed));
    }

    #[test]
    fn who_may_be_two_stops_and_does_not_vote() {
        let requester = PersonRef("ben".into());
        let policy = policy(vec![Approver::Group(GroupRef("sre".into()))]);
        let somebody = Actor { linked: false, ..actor("slack:U1", &["sre"]) };
        assert_eq!(policy.name(&somebody), Ok(()));
        assert_eq!(policy.admit(&somebody, &requester), Err(NotAdmitted::NotLinked));
    }

    #[test]
    fn who_asks_does_not_decide_unless_the_policy_says_so() {
        let mut policy = policy(vec![Approver::Person(PersonRef("aiko".into()))]);
        let aiko = actor("aiko", &[]);
        assert_eq!(policy.admit(&aiko, &aiko.person), Err(NotAdmitted::Requester));
        policy.requester_may_vote = true;
        assert_eq!(policy.admit(&aiko, &aiko.person), Ok(()));
    }
}
