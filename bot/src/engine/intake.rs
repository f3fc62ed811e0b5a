//! Where platforms hand in what people did, and ask what they may want to name.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use commands::book::Ask;
use commands::card::form;
use commands::command::ArgumentKind;
use storage::Store;
use tokio::sync::{mpsc, oneshot};

use crate::aws::Hint;
use crate::chat::Inbound;
use crate::engine::{Message, World, inbox, people};
use crate::health::numbers;
use crate::slack::Taken;

/// Where deeds are handed in.
pub struct Intake<S> {
    pub(super) store: S,
    pub(super) world: World,
    pub(super) messages: mpsc::UnboundedSender<Message>,
}

impl<S: Store> Intake<S> {
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
        let taken = inbox::take_in(&self.store, &deed, self.world.clock.now()).await;
        numbers::deed(match &taken {
            Ok(true) => "taken",
            Ok(false) => "repeated",
            Err(_) => "failed",
        });
        if !taken? {
            return Ok(Taken::Known);
        }
        acknowledge.await;
        people::hand_in(&self.world, deed, self.messages.clone());
        Ok(Taken::New)
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
