//! Shows people what the state says: in channels, in direct messages, and on home pages.
//!
//! What each surface should show is derived from the state; what it does show is stored. A surface
//! does one thing at a time: it compares the message that should exist with the one that does,
//! stores the intent to post before it posts, and after a crash searches for the message before it
//! posts again. While a call is under way more may change, and only the newest version is shown. A
//! failing surface delays no other and misses nothing.
//!
//! Only what may have changed is drawn: a [`Queue`] holds the subjects whose cards a change
//! affects.
//!
//! This module decides nothing, and calls a platform only to write. The engine starts each step and
//! hands the result back.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use commands::chat_failure::ChatFailure;
use commands::environment::policy::Approver;
use commands::id::{Actor, RunId};
use commands::state::{State, Subject};
use commands::text::Text;
use commands::view::Card;

use crate::chat::{Channel, Directory};
use crate::config::Config;

mod channel;
mod direct;
mod home;
mod posted;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use direct::Subscriber;
pub(crate) use home::{Home, HomeView, permalink};
pub(crate) use posted::{Account, PostId, PostedMessage, Surface};
pub(crate) use write::write;

/// How many cards of one surface are drawn before the loop runs again.
const DRAWN_AT_ONCE: u64 = 25;

/// A subject, with the time it came up: the oldest is shown first.
pub(crate) type Item = (DateTime<Utc>, Subject);

/// The subjects to check on one surface.
#[derive(Default)]
pub(crate) struct Queue {
    /// Their messages may be out of date.
    stale: BTreeSet<Item>,
    /// Their cards are up to date; other steps for them come after all cards.
    later: BTreeSet<Item>,
    /// They wait for something else: for a card in a channel, or for a person's groups.
    parked: BTreeSet<Item>,
    wants_groups: bool,
}

impl Queue {
    pub(crate) fn mark(&mut self, item: Item) {
        self.later.remove(&item);
        self.parked.remove(&item);
        self.stale.insert(item);
    }

    fn unpark(&mut self) {
        self.stale.append(&mut self.parked);
        self.wants_groups = false;
    }
}

/// What each surface shows, and what may have to be shown again.
#[derive(Default)]
pub(crate) struct Delivery {
    pub(crate) posted: BTreeMap<PostId, PostedMessage>,
    pub(crate) queues: BTreeMap<Surface, Queue>,
    /// When each channel was first configured. Subjects that were over by then are not posted
    /// there.
    pub(crate) since: BTreeMap<String, DateTime<Utc>>,
    pub(crate) subscribers: BTreeMap<Account, Subscriber>,
    /// Why the bot could not write to a person, if it will retry that.
    pub(crate) troubles: BTreeMap<Account, ChatFailure>,
    /// The addresses of cards in Slack, by channel and message. `None`: Slack returned none.
    pub(crate) addresses: BTreeMap<(String, String), Option<String>>,
    pub(crate) homes: BTreeMap<Account, Home>,
    /// The identified people with their groups, at most a few minutes old while they matter.
    pub(crate) actors: BTreeMap<Account, Actor>,
    /// Grows with every change that a home page may show.
    pub(crate) revision: u64,
    /// The revision at the last call of [`Self::has_changed`].
    pub(crate) asked_at: u64,
    /// The number of cards drawn.
    pub(crate) drawn: u64,
}

/// A part of a message that can rest independently after a failure.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    Card,
    Thread,
}

/// Everything that messages are derived from.
pub(crate) struct View<'a> {
    pub(crate) state: &'a State,
    pub(crate) config: &'a Config,
    pub(crate) people: &'a Directory,
    pub(crate) drill: bool,
    /// Whether a part of a message rests after a failure.
    pub(crate) rests: &'a dyn Fn(&PostId, Part) -> bool,
}

/// The result of checking a subject on a surface.
pub(crate) enum Finding {
    /// This step is due.
    Due(Step),
    /// This step is due once every card of the surface is up to date.
    Later(Step),
    /// Nothing to do until something changes.
    UpToDate,
    /// Nothing to do until the rest after a failure ends.
    Rests,
    /// Nothing to do until a card is in its channel or the groups of a person have changed.
    Parked { wants_groups: bool },
}

