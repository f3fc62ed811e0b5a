//! Writing in person to those who chose it. As with cards, what should stand there is derived from
//! the book, and what stands there is remembered: each plan is told once, however often the process
//! ends, and what was told is edited until it is over. What all read goes first; whoever cannot be
//! written to holds nobody up.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use anyhow::Result;
use commands::actor::{Actor, GroupRef};
use commands::notify::Wish;
use commands::run::RunId;
use serde::{Deserialize, Serialize};

use crate::chat::error::About;
use crate::chat::pace::Deed;
use crate::chat::{ChatError, Inbound, Place, Platform, Who};
use crate::engine::memory::{Change, Shown};
use crate::engine::tasks::{Rest, TaskKey};
use crate::engine::{Engine, Outcome};

mod errand;
mod write;

use errand::{Errand, What};
use write::carry_out;

/// How many people are written to at once.
const AT_ONCE: usize = 4;
/// For how long it is believed which groups somebody is in.
const MET: Duration = Duration::from_secs(300);
/// How long to wait after a platform could not be asked.
const AFTER_FAILURE: Duration = Duration::from_secs(60);
/// How long to wait after it said no, which may be put right by whoever runs the bot.
const AFTER_REFUSAL: Duration = Duration::from_secs(600);

/// One person's direct messages on one platform.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mailbox {
    platform: Platform,
    /// Their id there.
    id: String,
}

impl Mailbox {
    fn of(who: &Who) -> Self {
        Self { platform: who.platform, id: who.id.clone() }
    }

    /// From its name; none where that is no platform that is known today.
    fn named(name: &str) -> Option<Self> {
        let (platform, id) = name.split_once(':')?;
        let known = [Platform::Slack, Platform::Discord];
        let platform = known.into_iter().find(|known| known.to_string() == platform)?;
        Some(Self { platform, id: id.to_owned() })
    }

    /// Names what is done about it: one thing at a time.
    fn key(&self) -> TaskKey {
        TaskKey::Direct(self.clone())
    }

    /// Rests as long as it is known which groups its person is in.
    fn met(&self) -> TaskKey {
        TaskKey::Groups(self.clone())
    }

    /// Under which names it is remembered what stands in it.
    fn shelf(&self) -> String {
        format!("direct/{self}/")
    }

    fn shown_as(&self, run: &RunId) -> String {
        format!("{}{run}", self.shelf())
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.platform, self.id)
    }
}

/// What is remembered of a mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    wish: Wish,
    /// The channel of its messages; none before it was first needed.
    channel: Option<String>,
}

/// Everybody's mailboxes.
#[derive(Default)]
pub(super) struct Post {
    boxes: BTreeMap<Mailbox, Kept>,
    /// Which groups their people were found to be in.
    met: BTreeMap<Mailbox, BTreeSet<GroupRef>>,
    /// Where cards in channels can be read, by the channel and the message.
    addresses: BTreeMap<(String, String), Option<String>>,
    /// Why the last try came to nothing, where it is tried again.
    troubles: BTreeMap<Mailbox, String>,
}

impl Post {
    /// As it was written down.
    pub(super) fn new(kept: BTreeMap<String, Kept>) -> Self {
        let boxes =
            kept.into_iter().filter_map(|(name, kept)| Some((Mailbox::named(&name)?, kept)));
        Self { boxes: boxes.collect(), ..Self::default() }
    }
}

/// How an errand ended.
pub(super) struct Told {
    mailbox: Mailbox,
    end: End,
}

enum End {
    Met(Actor),
    Opened(Result<String, ChatError>),
    Located { place: Place, message: String, address: Result<Option<String>, ChatError> },
    Written { run: RunId, shown: Shown, error: Option<ChatError> },
}

