//! The engine: a loop that takes an input or the time, lets `commands` decide, makes the result
//! durable, and starts what is pending. Outcomes come back as inputs. It holds no rules: those are
//! in `commands`.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use chrono::{DateTime, TimeDelta, Utc};
use commands::state::{Agenda, State};
use storage::Store;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::delivery::Delivery;
use crate::telemetry::metrics;

mod decide;
mod deliver;
mod effects;
mod hint;
mod inbox;
mod intake;
mod journal;
mod message;
mod requests;
mod services;
mod tasks;

use effects::Refreshes;
use hint::Hints;
pub use intake::Intake;
use journal::Journal;
use message::{Message, Outcome};
pub use services::Services;
use tasks::{TaskKey, Tasks};

/// Runs the loop until the process is asked to end or meets an error that it must not survive.
pub struct Engine {
    services: Services,
    journal: Journal,
    state: State,
    agenda: Agenda,
    delivery: Delivery,
    tasks: Tasks,
    refreshes: Refreshes,
    hints: Hints,
    /// When the next sweep of completed interactions is due.
    next_sweep: DateTime<Utc>,
    inbound: mpsc::UnboundedReceiver<Message>,
    /// Identifies people. Without it no request is processed.
    identifying: JoinHandle<()>,
}

impl Engine {
    /// Takes the lease, reads the store, and continues where the last process stopped.
    pub async fn start(store: Arc<dyn Store>, services: Services) -> Result<(Self, Intake)> {
        let (journal, recovered) = Journal::open(Arc::clone(&store), &services).await?;
        let (messages, inbound) = mpsc::unbounded_channel();
        tracing::info!(
            runs.all = recovered.state.runs.len(),
            runs.open = recovered.state.runs.values().filter(|run| run.is_open()).count(),
            interactions.waiting = recovered.inbox.len(),
            lease.token = journal.token(),
            "recovered the state"
        );
        let (interactions, waiting) = mpsc::unbounded_channel();
        for interaction in recovered.inbox {
            interactions.send(interaction).context("the engine lost its own channel")?;
        }
        let identifying =
            tokio::spawn(requests::identify_people(services.clone(), waiting, messages.clone()));
        let intake =
            Intake { store, services: services.clone(), interactions, messages: messages.clone() };
        let delivery = Delivery::new(
            recovered.posted,
            recovered.since,
            recovered.subscribers,
            &services.config,
            &recovered.state,
        );
        let tasks = Tasks::new(services.clock.clone(), messages);
        let engine = Self {
            refreshes: Refreshes::new(services.clock.now(), recovered.scanned_at),
            next_sweep: services.clock.now(),
            services,
            journal,
            agenda: Agenda::of(&recovered.state),
            state: recovered.state,
            delivery,
            tasks,
            hints: Hints::default(),
            inbound,
            identifying,
        };
        Ok((engine, intake))
    }

    /// Runs until an error that the process must not survive.
    pub async fn run(mut self) -> Result<()> {
        let mut renewal = tokio::time::interval(journal::LEASE / 3);
        loop {
            self.settle().await?;
            metrics::turned(self.journal.may_send());
            if self.delivery.has_changed() {
                metrics::changed(&self.state);
            }
            self.services.health.turned(Utc::now(), self.journal.lease_until());
            let wake = self.next_wake();
            let clock = self.services.clock.clone();
            tokio::select! {
                message = self.inbound.recv() => {
                    let message = message.context("the engine lost its own channel")?;
                    self.handle(message).await?;
                    // Processes everything that has arrived in the meantime before it draws
                    // anything.
                    while let Ok(message) = self.inbound.try_recv() {
                        self.handle(message).await?;
                    }
                }
                ended = &mut self.identifying => {
                    ended.context("failed to find out who people are")?;
                    bail!("the task that identifies people has ended: requests can no longer be worked on");
                }
                () = clock.sleep_until(wake) => {}
                _ = renewal.tick() => self.journal.renew().await?,
            }
        }
    }

    async fn handle(&mut self, message: Message) -> Result<()> {
        match message {
            Message::Identified(identified) => self.handle_interaction(*identified).await,
            Message::Ended(key, outcome) => self.ended(&key, outcome).await,
            Message::EnvironmentRead(read) => {
                self.environment_read(*read);
                Ok(())
            }
            Message::RefreshIsSlow => {
                self.refresh_is_slow();
                Ok(())
            }
            Message::Suggest { kind, typed, beside, answer } => {
                // The person who typed may have moved on already.
                let _ = answer.send(self.state.suggest(kind, &typed, beside.as_deref()));
                Ok(())
            }
            Message::Hinted(hints) => {
                self.hinted(hints);
                Ok(())
            }
        }
    }

    async fn ended(&mut self, key: &TaskKey, outcome: Outcome) -> Result<()> {
        let rest = match outcome {
            Outcome::Effect(done) => self.done(key, *done).await?,
            Outcome::CommandLookedUp(looked_up) => self.command_looked_up(*looked_up).await?,
            Outcome::Refreshed(ended) => self.refreshed(*ended).await?,
            Outcome::Surveyed(surveyed) => self.surveyed(*surveyed).await?,
            Outcome::Read(advisories) => self.advisories_read(advisories).await?,
            Outcome::Delivered(delivered) => self.delivered(*delivered).await?,
        };
        self.tasks.end(key, rest);
        self.hinted_meanwhile(key);
        Ok(())
    }

    /// Lets time pass, then starts what is pending.
    async fn settle(&mut self) -> Result<()> {
        let now = self.services.clock.now();
        if self.agenda.is_due(now) {
            // Pages show what is proven by now.
            self.delivery.touch();
        }
        for subject in self.state.ticking(&mut self.agenda, now) {
            self.tick(&subject).await?;
        }
        let now = self.services.clock.now();
        self.tasks.forget_rested();
        self.assess_if_due(now).await?;
        if now >= self.next_sweep {
            self.journal.sweep().await?;
            self.forget(now).await?;
            self.next_sweep = now + inbox::SWEEP;
        }
        self.refresh_again();
        self.perform_pending().await?;
        self.deliver().await
    }

    /// When the loop must run again even if no message arrives.
    fn next_wake(&self) -> DateTime<Utc> {
        let now = self.services.clock.now();
        let deadline = self.state.next_deadline(&self.agenda, now);
        let rests = deadline.into_iter().chain(self.tasks.next_due()).chain(self.hints.next());
        let next = rests.min().unwrap_or(DateTime::<Utc>::MAX_UTC);
        let next = next.min(self.refreshes.next_due(now)).min(self.next_sweep);
        // A deadline that has passed without effect must not make the loop spin.
        next.max(now + TimeDelta::milliseconds(5)).min(now + TimeDelta::hours(1))
    }
}
