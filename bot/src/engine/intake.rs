//! The intake, to which platforms hand interactions and requests for suggestions.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;
use std::sync::Arc;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use commands::decide::Interaction;
use commands::input::command::ArgumentKind;
use commands::view::form;
use storage::Store;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::aws::Hint;
use crate::chat::{Accepted, Inbound};
use crate::engine::{Message, Services, inbox};
use crate::telemetry::metrics;

/// The intake of the engine.
pub struct Intake {
    pub(super) store: Arc<dyn Store>,
    pub(super) services: Services,
    /// Receives interactions once they are durable and acknowledged.
    pub(super) interactions: mpsc::UnboundedSender<Inbound>,
    pub(super) messages: mpsc::UnboundedSender<Message>,
}

impl Intake {
    /// Makes `interaction` durable, after which the loop processes it. The caller then acknowledges
    /// it. A form with mistakes is not accepted.
    pub async fn accept(&self, interaction: Inbound) -> Result<Accepted> {
        // Outsiders get no help with a form.
        let mistakes =
            if interaction.outside { BTreeMap::new() } else { self.mistakes(&interaction) };
        if !mistakes.is_empty() {
            metrics::interaction("invalid");
            return Ok(Accepted::Invalid(mistakes));
        }
        self.accept_then(interaction, async {}).await
    }

    /// The mistakes in a dialog that the configuration alone can reveal, by field.
    fn mistakes(&self, interaction: &Inbound) -> BTreeMap<String, String> {
        let config = &self.services.config;
        match &interaction.ask {
            Interaction::Form(filled) => {
                form::mistakes(&config.promotion, filled, config.locale_for(&interaction.reply))
            }
            Interaction::Command { .. } | Interaction::Press { .. } | Interaction::Home => {
                BTreeMap::new()
            }
        }
    }

    /// As [`Self::accept`], with `acknowledge` between the two: for platforms that accept no answer
    /// before it was announced.
    pub async fn accept_then(
        &self,
        interaction: Inbound,
        acknowledge: impl Future<Output = ()>,
    ) -> Result<Accepted> {
        let now = self.services.clock.now();
        let is_new = hand_in(&self.store, interaction, now, acknowledge, &self.interactions).await;
        metrics::interaction(match &is_new {
            Ok(true) => "accepted",
            Ok(false) => "duplicate",
            Err(_) => "failed",
        });
        Ok(if is_new? { Accepted::New } else { Accepted::Duplicate })
    }

    /// A function that hands over hints about changes at AWS, which the engine then reads early.
    pub fn hint(&self) -> impl Fn(BTreeSet<Hint>) + use<> {
        let messages = self.messages.clone();
        // The loop ends only with the process.
        move |hints| drop(messages.send(Message::Hinted(hints)))
    }

    /// The suggestions for what a person has typed so far; `beside` is the environment that they
    /// have already named, if any.
    pub async fn suggest(
        &self,
        kind: ArgumentKind,
        typed: String,
        beside: Option<String>,
    ) -> Vec<String> {
        let (answer, answered) = oneshot::channel();
        // The loop ends only with the process.
        let _ = self.messages.send(Message::Suggest { kind, typed, beside, answer });
        answered.await.unwrap_or_default()
    }
}

/// Makes `interaction` durable, acknowledges it, and passes it to `interactions`; returns false for
/// a known one. The caller may vanish at any moment, with the connection on which it received the
/// interaction. A second delivery would not count, so this runs in a task of its own from the
/// beginning.
async fn hand_in(
    store: &Arc<dyn Store>,
    interaction: Inbound,
    now: DateTime<Utc>,
    acknowledge: impl Future<Output = ()>,
    interactions: &mpsc::UnboundedSender<Inbound>,
) -> Result<bool> {
    let (acknowledged, may_go_on) = oneshot::channel::<()>();
    let (store, interactions) = (Arc::clone(store), interactions.clone());
    let taking: JoinHandle<Result<bool>> = tokio::spawn(async move {
        let is_new = inbox::accept(store.as_ref(), &interaction, now).await?;
        if is_new {
            tokio::spawn(async move {
                // This ends when the caller has acknowledged, or has vanished.
                let _ = may_go_on.await;
                // The loop ends only with the process; the interaction is in the store.
                let _ = interactions.send(interaction);
            });
        }
        Ok(is_new)
    });
    let is_new = match taking.await {
        Ok(taken) => taken?,
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(ended) => return Err(ended).context("failed to accept an interaction"),
        },
    };
    if is_new {
        acknowledge.await;
    }
    drop(acknowledged);
    Ok(is_new)
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use futures_util::FutureExt as _;
    use storage::MemoryStore;

    use super::*;
    use crate::engine::inbox::tests::interaction;

    const NOW: DateTime<Utc> = DateTime::<Utc>::UNIX_EPOCH;

    #[tokio::test]
    async fn what_is_durable_is_worked_on_though_the_connection_is_cut() -> Result<()> {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let (interactions, mut waiting) = mpsc::unbounded_channel();
        let cut_while_storing = hand_in(&store, interaction(1), NOW, async {}, &interactions);
        assert!(cut_while_storing.now_or_never().is_none(), "it is not stored at once");
        let first = waiting.recv().await.expect("the interaction");
        assert_eq!(first.key, interaction(1).key);
        assert!(
            !hand_in(&store, interaction(1), NOW, async {}, &interactions).await?,
            "it is known"
        );

        let (said, says) = oneshot::channel();
        let acknowledge = async move {
            said.send(()).expect("the test listens");
            pending().await
        };
        let cut_while_acknowledging =
            hand_in(&store, interaction(2), NOW, acknowledge, &interactions);
        tokio::select! {
            taken = cut_while_acknowledging => panic!("it waits for ever: {taken:?}"),
            _ = says => assert!(waiting.try_recv().is_err(), "it is not acknowledged yet"),
        }
        assert_eq!(waiting.recv().await.expect("the interaction").key, interaction(2).key);
        assert!(waiting.try_recv().is_err(), "each comes once");
        Ok(())
    }
}
