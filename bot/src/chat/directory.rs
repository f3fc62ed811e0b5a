//! The directory of people: which accounts belong to one person, and the names of people and
//! groups.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use commands::environment::Promotion;
use commands::environment::policy::Approver;
use commands::id::{GroupRef, Identity, PersonRef};

pub use commands::id::ChatPlatform as Platform;

/// The ids of a person; at least one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The user id in Slack.
    pub slack: Option<String>,
    /// The user id in Discord.
    pub discord: Option<String>,
}

/// The ids of a group of people; at least one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupIds {
    /// The id of the user group in Slack.
    pub slack: Option<String>,
    /// The id of the role in Discord.
    pub discord_role: Option<String>,
}

impl Person {
    /// The accounts, in the servers that the bot works in.
    fn accounts(&self) -> Vec<Identity> {
        let account = |platform, id: &Option<String>| {
            id.clone().map(|user| Identity { platform, server: None, user })
        };
        let ids = [(Platform::Slack, &self.slack), (Platform::Discord, &self.discord)];
        ids.into_iter().filter_map(|(platform, id)| account(platform, id)).collect()
    }

    /// The person with this name; `None` if the person has no id.
    pub fn called(&self, name: &str) -> Option<PersonRef> {
        let accounts = self.accounts();
        let first = accounts.first()?.clone();
        Some(PersonRef::new(first, name).linked_to(accounts))
    }
}

/// The people and groups of the configuration.
#[derive(Debug, Default)]
pub struct Directory {
    people: BTreeMap<String, Person>,
    names: BTreeMap<(Platform, String), String>,
    groups: BTreeMap<GroupRef, GroupIds>,
    /// The Slack enterprise or team that the bot works in; empty until Slack has returned it.
    slack_server: OnceLock<String>,
    /// The Discord server; `None` if the configuration names none.
    discord_server: Option<String>,
}

impl Directory {
    /// Creates a directory from the configured names and their ids.
    pub fn new(people: BTreeMap<String, Person>) -> Self {
        let mut names = BTreeMap::new();
        for (name, person) in &people {
            for Identity { platform, user, .. } in person.accounts() {
                names.insert((platform, user), name.clone());
            }
        }
        Self { people, names, ..Self::default() }
    }

    /// Adds groups that can be mentioned.
    #[must_use]
    pub fn with_groups(mut self, groups: BTreeMap<GroupRef, GroupIds>) -> Self {
        self.groups = groups;
        self
    }

    /// Sets the server of Discord.
    #[must_use]
    pub fn in_discord(mut self, server: Option<String>) -> Self {
        self.discord_server = server;
        self
    }

    /// Sets the enterprise or team of Slack, once Slack has returned it.
    pub(crate) fn in_slack(&self, server: &str) {
        // The bot asks for it once in the life of a process.
        let _ = self.slack_server.set(server.to_owned());
    }

    /// Whether the configuration knows this account.
    pub fn knows(&self, platform: Platform, id: &str) -> bool {
        self.names.contains_key(&(platform, id.to_owned()))
    }

    /// The person with this id, and every account that the configuration links to that person now.
    pub fn person(&self, platform: Platform, id: &str) -> PersonRef {
        let acted = self.with_server(Identity { platform, server: None, user: id.to_owned() });
        match self.names.get(&(platform, id.to_owned())) {
            Some(name) => {
                let accounts = self.people.get(name).map(Person::accounts).unwrap_or_default();
                let accounts = accounts.into_iter().map(|account| self.with_server(account));
                PersonRef::new(acted, name).linked_to(accounts)
            }
            None => PersonRef::new(acted, id),
        }
    }

    /// All people in the configuration.
    pub fn all(&self) -> Vec<PersonRef> {
        let all = self.people.iter().filter_map(|(name, person)| person.called(name));
        all.map(|person| self.person(person.acted.platform, &person.acted.user)).collect()
    }

    /// The environments with their policies in the form that is stored with a plan: every account
    /// names its server.
    pub fn settled(&self, promotion: &Promotion) -> Promotion {
        let settled = |approver: &mut Approver| match approver {
            Approver::Person(person) => {
                *person = self.person(person.acted.platform, &person.acted.user);
            }
            Approver::Group(_) => {}
        };
        let mut promotion = promotion.clone();
        for environment in &mut promotion.0 {
            environment.policies_mut().flat_map(|policy| &mut policy.approvers).for_each(settled);
        }
        promotion
    }

    /// Adds the server that the bot works in to an account, if it is known.
    fn with_server(&self, account: Identity) -> Identity {
        let server = match account.platform {
            Platform::Slack => self.slack_server.get().cloned(),
            Platform::Discord => self.discord_server.clone(),
        };
        Identity { server, ..account }
    }

    /// This person's user id in Slack; `None` if the person has none.
    pub fn slack_id<'a>(&'a self, person: &'a PersonRef) -> Option<&'a str> {
        self.id_on(Platform::Slack, person).filter(|id| is_slack_user(id))
    }

    /// This person's user id in Discord; `None` if the person has none.
    pub fn discord_id<'a>(&'a self, person: &'a PersonRef) -> Option<&'a str> {
        self.id_on(Platform::Discord, person).filter(|id| is_snowflake(id))
    }

