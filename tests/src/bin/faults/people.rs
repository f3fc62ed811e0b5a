//! People in one world: they plan, approve, withdraw, reject, stop and resume, as their dice say,
//! and the operator answers what the bot asks, truthfully.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use fastrand::Rng;
use simulators::slack::{HandError, Message, plain_text};
use stories::{AIKO, BEN, CHANNEL, HANA, OMAR, buttons, dice, says};

use crate::truth::{Ended, ended, run_of, truth_of};
use crate::world::World;

/// In real time. A story that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);
/// So often a cycle is begun anew in one environment, at most.
const ROUNDS: usize = 7;

/// What people did that must not be lost, and what they saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Votes that the bot acknowledged, of people who may vote: by card, those who voted.
    pub(crate) votes: BTreeMap<String, Vec<&'static str>>,
    /// Runs that ended, with what was true of their nodes then.
    pub(crate) ended: Vec<Ended>,
}

/// Plays a whole cycle, verification and then production.
pub(crate) async fn play(world: &World) -> Result<Seen> {
    let mut rng = dice(world.seed, "people", 0);
    let mut seen = Seen::default();
    if rng.u32(..100) < 30 {
        // Far too early; it can only be told that verification comes first.
        types(world, BEN, "/patch plan production").await?;
    }
    for (environment, requester, voters) in
        [("verification", HANA, [AIKO, BEN]), ("production", BEN, [AIKO, HANA])]
    {
        let mut proven = false;
        for _ in 0..ROUNDS {
            let ts = plan(world, environment, requester).await?;
            let done = decide(world, &mut rng, &mut seen, &ts, voters).await?;
            proven = says(&done, &["is patched and proven"]);
            world.note(format!(
                "{} ends: {}",
                run_of(&done),
                plain_text(&done).lines().next().unwrap_or_default()
            ));
            seen.ended.push(truth_of(world, &done));
            if proven {
                break;
            }
            for node in world.stage.cloud.nodes() {
                world.stage.cloud.heal_node(&node.id);
            }
        }
        ensure!(proven, "{environment} is not proven after {ROUNDS} rounds");
    }
    Ok(seen)
}

/// Asks for a plan until one waits for votes; gives the ts of its card.
async fn plan(world: &World, environment: &str, requester: &str) -> Result<String> {
    let title = format!("Approve patching {environment}?");
    let waiting = |world: &World| {
        let cards = world.stage.slack.messages(CHANNEL);
        cards.into_iter().find(|card| says(card, &[&title, "[Approve]"])).map(|card| card.ts)
    };
    let began = std::time::Instant::now();
    loop {
        // A void plan is replaced by itself.
        if let Some(ts) = waiting(world) {
            return Ok(ts);
        }
        ensure!(began.elapsed() < PATIENCE, "no plan of {environment} ever waits for votes");
        types(world, requester, &format!("/patch plan {environment}")).await?;
        let until = world.stage.clock.now() + TimeDelta::minutes(12);
        let looking = world.stage.until_within(PATIENCE, "a plan", |_| waiting(world));
        tokio::select! {
            ts = looking => return ts,
            () = world.stage.clock.sleep_until(until) => {}
        }
    }
}

