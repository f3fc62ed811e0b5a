//! Whole cycles in which services fail, answers are lost, the process dies, and the host's clock
//! jumps, by a seed. Whatever happens, nothing may be done twice, lost, or reported wrongly.

mod fault_injector;
mod interference;
mod invariants;
mod people;
mod request_faults;
mod world;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::Result;
use chrono::TimeDelta;
use clap::Parser;
use stories::{InProcessBot, Played, Seeds};

use fault_injector::FaultInjector;
use world::World;

/// How many seeds CI plays: always the same ones.
const SEEDS: u64 = 30;

/// Plays whole cycles with faults by a seed: 30 seeds by default.
#[derive(Debug, Parser)]
#[command(name = "tests/run faults")]
struct Options {
    #[command(flatten)]
    seeds: Seeds,
}

fn main() -> ExitCode {
    Options::parse().seeds.play("faults", SEEDS, |seed| async move {
        match World::of(seed).await {
            Err(error) => Played { result: Err(error), timeline: String::new(), deaths: 0 },
            Ok(world) => {
                let result = play(&world).await;
                world.stage.aws_gate.clear_policy();
                world.stage.slack_gate.clear_policy();
                let deaths = world.crashes.load(Ordering::SeqCst);
                Played { result, timeline: world.timeline(), deaths }
            }
        }
    })
}

async fn play(world: &Arc<World>) -> Result<()> {
    let injector = FaultInjector::of(world);
    world.stage.aws_gate.set_policy(injector.clone());
    world.stage.slack_gate.set_policy(injector);
    let bot = world.start()?;
    let story = Box::pin(async {
        let seen = people::play(world).await?;
        world.note("nothing goes wrong any more");
        world.calm.store(true, Ordering::SeqCst);
        world.host.set_wrong_by(TimeDelta::zero());
        interference::goes_on(world).await?;
        // What is under way arrives, and the last cards are drawn.
        world.stage.clock.sleep_until(world.stage.clock.now() + TimeDelta::minutes(15)).await;
        invariants::checked(world, &seen)
    });
    let whole = Box::pin(async {
        tokio::select! {
            told = story => told,
            never = people::operator(world) => never,
            never = interference::stopper(world) => never,
            never = restarted(world, bot) => never,
            never = world.time_passes() => never,
        }
    });
    whole.await.and_then(|()| world.verdict())
}

/// Kills the bot whenever the fault injector says so, and restarts it. Returns only if the bot ends
/// by itself.
async fn restarted(world: &World, mut bot: InProcessBot) -> Result<()> {
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
