//! The loop: a request or the time, then decide, make it durable, and do what is pending. Outcomes
//! are requests again. It knows no rules: those are in `commands`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use chrono::{DateTime, TimeDelta, Utc};
use commands::advisory::Advisory;
use commands::book::{
    Agenda, Book, Context as DecisionContext, Decision, Input, Observation, Outcome as Response,
    Outline, Subject,
};
use commands::command::ArgumentKind;
use commands::environment_name::EnvironmentName;
use commands::event::{Event, Recorded};
use commands::refusal::Refusal;
use commands::run::{PatchRun, RunEvent, RunId, RunRequest};
use storage::Store;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::advisories::Advisories;
use crate::aws::{Aws, Hint};
use crate::backoff::{Backoff, Failing};
use crate::chat::{Chat, Pace};
use crate::clock::Clock;
use crate::config::Config;
use crate::health::{Health, numbers};
use crate::log::kind;

mod delivery;
mod effects;
mod hint;
mod inbox;
mod intake;
mod memory;
mod people;
mod tasks;

use delivery::Delivery;
use effects::Refresh;
use hint::Hints;
pub use intake::Intake;
use memory::{Change, Memory};
use tasks::{TaskKey, Tasks};

/// Everything real that the engine reaches.
#[derive(Clone)]
pub struct World {
    /// The platforms that people write on.
    pub chat: Chat,
    /// How often they let us post and edit.
    pub pace: Arc<Pace>,
    /// AWS.
    pub aws: Aws,
    /// What is published about vulnerabilities.
    pub advisories: Arc<Advisories>,
    /// What time it is.
    pub clock: Clock,
    /// What the operator decided.
    pub config: Arc<Config>,
    /// Whether the services behind it are not the real ones: every card then says so.
    pub drill: bool,
    /// Where it is told that the loop turns.
    pub health: Arc<Health>,
}

/// What was decided, and is durable.
struct Decided {
    /// Whether anything has happened.
    happened: bool,
    /// What the person who asked is told or shown.
    outcome: Option<Response>,
}

/// What comes back to the loop.
enum Message {
    /// Somebody asked for something, and it is known who they are.
    Asked(Box<people::Asked>),
    /// A task has ended.
    Ended(TaskKey, Outcome),
    /// An environment was looked at, or could not be.
    Seen(Box<effects::Seen>),
    /// Some environments take long to look at.
    Slow,
    /// Somebody types, and wants to know what there is.
    Suggest {
        kind: ArgumentKind,
        typed: String,
        beside: Option<String>,
        answer: oneshot::Sender<Vec<String>>,
    },
    /// Something may have happened at AWS.
    Hinted(BTreeSet<Hint>),
}

/// What came of a task.
enum Outcome {
    /// An effect of a run.
    Effect(Box<effects::Done>),
    /// AWS was asked about a command that somebody spoke of.
    Searched(Box<effects::Searched>),
    /// The counts of environments were read.
    Refreshed(Box<effects::RefreshEnded>),
    /// Every node of an environment was read, or could not be.
    Surveyed(Box<effects::Surveyed>),
    /// What is published about missing patches was read.
    Read(Vec<Advisory>),
    /// Something was shown somewhere, or could not be.
    Delivered(Box<delivery::Delivered>),
}

/// Runs the loop until the process is asked to end or something happens that it must not survive.
pub struct Engine {
    world: World,
    memory: Memory,
    book: Book,
    agenda: Agenda,
    delivery: Delivery,
    /// The revision of what is shown that the metrics are of.
    counted: Option<u64>,
    inbound: mpsc::UnboundedReceiver<Message>,
    /// Finds out who people are. Without it nobody is heard.
    introducing: JoinHandle<()>,
    tasks: Tasks,
    next_assessment: DateTime<Utc>,
    /// When the last scheduled scan was begun, by this process or one before it.
    scanned_at: Option<DateTime<Utc>>,
    /// When what was done long ago is forgotten next.
    next_sweep: DateTime<Utc>,
    /// Environments that could not be read.
    failing: Failing<EnvironmentName>,
    /// Environments of which a Scan was held back: they are scanned when nothing holds it.
    unscanned: BTreeSet<EnvironmentName>,
    hints: Hints,
}

