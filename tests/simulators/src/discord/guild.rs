//! The people and things in a guild at the beginning.

use chrono::{DateTime, TimeDelta, Utc};

/// Permission bits, as Discord numbers them.
pub mod permission {
    /// Everything, whatever a channel says.
    pub const ADMINISTRATOR: u64 = 1 << 3;
    /// To see a channel and its messages.
    pub const VIEW_CHANNEL: u64 = 1 << 10;
    /// To post in a channel.
    pub const SEND_MESSAGES: u64 = 1 << 11;
    /// To delete messages of others, and to pin.
    pub const MANAGE_MESSAGES: u64 = 1 << 13;
    /// To show embeds.
    pub const EMBED_LINKS: u64 = 1 << 14;
    /// To attach files.
    pub const ATTACH_FILES: u64 = 1 << 15;
    /// To read earlier messages.
    pub const READ_MESSAGE_HISTORY: u64 = 1 << 16;
    /// To change roles.
    pub const MANAGE_ROLES: u64 = 1 << 28;
    /// To use slash commands.
    pub const USE_APPLICATION_COMMANDS: u64 = 1 << 31;
    /// To lock threads, and to unarchive locked ones.
    pub const MANAGE_THREADS: u64 = 1 << 34;
    /// To start a thread that everybody can see.
    pub const CREATE_PUBLIC_THREADS: u64 = 1 << 35;
    /// To start a thread that only its members can see.
    pub const CREATE_PRIVATE_THREADS: u64 = 1 << 36;
    /// To post in a thread.
    pub const SEND_MESSAGES_IN_THREADS: u64 = 1 << 38;
    /// Every bit.
    pub const ALL: u64 = (1 << 53) - 1;
    /// The permissions of `@everyone` in a new guild, as far as this simulator knows the bits.
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
    /// The snowflake; the one of `@everyone` is the guild's.
    pub id: String,
    /// The name, as in `@name`.
    pub name: String,
    /// The permission bits, see [`permission`].
    pub permissions: u64,
    /// The colour, `0xRRGGBB`; 0 for no colour.
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
    /// The name that others read beside the messages.
    pub display_name: String,
    /// Whether this is the app itself.
    pub is_bot: bool,
    /// The ids of the roles, without `@everyone`.
    pub roles: Vec<String>,
    /// The language of this person's client, such as `en-US` or `ja`.
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

    /// Adds a role to the member.
    #[must_use]
    pub fn with_role(mut self, role: &str) -> Self {
        self.roles.push(role.to_owned());
        self
    }

    /// Sets the language of the member's client.
    #[must_use]
    pub fn with_locale(mut self, locale: &str) -> Self {
        self.locale = locale.to_owned();
        self
    }
}

/// What a channel allows or denies beside the roles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overwrite {
    /// The id of a role or a member.
    pub id: String,
    /// Whether it is for a member.
    pub is_member: bool,
    /// The bits that are allowed.
    pub allow: u64,
    /// The bits that are denied.
    pub deny: u64,
}

/// The kind of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChannelKind {
    /// A text channel of a guild.
    Text,
    /// A direct message with the person of this id.
    Direct(String),
    /// A thread in another channel.
    Thread(Thread),
}

/// What a thread has in addition to a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// The channel that it belongs to.
    pub parent: String,
    /// Whether only its members see it.
    pub is_private: bool,
    /// Whether it was archived. See also [`Thread::is_archived`].
    pub archived: bool,
    /// Whether only moderators may unarchive it.
    pub locked: bool,
    /// Minutes without a message after which it is archived: 60, 1440, 4320 or 10080.
    pub auto_archive_minutes: i64,
    /// The time of the last message, or of the last change of `archived`.
    pub active_at: DateTime<Utc>,
    /// The users in it.
    pub members: Vec<String>,
    /// The user who started it.
    pub owner: String,
}

impl Thread {
    /// Whether it is archived at this time, by hand or by inactivity.
    pub fn is_archived(&self, now: DateTime<Utc>) -> bool {
        self.archived || now >= self.active_at + TimeDelta::minutes(self.auto_archive_minutes)
    }
}

/// A channel, thread or direct message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// The snowflake. A thread that was started from a message has the id of that message.
    pub id: String,
    /// The guild; `None` for direct messages.
    pub guild: Option<String>,
    /// The name, without `#`.
    pub name: String,
    /// The kind of channel.
    pub kind: ChannelKind,
    /// What it allows or denies.
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

    /// Adds an overwrite for a role or, by `is_member`, a member.
    #[must_use]
    pub fn with_overwrite(mut self, id: &str, is_member: bool, allow: u64, deny: u64) -> Self {
        self.overwrites.push(Overwrite { id: id.to_owned(), is_member, allow, deny });
        self
    }

    /// The state of the thread, if it is one.
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
    /// The snowflake of the guild.
    pub id: String,
    /// Its readable name.
    pub name: String,
    /// The language that its community prefers.
    pub locale: String,
    /// The user id of its owner: the first person who was added.
    pub owner: String,
    /// Its roles, `@everyone` first.
    pub roles: Vec<Role>,
    /// Its members.
    pub members: Vec<Member>,
    /// Its initial channels; the current ones are in [`super::Discord::channels`].
    pub(crate) channels: Vec<Channel>,
}

impl Guild {
    /// A guild without members.
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

    /// Sets what everybody may do, unless a role allows more.
    #[must_use]
    pub fn with_everyone(mut self, permissions: u64) -> Self {
        self.roles[0].permissions = permissions;
        self
    }

    /// Adds a role.
    #[must_use]
    pub fn with_role(mut self, role: Role) -> Self {
        self.roles.push(role);
        self
    }

    /// Adds a member.
    #[must_use]
    pub fn with_member(mut self, member: Member) -> Self {
        if self.owner.is_empty() {
            self.owner = member.id.clone();
        }
        self.members.push(member);
        self
    }

    /// Adds a channel.
    #[must_use]
    pub fn with_channel(mut self, channel: Channel) -> Self {
        self.channels.push(Channel { guild: Some(self.id.clone()), ..channel });
        self
    }
}

/// The app under test, and its bot user. Both have the same id, like all apps since 2016.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// The snowflake of the app and its bot user.
    pub id: String,
    /// Its readable name.
    pub name: String,
    /// The token, which follows `Bot ` in the authorization header.
    pub token: String,
    /// Privileged intents that were switched on for it: `1 << 1` members, `1 << 8` presences,
    /// `1 << 15` message content; none by default.
    pub privileged_intents: u64,
    /// The permission bits of its invitation link. Each guild has a role with them.
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

    /// Sets the permission bits of its invitation.
    #[must_use]
    pub fn with_permissions(mut self, permissions: u64) -> Self {
        self.permissions = permissions;
        self
    }

    /// The id of the role with the permissions of the invitation.
    pub(crate) fn role(&self) -> String {
        format!("{}1", self.id)
    }

    /// Sets the privileged intents.
    #[must_use]
    pub fn with_privileged_intents(mut self, intents: u64) -> Self {
        self.privileged_intents = intents;
        self
    }
}
