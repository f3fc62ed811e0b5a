//! The world behind the wire.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::gateway::{Gateway, intent};
use super::guild::{App, Channel, ChannelKind, Guild, Member, permission};
use super::interaction::{Interaction, Modal};
use super::json;
use super::message::Message;
use super::rate_limits::Rates;
use super::record::{Call, Fault};
use crate::server::RateLimits;

/// The beginning of 2015, from which snowflakes count.
const EPOCH_MS: i64 = 1_420_070_400_000;
/// Discord keeps a nonce for "the last few minutes"; that this means five is inferred.
const NONCE_MINUTES: i64 = 5;

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) base: String,
    pub(crate) guilds: Vec<Guild>,
    pub(crate) channels: Vec<Channel>,
    pub(crate) messages: Vec<Message>,
    /// Deleted messages, whose nonces are kept all the same.
    deleted: Vec<Message>,
    /// Registered commands: those of all guilds under `None`, those of one under its id.
    pub(crate) commands: BTreeMap<Option<String>, Vec<Value>>,
    pub(crate) interactions: HashMap<String, Interaction>,
    pub(crate) modals: Vec<Modal>,
    /// The attached files, by attachment id.
    pub(crate) files: HashMap<String, (String, Vec<u8>)>,
    pub(crate) gateway: Gateway,
    pub(crate) rates: Rates,
    pub(crate) rate_limits: RateLimits,
    pub(crate) faults: HashMap<String, VecDeque<Fault>>,
    pub(crate) calls: Vec<Call>,
    pub(crate) complaints: Vec<String>,
    /// Who waits for what while a client shows a spinner.
    pub(crate) busy: HashSet<(String, String)>,
    /// People who allow no direct messages.
    pub(crate) closed_to_us: HashSet<String>,
    last_id: i64,
}

impl World {
    pub(crate) fn new(app: App, mut guilds: Vec<Guild>) -> Self {
        let mut channels = Vec::new();
        for guild in &mut guilds {
            channels.append(&mut guild.channels);
            if !guild.members.iter().any(|member| member.id == app.id) {
                let bot = Member::new(&app.id, &app.name, &app.name);
                guild.members.push(Member { is_bot: true, ..bot });
            }
            if app.permissions != 0 {
                let id = app.role();
                guild
                    .roles
                    .push(super::Role::new(&id, &app.name).with_permissions(app.permissions));
                let bots = guild.members.iter_mut().filter(|member| member.id == app.id);
                bots.for_each(|bot| bot.roles.push(id.clone()));
            }
        }
        Self {
            app,
            base: String::new(),
            guilds,
            channels,
            messages: Vec::new(),
            deleted: Vec::new(),
            commands: BTreeMap::new(),
            interactions: HashMap::new(),
            modals: Vec::new(),
            files: HashMap::new(),
            gateway: Gateway::default(),
            rates: Rates::default(),
            rate_limits: RateLimits::default(),
            faults: HashMap::new(),
            calls: Vec::new(),
            complaints: Vec::new(),
            busy: HashSet::new(),
            closed_to_us: HashSet::new(),
            last_id: 0,
        }
    }

    pub(crate) fn guild(&self, id: &str) -> Option<&Guild> {
        self.guilds.iter().find(|guild| guild.id == id)
    }

