//! The tables of people, groups, channels and Discord.

use std::collections::{BTreeMap, BTreeSet};

use commands::environment::Environment;
use commands::id::{EnvironmentName, GroupRef};
use commands::patch::level::Level;
use commands::state::subscription::Subscription;
use commands::text::wording::Locale;
use serde::Deserialize;
use serenity::model::id::{ApplicationId, GuildId};

use super::{DiscordSettings, Inconsistent, Result};
use crate::chat::{Channel, GroupIds, Person, Platform};

/// `[discord]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DiscordTable {
    application_id: String,
    guild: Option<String>,
    api_url: Option<String>,
}

impl DiscordTable {
    pub(super) fn settings(self) -> Result<DiscordSettings> {
        let guild = self.guild.map(|guild| snowflake(&guild)).transpose()?;
        Ok(DiscordSettings {
            application: ApplicationId::new(snowflake(&self.application_id)?),
            guild: guild.map(GuildId::new),
            api_url: self.api_url,
        })
    }
}

/// Parses an id. It must not be 0, for which the library would panic.
fn snowflake(id: &str) -> Result<u64> {
    id.parse().ok().filter(|id| *id != 0).ok_or(Inconsistent)
}

/// `[[person]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonTable {
    name: String,
    slack: Option<String>,
    discord: Option<String>,
}

/// `[[group]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupTable {
    name: String,
    slack: Option<String>,
    discord_role: Option<String>,
}

/// `[[channel]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChannelTable {
    name: String,
    slack: Option<String>,
    discord: Option<String>,
    environments: Option<BTreeSet<EnvironmentName>>,
    owners: Option<BTreeSet<String>>,
    levels: Option<Vec<String>>,
    locale: Option<Locale>,
    #[serde(default = "yes")]
    announcements: bool,
    #[serde(default = "yes")]
    plans: bool,
    #[serde(default = "yes")]
    compliance: bool,
}

fn yes() -> bool {
    true
}

/// The people by their names. An id belongs to one person only, because one person has one vote.
pub(super) fn people(tables: Vec<PersonTable>) -> BTreeMap<String, Person> {
    let person = |PersonTable { name, slack, discord }| (name, Person { slack, discord });
    tables.into_iter().map(person).collect()
}

pub(super) fn groups(tables: Vec<GroupTable>) -> BTreeMap<GroupRef, GroupIds> {
    let group = |GroupTable { name, slack, discord_role }| {
        (GroupRef(name), GroupIds { slack, discord_role })
    };
    tables.into_iter().map(group).collect()
}

/// The channels: every `[[channel]]`, after the one that `slack.channel` is a shorthand for.
pub(super) fn channels(
    short: Option<String>,
    tables: Vec<ChannelTable>,
    environments: &[Environment],
    locale: Locale,
) -> Result<Vec<Channel>> {
    let short = short.map(|id| {
        let (name, platform) = ("slack".to_owned(), Platform::Slack);
        Ok(Channel { name, platform, id, subscription: Subscription::default(), locale })
    });
    short
        .into_iter()
        .chain(tables.into_iter().map(|table| table.channel(environments, locale)))
        .collect()
}

impl ChannelTable {
    fn channel(self, known: &[Environment], locale: Locale) -> Result<Channel> {
        let environments = self.environments(known);
        let (platform, id) = match (self.slack, self.discord) {
            (Some(id), None) => (Platform::Slack, id),
            (None, Some(id)) => (Platform::Discord, id),
            (None, None) | (Some(_), Some(_)) => return Err(Inconsistent),
        };
        let levels = self.levels.map(|levels| {
            let level = |text: String| text.parse::<Level>().map_err(|_| Inconsistent);
            levels.into_iter().map(level).collect::<Result<BTreeSet<Level>>>()
        });
        let subscription = Subscription {
            environments,
            levels: levels.transpose()?,
            announcements: self.announcements,
            plans: self.plans,
            compliance: self.compliance,
        };
        let locale = self.locale.unwrap_or(locale);
        Ok(Channel { name: self.name, platform, id, subscription, locale })
    }

    /// The environments that the channel follows; `None` for all of them, including later ones.
    fn environments(&self, known: &[Environment]) -> Option<BTreeSet<EnvironmentName>> {
        let Some(owners) = &self.owners else { return self.environments.clone() };
        let owned = |environment: &&Environment| {
            environment
                .owner
                .as_ref()
                .is_some_and(|owner| owners.contains(&format!("@{}", owner.0)))
        };
        let names = known.iter().filter(owned).map(|environment| environment.name.clone());
        let named = |name: &EnvironmentName| {
            self.environments.as_ref().is_none_or(|named| named.contains(name))
        };
        Some(names.filter(named).collect())
    }
}
