//! Who is on the stage, on each platform.

use simulators::discord::{
    App, Channel as DiscordChannel, Discord, Guild, Member, Role, permission,
};
use simulators::slack::{Channel, Person, Tokens, UserGroup, Workspace};

use super::bot::{APP_TOKEN, BOT_TOKEN, DISCORD_TOKEN};

/// Asks for plans; may approve what others ask for.
pub const HANA: &str = "U0HANA";
/// Approves.
pub const AIKO: &str = "U0AIKO";
/// Approves as well.
pub const BEN: &str = "U0BEN";
/// Is in the channel and in no policy.
pub const OMAR: &str = "U0OMAR";
/// Where the cards hang in Slack.
pub const CHANNEL: &str = "C0PATCHING";
/// Where they hang in Discord.
pub const DISCORD_CHANNEL: &str = "1200";
/// The owners' own channel in Slack: hung with cards only where a story describes it.
pub const OWNERS: &str = "C0OWNERS";
/// Aiko is in it in Slack. Nobody is in it in Discord, until a story gives somebody the role.
pub const SLACK_GROUP: &str = "S0TEAM";
/// The same team in Discord.
pub const DISCORD_ROLE: &str = "1500";
/// The server of that channel.
pub const GUILD: &str = "1100";
/// Another channel of that server, of which the configuration knows nothing.
pub const OTHER_DISCORD_CHANNEL: &str = "1201";
/// The channel of another server that invited the bot as well.
pub const FOREIGN_DISCORD_CHANNEL: &str = "1202";
/// Somebody of that other server alone.
pub const STRANGER: &str = "1399";
pub(crate) const APPLICATION: &str = "1900";
/// What the address in deploy/README.md invites it with.
pub const INVITED_WITH: u64 = 326_417_632_256;
const BOT: &str = "U0PATCHBOT";

/// How many people there are beside those with a name of their own.
const CROWD: usize = 10;

/// Somebody, by their name in the configuration, and their ids in Slack and in Discord.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Somebody {
    /// As the configuration names them.
    pub name: String,
    /// In Slack.
    pub slack: String,
    /// In Discord.
    pub discord: String,
}

/// Those with a name of their own: Hana, Aiko, Ben, and Omar, whom no policy names.
pub fn named() -> Vec<Somebody> {
    let ids = [(HANA, "hana"), (AIKO, "aiko"), (BEN, "ben"), (OMAR, "omar")];
    let numbered = ids.into_iter().enumerate();
    numbered.map(|(n, (slack, name))| somebody(name, slack, 1301 + n)).collect()
}

/// Ten more people, for when many do something at once.
pub fn crowd() -> Vec<Somebody> {
    (0..CROWD).map(|n| somebody(&format!("crowd-{n}"), &format!("U1CROWD{n}"), 1401 + n)).collect()
}

/// Somebody's id in Discord, by their id in Slack.
pub fn in_discord(slack: &str) -> String {
    let mut all = named().into_iter().chain(crowd());
    all.find(|one| one.slack == slack).map(|one| one.discord).unwrap_or_default()
}

fn somebody(name: &str, slack: &str, discord: usize) -> Somebody {
    Somebody { name: name.to_owned(), slack: slack.to_owned(), discord: discord.to_string() }
}

/// Slack with all of them in one channel.
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

/// Discord with all of them in one server, and some in another one.
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
