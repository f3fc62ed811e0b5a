//! What is refused, and what goes wrong outside: a clear word each, nothing lost, no secret told.

#[path = "refusals/aws.rs"]
mod aws;
#[path = "refusals/clicks.rs"]
mod clicks;
#[path = "refusals/commands.rs"]
mod commands;
#[path = "refusals/configuration.rs"]
mod configuration;
#[path = "refusals/discord.rs"]
mod discord;
#[path = "refusals/log.rs"]
mod log;
#[path = "refusals/slack.rs"]
mod slack;
