//! Who asks.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::id::{EnvironmentName, PersonRef};

/// A group of people as the chat platform keeps it (a Slack user group, a Discord role),
/// under the name that the configuration gave it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GroupRef(pub String);

/// A human being who asks for something. The shell makes actors only of people:
/// what another bot writes is never a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// One person, whatever platform they speak from.
    pub person: PersonRef,
    /// The groups they are in at the moment of asking.
    pub groups: BTreeSet<GroupRef>,
    /// Whether nobody else can be the same human being: the configuration says who they are, or
    /// there is only one platform to speak from.
    pub linked: bool,
    /// From where they ask.
    pub whence: Origin,
}

/// On whose word something happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Principal {
    /// A person's.
    Person(PersonRef),
    /// That of an environment's policy, which decided without a person.
    Policy(EnvironmentName),
}

impl Principal {
    /// The person, if it is one.
    pub fn person(&self) -> Option<&PersonRef> {
        match self {
            Self::Person(person) => Some(person),
            Self::Policy(_) => None,
        }
    }
}

impl From<&Actor> for Principal {
    fn from(actor: &Actor) -> Self {
        Self::Person(actor.person.clone())
    }
}

/// From where somebody asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A channel that the configuration names, or a thread in one: here is decided.
    Channel,
    /// Another channel, direct messages or a page of their own, where the bot works: here is read.
    Elsewhere,
    /// Another workspace, enterprise or server than the bot works in, or one of which the platform
    /// does not say which it is: from there nothing is done.
    Outside,
}