impl Engine {
    /// Takes the lease, reads the store, and picks up where the last process was.
    pub async fn start(store: Arc<dyn Store>, world: World) -> Result<(Self, Intake)> {
        let (memory, found) = Memory::open(Arc::clone(&store), &world).await?;
        let (messages, inbound) = mpsc::unbounded_channel();
        tracing::info!(
            runs.all = found.book.runs.len(),
            runs.open = found.book.runs.values().filter(|run| run.is_open()).count(),
            deeds.waiting = found.inbox.len(),
            lease.token = memory.token(),
            "picked up the book"
        );
        let (deeds, waiting) = mpsc::unbounded_channel();
        for deed in found.inbox {
            deeds.send(deed).context("the engine lost its own channel")?;
        }
        let introducing = tokio::spawn(people::introduce(world.clone(), waiting, messages.clone()));
        let intake = Intake { store, world: world.clone(), deeds, messages: messages.clone() };
        let delivery =
            Delivery::new(found.posted, found.since, found.subscribers, &world.config, &found.book);
        let tasks = Tasks::new(world.clock.clone(), messages);
        let engine = Self {
            next_assessment: world.clock.now(),
            scanned_at: found.scanned_at,
            next_sweep: world.clock.now(),
            world,
            memory,
            agenda: Agenda::of(&found.book),
            book: found.book,
            delivery,
            counted: None,
            inbound,
            introducing,
            tasks,
            failing: Failing::new(Backoff::ENVIRONMENT),
            unscanned: BTreeSet::new(),
            hints: Hints::default(),
        };
        Ok((engine, intake))
    }

    /// Works until something happens that it must not survive.
    pub async fn run(mut self) -> Result<()> {
        let mut renewal = tokio::time::interval(memory::LEASE / 3);
        loop {
            self.settle().await?;
            numbers::turned(self.memory.may_send());
            if self.counted != Some(self.delivery.revision()) {
                self.counted = Some(self.delivery.revision());
                numbers::changed(&self.book);
            }
            self.world.health.turned(Utc::now(), self.memory.lease_until());
            let wake = self.next_wake();
            let clock = self.world.clock.clone();
            tokio::select! {
                message = self.inbound.recv() => {
                    let message = message.context("the engine lost its own channel")?;
                    self.handle(message).await?;
                    // What has arrived meanwhile is taken along before anything is drawn again.
                    while let Ok(message) = self.inbound.try_recv() {
                        self.handle(message).await?;
                    }
                }
                ended = &mut self.introducing => {
                    ended.context("failed to find out who people are")?;
                    bail!("nothing can come in any more");
                }
                () = clock.sleep_until(wake) => {}
                _ = renewal.tick() => self.memory.renew().await?,
            }
        }
    }

