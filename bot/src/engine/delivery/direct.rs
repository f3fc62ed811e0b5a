//! Direct messages to the people who asked for them: one for each plan on which they may decide. It is
//! posted once, after the card in the channel, and edited until the plan is decided.

use std::time::Duration;

use anyhow::Result;
use commands::direct_message::{DirectMessage, NotificationPreference};
use commands::environment::policy::{Approver, CurrentPolicy};
use commands::id::{Actor, Origin, RunId};
use commands::run::PatchRun;
use commands::state::Subject;
use commands::state::subscription::Subscription;
use commands::view::Reader;
use serde::{Deserialize, Serialize};

use super::home::permalink;
use super::{
    Account, Action, Delivery, Finding, PostId, PostedMessage, Step, Surface, View, Writing,
};
use crate::chat::{Channel, Inbound, Platform};
use crate::engine::Engine;
use crate::engine::journal::Transaction;
use crate::engine::tasks::{Rest, TaskKey};
use crate::platforms::About;
use crate::platforms::ChatError;

/// How long to wait after a platform could not be asked.
const AFTER_FAILURE: Duration = Duration::from_secs(60);
/// How long to wait after it said no, which an administrator may put right.
const AFTER_REFUSAL: Duration = Duration::from_secs(600);

/// What is remembered of a person who chose whether they are written to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::engine) struct Subscriber {
    pub(super) wish: NotificationPreference,
    /// The channel of their direct messages; `None` before it was first needed.
    pub(super) channel: Option<String>,
}

impl Delivery {
    pub(super) fn find_for_person(
        &mut self,
        account: &Account,
        subject: &Subject,
        view: &View<'_>,
    ) -> Finding {
        let (Subject::Run(run), Some(subscriber)) = (subject, self.subscribers.get(account)) else {
            return Finding::UpToDate;
        };
        let surface = Surface::Direct(account.clone());
        let id = PostId { surface, subject: subject.clone() };
        let person = view.people.person(account.platform, &account.id);
        match self.posted.get(&id) {
            Some(posted) if posted.settled => return Finding::UpToDate,
            // What stands there already comes first, so that nothing old stands there.
            Some(posted) => {
                let step = self.direct_message(account, id, posted.clone(), view);
                self.drawn += 1;
                return step.map_or(Finding::UpToDate, Finding::Due);
            }
            None => {}
        }
        let known = view.state.runs.get(run).filter(|run| subscriber.wish.tells(run));
        let Some(known) = known else { return Finding::UpToDate };
        // Groups of a person who is not linked decide nothing.
        let groups = self.actors.get(account).filter(|actor| actor.linked);
        let actor = Actor {
            person: person.clone(),
            groups: groups.map(|actor| actor.groups.clone()).unwrap_or_default(),
            linked: true,
            whence: Origin::Elsewhere,
        };
        let today = view.state.current_policy(known);
        if known.voted_at(&person).is_some() {
            return Finding::UpToDate;
        }
        if known.admits(&actor, today).is_err() {
            let wants_groups = names_groups(known, today);
            return if wants_groups { Finding::Parked { wants_groups } } else { Finding::UpToDate };
        }
        if self.waits_for_card(account, run, view) {
            return Finding::Parked { wants_groups: false };
        }
        let step = self.direct_message(account, id, PostedMessage::default(), view);
        self.drawn += 1;
        step.map_or(Finding::UpToDate, Finding::Later)
    }

    /// The card in the channel comes first, unless that channel cannot be written to.
    fn waits_for_card(&self, account: &Account, run: &RunId, view: &View<'_>) -> bool {
        let Some(channel) = channel_of(account, run, view) else { return false };
        // A trouble is that of a channel, or of one card in it.
        let is_troubled = view.state.troubles.keys().any(|name| name.starts_with(&channel.name));
        !is_troubled && self.message_in(channel, &Subject::Run(run.clone())).is_none()
    }

