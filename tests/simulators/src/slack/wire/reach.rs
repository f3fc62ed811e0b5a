//! What a method has access to.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{Args, Refusal};
use crate::clock::Clock;
use crate::slack::workspace::Channel;
use crate::slack::world::World;

/// The world at one moment.
pub(crate) struct Reach<'a> {
    pub(crate) world: &'a mut World,
    pub(crate) now: DateTime<Utc>,
    pub(crate) clock: &'a Clock,
}

/// The answer of every method.
pub(crate) type Answer = Result<Value, Refusal>;

impl Reach<'_> {
    /// The channel that the argument names, if it exists.
    pub(crate) fn channel(&self, args: &Args) -> Result<Channel, Refusal> {
        let id = args.needed("channel")?;
        self.world.channel(id).cloned().ok_or_else(|| Refusal::of("channel_not_found"))
    }

    /// As [`Self::channel`], but the app has to be in it.
    pub(crate) fn joined_channel(&self, args: &Args) -> Result<Channel, Refusal> {
        let channel = self.channel(args)?;
        if channel.has(&self.world.app.user) {
            Ok(channel)
        } else {
            Err(Refusal::of("not_in_channel"))
        }
    }
}
