//! Socket Mode: what people do reaches the bot without any open port.
//!
//! Each deed is made durable by the handler before Slack is told that it arrived, and worked on
//! after that. If it could not be made durable, Slack is told nothing and delivers it again.
//!
//! The library keeps the connections, pings them and opens new ones. Its callbacks are not used:
//! before them it drops, and acknowledges, every click on a message with a block that it does not
//! know. Here its listener is implemented instead, which sees every envelope as it came.

use std::any::Any;
use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::Value;
use slack_morphism::clients_manager::{
    SlackSocketModeClientsManager, SlackSocketModeClientsManagerFactory,
};
use slack_morphism::listener::SlackClientEventsListenerEnvironment;
use slack_morphism::{
    SlackClientSocketModeConfig, SlackSocketModeClientListener, SlackSocketModeWssClientId,
};
use thiserror::Error;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::api::Slack;
use super::error::SlackError;
use super::inbound::{self, Inbound, Reading};

/// Makes something durable, in about a millisecond: the next envelope of the connection waits.
pub type Handler =
    Arc<dyn Fn(Inbound) -> BoxFuture<'static, Result<(), anyhow::Error>> + Send + Sync>;

type Manager = dyn SlackSocketModeClientsManager + Send + Sync;
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How it listens.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How many connections at once; while Slack renews one, another still hears.
    pub connections: u32,
    /// For how long there may be none before [`listen`] gives up.
    pub silence: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { connections: 2, silence: Duration::from_secs(180) }
    }
}

/// What was heard so far, to be measured.
#[derive(Debug, Default)]
pub struct Heard {
    /// Deeds that were made durable.
    pub taken: AtomicU64,
    /// Deeds that could not be, and were left for Slack to deliver again.
    pub refused: AtomicU64,
    /// Envelopes that were not understood. Slack was told that they arrived: another delivery
    /// would be no clearer.
    pub unreadable: AtomicU64,
    /// Connections that were opened.
    pub connected: AtomicU64,
    /// Connections that ended.
    pub disconnected: AtomicU64,
}

/// Why listening ended.
#[derive(Debug, Error)]
pub enum ListenError {
    /// No connection for too long.
    #[error("no connection to Slack for {} s", .0.as_secs())]
    Silence(Duration),
    /// A defect of ours.
    #[error("the handler panicked: {0}")]
    Panic(String),
    /// It could not begin.
    #[error(transparent)]
    Slack(#[from] SlackError),
}

/// Listens until `stop` is ready, which is the only way in which it ends well. To drop it closes
/// the connections, too.
pub async fn listen(
    slack: &Slack,
    settings: Settings,
    handler: Handler,
    heard: Arc<Heard>,
    stop: impl Future<Output = ()>,
) -> Result<(), ListenError> {
    let client = slack.inner.client.clone();
    let environment = Arc::new(SlackClientEventsListenerEnvironment::new(client.clone()));
    let manager = client.http_api.connector.new_clients_manager(environment);
    let (panicked, mut panics) = mpsc::unbounded_channel();
    let ear = Arc::new(Ear {
        manager: Arc::downgrade(&manager),
        handler,
        heard,
        open: Mutex::new(HashSet::new()),
        panicked,
    });
    let config = SlackClientSocketModeConfig::new()
        .with_max_connections_count(settings.connections.max(1))
        .with_initial_backoff_in_seconds(1)
        .with_reconnect_timeout_in_seconds(5)
        .with_ping_interval_in_seconds(10)
        .with_ping_failure_threshold_times(3);
    let token = slack.inner.app_token.clone();
    manager
        .register_new_token(&config, token, ear.clone())
        .await
        .map_err(|error| SlackError::of("apps.connections.open", error))?;
    let _close = Close(manager.clone());
    // It returns when all connections are there, which may be never: the watch begins before.
    let connecting = async {
        manager.start().await;
        std::future::pending::<()>().await;
    };

    let watched = ear.watch(settings.silence);
    tokio::select! {
        () = connecting => Ok(()),
        () = stop => Ok(()),
        silence = watched => Err(ListenError::Silence(silence)),
        Some(panic) = panics.recv() => Err(ListenError::Panic(panic)),
    }
}

/// Closes the connections however listening ends.
struct Close(Arc<Manager>);

impl Drop for Close {
    fn drop(&mut self) {
        let manager = Arc::clone(&self.0);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { manager.shutdown().await });
        }
    }
}

/// What the library tells everything that it hears.
struct Ear {
    manager: Weak<Manager>,
    handler: Handler,
    heard: Arc<Heard>,
    /// The connections that said hello and have not ended.
    open: Mutex<HashSet<SlackSocketModeWssClientId>>,
    panicked: mpsc::UnboundedSender<String>,
}

