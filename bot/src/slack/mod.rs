//! Slack: cards become blocks, and interactions become [`Inbound`].
//!
//! Contents:
//!
//! - [`render`]: a card, or a line of text, as blocks that fit into Slack's limits.
//! - [`mrkdwn`]: Slack's markup where blocks leave no other choice; what people wrote stays words.
//! - [`api`]: the calls that the bot makes in Slack, with errors that say whether a retry makes
//!   sense; answers and dialogs for one person are in `reply`.
//! - [`socket_mode`]: Socket Mode; an interaction is durable before it is acknowledged, and
//!   acknowledged before it is processed.
//! - [`http`]: the same if Slack calls the bot; nothing is trusted without a signature.
//! - [`decode`]: decodes interactions, with as few expectations as possible.
//! - [`check`]: whether the tokens suffice, and what they lack.
//!
//! This module holds no rule: it never interprets the token of a button, decides nothing, and has
//! no wording of its own. It never logs a token, an address with a ticket in it, or what a person
//! wrote.

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
