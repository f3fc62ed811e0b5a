//! The loop's part of delivery: starts the next step on every free surface, and handles the
//! results. What to show, and how to write it, is in `delivery`.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
use commands::id::{Actor, Origin};

use crate::chat::rate_limit::RateClass;
use crate::chat::{Channel, Who};
use crate::delivery::{
    Account, Action, HomeView, Part, PostId, PostedMessage, Step, Surface, View, Writing, write,
};
use crate::engine::requests::identify;
use crate::engine::tasks::{Rest, TaskKey};
use crate::engine::{Engine, Outcome, Services};
use crate::platforms::ChatError;
use crate::telemetry::metrics;

mod channel;
mod direct;
mod home;

/// How many people the bot writes to at once.
const PEOPLE_AT_ONCE: usize = 4;

/// How long the groups of a person count as known.
const GROUPS_HOLD: Duration = Duration::from_secs(300);

/// The result of a step.
pub(super) enum Delivered {
    /// `posted` holds what is true afterwards, even if the call failed half-way.
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
    /// The loop has run in the meantime.
    Paused,
}

impl Engine {
    /// Starts the next step on every free surface.
    pub(super) async fn deliver(&mut self) -> Result<()> {
        let config = self.services.config.clone();
        // Channels go first, because everybody reads them.
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

    /// Whether a step was started.
    async fn deliver_on(&mut self, surface: &Surface) -> Result<bool> {
        let key = TaskKey::Deliver(surface.clone());
        while self.tasks.is_free(&key) {
            let tasks = &self.tasks;
            let rests = |id: &PostId, part: Part| match part {
                Part::Card => tasks.rests(&TaskKey::Card(id.clone())),
                Part::Thread => tasks.rests(&TaskKey::Thread(id.clone())),
            };
            let view = View {
                state: &self.state,
                config: &self.services.config,
                people: &self.services.chat.directory,
                drill: self.services.drill,
                rests: &rests,
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

    /// Starts to write, if the platform's rate limit permits it now.
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
        // A post that may have arrived unnoticed is searched for before it is repeated.
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

    /// Handles the result of a step.
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

    /// Stores the state of a message.
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

/// Finds out a person's current groups. If membership of a group cannot be shown, the person is not
/// in it.
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
