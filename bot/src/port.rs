//! How a port that an operator has opened is served, so that nobody who reaches it can use it up.
//!
//! A connection has a few seconds for each request's headers, and only so many are open at once. A
//! new one is always let in: when all places are taken, the oldest connection that has not shown
//! yet that it is worth its place has to go.

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

/// Serves `router` on `listener` for ever, on at most `connections` at once. Handlers find the
/// [`Place`] of their connection among the request's extensions.
pub(crate) async fn serve(listener: TcpListener, router: Router, connections: usize) {
    let places = Arc::new(Semaphore::new(connections));
    let crowd = Arc::new(Crowd::default());
    let mut id = 0;
    loop {
        let stream = accept(&listener).await;
        // It is only slower with Nagle's algorithm.
        let _ = stream.set_nodelay(true);
        let permit = match Arc::clone(&places).try_acquire_owned() {
            Ok(permit) => Ok(permit),
            Err(_) => {
                crowd.send_oldest_away();
                Arc::clone(&places).acquire_owned().await
            }
        };
        // It is never closed.
        let Ok(permit) = permit else { return };
        id += 1;
        let (leave, sent_away) = oneshot::channel();
        crowd.open().insert(id, leave);
        let place = Place { crowd: Arc::clone(&crowd), id };
        let router = router.clone();
        tokio::spawn(async move {
            let _permit = permit;
            let _gone = Gone(place.clone());
            tokio::select! {
                () = converse(stream, router, place) => {}
                _ = sent_away => tracing::debug!("a connection was closed to make room"),
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
                // Such as too many open files: some will be closed.
                tracing::warn!(%error, "a port takes no connection for a second");
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

fn is_of_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn converse(stream: TcpStream, router: Router, place: Place) {
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(place.clone());
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

/// Connections that can be closed to make room, the oldest first.
#[derive(Debug, Default)]
struct Crowd(Mutex<BTreeMap<u64, oneshot::Sender<()>>>);

impl Crowd {
    fn open(&self) -> MutexGuard<'_, BTreeMap<u64, oneshot::Sender<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send_oldest_away(&self) {
        if let Some((_, leave)) = self.open().pop_first() {
            // It may be leaving by itself.
            let _ = leave.send(());
        }
    }
}

/// The place that a connection takes up.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    crowd: Arc<Crowd>,
    id: u64,
}

impl Place {
    /// The connection has shown what it is worth: it is not closed while the answer is kept.
    pub(crate) fn keep(&self) -> Kept {
        Kept { leave: self.crowd.open().remove(&self.id), place: self.clone() }
    }
}

/// A connection that nobody closes to make room.
#[derive(Debug)]
pub(crate) struct Kept {
    place: Place,
    leave: Option<oneshot::Sender<()>>,
}

impl Drop for Kept {
    fn drop(&mut self) {
        if let Some(leave) = self.leave.take() {
            self.place.crowd.open().insert(self.place.id, leave);
        }
    }
}

/// Takes an ended connection out of the crowd.
struct Gone(Place);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.crowd.open().remove(&self.0.id);
    }
}