    /// The person's account on a platform: the one that acted, the one that is linked today, or the
    /// one that was linked then.
    fn id_on<'a>(&'a self, platform: Platform, person: &'a PersonRef) -> Option<&'a str> {
        if person.acted.platform == platform {
            return Some(&person.acted.user);
        }
        let today = self.today(person).and_then(|known| match platform {
            Platform::Slack => known.slack.as_deref(),
            Platform::Discord => known.discord.as_deref(),
        });
        let then = || person.accounts().iter().find(|account| account.platform == platform);
        today.or_else(|| then().map(|account| account.user.as_str()))
    }

    /// The person to whom the configuration assigns today the account that acted.
    fn today(&self, person: &PersonRef) -> Option<&Person> {
        self.people.get(self.name_today(person)?)
    }

    fn name_today(&self, person: &PersonRef) -> Option<&str> {
        let Identity { platform, user, .. } = &person.acted;
        self.names.get(&(*platform, user.clone())).map(String::as_str)
    }

    /// The person's name: the one in the configuration today, or the one on the platform.
    pub fn name<'a>(&'a self, person: &'a PersonRef) -> &'a str {
        self.name_today(person).unwrap_or(&person.acted.user)
    }

    /// This group's id in Slack; `None` if it has none.
    pub fn slack_group(&self, group: &GroupRef) -> Option<&str> {
        let id = self.groups.get(group)?.slack.as_deref()?;
        is_slack_group(id).then_some(id)
    }

    /// This group's role in Discord; `None` if it has none.
    pub fn discord_role(&self, group: &GroupRef) -> Option<&str> {
        let id = self.groups.get(group)?.discord_role.as_deref()?;
        is_snowflake(id).then_some(id)
    }
}

/// Whether a text has the form of a user id and may go into a mention. This keeps a name that
/// contains markup from becoming one.
pub fn is_slack_user(text: &str) -> bool {
    text.starts_with(['U', 'W']) && is_slack_id(text)
}

/// Whether a text has the form of a group id and may go into a mention.
fn is_slack_group(text: &str) -> bool {
    text.starts_with('S') && is_slack_id(text)
}

fn is_slack_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    (2..=32).contains(&text.len()) && text.bytes().all(allowed)
}

/// Whether a text is a Discord id: a 64-bit number other than 0.
pub fn is_snowflake(text: &str) -> bool {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits && !text.starts_with('0') && text.parse::<u64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(name: &str) -> Directory {
        let aiko = Person { slack: Some("U0AIKO".into()), discord: Some("42".into()) };
        let people = Directory::new(BTreeMap::from([(name.to_owned(), aiko)]));
        people.in_slack("T0TEAM");
        people.in_discord(Some("1100".into()))
    }

    fn account(platform: Platform, server: &str, user: &str) -> Identity {
        Identity { platform, server: Some(server.into()), user: user.into() }
    }

    #[test]
    fn a_person_is_one_on_every_platform() {
        let people = people("aiko");
        let (here, there) =
            (people.person(Platform::Slack, "U0AIKO"), people.person(Platform::Discord, "42"));
        assert!(here.is(&there));
        let accounts = [
            account(Platform::Slack, "T0TEAM", "U0AIKO"),
            account(Platform::Discord, "1100", "42"),
        ];
        assert_eq!(
            (here.accounts(), there.accounts()),
            (&accounts.clone().into(), &accounts.into())
        );
        for person in [&here, &there] {
            assert_eq!(people.slack_id(person), Some("U0AIKO"));
            assert_eq!(people.discord_id(person), Some("42"));
            assert_eq!(people.name(person), "aiko");
        }
        let guest = people.person(Platform::Slack, "U0GUEST");
        assert!(!guest.is(&here) && !people.knows(Platform::Slack, "U0GUEST"));
        assert_eq!(people.slack_id(&guest), Some("U0GUEST"));
        assert_eq!(people.discord_id(&guest), None);
        assert_eq!(people.name(&guest), "U0GUEST");
    }

    #[test]
    fn a_name_is_looked_up_when_it_is_shown() {
        let then = people("aiko").person(Platform::Slack, "U0AIKO");
        let today = people("aiko tanaka");
        assert_eq!(today.name(&then), "aiko tanaka");
        assert!(then.is(&today.person(Platform::Discord, "42")));
        // A person who was linked once is still found by the former account.
        assert_eq!(Directory::default().discord_id(&then), Some("42"));
    }

    #[test]
    fn what_is_no_id_is_never_mentioned() {
        let people = Directory::default();
        for id in ["U1> <!channel", "", "here", "nobody", "0", "@everyone"] {
            let (here, there) =
                (people.person(Platform::Slack, id), people.person(Platform::Discord, id));
            assert_eq!(people.slack_id(&here), None, "{id}");
            assert_eq!(people.discord_id(&there), None, "{id}");
        }
        let group = |slack: &str, role: &str| {
            let (slack, discord_role) = (Some(slack.to_owned()), Some(role.to_owned()));
            let all = BTreeMap::from([(GroupRef("all".into()), GroupIds { slack, discord_role })]);
            Directory::default().with_groups(all)
        };
        let all = GroupRef("all".into());
        let (good, bad) = (group("S0ALL", "77"), group("S1> <!channel", "@everyone"));
        assert_eq!((good.slack_group(&all), good.discord_role(&all)), (Some("S0ALL"), Some("77")));
        assert_eq!((bad.slack_group(&all), bad.discord_role(&all)), (None, None));
    }
}
