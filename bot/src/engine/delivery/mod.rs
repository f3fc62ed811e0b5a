//! Showing people what the state says: in channels, in direct messages, and on the page of their own.
//!
//! What should stand somewhere is derived from the state; what stands there is remembered. On each
//! surface one thing at a time is put right: the message that should be there is compared with the
//! one that is, a post is noted before it is begun, and after a crash it is looked for before it is
//! repeated. While something is on its way more may change, and only the newest is shown. A surface
//! that fails delays no other and misses nothing.
//!
//! Only what may have changed is drawn: a [`Queue`] holds the subjects whose cards a change concerns.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use commands::chat_failure::ChatFailure;
use commands::environment::policy::Approver;
use commands::id::{Actor, Origin, RunId};
use commands::state::{State, Subject};
use commands::text::Text;
use commands::view::Card;

use crate::chat::rate_limit::RateClass;
use crate::chat::{Channel, Directory, Mark, Who};
use crate::config::Config;
use crate::engine::requests::identify;
use crate::engine::tasks::{Rest, TaskKey, Tasks};
use crate::engine::{Engine, Outcome, Services};
use crate::platforms::{Chat, ChatError};
use crate::telemetry::metrics;

mod channel;
mod direct;
mod home;
mod posted;
#[cfg(test)]
mod tests;

pub(super) use direct::Subscriber;
use home::{Home, HomeView};
pub(super) use posted::{Account, PostId, PostedMessage, Surface};

/// How many people are written to at once.
const PEOPLE_AT_ONCE: usize = 4;
/// How many cards of one surface are drawn before the loop turns again.
const DRAWN_AT_ONCE: u64 = 25;
/// For how long it is believed which groups somebody is in.
const GROUPS_HOLD: Duration = Duration::from_secs(300);
/// How far the clocks of this host and of a platform may stand apart. Its key tells a message from
/// every other, so that this only spares pages: a host whose clock was hours ahead when it posted
/// has to find what it posted.
const CLOCK_SKEW: TimeDelta = TimeDelta::days(1);

/// A subject, with the time it came up: the oldest is shown first.
type Item = (DateTime<Utc>, Subject);

/// The subjects to look at on one surface.
#[derive(Default)]
struct Queue {
    /// Their messages may say something old.
    stale: BTreeSet<Item>,
    /// Their cards are right; what else is to be done about them comes after all cards.
    later: BTreeSet<Item>,
    /// They wait for something else: for a card in a channel, or to know somebody's groups.
    parked: BTreeSet<Item>,
    wants_groups: bool,
}

impl Queue {
    fn mark(&mut self, item: Item) {
        self.later.remove(&item);
        self.parked.remove(&item);
        self.stale.insert(item);
    }

    fn unpark(&mut self) {
        self.stale.append(&mut self.parked);
        self.wants_groups = false;
    }
}

/// What is shown where, and what may have to be shown anew.
#[derive(Default)]
pub(super) struct Delivery {
    posted: BTreeMap<PostId, PostedMessage>,
    queues: BTreeMap<Surface, Queue>,
    /// When each channel was first configured. What was over by then is not posted there.
    since: BTreeMap<String, DateTime<Utc>>,
    subscribers: BTreeMap<Account, Subscriber>,
    /// Why somebody could not be written to, if that is tried again.
    troubles: BTreeMap<Account, ChatFailure>,
    /// Where cards can be read, by the channel and the message.
    addresses: BTreeMap<(String, String), Option<String>>,
    homes: BTreeMap<Account, Home>,
    /// Who people were found to be, a few minutes ago at most while that matters.
    actors: BTreeMap<Account, Actor>,
    /// Grows with every change that somebody's page may show.
    revision: u64,
    /// The revision at which [`Self::has_changed`] was asked.
    asked_at: u64,
    /// How many cards were drawn.
    drawn: u64,
}

/// What a message follows from.
pub(super) struct View<'a> {
    pub(super) state: &'a State,
    pub(super) config: &'a Config,
    pub(super) people: &'a Directory,
    pub(super) drill: bool,
    pub(super) tasks: &'a Tasks,
}

