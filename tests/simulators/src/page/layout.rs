//! The whole page: who and where, the channel, and the pane beside it.

use maud::{DOCTYPE, Markup, html};

use super::kit::{self, Kit, whereabouts};
use super::mrkdwn::Reader;
use super::place::{HOME, Place};
use super::timeline::{Timeline, avatar};
use super::{Page, clock_bar, dates, modal};
use crate::slack::{Channel, Person};

pub(super) fn page(page: &Page, place: &Place) -> Markup {
    let workspace = &page.workspace;
    let people = workspace.people();
    let me = people.iter().find(|person| person.id == place.me).cloned();
    let reader = Reader {
        groups: workspace.groups(),
        channels: workspace.channels(),
        me: place.me.clone(),
        now: page.clock.now(),
        zone: dates::zone(me.as_ref().map_or(0, |person| person.tz_offset)),
        people,
    };
    let busy = workspace.waits_of(&place.me);
    let timeline = Timeline { workspace, reader: &reader, place, busy: &busy };
    let kit = Kit { reader: &reader, place, channel: "", ts: "", view: "", busy: &busy };
    let class = if place.thread.is_empty() { place.pane.as_str() } else { "thread" };
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (name_of(place, &reader)) " · sandbox" }
                link rel="icon" href="data:,";
                link rel="stylesheet" href="/page.css";
            }
            body class={ "shows-" (if class.is_empty() { "channel" } else { class }) } {
                a.skip href="#line" { "Skip to the message box" }
                header.top {
                    details.drawer data-fragment="drawer" {
                        summary { span aria-hidden="true" { "☰ " } (name_of(place, &reader)) }
                        (navigation(place, &reader))
                    }
                    (clock_bar::render(page, &reader, place))
                    (persona(place, &reader, me.as_ref()))
                }
                nav.side aria-label="Channels" data-fragment="side" { (navigation(place, &reader)) }
                main { (middle(page, place, &reader, &timeline, &kit)) }
                aside.pane aria-label="Details" {
                    @if place.thread.is_empty() {
                        div.pane-head { h2 { "Cloud" } a.back href=(place.with_pane("").link()) data-goes { "← Back" } }
                        div.pane-body data-fragment="aside" { ((page.aside)()) }
                    } @else { (thread(place, &timeline)) }
                }
                div data-fragment="modal" { (open_modal(page, place, &kit)) }
                script src="/page.js" {}
            }
        }
    }
}

fn name_of(place: &Place, reader: &Reader) -> String {
    match reader.channels.iter().find(|channel| channel.id == place.at) {
        Some(channel) if channel.is_im => app_name(reader),
        Some(channel) => format!("# {}", channel.name),
        None => format!("{} Home", app_name(reader)),
    }
}

fn app_name(reader: &Reader) -> String {
    let bot = reader.people.iter().find(|person| person.is_bot);
    bot.map_or_else(|| "App".to_owned(), |person| person.real_name.clone())
}

fn navigation(place: &Place, reader: &Reader) -> Markup {
    let mine: Vec<&Channel> =
        reader.channels.iter().filter(|channel| channel.members.contains(&place.me)).collect();
    let current = |id: &str| (place.at == id).then_some("page");
    html! {
        h2 { "Channels" }
        ul {
            @for channel in mine.iter().filter(|channel| !channel.is_im) {
                li { a href=(place.to(&channel.id).link()) aria-current=[current(&channel.id)] { "# " (channel.name) } }
            }
        }
        h2 { "Apps" }
        ul {
            @for channel in mine.iter().filter(|channel| channel.is_im) {
                li { a href=(place.to(&channel.id).link()) aria-current=[current(&channel.id)] { (app_name(reader)) " · messages" } }
            }
            li {
                form method="post" action="/do/home" data-full {
                    (whereabouts(&place.to(HOME)))
                    button aria-current=[current(HOME)] { (app_name(reader)) " · home" }
                }
            }
        }
        div.only-narrow {
            h2 { "World" }
            ul { li { a href=(place.with_pane("aside").link()) { "Cloud" } } }
        }
    }
}

fn persona(place: &Place, reader: &Reader, me: Option<&Person>) -> Markup {
    html! {
        form.persona method="get" action="/" {
            (avatar(me))
            label {
                span { "You are" }
                select name="me" data-sends {
                    @for person in reader.people.iter().filter(|person| !person.is_bot) {
                        option value=(person.id) selected[person.id == place.me] { (person.real_name) }
                    }
                }
            }
            input type="hidden" name="at" value=(place.at);
            noscript { button.button { "Switch" } }
        }
    }
}

fn middle(
    page: &Page,
    place: &Place,
    reader: &Reader,
    timeline: &Timeline<'_>,
    kit: &Kit<'_>,
) -> Markup {
    html! {
        div.channel-head {
            h1 { (name_of(place, reader)) }
            a.to-cloud href=(place.with_pane("aside").link()) { "Cloud" }
        }
        @if place.at == HOME {
            div.timeline.home data-fragment="home" {
                @match page.workspace.home(&place.me) {
                    Some(view) => {
                        @let kit = Kit { view: &view.id, ..*kit };
                        (kit::blocks(&kit, view.blocks()))
                    }
                    None => { p.empty { "Nothing has been published here yet." } }
                }
            }
        } @else {
            div.timeline data-fragment="channel" data-keyed data-follows tabindex="0" aria-label="Messages" {
                (timeline.channel(&place.at))
            }
            (composer(page, place))
        }
    }
}

/// The box to type into.
fn composer(page: &Page, place: &Place) -> Markup {
    // What is typed here stands in the channel, whatever thread is open beside it.
    let here = place.with_thread("");
    let commands = page.workspace.commands();
    let hint = commands.first().map(|command| format!("{} {}", command.name, command.usage_hint));
    let busy = page.workspace.waits_of(&place.me);
    let waits = busy.iter().any(|busy| busy.starts_with('/'));
    html! {
        form.composer method="post" action="/do/say" data-clears {
            (whereabouts(&here))
            input id="line" name="line" list="commands" placeholder=(hint.unwrap_or_default()) aria-label="Command or message"
                autocomplete="off" spellcheck="false" enterkeyhint="send";
            datalist id="commands" {
                @for command in &commands { option value={ (command.name) " " } { (command.description) } }
            }
            button.button.primary { "Send" }
            p.waits data-fragment="waits" role="status" {
                @if waits { i.spinner aria-hidden="true" {} " waiting for the app" }
            }
        }
    }
}

fn thread(place: &Place, timeline: &Timeline<'_>) -> Markup {
    let page = timeline.workspace;
    html! {
        div.pane-head {
            h2 { "Thread" }
            a.back href=(place.with_thread("").link()) data-goes aria-label="Close the thread" { span.wide { "✕" } span.narrow { "← Back" } }
        }
        div.pane-body.timeline data-fragment={ "thread" (place.thread) } data-keyed data-follows tabindex="0" aria-label="Replies" {
            (timeline.thread(&place.at, &place.thread))
        }
        form.composer method="post" action="/do/say" data-clears {
            (whereabouts(place))
            input id="thread-line" name="line" placeholder="Reply…" aria-label="Reply" autocomplete="off" enterkeyhint="send";
            button.button.primary { "Send" }
        }
        @if page.message(&place.at, &place.thread).is_none() { p.empty { "The message is gone." } }
    }
}

fn open_modal(page: &Page, place: &Place, kit: &Kit<'_>) -> Markup {
    let open = page.workspace.open_views(&place.me);
    let Some(view) = open.last() else { return html! {} };
    let kit = Kit { view: &view.id, ..*kit };
    modal::render(&kit, view)
}
