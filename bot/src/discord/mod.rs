//! Discord: cards become embeds with buttons, and what people do becomes [`crate::chat::Inbound`].
//!
//! What is in this room:
//! - [`render`]: a card, or a line of text, as a message that Discord does not refuse for its size.
//! - [`markdown`]: Discord's markup; what people wrote stays words, and mentions nobody.
//! - `client`: how Discord is reached, and for how long it is waited for.
//! - [`api`]: what the bot does in channels and threads.
//! - `files`: what is sent beside a card.
//! - `reply`: answers and dialogs for one person.
//! - [`slash_command`]: the slash command, from the same table that reads what is typed in Slack.
//! - [`gateway`]: the gateway; acknowledged after it is durable, before it is worked on.
//! - [`decode`]: what arrives.
//!
//! This room knows no rule: it decides nothing, and has no words of its own. It never logs a token
//! or what somebody wrote.

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
