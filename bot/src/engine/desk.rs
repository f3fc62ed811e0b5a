//! What one person finds: as a private answer, and on a page of their own where the platform has
//! one. Such a page is drawn when it is opened, and again when something on it changes for as long
//! as its reader may still look at it.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use commands::actor::{Actor, Whence};
use commands::book::{Desk, Subject};

use crate::chat::{ChatError, Inbound, Place, Platform, Reply, Who};
use crate::engine::hang::hung_as;
use crate::engine::people::{answer, identify};
use crate::engine::tasks::{Rest, TaskKey};
use crate::engine::{Engine, Outcome, World};

/// For how long after it was opened a page follows what happens.
const FOLLOWED: TimeDelta = TimeDelta::hours(1);
/// How often it is asked in which groups the reader of an open page is. The platforms' answers are
/// believed for as long.
const MET: Duration = Duration::from_secs(300);
/// Changes within this time are shown together.
const TOGETHER: Duration = Duration::from_secs(2);
/// How long to wait after a page could not be shown and the platform does not say how long.
const AFTER_FAILURE: Duration = Duration::from_secs(60);

/// A page that somebody has opened. It is not written down: after a restart it is drawn when it is
/// opened again.
pub(super) struct Home {
    who: Who,
    /// As they were known a few minutes ago. What they may do is decided anew each time.
    actor: Actor,
    reply: Reply,
    opened: DateTime<Utc>,
    /// What it shows; none before it was shown.
    shown: Option<Drawn>,
}

/// What is to be shown, with the messages of the cards that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Drawn {
    desk: Desk,
    hung: BTreeMap<Subject, (Place, String)>,
}

/// As whom the reader of a page is known now.
pub(super) struct Met {
    user: String,
    actor: Actor,
}

/// How showing a page ended.
pub(super) struct Published {
    user: String,
    drawn: Drawn,
    error: Option<ChatError>,
}

impl Engine {
    /// Answers with what `actor` finds.
    pub(super) async fn answer_desk(&mut self, deed: &Inbound, actor: &Actor) -> Result<()> {
        let drawn = self.draw(actor, &deed.reply);
        let (world, reply, reader) =
            (self.world.clone(), deed.reply.clone(), self.reader_for(&deed.reply));
        tokio::spawn(async move {
            let card = drawn.desk.card(&addresses(&world, &drawn).await, reader);
            answer(&world, &reply, card, reader).await;
        });
        self.close(deed).await
    }

    /// Notes that somebody looks at their page; it is shown with everything else that is pending.
    pub(super) async fn home_opened(&mut self, deed: &Inbound, actor: Actor) -> Result<()> {
        let (reply, opened) = (deed.reply.clone(), self.world.clock.now());
        let (user, who) = (deed.who.id.clone(), deed.who.clone());
        self.tasks.rest(TaskKey::Reader(user.clone()), MET);
        self.homes.insert(user, Home { who, actor, reply, opened, shown: None });
        self.close(deed).await
    }

    /// Asks again in which groups the readers of open pages are: what waits for them follows from it.
    pub(super) fn meet_readers(&mut self) {
        let now = self.world.clock.now();
        self.homes.retain(|_, home| home.opened + FOLLOWED > now);
        if self.world.config.groups_in_use().is_empty() {
            return;
        }
        let readers: Vec<(String, Who)> =
            self.homes.iter().map(|(user, home)| (user.clone(), home.who.clone())).collect();
        for (user, who) in readers {
            let world = self.world.clone();
            self.tasks.start(TaskKey::Reader(user.clone()), async move {
                let actor = identify(&world, &who, Whence::Elsewhere).await;
                Outcome::Met(Met { user, actor })
            });
        }
    }

    /// Takes who somebody is now.
    pub(super) fn met(&mut self, met: Met) -> Rest {
        let Met { user, actor } = met;
        if let Some(home) = self.homes.get_mut(&user) {
            home.actor = actor;
        }
        Rest::For(MET)
    }

    /// Shows every page again that shows something old.
    pub(super) fn show_homes(&mut self) {
        let drawn: Vec<(String, Reply, Drawn)> = self
            .homes
            .iter()
            .map(|(user, home)| (user, home, self.draw(&home.actor, &home.reply)))
            .filter(|(_, home, drawn)| home.shown.as_ref() != Some(drawn))
            .map(|(user, home, drawn)| (user.clone(), home.reply.clone(), drawn))
            .collect();
        for (user, reply, drawn) in drawn {
            let (world, reader) = (self.world.clone(), self.reader_for(&reply));
            self.tasks.start(TaskKey::Home(user.clone()), async move {
                let card = drawn.desk.card(&addresses(&world, &drawn).await, reader);
                let error = world.chat.show_home(&user, &card, reader.locale).await.err();
                Outcome::Published(Box::new(Published { user, drawn, error }))
            });
        }
    }

    /// Takes what came of it.
    pub(super) fn published(&mut self, published: Published) -> Rest {
        let Published { user, drawn, error } = published;
        Rest::For(match error {
            None => {
                if let Some(home) = self.homes.get_mut(&user) {
                    home.shown = Some(drawn);
                }
                TOGETHER
            }
            Some(error) => {
                tracing::warn!(actor.id = %user, chat.error = %error, "a page could not be shown; it is tried again");
                error.retry_after().unwrap_or(AFTER_FAILURE)
            }
        })
    }

    fn draw(&self, actor: &Actor, reply: &Reply) -> Drawn {
        let desk = self.book.desk(actor, self.reader_for(reply), self.world.clock.now());
        let places = || self.world.config.places.iter();
        let hung = desk.subjects().into_iter().filter_map(|subject| {
            let there = |place: &Place| {
                let shown = self.shown.get(&hung_as(place, &subject))?;
                Some((place.clone(), shown.ts.clone()?))
            };
            let own = places().filter(|place| place.platform == reply.platform());
            let found = own.filter_map(there).next()?;
            Some((subject.clone(), found))
        });
        Drawn { hung: hung.collect(), desk }
    }
}

/// Where the cards can be read. One whose address cannot be asked for is named without it.
async fn addresses(world: &World, drawn: &Drawn) -> BTreeMap<Subject, String> {
    let mut found = BTreeMap::new();
    for (subject, (place, message)) in &drawn.hung {
        let address = match place.platform {
            Platform::Slack => world.chat.address(place, message).await,
            Platform::Discord => Ok(there(world, place, message)),
        };
        match address {
            Ok(address) => found.extend(address.map(|address| (subject.clone(), address))),
            Err(error) => {
                tracing::info!(chat.error = %error, "the address of a card is not known");
            }
        }
    }
    found
}

/// The address of a message in Discord's own client; none where no server is configured.
pub(super) fn there(world: &World, place: &Place, message: &str) -> Option<String> {
    let guild = world.config.discord.as_ref()?.guild?;
    Some(format!("https://discord.com/channels/{guild}/{}/{message}", place.channel))
}
