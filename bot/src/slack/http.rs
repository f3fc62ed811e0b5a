//! HTTP mode, in which Slack calls the bot, for installations without Socket Mode.
//!
//! Anybody can reach the port, so the bot trusts nothing before it has checked Slack's signature:
//! over `v0:<timestamp>:<body>` with the signing secret, compared in constant time, not older than
//! five minutes, and not seen before. It does not even read a body before the headers have Slack's
//! form, and then only up to a limit in size and time. The rest is as over a socket: an interaction
//! is made durable, then acknowledged, then processed.
//!
//! TLS ends in front of this port, at a load balancer or a proxy: Slack accepts nothing else.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Extension, Json, Router};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use slack_morphism::signature_verifier::{
    SlackEventSignatureVerifier as Verifier, SlackEventSignatureVerifierError as NotBelieved,
};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::decode::{self, Decoded};
use super::form::with_mistakes;
use super::socket_mode::{Handler, ListenError, Receiver};
use crate::chat::Accepted;
use crate::http_server::{self, Slot};
use crate::secret::Secret;
use crate::telemetry::ListenStats;

/// The path of all of Slack's requests: commands, interactivity and events.
pub const PATH: &str = "/slack";

/// The maximum size of a body, in bytes. No payload of Slack comes near it.
const LARGEST: usize = 128 << 10;

/// How long reading a body may take. Slack itself waits three seconds for a response.
const READING: Duration = Duration::from_secs(5);

/// How many connections may be open at once; Slack opens a handful. This leaves half of the files
/// that a process may open by default (1,024) to everything else.
const CONNECTIONS: usize = 256;

/// How far a timestamp may deviate from now, in either direction.
const FRESH: TimeDelta = TimeDelta::minutes(5);

/// How long a signature is remembered. A timestamp may deviate five minutes in either direction, so
/// a signature can be valid for ten.
const REMEMBERED: Duration = Duration::from_secs(11 * 60);

struct Endpoint {
    verifier: Verifier,
    receiver: Receiver,
    /// Valid signatures, and when they arrived. A copy of a request has the same one.
    seen: Mutex<HashMap<String, Instant>>,
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refused {
    Unsigned,
    Forged,
    Stale,
    Replayed,
    TooLarge,
    Slow,
}

impl Refused {
    fn word(self) -> &'static str {
        match self {
            Self::Unsigned => "it has no signature",
            Self::Forged => "its signature is not Slack's",
            Self::Stale => "its timestamp is more than five minutes away",
            Self::Replayed => "it was received before",
            Self::TooLarge => "its body is over 128 KiB, or ended early",
            Self::Slow => "its body took more than five seconds",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::Unsigned | Self::Forged | Self::Stale | Self::Replayed => {
                StatusCode::UNAUTHORIZED
            }
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
        }
    }
}

/// Receives what Slack sends to `listener` until `stop` is ready.
pub async fn listen(
    listener: TcpListener,
    signing_secret: &Secret,
    handler: Handler,
    stats: Arc<ListenStats>,
    stop: impl Future<Output = ()>,
) -> Result<(), ListenError> {
    let (panicked, mut panics) = mpsc::unbounded_channel();
    let endpoint = Arc::new(Endpoint {
        verifier: Verifier::new(&signing_secret.expose().to_owned().into()),
        receiver: Receiver::new(handler, stats, panicked),
        seen: Mutex::default(),
    });
    let router = Router::new().route(PATH, post(receive)).with_state(endpoint);
    if let Ok(address) = listener.local_addr() {
        tracing::info!(slack.address = %address, slack.path = PATH, "listening to Slack over HTTP");
    }
    tokio::select! {
        () = http_server::serve(listener, router, CONNECTIONS) => Ok(()),
        () = stop => Ok(()),
        Some(panic) = panics.recv() => Err(ListenError::Panic(panic)),
    }
}

async fn receive(
    State(endpoint): State<Arc<Endpoint>>,
    Extension(slot): Extension<Slot>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let body = match read(&headers, body).await {
        Ok(body) => body,
        Err(why) => return endpoint.refuse(why),
    };
    let verified = endpoint.verify_new(&headers, &body);
    let signature = match verified {
        Ok(signature) => signature,
        Err(why) => return endpoint.refuse(why),
    };
    // From here on the request is Slack's own: it is answered, even if others fill the port.
    let _protected = slot.protect();
    let json = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/json"));
    let decoded = if json { event(&body) } else { form(&body) };
    match decoded {
        Read::Challenge(challenge) => challenge.into_response(),
        Read::Payload(kind, payload, decoded) => match decoded {
            Decoded::Interactions(interactions) => {
                for interaction in interactions {
                    match endpoint.receiver.accept_one(interaction).await {
                        Some(Accepted::New) => {}
                        Some(Accepted::Invalid(mistakes)) => {
                            return Json(with_mistakes(&mistakes)).into_response();
                        }
                        // Slack delivers events again, each time with a new signature.
                        Some(Accepted::Duplicate) if kind == "events_api" => {}
                        // The bot was restarted since, and the store remembers the interaction.
                        Some(Accepted::Duplicate) => return endpoint.refuse(Refused::Replayed),
                        None => {
                            endpoint.forget(&signature);
                            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
                        }
                    }
                }
                StatusCode::OK.into_response()
            }
            Decoded::Nothing => StatusCode::OK.into_response(),
            Decoded::Unreadable => {
                endpoint.receiver.unreadable(kind, &payload);
                StatusCode::OK.into_response()
            }
        },
    }
}

