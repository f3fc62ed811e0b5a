//! The layout of the whole page: person and location, Slack, Discord beside it, and the panels
//! beside both.

use maud::{DOCTYPE, Markup, html};

use super::block_kit::{self, BlockContext, hidden_location};
use super::location::{HOME, Location};
use super::mrkdwn::Reader;
use super::timeline::{Timeline, avatar};
use super::{Page, SLACK, clock_bar, dates, modal};
use crate::slack::{Channel, Person};

pub(super) fn page(page: &Page, location: &Location) -> Markup {
    let workspace = &page.workspace;
    let people = workspace.people();
    let me = people.iter().find(|person| person.id == location.me).cloned();
    let reader = Reader {
        groups: workspace.groups(),
        channels: workspace.channels(),
        me: location.me.clone(),
        now: page.clock.now(),
        zone: dates::zone(me.as_ref().map_or(0, |person| person.tz_offset)),
        people,
    };
    let busy = workspace.waits_of(&location.me);
    let timeline = Timeline { workspace, reader: &reader, location, busy: &busy };
    let context =
        BlockContext { reader: &reader, location, channel: "", ts: "", view: "", busy: &busy };
    let pane = if location.pane.is_empty() { "none" } else { "aside" };
    let platforms = if page.discord.is_some() { "two" } else { "one" };
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (name_of(location, &reader)) " · sandbox" }
                link rel="icon" href="data:,";
                link rel="stylesheet" href="/page.css";
            }
            body class={ "shows-" (pane) " has-" (platforms) } {
                a.skip href="#line" { "Skip to the message box of Slack" }
                @if page.discord.is_some() { a.skip href="#discord-line" { "Skip to the message box of Discord" } }
                header.top {
                    (clock_bar::render(page, &reader, location))
                    nav.jumps aria-label="Parts of the page" {
                        a href="#slack" { "Slack" }
                        @if page.discord.is_some() { a href="#discord" { "Discord" } }
                        a.to-cloud href=(location.with_pane(if pane == "none" { "aside" } else { "" }).link())
                            aria-expanded=(pane == "aside") { "Cloud" }
                    }
                    (persona(location, &reader, me.as_ref()))
                }
                main.platforms {
                    section.platform.slack #slack aria-labelledby="slack-name" {
                        (slack(page, location, &reader, &timeline, &context))
                    }
                    @if let Some(discord) = &page.discord {
                        (super::discord::column(page, discord, location, page.discord_member(&location.me).as_ref(), reader.zone))
                    }
                }
                aside.pane aria-label="Cloud" {
                    div.pane-head {
                        h2 { "Cloud" }
                        a.back href=(location.with_pane("").link()) aria-label="Close the cloud" { "✕" }
                    }
                    div.pane-body data-fragment="aside" { ((page.aside)()) }
                }
                div data-fragment="modal" { (open_modal(page, location, &context)) }
                script src="/page.js" {}
            }
        }
    }
}

fn name_of(location: &Location, reader: &Reader) -> String {
    match reader.channels.iter().find(|channel| channel.id == location.at) {
        Some(channel) if channel.is_im => app_name(reader),
        Some(channel) => format!("# {}", channel.name),
        None => format!("{} Home", app_name(reader)),
    }
}

fn app_name(reader: &Reader) -> String {
    let bot = reader.people.iter().find(|person| person.is_bot);
    bot.map_or_else(|| "App".to_owned(), |person| person.real_name.clone())
}

fn navigation(location: &Location, reader: &Reader) -> Markup {
    let mine = reader.channels.iter().filter(|channel| channel.members.contains(&location.me));
    let (direct, channels): (Vec<&Channel>, Vec<&Channel>) =
        mine.partition(|channel| channel.is_im);
    let current = |id: &str| (location.at == id).then_some("page");
    html! {
        @for channel in channels {
            a href=(location.to(&channel.id).link()) aria-current=[current(&channel.id)] { "# " (channel.name) }
        }
        @for channel in direct {
            a href=(location.to(&channel.id).link()) aria-current=[current(&channel.id)] { "Messages" }
        }
        form method="post" action="/do/home" data-full {
            (hidden_location(&location.to(HOME)))
            button aria-current=[current(HOME)] { "Home" }
        }
    }
}

