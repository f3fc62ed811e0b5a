//! Who has voted on a run, by their accounts: one human has one vote, whatever was linked, unlinked or
//! renamed between two of them. Who may vote is what the configuration says at that moment.

use std::borrow::Cow;
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::environment::policy::{ApprovalPolicy, Approver, CurrentPolicy, NotAdmitted};
use crate::event::Recorded;
use crate::id::person::humans;
use crate::id::{Actor, GroupRef, PersonRef};
use crate::run::PatchRun;

/// A vote that was not taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// The groups in which its voter was then.
    pub groups: BTreeSet<GroupRef>,
    /// When it was given.
    pub at: DateTime<Utc>,
}

impl PatchRun {
    /// Everything that this run, and those that it replaces, have recorded about which accounts are one
    /// human. A vote that was taken back still says whose accounts are whose.
    fn links(&self) -> impl Iterator<Item = &PersonRef> + Clone {
        let approvers = self.policy.approvers.iter().filter_map(|approver| match approver {
            Approver::Person(person) => Some(person),
            Approver::Group(_) => None,
        });
        let acted = self.history.iter().filter_map(Recorded::person);
        approvers
            .chain([&self.requester])
            .chain(self.votes.keys())
            .chain(acted)
            .chain(&self.who_is_who)
    }

    /// What the plan in place of this one has to know about which accounts are one human. A link that
    /// was taken apart by then stands nowhere but here.
    pub fn handed_on(&self) -> BTreeSet<PersonRef> {
        // One account alone joins nobody.
        self.links().filter(|person| person.accounts().len() > 1).cloned().collect()
    }

    /// Whether both may be the same human, by any link that was ever recorded here. It takes rights
    /// away and never gives any.
    fn are_one(&self, one: &PersonRef, other: &PersonRef) -> bool {
        one.joined(self.links()).may_be(other)
    }

    /// When `person` voted; `None` where they did not, or took it back.
    pub fn voted_at(&self, person: &PersonRef) -> Option<DateTime<Utc>> {
        let mut votes = self.votes.iter();
        votes.find(|(voter, _)| self.are_one(voter, person)).map(|(_, vote)| vote.at)
    }

    /// The votes that are taken back when `person` takes theirs back.
    pub(super) fn votes_of(&self, person: &PersonRef) -> Vec<PersonRef> {
        self.votes.keys().filter(|voter| self.are_one(voter, person)).cloned().collect()
    }

    /// The policy that decides today. What was said when the plan was posted gives nobody a right.
    pub fn decided_under<'a>(&self, current: CurrentPolicy<'a>) -> Cow<'a, ApprovalPolicy> {
        match current.policy {
            Some(policy) => Cow::Borrowed(policy),
            None => Cow::Owned(self.policy.of_nobody()),
        }
    }

    /// Those whose votes count today. Somebody who turns out to be the requester is not among them,
    /// unless the policy lets them vote.
    pub fn counting(&self, current: CurrentPolicy<'_>) -> Vec<&PersonRef> {
        let policy = self.decided_under(current);
        let requester = self.requester.joined(self.links().chain(current.people));
        self.votes
            .iter()
            .filter(|(voter, vote)| policy.still_names(voter, &vote.groups))
            .filter(|(voter, _)| policy.requester_may_vote || !voter.may_be(&requester))
            .map(|(voter, _)| voter)
            .collect()
    }

    /// How many humans they are.
    pub fn voters(&self, current: CurrentPolicy<'_>) -> usize {
        humans(self.counting(current).into_iter(), self.links().chain(current.people))
    }

    /// Whether so many have voted as it takes today.
    pub(super) fn has_its_votes(&self, current: CurrentPolicy<'_>) -> bool {
        // A quorum of 0 would be no approval at all.
        self.voters(current) >= self.decided_under(current).quorum.max(1) as usize
    }

    /// Whether `actor` may vote on this plan.
    pub fn admits(&self, actor: &Actor, current: CurrentPolicy<'_>) -> Result<(), NotAdmitted> {
        let asked = self.are_one(&actor.person, &self.requester);
        self.decided_under(current).admit(actor, asked)
    }
}
