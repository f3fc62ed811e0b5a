//! Handles preferences for direct messages, and the results of sending them.

use std::time::Duration;

use anyhow::Result;
use commands::direct_message::NotificationPreference;
use commands::id::Actor;
use commands::state::Subject;

use crate::chat::{Channel, Inbound};
use crate::delivery::{Account, PostId, PostedMessage, Subscriber, Surface};
use crate::engine::Engine;
use crate::engine::journal::Transaction;
use crate::engine::tasks::{Rest, TaskKey};
use crate::platforms::About;
use crate::platforms::ChatError;

/// The rest after a platform could not be reached.
const AFTER_FAILURE: Duration = Duration::from_secs(60);

/// The rest after a refusal, which an administrator may correct.
const AFTER_REFUSAL: Duration = Duration::from_secs(600);

impl Engine {
    /// A person chooses whether they get direct messages, or asks for their choice.
    pub(in crate::engine) async fn choose(
        &mut self,
        interaction: &Inbound,
        actor: &Actor,
        on: Option<bool>,
    ) -> Result<()> {
        let account = Account::of(&interaction.who);
        if let Some(on) = on {
            let before = self.delivery.subscribers.get(&account);
            let preference = NotificationPreference::chosen(
                before.map(|known| &known.preference),
                on,
                self.services.clock.now(),
            );
            let channel = before.and_then(|known| known.channel.clone());
            let subscriber = Subscriber { preference, channel };
            let change = Transaction::default().subscriber(&account.to_string(), &subscriber)?;
            self.journal.commit(change.handles(Some(&interaction.key))).await?;
            self.delivery.subscribers.insert(account.clone(), subscriber);
            self.delivery.troubles.remove(&account);
            self.tasks.wake(&TaskKey::Deliver(Surface::Direct(account.clone())));
            let open = self.state.runs.values().filter(|run| run.is_open());
            let open: Vec<Subject> = open.map(|run| Subject::Run(run.id.clone())).collect();
            self.delivery.changed(&self.services.config, &self.state, open);
        }
        let preference = self.delivery.subscribers.get(&account).map(|known| &known.preference);
        let trouble = self.delivery.troubles.get(&account);
        let card =
            self.state.notify_card(actor, preference, trouble, self.reader_for(&interaction.reply));
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
            // Without the address the message is sent all the same: its words say where to look.
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
            // The person cannot be reached.
            About::Person => posted.settled = true,
            // The message cannot be corrected, and is never sent a second time. One that was never
            // sent is tried again.
            About::Message | About::Gone => posted.settled = is_said,
            About::Channel => {}
        }
        if error.is_channel_gone() {
            // The bot asks for the channel again; the messages in the old one cannot be reached.
            self.update(account, |known| known.channel = None).await?;
        }
        self.remember(&id, posted).await?;
        self.not_written(account, &error, is_said).await
    }

    /// Notes that the bot could not write to a person, or, if `is_said`, could not correct a
    /// message that they have. It logs when the trouble begins and when the platform's reason
    /// changes.
    async fn not_written(
        &mut self,
        account: &Account,
        error: &ChatError,
        is_said: bool,
    ) -> Result<Rest> {
        let why = error.failure();
        match error.about() {
            About::Person => {
                tracing::warn!(actor.platform = %account.platform, actor.id = %account.id, chat.error = %error, "failed to send a direct message to `{}`: not retrying until they type /patch notify on", account.id);
                self.update(account, |known| known.preference.closed = Some(why)).await?;
                Ok(Rest::No)
            }
            About::Message | About::Gone if is_said => {
                tracing::warn!(actor.platform = %account.platform, actor.id = %account.id, chat.error = %error, "failed to edit a direct message: it stays out of date");
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
