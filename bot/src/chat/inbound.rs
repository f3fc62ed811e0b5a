//! What people did, in the same shape from every platform.

use std::collections::{BTreeMap, BTreeSet};

use commands::decide::Interaction;
use commands::id::Origin;
use serde::{Deserialize, Serialize};

use crate::chat::{Platform, Reply};

/// Something that a person did. It is stored before it is acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbound {
    /// The same for every delivery of the same interaction.
    pub key: String,
    /// Who.
    pub who: Who,
    /// What they asked for.
    pub ask: Interaction,
    /// Where an answer can go.
    pub reply: Reply,
    /// The channel that the thread is in where they did it; `None` for what is no thread of its own.
    pub parent: Option<String>,
    /// Whether they did it from outside of the workspace or server that the bot works in.
    pub outside: bool,
}

impl Inbound {
    /// From where they ask. `is_configured` says of a channel whether decisions are made there.
    pub fn whence(&self, is_configured: impl Fn(Platform, &str) -> bool) -> Origin {
        let platform = self.reply.platform();
        let named = [Some(self.reply.channel()), self.parent.as_deref()];
        let named = named.into_iter().flatten().any(|channel| is_configured(platform, channel));
        match (self.outside, named) {
            (true, _) => Origin::Outside,
            (false, true) => Origin::Channel,
            (false, false) => Origin::Elsewhere,
        }
    }
}

/// Who did something, as the platform knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// Which platform.
    pub platform: Platform,
    /// Their id there.
    pub id: String,
    /// The roles that the platform said they have, where it says so with the interaction.
    pub roles: BTreeSet<String>,
}

/// What became of an interaction that was handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It is new, and durable.
    New,
    /// It was handed in before: nothing follows from it once more.
    Duplicate,
    /// It is a form with mistakes, and nothing of it was kept. They are named by the keys of the
    /// fields, so that its sender can correct them there.
    Invalid(BTreeMap<String, String>),
}
