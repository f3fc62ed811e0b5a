//! What an operator can observe: the log, the metrics, the health, the port that serves metrics and
//! health, and the notifications to the supervisor.

pub mod health;
mod listen_stats;
pub(crate) mod log;
pub mod metrics;
mod server;
pub(crate) mod supervisor;

pub use health::{Connections, Health, Unhealthy};
pub use listen_stats::ListenStats;
pub use server::{CONNECTIONS, Metrics, Server};
