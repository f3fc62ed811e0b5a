//! Where cards are posted.

use commands::state::subscription::Subscription;
use commands::text::wording::Locale;

use crate::chat::Platform;

/// A channel, what it wants to hear, and in which language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// What people call it.
    pub name: String,
    /// Of which platform.
    pub platform: Platform,
    /// Its id there.
    pub id: String,
    /// What is shown there.
    pub follow: Subscription,
    /// In which language.
    pub locale: Locale,
}

impl Channel {
    /// By which it is remembered: names change, ids do not.
    pub fn key(&self) -> String {
        format!("{}:{}", self.platform, self.id)
    }
}
