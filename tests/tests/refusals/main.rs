//! Bad input and failing services: each gets a clear message, nothing is lost, and no secret is
//! revealed.

mod aws;
mod clicks;
mod commands;
mod configuration;
mod discord;
mod log;
mod slack;
