//! The configured platforms behind one set of calls: each goes to the platform that it is for.

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

/// The clients of the configured platforms. Clones share everything.
#[derive(Clone)]
pub struct Chat {
    /// `None` if Slack is not configured.
    pub slack: Option<Slack>,
    /// `None` if Discord is not configured.
    pub discord: Option<Discord>,
    /// The people and groups of the configuration.
    pub directory: Arc<Directory>,
}

impl Chat {
    /// Posts a card and returns the id of its message. The platform notifies those who are asked to
    /// decide.
    pub async fn post(
        &self,
        channel: &Channel,
        card: &Card,
        mark: Mark<'_>,
        approvers: &[Approver],
    ) -> Result<String, ChatError> {
        let (id, locale) = (channel.id.as_str(), channel.locale);
        match channel.platform {
            // In Slack a mention in the card itself notifies people.
            Platform::Slack => Ok(self.slack()?.post(id, None, card, locale, mark.key).await?),
            Platform::Discord => {
                Ok(self.discord()?.post(id, card, locale, mark, approvers).await?)
            }
        }
    }

    /// Replaces the card in a message.
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

    /// Adds a line to the thread under a card. If the platform has threads with names, the name is
    /// `subject`.
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

    /// The card that was posted with this key at that time or later, if it exists.
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

    /// Whether the thread under a card has the line with this number.
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

    /// Answers a person in private.
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

    /// The channel of a person's direct messages. The first request creates it, and it never
    /// changes.
    pub async fn direct(&self, platform: Platform, user: &str) -> Result<String, ChatError> {
        match platform {
            Platform::Slack => Ok(self.slack()?.direct(user).await?),
            Platform::Discord => Ok(self.discord()?.direct(user).await?),
        }
    }

    /// The roles of a person, if the platform has roles.
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

    /// Shows a card on a person's home page, by their user id in Slack: no other platform has home
    /// pages.
    pub async fn show_home(
        &self,
        user: &str,
        card: &Card,
        locale: Locale,
    ) -> Result<(), ChatError> {
        Ok(self.slack()?.show_home(user, card, locale).await?)
    }

    /// The address of a message in Slack; `None` for other platforms.
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

    /// Opens a dialog for the person who just pressed a button.
    pub async fn open_form(&self, form: &Form, reply: &Reply) -> Result<(), ChatError> {
        match reply {
            Reply::Slack(to) => Ok(self.slack()?.open_form(form, to).await?),
            Reply::Discord(to) => Ok(self.discord()?.open_form(form, to).await?),
        }
    }

    /// Whether a person is in a group now, on any platform that knows both. The interaction itself
    /// may carry their roles; otherwise the answer is at most five minutes old.
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

/// The key that identifies a line of a thread.
fn line_key(subject: &str, number: usize) -> String {
    format!("{subject}/{number}")
}
