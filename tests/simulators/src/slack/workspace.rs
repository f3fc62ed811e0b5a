//! The people and things in a workspace at the beginning.

use std::collections::BTreeSet;

/// A member of the workspace, a person or an app's bot user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The id: `U…`.
    pub id: String,
    /// The handle, as in `@name`.
    pub name: String,
    /// The name that others read beside the messages.
    pub real_name: String,
    /// Their title in the profile; may be empty.
    pub title: String,
    /// Whether this is the app itself.
    pub is_bot: bool,
    /// Whether the account was deactivated, so that nobody can message it.
    pub is_deactivated: bool,
    /// The colour of the avatar, `#rrggbb`.
    pub colour: String,
    /// The offset from UTC in seconds, in which this person reads dates.
    pub tz_offset: i32,
    /// The workspace of a person from outside, who is here through a shared channel; `None` for a
    /// member.
    pub home_team: Option<String>,
}

/// Dark enough that white initials are readable on each (WCAG AA).
const COLOURS: [&str; 8] =
    ["#1f6f8b", "#8b3a62", "#4a5d23", "#7a4a10", "#5b4b9a", "#a13d2d", "#1d6b4f", "#3d5a80"];

impl Person {
    /// A human member; the avatar colour follows from the id.
    pub fn new(id: &str, name: &str, real_name: &str) -> Self {
        let pick = id.bytes().fold(0_usize, |sum, byte| sum * 31 % 65_521 + usize::from(byte));
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            real_name: real_name.to_owned(),
            title: String::new(),
            is_bot: false,
            is_deactivated: false,
            colour: COLOURS[pick % COLOURS.len()].to_owned(),
            tz_offset: 0,
            home_team: None,
        }
    }

    /// The bot user of the app under test.
    pub fn bot(id: &str, name: &str, real_name: &str) -> Self {
        Self { is_bot: true, colour: "#0f5f57".to_owned(), ..Self::new(id, name, real_name) }
    }

    /// Sets the title.
    #[must_use]
    pub fn with_title(mut self, title: &str) -> Self {
        self.title = title.to_owned();
        self
    }

    /// Sets the time zone, `seconds` east of UTC.
    #[must_use]
    pub fn with_tz_offset(mut self, seconds: i32) -> Self {
        self.tz_offset = seconds;
        self
    }
}

/// A user group, mentioned as `<!subteam^S…>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserGroup {
    /// The id: `S…`.
    pub id: String,
    /// The handle, as in `@handle`.
    pub handle: String,
    /// Its readable name.
    pub name: String,
    /// The ids of the members.
    pub users: Vec<String>,
}

impl UserGroup {
    /// A group of the people with these ids.
    pub fn new(id: &str, handle: &str, name: &str, users: &[&str]) -> Self {
        Self {
            id: id.to_owned(),
            handle: handle.to_owned(),
            name: name.to_owned(),
            users: users.iter().map(|&user| user.to_owned()).collect(),
        }
    }
}

/// A channel or direct message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// The id: `C…`, or `D…` for a direct message.
    pub id: String,
    /// The name, without `#`. Empty for a direct message.
    pub name: String,
    /// The ids of the people and bots in it.
    pub members: Vec<String>,
    /// Whether it is a direct message between a person and the app.
    pub is_im: bool,
}

impl Channel {
    /// A public channel with these members.
    pub fn new(id: &str, name: &str, members: &[&str]) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            members: members.iter().map(|&member| member.to_owned()).collect(),
            is_im: false,
        }
    }

    pub(crate) fn has(&self, user: &str) -> bool {
        self.members.iter().any(|member| member == user)
    }
}

/// A token and its permissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The token: `xoxb-…` or `xapp-…`.
    pub value: String,
    /// The granted OAuth scopes.
    pub scopes: BTreeSet<String>,
}

/// The two tokens of a Socket Mode app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// The token for the Web API.
    pub bot: Token,
    /// The token for `apps.connections.open` only.
    pub app: Token,
}

/// The scopes of the bot token, unless a test revokes some.
pub const BOT_SCOPES: [&str; 10] = [
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:write",
    "im:history",
    "im:write",
    "reactions:write",
    "usergroups:read",
    "users:read",
];

impl Tokens {
    /// Both tokens with every scope that this simulator knows.
    pub fn new(bot: &str, app: &str) -> Self {
        let bot_scopes = BOT_SCOPES.iter().map(|&scope| scope.to_owned()).collect();
        let app_scopes = BTreeSet::from(["connections:write".to_owned()]);
        Self {
            bot: Token { value: bot.to_owned(), scopes: bot_scopes },
            app: Token { value: app.to_owned(), scopes: app_scopes },
        }
    }

    /// Revokes `scope` from both tokens.
    #[must_use]
    pub fn without(mut self, scope: &str) -> Self {
        self.bot.scopes.remove(scope);
        self.app.scopes.remove(scope);
        self
    }
}

/// A slash command that the app has registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The name, with the slash.
    pub name: String,
    /// One line of help.
    pub description: String,
    /// The arguments that may follow it.
    pub usage_hint: String,
}

/// The workspace itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// The id: `T…`.
    pub id: String,
    /// The name that people read.
    pub name: String,
    /// The part before `.slack.com`.
    pub domain: String,
}

/// The app that is installed in the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// The id of the app: `A…`.
    pub id: String,
    /// The id of the bot: `B…`.
    pub bot_id: String,
    /// The id of the bot user among the people.
    pub user: String,
    /// Its readable name.
    pub name: String,
}
