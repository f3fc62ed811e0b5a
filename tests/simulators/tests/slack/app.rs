//! An app driven by hand: it sends and acknowledges what a test tells it to.

use chrono::{DateTime, Utc};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use simulators::clock::Clock;
use simulators::slack::{Channel, Person, Tokens, UserGroup, Workspace};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// A clock that stands still, a workspace on a port, and the app's access to it.
pub(crate) struct World {
    pub(crate) slack: Workspace,
    pub(crate) clock: Clock,
    pub(crate) base: String,
    http: reqwest::Client,
}

pub(crate) fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).expect("a time")
}

pub(crate) async fn world() -> World {
    world_with(Tokens::new("xoxb-1", "xapp-1")).await
}

pub(crate) async fn world_with(tokens: Tokens) -> World {
    let clock = Clock::new(start(), 0.0);
    let people = vec![
        Person::new("U1", "aiko", "Aiko Tanaka"),
        Person::new("U2", "ben", "Ben Okafor"),
        Person::bot("UB", "patchbot", "patchbot"),
    ];
    let channels = vec![
        Channel::new("C1", "patching", &["U1", "U2", "UB"]),
        Channel::new("C2", "elsewhere", &["U1"]),
    ];
    let slack = Workspace::new(clock.clone(), people, channels, tokens)
        .with_groups(vec![UserGroup::new("S1", "ops", "Operations", &["U1"])]);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let (base, _task) = slack.serve(listener).expect("an address");
    World { slack, clock, base, http: reqwest::Client::new() }
}

impl World {
    pub(crate) async fn call(&self, method: &str, args: Value) -> Value {
        self.call_as("xoxb-1", method, args).await
    }

    pub(crate) async fn call_as(&self, token: &str, method: &str, args: Value) -> Value {
        let url = format!("{}/api/{method}", self.base);
        let request = self.http.post(url).bearer_auth(token).json(&args);
        request.send().await.expect("an answer").json().await.expect("JSON")
    }

    /// The raw answer to a form or a query.
    pub(crate) async fn raw(
        &self,
        method: &str,
        query: &str,
    ) -> reqwest::Result<reqwest::Response> {
        let url = format!("{}/api/{method}?{query}", self.base);
        self.http.get(url).bearer_auth("xoxb-1").send().await
    }

    pub(crate) async fn post_to(&self, url: &str, body: Value) -> reqwest::Response {
        self.http.post(url).json(&body).send().await.expect("an answer")
    }

    pub(crate) async fn ok(&self, method: &str, args: Value) -> Value {
        let answer = self.call(method, args).await;
        assert_eq!(answer["ok"], true, "{method}: {answer}");
        answer
    }

    /// The error code of a call that must fail.
    pub(crate) async fn error(&self, method: &str, args: Value) -> String {
        self.call(method, args).await["error"].as_str().unwrap_or("none").to_owned()
    }

    pub(crate) async fn connect(&self) -> Line {
        let answer = self.call_as("xapp-1", "apps.connections.open", json!({})).await;
        let url = answer["url"].as_str().expect("an address").to_owned();
        let (socket, _) = tokio_tungstenite::connect_async(&url).await.expect("a socket");
        let mut line = Line(socket);
        assert_eq!(line.next().await["type"], "hello");
        line
    }

    /// Posts a card with these buttons; returns its ts.
    pub(crate) async fn card(&self, buttons: &[&str]) -> String {
        let answer = self
            .ok(
                "chat.postMessage",
                json!({ "channel": "C1", "text": "x", "blocks": card(buttons) }),
            )
            .await;
        answer["ts"].as_str().expect("a ts").to_owned()
    }
}

pub(crate) fn card(buttons: &[&str]) -> Value {
    let button = |label: &&str| {
        json!({ "type": "button", "action_id": format!("do:{label}"), "value": "p1",
                "text": { "type": "plain_text", "text": label } })
    };
    let buttons: Vec<Value> = buttons.iter().map(button).collect();
    let text = json!({ "type": "section", "text": { "type": "mrkdwn", "text": "*A plan*" } });
    if buttons.is_empty() {
        json!([text])
    } else {
        json!([text, { "type": "actions", "block_id": "acts", "elements": buttons }])
    }
}

/// One socket of the app.
pub(crate) struct Line(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Line {
    /// The next text frame, null at the end.
    pub(crate) async fn next(&mut self) -> Value {
        while let Some(Ok(frame)) = self.0.next().await {
            if let Message::Text(text) = frame {
                return serde_json::from_str(text.as_str()).expect("JSON");
            }
        }
        Value::Null
    }

    pub(crate) async fn say(&mut self, what: Value) {
        self.0.send(Message::text(what.to_string())).await.expect("the socket is open");
    }

    /// Takes the next envelope and acknowledges it.
    pub(crate) async fn ack(&mut self, payload: Value) -> Value {
        let envelope = self.next().await;
        let mut ack = json!({ "envelope_id": envelope["envelope_id"] });
        if !payload.is_null() {
            ack["payload"] = payload;
        }
        self.say(ack).await;
        envelope
    }
}
