//! The emergency stop: from the moment at which people could read that everything is stopped, until
//! somebody resumes, AWS receives no SendCommand.

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;
use stories::{BEN, CHANNEL, Stage, says};

use crate::people::{presses, says_why, types};
use crate::world::World;

/// How often somebody tries to resume, at most.
const TRIES: usize = 12;

/// Since when people know that everything is stopped, if it is.
#[derive(Debug, Default)]
pub(crate) struct KnownStop(Mutex<Option<DateTime<Utc>>>);

impl KnownStop {
    /// Checks a SendCommand that arrives.
    pub(crate) fn judge(world: &World, what: &str) {
        let known = *world.interference.known_stop.locked();
        if let Some(since) = known {
            let since = since.format("%d %H:%M:%S");
            world.violated(format!("{what} was sent although everything is stopped since {since}"));
        }
    }

    fn locked(&self) -> MutexGuard<'_, Option<DateTime<Utc>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ben stops everything, and resumes it some minutes later.
pub(crate) async fn stop_for_a_while(world: &World, rng: &mut Rng) -> anyhow::Result<()> {
    world.excuse();
    if reads(world, "/patch stop the disks are full", &["stopped everything"]).await? {
        *world.interference.known_stop.locked() = Some(world.stage.clock.now());
        world.note("everybody knows that everything is stopped");
    }
    let until = world.stage.clock.now() + TimeDelta::minutes(rng.i64(1..25));
    world.stage.clock.sleep_until(until).await;
    *world.interference.known_stop.locked() = None;
    // Whatever is lost on the way, nothing goes on before a resume was acknowledged.
    for _ in 0..TRIES {
        if resumes(world, "they are not").await? {
            return Ok(());
        }
    }
    anyhow::bail!("nothing went on, though it was asked for {TRIES} times")
}

/// Types `resume`, presses the button of the answer and enters the reason; returns whether nothing
/// is stopped afterwards. Each step may be lost.
async fn resumes(world: &World, reason: &str) -> anyhow::Result<bool> {
    let line = format!("/patch resume {reason}");
    let before = world.stage.slack.ephemerals(BEN).len();
    types(world, BEN, &line).await?;
    let answered = within_five_minutes(world, &line, |stage| {
        let mut told = stage.slack.ephemerals(BEN).into_iter().skip(before);
        told.find(|card| {
            says(card, &["Nothing is resumed yet"]) || says(card, &["There is no emergency stop"])
        })
    });
    let Some(card) = answered.await? else { return Ok(false) };
    if says(&card, &["There is no emergency stop"]) {
        return Ok(true);
    }
    let known = told(&world.stage, &["resumed everything"]);
    if !presses(world, BEN, &card.ts, "Resume…").await? {
        return Ok(false);
    }
    says_why(world, BEN, reason).await?;
    let gone_on = within_five_minutes(world, &line, |stage| {
        (told(stage, &["resumed everything"]) > known).then_some(())
    });
    gone_on.await.map(|seen| seen.is_some())
}

/// Types; returns whether the answer, or the card, could be read within five minutes: both may be
/// lost on the way, like anything that is sent only once.
async fn reads(world: &World, line: &str, words: &[&str]) -> anyhow::Result<bool> {
    let before = told(&world.stage, words);
    types(world, BEN, line).await?;
    let seen =
        within_five_minutes(world, line, |stage| (told(stage, words) > before).then_some(()));
    seen.await.map(|seen| seen.is_some())
}

/// How many cards and private answers that Ben can read contain these words.
fn told(stage: &Stage, words: &[&str]) -> usize {
    let cards = stage.slack.messages(CHANNEL).into_iter().chain(stage.slack.ephemerals(BEN));
    cards.filter(|card| says(card, words)).count()
}

/// Returns what `look` finds; `None` if it finds nothing within five minutes.
async fn within_five_minutes<T>(
    world: &World,
    what: &str,
    look: impl FnMut(&Stage) -> Option<T>,
) -> anyhow::Result<Option<T>> {
    let until = world.stage.clock.now() + TimeDelta::minutes(5);
    tokio::select! {
        seen = world.until(what, look) => seen.map(Some),
        () = world.stage.clock.sleep_until(until) => Ok(None),
    }
}
