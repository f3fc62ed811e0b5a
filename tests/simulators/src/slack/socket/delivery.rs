//! The delivery of an envelope to the app, and what follows if nobody acknowledges it.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{Out, Waiting};
use crate::slack::{Deadline, Workspace};

/// How many seconds Slack waits for an acknowledgement.
pub(crate) const PATIENCE: u32 = 3;
/// Events are retried at once, after one minute and after five.
const EVENT_RETRIES: [i64; 3] = [0, 60, 300];

/// The content of a socket message.
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    pub(crate) id: String,
    /// `slash_commands`, `interactive` or `events_api`
    pub(crate) kind: &'static str,
    pub(crate) accepts_payload: bool,
    pub(crate) payload: Value,
    /// For events: which attempt it is, and why it is not the first.
    pub(crate) retry: Option<(usize, &'static str)>,
}

impl Envelope {
    pub(crate) fn new(kind: &'static str, accepts_payload: bool, payload: Value) -> Self {
        let id = Uuid::new_v4().to_string();
        let retry = (kind == "events_api").then_some((0, ""));
        Self { id, kind, accepts_payload, payload, retry }
    }

    /// What the acknowledgement is for, such as `slash_commands` or `view_submission`.
    pub(crate) fn what(&self) -> &str {
        let inner = self.payload.get("type").and_then(Value::as_str);
        if self.kind == "slash_commands" { self.kind } else { inner.unwrap_or(self.kind) }
    }

    fn text(&self) -> String {
        let mut whole = json!({
            "envelope_id": self.id, "type": self.kind, "payload": self.payload,
            "accepts_response_payload": self.accepts_payload,
        });
        if let (Some((attempt, reason)), Some(whole)) = (self.retry, whole.as_object_mut()) {
            whole.insert("retry_attempt".to_owned(), json!(attempt));
            whole.insert("retry_reason".to_owned(), json!(reason));
        }
        whole.to_string()
    }
}

/// How a delivery ended.
pub(crate) enum Delivery {
    /// With the payload of the response, or null, and the real time it took.
    Acknowledged(Value, Duration),
    TimedOut,
    /// In HTTP mode: nobody answers at the address.
    NoSocket,
    /// In HTTP mode: a status that is not a success.
    Refused(u16),
}

impl Workspace {
    /// Sends the envelope over one of the sockets, or to the request URL, and waits for its
    /// acknowledgement.
    pub(crate) async fn deliver(&self, envelope: &Envelope) -> Delivery {
        let target = self.look().request_url.clone();
        if let Some(target) = target {
            return Box::pin(self.post_to(&target, envelope)).await;
        }
        let Some((delivery, answer, deadline)) = self.send(envelope) else {
            return Delivery::NoSocket;
        };
        let started = Instant::now();
        tokio::select! {
            biased;
            payload = answer => match payload {
                Ok(payload) => return Delivery::Acknowledged(payload, started.elapsed()),
                Err(_) => deadline.wait(self.clock()).await,
            },
            () = deadline.wait(self.clock()) => {}
        }
        self.change(|world| {
            let waited = world.sockets.waited(&envelope.id, |one| one.delivery == delivery);
            if let Some(waited) = waited {
                world.sockets.late.push((envelope.id.clone(), waited.socket));
            }
        });
        Delivery::TimedOut
    }

    fn send(&self, envelope: &Envelope) -> Option<(u64, oneshot::Receiver<Value>, Deadline)> {
        let deadline = Deadline::after(self.clock(), PATIENCE);
        self.change(|world| {
            let sockets = &mut world.sockets;
            let text = envelope.text();
            let socket = loop {
                let socket = sockets.choose()?;
                let id = socket.id;
                if socket.out.send(Out::Say(text.clone())).is_ok() {
                    break id;
                }
                sockets.open.retain(|open| open.id != id);
            };
            let (sender, receiver) = oneshot::channel();
            let accepts_payload = envelope.accepts_payload;
            sockets.deliveries += 1;
            let delivery = sockets.deliveries;
            let what = envelope.what().to_owned();
            let waiting = Waiting { delivery, socket, what, accepts_payload, answer: sender };
            sockets.waiting.entry(envelope.id.clone()).or_default().push(waiting);
            sockets.sent.push(envelope.clone());
            Some((delivery, receiver, deadline))
        })
    }

    /// Delivers an event, with retries like Slack, each under a new envelope (inferred) but with
    /// the same `event_id`. Returns whether anybody acknowledged it.
    pub(crate) async fn deliver_event(&self, payload: Value) -> bool {
        let mut envelope = Envelope::new("events_api", false, payload);
        // Every wait is counted from the first send, so that a clock that moves by hand hits it
        // exactly.
        let mut sent_at = self.now();
        let mut delivery = self.deliver(&envelope).await;
        for (attempt, &wait) in (1..).zip(&EVENT_RETRIES) {
            let (reason, passed) = match delivery {
                Delivery::Acknowledged(..) => return true,
                Delivery::TimedOut => ("timeout", i64::from(PATIENCE)),
                Delivery::NoSocket => ("connection_failed", 0),
                Delivery::Refused(_) => ("http_error", 0),
            };
            self.clock().sleep_until(sent_at + TimeDelta::seconds(passed + wait)).await;
            envelope.id = Uuid::new_v4().to_string();
            envelope.retry = Some((attempt, reason));
            sent_at = self.now();
            delivery = self.deliver(&envelope).await;
        }
        matches!(delivery, Delivery::Acknowledged(..))
    }
}
