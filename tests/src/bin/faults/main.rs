//! Whole cycles in which services fail, answers are lost, the process dies, and the host's clock
//! jumps, as a seed says. Whatever happens, nothing may be done twice, lost, or said wrongly.

mod people;
mod trouble;
mod truth;
mod weather;
mod world;

use std::num::NonZeroU64;
use std::panic::resume_unwind;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use chrono::TimeDelta;
use clap::Parser;
use stories::Inside;

use weather::Storm;
use world::World;

/// The first seed, unless another is given: CI always plays the same.
const FIRST: u64 = 1;

/// Plays whole cycles in which everything goes wrong that a seed says.
#[derive(Debug, Parser)]
#[command(name = "tests/run faults")]
struct Options {
    /// How many seeds to play.
    #[arg(long, default_value_t = NonZeroU64::new(30).unwrap_or(NonZeroU64::MIN), value_name = "N")]
    seeds: NonZeroU64,
    /// The first of them.
    #[arg(long, default_value_t = FIRST, value_name = "K")]
    from: u64,
    /// One seed alone, with its timeline.
    #[arg(long, value_name = "K", conflicts_with_all = ["seeds", "from"])]
    seed: Option<u64>,
}

/// How one seed ended.
struct Ending {
    result: Result<()>,
    timeline: String,
    crashes: u64,
    seconds: f64,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let began = Instant::now();
    let seeds = match options.seed {
        Some(seed) => seed..seed + 1,
        None => options.from..options.from + options.seeds.get(),
    };
    let endings = each(seeds);
    let failed = endings.iter().filter(|ending| ending.result.is_err()).count();
    if let ([Ending { result: Ok(()), timeline, .. }], Some(_)) = (endings.as_slice(), options.seed)
    {
        tell(timeline);
    }
    let crashes: u64 = endings.iter().map(|ending| ending.crashes).sum();
    let slowest = endings.iter().map(|ending| ending.seconds).fold(0.0, f64::max);
    tell(&format!(
        "{} seeds, {failed} failed; the process died {crashes} times. {:.1} s, the slowest seed {slowest:.1} s",
        endings.len(),
        began.elapsed().as_secs_f64()
    ));
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Several at once: while one waits for its sockets, another is at work.
fn each(seeds: std::ops::Range<u64>) -> Vec<Ending> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from) + 1;
    let next = AtomicU64::new(seeds.start);
    std::thread::scope(|scope| {
        let work = || {
            let mut endings = Vec::new();
            loop {
                let seed = next.fetch_add(1, Ordering::SeqCst);
                if seed >= seeds.end {
                    return endings;
                }
                let ending = ending(seed);
                // At once: whoever watches a long run need not wait for its end.
                if let Err(error) = &ending.result {
                    tell(&format!(
                        "\nFAILED with seed {seed}:\n{}\n\n{error:#}\nReplay: tests/run faults --seed {seed}\n",
                        ending.timeline
                    ));
                }
                endings.push(ending);
            }
        };
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        // A worker that panics takes its worlds along: that is no success.
        let joined = workers.into_iter().map(|worker| worker.join());
        joined.flat_map(|ended| ended.unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}

fn ending(seed: u64) -> Ending {
    let began = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let (result, timeline, crashes) = match runtime.context("failed to start a runtime") {
        Err(error) => (Err(error), String::new(), 0),
        Ok(runtime) => runtime.block_on(async {
            match World::of(seed).await {
                Err(error) => (Err(error), String::new(), 0),
                Ok(world) => {
                    let result = play(&world).await;
                    (result, world.timeline(), world.crashes.load(Ordering::SeqCst))
                }
            }
        }),
    };
    Ending { result, timeline, crashes, seconds: began.elapsed().as_secs_f64() }
}

async fn play(world: &Arc<World>) -> Result<()> {
    let storm = Storm::over(world);
    world.stage.aws_gate.expose(storm.clone());
    world.stage.slack_gate.expose(storm);
    let bot = world.start()?;
    let story = async {
        let seen = people::play(world).await?;
        world.note("nothing goes wrong any more");
        world.calm.store(true, Ordering::SeqCst);
        world.host.set_wrong_by(TimeDelta::zero());
        // What was on its way arrives, and the last cards are drawn.
        world.stage.clock.sleep_until(world.stage.clock.now() + TimeDelta::minutes(15)).await;
        truth::checked(world, &seen)
    };
    let whole = async {
        tokio::select! {
            told = story => told,
            never = people::operator(world) => never,
            never = restarted(world, bot) => never,
            () = world.time_passes() => Ok(()),
        }
    };
    match tokio::time::timeout(Duration::from_secs(180), whole).await {
        Ok(told) => told.and_then(|()| world.verdict()),
        Err(_) => Err(anyhow::anyhow!("the story does not end\n{}", world.stage.all_there_is())),
    }
}

/// Kills the bot when the weather says so, and starts it again. Ends only if it ends by itself.
async fn restarted(world: &World, mut bot: Inside) -> Result<()> {
    loop {
        tokio::select! {
            error = bot.ended() => return Err(error.context("the bot has ended by itself")),
            () = world.crash.notified() => {}
        }
        bot.kill().await?;
        world.note("the process is killed, and started again");
        world.crashes.fetch_add(1, Ordering::SeqCst);
        world.stage.slack.changes().announce();
        bot = world.start()?;
    }
}

#[expect(clippy::print_stdout, reason = "this program talks to a person in a terminal")]
fn tell(text: &str) {
    println!("{text}");
}
