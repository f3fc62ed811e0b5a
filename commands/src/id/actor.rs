//! The people who ask for something, and where they ask from.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::id::{EnvironmentName, PersonRef};

/// A group of people as the chat platform keeps it (a Slack user group, a Discord role),
/// under the name that the configuration gave it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GroupRef(pub String);

/// A human being who asks for something. The shell makes actors only of people: a message of
/// another bot is never a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The person, whatever platform they write from.
    pub person: PersonRef,
    /// The groups they are in at the moment of asking.
    pub groups: BTreeSet<GroupRef>,
    /// Whether no other actor can be the same human being: the configuration links their accounts,
    /// or there is only one platform.
    pub linked: bool,
    /// Where they ask from.
    pub origin: Origin,
}

/// On whose authority something happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Principal {
    /// A person decided.
    Person(PersonRef),
    /// The policy of this environment decided, without a person.
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

/// Where a person asks from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A channel that the configuration names, or a thread in one: people may decide here.
    Channel,
    /// Another channel, a direct message or the App Home, where the bot works: people may only read
    /// here.
    Elsewhere,
    /// Another workspace, enterprise or server than the bot works in, or one that the platform does
    /// not identify: people may do nothing here.
    Outside,
}