/// One step on a surface.
pub(crate) enum Step {
    /// Post, edit or add something.
    Write(Box<Writing>),
    /// Everything is shown, and nothing will change any longer.
    Settle(PostId),
    /// Ask for the channel of a person's direct messages.
    Open(Account),
    /// Ask for the address of a card in a channel.
    Locate { channel: Channel, message: String },
    /// Let the loop run before more cards are drawn.
    Pause,
}

/// What to write, and where.
pub(crate) struct Writing {
    pub(crate) id: PostId,
    pub(crate) channel: Channel,
    /// The key by which the bot finds the message again on the platform.
    pub(crate) key: String,
    pub(crate) posted: PostedMessage,
    pub(crate) action: Action,
}

pub(crate) enum Action {
    Post {
        card: Card,
        /// The people and groups that the platform notifies of it.
        approvers: Vec<Approver>,
        /// The card is no longer worth posting; but if an earlier attempt did arrive, it is edited.
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

impl Delivery {
    /// Treats everything as possibly out of date, as after a restart.
    pub(crate) fn new(
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

    /// Marks the cards of these subjects as possibly out of date.
    pub(crate) fn changed(
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
                channels.filter(|channel| state.is_subscribed(&channel.subscription, &subject));
            let channels = channels.map(|channel| Surface::Channel(channel.key()));
            let people = self.subscribers.keys().filter(|_| matches!(subject, Subject::Run(_)));
            let people = people.cloned().map(Surface::Direct);
            for surface in channels.chain(people).collect::<Vec<_>>() {
                let id = PostId { surface, subject: subject.clone() };
                // Cards that were settled years ago are not drawn again.
                if !self.posted.get(&id).is_some_and(|posted| posted.settled) {
                    self.queues.entry(id.surface).or_default().mark((at, id.subject));
                }
            }
        }
    }

    /// Whether anything has changed since the last call.
    pub(crate) fn has_changed(&mut self) -> bool {
        std::mem::replace(&mut self.asked_at, self.revision) != self.revision
    }

    /// Notes a change that pages show, and cards do not.
    pub(crate) fn touch(&mut self) {
        self.revision += 1;
    }

    /// Removes what is stored about the messages of these runs. Returns the messages that it knew.
    pub(crate) fn forget(&mut self, runs: &[RunId]) -> Vec<PostId> {
        let runs: BTreeSet<&RunId> = runs.iter().collect();
        let is_of = |id: &PostId| matches!(&id.subject, Subject::Run(run) if runs.contains(run));
        let old: Vec<PostId> = self.posted.keys().filter(|id| is_of(id)).cloned().collect();
        old.iter().for_each(|id| drop(self.posted.remove(id)));
        old
    }

    /// The message of a card in a channel.
    pub(crate) fn message_in(&self, channel: &Channel, subject: &Subject) -> Option<&String> {
        let surface = Surface::Channel(channel.key());
        self.posted.get(&PostId { surface, subject: subject.clone() })?.message.as_ref()
    }

    pub(crate) fn next_step(&mut self, surface: &Surface, view: &View<'_>) -> Option<Step> {
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
    pub(crate) fn wants_groups(&self) -> Vec<Account> {
        let parked = |queue: &Queue| queue.wants_groups && !queue.parked.is_empty();
        let people = self.queues.iter().filter(|(_, queue)| parked(queue));
        let people = people.filter_map(|(surface, _)| match surface {
            Surface::Direct(account) => Some(account),
            Surface::Channel(_) | Surface::Home(_) => None,
        });
        let wanted: BTreeSet<&Account> = people.chain(self.homes.keys()).collect();
        wanted.into_iter().cloned().collect()
    }

    /// Stores the groups of a person as of now.
    pub(crate) fn knows(&mut self, account: Account, actor: Actor) {
        if self.actors.get(&account) != Some(&actor) {
            if let Some(queue) = self.queues.get_mut(&Surface::Direct(account.clone())) {
                queue.unpark();
            }
            self.actors.insert(account, actor);
            self.touch();
        }
    }

    pub(crate) fn unpark_people(&mut self) {
        self.queues.values_mut().for_each(Queue::unpark);
    }
}
