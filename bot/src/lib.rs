#![doc = include_str!("../README.md")]

pub mod advisories;
pub mod aws;
mod backoff;
pub mod backup;
pub mod chart;
pub mod chat;
pub mod cli;
pub mod clock;
pub mod config;
#[cfg(feature = "crash-points")]
mod crash_points;
mod delivery;
pub mod discord;
pub mod engine;
pub mod exit;
mod http_server;
mod listeners;
pub mod platforms;
mod proxy;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod secret;
pub mod serve;
mod shutdown;
pub mod slack;
pub mod telemetry;
