//! The channels in which the bot posts cards.

use commands::state::subscription::Subscription;
use commands::text::wording::Locale;

use crate::chat::Platform;

/// A channel, its subscription, and its language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Its name in the configuration.
    pub name: String,
    /// The platform that it belongs to.
    pub platform: Platform,
    /// Its id on the platform.
    pub id: String,
    /// The subjects that the bot posts there.
    pub subscription: Subscription,
    /// The language of its cards.
    pub locale: Locale,
}

impl Channel {
    /// The key under which the store knows it. It contains the id, because names change and ids do
    /// not.
    pub fn key(&self) -> String {
        format!("{}:{}", self.platform, self.id)
    }
}
