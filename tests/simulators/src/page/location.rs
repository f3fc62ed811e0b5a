//! The location of a person on the page, and who they are. All of it is in the address.

use serde::Deserialize;

use crate::discord::{Channel, ChannelKind, Discord, Member};
use crate::slack::Workspace;

/// The parsed query of the page.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Location {
    #[serde(default)]
    pub(super) me: String,
    #[serde(default)]
    pub(super) at: String,
    #[serde(default)]
    pub(super) thread: String,
    /// If there is no room for the panels, `aside` shows the cloud.
    #[serde(default)]
    pub(super) pane: String,
    /// The channel in Discord.
    #[serde(default)]
    pub(super) discord_channel: String,
    /// The thread in Discord.
    #[serde(default)]
    pub(super) discord_thread: String,
}

/// The value for the App Home in place of a channel.
pub(super) const HOME: &str = "home";

impl Location {
    /// Fills in what is missing: the first person, and their first channel.
    pub(super) fn settle(mut self, workspace: &Workspace) -> Self {
        let people = workspace.people();
        let mut humans = people.iter().filter(|person| !person.is_bot);
        if !humans.clone().any(|person| person.id == self.me) {
            self.me = humans.next().map(|person| person.id.clone()).unwrap_or_default();
        }
        let channels = workspace.channels();
        let mut mine = channels.iter().filter(|channel| channel.members.contains(&self.me));
        if self.at != HOME && !mine.clone().any(|channel| channel.id == self.at) {
            self.at = mine.next().map(|channel| channel.id.clone()).unwrap_or_default();
            self.thread.clear();
        }
        self
    }

    /// The same for Discord, where `me` is this person's member.
    pub(super) fn settle_discord(mut self, discord: &Discord, me: Option<&Member>) -> Self {
        let channels = me.map(|me| discord.channels_of(&me.id)).unwrap_or_default();
        let is_channel =
            |id: &str| channels.iter().any(|one| one.id == id && one.thread().is_none());
        if !is_channel(&self.discord_channel) {
            let first = channels.iter().find(|channel| channel.kind == ChannelKind::Text);
            self.discord_channel = first.map(|channel| channel.id.clone()).unwrap_or_default();
        }
        let thread = channels.iter().find(|channel| channel.id == self.discord_thread);
        if thread
            .and_then(Channel::thread)
            .is_none_or(|thread| thread.parent != self.discord_channel)
        {
            self.discord_thread.clear();
        }
        self
    }

    /// All of it as names and values, without empty ones.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [
            ("me", &self.me),
            ("at", &self.at),
            ("thread", &self.thread),
            ("pane", &self.pane),
            ("discord_channel", &self.discord_channel),
            ("discord_thread", &self.discord_thread),
        ];
        all.into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name, value.as_str()))
    }

    pub(super) fn link(&self) -> String {
        // Ids only; anything else that somebody wrote into the address stays unchanged.
        let sound = |sign: char| sign.is_ascii_alphanumeric() || ".-_".contains(sign);
        let pairs = self.pairs().map(|(name, value)| {
            let value: String = value.chars().filter(|&sign| sound(sign)).collect();
            format!("{name}={value}")
        });
        format!("/?{}", pairs.collect::<Vec<_>>().join("&"))
    }

    /// Another location in Slack.
    pub(super) fn to(&self, at: &str) -> Self {
        Self { at: at.to_owned(), thread: String::new(), ..self.clone() }
    }

    pub(super) fn with_thread(&self, thread: &str) -> Self {
        Self { thread: thread.to_owned(), ..self.clone() }
    }

    pub(super) fn with_pane(&self, pane: &str) -> Self {
        Self { pane: pane.to_owned(), ..self.clone() }
    }

    /// Another channel in Discord.
    pub(super) fn to_discord_channel(&self, channel: &str) -> Self {
        Self { discord_channel: channel.to_owned(), discord_thread: String::new(), ..self.clone() }
    }

    /// A thread in Discord, or none.
    pub(super) fn with_discord_thread(&self, thread: &str) -> Self {
        Self { discord_thread: thread.to_owned(), ..self.clone() }
    }
}
