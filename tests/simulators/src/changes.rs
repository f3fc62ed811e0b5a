//! Says that a simulated world has changed, so that nobody who waits for it has to sleep.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::select_all;
use tokio::sync::watch;

/// A counter that grows with each change of a world. Cloning it shares it.
#[derive(Clone, Debug)]
pub struct Changes(Arc<watch::Sender<u64>>);

impl Default for Changes {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

impl Changes {
    /// Tells all who wait that something changed.
    pub fn announce(&self) {
        self.0.send_modify(|count| *count += 1);
    }

    /// Follows the changes, for a page or a stream.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }

    /// Looks at the world at once and after each change, until `look` finds something.
    /// Gives `None` when `patience` (real time) has run out.
    pub async fn until<T>(&self, patience: Duration, look: impl FnMut() -> Option<T>) -> Option<T> {
        until(&[self], patience, look).await
    }
}

/// Looks at once and after each change of any of these worlds, until `look` finds something. Gives
/// `None` when `patience` (real time) has run out.
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
            // None of them ends: their senders are borrowed here.
            let _ = select_all(changes.iter_mut().map(|world| Box::pin(world.changed()))).await;
        }
    };
    tokio::time::timeout(patience, watching).await.ok()
}
