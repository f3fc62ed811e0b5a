//! Serves a port that an operator has opened, so that nobody who reaches it can exhaust it.
//!
//! A connection has a few seconds for the headers of each request, and the number of open
//! connections is limited. A new one is always accepted: when all slots are taken, the server
//! closes the oldest connection that has not yet shown that it deserves its slot.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::sleep;

/// How long the headers of a request may take, and how long a connection may be idle.
const HEADERS: Duration = Duration::from_secs(5);

/// Serves `router` on `listener` for ever, with at most `connections` at once. Handlers find the
/// [`Slot`] of their connection in the extensions of the request.
pub(crate) async fn serve(listener: TcpListener, router: Router, connections: usize) {
    let slots = Arc::new(Semaphore::new(connections));
    let open_connections = Arc::new(OpenConnections::default());
    let mut id = 0;
    loop {
        let stream = accept(&listener).await;
        // If this fails, Nagle's algorithm only makes the connection slower.
        let _ = stream.set_nodelay(true);
        let permit = match Arc::clone(&slots).try_acquire_owned() {
            Ok(permit) => Ok(permit),
            Err(_) => {
                open_connections.evict_oldest();
                Arc::clone(&slots).acquire_owned().await
            }
        };
        // The semaphore is never closed.
        let Ok(permit) = permit else { return };
        id += 1;
        let (evict, evicted) = oneshot::channel();
        open_connections.lock().insert(id, evict);
        let slot = Slot { open_connections: Arc::clone(&open_connections), id };
        let router = router.clone();
        tokio::spawn(async move {
            let _permit = permit;
            let _on_close = OnClose(slot.clone());
            tokio::select! {
                () = serve_connection(stream, router, slot) => {}
                _ = evicted => tracing::debug!("a connection was closed to make room"),
            }
        });
    }
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) if is_of_connection(&error) => {}
            Err(error) => {
                // For example because of too many open files; some will be closed.
                tracing::warn!(%error, "failed to accept a connection: retrying in 1 s");
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

fn is_of_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn serve_connection(stream: TcpStream, router: Router, slot: Slot) {
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(slot.clone());
        router.call(request.map(Body::new))
    });
    let served = Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Connections that may be closed to make room, oldest first.
#[derive(Debug, Default)]
struct OpenConnections(Mutex<BTreeMap<u64, oneshot::Sender<()>>>);

impl OpenConnections {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, oneshot::Sender<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn evict_oldest(&self) {
        if let Some((_, evict)) = self.lock().pop_first() {
            // The connection may be closing by itself.
            let _ = evict.send(());
        }
    }
}

/// The slot of an open connection.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    open_connections: Arc<OpenConnections>,
    id: u64,
}

impl Slot {
    /// Protects the connection, which has shown that it deserves its slot: it is not closed while
    /// the returned value exists.
    pub(crate) fn protect(&self) -> ProtectedSlot {
        ProtectedSlot { evict: self.open_connections.lock().remove(&self.id), slot: self.clone() }
    }
}

/// Keeps a connection from being closed to make room.
#[derive(Debug)]
pub(crate) struct ProtectedSlot {
    slot: Slot,
    evict: Option<oneshot::Sender<()>>,
}

impl Drop for ProtectedSlot {
    fn drop(&mut self) {
        if let Some(evict) = self.evict.take() {
            self.slot.open_connections.lock().insert(self.slot.id, evict);
        }
    }
}

/// Removes a closed connection from the open ones.
struct OnClose(Slot);

impl Drop for OnClose {
    fn drop(&mut self) {
        self.0.open_connections.lock().remove(&self.0.id);
    }
}
