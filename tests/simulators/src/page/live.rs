//! Notifies the script in the page of changes. The script fetches the new content itself.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::Stream;

use super::Page;

/// Changes within this time cause one notification.
const GATHER: Duration = Duration::from_millis(60);
/// The panels show state that no workspace announces, so the page reads them this often.
const BEAT: Duration = Duration::from_secs(2);

pub(super) async fn stream(
    State(page): State<Page>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let slack = page.workspace.changes().subscribe();
    let discord = page.discord.as_ref().map(|discord| discord.changes().subscribe());
    let stream = futures_util::stream::unfold((slack, discord), |(mut slack, mut discord)| async {
        tokio::time::sleep(GATHER).await;
        let there = async {
            match &mut discord {
                Some(discord) => discord.changed().await,
                None => std::future::pending().await,
            }
        };
        let either = async {
            tokio::select! {
                changed = slack.changed() => changed,
                changed = there => changed,
            }
        };
        match tokio::time::timeout(BEAT, either).await {
            Ok(Err(_)) => None,
            Ok(Ok(())) | Err(_) => Some((Ok(Event::default().data("changed")), (slack, discord))),
        }
    });
    Sse::new(stream).keep_alive(KeepAlive::default())
}
