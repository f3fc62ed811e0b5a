//! Who and what is in a guild before anyone says a word.

use chrono::{DateTime, TimeDelta, Utc};

/// Permission bits, as Discord numbers them.
pub mod permission {
    /// Everything, whatever a channel says.
    pub const ADMINISTRATOR: u64 = 1 << 3;
    /// To see a channel and what stands in it.
    pub const VIEW_CHANNEL: u64 = 1 << 10;
    /// To post in a channel.
    pub const SEND_MESSAGES: u64 = 1 << 11;
    /// To delete what others wrote, and to pin.
    pub const MANAGE_MESSAGES: u64 = 1 << 13;
    /// To show embeds.
    pub const EMBED_LINKS: u64 = 1 << 14;
    /// To attach files.
    pub const ATTACH_FILES: u64 = 1 << 15;
    /// To read what was said before.
    pub const READ_MESSAGE_HISTORY: u64 = 1 << 16;
    /// To change roles.
    pub const MANAGE_ROLES: u64 = 1 << 28;
    /// To use slash commands.
    pub const USE_APPLICATION_COMMANDS: u64 = 1 << 31;
    /// To lock, and to unarchive what is locked.
    pub const MANAGE_THREADS: u64 = 1 << 34;
    /// To start a thread that all can see.
    pub const CREATE_PUBLIC_THREADS: u64 = 1 << 35;
    /// To start a thread that only its members see.
    pub const CREATE_PRIVATE_THREADS: u64 = 1 << 36;
    /// To post in a thread.
    pub const SEND_MESSAGES_IN_THREADS: u64 = 1 << 38;
    /// Every bit.
    pub const ALL: u64 = (1 << 53) - 1;
    /// What `@everyone` holds in a new guild, as far as this simulator knows the bits.
    pub const EVERYONE: u64 = VIEW_CHANNEL
        | SEND_MESSAGES
        | EMBED_LINKS
        | ATTACH_FILES
        | READ_MESSAGE_HISTORY
        | USE_APPLICATION_COMMANDS
        | CREATE_PUBLIC_THREADS
        | CREATE_PRIVATE_THREADS
        | SEND_MESSAGES_IN_THREADS;
}

/// A role of a guild.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Snowflake; that of `@everyone` is the guild's.
    pub id: String,
    /// As in `@name`.
    pub name: String,
    /// Bits, see [`permission`].
    pub permissions: u64,
    /// `0xRRGGBB`; 0 is none.
    pub colour: u32,
}

impl Role {
    /// A role that adds no permission.
    pub fn new(id: &str, name: &str) -> Self {
        Self { id: id.to_owned(), name: name.to_owned(), permissions: 0, colour: 0x3d_5a80 }
    }

    /// The same role with these permission bits.
    #[must_use]
    pub fn with_permissions(mut self, permissions: u64) -> Self {
        self.permissions = permissions;
        self
    }
}

/// A member of a guild.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The user's snowflake.
    pub id: String,
    /// The unique handle.
    pub name: String,
    /// What others read beside the messages.
    pub display_name: String,
    /// Whether this is the app itself.
    pub is_bot: bool,
    /// Role ids, without that of `@everyone`.
    pub roles: Vec<String>,
    /// The language of this person's client, as in `en-US` or `ja`.
    pub locale: String,
}

impl Member {
    /// A person without a role, whose client speaks English.
    pub fn new(id: &str, name: &str, display_name: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            display_name: display_name.to_owned(),
            is_bot: false,
            roles: Vec::new(),
            locale: "en-US".to_owned(),
        }
    }

    /// The same member with one role more.
    #[must_use]
    pub fn with_role(mut self, role: &str) -> Self {
        self.roles.push(role.to_owned());
        self
    }

    /// The same member with a client in another language.
    #[must_use]
    pub fn with_locale(mut self, locale: &str) -> Self {
        self.locale = locale.to_owned();
        self
    }
}

/// What a channel gives or takes beside the roles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overwrite {
    /// The id of a role or a member.
    pub id: String,
    /// Whether it is a member's.
    pub is_member: bool,
    /// Bits that are given.
    pub allow: u64,
    /// Bits that are taken.
    pub deny: u64,
}

/// What a channel is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChannelKind {
    /// A text channel of a guild.
    Text,
    /// A direct message with the person of this id.
    Direct(String),
    /// A thread under another channel.
    Thread(Thread),
}

/// What a thread has beside a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// The channel under which it stands.
    pub parent: String,
    /// Whether only its members see it.
    pub is_private: bool,
    /// Whether it was put away. See also [`Thread::is_archived`].
    pub archived: bool,
    /// Whether only moderators may open it again.
    pub locked: bool,
    /// Minutes without a word after which it archives itself: 60, 1440, 4320 or 10080.
    pub auto_archive_minutes: i64,
    /// The last word, or the last change of `archived`.
    pub active_at: DateTime<Utc>,
    /// Who is in it.
    pub members: Vec<String>,
    /// Who started it.
    pub owner: String,
}

