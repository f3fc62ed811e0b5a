//! The server of one simulated platform, and how strict it is about rate limits.

use std::io;

use axum::Router;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// How a platform enforces its rate limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RateLimits {
    /// As the platform documents them, in simulated time.
    #[default]
    Strict,
    /// Not at all.
    Off,
}

/// Serves `router`, which gets the base URL, on `listener`. Returns that URL; the server stops when
/// the returned task is aborted. `simulator` is its name in the log.
///
/// # Errors
/// If the listener has no address.
pub fn serve(
    simulator: &'static str,
    listener: TcpListener,
    router: impl FnOnce(&str) -> Router,
) -> io::Result<(String, JoinHandle<()>)> {
    let base = format!("http://{}", listener.local_addr()?);
    let router = router(&base);
    // Without Nagle's algorithm, because otherwise a message may wait 40 ms for the ACK of the last
    // one.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps Nagle's algorithm");
        }
    });
    let task = tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, simulator, "a simulator stopped");
        }
    });
    Ok((base, task))
}
