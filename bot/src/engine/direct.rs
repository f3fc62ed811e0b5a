//! Writing in person to those who chose it. As with cards, what should stand there is derived from
//! the book, and what stands there is remembered: each plan is told once, however often the process
//! ends, and what was told is edited until it is over. What all read goes first; whoever cannot be
//! written to holds nobody up.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use anyhow::Result;
use chrono::{DateTime, Utc};
use commands::actor::{Actor, GroupRef};
use commands::book::Subject;
use commands::card::{Card, Reader};
use commands::follow::Follow;
use commands::notify::{Letter, Wish};
use commands::policy::Approver;
use commands::run::{PatchRun, RunId};
use commands::text::PersonRef;
use serde::{Deserialize, Serialize};
use storage::Store;

use crate::chat::error::About;
use crate::chat::pace::Deed;
use crate::chat::{Chat, ChatError, Inbound, Place, Platform, Who};
use crate::engine::desk::there;
use crate::engine::hang::{CLOCK_SKEW, hung_as};
use crate::engine::memory::{Change, Shown};
use crate::engine::people::identify;
use crate::engine::{Engine, Message, World};
use crate::health::numbers;

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
    fn key(&self) -> String {
        format!("{BUSY}{self}")
    }

    /// Rests as long as it is known which groups its person is in.
    fn met(&self) -> String {
        format!("met/{self}")
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

/// Stands before the keys of what is under way.
const BUSY: &str = "telling/";

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

/// The next thing to do about a mailbox.
enum Errand {
    /// To find out which groups its person is in.
    Meet,
    /// To ask for the channel of its messages.
    Open,
    /// To ask where the card of a run can be read.
    Locate { place: Place, message: String },
    /// To put right what it says about a run.
    Write(Box<Writing>),
    /// Nothing will change about a run any more.
    Settle { run: RunId, shown: Shown },
}

/// What is to be put right about a run, and where.
struct Writing {
    run: RunId,
    shown: Shown,
    what: What,
    place: Place,
}

enum What {
    /// Something new; or, where it is too late for that, only what may have been posted unheard.
    Post { card: Card, too_late: bool },
    /// It says something old.
    Update { message: String, card: Card },
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

impl<S: Store + Clone> Engine<S> {
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
            self.resting.remove(&mailbox.key());
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
        let under_way = self.busy.range(BUSY.to_owned()..);
        let under_way = under_way.take_while(|key| key.starts_with(BUSY)).count();
        let mut free = AT_ONCE.saturating_sub(under_way);
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
        while !self.busy.contains(&key) && !self.rests(&key) {
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
                    self.release(&key, Some(wait));
                    return Ok(false);
                }
            }
            if !self.claim(&key) {
                return Ok(false);
            }
            self.begin(mailbox, errand).await?;
            return Ok(true);
        }
        Ok(false)
    }

    async fn begin(&mut self, mailbox: &Mailbox, errand: Errand) -> Result<()> {
        let (world, messages, mailbox) =
            (self.world.clone(), self.messages.clone(), mailbox.clone());
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
        tokio::spawn(async move {
            let end = carry_out(&world, &mailbox, errand, since).await;
            // The loop is gone only when the process ends; what was posted is found again then.
            let _ = messages.send(Message::Told(Box::new(Told { mailbox, end })));
        });
        Ok(())
    }

    /// What is told already comes first, so that nothing old stands there.
    fn errand(&self, mailbox: &Mailbox) -> Option<Errand> {
        let kept = self.post.boxes.get(mailbox)?;
        let person = self.world.chat.people.person(mailbox.platform, &mailbox.id);
        let shelf = mailbox.shelf();
        let stands = self.shown.range(shelf.clone()..);
        let stands = stands.take_while(|(name, _)| name.starts_with(&shelf));
        for (name, shown) in stands.filter(|(_, shown)| !shown.settled) {
            let Some(run) = name.strip_prefix(&shelf).and_then(|run| run.parse().ok()) else {
                continue;
            };
            if self.rests(name) {
                continue;
            }
            let errand = self.errand_about(kept, mailbox, &person, &run, shown);
            if errand.is_some() {
                return errand;
            }
        }
        if !kept.wish.is_open() {
            return None;
        }
        for run in self.book.waiting_since(&kept.wish) {
            if self.shown.contains_key(&mailbox.shown_as(&run.id)) {
                continue;
            }
            let groups = self.post.met.get(mailbox).cloned().unwrap_or_default();
            let actor = Actor { person: person.clone(), groups };
            if !asked(run, &actor) {
                if names_groups(run) && !self.rests(&mailbox.met()) {
                    return Some(Errand::Meet);
                }
                continue;
            }
            // The card in the channel first, unless that channel cannot be written to.
            let waits = self.place_of(mailbox, &run.id).is_some_and(|place| {
                let hung = self.shown.get(&hung_as(place, &Subject::Run(run.id.clone())));
                // A trouble is that of a channel, or of one card in it.
                let troubled = self.book.troubles.keys().any(|name| name.starts_with(&place.name));
                hung.is_none_or(|shown| shown.ts.is_none()) && !troubled
            });
            if waits {
                continue;
            }
            if kept.channel.is_none() {
                return Some(Errand::Open);
            }
            let new = Shown::default();
            let errand = self.errand_about(kept, mailbox, &person, &run.id, &new);
            if errand.is_some() {
                return errand;
            }
        }
        None
    }

    /// What is to be done about one run: `shown` is what stands there.
    fn errand_about(
        &self,
        kept: &Kept,
        mailbox: &Mailbox,
        person: &PersonRef,
        run: &RunId,
        shown: &Shown,
    ) -> Option<Errand> {
        let channel = kept.channel.clone()?;
        let place = self.place_of(mailbox, run);
        let reader = Reader {
            locale: place.map_or(self.world.config.locale, |place| place.locale),
            drill: self.world.drill,
        };
        let hung = place.and_then(|place| {
            let hung = self.shown.get(&hung_as(place, &Subject::Run(run.clone())))?;
            Some((place, hung.ts.clone()?))
        });
        let address = match hung {
            None => None,
            Some((place, message)) => match mailbox.platform {
                Platform::Discord => there(&self.world, place, &message),
                Platform::Slack => {
                    let known = (place.channel.clone(), message.clone());
                    match self.post.addresses.get(&known) {
                        Some(address) => address.clone(),
                        None => return Some(Errand::Locate { place: place.clone(), message }),
                    }
                }
            },
        };
        let Letter { card, settled } = self.book.letter(run, person, address.as_deref(), reader)?;
        let (run, shown) = (run.clone(), shown.clone());
        let digest = card.digest();
        let what = match &shown.ts {
            None => What::Post { card, too_late: settled || !kept.wish.is_open() },
            Some(ts) if shown.digest.as_deref() != Some(digest.as_str()) => {
                What::Update { message: ts.clone(), card }
            }
            Some(_) if settled => return Some(Errand::Settle { run, shown }),
            Some(_) => return None,
        };
        let place = Place {
            name: mailbox.to_string(),
            platform: mailbox.platform,
            channel,
            follow: Follow::default(),
            locale: reader.locale,
        };
        Some(Errand::Write(Box::new(Writing { run, shown, what, place })))
    }

    /// Where somebody finds the card of a run on the platform where they are told of it.
    fn place_of(&self, mailbox: &Mailbox, run: &RunId) -> Option<&Place> {
        let subject = Subject::Run(run.clone());
        let own = self.world.config.places.iter();
        let mut own = own.filter(|place| place.platform == mailbox.platform);
        own.find(|place| self.book.concerns(&place.follow, &subject))
    }

    /// Takes what came of it.
    pub(super) async fn told(&mut self, told: Told) -> Result<()> {
        let Told { mailbox, end } = told;
        let key = mailbox.key();
        match end {
            End::Met(actor) => {
                self.post.met.insert(mailbox.clone(), actor.groups);
                self.release(&mailbox.met(), Some(MET));
                self.release(&key, None);
            }
            End::Opened(Ok(channel)) => {
                if let Some(kept) = self.post.boxes.get(&mailbox) {
                    let kept = Kept { channel: Some(channel), ..kept.clone() };
                    self.keep_box(&mailbox, kept).await?;
                }
                self.release(&key, None);
            }
            End::Opened(Err(error)) => self.failed(&mailbox, &error).await?,
            End::Located { place, message, address } => match address {
                Err(error) if error.is_temporary() => {
                    self.release(&key, Some(error.retry_after().unwrap_or(AFTER_FAILURE)));
                }
                address => {
                    // Without its address it is told all the same: the words say where to look.
                    let address = address.unwrap_or_else(|error| {
                        tracing::info!(chat.error = %error, "the address of a card is not known");
                        None
                    });
                    self.post.addresses.insert((place.channel, message), address);
                    self.release(&key, None);
                }
            },
            End::Written { run, shown, error: None } => {
                self.post.troubles.remove(&mailbox);
                self.keep(&mailbox, &run, shown).await?;
                self.release(&key, None);
            }
            End::Written { run, shown, error: Some(error) } => {
                let settled = match error.about() {
                    // It cannot be put right, and is never said a second time.
                    About::Person | About::Message | About::Gone => true,
                    About::Place => shown.settled,
                };
                self.keep(&mailbox, &run, Shown { settled, ..shown }).await?;
                self.failed(&mailbox, &error).await?;
            }
        }
        Ok(())
    }

    /// Somebody could not be written to. It is logged when it begins and when the platform says
    /// something else.
    async fn failed(&mut self, mailbox: &Mailbox, error: &ChatError) -> Result<()> {
        let why = error.to_string();
        let key = mailbox.key();
        match error.about() {
            About::Person => {
                tracing::warn!(actor.platform = %mailbox.platform, actor.id = %mailbox.id, chat.error = %error, "somebody cannot be written to; it is not tried again before they type /patch notify on");
                if let Some(kept) = self.post.boxes.get(mailbox) {
                    let wish = Wish { closed: Some(why), ..kept.wish.clone() };
                    self.keep_box(mailbox, Kept { wish, ..kept.clone() }).await?;
                }
                self.release(&key, None);
            }
            About::Place | About::Message | About::Gone => {
                if self.post.troubles.get(mailbox) != Some(&why) {
                    tracing::warn!(actor.platform = %mailbox.platform, actor.id = %mailbox.id, chat.error = %error, "somebody could not be written to; it is tried again as long as the plan waits");
                }
                self.post.troubles.insert(mailbox.clone(), why);
                let rest = if error.is_temporary() { AFTER_FAILURE } else { AFTER_REFUSAL };
                self.release(&key, Some(error.retry_after().unwrap_or(rest)));
            }
        }
        Ok(())
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

/// Whether somebody is asked to decide on a run that waits.
fn asked(run: &PatchRun, actor: &Actor) -> bool {
    !run.votes.contains_key(&actor.person) && run.policy.admit(actor, &run.requester).is_ok()
}

fn names_groups(run: &PatchRun) -> bool {
    run.policy.approvers.iter().any(|approver| matches!(approver, Approver::Group(_)))
}

async fn carry_out(
    world: &World,
    mailbox: &Mailbox,
    errand: Errand,
    since: Option<DateTime<Utc>>,
) -> End {
    match errand {
        Errand::Meet => End::Met(meet(world, mailbox).await),
        Errand::Open => End::Opened(world.chat.direct(mailbox.platform, &mailbox.id).await),
        Errand::Locate { place, message } => {
            let address = world.chat.address(&place, &message).await;
            End::Located { place, message, address }
        }
        Errand::Write(writing) => {
            let Writing { run, mut shown, what, place } = *writing;
            let kind = match what {
                What::Post { .. } => "posted_direct",
                What::Update { .. } => "edited_direct",
            };
            let written = write(&world.chat, &place, &run, &mut shown, what, since).await;
            numbers::card(if written.is_err() { "failed_direct" } else { kind });
            End::Written { run, shown, error: written.err() }
        }
        Errand::Settle { run, shown } => End::Written { run, shown, error: None },
    }
}

/// Finds out which groups somebody is in now. Whoever cannot be shown to be in one is not in it.
async fn meet(world: &World, mailbox: &Mailbox) -> Actor {
    let roles = match world.chat.roles(mailbox.platform, &mailbox.id).await {
        Ok(roles) => roles,
        Err(error) => {
            tracing::warn!(chat.error = %error, "the roles of somebody are not known");
            BTreeSet::new()
        }
    };
    let who = Who { platform: mailbox.platform, id: mailbox.id.clone(), roles };
    identify(world, &who).await
}

/// Puts one thing right. `shown` is what is true afterwards, also where it fails half-way.
async fn write(
    chat: &Chat,
    place: &Place,
    run: &RunId,
    shown: &mut Shown,
    what: What,
    since: Option<DateTime<Utc>>,
) -> Result<(), ChatError> {
    let key = format!("asked-{run}");
    match what {
        What::Update { message, card } => {
            chat.update(place, &message, &card, &key).await?;
            shown.digest = Some(card.digest().as_str().to_owned());
        }
        What::Post { card, too_late } => {
            let found = match since {
                Some(since) => chat.find(place, &key, since - CLOCK_SKEW).await?,
                None => None,
            };
            let (ts, digest) = match found {
                // It may say something old.
                Some(ts) => (ts, None),
                None if too_late => {
                    shown.settled = true;
                    return Ok(());
                }
                None => {
                    let ts = chat.post(place, &card, &key, &[]).await?;
                    (ts, Some(card.digest().as_str().to_owned()))
                }
            };
            *shown = Shown { ts: Some(ts), digest, posting: None, ..shown.clone() };
        }
    }
    Ok(())
}
