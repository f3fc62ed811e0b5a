//! The actions of the forms in Discord's column, as the person who uses the page.

use axum::extract::State;
use axum::{Form, Json};

use super::super::discord::{Offer, offers};
use super::super::location::Location;
use super::super::{DISCORD, Page};
use super::{Fields, go};
use crate::discord::{Discord, Press, UserActionError};

/// Lets `me` do something with their account in Discord.
fn act<F>(page: &Page, me: &str, action: impl FnOnce(Discord, String) -> F)
where
    F: Future<Output = Result<(), UserActionError>> + Send + 'static,
{
    let Some((discord, member)) = page.discord.clone().zip(page.discord_member(me)) else { return };
    go(page, me, DISCORD, action(discord, member.id));
}

pub(super) fn say(page: &Page, location: &Location, line: &str) {
    let line = line.trim().to_owned();
    if line.is_empty() {
        return;
    }
    let here = if location.discord_thread.is_empty() {
        location.discord_channel.clone()
    } else {
        location.discord_thread.clone()
    };
    act(page, &location.me, |discord, user| async move {
        if line.starts_with('/') {
            discord.run_command(&user, &here, &line).await.map(drop)
        } else {
            discord.say(&user, &here, &line).map(drop)
        }
    });
}

pub(super) fn press(page: &Page, me: &str, fields: &Fields) {
    let [channel, message, component, value] =
        ["channel", "message", "component", "value"].map(|name| fields.get(name).to_owned());
    act(page, me, |discord, user| async move {
        if value.is_empty() {
            let press = Press::id(&component);
            discord.press(&user, &channel, &message, press).await.map(drop)
        } else {
            discord.choose(&user, &channel, &message, &component, &[&value]).await.map(drop)
        }
    });
}

pub(super) fn submit(page: &Page, me: &str, fields: &Fields) {
    let modal = fields.get("modal").to_owned();
    let values = fields.inputs();
    act(page, me, |discord, user| async move {
        let values: Vec<(&str, &str)> =
            values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        discord.submit(&user, &modal, &values).await.map(drop)
    });
}

pub(super) fn close(page: &Page, me: &str, modal: &str) {
    if let Some((discord, member)) = page.discord.as_ref().zip(page.discord_member(me)) {
        discord.dismiss(&member.id, modal);
    }
}

/// Returns the suggestions while a person types in Discord. Asking the app is an action too, so it
/// is a POST.
pub(in super::super) async fn offer(
    State(page): State<Page>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Json<Vec<Offer>> {
    let fields = Fields(fields);
    let here = [fields.get("discord_thread"), fields.get("discord_channel")];
    let here = here.into_iter().find(|channel| !channel.is_empty()).unwrap_or_default();
    let who = page.discord.as_ref().zip(page.discord_member(fields.get("me")));
    Json(match who {
        Some((discord, member)) => offers(discord, &member.id, here, fields.get("line")).await,
        None => Vec::new(),
    })
}
