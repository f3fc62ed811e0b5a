//! Old completed interactions are forgotten, so that the store stays small over years; new ones are
//! not.

use anyhow::{Result, ensure};
use chrono::TimeDelta;
use simulators::clock::Skewed;
use storage::{MAX_PAGE, SledStore, Store as _};
use stories::{InProcessBot, OMAR, Settings, Stage};

/// How many names of handled interactions are in the store of a bot that is not running.
async fn names(stage: &Stage) -> Result<usize> {
    let store = SledStore::open(stage.store())?;
    Ok(store.list("inbox/", None, MAX_PAGE).await?.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn handled_interactions_are_forgotten_after_a_week() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let host = Skewed::of(&stage.clock);
    let bot = InProcessBot::start(&stage, &host)?;
    stage.until("it listens", |stage| (stage.slack.sockets() > 0).then_some(())).await?;
    let status = ["Environment status"];
    for _ in 0..3 {
        stage.types_and_reads(OMAR, "/patch status", &status).await?;
    }
    bot.kill().await?;
    ensure!(names(&stage).await? == 3, "a name is missing");
    stage.clock.advance(TimeDelta::days(6));

    // The bot was off for days, and cleans up as soon as it starts.
    let bot = InProcessBot::start(&stage, &host)?;
    stage.until("it listens again", |stage| (stage.slack.sockets() > 0).then_some(())).await?;
    stage.types_and_reads(OMAR, "/patch status", &status).await?;
    bot.kill().await?;
    ensure!(names(&stage).await? == 4, "a name went before its time");
    stage.clock.advance(TimeDelta::days(1));

    let bot = InProcessBot::start(&stage, &host)?;
    stage.until("it listens once more", |stage| (stage.slack.sockets() > 0).then_some(())).await?;
    let told = stage.slack.ephemerals(OMAR).len();
    let asked = stage.types(OMAR, "/patch status").await?;
    stage.private_answer(OMAR, told, &status).await?;
    stage.types_and_reads(OMAR, "/patch status", &status).await?;
    let answers = stage.slack.ephemerals(OMAR).len();
    stage.slack.redeliver(&asked.envelope_id).await?;
    stage.types_and_reads(OMAR, "/patch status", &status).await?;
    let more = stage.slack.ephemerals(OMAR).len() - answers;
    ensure!(more == 1, "what came again was answered again");
    bot.kill().await?;
    let left = names(&stage).await?;
    ensure!(left == 4, "of the fourth and three new ones, {left} are there");
    stage.is_clean()
}
