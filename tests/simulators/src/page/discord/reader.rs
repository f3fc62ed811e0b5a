//! What a reader in Discord needs: names, and the time.

use chrono::{DateTime, FixedOffset, Utc};
use maud::{Markup, html};

use crate::discord::{Channel, Guild, Member};

pub(super) struct Reader {
    guilds: Vec<Guild>,
    channels: Vec<Channel>,
    pub(super) me: String,
    pub(super) now: DateTime<Utc>,
    pub(super) zone: FixedOffset,
}

impl Reader {
    pub(super) fn new(
        guilds: &[Guild],
        channels: &[Channel],
        me: &str,
        now: DateTime<Utc>,
        zone: FixedOffset,
    ) -> Self {
        let (guilds, channels) = (guilds.to_vec(), channels.to_vec());
        Self { guilds, channels, me: me.to_owned(), now, zone }
    }

    pub(super) fn member(&self, id: &str) -> Option<&Member> {
        self.guilds.iter().flat_map(|guild| &guild.members).find(|member| member.id == id)
    }

    pub(super) fn guild(&self, id: &str) -> Option<&Guild> {
        self.guilds.iter().find(|guild| guild.id == id)
    }

    pub(super) fn name<'a>(&'a self, id: &'a str) -> &'a str {
        self.member(id).map_or(id, |member| member.display_name.as_str())
    }

    pub(super) fn mention(&self, id: &str) -> Markup {
        html! { span.mention.to-me[id == self.me] { "@" (self.name(id)) } }
    }

    pub(super) fn role(&self, id: &str) -> Markup {
        let role = self.guilds.iter().flat_map(|guild| &guild.roles).find(|role| role.id == id);
        let mine = self.member(&self.me).is_some_and(|me| me.roles.iter().any(|held| held == id));
        html! { span.mention.to-me[mine] { "@" (role.map_or(id, |role| role.name.as_str())) } }
    }

    pub(super) fn channel(&self, id: &str) -> Markup {
        let known = self.channels.iter().find(|channel| channel.id == id);
        html! { span.mention { "#" (known.map_or(id, |channel| channel.name.as_str())) } }
    }

    /// "Today at 22:14", in the form that Discord shows beside a name.
    pub(super) fn when(&self, at: DateTime<Utc>) -> String {
        let (local, now) = (at.with_timezone(&self.zone), self.now.with_timezone(&self.zone));
        match (now.date_naive() - local.date_naive()).num_days() {
            0 => local.format("Today at %H:%M").to_string(),
            1 => local.format("Yesterday at %H:%M").to_string(),
            _ => local.format("%d/%m/%Y %H:%M").to_string(),
        }
    }
}
