//! Who is who on the platforms, and which channel hears what.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};
use commands::actor::GroupRef;
use commands::environment::Environment;
use commands::environment_name::EnvironmentName;
use commands::follow::Follow;
use commands::level::Level;
use commands::wording::Locale;
use serde::Deserialize;
use serenity::model::id::{ApplicationId, GuildId};

use super::DiscordSettings;
use crate::chat::people::{is_slack_user, is_snowflake};
use crate::chat::{GroupIds, Person, Place, Platform};

/// `[discord]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DiscordTable {
    application_id: String,
    guild: Option<String>,
    api_url: Option<String>,
}

impl DiscordTable {
    pub(super) fn check(self) -> Result<DiscordSettings> {
        let application = snowflake(&self.application_id, "discord.application_id")?;
        let guild = self.guild.map(|guild| snowflake(&guild, "discord.guild")).transpose()?;
        Ok(DiscordSettings {
            application: ApplicationId::new(application),
            guild: guild.map(GuildId::new),
            api_url: self.api_url,
        })
    }
}

fn snowflake(id: &str, key: &str) -> Result<u64> {
    let number = is_snowflake(id).then(|| id.parse().ok()).flatten();
    number.with_context(|| {
        format!("`{key}` is {id:?} and has to be an id such as \"123456789012345678\", in quotes")
    })
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

/// The people, by their names. An id belongs to one person only: one person is one voter.
pub(super) fn people(tables: Vec<PersonTable>) -> Result<BTreeMap<String, Person>> {
    let (mut people, mut ids) = (BTreeMap::new(), BTreeSet::new());
    for PersonTable { name, slack, discord } in tables {
        named(&name, "person")?;
        ensure!(
            slack.is_some() || discord.is_some(),
            "the [[person]] {name:?} has neither `slack` nor `discord`: nobody would know them"
        );
        if let Some(id) = &slack {
            ensure!(
                is_slack_user(id),
                "`slack` of the [[person]] {name:?} is {id:?} and has to be a member's id such as U0123456789"
            );
            ensure!(ids.insert(id.clone()), "two of [[person]] have the Slack id {id}");
        }
        if let Some(id) = &discord {
            ensure!(
                is_snowflake(id),
                "`discord` of the [[person]] {name:?} is {id:?} and has to be a user's id such as \"123456789012345678\""
            );
            ensure!(ids.insert(id.clone()), "two of [[person]] have the Discord id {id}");
        }
        let known = people.insert(name.clone(), Person { slack, discord });
        ensure!(known.is_none(), "two of [[person]] are called {name:?}");
    }
    Ok(people)
}

/// The groups, by their names.
pub(super) fn groups(tables: Vec<GroupTable>) -> Result<BTreeMap<GroupRef, GroupIds>> {
    let (mut groups, mut ids) = (BTreeMap::new(), BTreeSet::new());
    for GroupTable { name, slack, discord_role } in tables {
        named(&name, "group")?;
        ensure!(
            slack.is_some() || discord_role.is_some(),
            "the [[group]] {name:?} has neither `slack` nor `discord_role`: nobody could be in it"
        );
        if let Some(id) = &slack {
            ensure!(ids.insert(id.clone()), "two of [[group]] have the Slack id {id}");
        }
        if let Some(id) = &discord_role {
            ensure!(
                is_snowflake(id),
                "`discord_role` of the [[group]] {name:?} is {id:?} and has to be a role's id such as \"123456789012345678\""
            );
            ensure!(ids.insert(id.clone()), "two of [[group]] have the Discord role {id}");
        }
        let known = groups.insert(GroupRef(name.clone()), GroupIds { slack, discord_role });
        ensure!(known.is_none(), "two of [[group]] are called {name:?}");
    }
    Ok(groups)
}

/// The places: every `[[channel]]`, after the one that `slack.channel` is short for.
pub(super) fn places(
    short: Option<String>,
    tables: Vec<ChannelTable>,
    environments: &[Environment],
    locale: Locale,
) -> Result<Vec<Place>> {
    let short = short.map(|channel| {
        slack_channel(&channel).context("in `slack.channel`")?;
        let (name, platform) = ("slack".to_owned(), Platform::Slack);
        anyhow::Ok(Place { name, platform, channel, follow: Follow::default(), locale })
    });
    let mut places: Vec<Place> = short.into_iter().collect::<Result<_>>()?;
    for table in tables {
        let name = table.name.clone();
        named(&name, "channel")?;
        let place = table
            .check(environments, locale)
            .with_context(|| format!("in the [[channel]] {name:?}"))?;
        ensure!(
            places.iter().all(|known| known.name != name),
            "two of [[channel]] are called {name:?}"
        );
        let same = places.iter().find(|known| known.id() == place.id());
        if let Some(same) = same {
            bail!("the channels {:?} and {name:?} are the same one", same.name);
        }
        places.push(place);
    }
    ensure!(
        !places.is_empty(),
        "no channel is described, neither by `slack.channel` nor by a [[channel]]: nobody would hear of anything"
    );
    Ok(places)
}

impl ChannelTable {
    fn check(self, known: &[Environment], locale: Locale) -> Result<Place> {
        let environments = self.environments(known)?;
        let (platform, channel) = match (self.slack, self.discord) {
            (Some(channel), None) => {
                slack_channel(&channel).context("in `slack`")?;
                (Platform::Slack, channel)
            }
            (None, Some(channel)) => {
                ensure!(
                    is_snowflake(&channel),
                    "`discord` is {channel:?} and has to be a channel's id such as \"123456789012345678\""
                );
                (Platform::Discord, channel)
            }
            (None, None) | (Some(_), Some(_)) => {
                bail!("exactly one of `slack` and `discord` has to hold the id of the channel")
            }
        };
        let levels = self.levels.map(|levels| {
            let level = |text: String| {
                text.parse::<Level>().with_context(|| format!("`levels` has {text:?}"))
            };
            levels.into_iter().map(level).collect::<Result<BTreeSet<Level>>>()
        });
        let follow = Follow {
            environments,
            levels: levels.transpose()?,
            announcements: self.announcements,
            plans: self.plans,
            compliance: self.compliance,
        };
        let locale = self.locale.unwrap_or(locale);
        Ok(Place { name: self.name, platform, channel, follow, locale })
    }

    /// The environments that it hears of; none where that is all of them, those of tomorrow too.
    fn environments(&self, known: &[Environment]) -> Result<Option<BTreeSet<EnvironmentName>>> {
        for name in self.environments.iter().flatten() {
            ensure!(
                known.iter().any(|environment| environment.name == *name),
                "`environments` names {name}, and there is no such environment"
            );
        }
        let Some(owners) = &self.owners else { return Ok(self.environments.clone()) };
        let owner = |environment: &Environment| {
            environment.owner.as_ref().map(|owner| format!("@{}", owner.0))
        };
        for name in owners {
            ensure!(
                known.iter().any(|environment| owner(environment).as_ref() == Some(name)),
                "`owners` names {name:?}, and no [[environment]] has it as its `owner`"
            );
        }
        let theirs = known
            .iter()
            .filter(|environment| owner(environment).is_some_and(|owner| owners.contains(&owner)))
            .map(|environment| environment.name.clone())
            .filter(|name| self.environments.as_ref().is_none_or(|named| named.contains(name)));
        let theirs: BTreeSet<EnvironmentName> = theirs.collect();
        ensure!(
            !theirs.is_empty() || owners.is_empty(),
            "none of `environments` is owned by any of `owners`: nothing is left to hear of"
        );
        Ok(Some(theirs))
    }
}

fn named(name: &str, kind: &str) -> Result<()> {
    ensure!(
        !name.is_empty() && !name.starts_with('@') && !name.contains(':'),
        "a [[{kind}]] is called {name:?}: a name has no @ before it and no colon in it"
    );
    Ok(())
}

fn slack_channel(id: &str) -> Result<()> {
    ensure!(
        id.starts_with(['C', 'G']),
        "{id:?} has to be a channel's id such as C0123456789, not its name"
    );
    Ok(())
}
