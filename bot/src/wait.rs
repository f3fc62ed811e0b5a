//! Waiting, handed in: in the sandbox an hour may pass in a second.

use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::future::BoxFuture;

/// Returns when the given span has passed on whichever clock the program runs by.
pub type Wait = Arc<dyn Fn(TimeDelta) -> BoxFuture<'static, ()> + Send + Sync>;
