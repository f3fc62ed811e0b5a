//! One person by one name, whatever ids they have on the platforms.

use std::collections::BTreeMap;
use std::fmt;

use commands::actor::GroupRef;
use commands::text::PersonRef;
use serde::{Deserialize, Serialize};

/// Where people write to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    /// Slack.
    Slack,
    /// Discord.
    Discord,
}

impl fmt::Display for Platform {
    /// As it stands before an id.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Slack => "slack",
            Self::Discord => "discord",
        })
    }
}

/// The ids of a person; at least one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Slack's.
    pub slack: Option<String>,
    /// Discord's.
    pub discord: Option<String>,
}

/// The ids of a group of people; at least one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupIds {
    /// Slack's user group.
    pub slack: Option<String>,
    /// Discord's role.
    pub discord_role: Option<String>,
}

/// Who is who.
#[derive(Clone, Debug, Default)]
pub struct People {
    people: BTreeMap<String, Person>,
    names: BTreeMap<(Platform, String), String>,
    groups: BTreeMap<GroupRef, GroupIds>,
}

impl People {
    /// From configured names and the ids that belong to them.
    pub fn new(people: BTreeMap<String, Person>) -> Self {
        let mut names = BTreeMap::new();
        for (name, person) in &people {
            let ids = [(Platform::Slack, &person.slack), (Platform::Discord, &person.discord)];
            for (platform, id) in ids {
                if let Some(id) = id {
                    names.insert((platform, id.clone()), name.clone());
                }
            }
        }
        Self { people, names, groups: BTreeMap::new() }
    }

    /// The same, with groups that can be mentioned.
    #[must_use]
    pub fn with_groups(mut self, groups: BTreeMap<GroupRef, GroupIds>) -> Self {
        self.groups = groups;
        self
    }

    /// The person behind an id: by the configured name, or as `slack:U…` or `discord:1…`.
    pub fn person(&self, platform: Platform, id: &str) -> PersonRef {
        PersonRef(match self.names.get(&(platform, id.to_owned())) {
            Some(name) => name.clone(),
            None => format!("{platform}:{id}"),
        })
    }

    /// The same person by the name they have today: a record may be older than the configuration.
    pub fn today(&self, person: &PersonRef) -> PersonRef {
        match split(&person.0) {
            Some((platform, id)) => self.person(platform, id),
            None => person.clone(),
        }
    }

    /// What Slack calls this person; none if the person is not known there.
    pub fn slack_id<'a>(&'a self, person: &'a PersonRef) -> Option<&'a str> {
        let id = match split(&person.0) {
            Some((Platform::Slack, id)) => id,
            Some((Platform::Discord, _)) => return None,
            None => self.people.get(&person.0)?.slack.as_deref()?,
        };
        is_slack_user(id).then_some(id)
    }

    /// What Discord calls this person; none if the person is not known there.
    pub fn discord_id<'a>(&'a self, person: &'a PersonRef) -> Option<&'a str> {
        let id = match split(&person.0) {
            Some((Platform::Discord, id)) => id,
            Some((Platform::Slack, _)) => return None,
            None => self.people.get(&person.0)?.discord.as_deref()?,
        };
        is_snowflake(id).then_some(id)
    }

    /// What Slack calls this group; none if it is not known there.
    pub fn slack_group(&self, group: &GroupRef) -> Option<&str> {
        let id = self.groups.get(group)?.slack.as_deref()?;
        is_slack_group(id).then_some(id)
    }

    /// What Discord calls this group, a role; none if it is not known there.
    pub fn discord_role(&self, group: &GroupRef) -> Option<&str> {
        let id = self.groups.get(group)?.discord_role.as_deref()?;
        is_snowflake(id).then_some(id)
    }

    /// What people call this person.
    pub fn name<'a>(&self, person: &'a PersonRef) -> &'a str {
        split(&person.0).map_or(person.0.as_str(), |(_, id)| id)
    }
}

/// The platform and the id of who has no configured name.
fn split(person: &str) -> Option<(Platform, &str)> {
    let (platform, id) = person.split_once(':')?;
    match platform {
        "slack" => Some((Platform::Slack, id)),
        "discord" => Some((Platform::Discord, id)),
        _ => None,
    }
}

/// Whether this can stand in a mention. It keeps a name with markup in it from becoming one.
pub fn is_slack_user(text: &str) -> bool {
    text.starts_with(['U', 'W']) && is_slack_id(text)
}

/// Whether this can stand in a mention of a group.
fn is_slack_group(text: &str) -> bool {
    text.starts_with('S') && is_slack_id(text)
}

fn is_slack_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    (2..=32).contains(&text.len()) && text.bytes().all(allowed)
}

/// Whether this is an id of Discord: a 64-bit number that is not 0.
pub fn is_snowflake(text: &str) -> bool {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits && !text.starts_with('0') && text.parse::<u64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people() -> People {
        let aiko = Person { slack: Some("U0AIKO".into()), discord: Some("42".into()) };
        People::new(BTreeMap::from([("aiko".to_owned(), aiko)]))
    }

    #[test]
    fn a_person_is_one_on_every_platform() {
        let people = people();
        let aiko = PersonRef("aiko".into());
        assert_eq!(people.person(Platform::Slack, "U0AIKO"), aiko);
        assert_eq!(people.person(Platform::Discord, "42"), aiko);
        assert_eq!(people.slack_id(&aiko), Some("U0AIKO"));
        assert_eq!(people.discord_id(&aiko), Some("42"));
        let guest = people.person(Platform::Slack, "U0GUEST");
        assert_eq!(guest, PersonRef("slack:U0GUEST".into()));
        assert_eq!(people.slack_id(&guest), Some("U0GUEST"));
        assert_eq!(people.discord_id(&guest), None);
        assert_eq!(people.name(&guest), "U0GUEST");
    }

    #[test]
    fn who_had_no_name_once_has_one_today() {
        let today = |person: &str| people().today(&PersonRef(person.into())).0;
        assert_eq!(today("slack:U0AIKO"), "aiko");
        assert_eq!(today("discord:42"), "aiko");
        assert_eq!(today("slack:U0GUEST"), "slack:U0GUEST");
        assert_eq!(today("ben"), "ben");
    }

    #[test]
    fn what_is_no_id_is_never_mentioned() {
        let people = People::default();
        for name in [
            "slack:U1> <!channel",
            "slack:",
            "slack:here",
            "nobody",
            "discord:0",
            "discord:@everyone",
        ] {
            assert_eq!(people.slack_id(&PersonRef(name.into())), None, "{name}");
            assert_eq!(people.discord_id(&PersonRef(name.into())), None, "{name}");
        }
        let group = |slack: &str, role: &str| {
            let (slack, discord_role) = (Some(slack.to_owned()), Some(role.to_owned()));
            let all = BTreeMap::from([(GroupRef("all".into()), GroupIds { slack, discord_role })]);
            People::default().with_groups(all)
        };
        let all = GroupRef("all".into());
        let (good, bad) = (group("S0ALL", "77"), group("S1> <!channel", "@everyone"));
        assert_eq!((good.slack_group(&all), good.discord_role(&all)), (Some("S0ALL"), Some("77")));
        assert_eq!((bad.slack_group(&all), bad.discord_role(&all)), (None, None));
    }
}
