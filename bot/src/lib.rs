#![doc = include_str!("../README.md")]

pub mod advisories;
pub mod aws;
pub mod backup;
pub mod cli;
pub mod clock;
pub mod config;
pub mod engine;
pub mod health;
pub mod picture;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod secret;
pub mod serve;
pub mod slack;
pub mod wait;
