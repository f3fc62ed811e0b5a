//! A bot driven by hand: it sends what a test tells it to send.

use chrono::{DateTime, Utc};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use simulators::clock::Clock;
use simulators::discord::{App, Channel, Discord, Guild, Member, RateLimits};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// A clock that stands still, a guild on a port, and the bot's access to it.
pub(crate) struct World {
    pub(crate) discord: Discord,
    pub(crate) clock: Clock,
    pub(crate) base: String,
    pub(crate) http: reqwest::Client,
}

pub(crate) async fn world() -> World {
    let start: DateTime<Utc> = DateTime::from_timestamp(1_760_000_000, 0).expect("a time");
    let clock = Clock::new(start, 0.0);
    let guild = Guild::new("100", "Operations")
        .with_member(Member::new("1", "aiko", "Aiko Tanaka"))
        .with_member(Member::new("2", "ben", "Ben Okafor"))
        .with_channel(Channel::new("200", "patching"))
        .with_channel(Channel::new("201", "secret").with_overwrite("100", false, 0, 1 << 10))
        .with_channel(Channel::new("202", "no-past").with_overwrite("100", false, 0, 1 << 16));
    let discord = Discord::new(clock.clone(), App::new("900", "patchbot", "token"), vec![guild]);
    discord.set_rate_limits(RateLimits::Off);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let (base, _task) = discord.serve(listener).expect("an address");
    World { discord, clock, base, http: reqwest::Client::new() }
}

impl World {
    /// The status and body of a request with the bot's token.
    pub(crate) async fn call(&self, verb: &str, path: &str, body: Value) -> (u16, Value) {
        let verb = verb.parse().expect("a verb");
        let url = format!("{}/api/v10{path}", self.base);
        let request = self.http.request(verb, url).header("authorization", "Bot token");
        let request = if body.is_null() { request } else { request.json(&body) };
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or_default())
    }

    pub(crate) async fn ok(&self, verb: &str, path: &str, body: Value) -> Value {
        let (status, body) = self.call(verb, path, body).await;
        assert!(status < 300, "{verb} {path}: {status} {body}");
        body
    }

    /// The error code of a request that must fail.
    pub(crate) async fn code(&self, verb: &str, path: &str, body: Value) -> i64 {
        let (status, body) = self.call(verb, path, body).await;
        assert!(status >= 400, "{verb} {path}: {status} {body}");
        body["code"].as_i64().expect("a code")
    }

    pub(crate) async fn open(&self) -> Line {
        let answer = self.ok("GET", "/gateway/bot", Value::Null).await;
        let url = format!("{}?v=10&encoding=json", answer["url"].as_str().expect("an address"));
        let (socket, _) = tokio_tungstenite::connect_async(&url).await.expect("a socket");
        let mut line = Line(socket);
        assert_eq!(line.next().await["op"], 10);
        line
    }

    /// A connection that has identified itself, and its session.
    pub(crate) async fn connect(&self) -> (Line, String) {
        let mut line = self.open().await;
        line.say(identify(1)).await;
        let ready = line.next().await;
        assert_eq!(ready["t"], "READY");
        assert_eq!(line.next().await["t"], "GUILD_CREATE");
        (line, ready["d"]["session_id"].as_str().expect("a session").to_owned())
    }

    /// Posts a card with these buttons; returns its id.
    pub(crate) async fn card(&self, buttons: &[&str]) -> String {
        let body = json!({ "embeds": [{ "title": "A plan" }], "components": row(buttons) });
        let answer = self.ok("POST", "/channels/200/messages", body).await;
        answer["id"].as_str().expect("an id").to_owned()
    }

    pub(crate) async fn respond(&self, event: &Value, body: Value) -> (u16, Value) {
        let (id, token) = (&event["d"]["id"], &event["d"]["token"]);
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let path = format!("/interactions/{}/{}/callback", text(id), text(token));
        self.call("POST", &path, body).await
    }
}

pub(crate) fn identify(intents: u64) -> Value {
    json!({ "op": 2, "d": { "token": "token", "intents": intents, "properties": {} } })
}

pub(crate) fn row(labels: &[&str]) -> Value {
    let button = |label: &&str| json!({ "type": 2, "style": 1, "label": label, "custom_id": format!("do:{label}") });
    let buttons: Vec<Value> = labels.iter().map(button).collect();
    if buttons.is_empty() { json!([]) } else { json!([{ "type": 1, "components": buttons }]) }
}

/// One connection of the bot.
pub(crate) struct Line(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Line {
    /// The next payload; at the end `{"close": code}`, or null without a code.
    pub(crate) async fn next(&mut self) -> Value {
        while let Some(Ok(frame)) = self.0.next().await {
            match frame {
                Message::Text(text) => return serde_json::from_str(&text).expect("JSON"),
                Message::Close(Some(reason)) => {
                    return json!({ "close": u16::from(reason.code) });
                }
                _ => {}
            }
        }
        Value::Null
    }

    pub(crate) async fn say(&mut self, what: Value) {
        self.0.send(Message::text(what.to_string())).await.expect("the socket is open");
    }
}