    pub(crate) fn channel(&self, id: &str) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.id == id)
    }

    pub(crate) fn channel_mut(&mut self, id: &str) -> Option<&mut Channel> {
        self.channels.iter_mut().find(|channel| channel.id == id)
    }

    pub(crate) fn member(&self, guild: &str, user: &str) -> Option<&Member> {
        self.guild(guild)?.members.iter().find(|member| member.id == user)
    }

    /// A person, in any guild.
    pub(crate) fn person(&self, user: &str) -> Option<&Member> {
        self.guilds.iter().flat_map(|guild| &guild.members).find(|member| member.id == user)
    }

    pub(crate) fn message(&self, channel: &str, id: &str) -> Option<&Message> {
        let mut newest_first = self.messages.iter().rev();
        newest_first.find(|message| message.id == id && message.channel == channel)
    }

    pub(crate) fn message_mut(&mut self, channel: &str, id: &str) -> Option<&mut Message> {
        let mut newest_first = self.messages.iter_mut().rev();
        newest_first.find(|message| message.id == id && message.channel == channel)
    }

    pub(crate) fn complain(&mut self, what: impl Into<String>) {
        let what = what.into();
        tracing::warn!(complaint = what, "the Discord simulator was spoken to wrongly");
        self.complaints.push(what);
    }

    /// A snowflake of this time, greater than all before.
    pub(crate) fn next_id(&mut self, now: DateTime<Utc>) -> String {
        let of_now = (now.timestamp_millis() - EPOCH_MS).max(0) << 22;
        self.last_id = of_now.max(self.last_id + 1);
        self.last_id.to_string()
    }

    /// What this user may do here, computed like at Discord: by roles, then by the channel's
    /// overwrites for everyone, for the roles, and for the member.
    pub(crate) fn permissions(&self, user: &str, channel: &Channel) -> u64 {
        let home = match &channel.kind {
            ChannelKind::Direct(with) => {
                let is_theirs = with == user || user == self.app.id;
                return if is_theirs { permission::EVERYONE } else { 0 };
            }
            ChannelKind::Thread(thread) => self.channel(&thread.parent).unwrap_or(channel),
            ChannelKind::Text => channel,
        };
        let Some(guild) = home.guild.as_deref().and_then(|id| self.guild(id)) else { return 0 };
        let Some(member) = guild.members.iter().find(|member| member.id == user) else { return 0 };
        if guild.owner == user {
            return permission::ALL;
        }
        let is_held = |id: &str| id == guild.id || member.roles.iter().any(|role| role == id);
        let held = guild.roles.iter().filter(|role| is_held(&role.id));
        let mut bits = held.fold(0, |bits, role| bits | role.permissions);
        if bits & permission::ADMINISTRATOR != 0 {
            return permission::ALL;
        }
        let steps: [&dyn Fn(&super::Overwrite) -> bool; 3] = [
            &|over| !over.is_member && over.id == guild.id,
            &|over| !over.is_member && over.id != guild.id && is_held(&over.id),
            &|over| over.is_member && over.id == user,
        ];
        for applies in steps {
            let (allow, deny) = home
                .overwrites
                .iter()
                .filter(|over| applies(over))
                .fold((0, 0), |(allow, deny), over| (allow | over.allow, deny | over.deny));
            bits = (bits & !deny) | allow;
        }
        if let Some(thread) = channel.thread()
            && thread.is_private
            && bits & permission::MANAGE_THREADS == 0
            && !thread.members.iter().any(|member| member == user)
        {
            bits &= !permission::VIEW_CHANNEL;
        }
        if bits & permission::VIEW_CHANNEL == 0 { 0 } else { bits }
    }

    pub(crate) fn may(&self, user: &str, channel: &Channel, wanted: u64) -> bool {
        self.permissions(user, channel) & wanted == wanted
    }

    /// The direct message between `user` and the app, which is created on first use.
    pub(crate) fn direct(&mut self, user: &str, now: DateTime<Utc>) -> String {
        let kind = ChannelKind::Direct(user.to_owned());
        if let Some(known) = self.channels.iter().find(|channel| channel.kind == kind) {
            return known.id.clone();
        }
        let id = self.next_id(now);
        self.channels.push(Channel { kind, ..Channel::new(&id, "") });
        id
    }

    /// The app's own message with this nonce, from the last minutes.
    pub(crate) fn with_nonce(
        &self,
        channel: &str,
        nonce: &Value,
        now: DateTime<Utc>,
    ) -> Option<&Message> {
        self.newest_with_nonce(&self.messages, channel, nonce, now)
    }

    /// Whether the app's own message with this nonce was deleted. It is deliberately not created
    /// again: https://github.com/discord/discord-api-docs/pull/6647
    pub(crate) fn is_nonce_of_deleted(
        &self,
        channel: &str,
        nonce: &Value,
        now: DateTime<Utc>,
    ) -> bool {
        self.newest_with_nonce(&self.deleted, channel, nonce, now).is_some()
    }

    fn newest_with_nonce<'a>(
        &self,
        messages: &'a [Message],
        channel: &str,
        nonce: &Value,
        now: DateTime<Utc>,
    ) -> Option<&'a Message> {
        let since = now - TimeDelta::minutes(NONCE_MINUTES);
        let recent = messages.iter().rev().filter(|message| message.at >= since);
        let mut own = recent.filter(|one| one.channel == channel && one.author == self.app.id);
        own.find(|message| message.nonce.as_ref() == Some(nonce))
    }

    /// Posts a message, notifies the gateway, and returns the id.
    pub(crate) fn post(&mut self, now: DateTime<Utc>, mut message: Message) -> String {
        if message.id.is_empty() {
            message.id = self.next_id(now);
        }
        message.components = super::message::with_ids(&message.components);
        let id = message.id.clone();
        let place = message.channel.clone();
        let is_ephemeral = message.only_for.is_some();
        self.messages.push(message);
        if !is_ephemeral {
            if let Some(thread) = self.channel_mut(&place).and_then(Channel::thread_mut) {
                thread.active_at = now;
            }
            self.dispatch_message("MESSAGE_CREATE", &place, &id);
        }
        id
    }

    /// Edits a message, keeps the previous content, and notifies the gateway.
    pub(crate) fn edit(
        &mut self,
        now: DateTime<Utc>,
        (channel, id): (&str, &str),
        change: impl FnOnce(&mut Message),
    ) -> Option<Message> {
        let message = self.message_mut(channel, id)?;
        let before = message.version();
        let was_loading = message.is_loading();
        change(message);
        message.components = super::message::with_ids(&message.components);
        if !was_loading {
            message.past.push(before);
            message.edited = Some(now);
        }
        let edited = message.clone();
        if edited.only_for.is_none() {
            self.dispatch_message("MESSAGE_UPDATE", channel, id);
        }
        Some(edited)
    }

    /// Deletes a message, and notifies the gateway.
    pub(crate) fn remove(&mut self, channel: &str, id: &str) {
        let Some(at) = self.messages.iter().position(|one| one.id == id && one.channel == channel)
        else {
            return;
        };
        let message = self.messages.remove(at);
        if message.only_for.is_some() {
            return;
        }
        self.deleted.extend(message.nonce.is_some().then_some(message));
        let guild = self.channel(channel).and_then(|channel| channel.guild.clone());
        let wanted = if guild.is_some() { intent::GUILD_MESSAGES } else { intent::DIRECT_MESSAGES };
        let payload = json!({ "id": id, "channel_id": channel, "guild_id": guild });
        self.gateway.dispatch(wanted, "MESSAGE_DELETE", |_| payload.clone());
    }

    fn dispatch_message(&mut self, event: &'static str, channel: &str, id: &str) {
        let Some(message) = self.message(channel, id) else { return };
        let Some(place) = self.channel(channel) else { return };
        let wanted = match place.kind {
            ChannelKind::Direct(_) => intent::DIRECT_MESSAGES,
            ChannelKind::Text | ChannelKind::Thread(_) => intent::GUILD_MESSAGES,
        };
        let is_own = message.author == self.app.id;
        let is_direct = matches!(place.kind, ChannelKind::Direct(_));
        let mentions_us = message.content.contains(&format!("<@{}>", self.app.id));
        let whole = json::message_event(self, message);
        let mut stripped = whole.clone();
        if !(is_own || is_direct || mentions_us) {
            stripped["content"] = Value::from("");
            for name in ["embeds", "components", "attachments"] {
                stripped[name] = Value::Array(Vec::new());
            }
        }
        self.gateway.dispatch(wanted, event, |intents| {
            let sees_all = intents & intent::MESSAGE_CONTENT != 0;
            if sees_all { whole.clone() } else { stripped.clone() }
        });
    }

    /// Archives inactive threads, and notifies the gateway.
    pub(crate) fn settle(&mut self, now: DateTime<Utc>) {
        let silent: Vec<String> = self
            .channels
            .iter()
            .filter(|one| one.thread().is_some_and(|it| !it.archived && it.is_archived(now)))
            .map(|channel| channel.id.clone())
            .collect();
        for id in silent {
            if let Some(thread) = self.channel_mut(&id).and_then(Channel::thread_mut) {
                thread.archived = true;
            }
            self.dispatch_channel("THREAD_UPDATE", &id);
        }
    }

    pub(crate) fn dispatch_channel(&mut self, event: &'static str, id: &str) {
        let Some(channel) = self.channel(id) else { return };
        let shown = json::channel(self, channel);
        self.gateway.dispatch(intent::GUILDS, event, |_| shown.clone());
    }
}