/// What is found when a subject is looked at on a surface.
enum Finding {
    /// This is to be done.
    Due(Step),
    /// This is to be done once every card of the surface is right.
    Later(Step),
    /// Nothing is to be done before something changes.
    UpToDate,
    /// It rests.
    Rests,
    /// Nothing is to be done before a card is in its channel or the groups of a person have changed.
    Parked { wants_groups: bool },
}

/// One thing to do on a surface.
enum Step {
    /// Post, edit or add something.
    Write(Box<Writing>),
    /// Everything is there, and nothing will change.
    Settle(PostId),
    /// Interaction for the channel of somebody's direct messages.
    Open(Account),
    /// Interaction where a card in a channel can be read.
    Locate { channel: Channel, message: String },
    /// Let the loop turn before more cards are drawn.
    Pause,
}

/// What is to be written, and where.
struct Writing {
    id: PostId,
    channel: Channel,
    /// By which the platform finds the message again.
    key: String,
    posted: PostedMessage,
    action: Action,
}

enum Action {
    Post {
        card: Card,
        /// They are told of it.
        approvers: Vec<Approver>,
        /// It is no longer worth posting; but if it was posted unnoticed, it is edited.
        is_too_late: bool,
    },
    Edit {
        message: String,
        card: Card,
    },
    AddLine {
        message: String,
        text: Text,
    },
}

/// What came of a step.
pub(super) enum Delivered {
    /// `posted` is true afterwards, also if it failed half-way.
    Written {
        id: PostId,
        channel: Channel,
        posted: PostedMessage,
        is_line: bool,
        error: Option<ChatError>,
    },
    Opened(Account, Result<String, ChatError>),
    Located {
        channel: Channel,
        message: String,
        address: Result<Option<String>, ChatError>,
    },
    HomeShown {
        account: Account,
        view: HomeView,
        error: Option<ChatError>,
    },
    Groups(Account, Actor),
    /// The loop has turned.
    Paused,
}

impl Delivery {
    /// Everything that there is may show something old after a restart.
    pub(super) fn new(
        posted: BTreeMap<String, PostedMessage>,
        since: BTreeMap<String, DateTime<Utc>>,
        subscribers: BTreeMap<String, Subscriber>,
        config: &Config,
        state: &State,
    ) -> Self {
        let posted = posted.into_iter().filter_map(|(name, one)| Some((name.parse().ok()?, one)));
        let known = subscribers.into_iter();
        let known = known.filter_map(|(name, one)| Some((name.parse().ok()?, one)));
        let mut delivery = Self {
            posted: posted.collect(),
            since,
            subscribers: known.collect(),
            ..Self::default()
        };
        let all = state.subjects().into_iter().map(|(_, subject)| subject);
        delivery.changed(config, state, all);
        delivery
    }

    /// The cards of these subjects may say something old.
    pub(super) fn changed(
        &mut self,
        config: &Config,
        state: &State,
        subjects: impl IntoIterator<Item = Subject>,
    ) {
        self.touch();
        for subject in subjects {
            let Some(at) = state.came_up(&subject) else { continue };
            let channels = config.channels.iter();
            let channels =
                channels.filter(|channel| state.is_subscribed(&channel.follow, &subject));
            let channels = channels.map(|channel| Surface::Channel(channel.key()));
            let people = self.subscribers.keys().filter(|_| matches!(subject, Subject::Run(_)));
            let people = people.cloned().map(Surface::Direct);
            for surface in channels.chain(people).collect::<Vec<_>>() {
                let id = PostId { surface, subject: subject.clone() };
                // Years of settled cards are not drawn again.
                if !self.posted.get(&id).is_some_and(|posted| posted.settled) {
                    self.queues.entry(id.surface).or_default().mark((at, id.subject));
                }
            }
        }
    }

    /// Whether anything has changed since this was asked the last time.
    pub(super) fn has_changed(&mut self) -> bool {
        std::mem::replace(&mut self.asked_at, self.revision) != self.revision
    }

    /// Something has changed that pages show, and cards do not.
    pub(super) fn touch(&mut self) {
        self.revision += 1;
    }

