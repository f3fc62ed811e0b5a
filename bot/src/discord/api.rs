//! The calls that the bot makes in Discord's channels and threads.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use commands::environment::policy::Approver;
use commands::id::Digest;
use commands::text::Text;
use commands::text::wording::Locale;
use commands::view::Card;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use serenity::all::{MessagePagination, UserId};
use serenity::builder::CreateAttachment;
use serenity::http::{Http, Request};
use serenity::model::channel::Message;
use serenity::model::id::{ApplicationId, ChannelId, GuildId, MessageId};
use tokio::sync::OnceCell;

use super::client::{Access, TIMEOUT};
use super::error::{DiscordError, REVIVING};
use super::files;
use super::render::{self, Look, render, render_text};
use crate::chat::memberships::Memberships;
use crate::chat::{Directory, Mark};

/// 1 January 2015: the upper 42 bits of Discord's ids count milliseconds from then.
const EPOCH_MS: i64 = 1_420_070_400_000;
/// The page size of a search for one of our messages, and the number of pages that it reads.
const PAGE: u8 = 100;
const PAGES: usize = 50;
/// A thread is archived after three days without a message; the next line revives it.
const QUIET_MINUTES: u32 = 4_320;
pub(super) const UNKNOWN_MEMBER: i64 = 10_007;
const NOT_PERMITTED: i64 = 50_013;
const THREAD_ARCHIVED: i64 = 50_083;
const THREAD_EXISTS: i64 = 160_004;

/// Discord as the bot uses it. Clones share everything.
#[derive(Clone)]
pub struct Discord {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) http: Arc<Http>,
    pub(super) access: Access,
    pub(super) application: ApplicationId,
    pub(super) directory: Arc<Directory>,
    us: OnceCell<UserId>,
    /// The guilds of the channels in which the bot posts cards; requested once.
    pub(super) guilds: OnceCell<BTreeSet<GuildId>>,
    /// The roles of people, by user id.
    roles: Memberships<DiscordError>,
}

