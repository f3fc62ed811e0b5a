//! The identity of a person: the account with which they acted, by the platform's own id, and never
//! the name that a configuration gives them today.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

/// A chat platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatPlatform {
    /// Slack, with its teams and enterprises.
    Slack,
    /// Discord, with its servers.
    Discord,
}

impl fmt::Display for ChatPlatform {
    /// The name in lower case, as it is written before an id.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Slack => "slack",
            Self::Discord => "discord",
        })
    }
}

/// An account on a platform.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// The platform of the account.
    pub platform: ChatPlatform,
    /// The enterprise of Slack or, without one, the team; the server of Discord. `None` means the
    /// one that the bot works in, because a configuration does not say which that is.
    pub server: Option<String>,
    /// The user id that the platform gave.
    pub user: String,
}

impl Identity {
    /// Whether both are the same account. A user id of Slack is unique only within its team or
    /// enterprise (docs.slack.dev, "Users"), one of Discord everywhere.
    pub fn is(&self, other: &Self) -> bool {
        let same_server = match self.platform {
            ChatPlatform::Slack => match (&self.server, &other.server) {
                (Some(ours), Some(theirs)) => ours == theirs,
                (None, _) | (_, None) => true,
            },
            ChatPlatform::Discord => true,
        };
        self.may_be(other) && same_server
    }

    /// Whether both may be the same account, whatever server they name: a workspace that joins an
    /// enterprise gets another id, while its people stay the same.
    fn may_be(&self, other: &Self) -> bool {
        self.platform == other.platform && self.user == other.user
    }
}

/// A human being: the account that acted, with every account that was linked to it at that moment.
///
/// The links are stored with each act. Whatever is linked, unlinked or renamed later, two
/// `PersonRef`s are one human being if they share an account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PersonRef {
    /// The account that acted.
    pub acted: Identity,
    /// All of their accounts, including the one that acted.
    accounts: BTreeSet<Identity>,
    /// Their name at that time, for texts in which nobody can be mentioned. It is never compared,
    /// because people change their names.
    called: String,
}

impl PersonRef {
    /// A person with only this account.
    pub fn new(acted: Identity, called: &str) -> Self {
        let accounts = BTreeSet::from([acted.clone()]);
        Self { acted, accounts, called: called.to_owned() }
    }

    /// Adds these accounts to the person.
    #[must_use]
    pub fn linked_to(mut self, accounts: impl IntoIterator<Item = Identity>) -> Self {
        self.accounts.extend(accounts);
        self
    }

    /// All of their accounts, as they were linked when this was recorded.
    pub fn accounts(&self) -> &BTreeSet<Identity> {
        &self.accounts
    }

    /// Their name when this was recorded.
    pub fn called(&self) -> &str {
        &self.called
    }

    /// Whether both are the same human being, which means that they share an account.
    pub fn is(&self, other: &Self) -> bool {
        self.accounts.iter().any(|ours| other.accounts.iter().any(|theirs| ours.is(theirs)))
    }

    /// Whether both may be the same human being. This matches more people than [`Self::is`], so it
    /// may only ever take a right away.
    pub fn may_be(&self, other: &Self) -> bool {
        self.accounts.iter().any(|ours| other.accounts.iter().any(|theirs| ours.may_be(theirs)))
    }

    /// Whether this account belongs to them.
    pub fn holds(&self, account: &Identity) -> bool {
        self.accounts.iter().any(|ours| ours.is(account))
    }

    /// The same human being with every account that `links` join to theirs, over any number of
    /// steps.
    #[must_use]
    pub fn joined<'a>(&self, links: impl Iterator<Item = &'a Self> + Clone) -> Self {
        let mut whole = self.clone();
        loop {
            let before = whole.accounts.len();
            for link in links.clone() {
                if whole.may_be(link) {
                    whole.accounts.extend(link.accounts.iter().cloned());
                }
            }
            if whole.accounts.len() == before {
                return whole;
            }
        }
    }

    fn compared(&self) -> (&Identity, &BTreeSet<Identity>) {
        (&self.acted, &self.accounts)
    }
}

impl PartialEq for PersonRef {
    fn eq(&self, other: &Self) -> bool {
        self.compared() == other.compared()
    }
}

impl Eq for PersonRef {}

impl PartialOrd for PersonRef {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for PersonRef {
    fn cmp(&self, other: &Self) -> Ordering {
        self.compared().cmp(&other.compared())
    }
}

impl Hash for PersonRef {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.compared().hash(state);
    }
}

/// How many human beings these are, according to their own links and to `links`.
pub fn humans<'a>(
    people: impl Iterator<Item = &'a PersonRef> + Clone,
    links: impl Iterator<Item = &'a PersonRef> + Clone,
) -> usize {
    let mut known: Vec<PersonRef> = Vec::new();
    for person in people.clone() {
        if !known.iter().any(|one| one.may_be(person)) {
            known.push(person.joined(people.clone().chain(links.clone())));
        }
    }
    known.len()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The Slack account with this user id, in the team that the bot works in.
    pub(crate) fn slack(user: &str) -> Identity {
        Identity { platform: ChatPlatform::Slack, server: None, user: user.to_owned() }
    }

    pub(crate) fn discord(user: &str) -> Identity {
        Identity { platform: ChatPlatform::Discord, server: None, user: user.to_owned() }
    }

    fn alone(user: &str) -> PersonRef {
        PersonRef::new(slack(user), user)
    }

    fn linked(users: [&str; 2]) -> PersonRef {
        alone(users[0]).linked_to([slack(users[1])])
    }

    #[test]
    fn a_name_tells_nobody_apart() {
        let (one, other) = (PersonRef::new(slack("U1"), "aiko"), PersonRef::new(slack("U1"), "ai"));
        assert!(one.is(&other) && one == other);
        assert!(!one.is(&PersonRef::new(slack("U2"), "aiko")));
        assert!(!one.is(&PersonRef::new(discord("U1"), "aiko")));
    }

    #[test]
    fn a_user_of_another_team_is_somebody_else() {
        let of = |server: Option<&str>| {
            let server = server.map(str::to_owned);
            PersonRef::new(Identity { server, ..slack("U1") }, "aiko")
        };
        assert!(of(Some("T1")).is(&of(Some("T1"))));
        assert!(of(Some("T1")).is(&of(None)));
        assert!(!of(Some("T1")).is(&of(Some("T2"))));
        // An id of Discord belongs to one person only, on all servers.
        let there = |server: &str| {
            PersonRef::new(Identity { server: Some(server.to_owned()), ..discord("7") }, "aiko")
        };
        assert!(there("1").is(&there("2")));
    }

    #[test]
    fn links_of_any_time_join_people_over_any_number_of_steps() {
        let check = |people: &[PersonRef], links: &[PersonRef], expected: usize| {
            let found = humans(people.iter(), links.iter());
            assert_eq!(found, expected, "{people:?} {links:?}");
            let reversed: Vec<PersonRef> = people.iter().rev().cloned().collect();
            assert_eq!(humans(reversed.iter(), links.iter()), expected, "the other way round");
        };
        check(&[alone("A"), alone("B")], &[], 2);
        check(&[alone("A"), alone("B")], &[linked(["B", "A"])], 1);
        check(&[linked(["A", "B"]), linked(["C", "B"])], &[], 1);
        check(&[alone("A"), alone("D")], &[linked(["A", "B"]), linked(["C", "D"])], 2);
        let steps = [linked(["C", "D"]), linked(["B", "C"]), linked(["A", "B"])];
        check(&[alone("A"), alone("D"), alone("E")], &steps, 2);
    }
}