    /// Forgets what was shown of these runs. Gives the messages that it knew.
    pub(super) fn forget(&mut self, runs: &[RunId]) -> Vec<PostId> {
        let runs: BTreeSet<&RunId> = runs.iter().collect();
        let is_of = |id: &PostId| matches!(&id.subject, Subject::Run(run) if runs.contains(run));
        let old: Vec<PostId> = self.posted.keys().filter(|id| is_of(id)).cloned().collect();
        old.iter().for_each(|id| drop(self.posted.remove(id)));
        old
    }

    /// The message of a card in a channel.
    fn message_in(&self, channel: &Channel, subject: &Subject) -> Option<&String> {
        let surface = Surface::Channel(channel.key());
        self.posted.get(&PostId { surface, subject: subject.clone() })?.message.as_ref()
    }

    /// What is to be done next on a surface.
    fn next_step(&mut self, surface: &Surface, view: &View<'_>) -> Option<Step> {
        let mut queue = self.queues.remove(surface)?;
        let step = self.next_of(&mut queue, surface, view);
        self.queues.insert(surface.clone(), queue);
        step
    }

    fn next_of(&mut self, queue: &mut Queue, surface: &Surface, view: &View<'_>) -> Option<Step> {
        let most = self.drawn + DRAWN_AT_ONCE;
        let (mut stale, mut later) = (BTreeSet::new(), BTreeSet::new());
        let mut step = None;
        while step.is_none() {
            let is_stale = !queue.stale.is_empty();
            if is_stale && self.drawn >= most {
                step = Some(Step::Pause);
                break;
            }
            let next = if is_stale { &mut queue.stale } else { &mut queue.later };
            let Some(item) = next.pop_first() else { break };
            let kept = if is_stale { &mut stale } else { &mut later };
            match self.find(surface, &item.1, view) {
                Finding::Later(_) if is_stale => drop(queue.later.insert(item)),
                Finding::Due(due) | Finding::Later(due) => {
                    step = Some(due);
                    kept.insert(item);
                }
                Finding::Rests => drop(kept.insert(item)),
                Finding::UpToDate => {}
                Finding::Parked { wants_groups } => {
                    queue.wants_groups |= wants_groups;
                    queue.parked.insert(item);
                }
            }
        }
        queue.stale.append(&mut stale);
        queue.later.append(&mut later);
        step
    }

    fn find(&mut self, surface: &Surface, subject: &Subject, view: &View<'_>) -> Finding {
        match surface {
            Surface::Channel(id) => {
                let mut channels = view.config.channels.iter();
                match channels.find(|channel| channel.key() == *id) {
                    Some(channel) => self.find_in_channel(channel, subject, view),
                    None => Finding::UpToDate,
                }
            }
            Surface::Direct(account) => self.find_for_person(account, subject, view),
            // A page shows all of its subjects at once.
            Surface::Home(_) => Finding::UpToDate,
        }
    }

    /// The people whose groups matter now.
    fn wants_groups(&self) -> Vec<Account> {
        let parked = |queue: &Queue| queue.wants_groups && !queue.parked.is_empty();
        let people = self.queues.iter().filter(|(_, queue)| parked(queue));
        let people = people.filter_map(|(surface, _)| match surface {
            Surface::Direct(account) => Some(account),
            Surface::Channel(_) | Surface::Home(_) => None,
        });
        let wanted: BTreeSet<&Account> = people.chain(self.homes.keys()).collect();
        wanted.into_iter().cloned().collect()
    }

    /// Who somebody is now.
    fn knows(&mut self, account: Account, actor: Actor) {
        if self.actors.get(&account) != Some(&actor) {
            if let Some(queue) = self.queues.get_mut(&Surface::Direct(account.clone())) {
                queue.unpark();
            }
            self.actors.insert(account, actor);
            self.touch();
        }
    }

    fn unpark_people(&mut self) {
        self.queues.values_mut().for_each(Queue::unpark);
    }
}