fn persona(location: &Location, reader: &Reader, me: Option<&Person>) -> Markup {
    html! {
        form.persona method="get" action="/" {
            (avatar(me))
            label {
                span { "You are" }
                select name="me" data-sends {
                    @for person in reader.people.iter().filter(|person| !person.is_bot) {
                        option value=(person.id) selected[person.id == location.me] {
                            (person.real_name) @if !person.title.is_empty() { ", " (person.title) }
                        }
                    }
                }
            }
            @for (name, value) in location.pairs().filter(|(name, _)| *name != "me") {
                input type="hidden" name=(name) value=(value);
            }
            noscript { button.button { "Switch" } }
        }
    }
}

/// Slack's column: a channel, a thread in it, or the App Home.
fn slack(
    page: &Page,
    location: &Location,
    reader: &Reader,
    timeline: &Timeline<'_>,
    context: &BlockContext<'_>,
) -> Markup {
    html! {
        div.channel-head {
            h2 #slack-name { "Slack" }
            nav.channel-links aria-label="Slack channels" data-fragment="side" { (navigation(location, reader)) }
        }
        @if location.at == HOME {
            div.timeline.home data-fragment="home" tabindex="0" role="region" aria-label="App Home" {
                @match page.workspace.home(&location.me) {
                    Some(view) => {
                        @let context = BlockContext { view: &view.id, ..*context };
                        (block_kit::blocks(&context, view.blocks()))
                    }
                    None => { p.empty { "Nothing has been published here yet." } }
                }
            }
        } @else if location.thread.is_empty() {
            div.timeline data-fragment="channel" data-keyed data-follows tabindex="0" role="region" aria-label="Slack messages" {
                (timeline.channel(&location.at))
            }
            (composer(page, location))
        } @else {
            (thread(page, location, timeline))
        }
    }
}

/// The text box.
fn composer(page: &Page, location: &Location) -> Markup {
    let commands = page.workspace.commands();
    let hint = commands.first().map(|command| format!("{} {}", command.name, command.usage_hint));
    let busy = page.workspace.waits_of(&location.me);
    let waits = busy.iter().any(|busy| busy.starts_with('/'));
    html! {
        form.composer method="post" action="/do/say" data-clears {
            (hidden_location(location))
            input id="line" name="line" list="commands" placeholder=(hint.unwrap_or_default()) aria-label="Command or message"
                autocomplete="off" spellcheck="false" enterkeyhint="send";
            datalist id="commands" {
                @for command in &commands { option value={ (command.name) " " } { (command.description) } }
            }
            button.button.primary { "Send" }
            p.waits data-fragment="waits" role="status" {
                @if waits { i.spinner aria-hidden="true" {} " waiting for the app" }
                (trouble(page, location))
            }
        }
    }
}

/// Why the last action here failed.
fn trouble(page: &Page, location: &Location) -> Markup {
    html! {
        @if let Some(trouble) = page.trouble(&location.me, SLACK) { span.trouble-line { "⚠️ " (trouble) } }
    }
}

fn thread(page: &Page, location: &Location, timeline: &Timeline<'_>) -> Markup {
    html! {
        div.thread-head {
            h3 { "Thread" }
            a.back href=(location.with_thread("").link()) aria-label="Close the Slack thread" { "✕" }
        }
        div.timeline data-fragment={ "thread" (location.thread) } data-keyed data-follows tabindex="0" role="region" aria-label="Replies" {
            (timeline.thread(&location.at, &location.thread))
        }
        @if page.workspace.message(&location.at, &location.thread).is_none() { p.empty { "The message is gone." } }
        form.composer method="post" action="/do/say" data-clears {
            (hidden_location(location))
            input id="line" name="line" placeholder="Reply…" aria-label="Reply in Slack" autocomplete="off" enterkeyhint="send";
            button.button.primary { "Send" }
            p.waits data-fragment="waits" role="status" { (trouble(page, location)) }
        }
    }
}

fn open_modal(page: &Page, location: &Location, context: &BlockContext<'_>) -> Markup {
    let open = page.workspace.open_views(&location.me);
    let Some(view) = open.last() else { return html! {} };
    let context = BlockContext { view: &view.id, ..*context };
    modal::render(&context, view)
}