    /// What is to be done about one message: `posted` is what stands there.
    fn direct_message(
        &self,
        account: &Account,
        id: PostId,
        posted: PostedMessage,
        view: &View<'_>,
    ) -> Option<Step> {
        let Subject::Run(run) = &id.subject else { return None };
        let subscriber = self.subscribers.get(account)?;
        let person = view.people.person(account.platform, &account.id);
        let Some(direct_channel) = subscriber.channel.clone() else {
            return Some(Step::Open(account.clone()));
        };
        let channel = channel_of(account, run, view);
        let reader = Reader {
            locale: channel.map_or(view.config.locale, |channel| channel.locale),
            drill: view.drill,
        };
        let card =
            channel.and_then(|channel| Some((channel, self.message_in(channel, &id.subject)?)));
        let address = match card {
            None => None,
            Some((channel, message)) => match self.address(channel, message, view) {
                Some(address) => address,
                None => {
                    let (channel, message) = (channel.clone(), message.clone());
                    return Some(Step::Locate { channel, message });
                }
            },
        };
        let letter = view.state.direct_message(run, &person, address.as_deref(), reader)?;
        let DirectMessage { card, settled } = letter;
        let action = match &posted.message {
            None => {
                let is_too_late = settled || !subscriber.wish.is_open();
                Action::Post { card, approvers: Vec::new(), is_too_late }
            }
            Some(message) if posted.digest.as_deref() != Some(card.digest().as_str()) => {
                Action::Edit { message: message.clone(), card }
            }
            Some(_) if settled => return Some(Step::Settle(id)),
            Some(_) => return None,
        };
        let channel = Channel {
            name: account.to_string(),
            platform: account.platform,
            id: direct_channel,
            follow: Subscription::default(),
            locale: reader.locale,
        };
        let key = format!("asked-{run}");
        Some(Step::Write(Box::new(Writing { id, channel, key, posted, action })))
    }

    /// Where a card can be read: `Some(None)` if that cannot be known, `None` if it has to be asked.
    fn address(&self, channel: &Channel, message: &str, view: &View<'_>) -> Option<Option<String>> {
        match channel.platform {
            Platform::Discord => Some(permalink(view.config, channel, message)),
            Platform::Slack => {
                self.addresses.get(&(channel.id.clone(), message.to_owned())).cloned()
            }
        }
    }
}

/// Where somebody finds the card of a run on the platform where they are told of it.
fn channel_of<'a>(account: &Account, run: &RunId, view: &View<'a>) -> Option<&'a Channel> {
    let subject = Subject::Run(run.clone());
    let mut own =
        view.config.channels.iter().filter(|channel| channel.platform == account.platform);
    own.find(|channel| view.state.is_subscribed(&channel.follow, &subject))
}

fn names_groups(run: &PatchRun, today: CurrentPolicy<'_>) -> bool {
    run.decided_under(today).approvers.iter().any(|approver| matches!(approver, Approver::Group(_)))
}

impl Engine {
    /// Somebody chooses whether they are written to, or asks what they chose.
    pub(in crate::engine) async fn choose(
        &mut self,
        interaction: &Inbound,
        actor: &Actor,
        on: Option<bool>,
    ) -> Result<()> {
        let account = Account::of(&interaction.who);
        if let Some(on) = on {
            let before = self.delivery.subscribers.get(&account);
            let wish = NotificationPreference::chosen(
                before.map(|known| &known.wish),
                on,
                self.services.clock.now(),
            );
            let channel = before.and_then(|known| known.channel.clone());
            let subscriber = Subscriber { wish, channel };
            let change = Transaction::default().subscriber(&account.to_string(), &subscriber)?;
            self.journal.commit(change.handles(Some(&interaction.key))).await?;
            self.delivery.subscribers.insert(account.clone(), subscriber);
            self.delivery.troubles.remove(&account);
            self.tasks.wake(&TaskKey::Deliver(Surface::Direct(account.clone())));
            let open = self.state.runs.values().filter(|run| run.is_open());
            let open: Vec<Subject> = open.map(|run| Subject::Run(run.id.clone())).collect();
            self.delivery.changed(&self.services.config, &self.state, open);
        }
        let wish = self.delivery.subscribers.get(&account).map(|known| &known.wish);
        let trouble = self.delivery.troubles.get(&account);
        let card =
            self.state.notify_card(actor, wish, trouble, self.reader_for(&interaction.reply));
        match on {
            Some(_) => {
                self.answer(&interaction.reply, card);
                Ok(())
            }
            None => self.answer_and_close(interaction, card).await,
        }
    }