impl Discord {
    /// Creates the clients. Sends no request yet.
    pub fn new(access: &Access, directory: Arc<Directory>) -> Result<Self, DiscordError> {
        let inner = Inner {
            http: Arc::new(access.client(TIMEOUT)?),
            access: access.clone(),
            application: access.application,
            directory,
            us: OnceCell::new(),
            guilds: OnceCell::new(),
            roles: Memberships::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The bot's own user; requested once.
    pub async fn identify(&self) -> Result<UserId, DiscordError> {
        let ask = || async {
            let user = self.inner.http.get_current_user().await;
            user.map(|user| user.id).map_err(|error| DiscordError::of("Get Current User", error))
        };
        self.inner.us.get_or_try_init(ask).await.copied()
    }

    /// Posts a card and returns the id of its message. Discord notifies the approvers of it.
    pub async fn post(
        &self,
        channel: &str,
        card: &Card,
        locale: Locale,
        mark: Mark<'_>,
        approvers: &[Approver],
    ) -> Result<String, DiscordError> {
        let call = render::call(approvers, &self.inner.directory);
        let posted = self.with_files(card, locale, mark.key, |mut body, files| {
            if let Some(Value::Object(call)) = call.clone() {
                call.into_iter().for_each(|(field, value)| body[field] = value);
            }
            self.send("Create Message", channel, mark, body, files)
        });
        Ok(posted.await?.to_string())
    }

    /// Replaces the card in a message.
    pub async fn update(
        &self,
        channel: &str,
        message: &str,
        card: &Card,
        locale: Locale,
        key: &str,
    ) -> Result<(), DiscordError> {
        const OPERATION: &str = "Edit Message";
        let (channel, message) = (channel_id(channel)?, message_id(message)?);
        let edited = self.with_files(card, locale, key, |body, files| async move {
            let edited = self.inner.http.edit_message(channel, message, &body, files).await;
            edited.map_err(|error| DiscordError::of(OPERATION, error))
        });
        edited.await.map(drop)
    }

    /// Sends a card with its chart as a picture, or in words if the bot may not attach files. Then
    /// it attaches the report in a second request, because the library does not number a second
    /// file in one request.
    async fn with_files<Sent: Future<Output = Result<Message, DiscordError>>>(
        &self,
        card: &Card,
        locale: Locale,
        key: &str,
        send: impl Fn(Value, Vec<CreateAttachment>) -> Sent,
    ) -> Result<MessageId, DiscordError> {
        let draw = |pictured| {
            render(card, Some(key), &Look { locale, people: &self.inner.directory, pictured })
        };
        let chart = files::chart(card);
        let body = draw(chart.is_some());
        let message = match send(body, chart.clone().into_iter().collect()).await {
            Err(error) if chart.is_some() && error.code() == Some(NOT_PERMITTED) => {
                tracing::warn!(discord.error = %error, "a chart is told in words: may the bot attach files?");
                return send(draw(false), Vec::new()).await.map(|message| message.id);
            }
            other => other?,
        };
        let Some(report) = files::report(card) else { return Ok(message.id) };
        match self.attach(&message, report).await {
            // The card is posted. Only an error that may pass is reported, so that the bot retries.
            Err(error) if !error.is_temporary() => {
                tracing::warn!(discord.error = %error, "a report is left out: may the bot attach files?");
                Ok(message.id)
            }
            other => other.map(|()| message.id),
        }
    }

    /// Adds a file to those of a message.
    async fn attach(&self, to: &Message, report: CreateAttachment) -> Result<(), DiscordError> {
        let known = to.attachments.iter().map(|file| json!({ "id": file.id.to_string() }));
        let added = json!({ "id": "0", "filename": report.filename });
        let body = json!({ "attachments": known.chain([added]).collect::<Vec<_>>() });
        let edited = self.inner.http.edit_message(to.channel_id, to.id, &body, vec![report]).await;
        edited.map(drop).map_err(|error| DiscordError::of("Edit Message", error))
    }

    /// Adds a line to the thread under a card, and opens the thread if there is none.
    pub async fn add_line(
        &self,
        channel: &str,
        message: &str,
        title: &str,
        text: &Text,
        locale: Locale,
        mark: Mark<'_>,
    ) -> Result<(), DiscordError> {
        const OPERATION: &str = "Create Message";
        let body =
            render_text(text, &Look { locale, people: &self.inner.directory, pictured: false });
        self.open_thread(channel, message, title).await?;
        // A thread under a message has the id of the message.
        match self.send(OPERATION, message, mark, body.clone(), Vec::new()).await {
            Err(error) if error.code() == Some(THREAD_ARCHIVED) => {
                let thread = channel_id(message)?;
                let revived = json!({ "archived": false });
                let revived = self.inner.http.edit_thread(thread, &revived, None).await;
                revived.map_err(|error| DiscordError::of(REVIVING, error))?;
                self.send(OPERATION, message, mark, body, Vec::new()).await.map(drop)
            }
            other => other.map(drop),
        }
    }

    async fn open_thread(
        &self,
        channel: &str,
        message: &str,
        title: &str,
    ) -> Result<(), DiscordError> {
        let name = crate::chat::clamp::clamp(title, 100);
        let thread = json!({ "name": name, "auto_archive_duration": QUIET_MINUTES });
        let (channel, message) = (channel_id(channel)?, message_id(message)?);
        let opened =
            self.inner.http.create_thread_from_message(channel, message, &thread, None).await;
        match opened.map_err(|error| DiscordError::of("Start Thread from Message", error)) {
            Err(error) if error.code() == Some(THREAD_EXISTS) => Ok(()),
            other => other.map(drop),
        }
    }

    async fn send(
        &self,
        operation: &'static str,
        channel: &str,
        mark: Mark<'_>,
        mut body: Value,
        files: Vec<CreateAttachment>,
    ) -> Result<Message, DiscordError> {
        body["nonce"] = nonce(channel, mark).into();
        body["enforce_nonce"] = true.into();
        let sent = self.inner.http.send_message(channel_id(channel)?, files, &body).await;
        sent.map_err(|error| DiscordError::of(operation, error))
    }

    /// The card that was posted with this key at `not_before` or later, if it exists.
    pub async fn find(
        &self,
        channel: &str,
        key: &str,
        not_before: DateTime<Utc>,
    ) -> Result<Option<String>, DiscordError> {
        let found = self.ours(channel, not_before).await?.into_iter().find(|message| {
            let footers = message.embeds.iter().filter_map(|embed| embed.footer.as_ref());
            footers.into_iter().any(|footer| footer.text == key)
        });
        Ok(found.map(|message| message.id.to_string()))
    }

    /// Whether the thread under a card has the line with this number, counted from 0. Only the
    /// bot's own lines count, and they are in their order. A message with embeds is an answer to a
    /// person.
    pub async fn has_line(&self, message: &str, number: usize) -> Result<bool, DiscordError> {
        // A thread begins with a message of the bot that has no content.
        let is_line = |line: &&Message| !line.content.is_empty() && line.embeds.is_empty();
        match self.ours(message, DateTime::UNIX_EPOCH).await {
            Ok(lines) => Ok(lines.iter().filter(is_line).count() > number),
            // The thread does not exist yet.
            Err(error) if error.code() == Some(10_003) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The channel of direct messages between the bot and this person.
    pub async fn direct(&self, user: &str) -> Result<String, DiscordError> {
        number(user)?;
        let opened = self.inner.http.create_private_channel(&json!({ "recipient_id": user })).await;
        let opened = opened.map_err(|error| DiscordError::of("Create DM", error))?;
        Ok(opened.id.to_string())
    }

    /// The roles of a person in the server that the bot works in. After a role is given or taken
    /// away, the old answer counts for up to five minutes. Without a configured server nobody has
    /// roles, and neither does a person who has left it.
    pub async fn roles(
        &self,
        user: &str,
        now: DateTime<Utc>,
    ) -> Result<BTreeSet<String>, DiscordError> {
        let Some(guild) = self.inner.access.guild else { return Ok(BTreeSet::new()) };
        let (discord, id) = (self.clone(), number(user).map(UserId::new)?);
        let ask = async move {
            let member = discord.inner.http.get_member(guild, id).await;
            match member.map_err(|error| DiscordError::of("Get Guild Member", error)) {
                Ok(member) => Ok(member.roles.iter().map(ToString::to_string).collect()),
                Err(error) if error.code() == Some(UNKNOWN_MEMBER) => Ok(BTreeSet::new()),
                Err(error) => Err(error),
            }
        };
        self.inner.roles.of(user, now, ask).await
    }

    /// Our messages in a channel since then, oldest first.
    async fn ours(
        &self,
        channel: &str,
        not_before: DateTime<Utc>,
    ) -> Result<Vec<Message>, DiscordError> {
        const OPERATION: &str = "Get Channel Messages";
        let (us, channel) = (self.identify().await?, channel_id(channel)?);
        let millis = (not_before.timestamp_millis() - EPOCH_MS).max(0);
        let mut after = MessageId::new((u64::try_from(millis).unwrap_or_default() << 22).max(1));
        let mut ours = Vec::new();
        for _ in 0..PAGES {
            let target = Some(MessagePagination::After(after));
            let page = self.inner.http.get_messages(channel, target, Some(PAGE)).await;
            let mut page = page.map_err(|error| DiscordError::of(OPERATION, error))?;
            page.sort_by_key(|message| message.id);
            let Some(last) = page.last() else { return Ok(ours) };
            let whole = page.len() < usize::from(PAGE);
            after = last.id;
            ours.extend(page.into_iter().filter(|message| message.author.id == us));
            if whole {
                return Ok(ours);
            }
        }
        // If the bot took it for missing, it would post it twice.
        Err(DiscordError::TooManyMessages { operation: OPERATION })
    }

    pub(super) async fn fire<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        request: Request<'_>,
    ) -> Result<T, DiscordError> {
        self.inner.http.fire(request).await.map_err(|error| DiscordError::of(operation, error))
    }
}

/// The nonce by which Discord recognizes a post that arrives twice within a few minutes; at most 25
/// characters. If the first post was deleted in the meantime, Discord answers "Unknown Message", so
/// a card that is posted again needs another nonce (discord/discord-api-docs#6647).
fn nonce(channel: &str, mark: Mark<'_>) -> String {
    Digest::of(&(channel, mark.key, mark.attempt)).as_str().chars().take(25).collect()
}

fn number(id: &str) -> Result<u64, DiscordError> {
    let fine = crate::chat::directory::is_snowflake(id).then(|| id.parse().ok()).flatten();
    fine.ok_or_else(|| DiscordError::Settings(format!("{id:?} is no id of Discord")))
}

pub(super) fn channel_id(id: &str) -> Result<ChannelId, DiscordError> {
    number(id).map(ChannelId::new)
}

fn message_id(id: &str) -> Result<MessageId, DiscordError> {
    number(id).map(MessageId::new)
}
