//! Chat, whatever the platform: where cards are posted, who the people are, and what they ask for.
//!
//! What is in this room:
//! - [`channel`]: a channel of some platform, what it wants to hear, and in which language.
//! - [`directory`]: one person by one name, whatever ids they have on the platforms.
//! - [`inbound`]: something that a person did, in the same shape from every platform.
//! - [`reply`]: where an answer to somebody can go.
//! - `memberships`: who belongs to what, as a platform said a short while ago.
//! - [`rate_limit`]: how often a platform lets us post and edit.
//! - `clamp` and `words`: texts cut to a limit, and parts of a card in words.
//!
//! This room decides nothing, has no words of its own, and imports no platform. What a card looks like
//! is known to the rooms of the platforms.

pub mod channel;
pub(crate) mod clamp;
pub mod directory;
pub mod inbound;
pub(crate) mod memberships;
pub mod rate_limit;
pub mod reply;
pub(crate) mod words;

pub use channel::Channel;
pub use directory::{Directory, GroupIds, Person, Platform};
pub use inbound::{Accepted, Inbound, Who};
pub use rate_limit::{RateClass, RateLimit};
pub use reply::{DiscordReply, Reply, SlackReply};

use chrono::{DateTime, Utc};

/// By which a message of ours is known again.
#[derive(Clone, Copy, Debug)]
pub struct Mark<'a> {
    /// What it shows; it stays the same for ever. A message is looked for by it.
    pub key: &'a str,
    /// When it was first tried to post it. One that was deleted is posted again under another.
    pub attempt: DateTime<Utc>,
}
