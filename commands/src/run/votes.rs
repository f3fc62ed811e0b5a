//! The votes on a run, by account: one person has one vote, whatever was linked, unlinked or
//! renamed between two votes. The current configuration decides who may vote.

use std::borrow::Cow;
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::environment::policy::{ApprovalPolicy, Approver, CurrentPolicy, NotAdmitted};
use crate::id::person::humans;
use crate::id::{Actor, GroupRef, PersonRef};
use crate::recorded::Recorded;
use crate::run::PatchRun;

/// A vote that was not withdrawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// The groups that the voter was in at that time.
    pub groups: BTreeSet<GroupRef>,
    /// When it was given.
    pub at: DateTime<Utc>,
}

impl PatchRun {
    /// All links between accounts that this run, and the runs that it replaces, have recorded. Even
    /// a withdrawn vote still says which accounts belong together.
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

    /// The links between accounts that the replacement of this plan has to know. A link that the
    /// configuration has since removed is recorded only here.
    pub fn handed_on(&self) -> BTreeSet<PersonRef> {
        // A single account links nobody.
        self.links().filter(|person| person.accounts().len() > 1).cloned().collect()
    }

    /// Whether both may be the same person, by any link that was ever recorded here. This takes
    /// rights away and never gives any.
    fn are_one(&self, one: &PersonRef, other: &PersonRef) -> bool {
        one.joined(self.links()).may_be(other)
    }

    /// When `person` voted; `None` if they did not, or withdrew it.
    pub fn voted_at(&self, person: &PersonRef) -> Option<DateTime<Utc>> {
        let mut votes = self.votes.iter();
        votes.find(|(voter, _)| self.are_one(voter, person)).map(|(_, vote)| vote.at)
    }

    /// The votes that are withdrawn when `person` withdraws theirs.
    pub(super) fn votes_of(&self, person: &PersonRef) -> Vec<PersonRef> {
        self.votes.keys().filter(|voter| self.are_one(voter, person)).cloned().collect()
    }

    /// The policy that decides today. The policy of the time when the plan was posted gives nobody
    /// a right.
    pub fn decided_under<'a>(&self, current: CurrentPolicy<'a>) -> Cow<'a, ApprovalPolicy> {
        match current.policy {
            Some(policy) => Cow::Borrowed(policy),
            None => Cow::Owned(self.policy.of_nobody()),
        }
    }

    /// The people whose votes count today. A person who turns out to be the requester is not among
    /// them, unless the policy lets the requester vote.
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

    /// How many people they are.
    pub fn voters(&self, current: CurrentPolicy<'_>) -> usize {
        humans(self.counting(current).into_iter(), self.links().chain(current.people))
    }

    /// Whether the run has as many votes as it needs today.
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
