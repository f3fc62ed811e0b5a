//! Discord's column beside Slack: the same person, in the server where the app is a member.

mod autocomplete;
mod components;
mod embeds;
mod markdown;
mod reader;
mod timeline;

use chrono::FixedOffset;
use maud::{Markup, html};

use super::Page;
use super::block_kit::hidden_location;
use super::location::Location;
use crate::discord::{Channel, ChannelKind, Discord, Member, Modal};
pub(super) use autocomplete::{Offer, offers};
use reader::Reader;
use timeline::Timeline;

/// The member with this handle: on the page, one person is the same in Slack and in Discord.
pub(super) fn member(discord: &Discord, handle: &str) -> Option<Member> {
    let members = discord.guilds().into_iter().flat_map(|guild| guild.members);
    members.into_iter().find(|member| member.name == handle && !member.is_bot)
}

/// The whole column.
pub(super) fn column(
    page: &Page,
    discord: &Discord,
    location: &Location,
    me: Option<&Member>,
    zone: FixedOffset,
) -> Markup {
    html! {
        section.platform.discord #discord aria-labelledby="discord-name" {
            @match me {
                Some(me) => { (of_member(page, discord, location, me, zone)) }
                None => {
                    div.channel-head { h2 #discord-name { "Discord" } }
                    p.empty { "This person is not in the server." }
                }
            }
        }
    }
}

fn of_member(
    page: &Page,
    discord: &Discord,
    location: &Location,
    me: &Member,
    zone: FixedOffset,
) -> Markup {
    let channels = discord.channels_of(&me.id);
    let reader = Reader::new(&discord.guilds(), &channels, &me.id, page.clock.now(), zone);
    let busy = discord.waits_of(&me.id);
    let timeline = Timeline { discord, reader: &reader, location, busy: &busy };
    let here = channels.iter().find(|channel| channel.id == location.discord_channel);
    let guild = here.and_then(|channel| channel.guild.as_deref());
    let thread = channels.iter().find(|channel| channel.id == location.discord_thread);
    let shown = thread.map_or(location.discord_channel.as_str(), |thread| thread.id.as_str());
    let server = guild.and_then(|id| reader.guild(id)).map_or("", |guild| guild.name.as_str());
    html! {
        div.channel-head {
            h2 #discord-name { "Discord" span.server { (server) } }
            nav.channel-links aria-label="Discord channels" data-fragment="discord-channels" { (channel_links(location, &channels)) }
        }
        @if let Some(thread) = thread {
            div.thread-head {
                h3 { "Thread: " (thread.name) }
                a.back href=(location.with_discord_thread("").link()) aria-label="Close the Discord thread" { "✕" }
            }
        }
        div.timeline data-fragment={ "d-" (shown) } data-keyed data-follows tabindex="0" role="region" aria-label="Discord messages" {
            (timeline.render(shown))
        }
        (composer(page, discord, location, me, guild, thread))
        div data-fragment="d-modal" {
            @if let Some(modal) = discord.open_modals(&me.id).last() { (dialog(location, modal)) }
        }
    }
}

fn channel_links(location: &Location, channels: &[Channel]) -> Markup {
    html! {
        @for channel in channels.iter().filter(|channel| channel.thread().is_none()) {
            @let current = (location.discord_channel == channel.id).then_some("page");
            a href=(location.to_discord_channel(&channel.id).link()) aria-current=[current] {
                @match channel.kind {
                    ChannelKind::Direct(_) => { "@ app" }
                    ChannelKind::Text | ChannelKind::Thread(_) => { "# " (channel.name) }
                }
            }
        }
    }
}

/// The text box, with the suggestions above it.
fn composer(
    page: &Page,
    discord: &Discord,
    location: &Location,
    me: &Member,
    guild: Option<&str>,
    thread: Option<&Channel>,
) -> Markup {
    let hint = match thread {
        Some(thread) => format!("Message \"{}\"", thread.name),
        None => {
            let all = autocomplete::commands(discord, guild);
            let first = all.first().map(|command| super::fields::word(command, "name").to_owned());
            first.map_or_else(|| "Message".to_owned(), |name| format!("Message, or /{name} …"))
        }
    };
    let waits = discord.waits_of(&me.id).iter().any(|what| what.starts_with('/'));
    let trouble = page.trouble(&location.me, super::DISCORD);
    html! {
        form.composer method="post" action="/do/discord-say" data-clears {
            (hidden_location(location))
            div.offering {
                ul #offers role="listbox" aria-label="Commands and options" hidden {}
                input #discord-line name="line" placeholder=(hint) aria-label="Discord command or message" autocomplete="off"
                    spellcheck="false" enterkeyhint="send" role="combobox" aria-expanded="false" aria-controls="offers"
                    aria-autocomplete="list" data-offers;
            }
            button.button.blurple { "Send" }
            p.waits data-fragment="d-waits" role="status" {
                @if waits { i.spinner aria-hidden="true" {} " waiting for the app" }
                @if let Some(trouble) = trouble { span.trouble-line { "⚠️ " (trouble) } }
            }
        }
    }
}

fn dialog(location: &Location, modal: &Modal) -> Markup {
    let hidden = html! {
        (hidden_location(location))
        input type="hidden" name="modal" value=(modal.id);
    };
    html! {
        dialog.modal.of-discord open data-modal aria-labelledby="discord-title" {
            header {
                h2 #discord-title { (modal.title) }
                form method="post" action="/do/discord-close" data-closes {
                    (hidden)
                    button.plain aria-label="Close" { span aria-hidden="true" { "✕" } }
                }
            }
            div.modal-body { (components::inputs(&modal.components, "discord-form")) }
            footer {
                form method="post" action="/do/discord-close" { (hidden) button.button { "Cancel" } }
                form #discord-form method="post" action="/do/discord-submit" {
                    (hidden)
                    button.button.blurple { "Submit" }
                }
            }
        }
    }
}