impl Engine {
    /// Somebody chooses whether they are told in person, or asks what they chose.
    pub(super) async fn choose(
        &mut self,
        deed: &Inbound,
        actor: &Actor,
        on: Option<bool>,
    ) -> Result<()> {
        let mailbox = Mailbox::of(&deed.who);
        if let Some(on) = on {
            let before = self.post.boxes.get(&mailbox);
            let wish = Wish::chosen(before.map(|kept| &kept.wish), on, self.world.clock.now());
            let channel = before.and_then(|kept| kept.channel.clone());
            let kept = Kept { wish, channel };
            let change = Change::default().mailbox(&mailbox.to_string(), &kept)?;
            self.memory.commit(change.handles(Some(&deed.key))).await?;
            self.post.boxes.insert(mailbox.clone(), kept);
            self.post.troubles.remove(&mailbox);
            self.tasks.wake(&mailbox.key());
        }
        let wish = self.post.boxes.get(&mailbox).map(|kept| &kept.wish);
        let trouble = self.post.troubles.get(&mailbox).map(String::as_str);
        let card = self.book.notify_card(actor, wish, trouble, self.reader_for(&deed.reply));
        match on {
            Some(_) => {
                self.answer(&deed.reply, card);
                Ok(())
            }
            None => self.answer_and_close(deed, card).await,
        }
    }

    /// Starts the next thing in every mailbox where something is to be done.
    pub(super) async fn tell_next(&mut self) -> Result<()> {
        let mut free = AT_ONCE.saturating_sub(self.tasks.direct_under_way());
        let boxes: Vec<Mailbox> = self.post.boxes.keys().cloned().collect();
        for mailbox in boxes {
            if free == 0 {
                break;
            }
            if self.tell_next_to(&mailbox).await? {
                free -= 1;
            }
        }
        Ok(())
    }

    /// Whether something was begun.
    async fn tell_next_to(&mut self, mailbox: &Mailbox) -> Result<bool> {
        let key = mailbox.key();
        while self.tasks.is_free(&key) {
            let Some(errand) = self.errand(mailbox) else { return Ok(false) };
            let errand = match errand {
                Errand::Settle { run, shown } => {
                    self.keep(mailbox, &run, Shown { settled: true, ..shown }).await?;
                    continue;
                }
                other => other,
            };
            if let Errand::Write(writing) = &errand {
                let deed = match writing.what {
                    What::Post { .. } => Deed::Post,
                    What::Update { .. } => Deed::EditDirect,
                };
                if let Err(wait) = self.world.pace.take(&writing.place, deed) {
                    self.tasks.rest(key, wait);
                    return Ok(false);
                }
            }
            self.begin(mailbox, errand).await?;
            return Ok(true);
        }
        Ok(false)
    }

    async fn begin(&mut self, mailbox: &Mailbox, errand: Errand) -> Result<()> {
        let (world, mailbox) = (self.world.clone(), mailbox.clone());
        let mut since = None;
        let mut errand = errand;
        // A post that may have arrived unheard is looked for before it is posted again.
        if let Errand::Write(writing) = &mut errand
            && matches!(writing.what, What::Post { .. })
        {
            since = writing.shown.posting;
            if since.is_none() {
                writing.shown.posting = Some(world.clock.now());
                self.keep(&mailbox, &writing.run, writing.shown.clone()).await?;
            }
        }
        self.tasks.start(mailbox.key(), async move {
            let end = carry_out(&world, &mailbox, errand, since).await;
            Outcome::Told(Box::new(Told { mailbox, end }))
        });
        Ok(())
    }

