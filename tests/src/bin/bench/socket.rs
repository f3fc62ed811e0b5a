//! A minimal Socket Mode server: it sends slash commands and notes when each is acknowledged.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use axum::serve::ListenerExt as _;
use axum::{Json, Router};
use futures_util::future::BoxFuture;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use stories::{CHANNEL, FaultPolicy, OMAR, Stage};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many connections the bot opens.
const CONNECTIONS: usize = 2;

/// The server that accepts the bot's connections.
pub(super) struct Sockets {
    connections: mpsc::UnboundedReceiver<Connection>,
    /// How many private answers have arrived.
    answers: watch::Receiver<usize>,
}

/// One connection of the bot.
pub(super) struct Connection {
    number: usize,
    /// The address for private answers.
    hooks: String,
    frames: mpsc::UnboundedSender<Message>,
    answers: mpsc::UnboundedReceiver<(String, Instant)>,
    sent: usize,
    acknowledged: usize,
    waiting: BTreeMap<String, Instant>,
}

#[derive(Clone)]
struct Arrivals {
    connections: mpsc::UnboundedSender<Connection>,
    hooks: String,
    count: Arc<std::sync::atomic::AtomicUsize>,
}

impl Sockets {
    /// Intercepts the Slack of `stage`: a bot that asks for a connection gets one to this server.
    pub(super) async fn before(stage: &Stage) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("failed to bind a port")?;
        let address = listener.local_addr().context("failed to ask for the port")?;
        let (connections, arrived) = mpsc::unbounded_channel();
        let arrivals = Arrivals {
            connections,
            hooks: format!("http://{address}/hook"),
            count: Arc::default(),
        };
        let (counted, answers) = watch::channel(0);
        let answered = async move || {
            counted.send_modify(|count| *count += 1);
            "ok"
        };
        let router = Router::new()
            .route("/socket", any(connected))
            .route("/hook", post(answered))
            .with_state(arrivals);
        // An envelope is small and urgent.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        tokio::spawn(async move { axum::serve(listener, router).await });
        stage.slack_gate.set_policy(Arc::new(Redirect(format!("ws://{address}/socket"))));
        Ok(Self { connections: arrived, answers })
    }

    /// Waits until this many private answers have arrived.
    pub(super) async fn all_answered(&mut self, count: usize) -> Result<()> {
        let all = self.answers.wait_for(|answered| *answered >= count);
        let all = tokio::time::timeout(PATIENCE * 4, all).await;
        all.context("not everybody is answered")?.context("the answers end")?;
        Ok(())
    }

    /// Returns all connections that the bot opens, once each handshake is complete.
    pub(super) async fn connected(&mut self) -> Result<Vec<Connection>> {
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            let connection = tokio::time::timeout(PATIENCE, self.connections.recv()).await;
            connections.push(
                connection.context("the bot opens no connection")?.context("nobody listens")?,
            );
        }
        Ok(connections)
    }
}

impl Connection {
    /// Sends a typed command.
    pub(super) fn send(&mut self) -> Result<()> {
        self.sent += 1;
        let id = format!("{}-{}", self.number, self.sent);
        let envelope = json!({
            "envelope_id": id,
            "type": "slash_commands",
            "accepts_response_payload": true,
            "payload": {
                "token": "bench", "team_id": "T0SIMULATED", "team_domain": "bench",
                "channel_id": CHANNEL, "channel_name": "patching",
                "user_id": OMAR, "user_name": "omar", "command": "/patch", "text": "help",
                "api_app_id": "A0000001", "is_enterprise_install": "false",
                "response_url": self.hooks, "trigger_id": format!("bench.{id}"),
            }
        });
        self.waiting.insert(id, Instant::now());
        self.frames.send(Message::text(envelope.to_string())).context("the connection is gone")
    }

    /// Whether an acknowledgement is still missing.
    pub(super) fn is_owed(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Waits for the next acknowledgement and returns its latency.
    pub(super) async fn answered(&mut self) -> Result<Duration> {
        let next = tokio::time::timeout(PATIENCE, self.answers.recv()).await;
        let (id, at) = next.context("nothing is acknowledged")?.context("the line is cut")?;
        let sent = self.waiting.remove(&id);
        self.acknowledged += 1;
        Ok(at - sent.with_context(|| format!("{id} was acknowledged twice, or never sent"))?)
    }

    /// How many were acknowledged in total.
    pub(super) fn acknowledged(&self) -> usize {
        self.acknowledged
    }
}

async fn connected(State(arrivals): State<Arrivals>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(move |socket| serve(socket, arrivals))
}

async fn serve(socket: WebSocket, arrivals: Arrivals) {
    let (mut sink, mut stream) = socket.split();
    let hello = json!({ "type": "hello", "num_connections": 1, "debug_info": {} });
    if sink.send(Message::text(hello.to_string())).await.is_err() {
        return;
    }
    let (frames, mut to_send) = mpsc::unbounded_channel();
    let (answered, answers) = mpsc::unbounded_channel();
    let number = arrivals.count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    let connection = Connection {
        number,
        hooks: arrivals.hooks,
        frames,
        answers,
        sent: 0,
        acknowledged: 0,
        waiting: BTreeMap::new(),
    };
    // The measurement may be over.
    let _ = arrivals.connections.send(connection);
    let sending = async {
        while let Some(frame) = to_send.recv().await {
            if sink.send(frame).await.is_err() {
                return;
            }
        }
    };
    let receiving = async {
        while let Some(Ok(frame)) = stream.next().await {
            let at = Instant::now();
            let Message::Text(text) = frame else { continue };
            let Ok(answer) = serde_json::from_str::<Value>(&text) else { return };
            let Some(id) = answer.get("envelope_id").and_then(Value::as_str) else { return };
            if answered.send((id.to_owned(), at)).is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = sending => {}
        () = receiving => {}
    }
}

/// Redirects a bot that asks Slack for a connection.
#[derive(Debug)]
struct Redirect(String);

impl FaultPolicy for Redirect {
    fn handle(&self, what: String, request: Request, next: Next) -> BoxFuture<'static, Response> {
        if what != "apps.connections.open" {
            return Box::pin(next.run(request));
        }
        let opened = Json(json!({ "ok": true, "url": self.0 })).into_response();
        Box::pin(std::future::ready(opened))
    }
}
