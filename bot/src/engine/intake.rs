//! Where platforms hand in what people did, and ask what they may want to name.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;

use anyhow::{Context, Result};
use commands::book::Ask;
use commands::card::form;
use commands::command::ArgumentKind;
use storage::Store;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::aws::Hint;
use crate::chat::Inbound;
use crate::engine::{Message, World, inbox};
use crate::health::numbers;
use crate::slack::Taken;

/// Where deeds are handed in.
pub struct Intake<S> {
    pub(super) store: S,
    pub(super) world: World,
    /// Where they go once they are durable and acknowledged.
    pub(super) deeds: mpsc::UnboundedSender<Inbound>,
    pub(super) messages: mpsc::UnboundedSender<Message>,
}

impl<S: Store + Clone> Intake<S> {
    /// Makes `deed` durable; the loop works on it after that. Whoever calls acknowledges then. A
    /// dialog with mistakes is no deed yet.
    pub async fn take(&self, deed: Inbound) -> Result<Taken> {
        let mistakes = self.mistakes(&deed);
        if !mistakes.is_empty() {
            numbers::deed("mistaken");
            return Ok(Taken::Mistaken(mistakes));
        }
        self.take_and(deed, async {}).await
    }

    /// What is wrong with a dialog, as far as the configuration alone can say it, by its fields.
    fn mistakes(&self, deed: &Inbound) -> BTreeMap<String, String> {
        let config = &self.world.config;
        match &deed.ask {
            Ask::Form(filled) => {
                form::mistakes(&config.promotion, filled, config.locale_for(&deed.reply))
            }
            Ask::Command { .. } | Ask::Press { .. } | Ask::Home => BTreeMap::new(),
        }
    }

    /// As [`Self::take`], with `acknowledge` between the two: for platforms that take no answer
    /// before they were told that one will follow.
    pub async fn take_and(
        &self,
        deed: Inbound,
        acknowledge: impl Future<Output = ()>,
    ) -> Result<Taken> {
        let (acknowledged, may_go_on) = oneshot::channel::<()>();
        let (store, world, deeds) = (self.store.clone(), self.world.clone(), self.deeds.clone());
        // In a task of its own: whoever calls may be gone at any moment, with the connection that it
        // heard the deed on. What is durable then is known, and no second delivery would count.
        let taking: JoinHandle<Result<Taken>> = tokio::spawn(async move {
            let taken = inbox::take_in(&store, &deed, world.clock.now()).await;
            numbers::deed(match &taken {
                Ok(true) => "taken",
                Ok(false) => "repeated",
                Err(_) => "failed",
            });
            if taken? {
                tokio::spawn(async move {
                    // An error says that the caller is gone: it is worked on all the same.
                    let _ = may_go_on.await;
                    // The loop is gone only when the process ends; the deed is in the store.
                    let _ = deeds.send(deed);
                });
                return Ok(Taken::New);
            }
            Ok(Taken::Known)
        });
        let taken = match taking.await {
            Ok(taken) => taken?,
            Err(ended) => match ended.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                Err(ended) => return Err(ended).context("failed to take in what was asked"),
            },
        };
        if taken == Taken::New {
            acknowledge.await;
        }
        drop(acknowledged);
        Ok(taken)
    }

    /// Hands over what may have happened at AWS: it is looked at earlier.
    pub fn hint(&self) -> impl Fn(BTreeSet<Hint>) + use<S> {
        let messages = self.messages.clone();
        // The loop is gone only when the process ends.
        move |hints| drop(messages.send(Message::Hinted(hints)))
    }

    /// What somebody may want to name who has typed this so far; `beside` is the environment that
    /// they have named already, if they have.
    pub async fn suggest(
        &self,
        kind: ArgumentKind,
        typed: String,
        beside: Option<String>,
    ) -> Vec<String> {
        let (answer, answered) = oneshot::channel();
        // The loop is gone only when the process ends.
        let _ = self.messages.send(Message::Suggest { kind, typed, beside, answer });
        answered.await.unwrap_or_default()
    }
}
