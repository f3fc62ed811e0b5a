//! Slack's side of the wire, as small as possible: what the bot sends, and how it handles
//! responses.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use commands::environment::Promotion;
use commands::input::button::ButtonAction;
use commands::text::Text;
use commands::text::wording::Locale;
use commands::view::{Block, Button, ButtonStyle, Card, Chart, Series, Tone};
use patchbot::chat::{Accepted, SlackReply};
use patchbot::slack::socket_mode::Settings;
use patchbot::slack::{Access, Handler, Inbound, Interaction, ListenError, Slack, SlackError};
use patchbot::telemetry::ListenStats;
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// Answers each call with the next response in its script, and records the calls.
#[derive(Clone, Default)]
struct Fake {
    script: Arc<Mutex<Vec<(u16, Value)>>>,
    calls: Arc<Mutex<Vec<(String, Value)>>>,
    envelopes: Arc<Mutex<Vec<Value>>>,
    acks: Arc<Mutex<Vec<Value>>>,
    address: Arc<Mutex<String>>,
    connections: Arc<AtomicUsize>,
}

impl Fake {
    async fn start() -> (Self, Slack) {
        let fake = Self::default();
        let app = Router::new()
            .route("/socket", get(socket))
            .route("/api/{method}", any(call))
            .with_state(fake.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        *fake.address.lock().expect("a lock") = address.clone();
        tokio::spawn(async move { axum::serve(listener, app).await });
        let access = Access {
            bot_token: "xoxb-secret".into(),
            app_token: Some("xapp-secret".into()),
            api_url: Some(format!("http://{address}/api")),
            plain_http: true,
        };
        (fake, Slack::new(&access, Arc::default()).expect("a client"))
    }

    fn will_answer(&self, answers: impl IntoIterator<Item = (u16, Value)>) {
        let mut script: Vec<(u16, Value)> = answers.into_iter().collect();
        script.reverse();
        *self.script.lock().expect("a lock") = script;
    }

    fn heard(&self, message: Message) {
        if let Message::Text(ack) = message {
            let ack = serde_json::from_str(&ack).expect("an ack is JSON");
            self.acks.lock().expect("a lock").push(ack);
        }
    }

    fn calls(&self) -> Vec<(String, Value)> {
        std::mem::take(&mut *self.calls.lock().expect("a lock"))
    }
}

async fn call(
    State(fake): State<Fake>,
    Path(method): Path<String>,
    Query(query): Query<Value>,
    body: String,
) -> Response {
    if method == "apps.connections.open" {
        let url = format!("ws://{}/socket", fake.address.lock().expect("a lock"));
        return Json(json!({"ok": true, "url": url})).into_response();
    }
    let asked = serde_json::from_str(&body).unwrap_or(query);
    fake.calls.lock().expect("a lock").push((method, asked));
    let next = fake.script.lock().expect("a lock").pop();
    let (status, answer) = next.unwrap_or((200, json!({"ok": true, "ts": "1.000100"})));
    let status = StatusCode::from_u16(status).expect("a status");
    let rest = answer["rest"].as_str().unwrap_or("1").to_owned();
    (status, [("retry-after", rest)], Json(answer)).into_response()
}

async fn socket(State(fake): State<Fake>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(move |socket| serve(fake, socket))
}

async fn serve(fake: Fake, mut socket: WebSocket) {
    fake.connections.fetch_add(1, Ordering::Relaxed);
    let hello = json!({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A1"}});
    let _ = socket.send(Message::Text(hello.to_string().into())).await;
    loop {
        let next = fake.envelopes.lock().expect("a lock").pop();
        let renews = next.as_ref().is_some_and(|envelope| envelope["type"] == "disconnect");
        if let Some(envelope) = next {
            let _ = socket.send(Message::Text(envelope.to_string().into())).await;
        }
        // Slack sends nothing more on a connection that it asked to close.
        if renews {
            while let Some(Ok(message)) = socket.recv().await {
                fake.heard(message);
            }
            return;
        }
        match tokio::time::timeout(Duration::from_millis(20), socket.recv()).await {
            Ok(Some(Ok(message))) => fake.heard(message),
            Err(_) => {}
            Ok(Some(Err(_)) | None) => return,
        }
    }
}

fn card() -> Card {
    let press = ButtonAction::Plan { environment: "verification".parse().expect("a name") };
    let series = vec![Series { name: "Compliant".into(), values: vec![3] }];
    let categories = vec!["verification".into()];
    Card {
        drill: false,
        tone: Tone::Calm,
        title: "Compliance".into(),
        blocks: vec![
            Block::Text(Text::from("three nodes")),
            Block::Chart(Chart { title: "Nodes".into(), categories, series }),
        ],
        buttons: vec![Button {
            label: "Plan".into(),
            press,
            style: ButtonStyle::Primary,
            confirm: None,
        }],
        fallback: "Three nodes are compliant.".into(),
    }
}

fn reply() -> SlackReply {
    SlackReply {
        channel: "C1".into(),
        user: "U1".into(),
        response_url: None,
        trigger_id: Some("7".into()),
        thread: None,
    }
}

fn refused(code: &str) -> (u16, Value) {
    (200, json!({"ok": false, "error": code}))
}

#[tokio::test]
async fn a_refused_chart_becomes_lines_and_the_buttons_stay() {
    let (fake, slack) = Fake::start().await;
    // There is no scope to upload a picture of the chart.
    fake.will_answer([refused("invalid_blocks"), refused("missing_scope")]);
    let ts = slack.post("C1", None, &card(), Locale::En, "announcement/1").await.expect("posted");
    assert_eq!(ts, "1.000100");
    let calls = fake.calls();
    let methods: Vec<&str> = calls.iter().map(|(method, _)| method.as_str()).collect();
    assert_eq!(methods, ["chat.postMessage", "files.getUploadURLExternal", "chat.postMessage"]);
    assert!(calls[0].1["blocks"].to_string().contains("data_visualization"));
    let second = calls[2].1["blocks"].to_string();
    assert!(!second.contains("data_visualization") && second.contains("p1|plan|verification"));
    let key = json!({"event_type": "patchbot", "event_payload": {"key": "announcement/1"}});
    assert_eq!(calls[2].1["metadata"], key);
    assert_eq!(calls[2].1["unfurl_links"], false);

    let more = ["invalid_blocks", "missing_scope", "msg_blocks_too_long"].map(refused);
    fake.will_answer(more);
    slack.update("C1", &ts, &card(), Locale::Ja).await.expect("edited");
    assert_eq!(fake.calls()[3].1.get("blocks"), None);
}

#[tokio::test]
async fn a_limit_is_waited_for() {
    let (fake, slack) = Fake::start().await;
    fake.will_answer([(429, json!({"ok": false, "error": "ratelimited"}))]);
    let before = std::time::Instant::now();
    slack.post_text("C1", Some("1.0"), &Text::from("hi"), Locale::En, "k").await.expect("posted");
    assert!(before.elapsed() >= Duration::from_secs(1));
    assert_eq!(fake.calls()[1].1["thread_ts"], "1.0");

    // A caller that waited so long would not know whether the message was sent.
    fake.will_answer([(429, json!({"ok": false, "error": "ratelimited", "rest": "3600"}))]);
    let limited = slack.permalink("C1", "1.0").await.expect_err("it comes back in an hour");
    let (method, retry_after) = ("chat.getPermalink", Some(Duration::from_secs(3_600)));
    assert_eq!(limited, SlackError::Limited { method, retry_after });
    assert!(limited.is_temporary() && !limited.may_have_happened());
    assert_eq!(fake.calls().len(), 1);
}

#[tokio::test]
async fn errors_tell_what_to_do_and_no_secret() {
    let (fake, slack) = Fake::start().await;
    let mut told = Vec::new();
    let garbled = (200, json!({"ok": true, "permalink": {"secret": 1}}));
    for answer in
        [refused("channel_not_found"), refused("internal_error"), (503, json!({})), garbled]
    {
        fake.will_answer([answer]);
        let error = slack.permalink("C1", "1.0").await.expect_err("it fails");
        assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
        told.push((error.is_temporary(), error.may_have_happened(), error.is_about_access()));
    }
    let refused = (false, false, true);
    let uncertain = (true, true, false);
    assert_eq!(told, [refused, uncertain, uncertain, uncertain]);
}

#[tokio::test]
async fn a_post_is_found_again_by_its_key() {
    let (fake, slack) = Fake::start().await;
    let message = |user: &str, ts: &str, key: &str| {
        let metadata = json!({"event_type": "patchbot", "event_payload": {"key": key}});
        json!({"ts": ts, "user": user, "metadata": metadata, "blocks": [{"type": "hologram"}]})
    };
    let first = json!({"ok": true, "messages": [message("UEVIL", "1.1", "k")],
        "response_metadata": {"next_cursor": "next"}});
    let second =
        json!({"ok": true, "messages": [message("UBOT", "1.2", "j"), message("UBOT", "1.3", "k")]});
    let us = json!({"ok": true, "user_id": "UBOT", "bot_id": "B1", "team_id": "T1", "team": "ops"});
    fake.will_answer([(200, us), (200, first), (200, second)]);
    let since = chrono::DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
    let found = slack.find("C1", Some("1.0"), "k", since).await.expect("looked");
    assert_eq!(found.as_deref(), Some("1.3"));
    let calls = fake.calls();
    assert_eq!(calls[1].0, "conversations.replies");
    assert_eq!(calls[1].1["include_all_metadata"], "true");
    assert_eq!(calls[1].1["oldest"], "1700000000.000000");
    assert_eq!(calls[2].1["cursor"], "next");
}

#[tokio::test]
async fn a_used_up_address_is_answered_another_way() {
    let (fake, slack) = Fake::start().await;
    let address = fake.address.lock().expect("a lock").clone();
    let reply =
        SlackReply { response_url: Some(format!("http://{address}/api/respond")), ..reply() };
    fake.will_answer([(404, json!({"ok": false, "error": "used_url"}))]);
    slack.answer(&reply, &card(), Locale::En).await.expect("answered");
    let calls = fake.calls();
    assert_eq!((calls[0].0.as_str(), calls[1].0.as_str()), ("respond", "chat.postEphemeral"));
    assert_eq!(calls[0].1["replace_original"], false);
    assert_eq!(calls[1].1["user"], "U1");
}

#[tokio::test]
async fn a_dialog_that_comes_too_late_is_told_apart() {
    let (fake, slack) = Fake::start().await;
    let run = "verification-1".parse().expect("a run");
    let press = ButtonAction::Reject { run, digest: "0123456789ab".into() };
    let form = commands::view::form::form(&press, &Promotion::default(), Locale::Ja)
        .expect("it needs a reason");
    slack.open_form(&form, &reply()).await.expect("opened");
    let view = fake.calls()[0].1["view"].clone();
    let carried = view["private_metadata"].as_str().expect("something is carried");
    assert!(carried.contains(&press.token()));
    fake.will_answer([refused("expired_trigger_id")]);
    assert_eq!(slack.open_form(&form, &reply()).await, Err(SlackError::TooLateForDialog));
}

#[tokio::test]
async fn a_group_is_asked_for_once_in_five_minutes() {
    let (fake, slack) = Fake::start().await;
    let users = (200, json!({"ok": true, "users": ["U1", "U2"]}));
    fake.will_answer([users.clone(), users, refused("no_such_subteam")]);
    for minutes in [0, 4, 5] {
        let at = chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::minutes(minutes);
        let members = slack.group_members("S1", at).await.expect("members");
        assert!(members.contains("U2"));
    }
    assert_eq!(fake.calls().len(), 2);
    // Many people who click at once share one request.
    let later = chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::minutes(60);
    let (one, other) =
        tokio::join!(slack.group_members("S1", later), slack.group_members("S1", later));
    assert!(one.is_err() && one == other, "nobody is in it");
    assert_eq!(fake.calls().len(), 1);
}

fn click(id: &str) -> Value {
    json!({"type": "interactive", "envelope_id": id, "accepts_response_payload": false, "payload": {
        "type": "block_actions", "team": null, "user": {"id": "U1"}, "trigger_id": "7",
        "container": {"type": "message", "message_ts": "1.5", "channel_id": "C1"},
        "message": {"ts": "1.5", "blocks": [{"type": "hologram"}]},
        "actions": [{"type": "button", "action_id": "press-0", "value": "p1|x", "action_ts": "2.0"}],
    }})
}

async fn until(done: impl Fn() -> bool) {
    for _ in 0..1_000 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not happen");
}

#[tokio::test]
async fn what_is_durable_is_acknowledged_and_nothing_else() {
    let (fake, slack) = Fake::start().await;
    let (sender, mut taken) = mpsc::unbounded_channel::<Inbound>();
    let handler: Handler = Arc::new(move |inbound| {
        let sender = sender.clone();
        Box::pin(async move {
            anyhow::ensure!(inbound.user == "U1", "the disk is full");
            sender.send(inbound)?;
            Ok(Accepted::New)
        })
    });
    let mut unlucky = click("E2");
    unlucky["payload"]["user"]["id"] = json!("U2");
    let unknown =
        json!({"type": "interactive", "envelope_id": "E3", "payload": {"type": "hologram"}});
    let renew = json!({"type": "disconnect", "reason": "refresh_requested"});
    // The last one is sent first.
    *fake.envelopes.lock().expect("a lock") =
        vec![click("E4"), renew, unknown, unlucky, click("E1")];
    let stats = Arc::new(ListenStats::default());
    let settings = Settings { connections: 1, ..Settings::default() };
    let done = until(|| fake.acks.lock().expect("a lock").len() == 3);
    let listening = patchbot::slack::listen(&slack, settings, handler, stats.clone(), done);
    listening.await.expect("it ends when it is told to");
    let acks: Vec<Value> = fake.acks.lock().expect("a lock").clone();
    let id = |id: &str| json!({"envelope_id": id});
    assert_eq!(acks, [id("E1"), id("E3"), id("E4")]);
    let first = taken.recv().await.expect("a click");
    assert_eq!(first.ask, Interaction::Press { token: "p1|x".into(), message_ts: "1.5".into() });
    assert_eq!(taken.recv().await.expect("another").key, first.key);
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let counts = (count(&stats.accepted), count(&stats.refused), count(&stats.unreadable));
    assert_eq!(counts, (2, 1, 1));
    assert_eq!(fake.connections.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_panic_and_a_long_silence_end_the_listening() {
    let (fake, slack) = Fake::start().await;
    *fake.envelopes.lock().expect("a lock") = vec![click("E1")];
    let handler: Handler = Arc::new(|_| panic!("a defect"));
    let stats = Arc::new(ListenStats::default());
    let settings = Settings { connections: 1, silence: Duration::from_secs(5) };
    let listening = patchbot::slack::listen(
        &slack,
        settings,
        handler.clone(),
        stats.clone(),
        std::future::pending(),
    );
    let ended = listening.await;
    assert!(matches!(ended, Err(ListenError::Panic(said)) if said == "a defect"));
    assert!(fake.acks.lock().expect("a lock").is_empty());

    *fake.address.lock().expect("a lock") = "127.0.0.1:1".into();
    let settings = Settings { silence: Duration::from_millis(300), ..settings };
    let listening =
        patchbot::slack::listen(&slack, settings, handler, stats, std::future::pending());
    assert!(matches!(listening.await, Err(ListenError::Silence(_))));
}