    /// Takes what came of it.
    pub(super) async fn told(&mut self, told: Told) -> Result<Rest> {
        let Told { mailbox, end } = told;
        let rest = match end {
            End::Met(actor) => {
                let groups = if actor.linked { actor.groups } else { BTreeSet::new() };
                self.post.met.insert(mailbox.clone(), groups);
                self.tasks.rest(mailbox.met(), MET);
                Rest::No
            }
            End::Opened(Ok(channel)) => {
                if let Some(kept) = self.post.boxes.get(&mailbox) {
                    let kept = Kept { channel: Some(channel), ..kept.clone() };
                    self.keep_box(&mailbox, kept).await?;
                }
                Rest::No
            }
            End::Opened(Err(error)) => self.failed(&mailbox, &error, false).await?,
            End::Located { place, message, address } => match address {
                Err(error) if error.is_temporary() => {
                    Rest::For(error.retry_after().unwrap_or(AFTER_FAILURE))
                }
                address => {
                    // Without its address it is told all the same: the words say where to look.
                    let address = address.unwrap_or_else(|error| {
                        tracing::info!(chat.error = %error, "the address of a card is not known");
                        None
                    });
                    self.post.addresses.insert((place.channel, message), address);
                    Rest::No
                }
            },
            End::Written { run, shown, error: None } => {
                self.post.troubles.remove(&mailbox);
                self.keep(&mailbox, &run, shown).await?;
                Rest::No
            }
            End::Written { run, shown, error: Some(error) } => {
                let is_said = shown.ts.is_some();
                let settled = match error.about() {
                    // Nobody is there to read it.
                    About::Person => true,
                    // It cannot be put right, and is never said a second time. What was never said
                    // is tried again.
                    About::Message | About::Gone => is_said,
                    About::Place => shown.settled,
                };
                if error.is_channel_gone()
                    && let Some(kept) = self.post.boxes.get(&mailbox)
                {
                    // It is asked for again; what stood in the old one cannot be reached.
                    let kept = Kept { channel: None, ..kept.clone() };
                    self.keep_box(&mailbox, kept).await?;
                }
                self.keep(&mailbox, &run, Shown { settled, ..shown }).await?;
                self.failed(&mailbox, &error, is_said).await?
            }
        };
        Ok(rest)
    }

    /// Somebody could not be written to, or, where it was said already, it could not be put right. It
    /// is logged when it begins and when the platform says something else.
    async fn failed(
        &mut self,
        mailbox: &Mailbox,
        error: &ChatError,
        is_said: bool,
    ) -> Result<Rest> {
        let why = error.to_string();
        let rest = match error.about() {
            About::Person => {
                tracing::warn!(actor.platform = %mailbox.platform, actor.id = %mailbox.id, chat.error = %error, "somebody cannot be written to; it is not tried again before they type /patch notify on");
                if let Some(kept) = self.post.boxes.get(mailbox) {
                    let wish = Wish { closed: Some(why), ..kept.wish.clone() };
                    self.keep_box(mailbox, Kept { wish, ..kept.clone() }).await?;
                }
                Rest::No
            }
            About::Message | About::Gone if is_said => {
                tracing::warn!(actor.platform = %mailbox.platform, actor.id = %mailbox.id, chat.error = %error, "what somebody was told cannot be put right; it is left as it is");
                Rest::No
            }
            About::Place | About::Message | About::Gone => {
                if self.post.troubles.get(mailbox) != Some(&why) {
                    tracing::warn!(actor.platform = %mailbox.platform, actor.id = %mailbox.id, chat.error = %error, "somebody could not be written to; it is tried again as long as the plan waits");
                }
                self.post.troubles.insert(mailbox.clone(), why);
                let rest = if error.is_temporary() { AFTER_FAILURE } else { AFTER_REFUSAL };
                Rest::For(error.retry_after().unwrap_or(rest))
            }
        };
        Ok(rest)
    }

    async fn keep_box(&mut self, mailbox: &Mailbox, kept: Kept) -> Result<()> {
        let change = Change::default().mailbox(&mailbox.to_string(), &kept)?;
        self.memory.commit(change).await?;
        self.post.boxes.insert(mailbox.clone(), kept);
        Ok(())
    }

    async fn keep(&mut self, mailbox: &Mailbox, run: &RunId, shown: Shown) -> Result<()> {
        let name = mailbox.shown_as(run);
        if self.shown.get(&name) != Some(&shown) {
            self.memory.show(&name, &shown).await?;
            self.shown.insert(name, shown);
        }
        Ok(())
    }
}
