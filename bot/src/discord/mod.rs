//! Discord: cards become embeds with buttons, and interactions become [`crate::chat::Inbound`].
//!
//! Contents:
//!
//! - [`render`]: a card, or a line of text, as a message that fits into Discord's limits.
//! - [`markdown`]: Discord's markup; what people wrote stays words, and mentions nobody.
//! - `client`: the HTTP client and its timeouts.
//! - [`api`]: the calls that the bot makes in channels and threads.
//! - `files`: the attachments of a card.
//! - `reply`: answers and dialogs for one person.
//! - [`slash_command`]: the slash command, from the same table that parses what people type in
//!   Slack.
//! - [`gateway`]: the gateway; an interaction is durable before it is acknowledged, and
//!   acknowledged before it is processed.
//! - [`decode`]: decodes interactions.
//!
//! This module holds no rule: it decides nothing, and has no wording of its own. It never logs a
//! token or what a person wrote.

pub mod api;
mod client;
pub mod decode;
pub mod error;
mod files;
pub mod gateway;
pub mod markdown;
mod origin;
pub mod render;
mod reply;
pub mod slash_command;

pub use api::Discord;
pub use client::Access;
pub use error::DiscordError;
pub use gateway::{Handler, ListenError, Suggester, listen};
