//! Notifications of changes in a simulated world, so that code that waits for one need not sleep.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::select_all;
use tokio::sync::watch;

/// A counter that grows with each change of a world. Clones share it.
#[derive(Clone, Debug)]
pub struct Changes(Arc<watch::Sender<u64>>);

impl Default for Changes {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

impl Changes {
    /// Notifies everybody who waits that something changed.
    pub fn announce(&self) {
        self.0.send_modify(|count| *count += 1);
    }

    /// Subscribes to the changes, for a page or a stream.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }

    /// Calls `look` at once and after each change, until it finds something. Returns `None` after
    /// `patience` (real time).
    pub async fn until<T>(&self, patience: Duration, look: impl FnMut() -> Option<T>) -> Option<T> {
        until(&[self], patience, look).await
    }
}

/// Calls `look` at once and after each change of any of these worlds, until it finds something.
/// Returns `None` after `patience` (real time).
pub async fn until<T>(
    worlds: &[&Changes],
    patience: Duration,
    mut look: impl FnMut() -> Option<T>,
) -> Option<T> {
    let mut changes: Vec<_> = worlds.iter().map(|world| world.subscribe()).collect();
    let watching = async {
        loop {
            for world in &mut changes {
                world.borrow_and_update();
            }
            if let Some(found) = look() {
                return found;
            }
            // None of them ends, because their senders are borrowed here.
            let _ = select_all(changes.iter_mut().map(|world| Box::pin(world.changed()))).await;
        }
    };
    tokio::time::timeout(patience, watching).await.ok()
}
