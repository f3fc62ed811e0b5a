//! Discord: cards become embeds with buttons, and what people do becomes [`crate::chat::Inbound`].
//!
//! What is in this room:
//! - [`render`]: a card, or a line of text, as a message that Discord does not refuse for its size.
//! - [`markdown`]: Discord's markup; what people wrote stays words, and mentions nobody.
//! - `client`: how Discord is reached, and for how long it is waited for.
//! - [`api`]: what the bot does in channels and threads.
//! - `files`: what is sent beside a card.
//! - `private`: answers and dialogs for one person.
//! - [`register`]: the slash command, from the same table that reads what is typed in Slack.
//! - [`ear`]: the gateway; acknowledged after it is durable, before it is worked on.
//! - [`inbound`]: what arrives.
//!
//! This room knows no rule: it decides nothing, and has no words of its own. It never logs a token
//! or what somebody wrote.

pub mod api;
mod client;
pub mod ear;
pub mod error;
mod files;
pub mod inbound;
pub mod markdown;
mod origin;
mod private;
pub mod register;
pub mod render;

pub use api::Discord;
pub use client::Access;
pub use ear::{Handler, ListenError, Suggester, listen};
pub use error::DiscordError;
pub use inbound::ReplyTo;
