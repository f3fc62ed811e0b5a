//! Processes the messages from Slack, over a socket or over HTTP.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::Handler;
use crate::chat::Accepted;
use crate::slack::decode::{self, Decoded, Inbound};
use crate::slack::form::with_mistakes;
use crate::telemetry::ListenStats;

/// Receives for all connections.
pub(in crate::slack) struct Receiver {
    handler: Handler,
    stats: Arc<ListenStats>,
    /// The number of connections that were greeted and have not ended.
    open: AtomicUsize,
    panicked: mpsc::UnboundedSender<String>,
}

/// What a message asks for.
pub(super) enum Frame {
    Hello,
    /// Slack asks the bot to close the connection.
    Disconnect {
        reason: String,
    },
    /// A person did something.
    Interactions {
        /// The envelope to acknowledge once the interactions are durable.
        envelope: Option<Value>,
        /// The interactions in the message.
        interactions: Vec<Inbound>,
    },
    /// There is nothing to process.
    Nothing {
        /// The envelope to acknowledge now.
        envelope: Option<Value>,
    },
}

/// A connection that Slack has greeted. Dropping it marks the end of the connection.
pub(super) struct Greeted(Arc<Receiver>);

impl Drop for Greeted {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
        self.0.stats.disconnected.fetch_add(1, Ordering::Relaxed);
    }
}

impl Receiver {
    pub(in crate::slack) fn new(
        handler: Handler,
        stats: Arc<ListenStats>,
        panicked: mpsc::UnboundedSender<String>,
    ) -> Self {
        Self { handler, stats, open: AtomicUsize::new(0), panicked }
    }

    /// The statistics so far.
    pub(in crate::slack) fn stats(&self) -> &ListenStats {
        &self.stats
    }

    /// Notes that Slack has greeted a connection.
    pub(super) fn greeted(self: &Arc<Self>) -> Greeted {
        self.stats.connected.fetch_add(1, Ordering::Relaxed);
        let open = self.open.fetch_add(1, Ordering::Relaxed) + 1;
        tracing::info!(slack.connections = open, "listening to Slack");
        Greeted(self.clone())
    }

    pub(super) fn decode(&self, text: &str) -> Frame {
        let Ok(envelope) = serde_json::from_str::<Value>(text) else {
            self.unreadable("no JSON", &Value::Null);
            return Frame::Nothing { envelope: None };
        };
        let kind = envelope.get("type").and_then(Value::as_str).unwrap_or_default();
        let payload = envelope.get("payload").unwrap_or(&Value::Null);
        let decoded = match kind {
            "hello" => return Frame::Hello,
            "disconnect" => {
                let reason = envelope.get("reason").and_then(Value::as_str).unwrap_or_default();
                return Frame::Disconnect { reason: reason.to_owned() };
            }
            "slash_commands" => decode::command(payload),
            "interactive" => decode::interaction(payload),
            "events_api" => decode::event(payload),
            _ => Decoded::Unreadable,
        };
        let id = envelope.get("envelope_id").cloned();
        match decoded {
            Decoded::Interactions(interactions) => {
                Frame::Interactions { envelope: id, interactions }
            }
            Decoded::Nothing => Frame::Nothing { envelope: id },
            Decoded::Unreadable => {
                self.unreadable(kind, payload);
                Frame::Nothing { envelope: id }
            }
        }
    }

    /// The response to Slack once all interactions are durable; `None` if one could not be made
    /// durable.
    pub(super) async fn accept(&self, interactions: Vec<Inbound>) -> Option<Value> {
        let mut payload = Value::Null;
        for interaction in interactions {
            match self.accept_one(interaction).await? {
                Accepted::New | Accepted::Duplicate => {}
                Accepted::Invalid(mistakes) => payload = with_mistakes(&mistakes),
            }
        }
        Some(payload)
    }

    /// Makes an interaction durable; returns `None` if that failed, which is logged here.
    pub(in crate::slack) async fn accept_one(&self, interaction: Inbound) -> Option<Accepted> {
        let user = interaction.user.clone();
        let handled = AssertUnwindSafe(async { (self.handler)(interaction).await }).catch_unwind();
        match handled.await {
            Ok(Ok(accepted)) => {
                match accepted {
                    Accepted::New | Accepted::Duplicate => {
                        self.stats.accepted.fetch_add(1, Ordering::Relaxed);
                    }
                    Accepted::Invalid(_) => {}
                }
                return Some(accepted);
            }
            Ok(Err(error)) => tracing::error!(
                slack.user = user,
                error = format!("{error:#}"),
                "failed to store an interaction: not acknowledged, so that Slack delivers it again"
            ),
            // If nobody waits for it, receiving has already ended.
            Err(panic) => drop(self.panicked.send(what_it_said(panic.as_ref()))),
        }
        self.stats.refused.fetch_add(1, Ordering::Relaxed);
        None
    }

    /// Logs the kind of a payload and its fields, and never their values.
    pub(in crate::slack) fn unreadable(&self, kind: &str, payload: &Value) {
        self.stats.unreadable.fetch_add(1, Ordering::Relaxed);
        let fields: Vec<&str> = match payload {
            Value::Object(fields) => fields.keys().map(String::as_str).collect(),
            _ => Vec::new(),
        };
        let inner = payload.get("type").and_then(Value::as_str).unwrap_or_default();
        tracing::warn!(slack.kind = kind, slack.payload = inner, slack.fields = ?fields, "what Slack sent was not understood");
    }

    /// Ends when there was no connection for `silence`.
    pub(super) async fn watch(&self, silence: Duration) -> Duration {
        let mut last = Instant::now();
        let period = (silence / 10).max(Duration::from_millis(10));
        let mut tick = tokio::time::interval_at(last + period, period);
        loop {
            tick.tick().await;
            if self.open.load(Ordering::Relaxed) > 0 {
                last = Instant::now();
                continue;
            }
            if last.elapsed() >= silence {
                return silence;
            }
            tracing::warn!(slack.silent_s = last.elapsed().as_secs(), "no connection to Slack");
        }
    }
}

fn what_it_said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}
