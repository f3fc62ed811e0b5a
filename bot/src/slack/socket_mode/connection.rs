//! One connection, from opening to closing.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::FuturesUnordered;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use slack_morphism::api::SlackApiAppsConnectionOpenRequest;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async_tls};

use super::receiver::{Frame, Receiver};
use crate::slack::api::Slack;
use crate::slack::error::SlackError;

pub(super) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The interval between two pings.
const PING_EVERY: Duration = Duration::from_secs(10);
/// A connection that was silent for this long is dead, whatever TCP says.
const DEAD_AFTER: Duration = Duration::from_secs(30);
/// How long the other side may take to close.
const CLOSING: Duration = Duration::from_secs(5);
/// How many envelopes are made durable at once: the store writes them together.
const ACCEPTED_AT_ONCE: usize = 64;

/// An event of a connection, for the task that keeps it open. The connection has ended when no more
/// events arrive.
#[derive(Debug)]
pub(super) enum ConnectionEvent {
    /// Slack has greeted the connection: interactions can arrive.
    Hello,
    /// Slack asks the bot to close the connection.
    Disconnect {
        /// Slack's reason, such as `refresh_requested`.
        reason: String,
    },
}

/// Why there is no connection. It never contains the address, because that includes a ticket.
#[derive(Debug, Error)]
pub(super) enum ConnectionError {
    /// Sockets require an app token, and there is none.
    #[error("there is no app token")]
    NoToken,
    /// Slack returned no address.
    #[error(transparent)]
    NoAddress(SlackError),
    /// The address could not be parsed.
    #[error("Slack returned an invalid WebSocket URL")]
    Address,
    /// The address does not use TLS.
    #[error("Slack gave an address without TLS")]
    Plain,
    /// The server at the address cannot be reached.
    #[error("the address that Slack gave cannot be reached: {0}")]
    Unreachable(std::io::ErrorKind),
    /// The server speaks another protocol.
    #[error("no WebSocket at the address that Slack gave")]
    Handshake,
    /// The connection ended before Slack greeted it.
    #[error("the connection broke before Slack greeted it")]
    Broken,
    /// Slack refused the connection.
    #[error("Slack does not want the connection: {reason}")]
    NotWanted {
        /// Slack's reason, such as `too_many_websockets` or `link_disabled`.
        reason: String,
    },
}

impl ConnectionError {
    /// How long Slack asks us to wait before requesting another address, if it says so.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        let Self::NoAddress(error) = self else { return None };
        error.retry_after()
    }
}

/// Requests an address and connects. The address is valid for one connection, for a few seconds.
pub(super) async fn open(slack: &Slack) -> Result<Socket, ConnectionError> {
    let token = slack.inner.app_token.as_ref().ok_or(ConnectionError::NoToken)?;
    let session = slack.inner.client.open_session(token);
    let opened = session
        .apps_connections_open(&SlackApiAppsConnectionOpenRequest::new())
        .await
        .map_err(|error| SlackError::of("apps.connections.open", error))?;
    let request =
        opened.url.0.as_str().into_client_request().map_err(|_| ConnectionError::Address)?;
    let uri = request.uri();
    let port = match (uri.scheme_str(), uri.port_u16()) {
        (Some("wss"), port) => port.unwrap_or(443),
        (Some("ws"), port) if slack.inner.plain_http => port.unwrap_or(80),
        (Some("ws"), _) => return Err(ConnectionError::Plain),
        _ => return Err(ConnectionError::Address),
    };
    let host = uri.host().ok_or(ConnectionError::Address)?.trim_matches(['[', ']']).to_owned();
    let stream = TcpStream::connect((host.as_str(), port))
        .await
        .map_err(|error| ConnectionError::Unreachable(error.kind()))?;
    // An acknowledgement is small and urgent, so Nagle's algorithm must not delay it.
    stream.set_nodelay(true).map_err(|error| ConnectionError::Unreachable(error.kind()))?;
    let (socket, _) =
        client_async_tls(request, stream).await.map_err(|_| ConnectionError::Handshake)?;
    Ok(socket)
}

/// Receives until the connection ends. When `hang_up` is dropped or used, it acknowledges what it
/// has received and closes.
pub(super) async fn run(
    socket: Socket,
    receiver: Arc<Receiver>,
    events: mpsc::UnboundedSender<ConnectionEvent>,
    mut hang_up: oneshot::Receiver<()>,
) {
    let (mut sink, mut frames) = socket.split();
    let mut greeted = None;
    let mut accepting = FuturesUnordered::new();
    let mut pings = tokio::time::interval(PING_EVERY);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last_frame_at = Instant::now();
    let mut leaving: Option<Instant> = None;
    let mut closed = false;
    loop {
        if leaving.is_some() && accepting.is_empty() && !closed {
            closed = true;
            if sink.close().await.is_err() {
                return;
            }
        }
        let said = tokio::select! {
            frame = frames.next(), if accepting.len() < ACCEPTED_AT_ONCE => {
                last_frame_at = Instant::now();
                match frame {
                    Some(Ok(Message::Text(text))) => match receiver.decode(text.as_str()) {
                        Frame::Hello => {
                            greeted = Some(receiver.greeted());
                            // The task that keeps the connection may be gone; then the connection
                            // closes at once.
                            let _ = events.send(ConnectionEvent::Hello);
                            None
                        }
                        Frame::Disconnect { reason } => {
                            let _ = events.send(ConnectionEvent::Disconnect { reason });
                            None
                        }
                        Frame::Interactions { envelope, interactions } => {
                            let receiver = &receiver;
                            accepting.push(async move { (envelope, receiver.accept(interactions).await) });
                            None
                        }
                        Frame::Nothing { envelope } => envelope.map(|id| (id, Value::Null)),
                    },
                    Some(Ok(Message::Close(_) | Message::Ping(_) | Message::Pong(_))) => None,
                    Some(Ok(Message::Binary(_) | Message::Frame(_))) => None,
                    Some(Err(_)) | None => break,
                }
            }
            Some((envelope, payload)) = accepting.next() => envelope.zip(payload),
            _ = &mut hang_up, if leaving.is_none() => {
                leaving = Some(Instant::now());
                None
            }
            _ = pings.tick() => {
                let too_long = leaving.is_some_and(|since| since.elapsed() > CLOSING);
                if last_frame_at.elapsed() > DEAD_AFTER || too_long {
                    break;
                }
                if !closed && sink.send(Message::Ping(Default::default())).await.is_err() {
                    break;
                }
                None
            }
        };
        let Some((envelope, payload)) = said.filter(|_| !closed) else { continue };
        let mut acknowledged = json!({ "envelope_id": envelope });
        if !payload.is_null() {
            acknowledged["payload"] = payload;
        }
        if sink.send(Message::text(acknowledged.to_string())).await.is_err() {
            break;
        }
    }
    drop(greeted);
}
