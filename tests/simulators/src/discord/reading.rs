//! What people and tests can see.

use std::time::Duration;

use serde_json::Value;

use super::guild::{Channel, permission};
use super::interaction::Modal;
use super::message::{Message, flat};
use super::record::Call;
use super::{Discord, Guild};

/// How long [`Discord::until`] waits in real time before it gives up.
const PATIENCE: Duration = Duration::from_secs(20);

impl Discord {
    /// The guilds with their roles and members.
    pub fn guilds(&self) -> Vec<Guild> {
        self.look().guilds.clone()
    }

    /// Channels, threads and direct messages.
    pub fn channels(&self) -> Vec<Channel> {
        self.look().channels.clone()
    }

    /// Channels and threads that this person sees.
    pub fn channels_of(&self, user: &str) -> Vec<Channel> {
        let world = self.look();
        let all = world.channels.iter();
        all.filter(|channel| world.may(user, channel, permission::VIEW_CHANNEL)).cloned().collect()
    }

    /// The threads under a channel.
    pub fn threads(&self, parent: &str) -> Vec<Channel> {
        let world = self.look();
        let is_under = |one: &&Channel| one.thread().is_some_and(|it| it.parent == parent);
        world.channels.iter().filter(is_under).cloned().collect()
    }

    /// The direct message between the app and this person, if there is one.
    pub fn direct_messages(&self, user: &str) -> Vec<Message> {
        let kind = super::ChannelKind::Direct(user.to_owned());
        let found = self.channels().into_iter().find(|channel| channel.kind == kind);
        found.map(|channel| self.messages(&channel.id)).unwrap_or_default()
    }

    /// The messages that everybody can read in a channel or thread, the oldest first.
    pub fn messages(&self, channel: &str) -> Vec<Message> {
        let world = self.look();
        let all = world.messages.iter();
        all.filter(|one| one.channel == channel && one.only_for.is_none()).cloned().collect()
    }

    /// The messages that this person reads there, including ephemeral answers, the oldest first.
    pub fn seen_by(&self, user: &str, channel: &str) -> Vec<Message> {
        let world = self.look();
        let sees = world
            .channel(channel)
            .is_some_and(|known| world.may(user, known, permission::VIEW_CHANNEL));
        let all = world.messages.iter().filter(|one| sees && one.channel == channel);
        all.filter(|one| one.only_for.as_deref().is_none_or(|only| only == user)).cloned().collect()
    }

    /// The messages that only this person sees, in all channels, the oldest first.
    pub fn ephemerals(&self, user: &str) -> Vec<Message> {
        let world = self.look();
        let all = world.messages.iter();
        all.filter(|message| message.only_for.as_deref() == Some(user)).cloned().collect()
    }

    /// The current content of a message.
    pub fn message(&self, channel: &str, id: &str) -> Option<Message> {
        self.look().message(channel, id).cloned()
    }

    /// The modals on this person's screen.
    pub fn open_modals(&self, user: &str) -> Vec<Modal> {
        let world = self.look();
        world.modals.iter().filter(|modal| modal.user == user).cloned().collect()
    }

    /// The registered commands: for all guilds, or for one.
    pub fn commands(&self, guild: Option<&str>) -> Vec<Value> {
        let key = guild.map(str::to_owned);
        self.look().commands.get(&key).cloned().unwrap_or_default()
    }

    /// Every request to the REST API, the oldest first.
    pub fn calls(&self) -> Vec<Call> {
        self.look().calls.clone()
    }

    /// The ids of the interactions that were sent.
    pub fn interactions(&self) -> Vec<String> {
        self.look().interactions.keys().cloned().collect()
    }

    /// What the app did that no app should do. A test ends by checking that there is nothing.
    pub fn complaints(&self) -> Vec<String> {
        self.look().complaints.clone()
    }

    /// How many requests of the last ten minutes were refused with 401, 403 or 429.
    pub fn invalid_requests(&self) -> usize {
        self.look().rates.invalid_requests()
    }

    /// What this person waits for while a client shows a spinner: a command line, a modal's id, or
    /// a message's id with a custom id.
    pub fn waits_of(&self, user: &str) -> Vec<String> {
        let world = self.look();
        let mine = world.busy.iter().filter(|(who, _)| who == user);
        mine.map(|(_, what)| what.clone()).collect()
    }

    /// The type and the bytes of an attachment, by its id.
    pub fn file(&self, attachment: &str) -> Option<(String, Vec<u8>)> {
        self.look().files.get(attachment).cloned()
    }

    /// Calls `look` at once and after every change, until it finds something. Returns `None` after
    /// 20 s of real time.
    pub async fn until<T>(&self, mut look: impl FnMut(&Self) -> Option<T>) -> Option<T> {
        self.changes().until(PATIENCE, || look(self)).await
    }
}

/// What a person would read: text, embeds and components, one line each. Labels of buttons are in
/// brackets.
pub fn plain_text(message: &Message) -> String {
    let mut lines = Vec::new();
    let mut add = |text: Option<&Value>| {
        let text = text.and_then(Value::as_str).filter(|text| !text.is_empty());
        lines.extend(text.map(str::to_owned));
    };
    add(Some(&Value::from(message.content.clone())));
    for embed in &message.embeds {
        add(embed.get("author").and_then(|author| author.get("name")));
        add(embed.get("title"));
        add(embed.get("description"));
        for field in embed.get("fields").and_then(Value::as_array).into_iter().flatten() {
            add(field.get("name"));
            add(field.get("value"));
        }
        add(embed.get("footer").and_then(|footer| footer.get("text")));
    }
    for component in flat(&message.components) {
        match component.get("type").and_then(Value::as_u64) {
            Some(2) => {
                let label = component.get("label").and_then(Value::as_str).unwrap_or_default();
                add(Some(&Value::from(format!("[{label}]"))));
            }
            Some(10) => add(component.get("content")),
            _ => add(component.get("placeholder")),
        }
    }
    lines.join("\n")
}
