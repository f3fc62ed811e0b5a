//! The world of one seed: its people, its nodes, its clock, and the notes about them.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use simulators::aws::{EventDisturbances, NodeFault, Pace, Queue};
use simulators::clock::Skewed;
use simulators::seed::VERIFICATION;
use stories::{Environment, Idle, InProcessBot, Settings, Stage, dice};
use tokio::sync::Notify;

use crate::interference::Interference;

/// The nodes of the seeded world that this one keeps: few, to be fast, but of every system.
const NODES: [&str; 9] = [
    "ver-web-01",
    "ver-app-01",
    "ver-batch-01",
    "VER-DB-01",
    "web-01",
    "web-02",
    "app-01",
    "batch-01",
    "DB-01",
];

/// A Monday; seeds begin within a week from then.
const FIRST_DAY: DateTime<Utc> =
    NaiveDate::from_ymd_opt(2026, 11, 2).expect("a date").and_time(NaiveTime::MIN).and_utc();

/// How long nothing may happen, in real time, before time moves on.
const QUIET: Duration = Duration::from_millis(2);

/// What people wait for appears within this time, by the story's clock: windows open every second
/// hour. The speed of the machine does not matter.
pub(crate) const PATIENCE: TimeDelta = TimeDelta::days(2);
/// More calls than ever happen while the story's time stands still: the bot is in an endless loop.
const ASKED_AT_ONCE: u64 = 10_000;
/// In real time: time never stands still for so long without a call, so something is stuck.
const STANDSTILL: Duration = Duration::from_secs(180);

/// Everything that belongs to one seed.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) stage: Stage,
    /// The clock of the bot's host.
    pub(crate) host: Skewed,
    pub(crate) traffic: Traffic,
    /// How many votes verification needs.
    pub(crate) quorum: u32,
    /// Whether nothing goes wrong any longer.
    pub(crate) calm: AtomicBool,
    /// Requests that the process be killed.
    pub(crate) crash: Notify,
    /// How often the process was killed.
    pub(crate) crashes: AtomicU64,
    /// Whether the host's clock was ever wrong, or people stopped everything: then "unknown" is a
    /// right answer where otherwise it would not be.
    excused: AtomicBool,
    /// How wrong the host's clock was, from each time on.
    wrong_by: Mutex<Vec<(DateTime<Utc>, TimeDelta)>>,
    /// What other people do at the worst moment.
    pub(crate) interference: Interference,
    /// Whether the running bot has nothing to do.
    idle: Mutex<Idle>,
    began: Instant,
    timeline: Mutex<Vec<String>>,
    violations: Mutex<Vec<String>>,
}

impl World {
    pub(crate) async fn of(seed: u64) -> Result<Arc<Self>> {
        let mut rng = dice(seed, "world", 0);
        let standard = Settings::default();
        let quorum = rng.u32(1..=2);
        let events = events(seed);
        let interference = Interference::of(seed);
        let settings = interference.configure(Settings {
            more: events.map(|_| queue_table()).unwrap_or_default(),
            verification: Environment { quorum, error_budget: 1, ..standard.verification },
            poll: "30s",
            settle: "2m",
            reconcile: "5m",
            ..standard
        });
        // The seed also decides at what time of day it begins, because maintenance windows open and
        // close.
        let start = FIRST_DAY + TimeDelta::minutes(dice(seed, "start", 0).i64(0..7 * 24 * 60));
        let stage = Stage::starting_at(start, &settings, |world| {
            world.nodes.retain(|node| NODES.contains(&node.name.as_str()));
            world.pace = pace();
            if events.is_some() {
                world.queues.push(queue());
            }
            interference.populate(world);
            for node in &mut world.nodes {
                node.fault = None;
                if node.name.to_lowercase().starts_with("ver") && rng.u32(..100) < 8 {
                    node.fault = Some(fault(rng.u32(..5)));
                }
            }
        })
        .await?;
        if let Some(troubles) = events {
            stage.cloud.disturb_events(troubles);
        }
        stage.freeze();
        let host = Skewed::of(&stage.clock);
        let world = Self {
            seed,
            stage,
            host,
            traffic: Traffic::default(),
            quorum,
            calm: AtomicBool::new(false),
            crash: Notify::new(),
            crashes: AtomicU64::new(0),
            excused: AtomicBool::new(false),
            wrong_by: Mutex::default(),
            interference,
            idle: Mutex::default(),
            began: Instant::now(),
            timeline: Mutex::default(),
            violations: Mutex::default(),
        };
        world.note(world.interference.summary());
        Ok(Arc::new(world))
    }

