//! The page of the platforms: a person reads, types, presses buttons and advances time. Slack is on
//! the left, with Discord beside it if there is one.
//!
//! The page does not know any bot: it shows what the bot sent. It works without a script; with the
//! script, changed content is replaced in place while scroll position, focus and typed text stay.

mod actions;
mod block_kit;
mod charts;
mod clock_bar;
mod dates;
mod discord;
mod elements;
mod emoji;
mod fields;
mod layout;
mod live;
mod location;
mod markdown;
mod modal;
mod mrkdwn;
mod origin_guard;
mod rich_text;
mod tables;
mod timeline;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};

use crate::clock::Clock;
use crate::discord::{Discord, Member};
use crate::slack::Workspace;
use location::Location;

/// Renders the panels beside the channel, such as those about the cloud.
pub type SidePanel = Arc<dyn Fn() -> Markup + Send + Sync>;

/// The platforms, as [`Page::trouble`] names them.
const SLACK: &str = "slack";
const DISCORD: &str = "discord";

#[derive(Clone)]
struct Page {
    workspace: Workspace,
    discord: Option<Discord>,
    clock: Clock,
    aside: SidePanel,
    /// Why a person's last action on a platform failed, in the words of their client.
    troubles: Arc<Mutex<BTreeMap<(String, &'static str), String>>>,
}

impl Page {
    fn trouble(&self, me: &str, platform: &'static str) -> Option<String> {
        let troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        troubles.get(&(me.to_owned(), platform)).cloned()
    }

    fn set_trouble(&self, me: &str, platform: &'static str, trouble: Option<String>) {
        let key = (me.to_owned(), platform);
        let mut troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        match trouble {
            Some(trouble) => troubles.insert(key, trouble),
            None => troubles.remove(&key),
        };
        drop(troubles);
        self.workspace.changes().announce();
        if let Some(discord) = &self.discord {
            discord.changes().announce();
        }
    }

    /// The Discord member with the same handle as a person of the workspace.
    fn discord_member(&self, me: &str) -> Option<Member> {
        let people = self.workspace.people();
        let person = people.iter().find(|person| person.id == me)?;
        discord::member(self.discord.as_ref()?, &person.name)
    }
}

/// The page at `/`, with its script, style and actions. `aside` is rendered again with every change
/// on a platform, and every two seconds. A person has the same handle in the workspace and in
/// Discord.
///
/// It answers only under a loopback name, and accepts POSTs only from itself.
pub fn router(
    workspace: Workspace,
    discord: Option<Discord>,
    clock: Clock,
    aside: SidePanel,
) -> Router {
    let page = Page { workspace, discord, clock, aside, troubles: Arc::default() };
    Router::new()
        .route("/", get(show))
        .route("/page.css", get(style))
        .route("/page.js", get(script))
        .route("/files/{id}", get(file))
        .route("/attachments/{id}", get(attachment))
        .route("/offers", post(actions::offer))
        .route("/live", get(live::stream))
        .route("/do/{act}", post(actions::act))
        .layer(axum::middleware::from_fn(origin_guard::guard))
        .with_state(page)
}

/// A panel with a heading.
pub fn panel(title: &str, body: Markup) -> Markup {
    html! { section.panel { h2 { (title) } (body) } }
}

/// Names with their values, for a panel.
pub fn facts<'a>(pairs: impl IntoIterator<Item = (&'a str, String)>) -> Markup {
    html! { dl.facts { @for (name, value) in pairs { div { dt { (name) } dd { (value) } } } } }
}

/// The completed part of `whole`, as a bar with its number in words.
pub fn meter(label: &str, part: u64, whole: u64) -> Markup {
    let percent = (part * 100).checked_div(whole).unwrap_or(0).min(100);
    html! {
        div.meter {
            div.meter-words { span { (label) } span { (part) " / " (whole) } }
            div.meter-bar aria-hidden="true" { i style={ "width:" (percent) "%" } {} }
        }
    }
}

async fn show(State(page): State<Page>, Query(location): Query<Location>) -> Response {
    let mut location = location.settle(&page.workspace);
    if let Some(discord) = &page.discord {
        let me = page.discord_member(&location.me);
        location = location.settle_discord(discord, me.as_ref());
    }
    Html(layout::page(&page, &location).into_string()).into_response()
}

async fn file(State(page): State<Page>, Path(id): Path<String>) -> Response {
    match page.workspace.file(&id) {
        Some((kind, bytes)) => ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn attachment(State(page): State<Page>, Path(id): Path<String>) -> Response {
    match page.discord.as_ref().and_then(|discord| discord.file(&id)) {
        Some((kind, bytes)) => ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn style() -> impl IntoResponse {
    let sheet = concat!(include_str!("page.css"), include_str!("discord.css"));
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], sheet)
}

async fn script() -> impl IntoResponse {
    let script = concat!(include_str!("page.js"), include_str!("autocomplete.js"));
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], script)
}