impl Engine {
    /// Starts what is to be shown next on every surface that is free.
    pub(super) async fn deliver(&mut self) -> Result<()> {
        let config = self.services.config.clone();
        // What everybody reads goes first.
        for channel in &config.channels {
            self.deliver_on(&Surface::Channel(channel.key())).await?;
        }
        let mut free = PEOPLE_AT_ONCE.saturating_sub(self.tasks.direct_under_way());
        let people: Vec<Account> = self.delivery.subscribers.keys().cloned().collect();
        for account in people {
            if free == 0 {
                break;
            }
            free -= usize::from(self.deliver_on(&Surface::Direct(account)).await?);
        }
        self.delivery.forget_homes(self.services.clock.now());
        if !config.groups_in_use().is_empty() {
            for account in self.delivery.wants_groups() {
                let services = self.services.clone();
                self.tasks.start(TaskKey::Groups(account.clone()), async move {
                    let actor = find_groups(&services, &account).await;
                    Outcome::Delivered(Box::new(Delivered::Groups(account, actor)))
                });
            }
        }
        self.show_homes();
        Ok(())
    }

    /// Whether something was begun.
    async fn deliver_on(&mut self, surface: &Surface) -> Result<bool> {
        let key = TaskKey::Deliver(surface.clone());
        while self.tasks.is_free(&key) {
            let view = View {
                state: &self.state,
                config: &self.services.config,
                people: &self.services.chat.directory,
                drill: self.services.drill,
                tasks: &self.tasks,
            };
            let Some(step) = self.delivery.next_step(surface, &view) else { return Ok(false) };
            let chat = self.services.chat.clone();
            let is_begun = match step {
                Step::Settle(id) => {
                    let posted = self.delivery.posted.get(&id).cloned().unwrap_or_default();
                    self.remember(&id, PostedMessage { settled: true, ..posted }).await?;
                    continue;
                }
                Step::Pause => {
                    self.tasks.start(key, async {
                        tokio::task::yield_now().await;
                        Outcome::Delivered(Box::new(Delivered::Paused))
                    });
                    return Ok(false);
                }
                Step::Write(writing) => return self.begin(key, *writing).await,
                Step::Open(account) => self.tasks.start(key, async move {
                    let channel = chat.direct(account.platform, &account.id).await;
                    Outcome::Delivered(Box::new(Delivered::Opened(account, channel)))
                }),
                Step::Locate { channel, message } => self.tasks.start(key, async move {
                    let address = chat.address(&channel, &message).await;
                    Outcome::Delivered(Box::new(Delivered::Located { channel, message, address }))
                }),
            };
            return Ok(is_begun);
        }
        Ok(false)
    }

    /// Begins to write, if the platform lets us now.
    async fn begin(&mut self, key: TaskKey, mut writing: Writing) -> Result<bool> {
        let is_direct = matches!(writing.id.surface, Surface::Direct(_));
        let class = match (&writing.action, is_direct) {
            (Action::Post { .. } | Action::AddLine { .. }, _) => RateClass::Post,
            (Action::Edit { .. }, false) => RateClass::Edit,
            (Action::Edit { .. }, true) => RateClass::EditDirect,
        };
        if let Err(wait) = self.services.rate_limit.acquire(&writing.channel, class) {
            self.tasks.rest(key, wait);
            return Ok(false);
        }
        // A post that may have arrived unnoticed is looked for before it is repeated.
        let since = writing.posted.posting;
        if class == RateClass::Post && since.is_none() {
            writing.posted.posting = Some(self.services.clock.now());
            self.remember(&writing.id, writing.posted.clone()).await?;
        }
        let chat = self.services.chat.clone();
        Ok(self.tasks.start(key, async move {
            let is_line = matches!(writing.action, Action::AddLine { .. });
            let kind = match (&writing.action, is_direct) {
                (Action::Post { .. }, false) => "posted",
                (Action::Post { .. }, true) => "posted_direct",
                (Action::Edit { .. }, false) => "edited",
                (Action::Edit { .. }, true) => "edited_direct",
                (Action::AddLine { .. }, _) => "told",
            };
            let failed = if is_direct { "failed_direct" } else { "failed" };
            let Writing { id, channel, key, mut posted, action } = writing;
            let error = write(&chat, &channel, &key, &mut posted, action, since).await.err();
            metrics::card(if error.is_some() { failed } else { kind });
            Outcome::Delivered(Box::new(Delivered::Written { id, channel, posted, is_line, error }))
        }))
    }

