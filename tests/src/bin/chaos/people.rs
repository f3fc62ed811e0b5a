//! People who vote: each on one platform or on both, until they are heard.

use anyhow::{Context, Result};
use fastrand::Rng;
use futures_util::future::try_join_all;
use simulators::{discord, slack};
use stories::{CHANNEL, HANA, ROOM, Somebody, Stage, crowd, dice, in_discord, says, says_there};

use crate::{VOTERS, World};

/// The card that people vote on, on both platforms.
pub(crate) struct Cards {
    pub(crate) here: String,
    pub(crate) there: String,
}

/// Hana asks for a plan, and all voters approve it.
pub(crate) async fn decide(world: &World) -> Result<Cards> {
    let stage = &world.stage;
    let mut rng = dice(world.seed, "people", 0);
    let cards = planned(world, &mut rng).await?;
    let mut voters: Vec<Somebody> = crowd().into_iter().take(VOTERS).collect();
    rng.shuffle(&mut voters);
    let votes = voters.iter().map(|who| {
        let (cards, where_) = (&cards, rng.u32(..3));
        async move {
            if where_ != 0 {
                presses(world, who, &cards.here).await?;
            }
            if where_ != 1 {
                presses_there(world, who, &cards.there).await?;
            }
            world.note(format!("{} is heard", who.name));
            anyhow::Ok(())
        }
    });
    try_join_all(votes).await?;
    // Each was told that it arrived: no vote is missing then, and the run begins.
    stage.turns_into(&cards.here, &["is patched and proven"]).await?;
    Ok(cards)
}

/// Asks until the plan is there: what was typed may be lost, and nobody was told that it arrived.
async fn planned(world: &World, rng: &mut Rng) -> Result<Cards> {
    let stage = &world.stage;
    let asks = ["Approve patching verification?", "[Approve]"];
    loop {
        hears(stage).await?;
        let typed = match rng.bool() {
            true => {
                let line = "/patch plan verification";
                stage.slack.run_command(HANA, CHANNEL, line).await.is_ok()
            }
            false => {
                let (hana, line) = (in_discord(HANA), "/patch plan environment:verification");
                stage.discord.run_command(&hana, ROOM, line).await.is_ok()
            }
        };
        world.note(format!("hana asks for a plan, and is heard: {typed}"));
        let there_already = stage.slack.messages(CHANNEL).iter().any(|card| says(card, &asks))
            || stage.discord.messages(ROOM).iter().any(|card| says_there(card, &asks));
        if typed || there_already {
            break;
        }
    }
    let (here, there) = (stage.card(&asks).await?.ts, stage.card_there(&asks).await?.id);
    Ok(Cards { here, there })
}

async fn hears(stage: &Stage) -> Result<()> {
    stage
        .until("a bot that listens on both platforms", |stage| {
            (stage.slack.sockets() > 0 && stage.discord.sessions() > 0).then_some(())
        })
        .await
}

/// Presses in Slack until it is acknowledged, or the button is gone because all have voted.
async fn presses(world: &World, who: &Somebody, ts: &str) -> Result<()> {
    loop {
        match world.stage.slack.press(&who.slack, CHANNEL, ts, "Approve").await {
            Ok(_) | Err(slack::HandError::NoButton { .. }) => return Ok(()),
            Err(slack::HandError::DispatchFailed | slack::HandError::OperationTimeout) => {
                world.note(format!("{} is not heard in Slack, and presses again", who.name));
                hears(&world.stage).await?;
            }
            Err(other) => return Err(other).context("somebody could not press in Slack"),
        }
    }
}

async fn presses_there(world: &World, who: &Somebody, id: &str) -> Result<()> {
    loop {
        match world.stage.discord.press(&who.discord, ROOM, id, "Approve").await {
            Ok(_) | Err(discord::HandError::NoComponent { .. }) => return Ok(()),
            Err(discord::HandError::NoSession | discord::HandError::NoResponse) => {
                world.note(format!("{} is not heard in Discord, and presses again", who.name));
                hears(&world.stage).await?;
            }
            Err(other) => return Err(other).context("somebody could not press in Discord"),
        }
    }
}
