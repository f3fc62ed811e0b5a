//! One world for each point, with several played at once.

use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use stories::{Bot, CrashPoint, Environment, Settings, Stage};

use crate::story;

/// The ending of one story.
pub(crate) struct Ending {
    pub(crate) number: usize,
    pub(crate) point: CrashPoint,
    /// How many points after the restart it should be killed again.
    pub(crate) again: Option<usize>,
    /// How often it was killed.
    pub(crate) kills: usize,
    pub(crate) result: Result<()>,
    pub(crate) seconds: f64,
}

/// Plays the story once without a kill; returns its points.
pub(crate) fn undisturbed() -> Result<Vec<CrashPoint>> {
    alone(async {
        let stage = stage().await?;
        play(&stage, None, None).await?;
        Ok(stage.points.all())
    })?
}

/// Plays a world for each point, as many at once as there are cores.
pub(crate) fn each(
    points: Vec<(usize, CrashPoint)>,
    again: impl Fn(usize) -> Option<usize> + Sync,
) -> Vec<Ending> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let left = Mutex::new(points.into_iter());
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
    let mut endings: Vec<Ending> = std::thread::scope(|scope| {
        let work = || {
            std::iter::from_fn(next)
                .map(|(number, point)| ending(number, point, again(number)))
                .collect::<Vec<_>>()
        };
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        // A worker that panics loses its worlds, which is not a success.
        let joined = workers.into_iter().map(|worker| worker.join());
        joined.flat_map(|ended| ended.unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    endings.sort_by_key(|ending| ending.number);
    endings
}

fn ending(number: usize, point: CrashPoint, again: Option<usize>) -> Ending {
    let began = Instant::now();
    let told = alone(async {
        let stage = match stage().await {
            Ok(stage) => stage,
            Err(error) => return (0, Err(error)),
        };
        let result = play(&stage, Some(&point), again).await;
        let killed = stage.points.killed();
        let at: Vec<String> = killed.iter().map(CrashPoint::to_string).collect();
        let result = result.with_context(|| format!("killed at {at:?}"));
        (killed.len(), result.map_err(|error| error.context(stage.transcript())))
    });
    let (kills, result) = told.unwrap_or_else(|error| (0, Err(error)));
    Ending { number, point, again, kills, result, seconds: began.elapsed().as_secs_f64() }
}

/// Runs a world on a runtime of its own, on the current thread: then the task that sees the point
/// kills the process, and nothing else in the world goes on meanwhile.
fn alone<T>(world: impl Future<Output = T>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    Ok(runtime.context("failed to start a runtime")?.block_on(world))
}

async fn stage() -> Result<Stage> {
    // An operator need not wait for minutes until the bot asks.
    let standard = Settings::default();
    let production = Environment { on_drift: "shrink", ..standard.production };
    let settings = Settings { reconcile: "1s", production, ..standard };
    let stage = Stage::with(&settings, story::prepare).await?;
    story::schedule(&stage);
    Ok(stage)
}

async fn play(stage: &Stage, point: Option<&CrashPoint>, again: Option<usize>) -> Result<()> {
    let bot =
        Bot::start_with_crash_points(stage).await?.context("killed before anybody asked for it")?;
    let card = story::planned(stage).await?;
    stage.points.start_counting(point);
    tokio::select! {
        told = story::play(stage, &card) => told?,
        never = restarted(stage, bot, again) => return never,
    }
    stage.points.stop_counting();
    story::check(stage)
}

/// Restarts the bot whenever it was killed at a point. Never returns.
async fn restarted(stage: &Stage, mut bot: Bot, mut again: Option<usize>) -> Result<()> {
    let mut deaths = 0;
    loop {
        let status = bot.ended().await?;
        if stage.points.deaths() == deaths {
            bail!("the bot ended with {status}, and nobody killed it\n{}", stage.transcript());
        }
        bot = loop {
            deaths = stage.points.deaths();
            let at_a_point = !stage.points.killed().is_empty();
            if let Some(points) = again.take_if(|_| at_a_point) {
                stage.points.kill_later(points);
            }
            if let Some(bot) = Bot::start_with_crash_points(stage).await? {
                break bot;
            }
        };
    }
}
