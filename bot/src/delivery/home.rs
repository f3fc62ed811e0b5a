//! Delivers the overview of one person: as a private answer, and on their home page if the platform
//! has one. The bot draws a page when it is opened, and again when something on it changes, as long
//! as its reader may still be viewing it.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use commands::id::Actor;
use commands::state::Subject;
use commands::view::Overview;

use super::{Account, Delivery};
use crate::chat::{Channel, Reply};
use crate::config::Config;

/// For how long after it was opened a page is kept up to date.
const FOLLOWED: TimeDelta = TimeDelta::hours(1);

/// A page that a person has opened. It is not stored: after a restart the bot draws it when it is
/// opened again.
pub(crate) struct Home {
    pub(crate) reply: Reply,
    pub(crate) opened: DateTime<Utc>,
    /// What it shows; `None` before it was first shown.
    pub(crate) shown: Option<HomeView>,
    /// The revision at which it was last drawn.
    pub(crate) drawn_at: Option<u64>,
}

/// The overview to show, with the messages of the cards that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HomeView {
    pub(crate) desk: Overview,
    pub(crate) cards: BTreeMap<Subject, (Channel, String)>,
}

impl Delivery {
    pub(crate) fn forget_homes(&mut self, now: DateTime<Utc>) {
        self.homes.retain(|_, home| home.opened + FOLLOWED > now);
    }

    /// The pages that may be out of date, with their readers.
    pub(crate) fn stale_homes(&self) -> Vec<(Account, Actor, Reply)> {
        let stale = self.homes.iter().filter(|(_, home)| home.drawn_at != Some(self.revision));
        let known = stale.filter_map(|(account, home)| {
            let actor = self.actors.get(account)?;
            Some((account.clone(), actor.clone(), home.reply.clone()))
        });
        known.collect()
    }
}

/// The address of a message in Discord's own client; `None` if no server is configured.
pub(crate) fn permalink(config: &Config, channel: &Channel, message: &str) -> Option<String> {
    let guild = config.discord.as_ref()?.guild?;
    Some(format!("https://discord.com/channels/{guild}/{}/{message}", channel.id))
}
