//! Chat, whatever the platform: where cards hang, who the people are, and what they ask for.
//!
//! What is in this room:
//! - [`place`]: a channel of some platform, what it wants to hear, and in which language.
//! - [`people`]: one person by one name, whatever ids they have on the platforms.
//! - [`inbound`]: something that a person did, in the same shape from every platform.
//! - [`pace`]: how often a platform lets us post and edit.
//! - `clamp` and `words`: texts cut to a limit, and parts of a card in words.
//! - [`error`]: what goes wrong, and whether to try again, later, or not at all.
//!
//! This room decides nothing and has no words of its own. What a card looks like is known to the
//! rooms of the platforms.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use commands::card::Card;
use commands::card::form::Form;
use commands::text::Text;
use commands::wording::Locale;

use crate::slack::Slack;

pub(crate) mod clamp;
pub mod error;
pub mod inbound;
pub mod pace;
pub mod people;
pub mod place;
pub(crate) mod words;

pub use error::ChatError;
pub use inbound::{Inbound, Reply, Who};
pub use pace::Pace;
pub use people::{GroupIds, People, Person, Platform};
pub use place::Place;

/// The platforms that are there. Clones share everything.
#[derive(Clone)]
pub struct Chat {
    /// Slack, if it is configured.
    pub slack: Option<Slack>,
    /// Who is who.
    pub people: Arc<People>,
}

impl Chat {
    /// Posts a card and gives the id of its message. The key is how [`Self::find`] recognises it.
    pub async fn post(&self, place: &Place, card: &Card, key: &str) -> Result<String, ChatError> {
        match place.platform {
            Platform::Slack => {
                let slack = self.slack()?;
                Ok(slack.post(&place.channel, None, card, place.locale, key).await?)
            }
            Platform::Discord => Err(ChatError::Absent(Platform::Discord)),
        }
    }

    /// Shows another card in the same message.
    pub async fn update(&self, place: &Place, message: &str, card: &Card) -> Result<(), ChatError> {
        match place.platform {
            Platform::Slack => {
                Ok(self.slack()?.update(&place.channel, message, card, place.locale).await?)
            }
            Platform::Discord => Err(ChatError::Absent(Platform::Discord)),
        }
    }

    /// Adds a line to the thread under a card.
    pub async fn add_line(
        &self,
        place: &Place,
        message: &str,
        text: &Text,
        key: &str,
    ) -> Result<(), ChatError> {
        match place.platform {
            Platform::Slack => {
                let slack = self.slack()?;
                slack.post_text(&place.channel, Some(message), text, place.locale, key).await?;
                Ok(())
            }
            Platform::Discord => Err(ChatError::Absent(Platform::Discord)),
        }
    }

    /// The message that was posted with this key no earlier than that, if it is there: in the
    /// channel, or in the thread under a card.
    pub async fn find(
        &self,
        place: &Place,
        thread: Option<&str>,
        key: &str,
        not_before: DateTime<Utc>,
    ) -> Result<Option<String>, ChatError> {
        match place.platform {
            Platform::Slack => {
                Ok(self.slack()?.find(&place.channel, thread, key, not_before).await?)
            }
            Platform::Discord => Err(ChatError::Absent(Platform::Discord)),
        }
    }

    /// Answers somebody in private.
    pub async fn answer(
        &self,
        reply: &Reply,
        card: &Card,
        locale: Locale,
    ) -> Result<(), ChatError> {
        match reply {
            Reply::Slack(to) => Ok(self.slack()?.answer(to, card, locale).await?),
        }
    }

    /// Opens a dialog for who just pressed a button.
    pub async fn open_form(&self, form: &Form, reply: &Reply) -> Result<(), ChatError> {
        match reply {
            Reply::Slack(to) => Ok(self.slack()?.open_form(form, to).await?),
        }
    }

    /// Whether somebody is in a group now. Who is linked to another platform is in the groups that
    /// they are in there.
    pub async fn is_in(
        &self,
        group: &GroupIds,
        who: &Who,
        now: DateTime<Utc>,
    ) -> Result<bool, ChatError> {
        if let Some(role) = &group.discord_role
            && who.platform == Platform::Discord
            && who.roles.contains(role)
        {
            return Ok(true);
        }
        let person = self.people.person(who.platform, &who.id);
        let (Some(id), Some(slack_id)) = (&group.slack, self.people.slack_id(&person)) else {
            return Ok(false);
        };
        let members: BTreeSet<String> = self.slack()?.group_members(id, now).await?;
        Ok(members.contains(slack_id))
    }

    fn slack(&self) -> Result<&Slack, ChatError> {
        self.slack.as_ref().ok_or(ChatError::Absent(Platform::Slack))
    }
}
