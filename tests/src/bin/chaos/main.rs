//! A vote of many people on two platforms, while both break by a seed: connections are cut,
//! platforms ask to reconnect, sessions become invalid, requests are refused, lost or answered too
//! late, deliveries come twice, and the process dies. No vote may be lost or counted twice, and the
//! cards must be right in the end.

mod invariants;
mod outages;
mod people;
mod relinking;

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use clap::Parser;
use simulators::clock::Skewed;
use stories::{Environment, InProcessBot, Platforms, Played, Seeds, Settings, Stage};
use tokio::sync::Notify;

/// How many seeds CI plays: always the same ones.
const SEEDS: u64 = 12;
/// How many people vote; all of them must.
const VOTERS: usize = 6;
/// One more person, who may vote and never does.
const SEVEN: &str =
    r#"["crowd-0", "crowd-1", "crowd-2", "crowd-3", "crowd-4", "crowd-5", "crowd-6"]"#;
/// In real time. A story that takes longer is stuck.
const PATIENCE: Duration = Duration::from_secs(150);

/// Plays votes on two platforms while both break by a seed: 12 seeds by default.
#[derive(Debug, Parser)]
#[command(name = "tests/run chaos")]
struct Options {
    #[command(flatten)]
    seeds: Seeds,
}

/// Everything that belongs to one seed.
struct World {
    seed: u64,
    stage: Stage,
    /// Whether nothing breaks any longer.
    calm: AtomicBool,
    /// Requests that the process be killed.
    kill: Notify,
    deaths: AtomicU64,
    began: Instant,
    timeline: Mutex<Vec<String>>,
}

fn main() -> ExitCode {
    Options::parse().seeds.play("chaos", SEEDS, |seed| async move {
        match World::of(seed).await {
            Err(error) => Played { result: Err(error), timeline: String::new(), deaths: 0 },
            Ok(world) => Played {
                result: play(&world).await,
                timeline: world.timeline().join("\n"),
                deaths: world.deaths.load(Ordering::SeqCst),
            },
        }
    })
}

async fn play(world: &Arc<World>) -> Result<()> {
    let bot = world.start()?;
    let story = async {
        let cards = people::decide(world).await?;
        world.calm.store(true, Ordering::SeqCst);
        world.note("nothing breaks any more");
        invariants::holds(world, &cards).await
    };
    let whole = async {
        tokio::select! {
            told = story => told,
            never = outages::from_now_on(world) => never,
            never = restarted(world, bot) => never,
        }
    };
    match tokio::time::timeout(PATIENCE, whole).await {
        Ok(told) => told.with_context(|| world.stage.transcript()),
        Err(_) => Err(anyhow!("the story does not end\n{}", world.stage.transcript())),
    }
}

/// Kills the bot whenever the seed says so, and restarts it. Returns only if the bot ends by
/// itself.
async fn restarted(world: &World, mut bot: InProcessBot) -> Result<()> {
    loop {
        tokio::select! {
            error = bot.ended() => return Err(error.context("the bot has ended by itself")),
            () = world.kill.notified() => {}
        }
        bot.kill().await?;
        world.note("the process is killed, and started again");
        world.deaths.fetch_add(1, Ordering::SeqCst);
        world.stage.slack.changes().announce();
        bot = world.start()?;
    }
}

impl World {
    async fn of(seed: u64) -> Result<Arc<Self>> {
        let standard = Settings::default();
        let verification = Environment {
            approvers: SEVEN,
            quorum: u32::try_from(VOTERS).context("too many voters")?,
            ..standard.verification.clone()
        };
        let settings =
            Settings { platforms: Platforms::Both, verification, reconcile: "1s", ..standard };
        let stage = Stage::set(&settings).await?;
        Ok(Arc::new(Self {
            seed,
            stage,
            calm: AtomicBool::new(false),
            kill: Notify::new(),
            deaths: AtomicU64::new(0),
            began: Instant::now(),
            timeline: Mutex::default(),
        }))
    }

    /// Kills the process, and returns when it is gone; another one starts at once.
    async fn restarts(&self) {
        let before = self.deaths.load(Ordering::SeqCst);
        self.kill.notify_one();
        let mut changes = self.stage.slack.changes().subscribe();
        while self.deaths.load(Ordering::SeqCst) == before {
            // The code that kills the process announces it.
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    fn start(&self) -> Result<InProcessBot> {
        InProcessBot::start(&self.stage, &Skewed::of(&self.stage.clock))
    }

    /// Notes what happened, with the elapsed seconds.
    fn note(&self, what: impl AsRef<str>) {
        let line = format!("[{:7.3} s]  {}", self.began.elapsed().as_secs_f64(), what.as_ref());
        self.timeline().push(line);
    }

    fn timeline(&self) -> MutexGuard<'_, Vec<String>> {
        self.timeline.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