    pub(super) async fn opened(
        &mut self,
        account: &Account,
        channel: Result<String, ChatError>,
    ) -> Result<Rest> {
        match channel {
            Ok(channel) => {
                self.update(account, |known| known.channel = Some(channel)).await?;
                Ok(Rest::No)
            }
            Err(error) => self.not_written(account, &error, false).await,
        }
    }

    pub(super) fn located(
        &mut self,
        channel: Channel,
        message: String,
        address: Result<Option<String>, ChatError>,
    ) -> Rest {
        let address = match address {
            Err(error) if error.is_temporary() => {
                return Rest::For(error.retry_after().unwrap_or(AFTER_FAILURE));
            }
            // Without its address it is told all the same: the words say where to look.
            Err(error) => {
                tracing::info!(chat.error = %error, "the address of a card is not known");
                None
            }
            Ok(address) => address,
        };
        self.delivery.addresses.insert((channel.id, message), address);
        Rest::No
    }

    pub(super) async fn written_to_person(
        &mut self,
        account: &Account,
        id: PostId,
        mut posted: PostedMessage,
        error: Option<ChatError>,
    ) -> Result<Rest> {
        let Some(error) = error else {
            self.delivery.troubles.remove(account);
            self.remember(&id, posted).await?;
            return Ok(Rest::No);
        };
        let is_said = posted.message.is_some();
        match error.about() {
            // Nobody is there to read it.
            About::Person => posted.settled = true,
            // It cannot be put right, and is never said a second time. What was never said is tried
            // again.
            About::Message | About::Gone => posted.settled = is_said,
            About::Channel => {}
        }
        if error.is_channel_gone() {
            // It is asked for again; what stood in the old one cannot be reached.
            self.update(account, |known| known.channel = None).await?;
        }
        self.remember(&id, posted).await?;
        self.not_written(account, &error, is_said).await
    }

    /// Somebody could not be written to, or, if `is_said`, what they read could not be put right. It
    /// is logged when it begins and when the platform says something else.
    async fn not_written(
        &mut self,
        account: &Account,
        error: &ChatError,
        is_said: bool,
    ) -> Result<Rest> {
        let why = error.failure();
        match error.about() {
            About::Person => {
                tracing::warn!(actor.platform = %account.platform, actor.id = %account.id, chat.error = %error, "somebody cannot be written to; it is not tried again before they type /patch notify on");
                self.update(account, |known| known.wish.closed = Some(why)).await?;
                Ok(Rest::No)
            }
            About::Message | About::Gone if is_said => {
                tracing::warn!(actor.platform = %account.platform, actor.id = %account.id, chat.error = %error, "what somebody was told cannot be put right; it is left as it is");
                Ok(Rest::No)
            }
            About::Channel | About::Message | About::Gone => {
                if self.delivery.troubles.get(account) != Some(&why) {
                    tracing::warn!(actor.platform = %account.platform, actor.id = %account.id, chat.error = %error, "somebody could not be written to; it is tried again as long as the plan waits");
                }
                self.delivery.troubles.insert(account.clone(), why);
                let rest = if error.is_temporary() { AFTER_FAILURE } else { AFTER_REFUSAL };
                Ok(Rest::For(error.retry_after().unwrap_or(rest)))
            }
        }
    }

    async fn update(
        &mut self,
        account: &Account,
        change: impl FnOnce(&mut Subscriber),
    ) -> Result<()> {
        let Some(mut subscriber) = self.delivery.subscribers.get(account).cloned() else {
            return Ok(());
        };
        change(&mut subscriber);
        let written = Transaction::default().subscriber(&account.to_string(), &subscriber)?;
        self.journal.commit(written).await?;
        self.delivery.subscribers.insert(account.clone(), subscriber);
        Ok(())
    }
}
