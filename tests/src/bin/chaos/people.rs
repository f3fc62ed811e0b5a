//! The people who vote: each on one platform or on both, until their vote is acknowledged.

use std::time::Duration;

use anyhow::{Context, Result};
use fastrand::Rng;
use futures_util::future::try_join_all;
use simulators::{discord, slack};
use stories::{
    CHANNEL, DISCORD_CHANNEL, HANA, Somebody, Stage, buttons, crowd, dice, in_discord, says,
    says_in_discord,
};

use crate::{VOTERS, World, relinking};

/// How long a person waits for a dialog, in real time.
const PATIENCE: Duration = Duration::from_secs(5);

/// The card that people vote on, on both platforms.
pub(crate) struct Cards {
    pub(crate) slack_ts: String,
    pub(crate) discord_id: String,
    /// The person to whom the configuration gave another name for a while.
    pub(crate) called_something_else: Option<Somebody>,
}

/// Hana asks for a plan, and all voters approve it.
pub(crate) async fn decide(world: &World) -> Result<Cards> {
    let mut rng = dice(world.seed, "people", 0);
    let mut cards = planned(world, &mut rng).await?;
    let mut voters: Vec<Somebody> = crowd().into_iter().take(VOTERS).collect();
    rng.shuffle(&mut voters);
    if let Some(double) = voters.first().filter(|_| rng.bool()) {
        relinking::votes_twice(world, &mut rng, double, &cards).await?;
        cards.called_something_else = Some(double.clone());
    }
    let votes = voters.iter().map(|who| {
        let (cards, platform) = (&cards, rng.u32(..3));
        async move {
            if platform != 0 {
                presses(world, who, &cards.slack_ts).await?;
            }
            if platform != 1 {
                presses_in_discord(world, who, &cards.discord_id).await?;
            }
            world.note(format!("{} is heard", who.name));
            anyhow::Ok(())
        }
    });
    try_join_all(votes).await?;
    // Each of them got an acknowledgement, so no vote is missing and the run begins.
    proven(world, &voters, &cards).await?;
    Ok(cards)
}

/// Waits for the end of the run. If the process died just before it sent a command, the bot asks a
/// person, who checks AWS first.
async fn proven(world: &World, voters: &[Somebody], cards: &Cards) -> Result<()> {
    let stage = &world.stage;
    let Some(operator) = voters.first() else { return Ok(()) };
    loop {
        let asks = |stage: &Stage| {
            let card = stage.slack.message(CHANNEL, &cards.slack_ts)?;
            let button = buttons(&card).into_iter().find(|label| label.starts_with("Not sent"));
            match button {
                Some(button) => Some(Some(button)),
                None => says(&card, &["is patched and proven"]).then_some(None),
            }
        };
        let Some(button) = stage.until("the end of the run, or a question", asks).await? else {
            return Ok(());
        };
        world.note(format!("{} looks at AWS: it was not sent", operator.name));
        if presses_button(world, operator, &cards.slack_ts, &button).await? {
            let reason = [("reason", "it is not in the command history")];
            let opens = stage.until("a dialog", |stage| {
                stage.slack.open_views(&operator.slack).pop().map(|view| view.id)
            });
            // A dialog may be lost with the process that should open it; then the person asks for
            // it again.
            if let Ok(view) = tokio::time::timeout(PATIENCE, opens).await {
                let _ = stage.slack.submit(&operator.slack, &view?, &reason).await;
            }
        }
    }
}

/// Asks until the plan exists: a command may be lost if nobody got an acknowledgement for it.
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
                stage.discord.run_command(&hana, DISCORD_CHANNEL, line).await.is_ok()
            }
        };
        world.note(format!("hana asks for a plan, and is heard: {typed}"));
        let is_asked = stage.slack.messages(CHANNEL).iter().any(|card| says(card, &asks))
            || stage
                .discord
                .messages(DISCORD_CHANNEL)
                .iter()
                .any(|card| says_in_discord(card, &asks));
        if typed || is_asked {
            break;
        }
    }
    let (slack_card, discord_card) =
        (stage.card(&asks).await?.ts, stage.card_in_discord(&asks).await?.id);
    Ok(Cards { slack_ts: slack_card, discord_id: discord_card, called_something_else: None })
}

async fn hears(stage: &Stage) -> Result<()> {
    stage
        .until("a bot that listens on both platforms", |stage| {
            (stage.slack.sockets() > 0 && stage.discord.sessions() > 0).then_some(())
        })
        .await
}

/// Presses Approve in Slack until it is acknowledged, or until the button is gone because all have
/// voted.
pub(crate) async fn presses(world: &World, who: &Somebody, ts: &str) -> Result<()> {
    presses_button(world, who, ts, "Approve").await.map(drop)
}

/// Presses until it is acknowledged; returns false if there is no such button any longer.
async fn presses_button(world: &World, who: &Somebody, ts: &str, button: &str) -> Result<bool> {
    loop {
        match world.stage.slack.press(&who.slack, CHANNEL, ts, button).await {
            Ok(_) => return Ok(true),
            Err(slack::UserActionError::NoButton { .. }) => return Ok(false),
            Err(
                slack::UserActionError::DispatchFailed | slack::UserActionError::OperationTimeout,
            ) => {
                world.note(format!("{} is not heard in Slack, and presses again", who.name));
                hears(&world.stage).await?;
            }
            Err(other) => return Err(other).context("somebody could not press in Slack"),
        }
    }
}

pub(crate) async fn presses_in_discord(world: &World, who: &Somebody, id: &str) -> Result<()> {
    loop {
        match world.stage.discord.press(&who.discord, DISCORD_CHANNEL, id, "Approve").await {
            Ok(_) | Err(discord::UserActionError::NoComponent { .. }) => return Ok(()),
            Err(discord::UserActionError::NoSession | discord::UserActionError::NoResponse) => {
                world.note(format!("{} is not heard in Discord, and presses again", who.name));
                hears(&world.stage).await?;
            }
            Err(other) => return Err(other).context("somebody could not press in Discord"),
        }
    }
}
