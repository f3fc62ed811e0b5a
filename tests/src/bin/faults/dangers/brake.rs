//! The stop: from the moment that somebody could read that everything stands, until somebody lets
//! it go on, AWS receives no SendCommand.

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;
use stories::{BEN, CHANNEL, says};

use crate::people::types;
use crate::world::World;

/// Since when people know that everything stands, if it does.
#[derive(Debug, Default)]
pub(crate) struct Brake(Mutex<Option<DateTime<Utc>>>);

impl Brake {
    /// A SendCommand arrives.
    pub(crate) fn judge(world: &World, what: &str) {
        let known = *world.dangers.brake.locked();
        if let Some(since) = known {
            let since = since.format("%d %H:%M:%S");
            world.violated(format!("{what} was sent although everything is stopped since {since}"));
        }
    }

    fn locked(&self) -> MutexGuard<'_, Option<DateTime<Utc>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ben stops everything, and some minutes later lets it go on.
pub(crate) async fn stop_for_a_while(world: &World, rng: &mut Rng) -> anyhow::Result<()> {
    world.excuse();
    if reads(world, "/patch stop the disks are full", &["stopped everything"]).await? {
        *world.dangers.brake.locked() = Some(world.stage.clock.now());
        world.note("everybody knows that everything is stopped");
    }
    let until = world.stage.clock.now() + TimeDelta::minutes(rng.i64(1..25));
    world.stage.clock.sleep_until(until).await;
    *world.dangers.brake.locked() = None;
    reads(world, "/patch resume they are not", &["lets everything go on"]).await.map(drop)
}

/// Types; whether the answer to it, or the card, could be read within five minutes: both may be
/// lost on their way, as anything that is said once.
async fn reads(world: &World, line: &str, words: &[&str]) -> anyhow::Result<bool> {
    let count = |stage: &stories::Stage| {
        let cards = stage.slack.messages(CHANNEL).into_iter().chain(stage.slack.ephemerals(BEN));
        cards.filter(|card| says(card, words)).count()
    };
    let before = count(&world.stage);
    types(world, BEN, line).await?;
    let until = world.stage.clock.now() + TimeDelta::minutes(5);
    let looking = world.until(line, |stage| (count(stage) > before).then_some(()));
    tokio::select! {
        seen = looking => seen.map(|()| true),
        () = world.stage.clock.sleep_until(until) => Ok(false),
    }
}
