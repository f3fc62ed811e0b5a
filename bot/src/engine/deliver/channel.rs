//! Handles the results of writing to channels.

use std::time::Duration;

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use commands::state::Trouble;

use crate::chat::Channel;
use crate::delivery::{PostId, PostedMessage};
use crate::engine::Engine;
use crate::engine::tasks::{Rest, TaskKey};
use crate::platforms::About;
use crate::platforms::ChatError;

/// The shortest and longest rest after a platform could not be reached: it grows with how long that
/// has lasted.
const AFTER_FAILURE: [TimeDelta; 2] = [TimeDelta::seconds(3), TimeDelta::seconds(60)];

/// The rest before a refused message is tried again unchanged.
const AFTER_REFUSAL: Duration = Duration::from_secs(300);

impl Engine {
    pub(super) async fn written_in_channel(
        &mut self,
        id: PostId,
        channel: Channel,
        mut posted: PostedMessage,
        is_line: bool,
        error: Option<ChatError>,
    ) -> Result<Rest> {
        let part = if is_line { "the thread of " } else { "" };
        let about_card = format!("{} ({part}{})", channel.name, id.subject);
        let Some(error) = error else {
            self.over(&channel.name);
            self.over(&about_card);
            self.remember(&id, posted).await?;
            return Ok(Rest::No);
        };
        let about = match error.about() {
            // If the bot may not write lines, a card may still change.
            About::Channel if is_line && !error.is_temporary() => About::Message,
            about => about,
        };
        let rest = match about {
            About::Gone => {
                tracing::info!(channel.name = %channel.name, card.subject = %id.subject, "somebody deleted the message; it is posted again");
                posted = PostedMessage::default();
                Rest::No
            }
            About::Message => {
                self.trouble(about_card, &error);
                let key = if is_line { TaskKey::Thread } else { TaskKey::Card };
                self.tasks.rest(key(id.clone()), AFTER_REFUSAL);
                Rest::No
            }
            // A channel belongs to no person in particular.
            About::Channel | About::Person => {
                let since = self.trouble(channel.name.clone(), &error);
                let [least, most] = AFTER_FAILURE;
                let lasted = (self.services.clock.now() - since).clamp(least, most);
                let rest = error.retry_after().or_else(|| lasted.to_std().ok());
                rest.map_or(Rest::No, Rest::For)
            }
        };
        self.remember(&id, posted).await?;
        Ok(rest)
    }

    /// Notes that something cannot be shown, and returns since when. It logs when the trouble
    /// begins and when the platform's reason changes.
    fn trouble(&mut self, what: String, error: &ChatError) -> DateTime<Utc> {
        let why = error.failure();
        let now = self.services.clock.now();
        let known = self.state.troubles.get(&what);
        if known.is_none_or(|known| known.why != why) {
            tracing::warn!(channel.name = %what, chat.error = %error, "failed to write to channel `{what}`: retrying, and posting what is missing then");
        }
        let since = known.map_or(now, |known| known.since);
        if self.state.troubles.insert(what, Trouble { since, why }).is_none() {
            self.delivery.unpark_people();
        }
        since
    }

    fn over(&mut self, what: &str) {
        if self.state.troubles.remove(what).is_some() {
            tracing::info!(channel.name = %what, "channel `{what}` is writable again");
        }
    }
}
