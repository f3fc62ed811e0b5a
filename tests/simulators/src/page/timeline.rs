//! Renders the messages of Slack, one below the other.

use maud::{Markup, html};

use super::block_kit::{self, BlockContext};
use super::location::Location;
use super::mrkdwn::{self, Reader};
use super::{dates, emoji};
use crate::slack::{Message, Person, Workspace};

/// What all messages on a page share.
pub(super) struct Timeline<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) reader: &'a Reader,
    pub(super) location: &'a Location,
    pub(super) busy: &'a [String],
}

impl Timeline<'_> {
    /// The channel itself, with the messages that only this person sees.
    pub(super) fn channel(&self, channel: &str) -> Markup {
        let mut all = self.workspace.messages(channel);
        let mine = self.workspace.ephemerals(&self.location.me);
        all.extend(mine.into_iter().filter(|m| m.channel == channel && m.thread_ts.is_none()));
        all.sort_by(|a, b| a.ts.cmp(&b.ts));
        self.list(&all, true)
    }

    /// A thread below its first message.
    pub(super) fn thread(&self, channel: &str, ts: &str) -> Markup {
        let mut replies = self.workspace.thread(channel, ts);
        let mine = self.workspace.ephemerals(&self.location.me);
        replies.extend(
            mine.into_iter().filter(|m| m.channel == channel && m.thread_ts.as_deref() == Some(ts)),
        );
        replies.sort_by(|a, b| a.ts.cmp(&b.ts));
        let root: Vec<Message> = self.workspace.message(channel, ts).into_iter().collect();
        let plural = if replies.len() == 1 { "reply" } else { "replies" };
        html! {
            (self.list(&root, false))
            div.replies id="t-count" { span { (replies.len()) " " (plural) } }
            (self.list(&replies, false))
        }
    }

    fn list(&self, all: &[Message], in_channel: bool) -> Markup {
        let mut day = String::new();
        let mut author: Option<(String, bool, i64)> = None;
        let rows = all.iter().map(|message| {
            let at = dates::of_ts(&message.ts).unwrap_or(self.reader.now);
            let local = at.with_timezone(&self.reader.zone);
            let today = local.format("%A, %B %-d, %Y").to_string();
            let new_day = in_channel && today != day;
            day.clone_from(&today);
            // A person's next message within five minutes appears without the name.
            let is_private = message.only_for.is_some();
            let follows = !new_day
                && author.as_ref().is_some_and(|(user, private, since)| {
                    *user == message.user && *private == is_private && at.timestamp() - since < 300
                });
            author = Some((message.user.clone(), is_private, at.timestamp()));
            html! {
                @if new_day { div.day id={ "d-" (message.ts) } { span { (today) } } }
                (self.message(message, follows, in_channel, &local.format("%H:%M").to_string()))
            }
        });
        let rows: Vec<Markup> = rows.collect();
        html! { @for row in rows { (row) } }
    }

    fn message(&self, message: &Message, follows: bool, in_channel: bool, at: &str) -> Markup {
        let context = BlockContext {
            reader: self.reader,
            location: self.location,
            channel: &message.channel,
            ts: &message.ts,
            view: "",
            busy: self.busy,
        };
        let author = self.reader.people.iter().find(|person| person.id == message.user);
        let pane = if in_channel { "c" } else { "t" };
        html! {
            article.message.follows[follows].private[message.only_for.is_some()] id={ (pane) "-" (message.ts) } {
                div.gutter aria-hidden="true" {
                    @if follows { time { (at) } } @else { (avatar(author)) }
                }
                div.body {
                    @if message.only_for.is_some() { p.only-you { "👁 Only visible to you" } }
                    @if !follows {
                        p.who {
                            b { (author.map_or("Slackbot", |person| person.real_name.as_str())) }
                            @if author.is_none_or(|person| person.is_bot) { span.badge { "APP" } }
                            time { (at) }
                        }
                    }
                    @if message.blocks.is_empty() {
                        div.text { (mrkdwn::render(self.reader, &message.text)) }
                    } @else {
                        (block_kit::blocks(&context, &message.blocks))
                    }
                    @if message.edited.is_some() { span.edited { "(edited)" } }
                    (reactions(message))
                    @if in_channel { (self.replies_link(message)) }
                }
            }
        }
    }

    fn replies_link(&self, message: &Message) -> Markup {
        let replies = self.workspace.thread(&message.channel, &message.ts);
        let link = self.location.with_thread(&message.ts).link();
        let Some(last) = replies.last() else {
            let silent = message.only_for.is_some();
            return html! {
                @if !silent { a.reply-hint href=(link) data-goes { "Reply in thread" } }
            };
        };
        let at = dates::of_ts(&last.ts).map(|at| at.with_timezone(&self.reader.zone));
        let at = at.map(|at| at.format("%H:%M").to_string()).unwrap_or_default();
        let mut people: Vec<&str> = replies.iter().map(|reply| reply.user.as_str()).collect();
        people.sort_unstable();
        people.dedup();
        let plural = if replies.len() == 1 { "reply" } else { "replies" };
        html! {
            a.thread-link href=(link) data-goes {
                span.faces aria-hidden="true" {
                    @for id in people.iter().take(4) {
                        (avatar(self.reader.people.iter().find(|person| person.id == *id)))
                    }
                }
                b { (replies.len()) " " (plural) }
                span { "Last reply " (at) }
            }
        }
    }
}

fn reactions(message: &Message) -> Markup {
    let mut names: Vec<&str> = message.reactions.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    html! {
        @if !names.is_empty() {
            p.reactions {
                @for name in names {
                    @let count = message.reactions.iter().filter(|(known, _)| known == name).count();
                    span { (emoji::replace(&format!(":{name}:"))) " " (count) }
                }
            }
        }
    }
}

pub(super) fn avatar(person: Option<&Person>) -> Markup {
    let colour = person.map_or("#5b5b5f", |person| person.colour.as_str());
    let initial = person.and_then(|person| person.real_name.chars().next()).unwrap_or('S');
    let is_bot = person.is_none_or(|person| person.is_bot);
    html! { span.avatar.bot[is_bot] style={ "background:" (colour) } { (initial) } }
}
