//! HTTP mode: Slack sends signed requests to the app's request URL, instead of using a socket.
//!
//! Commands and interactions are forms, events are JSON (Slack's docs, "Verifying requests from
//! Slack", "Slash commands", "The Events API"). The signature is over `v0:<timestamp>:<body>`.

use std::time::Instant;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use uuid::Uuid;

use super::socket::{Delivery, Envelope, PATIENCE};
use super::{Deadline, Workspace};
use crate::payloads;

/// The address of an app in HTTP mode, and the secret that it shares with Slack.
#[derive(Clone)]
pub(crate) struct RequestUrl {
    url: String,
    signing_secret: String,
    client: reqwest::Client,
}

/// A request as it was sent: a test may send it again, or change it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// `X-Slack-Request-Timestamp`, in seconds since 1970.
    pub timestamp: i64,
    /// `X-Slack-Signature`.
    pub signature: String,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// The body that was signed.
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

/// The value of `X-Slack-Signature`.
fn signature(secret: &str, timestamp: i64, body: &str) -> String {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(format!("v0:{timestamp}:{body}").as_bytes());
    let digest = mac.finalize().into_bytes();
    let hex: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("v0={}", hex.concat())
}

/// The body, and its content type.
fn body(envelope: &Envelope) -> (String, &'static str) {
    const FORM: &str = "application/x-www-form-urlencoded";
    let fields: Vec<(String, String)> = match envelope.kind {
        "events_api" => return (envelope.payload.to_string(), "application/json"),
        "slash_commands" => {
            let fields = envelope.payload.as_object().into_iter().flatten();
            let text = |value: &Value| value.as_str().map_or(value.to_string(), str::to_owned);
            fields.map(|(name, value)| (name.clone(), text(value))).collect()
        }
        _ => vec![("payload".to_owned(), envelope.payload.to_string())],
    };
    (serde_urlencoded::to_string(fields).unwrap_or_default(), FORM)
}

impl RequestUrl {
    fn sign(&self, envelope: &Envelope, now: DateTime<Utc>) -> Signed {
        let (body, content_type) = body(envelope);
        let timestamp = now.timestamp();
        let signature = signature(&self.signing_secret, timestamp, &body);
        Signed { timestamp, signature, content_type, body }
    }

    fn request(&self, envelope: &Envelope, signed: Signed) -> reqwest::RequestBuilder {
        let mut request = self
            .client
            .post(&self.url)
            .header("content-type", signed.content_type)
            .header("user-agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
            .header("x-slack-request-timestamp", signed.timestamp)
            .header("x-slack-signature", signed.signature);
        if let Some((attempt @ 1.., reason)) = envelope.retry {
            // Its terms for the same causes differ from those of Socket Mode.
            let reason = if reason == "timeout" { "http_timeout" } else { reason };
            request =
                request.header("x-slack-retry-num", attempt).header("x-slack-retry-reason", reason);
        }
        request.body(signed.body)
    }
}

/// The content of a response: JSON, or the text of an answer to a command; null if it is empty.
/// Only a response with the content type of JSON is parsed; everything else is shown unchanged.
///
/// # Errors
/// What is wrong with the format.
fn answer(is_json: bool, text: String) -> (Value, Result<(), String>) {
    if text.trim().is_empty() {
        return (Value::Null, Ok(()));
    }
    match serde_json::from_str(&text) {
        Ok(Value::Object(fields)) if is_json && fields.is_empty() => (Value::Null, Ok(())),
        Ok(value @ Value::Object(_)) if is_json => (value, Ok(())),
        _ if is_json => {
            let why = format!("an answer is called JSON and is no object: {text}");
            (Value::String(text), Err(why))
        }
        Ok(Value::Object(_)) => {
            let why = format!("an answer is JSON that is not called so, and is shown raw: {text}");
            (Value::String(text), Err(why))
        }
        _ => (Value::String(text), Ok(())),
    }
}

impl Workspace {
    /// Turns on HTTP mode: from now on commands, interactions and events are posted to `url`, with
    /// signatures by `signing_secret`.
    pub fn call_at(&self, url: &str, signing_secret: &str) {
        let target = RequestUrl {
            url: url.to_owned(),
            signing_secret: signing_secret.to_owned(),
            client: reqwest::Client::new(),
        };
        self.change(|world| world.request_url = Some(target));
    }

    /// All requests that were posted to the app, the oldest first.
    pub fn requests(&self) -> Vec<Signed> {
        self.look().requests.clone()
    }

    /// Sends a challenge to the request URL, as Slack does before it accepts the address for
    /// events. Returns whether it came back.
    pub async fn verify_request_url(&self) -> bool {
        let challenge = Uuid::new_v4().simple().to_string();
        let payload =
            json!({ "token": "simulated", "challenge": challenge, "type": "url_verification" });
        let envelope = Envelope::new("events_api", true, payload);
        match self.deliver(&envelope).await {
            Delivery::Acknowledged(Value::String(text), _) => text.trim() == challenge,
            Delivery::Acknowledged(answer, _) => {
                answer.get("challenge").is_some_and(|back| *back == challenge)
            }
            _ => false,
        }
    }

    /// Posts the envelope's payload and waits three seconds for a 2xx.
    pub(crate) async fn post_to(&self, target: &RequestUrl, envelope: &Envelope) -> Delivery {
        let deadline = Deadline::after(self.clock(), PATIENCE);
        let started = Instant::now();
        let signed = target.sign(envelope, self.now());
        self.change(|world| {
            world.requests.push(signed.clone());
            world.sockets.remember(envelope);
        });
        let request = target.request(envelope, signed);
        let exchange = async {
            let response = request.send().await?;
            let status = response.status();
            let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok());
            let is_json = kind.is_some_and(|kind| kind.starts_with("application/json"));
            Ok::<_, reqwest::Error>((status, is_json, response.text().await?))
        };
        let (status, is_json, text) = tokio::select! {
            biased;
            exchanged = exchange => match exchanged {
                Ok(exchanged) => exchanged,
                Err(error) => {
                    tracing::debug!(%error, "the request URL did not answer");
                    return Delivery::NoSocket;
                }
            },
            () = deadline.wait(self.clock()) => return Delivery::TimedOut,
        };
        let charts = !self.look().refuse_charts;
        if !status.is_success() {
            let (said, outcome) = (Value::String(text), format!("http_{}", status.as_u16()));
            payloads::acknowledgement(envelope.what(), &said, &outcome, charts);
            return Delivery::Refused(status.as_u16());
        }
        let (answer, fault) = answer(is_json, text);
        payloads::acknowledgement(envelope.what(), &answer, "ok", charts);
        if let Err(fault) = fault {
            self.change(|world| world.complain(fault));
        }
        if !answer.is_null() && !envelope.accepts_payload {
            let what = format!("{} takes no response payload: {answer}", envelope.what());
            self.change(|world| world.complain(what));
        }
        let answer = if envelope.accepts_payload { answer } else { Value::Null };
        Delivery::Acknowledged(answer, started.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_one_of_slacks_own_example() {
        // "Verifying requests from Slack".
        let body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow\
                    &channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA\
                    &user_name=roadrunner&command=%2Fwebhook-collect&text=\
                    &response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN\
                    &trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
        assert_eq!(
            signature("8f742231b10e8888abcd99yyyzzz85a5", 1_531_420_618, body),
            "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
        );
    }
}