    /// Sets the host's clock this far ahead of the time; behind it if negative.
    pub(crate) fn set_wrong_by(&self, offset: TimeDelta) {
        self.host.set_wrong_by(offset);
        self.excuse();
        locked(&self.wrong_by).push((self.stage.clock.now(), offset));
    }

    /// From now on, "unknown" is a right answer where otherwise it would not be.
    pub(crate) fn excuse(&self) {
        self.excused.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_excused(&self) -> bool {
        self.excused.load(Ordering::SeqCst)
    }

    /// Whether the host's clock was ever set.
    pub(crate) fn was_set(&self) -> bool {
        !locked(&self.wrong_by).is_empty()
    }

    /// What the host's clock shows now, or would show if it had not been set a moment ago.
    pub(crate) fn host_times(&self) -> Vec<DateTime<Utc>> {
        let now = self.stage.clock.now();
        let wrong_by = locked(&self.wrong_by);
        let starts =
            [(DateTime::UNIX_EPOCH, TimeDelta::zero())].into_iter().chain(wrong_by.iter().copied());
        let ends = wrong_by.iter().map(|(at, _)| *at).chain([now]);
        let recent = starts.zip(ends).filter(|(_, end)| now - *end <= TimeDelta::minutes(5));
        recent.map(|((_, offset), _)| now + offset).collect()
    }

    /// Kills the process, and returns when it is gone; another one starts at once.
    pub(crate) async fn restarts(&self) {
        let before = self.crashes.load(Ordering::SeqCst);
        self.crash.notify_one();
        let mut changes = self.stage.slack.changes().subscribe();
        while self.crashes.load(Ordering::SeqCst) == before {
            // The code that kills the process announces it.
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// Notes what happened, with the true time and the seconds that really passed.
    pub(crate) fn note(&self, what: impl AsRef<str>) {
        let at = self.stage.clock.now().format("%d %H:%M:%S");
        let really = self.began.elapsed().as_secs_f64();
        locked(&self.timeline).push(format!("{at} [{really:6.3} s]  {}", what.as_ref()));
    }

    /// Notes what must never happen.
    pub(crate) fn violated(&self, what: impl Into<String>) {
        let what = what.into();
        self.note(format!("VIOLATED: {what}"));
        locked(&self.violations).push(what);
    }

    /// An error that names every violation, if there was one.
    pub(crate) fn verdict(&self) -> Result<()> {
        let violations = locked(&self.violations);
        if violations.is_empty() { Ok(()) } else { Err(anyhow!("{}", violations.join("\n"))) }
    }

    pub(crate) fn timeline(&self) -> String {
        locked(&self.timeline).join("\n")
    }

    /// Starts a bot in this world.
    pub(crate) fn start(&self) -> Result<InProcessBot> {
        let bot = InProcessBot::start(&self.stage, &self.host)?;
        *locked(&self.idle) = bot.idle();
        Ok(bot)
    }

    fn is_quiet(&self) -> bool {
        self.host.asleep() > 0 && locked(&self.idle).is_idle() && self.traffic.is_quiet()
    }

    /// A person does something, and time stands still until the bot has acknowledged it, unless the
    /// bot died meanwhile.
    pub(crate) async fn under_way<T>(&self, interaction: impl Future<Output = T>) -> T {
        let under_way = self.traffic.enter("a person");
        let deaths = self.crashes.load(Ordering::SeqCst);
        let mut changes = self.stage.slack.changes().subscribe();
        let dies = async {
            while self.crashes.load(Ordering::SeqCst) == deaths && changes.changed().await.is_ok() {
            }
        };
        let mut interaction = std::pin::pin!(interaction);
        tokio::select! {
            done = &mut interaction => return done,
            () = dies => drop(under_way),
        }
        interaction.await
    }

    /// Calls `look` at once and after every change until it finds something.
    ///
    /// # Errors
    /// If it has not within [`PATIENCE`], with what there was instead.
    pub(crate) async fn until<T>(
        &self,
        what: &str,
        look: impl FnMut(&Stage) -> Option<T>,
    ) -> Result<T> {
        let until = self.stage.clock.now() + PATIENCE;
        tokio::select! {
            seen = self.stage.until_within(Duration::MAX, what, look) => seen,
            () = self.stage.clock.sleep_until(until) => bail!(
                "{what}: not seen in {} hours of the story\n{}",
                PATIENCE.num_hours(),
                self.stage.transcript()
            ),
        }
    }

    /// Lets time pass whenever nothing else happens. Returns only if time cannot pass.
    ///
    /// Nobody may have to hurry: while a request is under way, a person acts, or the bot works,
    /// time stands still. A step is small at first and grows while nothing happens, and never leads
    /// past a moment that somebody sleeps until.
    pub(crate) async fn time_passes(&self) -> Result<()> {
        let shortest = TimeDelta::seconds(2);
        let mut step = shortest;
        let mut stands = Stands::since(self.traffic.asked());
        loop {
            tokio::time::sleep(Duration::from_millis(1)).await;
            if !self.is_quiet() {
                step = shortest;
                stands.go_on(self.traffic.asked()).with_context(|| self.stage.transcript())?;
                continue;
            }
            stands = Stands::since(self.traffic.asked());
            let clock = &self.stage.clock;
            let left = clock.next_deadline().map_or(step, |at| at - clock.now());
            clock.advance(left.clamp(TimeDelta::milliseconds(1), step));
            step = (step * 2).min(TimeDelta::minutes(1));
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As on a fast fleet: a wave takes about two minutes.
pub(crate) fn pace() -> Pace {
    Pace {
        install: TimeDelta::seconds(40),
        each_patch: TimeDelta::seconds(5),
        reboot: TimeDelta::seconds(30),
        scan: TimeDelta::seconds(15),
        ..Pace::default()
    }
}

const QUEUE: &str = "patchbot-events";

fn queue() -> Queue {
    Queue {
        account: VERIFICATION.to_owned(),
        region: "ap-northeast-1".to_owned(),
        name: QUEUE.to_owned(),
    }
}

fn queue_table() -> String {
    let Queue { account, region, name } = queue();
    format!("[aws.events]\nqueue_url = \"https://sqs.{region}.amazonaws.com/{account}/{name}\"\n")
}

/// Half of the worlds have a queue of events; some events never come, or come twice, late or out of
/// order.
fn events(seed: u64) -> Option<EventDisturbances> {
    let mut rng = dice(seed, "events", 0);
    rng.bool().then(|| EventDisturbances {
        lost: rng.u32(..40),
        twice: rng.u32(..40),
        late: rng.u32(..40),
        late_by: TimeDelta::seconds(rng.i64(1..900)),
        reordered: rng.bool(),
        seed,
    })
}

fn fault(kind: u32) -> NodeFault {
    match kind {
        0 => NodeFault::Silent,
        1 => NodeFault::LostInReboot,
        2 => NodeFault::ScanFails,
        3 => NodeFault::Undeliverable,
        _ => NodeFault::InstallFails {
            patch: None,
            once: true,
            stderr: "Error: Failed to download metadata".into(),
        },
    }
}

/// How long the story's time stands still, and what happens meanwhile.
#[derive(Debug)]
struct Stands {
    since: u64,
    last: u64,
    at: Instant,
}

impl Stands {
    /// Time stands still since this many calls.
    fn since(asked: u64) -> Self {
        Self { since: asked, last: asked, at: Instant::now() }
    }

    /// This many calls have been made by now, and time still stands.
    fn go_on(&mut self, asked: u64) -> Result<()> {
        if asked > self.last {
            (self.last, self.at) = (asked, Instant::now());
        }
        let at_once = asked - self.since;
        ensure!(at_once < ASKED_AT_ONCE, "{at_once} requests, and time still stands");
        ensure!(self.at.elapsed() < STANDSTILL, "time stands, and nobody asks anything");
        Ok(())
    }
}

/// What is under way between the bot, its services and people.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    under_way: AtomicUsize,
    /// How many calls there were.
    asked: AtomicU64,
    last: Mutex<Option<Instant>>,
    /// A client of Slack that was disturbed retries after a while of real time: until then, and no
    /// longer, time stands still.
    tries_again: Mutex<Option<(String, Instant)>>,
}

/// Something is under way for as long as this lives.
pub(crate) struct UnderWay<'a>(&'a Traffic);

impl Traffic {
    /// A call of `what` begins.
    pub(crate) fn enter(&self, what: &str) -> UnderWay<'_> {
        self.under_way.fetch_add(1, Ordering::SeqCst);
        self.asked.fetch_add(1, Ordering::SeqCst);
        locked(&self.tries_again).take_if(|(disturbed, _)| disturbed == what);
        UnderWay(self)
    }

    fn asked(&self) -> u64 {
        self.asked.load(Ordering::SeqCst)
    }

    pub(crate) fn tries_again_within(&self, what: &str, patience: Duration) {
        *locked(&self.tries_again) = Some((what.to_owned(), Instant::now() + patience));
    }

    fn is_quiet(&self) -> bool {
        self.under_way.load(Ordering::SeqCst) == 0
            && locked(&self.last).is_none_or(|last| last.elapsed() >= QUIET)
            && locked(&self.tries_again).as_ref().is_none_or(|(_, until)| Instant::now() >= *until)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        *locked(&self.0.last) = Some(Instant::now());
        self.0.under_way.fetch_sub(1, Ordering::SeqCst);
    }
}
