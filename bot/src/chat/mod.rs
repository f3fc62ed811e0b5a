//! Chat, independent of the platform: the channels, the people, and what they ask for.
//!
//! Contents:
//!
//! - [`channel`]: a channel on some platform, its subscription, and its language.
//! - [`directory`]: the people, with one name for all their ids on the platforms.
//! - [`inbound`]: an interaction of a person, in the same shape for every platform.
//! - [`reply`]: where an answer to a person can go.
//! - `memberships`: a short-lived cache of the members of groups and the roles of people.
//! - [`rate_limit`]: how often a platform lets us post and edit.
//! - `clamp` and `words`: texts cut to a limit, and parts of a card in words.
//!
//! This module decides nothing, has no wording of its own, and imports no platform. Only the
//! modules of the platforms know what a card looks like.

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

/// Identifies one of our own messages.
#[derive(Clone, Copy, Debug)]
pub struct Mark<'a> {
    /// What the message shows; it never changes. The bot searches for a message by it.
    pub key: &'a str,
    /// When the first attempt to post it began. A message that was deleted is posted again with
    /// another time.
    pub attempt: DateTime<Utc>,
}
