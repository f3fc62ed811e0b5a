//! A window on the workspace: a page where a person reads, types and presses, and pushes time.
//!
//! The page knows nothing of any bot: it shows what the bot sent. It works without a script; with
//! it, what changed is swapped in place while scroll, focus and typed text stay.

mod acts;
mod charts;
mod clock_bar;
mod dates;
mod elements;
mod emoji;
mod fields;
mod guard;
mod kit;
mod layout;
mod live;
mod markdown;
mod modal;
mod mrkdwn;
mod place;
mod rich_text;
mod tables;
mod timeline;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};

use crate::clock::Clock;
use crate::slack::Workspace;
use place::Place;

/// Renders what stands beside the channel, such as panels about the cloud.
pub type Aside = Arc<dyn Fn() -> Markup + Send + Sync>;

#[derive(Clone)]
struct Page {
    workspace: Workspace,
    clock: Clock,
    aside: Aside,
}

/// The page at `/`, with its script, style and acts. `aside` is rendered again with every change
/// in the workspace, and every two seconds.
///
/// It answers only under a loopback name, and takes posts only from itself.
pub fn router(workspace: Workspace, clock: Clock, aside: Aside) -> Router {
    let page = Page { workspace, clock, aside };
    Router::new()
        .route("/", get(show))
        .route("/page.css", get(style))
        .route("/page.js", get(script))
        .route("/files/{id}", get(file))
        .route("/live", get(live::stream))
        .route("/do/{act}", post(acts::act))
        .layer(axum::middleware::from_fn(guard::guard))
        .with_state(page)
}

/// A box in the aside, with a heading.
pub fn panel(title: &str, body: Markup) -> Markup {
    html! { section.panel { h2 { (title) } (body) } }
}

/// Names with their values, for a panel.
pub fn facts<'a>(pairs: impl IntoIterator<Item = (&'a str, String)>) -> Markup {
    html! { dl.facts { @for (name, value) in pairs { div { dt { (name) } dd { (value) } } } } }
}

/// How much of `whole` is done, as a bar with its number in words.
pub fn meter(label: &str, part: u64, whole: u64) -> Markup {
    let percent = (part * 100).checked_div(whole).unwrap_or(0).min(100);
    html! {
        div.meter {
            div.meter-words { span { (label) } span { (part) " / " (whole) } }
            div.meter-bar aria-hidden="true" { i style={ "width:" (percent) "%" } {} }
        }
    }
}

async fn show(State(page): State<Page>, Query(place): Query<Place>) -> Response {
    let place = place.settle(&page.workspace);
    Html(layout::page(&page, &place).into_string()).into_response()
}

async fn file(State(page): State<Page>, Path(id): Path<String>) -> Response {
    match page.workspace.file(&id) {
        Some((kind, bytes)) => ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("page.css"))
}

async fn script() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("page.js"))
}
