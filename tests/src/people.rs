//! The people of the stories, on each platform.

use simulators::discord::{
    App, Channel as DiscordChannel, Discord, Guild, Member, Role, permission,
};
use simulators::slack::{Channel, Person, Tokens, UserGroup, Workspace};

use super::bot::{APP_TOKEN, BOT_TOKEN, DISCORD_TOKEN};

/// Asks for plans; may approve what others ask for.
pub const HANA: &str = "U0HANA";
/// An approver.
pub const AIKO: &str = "U0AIKO";
/// Another approver.
pub const BEN: &str = "U0BEN";
/// Is in the channel, and named by no policy.
pub const OMAR: &str = "U0OMAR";
/// The channel for cards in Slack.
pub const CHANNEL: &str = "C0PATCHING";
/// The channel for cards in Discord.
pub const DISCORD_CHANNEL: &str = "1200";
/// The owners' own channel in Slack: it gets cards only if a story configures it.
pub const OWNERS: &str = "C0OWNERS";
/// The team's group in Slack, with Aiko. In Discord nobody is in the team until a story gives
/// somebody the role.
pub const SLACK_GROUP: &str = "S0TEAM";
/// The role of the same team in Discord.
pub const DISCORD_ROLE: &str = "1500";
/// The server of that channel.
pub const GUILD: &str = "1100";
/// Another channel of that server, which the configuration does not name.
pub const OTHER_DISCORD_CHANNEL: &str = "1201";
/// The channel of another server that invited the bot as well.
pub const FOREIGN_DISCORD_CHANNEL: &str = "1202";
/// A person who is only in that other server.
pub const STRANGER: &str = "1399";
pub(crate) const APPLICATION: &str = "1900";
/// The permissions in the invitation link of deploy/README.md.
pub const INVITED_WITH: u64 = 326_417_632_256;
const BOT: &str = "U0PATCHBOT";

/// How many people there are beside those with a name of their own.
const CROWD: usize = 10;

/// A person, with their name in the configuration and their ids in Slack and in Discord.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Somebody {
    /// The name in the configuration.
    pub name: String,
    /// The user id in Slack.
    pub slack: String,
    /// The user id in Discord.
    pub discord: String,
}

/// The people with a name of their own: Hana, Aiko, Ben, and Omar, whom no policy names.
pub fn named() -> Vec<Somebody> {
    let ids = [(HANA, "hana"), (AIKO, "aiko"), (BEN, "ben"), (OMAR, "omar")];
    let numbered = ids.into_iter().enumerate();
    numbered.map(|(n, (slack, name))| somebody(name, slack, 1301 + n)).collect()
}

/// Ten more people, for stories in which many do something at once.
pub fn crowd() -> Vec<Somebody> {
    (0..CROWD).map(|n| somebody(&format!("crowd-{n}"), &format!("U1CROWD{n}"), 1401 + n)).collect()
}

/// A person's id in Discord, by their id in Slack.
pub fn in_discord(slack: &str) -> String {
    let mut all = named().into_iter().chain(crowd());
    all.find(|one| one.slack == slack).map(|one| one.discord).unwrap_or_default()
}

fn somebody(name: &str, slack: &str, discord: usize) -> Somebody {
    Somebody { name: name.to_owned(), slack: slack.to_owned(), discord: discord.to_string() }
}

/// A Slack with all of them in one channel.
pub(crate) fn workspace(clock: simulators::clock::Clock) -> Workspace {
    let all: Vec<Somebody> = named().into_iter().chain(crowd()).collect();
    let people = all.iter().map(|one| Person::new(&one.slack, &one.name, &one.name));
    let people = people.chain([Person::bot(BOT, "patchbot", "patchbot")]).collect();
    let members: Vec<&str> = all.iter().map(|one| one.slack.as_str()).chain([BOT]).collect();
    let channels = [(CHANNEL, "patching"), (OWNERS, "owners")]
        .map(|(id, name)| Channel::new(id, name, &members))
        .into();
    let team = UserGroup::new(SLACK_GROUP, "team", "The team", &[AIKO]);
    Workspace::new(clock, people, channels, Tokens::new(BOT_TOKEN, APP_TOKEN))
        .with_groups(vec![team])
}

/// A Discord with all of them in one server, and some in another one.
pub(crate) fn server(clock: simulators::clock::Clock) -> Discord {
    let open = permission::VIEW_CHANNEL | permission::USE_APPLICATION_COMMANDS;
    let guild = Guild::new(GUILD, "Operations")
        .with_channel(DiscordChannel::new(DISCORD_CHANNEL, "patching"))
        .with_channel(DiscordChannel::new(OTHER_DISCORD_CHANNEL, "lounge"))
        .with_everyone(open)
        .with_role(Role::new(DISCORD_ROLE, "team"));
    let all = named().into_iter().chain(crowd());
    let guild = all.fold(guild, |guild, one| {
        guild.with_member(Member::new(&one.discord, &one.name, &one.name))
    });
    let foreign = Guild::new("1101", "Elsewhere")
        .with_channel(DiscordChannel::new(FOREIGN_DISCORD_CHANNEL, "general"))
        .with_everyone(open)
        .with_member(Member::new(&in_discord(AIKO), "aiko", "aiko"))
        .with_member(Member::new(STRANGER, "stranger", "stranger"));
    let app = App::new(APPLICATION, "patchbot", DISCORD_TOKEN).with_permissions(INVITED_WITH);
    Discord::new(clock, app, vec![guild, foreign])
}
