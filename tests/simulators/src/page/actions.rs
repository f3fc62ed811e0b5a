//! The actions of the page's forms.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::TimeDelta;

use super::location::{HOME, Location};
use super::{Page, SLACK};

mod discord;

pub(super) use discord::offer;

/// The fields of a form, in order; a name may occur several times.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The submitted values, by the names of the inputs.
    fn inputs(&self) -> Vec<(String, String)> {
        let given = self.0.iter();
        given
            .filter_map(|(name, value)| Some((name.strip_prefix("in.")?.to_owned(), value.clone())))
            .collect()
    }
}

pub(super) async fn act(
    State(page): State<Page>,
    Path(act): Path<String>,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let fields = Fields(fields);
    let mut location = Location {
        me: fields.get("me").to_owned(),
        at: fields.get("at").to_owned(),
        thread: fields.get("thread").to_owned(),
        pane: fields.get("pane").to_owned(),
        discord_channel: fields.get("discord_channel").to_owned(),
        discord_thread: fields.get("discord_thread").to_owned(),
    };
    match act.as_str() {
        "say" => say(&page, &location, fields.get("line")),
        "press" => press(&page, &location.me, &fields),
        "submit" => submit(&page, &location.me, &fields),
        "close" => close(&page, &location.me, fields.get("view")),
        "discord-say" => discord::say(&page, &location, fields.get("line")),
        "discord-press" => discord::press(&page, &location.me, &fields),
        "discord-submit" => discord::submit(&page, &location.me, &fields),
        "discord-close" => discord::close(&page, &location.me, fields.get("modal")),
        "time" => push_time(&page, fields.get("minutes")),
        "speed" => set_speed(&page, fields.get("speed")),
        "home" => {
            HOME.clone_into(&mut location.at);
            let workspace = page.workspace.clone();
            let me = location.me.clone();
            tokio::spawn(async move { workspace.open_home(&me).await });
        }
        _ => return StatusCode::NOT_FOUND.into_response(),
    }
    if headers.contains_key("x-quiet") {
        StatusCode::NO_CONTENT.into_response()
    } else {
        Redirect::to(&location.link()).into_response()
    }
}

/// Starts a person's action without waiting for it: the page shows its result, or why it failed.
fn go<E: std::fmt::Display>(
    page: &Page,
    me: &str,
    platform: &'static str,
    doing: impl Future<Output = Result<(), E>> + Send + 'static,
) {
    let (page, me) = (page.clone(), me.to_owned());
    tokio::spawn(async move {
        page.set_trouble(&me, platform, None);
        if let Err(error) = doing.await {
            tracing::info!(%error, platform, "an act on the page came to nothing");
            page.set_trouble(&me, platform, Some(error.to_string()));
        }
    });
}

fn say(page: &Page, location: &Location, line: &str) {
    let line = line.trim().to_owned();
    if line.is_empty() {
        return;
    }
    let workspace = page.workspace.clone();
    let location = location.clone();
    go(page, &location.me.clone(), SLACK, async move {
        if line.starts_with('/') {
            workspace.run_command(&location.me, &location.at, &line).await.map(drop)
        } else {
            let thread = Some(location.thread.as_str()).filter(|thread| !thread.is_empty());
            workspace.say(&location.me, &location.at, &line, thread).map(drop)
        }
    });
}

fn press(page: &Page, me: &str, fields: &Fields) {
    let workspace = page.workspace.clone();
    let (me, who) = (me.to_owned(), me);
    let [channel, ts, view, action, value] =
        ["channel", "ts", "view", "action", "value"].map(|name| fields.get(name).to_owned());
    go(page, who, SLACK, async move {
        if !view.is_empty() {
            let value = Some(value.as_str()).filter(|value| !value.is_empty());
            workspace.press_in_view(&me, &view, &action, value).await.map(drop)
        } else if value.is_empty() {
            workspace.press(&me, &channel, &ts, &action).await.map(drop)
        } else {
            workspace.choose(&me, &channel, &ts, &action, &value).await.map(drop)
        }
    });
}

fn submit(page: &Page, me: &str, fields: &Fields) {
    let workspace = page.workspace.clone();
    let (me, who) = (me.to_owned(), me);
    let view = fields.get("view").to_owned();
    let values = fields.inputs();
    go(page, who, SLACK, async move {
        let values: Vec<(&str, &str)> =
            values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        workspace.submit(&me, &view, &values).await.map(drop)
    });
}

fn close(page: &Page, me: &str, view: &str) {
    let workspace = page.workspace.clone();
    let (who, me, view) = (me, me.to_owned(), view.to_owned());
    go(page, who, SLACK, async move { workspace.close(&me, &view).await.map(drop) });
}

fn push_time(page: &Page, minutes: &str) {
    // A day at a time at most, so that nobody advances a year by accident.
    let minutes = minutes.parse::<i64>().unwrap_or(0).clamp(0, 24 * 60);
    page.clock.advance(TimeDelta::minutes(minutes));
    page.workspace.changes().announce();
}

fn set_speed(page: &Page, speed: &str) {
    let speed = speed.parse::<f64>().ok().filter(|speed| (0.0..=3_600.0).contains(speed));
    if let Some(speed) = speed {
        page.clock.set_speed(speed);
        page.workspace.changes().announce();
    }
}
