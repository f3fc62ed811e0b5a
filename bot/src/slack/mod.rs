//! Slack: cards become blocks, and what people do becomes [`Inbound`].
//!
//! What is in this room:
//! - [`render`]: a card, or a line of text, as blocks that Slack does not refuse for their size.
//! - [`mrkdwn`]: Slack's markup where blocks leave no other choice; what people wrote stays words.
//! - [`api`]: what the bot does in Slack, with errors that tell whether trying again makes sense;
//!   answers and dialogs for one person are in `reply`.
//! - [`socket_mode`]: Socket Mode; acknowledged after it is durable, before it is worked on.
//! - [`http`]: the same where Slack calls the bot; nothing is believed without a signature.
//! - [`decode`]: what arrives, read with as few expectations as possible.
//! - [`check`]: whether the tokens suffice, and what is missing.
//!
//! This room knows no rule: it never looks into a token, decides nothing, and has no words of its
//! own. It never logs a token, an address with a ticket in it, or what somebody wrote.

pub mod api;
pub mod check;
pub mod decode;
pub mod error;
pub mod form;
mod home;
pub mod http;
pub mod mrkdwn;
mod origin;
pub mod render;
mod reply;
pub mod socket_mode;
mod upload;
mod wire;

pub use api::{Access, Slack};
pub use decode::{Inbound, Interaction};
pub use error::SlackError;
pub use socket_mode::{Handler, ListenError, listen};
