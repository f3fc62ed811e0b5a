//! Approval policies: who may approve a plan. A policy that is not set lets nobody approve.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::id::{Actor, GroupRef, PersonRef};
use crate::seconds::Seconds;

/// A person or a group that a policy names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approver {
    /// This person, by any of their accounts.
    Person(PersonRef),
    /// Anybody who is in this group at the moment they vote.
    Group(GroupRef),
}

impl Approver {
    /// Whether this is `actor`, or a group that they are in.
    pub fn names(&self, actor: &Actor) -> bool {
        match self {
            Self::Person(person) => person.is(&actor.person),
            Self::Group(group) => actor.groups.contains(group),
        }
    }
}

/// Who may approve a plan of an environment, how many must, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalPolicy {
    /// Empty means nobody may approve.
    pub approvers: Vec<Approver>,
    /// How many different approvers it takes; at least 1.
    pub quorum: u32,
    /// How long after a plan was posted it can still be approved.
    pub expires_after: Seconds,
    /// Whether the person who asked for the plan may vote on it as well.
    pub requester_may_vote: bool,
}

/// What the configuration says now about who decides.
#[derive(Clone, Copy, Debug, Default)]
pub struct CurrentPolicy<'a> {
    /// All people that the configuration knows, with their linked accounts.
    pub people: &'a [PersonRef],
    /// Who may decide; `None` if the environment is no longer configured, so that nobody may.
    pub policy: Option<&'a ApprovalPolicy>,
}

/// Why a person's vote does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAdmitted {
    /// The policy names no approver, so nobody may approve.
    NobodyIsNamed,
    /// The policy names neither this person nor a group they are in.
    NotNamed,
    /// The policy names only a group that they are in, and their accounts are not linked across
    /// platforms: one human being could vote twice.
    NotLinked,
    /// They asked for the plan themselves.
    Requester,
}

impl ApprovalPolicy {
    /// Whether `actor` may vote on a plan; `asked` says whether they, as the same human being,
    /// asked for it.
    pub fn admit(&self, actor: &Actor, asked: bool) -> Result<(), NotAdmitted> {
        self.name(actor)?;
        let is_named = |approver: &Approver| match approver {
            Approver::Person(person) => person.is(&actor.person),
            Approver::Group(_) => false,
        };
        if !actor.linked && !self.approvers.iter().any(is_named) {
            return Err(NotAdmitted::NotLinked);
        }
        if asked && !self.requester_may_vote {
            return Err(NotAdmitted::Requester);
        }
        Ok(())
    }

    /// Whether the policy still names a person who voted as a member of `groups`. Of a person, only
    /// the account that voted counts: their other accounts may belong to somebody else now.
    pub fn still_names(&self, voter: &PersonRef, groups: &BTreeSet<GroupRef>) -> bool {
        self.approvers.iter().any(|approver| match approver {
            Approver::Person(person) => person.holds(&voter.acted),
            Approver::Group(group) => groups.contains(group),
        })
    }

    /// The same policy without approvers, so that nobody may vote.
    #[must_use]
    pub fn of_nobody(&self) -> Self {
        Self { approvers: Vec::new(), ..self.clone() }
    }

    /// Everybody who may vote on a plan that `requester` asked for.
    pub fn voters(&self, requester: &PersonRef) -> Vec<Approver> {
        let may = |approver: &&Approver| match approver {
            Approver::Person(person) => self.requester_may_vote || !person.is(requester),
            Approver::Group(_) => true,
        };
        self.approvers.iter().filter(may).cloned().collect()
    }

    /// Whether the policy names `actor` at all: enough to stop, never enough to approve.
    pub fn name(&self, actor: &Actor) -> Result<(), NotAdmitted> {
        if self.approvers.is_empty() {
            return Err(NotAdmitted::NobodyIsNamed);
        }
        let named = self.approvers.iter().any(|approver| approver.names(actor));
        if named { Ok(()) } else { Err(NotAdmitted::NotNamed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::person::tests::slack;

    fn person(name: &str) -> PersonRef {
        PersonRef::new(slack(name), name)
    }

    fn actor(name: &str, groups: &[&str]) -> Actor {
        Actor {
            person: person(name),
            groups: groups.iter().map(|group| GroupRef((*group).into())).collect(),
            linked: true,
            origin: crate::id::Origin::Channel,
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
        let refusal = policy(vec![]).admit(&actor("aiko", &["sre"]), false);
        assert_eq!(refusal, Err(NotAdmitted::NobodyIsNamed));
    }

    #[test]
    fn a_named_person_and_a_member_of_a_named_group_may() {
        let policy =
            policy(vec![Approver::Person(person("aiko")), Approver::Group(GroupRef("sre".into()))]);
        assert_eq!(policy.admit(&actor("aiko", &[]), false), Ok(()));
        assert_eq!(policy.admit(&actor("chen", &["sre"]), false), Ok(()));
        assert_eq!(policy.admit(&actor("dora", &["web"]), false), Err(NotAdmitted::NotNamed));
    }

    #[test]
    fn who_may_be_two_stops_and_does_not_vote() {
        let policy = policy(vec![Approver::Group(GroupRef("sre".into()))]);
        let somebody = Actor { linked: false, ..actor("slack:U1", &["sre"]) };
        assert_eq!(policy.name(&somebody), Ok(()));
        assert_eq!(policy.admit(&somebody, false), Err(NotAdmitted::NotLinked));
    }

    #[test]
    fn who_asks_does_not_decide_unless_the_policy_says_so() {
        let mut policy = policy(vec![Approver::Person(person("aiko"))]);
        let aiko = actor("aiko", &[]);
        assert_eq!(policy.admit(&aiko, true), Err(NotAdmitted::Requester));
        policy.requester_may_vote = true;
        assert_eq!(policy.admit(&aiko, true), Ok(()));
    }
}
