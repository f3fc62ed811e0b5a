//! The one place that decides: applies the result, makes it durable, and then informs everything
//! that depends on it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use chrono::{DateTime, Utc};
use commands::decide::{Decision, Input, Observation, Response};
use commands::event::Event;
use commands::id::RunId;
use commands::recorded::Recorded;
use commands::refusal::{Refusal, Unavailable};
use commands::run::{PatchRun, RunEvent, RunInput};
use commands::state::{Context as DecisionContext, Outline, Subject};

use crate::engine::Engine;
use crate::engine::journal::Transaction;
use crate::telemetry::log::kind;
use crate::telemetry::metrics;

/// A decision that is durable.
pub(super) struct Decided {
    /// Whether the decision has events.
    pub(super) happened: bool,
    /// What to answer or show to the person who asked.
    pub(super) response: Option<Response>,
}

impl Engine {
    /// Lets the passing of time change `subject` until nothing follows any longer.
    pub(super) async fn tick(&mut self, subject: &Subject) -> Result<()> {
        // Each tick advances a run, and a plan has finitely many waves, so this ends.
        while let Ok(decided) = self.decide(Input::Tick(subject), None).await?
            && decided.happened
        {}
        Ok(())
    }

    /// Hands a run an answer from the outside world, and lets it decide. Returns the refusal, if
    /// there is one.
    pub(super) async fn request(
        &mut self,
        id: &RunId,
        request: &RunInput,
    ) -> Result<Result<(), Refusal>> {
        let observed = Input::Observed(Observation::Run(id, request));
        Ok(self.decide(observed, None).await?.map(drop))
    }

    /// Makes every decision of the bot: applies what follows from `input`, and makes it durable
    /// before it does anything else. If there are events, the same commit completes `interaction`.
    pub(super) async fn decide(
        &mut self,
        input: Input<'_>,
        interaction: Option<&str>,
    ) -> Result<Result<Decided, Refusal>> {
        let context = self.context();
        let what = kind(&input);
        let decision = self.state.decide(input, context, self.services.clock.now());
        let Decision { events, response } = match decision {
            Ok(decision) => decision,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let before = self.outlines(&events);
        // Events that do not apply must never reach the store: no restart could read them.
        if let Err(fault) = self.state.apply_all(&events) {
            tracing::error!(input = what, %fault, "a decision contradicts its own state; nothing of it counts");
            return Ok(Err(Refusal::Unavailable(Unavailable::Fault)));
        }
        let is_stopped = self.state.emergency_stop.is_active();
        if is_stopped {
            // No command may pass between the decision and the commit: a stop takes effect before
            // it is durable.
            self.journal.gate().stopped(true);
        }
        let happened = !events.is_empty();
        if happened {
            self.journal
                .commit(Transaction::default().events(&events)?.handles(interaction))
                .await?;
            metrics::decided(&events);
        }
        // The gate opens again only afterwards.
        self.journal.gate().stopped(is_stopped);
        events.iter().for_each(|recorded| self.decided_on(&recorded.event));
        self.changed(&events, &before);
        Ok(Ok(Decided { happened, response }))
    }

    /// The outlines, before the events, of the runs that they affect.
    fn outlines(&self, events: &[Recorded<Event>]) -> BTreeMap<RunId, Option<Outline>> {
        let runs = events.iter().filter_map(|recorded| recorded.event.run());
        runs.map(|id| (id.clone(), self.state.runs.get(id).map(PatchRun::outline))).collect()
    }

    /// Marks what has to be checked and drawn again.
    fn changed(&mut self, events: &[Recorded<Event>], before: &BTreeMap<RunId, Option<Outline>>) {
        for (run, outline) in before {
            self.agenda.changed(&self.state, run, *outline);
        }
        let affected = events.iter().flat_map(|Recorded { event, .. }| {
            let outline = event.run().and_then(|run| before.get(run).copied().flatten());
            self.state.affected_by(event, outline)
        });
        let affected: BTreeSet<Subject> = affected.collect();
        if !affected.is_empty() {
            self.delivery.changed(&self.services.config, &self.state, affected);
        }
    }

    /// Informs the gate and the log of an event.
    fn decided_on(&self, event: &Event) {
        match event {
            Event::Run(id, event) => {
                if let Some(run) = self.state.runs.get(id) {
                    self.journal.gate().knows(run);
                }
                if matches!(event, RunEvent::Proposed { .. }) {
                    tracing::info!(run.id = %id, "a plan waits for votes");
                }
                if matches!(event, RunEvent::Replanned { run: None }) {
                    tracing::warn!(run.id = %id, "no plan could be drafted in place of a void one");
                }
            }
            Event::EmergencyStop(event) => {
                tracing::warn!(
                    emergency_stop.event = kind(event),
                    "the emergency stop has changed"
                );
            }
            Event::Announced { .. } | Event::Reported { .. } | Event::Reminded(_) => {}
        }
    }

    pub(super) fn context(&self) -> DecisionContext {
        DecisionContext { token: self.journal.token() }
    }

    /// Removes old plans that came to nothing, with what is stored about their cards.
    pub(super) async fn forget(&mut self, now: DateTime<Utc>) -> Result<()> {
        let old = self.state.forgettable(now);
        self.journal.forget_posted(&self.delivery.forget(&old)).await?;
        old.iter().for_each(|run| self.agenda.forget(run));
        if !old.is_empty() {
            tracing::info!(runs.forgotten = old.len(), "plans that nobody voted for are forgotten");
        }
        self.state.forget(&old);
        Ok(())
    }
}