/// Votes on a plan, with some to and fro, and waits for the end of its run; gives its card.
async fn decide(
    world: &World,
    rng: &mut Rng,
    seen: &mut Seen,
    ts: &str,
    voters: [&'static str; 2],
) -> Result<Message> {
    if rng.u32(..100) < 10 {
        presses(world, OMAR, ts, "Approve").await?;
    }
    if rng.u32(..100) < 8 && presses(world, voters[0], ts, "Reject…").await? {
        says_why(world, voters[0], "not this week").await?;
        // If the dialog was lost, it can still be approved.
    }
    if rng.u32(..100) < 20 && votes(world, seen, ts, voters[1]).await? {
        presses(world, voters[1], ts, "Withdraw my vote").await?;
    }
    let stop_at = (rng.u32(..100) < 20).then(|| rng.usize(..4));
    for voter in voters {
        votes(world, seen, ts, voter).await?;
    }
    if let Some(commands) = stop_at {
        stops(world, rng, ts, commands).await?;
    }
    let looking = world.stage.until_within(PATIENCE, "the end of a run", |stage| {
        let card = stage.slack.message(CHANNEL, ts)?;
        ended(&card).then_some(card)
    });
    looking.await
}

/// After so many more commands Ben stops everything, and some minutes later lets it go on.
async fn stops(world: &World, rng: &mut Rng, ts: &str, commands: usize) -> Result<()> {
    let before = world.stage.cloud.commands().len();
    world
        .stage
        .until_within(PATIENCE, "commands, or the end", |stage| {
            let enough = stage.cloud.commands().len() >= before + commands;
            (enough || stage.slack.message(CHANNEL, ts).is_none_or(|card| ended(&card)))
                .then_some(())
        })
        .await?;
    world.excused.store(true, Ordering::SeqCst);
    says_until(world, "/patch stop the disks are full", "stopped everything").await?;
    let until = world.stage.clock.now() + TimeDelta::minutes(rng.i64(1..25));
    world.stage.clock.sleep_until(until).await;
    says_until(world, "/patch resume they are not", "lets everything go on").await
}

/// Types until the channel says so: an answer may be lost, and the deed with it if nobody heard.
async fn says_until(world: &World, line: &str, words: &str) -> Result<()> {
    let count = |world: &World| {
        world.stage.slack.messages(CHANNEL).iter().filter(|card| says(card, &[words])).count()
    };
    let before = count(world);
    let answered = world.stage.slack.ephemerals(BEN).len();
    types(world, BEN, line).await?;
    // The card may be lost on its way, as anything that is said once; the answer then says it.
    let until = world.stage.clock.now() + TimeDelta::minutes(5);
    let looking = world.stage.until_within(PATIENCE, words, |stage| {
        let heard = stage.slack.ephemerals(BEN).len() > answered;
        (heard || count(world) > before).then_some(())
    });
    tokio::select! {
        seen = looking => seen,
        () = world.stage.clock.sleep_until(until) => Ok(()),
    }
}

/// Presses Approve until it is acknowledged or gone; tells whether it was acknowledged.
async fn votes(world: &World, seen: &mut Seen, ts: &str, voter: &'static str) -> Result<bool> {
    let withdrawn = |world: &World| world.stage.lines(ts, &["withdrew their vote"]);
    let before = (world.stage.slack.ephemerals(voter).len(), withdrawn(world));
    let done = presses(world, voter, ts, "Approve").await?;
    if done {
        world.note(format!("{voter} approves, and is heard"));
        let refused = world.stage.slack.ephemerals(voter).len() > before.0;
        if !refused {
            seen.votes.entry(ts.to_owned()).or_default().push(voter);
        }
    }
    Ok(done)
}

/// Presses until the bot acknowledges; false when there is no such button.
async fn presses(world: &World, user: &str, ts: &str, button: &str) -> Result<bool> {
    loop {
        match world.under_way(world.stage.slack.press(user, CHANNEL, ts, button)).await {
            Ok(_) => return Ok(true),
            Err(HandError::NoButton { .. }) => return Ok(false),
            Err(HandError::DispatchFailed | HandError::OperationTimeout) => hears(world).await?,
            Err(other) => return Err(other).context("a person could not press"),
        }
    }
}

async fn types(world: &World, user: &str, line: &str) -> Result<()> {
    loop {
        match world.under_way(world.stage.slack.run_command(user, CHANNEL, line)).await {
            Ok(_) => {
                world.note(format!("{user} types {line}"));
                return Ok(());
            }
            Err(HandError::DispatchFailed | HandError::OperationTimeout) => hears(world).await?,
            Err(other) => return Err(other).context("a person could not type"),
        }
    }
}

async fn hears(world: &World) -> Result<()> {
    let listening = |stage: &stories::Stage| (stage.slack.sockets() > 0).then_some(());
    world.stage.until_within(PATIENCE, "a bot that listens", listening).await
}

/// Fills in the dialog, if one opens within a minute: a dialog may be lost like any answer.
async fn says_why(world: &World, user: &str, reason: &str) -> Result<()> {
    let until = world.stage.clock.now() + TimeDelta::minutes(1);
    let opens = world.stage.until_within(PATIENCE, "a dialog", |stage| {
        stage.slack.open_views(user).pop().map(|view| view.id)
    });
    let view = tokio::select! {
        view = opens => view?,
        () = world.stage.clock.sleep_until(until) => return Ok(()),
    };
    let reason = [("reason", reason)];
    match world.under_way(world.stage.slack.submit(user, &view, &reason)).await {
        Ok(_) | Err(HandError::DispatchFailed | HandError::OperationTimeout) => Ok(()),
        Err(other) => Err(other).context("a person could not send a dialog"),
    }
}

/// The operator: looks at AWS whenever the bot asks, and says "not sent" only when that is true.
/// It is Aiko, because nobody decides on what they asked for. Never ends.
pub(crate) async fn operator(world: &World) -> Result<()> {
    loop {
        let (card, button) = world
            .stage
            .until_within(Duration::MAX, "a question", |stage| {
                let cards = stage.slack.messages(CHANNEL);
                cards.into_iter().find_map(|card| {
                    let button =
                        buttons(&card).into_iter().find(|label| label.starts_with("Not sent"))?;
                    (!is_at_aws(world, &card)).then_some((card, button))
                })
            })
            .await?;
        if presses(world, AIKO, &card.ts, &button).await? {
            world.note("the operator looks at AWS, and says that it was not sent");
            says_why(world, AIKO, "it is not in the command history").await?;
        }
        // Answered or lost: whatever it was, it is seen on the card within a minute.
        let until = world.stage.clock.now() + TimeDelta::minutes(1);
        world.stage.clock.sleep_until(until).await;
    }
}

/// Whether AWS has a command with a snapshot id that the card names.
fn is_at_aws(world: &World, card: &Message) -> bool {
    let text = plain_text(card);
    world.stage.cloud.commands().iter().any(|command| {
        let snapshot = command.parameters.get("SnapshotId").and_then(|values| values.first());
        snapshot.is_some_and(|snapshot| text.contains(snapshot))
    })
}
