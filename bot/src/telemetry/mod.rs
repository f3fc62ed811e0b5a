//! What an operator can see of the bot: its log, its metrics, whether it is well, and the port where
//! metrics and health are read.

pub mod health;
mod listen_stats;
pub(crate) mod log;
pub mod metrics;
mod server;
pub(crate) mod supervisor;

pub use health::{Connections, Health, Unhealthy};
pub use listen_stats::ListenStats;
pub use server::{CONNECTIONS, Metrics, Server};
