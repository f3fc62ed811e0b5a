//! What one person finds: as a private answer, and on the page of their own on a platform that has
//! one. A page is drawn when it is opened, and again when something on it changes for as long as its
//! reader may still look at it.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use commands::id::Actor;
use commands::state::Subject;
use commands::view::Overview;

use super::{Account, Delivery};
use crate::chat::{Channel, Reply};
use crate::config::Config;

/// For how long after it was opened a page follows what happens.
const FOLLOWED: TimeDelta = TimeDelta::hours(1);

/// A page that somebody has opened. It is not written down: after a restart it is drawn when it is
/// opened again.
pub(crate) struct Home {
    pub(crate) reply: Reply,
    pub(crate) opened: DateTime<Utc>,
    /// What it shows; `None` before it was shown.
    pub(crate) shown: Option<HomeView>,
    /// The revision that it was last drawn at.
    pub(crate) drawn_at: Option<u64>,
}

/// What is to be shown, with the messages of the cards that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HomeView {
    pub(crate) desk: Overview,
    pub(crate) cards: BTreeMap<Subject, (Channel, String)>,
}

impl Delivery {
    pub(crate) fn forget_homes(&mut self, now: DateTime<Utc>) {
        self.homes.retain(|_, home| home.opened + FOLLOWED > now);
    }

    /// The pages that may show something old, with who reads them.
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
