//! Socket Mode, through which interactions reach the bot without an open port.
//!
//! The handler makes each interaction durable before the bot acknowledges it to Slack, and the bot
//! processes it after that. If the handler cannot make it durable, there is no acknowledgement, and
//! Slack delivers it again.
//!
//! The sockets are our own. The library delays every acknowledgement by Nagle's algorithm, closes a
//! connection before it opens the next, and acknowledges and drops every click on a message with a
//! block that it does not know. Here a connection that Slack asks to close keeps receiving until
//! its successor was greeted: there is no moment without one.

use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use futures_util::future::BoxFuture;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use super::api::Slack;
use super::decode::Inbound;
use super::error::SlackError;
use crate::chat::Accepted;
use crate::telemetry::ListenStats;

mod connection;
mod receiver;

use connection::{ConnectionError, ConnectionEvent};
pub(super) use receiver::Receiver;

/// Makes an interaction durable, in about a millisecond.
pub type Handler =
    Arc<dyn Fn(Inbound) -> BoxFuture<'static, Result<Accepted, anyhow::Error>> + Send + Sync>;

/// The settings for receiving.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How many connections to keep open at once; if one breaks, another still receives.
    pub connections: u32,
    /// How long there may be no connection before [`listen`] gives up.
    pub silence: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { connections: 2, silence: Duration::from_secs(180) }
    }
}

/// Why receiving ended.
#[derive(Debug, Error)]
pub enum ListenError {
    /// There was no connection for too long.
    #[error("no connection to Slack for {} s", .0.as_secs())]
    Silence(Duration),
    /// A handler panicked, which is a defect of ours.
    #[error("the handler panicked: {0}")]
    Panic(String),
    /// The port could not be served.
    #[error("failed to serve Slack's requests")]
    Port(#[source] std::io::Error),
}

/// How long a new connection may take from requesting its address to Slack's greeting.
const OPENING: Duration = Duration::from_secs(15);

/// A connection that lived this long was a good one: the next is opened without a pause.
const GOOD: Duration = Duration::from_secs(60);

/// Receives until `stop` is ready, which is the only way in which it ends well. Dropping the future
/// closes the connections, too.
pub async fn listen(
    slack: &Slack,
    settings: Settings,
    handler: Handler,
    stats: Arc<ListenStats>,
    stop: impl Future<Output = ()>,
) -> Result<(), ListenError> {
    let (panicked, mut panics) = mpsc::unbounded_channel();
    let receiver = Arc::new(Receiver::new(handler, stats, panicked));
    let mut connections = JoinSet::new();
    for _ in 0..settings.connections.max(1) {
        connections.spawn(keep_connected(slack.clone(), receiver.clone()));
    }
    let watched = receiver.watch(settings.silence);
    tokio::select! {
        () = stop => Ok(()),
        silence = watched => Err(ListenError::Silence(silence)),
        Some(panic) = panics.recv() => Err(ListenError::Panic(panic)),
        Some(ended) = connections.join_next() => Err(ListenError::Panic(match ended {
            Ok(never) => match never {},
            Err(error) => error.to_string(),
        })),
    }
}

/// Keeps one connection open: whenever it ends, or Slack asks to close it, there is another.
async fn keep_connected(slack: Slack, receiver: Arc<Receiver>) -> std::convert::Infallible {
    let mut connections = JoinSet::new();
    // Dropping this tells the previous connection to close.
    let mut before: Option<oneshot::Sender<()>> = None;
    let mut pauses = pauses();
    loop {
        while connections.try_join_next().is_some() {}
        let began = Instant::now();
        match timeout(OPENING, begin(&slack, &receiver, &mut connections)).await {
            Ok(Ok((hang_up, mut events))) => {
                drop(before.take());
                match events.recv().await {
                    Some(ConnectionEvent::Disconnect { reason }) => {
                        tracing::info!(slack.reason = reason, "Slack asks for another connection");
                        before = Some(hang_up);
                    }
                    Some(ConnectionEvent::Hello) | None => {
                        tracing::warn!("a connection to Slack has ended");
                    }
                }
            }
            Ok(Err(error)) => {
                tracing::warn!(slack.error = %error, "no connection to Slack");
                if let Some(rest) = error.retry_after() {
                    tokio::time::sleep(rest).await;
                }
            }
            Err(_) => tracing::warn!(
                slack.waited_s = OPENING.as_secs(),
                "Slack did not greet a new connection"
            ),
        }
        if began.elapsed() >= GOOD {
            pauses = self::pauses();
        } else if let Some(pause) = pauses.next() {
            tokio::time::sleep(pause).await;
        }
    }
}

/// Opens a connection, and returns it once Slack has greeted it.
async fn begin(
    slack: &Slack,
    receiver: &Arc<Receiver>,
    connections: &mut JoinSet<()>,
) -> Result<(oneshot::Sender<()>, mpsc::UnboundedReceiver<ConnectionEvent>), ConnectionError> {
    let socket = connection::open(slack).await?;
    let (sender, mut events) = mpsc::unbounded_channel();
    let (hang_up, hung_up) = oneshot::channel();
    connections.spawn(connection::run(socket, receiver.clone(), sender, hung_up));
    match events.recv().await {
        Some(ConnectionEvent::Hello) => Ok((hang_up, events)),
        Some(ConnectionEvent::Disconnect { reason }) => Err(ConnectionError::NotWanted { reason }),
        None => Err(ConnectionError::Broken),
    }
}

/// The pauses between attempts: from the first retry, almost at once, to one each half minute; with
/// jitter, so that many bots do not return at the same moment.
fn pauses() -> ExponentialBackoff {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(50))
        .with_max_delay(Duration::from_secs(30))
        .with_factor(3.0)
        .with_jitter()
        .without_max_times()
        .build()
}

impl From<SlackError> for ConnectionError {
    fn from(error: SlackError) -> Self {
        Self::NoAddress(error)
    }
}
