//! Renders the messages of Discord, one below the other.

use maud::{Markup, html};
use serde_json::Value;

use super::super::fields::word;
use super::super::location::Location;
use super::components::{self, Panel};
use super::reader::Reader;
use super::{embeds, markdown};
use crate::discord::{Channel, Discord, Message};

/// What all messages of the column share.
pub(super) struct Timeline<'a> {
    pub(super) discord: &'a Discord,
    pub(super) reader: &'a Reader,
    pub(super) location: &'a Location,
    pub(super) busy: &'a [String],
}

/// Seconds within which a person's next message appears without the name.
const TOGETHER: i64 = 420;

impl Timeline<'_> {
    /// The messages that this person reads in a channel or a thread.
    pub(super) fn render(&self, channel: &str) -> Markup {
        let all = self.discord.seen_by(&self.reader.me, channel);
        let threads = self.discord.threads(channel);
        let mut last: Option<(String, bool, i64)> = None;
        let rows: Vec<Markup> = all
            .iter()
            .map(|message| {
                let key = (message.author.clone(), message.only_for.is_some());
                let at = message.at.timestamp();
                let follows = message.interaction.is_none()
                    && last.as_ref().is_some_and(|(author, private, since)| {
                        (author, *private) == (&key.0, key.1) && at - since < TOGETHER
                    });
                last = Some((key.0, key.1, at));
                let thread = threads.iter().find(|thread| thread.id == message.id);
                self.message(message, follows, thread)
            })
            .collect();
        html! { @for row in rows { (row) } }
    }

    fn message(&self, message: &Message, follows: bool, thread: Option<&Channel>) -> Markup {
        // A thread begins with the message from which it was started.
        if message.kind == 21 {
            let reference = message.reference.as_ref().unwrap_or(&Value::Null);
            let (channel, id) = (word(reference, "channel_id"), word(reference, "message_id"));
            return match self.discord.message(channel, id) {
                Some(first) => html! {
                    (self.message(&first, false, None))
                    div.day id={ "g-day-" (message.id) } { span { "Thread" } }
                },
                None => html! {},
            };
        }
        let panel =
            Panel { reader: self.reader, location: self.location, message, busy: self.busy };
        let author = self.reader.member(&message.author);
        let is_app = author.is_none_or(|author| author.is_bot);
        let is_private = message.only_for.is_some();
        html! {
            article.message.follows[follows].private[is_private] id={ "g-" (message.id) } {
                div.gutter aria-hidden="true" {
                    @if follows { time { (message.at.with_timezone(&self.reader.zone).format("%H:%M")) } }
                    @else { (avatar(self.reader.name(&message.author), is_app)) }
                }
                div.body {
                    (self.cause(message))
                    @if !follows {
                        p.who {
                            b { (self.reader.name(&message.author)) }
                            @if is_app { span.badge { "APP" } }
                            time { (self.reader.when(message.at)) }
                        }
                    }
                    @if message.is_loading() {
                        p.thinking { i.spinner aria-hidden="true" {} " " (self.reader.name(&message.author)) " is thinking…" }
                    }
                    @if !message.content.is_empty() {
                        div.text { (markdown::render(self.reader, &message.content)) }
                    }
                    (embeds::render(self.reader, &message.embeds, &message.attachments))
                    (components::render(&panel, &message.components))
                    @if message.edited.is_some() { span.edited { "(edited)" } }
                    @if is_private { p.only-you { "👁 Only you can see this" } }
                    @if let Some(thread) = thread { (self.thread_link(thread)) }
                }
            }
        }
    }

    /// "Hana used a command", above the answer to it.
    fn cause(&self, message: &Message) -> Markup {
        let Some(note) = &message.interaction else { return html! {} };
        let who = note.get("user").map_or("", |user| word(user, "id"));
        let what = match note.get("type").and_then(Value::as_u64) {
            Some(2) => "used a command",
            Some(3) => "pressed a button",
            _ => return html! {},
        };
        html! { p.cause { span aria-hidden="true" { "↱ " } b { (self.reader.name(who)) } " " (what) } }
    }

    fn thread_link(&self, thread: &Channel) -> Markup {
        let lines = self.discord.messages(&thread.id);
        let said = lines.iter().filter(|line| line.kind != 21).count();
        let plural = if said == 1 { "Message" } else { "Messages" };
        html! {
            a.thread-box href=(self.location.with_discord_thread(&thread.id).link()) {
                b { (thread.name) }
                span { (said) " " (plural) " ›" }
            }
        }
    }
}

/// An avatar with the first letter of the name.
pub(super) fn avatar(name: &str, is_app: bool) -> Markup {
    const COLOURS: [&str; 4] = ["#a04a1a", "#1b6f50", "#7c4aa0", "#8a5a00"];
    let sum: usize = name.bytes().map(usize::from).sum();
    let colour = if is_app { "#4752c4" } else { COLOURS.get(sum % 4).copied().unwrap_or("#555") };
    let initial = name.chars().next().unwrap_or('?');
    html! { span.avatar style={ "background:" (colour) } { (initial) } }
}
