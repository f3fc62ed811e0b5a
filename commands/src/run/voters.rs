//! Who has voted on a run, by their accounts: one human has one vote, whatever was linked, unlinked or
//! renamed between two of them.

use chrono::{DateTime, Utc};

use crate::actor::Actor;
use crate::person::humans;
use crate::policy::{Approver, NotAdmitted};
use crate::run::PatchRun;
use crate::text::PersonRef;

impl PatchRun {
    /// Everything that this run has recorded about which accounts are one human.
    fn links(&self) -> impl Iterator<Item = &PersonRef> + Clone {
        let approvers = self.policy.approvers.iter().filter_map(|approver| match approver {
            Approver::Person(person) => Some(person),
            Approver::Group(_) => None,
        });
        approvers.chain([&self.requester]).chain(self.votes.keys())
    }

    /// Whether both may be the same human, by any link that was ever recorded here. It takes rights
    /// away and never gives any.
    fn are_one(&self, one: &PersonRef, other: &PersonRef) -> bool {
        one.joined(self.links()).is(other)
    }

    /// When `person` voted; `None` where they did not, or took it back.
    pub fn voted_at(&self, person: &PersonRef) -> Option<DateTime<Utc>> {
        let mut votes = self.votes.iter();
        votes.find(|(voter, _)| self.are_one(voter, person)).map(|(_, at)| *at)
    }

    /// The votes that are taken back when `person` takes theirs back.
    pub(super) fn votes_of(&self, person: &PersonRef) -> Vec<PersonRef> {
        self.votes.keys().filter(|voter| self.are_one(voter, person)).cloned().collect()
    }

    /// How many humans have voted once `person` has, too. `links` is who is who today: whoever turns out
    /// to be the requester does not count, unless the policy lets them vote.
    pub(super) fn voters_with(&self, person: &PersonRef, links: &[PersonRef]) -> usize {
        let known = self.links().chain(links);
        let requester = self.requester.joined(known.clone().chain([person]));
        let counts = |voter: &&PersonRef| self.policy.requester_may_vote || !voter.is(&requester);
        humans(self.votes.keys().chain([person]).filter(counts), known)
    }

    /// How many humans have voted, by what is recorded here.
    pub fn voters(&self) -> usize {
        humans(self.votes.keys(), self.links())
    }

    /// Whether `actor` may vote on this plan.
    pub fn admits(&self, actor: &Actor) -> Result<(), NotAdmitted> {
        self.policy.admit(actor, self.are_one(&actor.person, &self.requester))
    }
}
