//! Interactions of people, in the same shape for every platform.

use std::collections::{BTreeMap, BTreeSet};

use commands::decide::Interaction;
use commands::id::Origin;
use serde::{Deserialize, Serialize};

use crate::chat::{Platform, Reply};

/// An interaction of a person. The bot stores it before it acknowledges it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbound {
    /// Identifies the interaction: every delivery of it has the same key.
    pub key: String,
    /// The person's account.
    pub who: Who,
    /// What the person asked for.
    pub ask: Interaction,
    /// Where the answer can go.
    pub reply: Reply,
    /// The channel of the thread in which the person acted; `None` outside a thread.
    pub parent: Option<String>,
    /// Whether the person acted from outside the workspace or server that the bot works in.
    pub outside: bool,
}

impl Inbound {
    /// Where the request comes from. `is_configured` returns whether decisions may be made in a
    /// channel.
    pub fn origin(&self, is_configured: impl Fn(Platform, &str) -> bool) -> Origin {
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

/// The author of an interaction, as the platform knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// The platform of the account.
    pub platform: Platform,
    /// The user id on that platform.
    pub id: String,
    /// The person's roles, if the platform sends them with the interaction; otherwise empty.
    pub roles: BTreeSet<String>,
}

/// The result of handing in an interaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// The interaction is new, and durable.
    New,
    /// The interaction was handed in before; it has no further effect.
    Duplicate,
    /// The interaction is a form with mistakes, and nothing of it was stored. The mistakes are
    /// keyed by field, so that the sender can correct them there.
    Invalid(BTreeMap<String, String>),
}
