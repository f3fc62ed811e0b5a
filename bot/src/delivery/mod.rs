//! Showing people what the state says: in channels, in direct messages, and on the page of their own.
//!
//! What should stand somewhere is derived from the state; what stands there is remembered. On each
//! surface one thing at a time is put right: the message that should be there is compared with the
//! one that is, a post is noted before it is begun, and after a crash it is looked for before it is
//! repeated. While something is on its way more may change, and only the newest is shown. A surface
//! that fails delays no other and misses nothing.
//!
//! Only what may have changed is drawn: a [`Queue`] holds the subjects whose cards a change concerns.
//!
//! Nothing is decided here and nothing is asked of a platform but to write. The engine starts what is
//! to be done and takes what came of it.

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

/// How many cards of one surface are drawn before the loop turns again.
const DRAWN_AT_ONCE: u64 = 25;

/// A subject, with the time it came up: the oldest is shown first.
pub(crate) type Item = (DateTime<Utc>, Subject);

/// The subjects to look at on one surface.
#[derive(Default)]
pub(crate) struct Queue {
    /// Their messages may say something old.
    stale: BTreeSet<Item>,
    /// Their cards are right; what else is to be done about them comes after all cards.
    later: BTreeSet<Item>,
    /// They wait for something else: for a card in a channel, or to know somebody's groups.
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

/// What is shown where, and what may have to be shown anew.
#[derive(Default)]
pub(crate) struct Delivery {
    pub(crate) posted: BTreeMap<PostId, PostedMessage>,
    pub(crate) queues: BTreeMap<Surface, Queue>,
    /// When each channel was first configured. What was over by then is not posted there.
    pub(crate) since: BTreeMap<String, DateTime<Utc>>,
    pub(crate) subscribers: BTreeMap<Account, Subscriber>,
    /// Why somebody could not be written to, if that is tried again.
    pub(crate) troubles: BTreeMap<Account, ChatFailure>,
    /// Where cards can be read, by the channel and the message.
    pub(crate) addresses: BTreeMap<(String, String), Option<String>>,
    pub(crate) homes: BTreeMap<Account, Home>,
    /// Who people were found to be, a few minutes ago at most while that matters.
    pub(crate) actors: BTreeMap<Account, Actor>,
    /// Grows with every change that somebody's page may show.
    pub(crate) revision: u64,
    /// The revision at which [`Self::has_changed`] was asked.
    pub(crate) asked_at: u64,
    /// How many cards were drawn.
    pub(crate) drawn: u64,
}

/// A part of what is shown that may have to rest by itself.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    Card,
    Thread,
}

/// What a message follows from.
pub(crate) struct View<'a> {
    pub(crate) state: &'a State,
    pub(crate) config: &'a Config,
    pub(crate) people: &'a Directory,
    pub(crate) drill: bool,
    /// Whether a part of what is shown there rests.
    pub(crate) rests: &'a dyn Fn(&PostId, Part) -> bool,
}

/// What is found when a subject is looked at on a surface.
pub(crate) enum Finding {
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
pub(crate) enum Step {
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
pub(crate) struct Writing {
    pub(crate) id: PostId,
    pub(crate) channel: Channel,
    /// By which the platform finds the message again.
    pub(crate) key: String,
    pub(crate) posted: PostedMessage,
    pub(crate) action: Action,
}

pub(crate) enum Action {
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

impl Delivery {
    /// Everything that there is may show something old after a restart.
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

    /// The cards of these subjects may say something old.
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
    pub(crate) fn has_changed(&mut self) -> bool {
        std::mem::replace(&mut self.asked_at, self.revision) != self.revision
    }

    /// Something has changed that pages show, and cards do not.
    pub(crate) fn touch(&mut self) {
        self.revision += 1;
    }

    /// Forgets what was shown of these runs. Gives the messages that it knew.
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

    /// What is to be done next on a surface.
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

    /// Who somebody is now.
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
