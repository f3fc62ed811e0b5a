//! Tells the script in the page that something changed. What changed it fetches itself.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::Stream;

use super::Page;

/// Changes that come together are told once.
const GATHER: Duration = Duration::from_millis(60);
/// The aside shows what no workspace announces: it is read again so often.
const BEAT: Duration = Duration::from_secs(2);

pub(super) async fn stream(
    State(page): State<Page>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = page.workspace.changes().subscribe();
    let stream = futures_util::stream::unfold(changes, |mut changes| async move {
        tokio::time::sleep(GATHER).await;
        match tokio::time::timeout(BEAT, changes.changed()).await {
            Ok(Err(_)) => None,
            Ok(Ok(())) | Err(_) => Some((Ok(Event::default().data("changed")), changes)),
        }
    });
    Sse::new(stream).keep_alive(KeepAlive::default())
}
