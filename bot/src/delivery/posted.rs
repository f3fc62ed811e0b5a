//! The stored state of messages. A message is identified by its surface and its subject.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use commands::state::Subject;
use serde::{Deserialize, Serialize};

use crate::chat::{Platform, Who};
use crate::platforms::ChatError;

/// The prefix of the names of direct messages.
const DIRECT: &str = "direct/";

/// One person's account on one platform.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Account {
    pub(crate) platform: Platform,
    pub(crate) id: String,
}

impl Account {
    pub(crate) fn of(who: &Who) -> Self {
        Self { platform: who.platform, id: who.id.clone() }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.platform, self.id)
    }
}

/// The text names no account or message on a known platform.
#[derive(Debug)]
pub(crate) struct Unnamed;

impl FromStr for Account {
    type Err = Unnamed;

    fn from_str(name: &str) -> Result<Self, Unnamed> {
        let (platform, id) = name.split_once(':').ok_or(Unnamed)?;
        let mut known = [Platform::Slack, Platform::Discord].into_iter();
        let platform = known.find(|known| known.to_string() == platform).ok_or(Unnamed)?;
        Ok(Self { platform, id: id.to_owned() })
    }
}

/// Where something is shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Surface {
    /// In a channel, by its key.
    Channel(String),
    Direct(Account),
    Home(Account),
}

impl fmt::Display for Surface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Channel(id) => f.write_str(id),
            Self::Direct(account) => write!(f, "{DIRECT}{account}"),
            Self::Home(account) => write!(f, "home/{account}"),
        }
    }
}

impl FromStr for Surface {
    type Err = Unnamed;

    fn from_str(name: &str) -> Result<Self, Unnamed> {
        match name.strip_prefix(DIRECT) {
            Some(account) => account.parse().map(Self::Direct),
            None => Ok(Self::Channel(name.to_owned())),
        }
    }
}

/// Identifies a message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PostId {
    pub(crate) surface: Surface,
    pub(crate) subject: Subject,
}

impl fmt::Display for PostId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.surface, self.subject)
    }
}

impl FromStr for PostId {
    type Err = Unnamed;

    fn from_str(name: &str) -> Result<Self, Unnamed> {
        let (surface, subject) = name.rsplit_once('/').ok_or(Unnamed)?;
        let subject = subject.parse().map_err(|_| Unnamed)?;
        Ok(Self { surface: surface.parse()?, subject })
    }
}

/// The stored state of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PostedMessage {
    /// Its id on the platform; `None` before it was posted.
    pub(crate) message: Option<String>,
    /// The digest of the card that it shows; `None` if that is not known.
    pub(crate) digest: Option<String>,
    /// The number of lines in its thread.
    pub(crate) lines: usize,
    /// When an attempt to post began that may have arrived although the response did not.
    pub(crate) posting: Option<DateTime<Utc>>,
    /// Whether nothing about it will change.
    pub(crate) settled: bool,
}

impl PostedMessage {
    /// Notes that an attempt to post failed. One that was certainly refused has not arrived.
    pub(crate) fn not_posted(&mut self, error: &ChatError) {
        if !error.may_have_happened() {
            self.posting = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_found_again_by_its_name() {
        let account = Account { platform: Platform::Discord, id: "42".into() };
        for surface in [Surface::Channel("slack:C1".into()), Surface::Direct(account)] {
            for subject in
                ["run-web-eu-3", "compliance-web-1", "announcement-7", "emergency_stop-2"]
            {
                let subject = subject.parse().expect("a subject");
                let id = PostId { surface: surface.clone(), subject };
                assert_eq!(id.to_string().parse::<PostId>().expect("its name"), id);
            }
        }
        assert!("direct/icq:42/run-web-3".parse::<PostId>().is_err());
        assert!("slack:C1/poem-1".parse::<PostId>().is_err());
    }
}
