//! What is refused, and what goes wrong outside: a clear word each, nothing lost, no secret told.

mod aws;
mod clicks;
mod commands;
mod configuration;
mod discord;
mod log;
mod slack;