/// Reads a body if the headers could be Slack's.
async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Refused> {
    signed(headers)?;
    if body.size_hint().lower() > LARGEST as u64 {
        return Err(Refused::TooLarge);
    }
    match timeout(READING, to_bytes(body, LARGEST)).await {
        Ok(read) => read.map_err(|_| Refused::TooLarge),
        Err(_) => Err(Refused::Slow),
    }
}

/// The signature and the timestamp, if both have Slack's form and the time is near.
fn signed(headers: &HeaderMap) -> Result<(&str, &str), Refused> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let signature = header(Verifier::SLACK_SIGNED_HASH_HEADER).ok_or(Refused::Unsigned)?;
    let timestamp = header(Verifier::SLACK_SIGNED_TIMESTAMP).ok_or(Refused::Unsigned)?;
    let hash = signature.strip_prefix("v0=").ok_or(Refused::Forged)?;
    if hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Refused::Forged);
    }
    let digits = timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let at = timestamp.parse().ok().filter(|_| digits).ok_or(Refused::Stale)?;
    let at = DateTime::from_timestamp(at, 0).ok_or(Refused::Stale)?;
    if (Utc::now() - at).abs() > FRESH { Err(Refused::Stale) } else { Ok((signature, timestamp)) }
}

/// The content of a request.
enum Read {
    /// Slack checks whether this address is ours.
    Challenge(String),
    Payload(&'static str, Value, Decoded),
}

fn event(body: &[u8]) -> Read {
    let payload: Value = serde_json::from_slice(body).unwrap_or_default();
    match payload.get("type").and_then(Value::as_str) {
        Some("url_verification") => {
            let challenge = payload.get("challenge").and_then(Value::as_str);
            Read::Challenge(challenge.unwrap_or_default().to_owned())
        }
        Some("event_callback") => {
            let decoded = decode::event(&payload);
            Read::Payload("events_api", payload, decoded)
        }
        Some(_) | None => Read::Payload("events_api", payload, Decoded::Unreadable),
    }
}

fn form(body: &[u8]) -> Read {
    let fields: HashMap<String, String> = serde_urlencoded::from_bytes(body).unwrap_or_default();
    if let Some(payload) = fields.get("payload") {
        let payload: Value = serde_json::from_str(payload).unwrap_or_default();
        let decoded = decode::interaction(&payload);
        return Read::Payload("interactive", payload, decoded);
    }
    // Slack checks from time to time whether the certificate is valid.
    let only_asks = fields.contains_key("ssl_check");
    let payload = fields.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
    let payload = Value::Object(payload);
    let decoded = if only_asks { Decoded::Nothing } else { decode::command(&payload) };
    Read::Payload("slash_commands", payload, decoded)
}

impl Endpoint {
    /// Returns the signature if the request is Slack's and new.
    fn verify_new(&self, headers: &HeaderMap, body: &[u8]) -> Result<String, Refused> {
        let (signature, timestamp) = signed(headers)?;
        let body = std::str::from_utf8(body).map_err(|_| Refused::Forged)?;
        self.verifier.verify(signature, body, timestamp).map_err(|error| match error {
            NotBelieved::IncorrectOrExpiredTimestampError(_) => Refused::Stale,
            NotBelieved::AbsentSignatureError(_) => Refused::Unsigned,
            NotBelieved::WrongSignatureError(_) | NotBelieved::CryptoInitError(_) => {
                Refused::Forged
            }
        })?;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|_, at| at.elapsed() < REMEMBERED);
        if seen.insert(signature.to_owned(), Instant::now()).is_some() {
            return Err(Refused::Replayed);
        }
        Ok(signature.to_owned())
    }

    /// Forgets a signature: the request could not be made durable, so it may come again.
    fn forget(&self, signature: &str) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).remove(signature);
    }

    fn refuse(&self, why: Refused) -> Response {
        self.receiver.stats().forged.fetch_add(1, Ordering::Relaxed);
        tracing::warn!(slack.refused = why.word(), "a request was refused");
        (why.status(), why.word()).into_response()
    }
}