#[async_trait]
impl SlackSocketModeClientListener for Ear {
    async fn on_message(
        &self,
        connection: &SlackSocketModeWssClientId,
        body: String,
    ) -> Option<String> {
        let Ok(envelope) = serde_json::from_str::<Value>(&body) else {
            self.unreadable("no JSON", &Value::Null);
            return None;
        };
        let kind = envelope.get("type").and_then(Value::as_str).unwrap_or_default();
        let payload = envelope.get("payload").unwrap_or(&Value::Null);
        let reading = match kind {
            "hello" => {
                self.opened(connection);
                return None;
            }
            "disconnect" => {
                let reason = envelope.get("reason").and_then(Value::as_str).unwrap_or_default();
                tracing::info!(slack.reason = reason, "Slack asks for another connection");
                self.restart(connection).await;
                return None;
            }
            "slash_commands" => inbound::command(payload),
            "interactive" => inbound::interaction(payload),
            "events_api" => Reading::Nothing,
            _ => Reading::Unreadable,
        };
        let durable = match reading {
            Reading::Asked(all) => self.take(all).await,
            Reading::Nothing => true,
            Reading::Unreadable => {
                self.unreadable(kind, payload);
                true
            }
        };
        let id = envelope.get("envelope_id").filter(|_| durable)?;
        Some(serde_json::json!({ "envelope_id": id }).to_string())
    }

    async fn on_error(&self, error: BoxError) {
        // The message of the error may quote what was received.
        drop(error);
        tracing::warn!("a connection to Slack broke");
    }

    async fn on_disconnect(&self, connection: &SlackSocketModeWssClientId) {
        self.restart(connection).await;
    }
}

impl Ear {
    /// Whether all of it is durable now.
    async fn take(&self, all: Vec<Inbound>) -> bool {
        for inbound in all {
            let user = inbound.user.clone();
            let handled = AssertUnwindSafe(async { (self.handler)(inbound).await }).catch_unwind();
            match handled.await {
                Ok(Ok(())) => {
                    self.heard.taken.fetch_add(1, Ordering::Relaxed);
                }
                Ok(Err(error)) => {
                    self.heard.refused.fetch_add(1, Ordering::Relaxed);
                    tracing::error!(
                        slack.user = user,
                        error = format!("{error:#}"),
                        "not durable; Slack will deliver it again"
                    );
                    return false;
                }
                Err(panic) => {
                    self.heard.refused.fetch_add(1, Ordering::Relaxed);
                    // If nobody waits for it any more, listening has ended already.
                    let _ = self.panicked.send(what_it_said(panic.as_ref()));
                    return false;
                }
            }
        }
        true
    }

    /// Says of what kind it was and which fields it had, never what was in them.
    fn unreadable(&self, kind: &str, payload: &Value) {
        self.heard.unreadable.fetch_add(1, Ordering::Relaxed);
        let fields: Vec<&str> = match payload {
            Value::Object(fields) => fields.keys().map(String::as_str).collect(),
            _ => Vec::new(),
        };
        let inner = payload.get("type").and_then(Value::as_str).unwrap_or_default();
        tracing::warn!(slack.kind = kind, slack.payload = inner, slack.fields = ?fields, "an envelope was not understood");
    }

    fn opened(&self, connection: &SlackSocketModeWssClientId) {
        self.heard.connected.fetch_add(1, Ordering::Relaxed);
        self.open().insert(connection.clone());
        tracing::info!(slack.connection = connection.to_string(), "listening to Slack");
    }

    async fn restart(&self, connection: &SlackSocketModeWssClientId) {
        if self.open().remove(connection) {
            self.heard.disconnected.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(manager) = self.manager.upgrade() {
            manager.restart_client(connection).await;
        }
    }

    /// Ends when there was no connection for so long. The library pings, and tells of the
    /// connections that do not answer; so an open one is one that lives.
    async fn watch(&self, silence: Duration) -> Duration {
        let mut last = Instant::now();
        let period = (silence / 10).max(Duration::from_millis(10));
        let mut tick = tokio::time::interval_at(last + period, period);
        loop {
            tick.tick().await;
            if !self.open().is_empty() {
                last = Instant::now();
                continue;
            }
            if last.elapsed() >= silence {
                return silence;
            }
            tracing::warn!(slack.silent_s = last.elapsed().as_secs(), "no connection to Slack");
        }
    }

    fn open(&self) -> std::sync::MutexGuard<'_, HashSet<SlackSocketModeWssClientId>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn what_it_said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}