impl Thread {
    /// Whether it is archived at this time, by hand or by silence.
    pub fn is_archived(&self, now: DateTime<Utc>) -> bool {
        self.archived || now >= self.active_at + TimeDelta::minutes(self.auto_archive_minutes)
    }
}

/// A place where messages stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Snowflake. A thread that was started from a message has that message's id.
    pub id: String,
    /// The guild, but for direct messages.
    pub guild: Option<String>,
    /// Without the `#`.
    pub name: String,
    /// What it is.
    pub kind: ChannelKind,
    /// What it gives or takes.
    pub overwrites: Vec<Overwrite>,
}

impl Channel {
    /// A text channel that all members see.
    pub fn new(id: &str, name: &str) -> Self {
        Self {
            id: id.to_owned(),
            guild: None,
            name: name.to_owned(),
            kind: ChannelKind::Text,
            overwrites: Vec::new(),
        }
    }

    /// The same channel, where a role (or, by `is_member`, a member) has bits more and less.
    #[must_use]
    pub fn with_overwrite(mut self, id: &str, is_member: bool, allow: u64, deny: u64) -> Self {
        self.overwrites.push(Overwrite { id: id.to_owned(), is_member, allow, deny });
        self
    }

    /// The thread's own state, when it is one.
    pub fn thread(&self) -> Option<&Thread> {
        match &self.kind {
            ChannelKind::Thread(thread) => Some(thread),
            ChannelKind::Text | ChannelKind::Direct(_) => None,
        }
    }

    pub(crate) fn thread_mut(&mut self) -> Option<&mut Thread> {
        match &mut self.kind {
            ChannelKind::Thread(thread) => Some(thread),
            ChannelKind::Text | ChannelKind::Direct(_) => None,
        }
    }
}

/// A guild, which people call a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guild {
    /// Snowflake.
    pub id: String,
    /// Its readable name.
    pub name: String,
    /// The language that its community prefers.
    pub locale: String,
    /// The user id of its owner; the first person who was added.
    pub owner: String,
    /// Its roles, `@everyone` first.
    pub roles: Vec<Role>,
    /// Its members.
    pub members: Vec<Member>,
    /// Its channels as they were given; the living ones are in [`super::Discord::channels`].
    pub(crate) channels: Vec<Channel>,
}

impl Guild {
    /// A guild with nobody in it.
    pub fn new(id: &str, name: &str) -> Self {
        let everyone = Role {
            id: id.to_owned(),
            name: "@everyone".to_owned(),
            permissions: permission::EVERYONE,
            colour: 0,
        };
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            locale: "en-US".to_owned(),
            owner: String::new(),
            roles: vec![everyone],
            members: Vec::new(),
            channels: Vec::new(),
        }
    }

    /// The same guild, where everybody may do this and no more, unless a role allows it.
    #[must_use]
    pub fn with_everyone(mut self, permissions: u64) -> Self {
        self.roles[0].permissions = permissions;
        self
    }

    /// The same guild with a role more.
    #[must_use]
    pub fn with_role(mut self, role: Role) -> Self {
        self.roles.push(role);
        self
    }

    /// The same guild with a member more.
    #[must_use]
    pub fn with_member(mut self, member: Member) -> Self {
        if self.owner.is_empty() {
            self.owner = member.id.clone();
        }
        self.members.push(member);
        self
    }

    /// The same guild with a channel more.
    #[must_use]
    pub fn with_channel(mut self, channel: Channel) -> Self {
        self.channels.push(Channel { guild: Some(self.id.clone()), ..channel });
        self
    }
}

/// The app under test, and its bot user. Both have one id, as apps do since 2016.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// Snowflake.
    pub id: String,
    /// Its readable name.
    pub name: String,
    /// What stands behind `Bot ` in the authorization header.
    pub token: String,
    /// Privileged intents that were switched on for it: `1 << 1` members, `1 << 8` presences,
    /// `1 << 15` message content. None, unless told otherwise.
    pub privileged_intents: u64,
    /// The permission bits of the address that it was invited by. Each guild has a role for them.
    pub permissions: u64,
}

impl App {
    /// An app without privileged intents.
    pub fn new(id: &str, name: &str, token: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            token: token.to_owned(),
            privileged_intents: 0,
            permissions: 0,
        }
    }

    /// The same app, invited with these permission bits.
    #[must_use]
    pub fn with_permissions(mut self, permissions: u64) -> Self {
        self.permissions = permissions;
        self
    }

    /// The id of the role that stands for what it was invited with.
    pub(crate) fn role(&self) -> String {
        format!("{}1", self.id)
    }

    /// The same app with these privileged intents.
    #[must_use]
    pub fn with_privileged_intents(mut self, intents: u64) -> Self {
        self.privileged_intents = intents;
        self
    }
}
