//! The port that serves metrics and health: `/metrics` and `/healthz`. It accepts no commands.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use chrono::Utc;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;

use super::{Health, metrics};

/// How many connections may be open at once on this port.
pub const CONNECTIONS: usize = 64;

/// The bounds of the histograms, in seconds: from a store flush to a call with retries.
const BOUNDS: [f64; 10] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0];

/// The recorder of the metrics. Without one, counting has no effect and no cost.
#[derive(Clone, Debug)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Installs the recorder, once for the whole process: several bots in one process share their
    /// metrics.
    pub fn install() -> Result<Self> {
        static INSTALLED: Mutex<Option<Metrics>> = Mutex::new(None);
        let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(metrics) = &*installed {
            return Ok(metrics.clone());
        }
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &BOUNDS)
            .context("the bounds of the histograms are not usable")?
            .install_recorder()
            .context("failed to install the recorder of metrics: there is another")?;
        metrics::describe();
        Ok(installed.insert(Self(handle)).clone())
    }

    /// All metrics in Prometheus' text format.
    pub fn text(&self) -> String {
        self.0.run_upkeep();
        self.0.render()
    }
}

/// An open port.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    router: Router,
}

impl Server {
    /// Opens the port before anything else starts, so that a port in use makes the start fail.
    pub async fn open(address: SocketAddr, health: Arc<Health>, metrics: Metrics) -> Result<Self> {
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("failed to open `metrics.listen` at {address}"))?;
        let address = listener.local_addr().context("a port without an address")?;
        tracing::info!(metrics.address = %address, "metrics and health are read here");
        if !address.ip().is_loopback() {
            tracing::warn!(metrics.address = %address, "others than this host can read metrics and health");
        }
        let router = Router::new()
            .route("/metrics", get(async |State((_, metrics)): State<Served>| metrics.text()))
            .route("/healthz", get(healthz))
            .with_state((health, metrics));
        Ok(Self { listener, router })
    }

    /// The listener and the routes to serve on it.
    pub fn into_parts(self) -> (TcpListener, Router) {
        (self.listener, self.router)
    }
}

type Served = (Arc<Health>, Metrics);

async fn healthz(State((health, _)): State<Served>) -> (StatusCode, String) {
    match health.check(Utc::now()) {
        None => {
            let unread = health.unread_queues();
            let told = unread.iter().map(|queue| {
                format!("the queue of events {queue} cannot be read; polling goes on\n")
            });
            (StatusCode::OK, std::iter::once("well\n".to_owned()).chain(told).collect())
        }
        Some(unhealthy) => (StatusCode::SERVICE_UNAVAILABLE, format!("{unhealthy}\n")),
    }
}
