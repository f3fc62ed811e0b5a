//! Whether a person acts from a server that the bot works in. In doubt they count as an outsider.

use std::collections::BTreeSet;

use serenity::all::{Channel, Interaction};
use serenity::model::channel::PartialChannel;
use serenity::model::id::{ChannelId, GuildId, UserId};

use super::api::{Discord, UNKNOWN_MEMBER, channel_id};
use super::error::DiscordError;

/// Where an interaction comes from.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    user: UserId,
    /// The server; `None` in direct messages.
    guild: Option<GuildId>,
    channel: ChannelId,
    /// The channel that contains the thread; `None` outside a thread.
    pub(super) parent: Option<String>,
}

impl Origin {
    /// The origin of an interaction; `None` for one that no person started.
    pub(super) fn of(interaction: &Interaction) -> Option<Self> {
        let (user, guild, channel, partial) = match interaction {
            Interaction::Command(it) | Interaction::Autocomplete(it) => {
                (it.user.id, it.guild_id, it.channel_id, &it.channel)
            }
            Interaction::Component(it) => (it.user.id, it.guild_id, it.channel_id, &it.channel),
            Interaction::Modal(it) => (it.user.id, it.guild_id, it.channel_id, &it.channel),
            _ => return None,
        };
        Some(Self { user, guild, channel, parent: partial.as_ref().and_then(parent) })
    }
}

fn parent(channel: &PartialChannel) -> Option<String> {
    channel.thread_metadata.as_ref()?;
    channel.parent_id.map(|parent| parent.to_string())
}

/// Why a person counts as an outsider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outsider {
    /// The interaction comes from another server.
    OtherServer,
    /// The interaction comes from direct messages, and the person is in none of our servers.
    NoMember,
}

impl Outsider {
    /// The label in the metrics.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::OtherServer => "other_server",
            Self::NoMember => "no_member",
        }
    }
}

impl Discord {
    /// Returns why a person is an outsider, if they are. Our server is the configured one; without
    /// one, the servers of the channels in which the bot posts cards. While Discord cannot say
    /// which these are, it is an error, because nobody can be classified.
    pub(super) async fn outsider(&self, origin: &Origin) -> Result<Option<Outsider>, DiscordError> {
        let access = &self.inner.access;
        let Some(theirs) = origin.guild else {
            return Ok((!self.is_member(origin.user).await?).then_some(Outsider::NoMember));
        };
        // The configured channels need no request, because Discord never uses a channel id twice.
        let channels = [Some(origin.channel.to_string()), origin.parent.clone()];
        if channels.iter().flatten().any(|channel| access.channels.contains(channel)) {
            return Ok(None);
        }
        Ok((!self.servers().await?.contains(&theirs)).then_some(Outsider::OtherServer))
    }

    async fn is_member(&self, user: UserId) -> Result<bool, DiscordError> {
        for guild in self.servers().await? {
            match self.inner.http.get_member(guild, user).await {
                Ok(_) => return Ok(true),
                Err(error) => match DiscordError::of("Get Guild Member", error) {
                    error if error.code() == Some(UNKNOWN_MEMBER) => {}
                    error => return Err(error),
                },
            }
        }
        Ok(false)
    }

    async fn servers(&self) -> Result<BTreeSet<GuildId>, DiscordError> {
        match self.inner.access.guild {
            Some(guild) => Ok([guild].into()),
            None => self.inner.guilds.get_or_try_init(|| self.servers_of_channels()).await.cloned(),
        }
    }

    async fn servers_of_channels(&self) -> Result<BTreeSet<GuildId>, DiscordError> {
        let mut guilds = BTreeSet::new();
        for channel in &self.inner.access.channels {
            let found = self.inner.http.get_channel(channel_id(channel)?).await;
            match found.map_err(|error| DiscordError::of("Get Channel", error)) {
                Ok(Channel::Guild(found)) => drop(guilds.insert(found.guild_id)),
                Ok(_) => {}
                Err(error) if error.is_temporary() => return Err(error),
                // One deleted channel does not exclude the people in the others.
                Err(error) => {
                    tracing::warn!(discord.channel = channel, discord.error = %error, "a channel's server is not known: what is done elsewhere in it is refused");
                }
            }
        }
        Ok(guilds)
    }
}
