//! Slack over HTTP: what people do is posted to the address of the app, and signed.
//!
//! Source: Slack's documentation, "Verifying requests from Slack" and "Handling user interaction in
//! your app". A slash command is a form of its fields, an interaction a form with one field
//! `payload`, an event is JSON.

use std::time::Instant;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::socket::{Delivery, Envelope, PATIENCE};
use super::{Deadline, Workspace};

/// Where the app is called, and the secret that both know.
#[derive(Clone)]
pub(crate) struct RequestUrl {
    url: String,
    secret: String,
    client: reqwest::Client,
}

/// A request as it left: a test may send it again, or change it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// `X-Slack-Request-Timestamp`, in seconds since 1970.
    pub timestamp: i64,
    /// `X-Slack-Signature`.
    pub signature: String,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// The body, as it was signed.
    pub body: String,
}

impl Signed {
    /// The same body, signed for that time with that secret.
    #[must_use]
    pub fn again(&self, timestamp: i64, secret: &str) -> Self {
        let signature = signature(secret, timestamp, &self.body);
        Self { timestamp, signature, ..self.clone() }
    }
}

impl Workspace {
    /// Posts to `url` from now on, and opens no socket's worth of envelopes any more.
    pub fn call_at(&self, url: &str, signing_secret: &str) {
        let (url, secret) = (url.to_owned(), signing_secret.to_owned());
        let target = RequestUrl { url, secret, client: reqwest::Client::new() };
        self.change(|world| world.request_url = Some(target));
    }

    /// All requests that were posted to the app, oldest first.
    pub fn requests(&self) -> Vec<Signed> {
        self.look().requests.clone()
    }

    pub(crate) async fn call(&self, target: &RequestUrl, envelope: &Envelope) -> Delivery {
        let (content_type, body) = match envelope.kind {
            "slash_commands" => (FORM, form(&fields(&envelope.payload))),
            "interactive" => (FORM, form(&[("payload", envelope.payload.to_string())])),
            _ => ("application/json", envelope.payload.to_string()),
        };
        let timestamp = self.now().timestamp();
        let signature = signature(&target.secret, timestamp, &body);
        let signed = Signed { timestamp, signature, content_type, body };
        self.change(|world| {
            world.requests.push(signed.clone());
            world.sockets.remember(envelope);
        });
        let mut request = target
            .client
            .post(&target.url)
            .header("content-type", signed.content_type)
            .header("x-slack-request-timestamp", signed.timestamp.to_string())
            .header("x-slack-signature", signed.signature);
        if let Some((attempt @ 1.., reason)) = envelope.retry {
            request = request
                .header("x-slack-retry-num", attempt.to_string())
                .header("x-slack-retry-reason", reason);
        }
        let deadline = Deadline::after(self.clock(), PATIENCE);
        let started = Instant::now();
        let answer = async {
            let answer = request.body(signed.body).send().await.ok()?.error_for_status().ok()?;
            let text = answer.text().await.ok()?;
            // An empty answer is an acknowledgement, and so is a text.
            Some(serde_json::from_str(&text).unwrap_or(Value::Null))
        };
        tokio::select! {
            answer = answer => match answer {
                Some(payload) => Delivery::Acknowledged(payload, started.elapsed()),
                None => Delivery::NoSocket,
            },
            () = deadline.wait(self.clock()) => Delivery::TimedOut,
        }
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

fn fields(payload: &Value) -> Vec<(&str, String)> {
    let fields = payload.as_object().into_iter().flatten();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    fields.map(|(name, value)| (name.as_str(), text(value))).collect()
}

fn form(fields: &[(&str, String)]) -> String {
    serde_urlencoded::to_string(fields).unwrap_or_default()
}

fn signature(secret: &str, timestamp: i64, body: &str) -> String {
    // A key of any length is a key.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(format!("v0:{timestamp}:{body}").as_bytes());
    let bytes = mac.finalize().into_bytes();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("v0={hex}")
}
