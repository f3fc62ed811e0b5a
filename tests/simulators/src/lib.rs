//! AWS, Slack and Discord over the wire, with a world behind them that people and tests can
//! observe.
//!
//! This crate depends on no crate of ours: it knows the protocols, not us.

pub mod aws;
pub mod changes;
pub mod clock;
mod deadline;
pub mod discord;
pub mod feeds;
mod json_lines;
pub mod observe;
pub mod page;
mod payloads;
pub mod seed;
pub mod server;
pub mod slack;