    /// Takes what came of a step.
    pub(super) async fn delivered(&mut self, delivered: Delivered) -> Result<Rest> {
        match delivered {
            Delivered::Written { id, channel, posted, is_line, error } => {
                match id.surface.clone() {
                    Surface::Channel(_) => {
                        self.written_in_channel(id, channel, posted, is_line, error).await
                    }
                    Surface::Direct(account) => {
                        self.written_to_person(&account, id, posted, error).await
                    }
                    Surface::Home(_) => Ok(Rest::No),
                }
            }
            Delivered::Opened(account, channel) => self.opened(&account, channel).await,
            Delivered::Located { channel, message, address } => {
                Ok(self.located(channel, message, address))
            }
            Delivered::HomeShown { account, view, error } => {
                Ok(self.home_shown(account, view, error))
            }
            Delivered::Paused => Ok(Rest::No),
            Delivered::Groups(account, actor) => {
                self.delivery.knows(account, actor);
                Ok(Rest::For(GROUPS_HOLD))
            }
        }
    }

    /// Remembers what stands somewhere.
    async fn remember(&mut self, id: &PostId, posted: PostedMessage) -> Result<()> {
        let known = self.delivery.posted.get(id);
        if known == Some(&posted) {
            return Ok(());
        }
        let is_moved = known.and_then(|known| known.message.as_ref()) != posted.message.as_ref();
        self.journal.save_posted(&id.to_string(), &posted).await?;
        self.delivery.posted.insert(id.clone(), posted);
        // Direct messages and pages link to cards in channels.
        if is_moved && matches!(id.surface, Surface::Channel(_)) {
            let at = self.state.came_up(&id.subject);
            for (surface, queue) in &mut self.delivery.queues {
                if let (Surface::Direct(_), Some(at)) = (surface, at) {
                    queue.mark((at, id.subject.clone()));
                }
            }
            self.delivery.touch();
        }
        Ok(())
    }
}

/// Writes one thing. `posted` is what is true afterwards, also if it fails half-way.
async fn write(
    chat: &Chat,
    channel: &Channel,
    key: &str,
    posted: &mut PostedMessage,
    action: Action,
    since: Option<DateTime<Utc>>,
) -> Result<(), ChatError> {
    let mark = Mark { key, attempt: posted.posting.unwrap_or_default() };
    match action {
        Action::Edit { message, card } => {
            chat.update(channel, &message, &card, key).await?;
            posted.digest = Some(card.digest().as_str().to_owned());
        }
        Action::Post { card, approvers, is_too_late } => {
            let found = match since {
                Some(since) => chat.find(channel, key, since - CLOCK_SKEW).await?,
                None => None,
            };
            // One that was found may show something old: its digest is not known, so it is edited.
            let (message, digest) = match found {
                Some(message) => (message, None),
                None if is_too_late => {
                    posted.settled = true;
                    return Ok(());
                }
                None => {
                    let message = chat.post(channel, &card, mark, &approvers).await;
                    let message = message.inspect_err(|error| posted.not_posted(error))?;
                    (message, Some(card.digest().as_str().to_owned()))
                }
            };
            let message = Some(message);
            *posted = PostedMessage { message, digest, posting: None, ..posted.clone() };
        }
        Action::AddLine { message, text } => {
            let number = posted.lines;
            let is_there = match since {
                Some(since) => {
                    chat.has_line(channel, &message, key, number, since - CLOCK_SKEW).await?
                }
                None => false,
            };
            if !is_there {
                let added = chat.add_line(channel, &message, &text, mark, number).await;
                added.inspect_err(|error| posted.not_posted(error))?;
            }
            posted.lines += 1;
            posted.posting = None;
        }
    }
    Ok(())
}

/// Finds out which groups somebody is in now. A person who cannot be shown to be in one is not in it.
async fn find_groups(services: &Services, account: &Account) -> Actor {
    let roles = match services.chat.roles(account.platform, &account.id, services.clock.now()).await
    {
        Ok(roles) => roles,
        Err(error) => {
            tracing::warn!(actor.id = %account.id, chat.error = %error, "failed to read somebody's roles: they count as having none");
            BTreeSet::new()
        }
    };
    let who = Who { platform: account.platform, id: account.id.clone(), roles };
    identify(services, &who, Origin::Elsewhere).await
}
