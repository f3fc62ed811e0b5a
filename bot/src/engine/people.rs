//! What people ask for: who they are, what follows, and a private answer to each.

use std::collections::BTreeSet;

use anyhow::Result;
use commands::actor::Actor;
use commands::book::{Ask, Outcome, brake_card, refusal_card, unreadable_card, working_card};
use commands::brake::BrakeEvent;
use commands::card::Card;
use commands::refusal::Refusal;
use commands::run::{RunId, RunRequest};
use storage::Store;
use tokio::sync::mpsc;

use crate::engine::look::Look;
use crate::engine::memory::Change;
use crate::engine::search::Search;
use crate::engine::{Engine, Message, World};
use crate::slack::{self, Inbound, ReplyTo, SlackError};

/// A deed, with who did it.
pub(super) struct Asked {
    pub(super) deed: Inbound,
    pub(super) actor: Actor,
}

/// Finds out who somebody is, then hands their deed to the loop.
pub(super) fn hand_in(world: &World, deed: Inbound, messages: mpsc::UnboundedSender<Message>) {
    let world = world.clone();
    tokio::spawn(async move {
        let actor = identify(&world, &deed.user).await;
        // The loop is gone only when the process ends; the deed is in the store.
        let _ = messages.send(Message::Asked(Box::new(Asked { deed, actor })));
    });
}

async fn identify(world: &World, user: &str) -> Actor {
    let mut groups = BTreeSet::new();
    for group in world.config.groups_in_use() {
        let Some(id) = world.config.groups.get(group) else { continue };
        match world.slack.group_members(id, world.clock.now()).await {
            Ok(members) if members.contains(user) => {
                groups.insert(group.clone());
            }
            Ok(_) => {}
            // Fail closed: whoever cannot be shown to be in a group is not in it.
            Err(error) => {
                tracing::warn!(slack.group = %group.0, slack.error = %error, "the members of a group are not known");
            }
        }
    }
    Actor { person: world.slack.people().person(user), groups }
}

impl<S: Store + Clone> Engine<S> {
    /// Works on what somebody asked for.
    pub(super) async fn asked(&mut self, asked: Asked) -> Result<()> {
        let Asked { deed, actor } = asked;
        let ask = match &deed.ask {
            slack::Ask::Command(text) => Ask::Command { text: text.clone() },
            slack::Ask::Press { token, .. } => Ask::Press { token: token.clone() },
            slack::Ask::Form { token, reason, command } => {
                Ask::Form { token: token.clone(), reason: reason.clone(), command: command.clone() }
            }
        };
        let reader = self.world.reader;
        match self.book.ask(&actor, &ask, reader, self.world.clock.now()) {
            Err(refusal) => self.refuse(&deed, &refusal).await,
            Ok(Outcome::Answer(card)) => self.answer_and_close(&deed, *card).await,
            Ok(Outcome::Unreadable(error)) => {
                self.answer_and_close(&deed, unreadable_card(&error, reader)).await
            }
            Ok(Outcome::Form(form)) => {
                let (world, reply) = (self.world.clone(), deed.reply.clone());
                tokio::spawn(async move {
                    if let Err(error) = world.slack.open_form(&form, &reply).await {
                        let why = match error {
                            SlackError::TooLateForDialog => {
                                "the dialog came too late, press the button again".to_owned()
                            }
                            other => other.to_string(),
                        };
                        answer(&world, &reply, refusal_card(&Refusal::Unavailable { why }, reader))
                            .await;
                    }
                });
                self.close(&deed).await
            }
            Ok(Outcome::Run { run, request }) => self.decided(&deed, &run, &request).await,
            Ok(Outcome::Search { run, dispatch, command, request }) => {
                let request = *request;
                self.search(Search { run, dispatch, command, request, deed }).await
            }
            Ok(Outcome::Brake(event)) => self.pull(&deed, event).await,
            Ok(Outcome::Plan { environment }) => {
                self.answer(
                    &deed.reply,
                    working_card("working-plan", environment.as_str(), reader),
                );
                self.look(Look::Plan {
                    environment,
                    requester: actor.person,
                    deed: Box::new(deed),
                });
                Ok(())
            }
            Ok(Outcome::Compliance { environments }) => {
                self.answer(&deed.reply, working_card("working-compliance", "", reader));
                self.look(Look::Compliance { environments, deed: Box::new(deed) });
                Ok(())
            }
        }
    }

    /// Lets a run decide on a deed, and says what came of it.
    pub(super) async fn decided(
        &mut self,
        deed: &Inbound,
        run: &RunId,
        request: &RunRequest,
    ) -> Result<()> {
        match self.request(run, request, Some(&deed.key)).await? {
            Err(refusal) => self.refuse(deed, &refusal).await,
            Ok(_) => {
                if let Some(card) = self.book.acknowledged(run, request, self.world.reader) {
                    self.answer(&deed.reply, card);
                }
                Ok(())
            }
        }
    }

    /// The brake changes for everybody at once: durable first, then said aloud.
    async fn pull(&mut self, deed: &Inbound, event: BrakeEvent) -> Result<()> {
        let change = Change::default().brake(&event)?.handles(Some(&deed.key));
        self.memory.commit(change).await?;
        tracing::warn!(brake.event = ?event, "the brake has changed");
        self.book.brake = std::mem::take(&mut self.book.brake).evolve(&event);
        let card = brake_card(&event, self.world.reader);
        self.answer(&deed.reply, card.clone());
        let (world, key) = (self.world.clone(), deed.key.clone());
        tokio::spawn(async move {
            let channel = &world.config.channel;
            let posted = world.slack.post(channel, None, &card, world.reader.locale, &key).await;
            if let Err(error) = posted {
                tracing::error!(slack.error = %error, "the brake has changed, and the channel could not be told");
            }
        });
        Ok(())
    }

    /// Says no, in private, and why.
    pub(super) async fn refuse(&mut self, deed: &Inbound, refusal: &Refusal) -> Result<()> {
        tracing::info!(actor.id = %deed.user, ?refusal, "refused");
        self.answer_and_close(deed, refusal_card(refusal, self.world.reader)).await
    }

    /// Answers in private; nothing more follows from the deed.
    pub(super) async fn answer_and_close(&mut self, deed: &Inbound, card: Card) -> Result<()> {
        self.answer(&deed.reply, card);
        self.close(deed).await
    }

    /// The deed is done with: after a restart it is not worked on again.
    pub(super) async fn close(&mut self, deed: &Inbound) -> Result<()> {
        self.memory.commit(Change::default().handles(Some(&deed.key))).await
    }

    fn answer(&self, reply: &ReplyTo, card: Card) {
        let (world, reply) = (self.world.clone(), reply.clone());
        tokio::spawn(async move { answer(&world, &reply, card).await });
    }
}

async fn answer(world: &World, reply: &ReplyTo, card: Card) {
    if let Err(error) = world.slack.answer(reply, &card, world.reader.locale).await {
        tracing::warn!(slack.error = %error, "an answer did not arrive");
    }
}
