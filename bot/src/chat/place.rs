//! Where cards hang.

use commands::follow::Follow;
use commands::wording::Locale;

use crate::chat::Platform;

/// A channel, what it wants to hear, and in which language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What people call it.
    pub name: String,
    /// Of which platform.
    pub platform: Platform,
    /// The channel's id there.
    pub channel: String,
    /// What is shown there.
    pub follow: Follow,
    /// In which language.
    pub locale: Locale,
}

impl Place {
    /// Under which it is remembered: names change, ids do not.
    pub fn id(&self) -> String {
        format!("{}:{}", self.platform, self.channel)
    }
}