    async fn handle(&mut self, message: Message) -> Result<()> {
        match message {
            Message::Asked(asked) => self.asked(*asked).await,
            Message::Ended(key, outcome) => self.ended(&key, outcome).await,
            Message::Seen(seen) => {
                self.seen(*seen);
                Ok(())
            }
            Message::Slow => {
                self.slow();
                Ok(())
            }
            Message::Suggest { kind, typed, beside, answer } => {
                // Whoever typed may have gone on already.
                let _ = answer.send(self.book.suggest(kind, &typed, beside.as_deref()));
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
            Outcome::Searched(searched) => self.searched(*searched).await?,
            Outcome::Refreshed(ended) => self.refreshed(*ended).await?,
            Outcome::Surveyed(surveyed) => self.surveyed(*surveyed).await?,
            Outcome::Read(advisories) => self.advisories_read(advisories).await?,
            Outcome::Delivered(delivered) => self.delivered(*delivered).await?,
        };
        self.tasks.end(key, rest);
        self.hinted_meanwhile(key);
        Ok(())
    }

    /// Lets time pass, then does what is pending.
    async fn settle(&mut self) -> Result<()> {
        let now = self.world.clock.now();
        if self.agenda.is_due(now) {
            // Pages show what is proven by now.
            self.delivery.touch();
        }
        for subject in self.book.ticking(&mut self.agenda, now) {
            self.tick(&subject).await?;
        }
        let now = self.world.clock.now();
        self.tasks.forget_rested();
        if now >= self.next_assessment {
            // A start reads everything. It scans only if the schedule says so since the last scan.
            let scans = self.is_scan_due(now);
            if scans {
                self.memory.scan_begins(now).await?;
                self.scanned_at = Some(now);
            }
            self.refresh(Refresh::Assess { scans });
            let next = self.world.config.assess.schedule.next_after(now);
            self.next_assessment = next.unwrap_or(DateTime::<Utc>::MAX_UTC);
        }
        if now >= self.next_sweep {
            self.memory.sweep().await?;
            self.forget(now).await?;
            self.next_sweep = now + inbox::SWEEP;
        }
        self.refresh_again();
        self.perform_pending().await?;
        self.deliver().await
    }

    /// Forgets plans that came to nothing long ago, with what is remembered of their cards.
    async fn forget(&mut self, now: DateTime<Utc>) -> Result<()> {
        let old = self.book.forgettable(now);
        self.memory.unshow(&self.delivery.forget(&old)).await?;
        old.iter().for_each(|run| self.agenda.forget(run));
        if !old.is_empty() {
            tracing::info!(runs.forgotten = old.len(), "plans that nobody voted for are forgotten");
        }
        self.book.forget(&old);
        Ok(())
    }

    /// Lets time decide about `subject` until nothing follows.
    async fn tick(&mut self, subject: &Subject) -> Result<()> {
        // Each tick moves a run on; a plan has finitely many waves, so this ends.
        while let Ok(decided) = self.decide(Input::Tick(subject), None).await?
            && decided.happened
        {}
        Ok(())
    }

    /// Lets a run decide what follows from an answer of the world. Gives the refusal, if it is one.
    async fn request(&mut self, id: &RunId, request: &RunRequest) -> Result<Result<(), Refusal>> {
        let observed = Input::Observed(Observation::Run(id, request));
        Ok(self.decide(observed, None).await?.map(drop))
    }

    /// Everything that is ever decided is decided here: what follows from `input` is applied, and made
    /// durable before anything else is done. `deed` is done with where something has happened.
    async fn decide(
        &mut self,
        input: Input<'_>,
        deed: Option<&str>,
    ) -> Result<Result<Decided, Refusal>> {
        let context = self.context();
        let what = kind(&input);
        let decision = self.book.decide(input, context, self.world.clock.now());
        let Decision { events, outcome } = match decision {
            Ok(decision) => decision,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let before = self.outlines(&events);
        // It must never reach the store: no restart could read it.
        if let Err(fault) = self.book.apply_all(&events) {
            tracing::error!(input = what, %fault, "a decision contradicts its own state; nothing of it counts");
            let why = "a fault inside patchbot, which its log tells of".to_owned();
            return Ok(Err(Refusal::Unavailable { why }));
        }
        let is_stopped = self.book.brake.pulled.is_some();
        if is_stopped {
            // Nothing may pass between the decision and its answer: a stop holds before it is durable.
            self.memory.gate().stopped(true);
        }
        let happened = !events.is_empty();
        if happened {
            self.memory.commit(Change::default().events(&events)?.handles(deed)).await?;
            numbers::decided(&events);
        }
        // It is lifted only afterwards.
        self.memory.gate().stopped(is_stopped);
        events.iter().for_each(|recorded| self.decided_on(&recorded.event));
        self.changed(&events, &before);
        Ok(Ok(Decided { happened, outcome }))
    }

    /// What others see of the runs that something is about to happen to.
    fn outlines(&self, events: &[Recorded<Event>]) -> BTreeMap<RunId, Option<Outline>> {
        let runs = events.iter().filter_map(|recorded| match &recorded.event {
            Event::Run(id, _) => Some(id),
            Event::Announced { .. }
            | Event::Brake(_)
            | Event::Reported { .. }
            | Event::Reminded(_) => None,
        });
        runs.map(|id| (id.clone(), self.book.runs.get(id).map(PatchRun::outline))).collect()
    }

    /// Marks what has to be looked at and drawn again.
    fn changed(&mut self, events: &[Recorded<Event>], before: &BTreeMap<RunId, Option<Outline>>) {
        for (run, outline) in before {
            self.agenda.changed(&self.book, run, *outline);
        }
        let affected: BTreeSet<Subject> = events
            .iter()
            .flat_map(|Recorded { event, .. }| match event {
                Event::Run(id, _) => {
                    self.book.affected_by(event, before.get(id).copied().flatten())
                }
                Event::Announced { .. }
                | Event::Brake(_)
                | Event::Reported { .. }
                | Event::Reminded(_) => self.book.affected_by(event, None),
            })
            .collect();
        if !affected.is_empty() {
            self.delivery.changed(&self.world.config, &self.book, affected);
        }
    }

    /// What the gate and the log have to know of what has happened.
    fn decided_on(&self, event: &Event) {
        match event {
            Event::Run(id, event) => {
                if let Some(run) = self.book.runs.get(id) {
                    self.memory.gate().knows(run);
                }
                if matches!(event, RunEvent::Proposed { .. }) {
                    tracing::info!(run.id = %id, "a plan waits for votes");
                }
                if matches!(event, RunEvent::Replanned { run: None }) {
                    tracing::warn!(run.id = %id, "no plan could be drafted in place of a void one");
                }
            }
            Event::Brake(event) => {
                tracing::warn!(brake.event = kind(event), "the brake has changed");
            }
            Event::Announced { .. } | Event::Reported { .. } | Event::Reminded(_) => {}
        }
    }

    fn context(&self) -> DecisionContext {
        DecisionContext { token: self.memory.token() }
    }

    /// When something must be looked at again, even if nothing comes in.
    fn next_wake(&self) -> DateTime<Utc> {
        let now = self.world.clock.now();
        let rests = self.tasks.next_due().into_iter().chain(self.failing.next_due(now));
        let rests = rests.chain(self.hints.next());
        let next = self.book.next_deadline(&self.agenda, now).into_iter().chain(rests).min();
        let next =
            next.unwrap_or(DateTime::<Utc>::MAX_UTC).min(self.next_assessment).min(self.next_sweep);
        // A deadline that has passed without consequence must not spin the loop.
        next.max(now + TimeDelta::milliseconds(5)).min(now + TimeDelta::hours(1))
    }
}
