//! Delivers direct messages to the people who opted in: one for each plan on which they may decide.
//! It is sent after the card in the channel, and edited until the plan is decided.

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
use crate::chat::{Channel, Platform};

/// The stored preference of a person for direct messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Subscriber {
    pub(crate) preference: NotificationPreference,
    /// The channel of their direct messages; `None` before it was first needed.
    pub(crate) channel: Option<String>,
}

impl Delivery {
    pub(crate) fn find_for_person(
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
            // An existing message comes first, so that it does not remain out of date.
            Some(posted) => {
                let step = self.direct_message(account, id, posted.clone(), view);
                self.drawn += 1;
                return step.map_or(Finding::UpToDate, Finding::Due);
            }
            None => {}
        }
        let known = view.state.runs.get(run).filter(|run| subscriber.preference.tells(run));
        let Some(known) = known else { return Finding::UpToDate };
        // A person who is not linked cannot decide as a member of a group.
        let groups = self.actors.get(account).filter(|actor| actor.linked);
        let actor = Actor {
            person: person.clone(),
            groups: groups.map(|actor| actor.groups.clone()).unwrap_or_default(),
            linked: true,
            origin: Origin::Elsewhere,
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

    /// Whether the message waits for the card in the channel, which comes first unless the bot
    /// cannot write to that channel.
    fn waits_for_card(&self, account: &Account, run: &RunId, view: &View<'_>) -> bool {
        let Some(channel) = channel_of(account, run, view) else { return false };
        // A trouble belongs to that channel, or to one card in it.
        let is_troubled = view.state.troubles.keys().any(|name| name.starts_with(&channel.name));
        !is_troubled && self.message_in(channel, &Subject::Run(run.clone())).is_none()
    }

    /// What to do about one message; `posted` is its stored state.
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
                let is_too_late = settled || !subscriber.preference.is_open();
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
            subscription: Subscription::default(),
            locale: reader.locale,
        };
        let key = format!("asked-{run}");
        Some(Step::Write(Box::new(Writing { id, channel, key, posted, action })))
    }

    /// The address of a card: `Some(None)` if it cannot be known, `None` if the bot still has to
    /// ask for it.
    fn address(&self, channel: &Channel, message: &str, view: &View<'_>) -> Option<Option<String>> {
        match channel.platform {
            Platform::Discord => Some(permalink(view.config, channel, message)),
            Platform::Slack => {
                self.addresses.get(&(channel.id.clone(), message.to_owned())).cloned()
            }
        }
    }
}

/// The channel in which a person finds the card of a run, on the platform of their direct messages.
fn channel_of<'a>(account: &Account, run: &RunId, view: &View<'a>) -> Option<&'a Channel> {
    let subject = Subject::Run(run.clone());
    let mut own =
        view.config.channels.iter().filter(|channel| channel.platform == account.platform);
    own.find(|channel| view.state.is_subscribed(&channel.subscription, &subject))
}

fn names_groups(run: &PatchRun, today: CurrentPolicy<'_>) -> bool {
    run.decided_under(today).approvers.iter().any(|approver| matches!(approver, Approver::Group(_)))
}
