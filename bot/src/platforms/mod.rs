//! The platforms together: whatever is posted, edited or answered goes to the one that it is for.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use commands::environment::policy::Approver;
use commands::text::Text;
use commands::text::wording::Locale;
use commands::view::Card;
use commands::view::form::Form;

use crate::chat::{Channel, Directory, GroupIds, Mark, Platform, Reply, Who};
use crate::discord::Discord;
use crate::slack::Slack;

mod connect;
pub mod error;

pub(crate) use connect::{connect, connections};
pub use error::{About, ChatError};

/// The platforms that are there. Clones share everything.
#[derive(Clone)]
pub struct Chat {
    /// Slack, if it is configured.
    pub slack: Option<Slack>,
    /// Discord, if it is configured.
    pub discord: Option<Discord>,
    /// Who is who.
    pub directory: Arc<Directory>,
}

impl Chat {
    /// Posts a card and gives the id of its message; those who are asked to decide are told that it
    /// is there.
    pub async fn post(
        &self,
        channel: &Channel,
        card: &Card,
        mark: Mark<'_>,
        approvers: &[Approver],
    ) -> Result<String, ChatError> {
        let (id, locale) = (channel.id.as_str(), channel.locale);
        match channel.platform {
            // A mention on the card itself reaches people in Slack.
            Platform::Slack => Ok(self.slack()?.post(id, None, card, locale, mark.key).await?),
            Platform::Discord => {
                Ok(self.discord()?.post(id, card, locale, mark, approvers).await?)
            }
        }
    }

    /// Shows another card in the same message.
    pub async fn update(
        &self,
        channel: &Channel,
        message: &str,
        card: &Card,
        key: &str,
    ) -> Result<(), ChatError> {
        let (id, locale) = (channel.id.as_str(), channel.locale);
        match channel.platform {
            Platform::Slack => Ok(self.slack()?.update(id, message, card, locale).await?),
            Platform::Discord => Ok(self.discord()?.update(id, message, card, locale, key).await?),
        }
    }

    /// Adds a line to the thread under a card. A thread of its own is called after `subject`.
    pub async fn add_line(
        &self,
        channel: &Channel,
        message: &str,
        text: &Text,
        subject: Mark<'_>,
        number: usize,
    ) -> Result<(), ChatError> {
        let (id, locale, key) =
            (channel.id.as_str(), channel.locale, line_key(subject.key, number));
        match channel.platform {
            Platform::Slack => {
                self.slack()?.post_text(id, Some(message), text, locale, &key).await?;
                Ok(())
            }
            Platform::Discord => {
                let discord = self.discord()?;
                let mark = Mark { key: &key, ..subject };
                Ok(discord.add_line(id, message, subject.key, text, locale, mark).await?)
            }
        }
    }

    /// The card that was posted with this key no earlier than that, if it is there.
    pub async fn find(
        &self,
        channel: &Channel,
        key: &str,
        not_before: DateTime<Utc>,
    ) -> Result<Option<String>, ChatError> {
        match channel.platform {
            Platform::Slack => Ok(self.slack()?.find(&channel.id, None, key, not_before).await?),
            Platform::Discord => Ok(self.discord()?.find(&channel.id, key, not_before).await?),
        }
    }

    /// Whether the line of this number is in the thread under a card.
    pub async fn has_line(
        &self,
        channel: &Channel,
        message: &str,
        subject: &str,
        number: usize,
        not_before: DateTime<Utc>,
    ) -> Result<bool, ChatError> {
        match channel.platform {
            Platform::Slack => {
                let key = line_key(subject, number);
                let found =
                    self.slack()?.find(&channel.id, Some(message), &key, not_before).await?;
                Ok(found.is_some())
            }
            Platform::Discord => Ok(self.discord()?.has_line(message, number).await?),
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
            Reply::Discord(to) => Ok(self.discord()?.answer(to, card, locale).await?),
        }
    }

    /// The channel in which this person alone is written to. It comes into being when it is first
    /// asked for, and is the same for ever.
    pub async fn direct(&self, platform: Platform, user: &str) -> Result<String, ChatError> {
        match platform {
            Platform::Slack => Ok(self.slack()?.direct(user).await?),
            Platform::Discord => Ok(self.discord()?.direct(user).await?),
        }
    }

    /// The roles that somebody has, where the platform has roles.
    pub async fn roles(
        &self,
        platform: Platform,
        user: &str,
        now: DateTime<Utc>,
    ) -> Result<BTreeSet<String>, ChatError> {
        match platform {
            Platform::Slack => Ok(BTreeSet::new()),
            Platform::Discord => Ok(self.discord()?.roles(user, now).await?),
        }
    }

    /// Shows a card on the page of one person, by their id in Slack: no other platform has such.
    pub async fn show_home(
        &self,
        user: &str,
        card: &Card,
        locale: Locale,
    ) -> Result<(), ChatError> {
        Ok(self.slack()?.show_home(user, card, locale).await?)
    }

    /// Where a message of Slack can be read; none for other platforms.
    pub async fn address(
        &self,
        channel: &Channel,
        message: &str,
    ) -> Result<Option<String>, ChatError> {
        match channel.platform {
            Platform::Slack => Ok(Some(self.slack()?.address(&channel.id, message).await?)),
            Platform::Discord => Ok(None),
        }
    }

    /// Opens a dialog for who just pressed a button.
    pub async fn open_form(&self, form: &Form, reply: &Reply) -> Result<(), ChatError> {
        match reply {
            Reply::Slack(to) => Ok(self.slack()?.open_form(form, to).await?),
            Reply::Discord(to) => Ok(self.discord()?.open_form(form, to).await?),
        }
    }

    /// Whether somebody is in a group now, on either platform that knows the group and them. What
    /// they have just done tells their roles; else it is what was true five minutes ago at most.
    pub async fn is_in(
        &self,
        group: &GroupIds,
        who: &Who,
        now: DateTime<Utc>,
    ) -> Result<bool, ChatError> {
        let has_role = self.has_role(group, who, now).await;
        if matches!(has_role, Ok(true)) {
            return Ok(true);
        }
        let person = self.directory.person(who.platform, &who.id);
        let (Some(slack), Some(id), Some(user)) =
            (&self.slack, &group.slack, self.directory.slack_id(&person))
        else {
            return has_role;
        };
        let is_member = slack.group_members(id, now).await?.contains(user);
        if is_member { Ok(true) } else { has_role }
    }

    async fn has_role(
        &self,
        group: &GroupIds,
        who: &Who,
        now: DateTime<Utc>,
    ) -> Result<bool, ChatError> {
        let Some(role) = &group.discord_role else { return Ok(false) };
        if who.platform == Platform::Discord {
            return Ok(who.roles.contains(role));
        }
        let person = self.directory.person(who.platform, &who.id);
        let (Some(discord), Some(user)) = (&self.discord, self.directory.discord_id(&person))
        else {
            return Ok(false);
        };
        Ok(discord.roles(user, now).await?.contains(role))
    }

    fn slack(&self) -> Result<&Slack, ChatError> {
        self.slack.as_ref().ok_or(ChatError::Absent(Platform::Slack))
    }

    fn discord(&self) -> Result<&Discord, ChatError> {
        self.discord.as_ref().ok_or(ChatError::Absent(Platform::Discord))
    }
}

/// By which a line of a thread is known.
fn line_key(subject: &str, number: usize) -> String {
    format!("{subject}/{number}")
}
