//! Reminders are posted once, whenever the process dies.

use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use simulators::clock::Skewed;
use stories::{BEN, CHANNEL, InProcessBot, Settings, Side, Stage};

/// The line of the thread after everything has been stopped for so long.
fn due(days: i64) -> String {
    match days {
        1 => "The emergency stop has been in effect for a day".to_owned(),
        days => format!("The emergency stop has been in effect for {days} days"),
    }
}

async fn started(stage: &Stage, host: &Skewed) -> Result<InProcessBot> {
    let before = stage.slack.sockets();
    let bot = InProcessBot::start(stage, host)?;
    stage.until("it listens", |stage| (stage.slack.sockets() > before).then_some(())).await?;
    Ok(bot)
}

/// Stops everything; returns the ts of the card.
async fn stopped(stage: &Stage) -> Result<String> {
    stage
        .types_and_reads(BEN, "/patch stop disk alarms", &["Emergency stop", "disk alarms"])
        .await?;
    Ok(stage.card(&["stopped everything", "disk alarms"]).await?.ts)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_active_stop_is_reminded_of_once_a_day_until_it_ends() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let host = Skewed::of(&stage.clock);
    let _bot = started(&stage, &host).await?;
    let card = stopped(&stage).await?;
    for day in 1..=3 {
        ensure!(stage.thread_lines(&card, &[&due(day)]) == 0, "day {day} was told before its time");
        stage.clock.advance(TimeDelta::days(1));
        stage.thread_line(&card, &[&due(day), "/patch resume"]).await?;
    }
    stage.resumes(BEN, "the alarms are over").await?;
    stage.card(&["resumed everything"]).await?;
    stage.clock.advance(TimeDelta::days(2));
    // Later requests get later answers: by then a reminder would have been posted.
    stage.types_and_reads(BEN, "/patch status", &["Environment status"]).await?;
    for day in 1..=3 {
        let times = stage.thread_lines(&card, &[&due(day)]);
        ensure!(times == 1, "day {day} was told {times} times");
    }
    ensure!(
        stage.thread_lines(&card, &[&due(4)]) + stage.thread_lines(&card, &[&due(5)]) == 0,
        "it is over"
    );
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_is_posted_once_whenever_the_process_is_killed() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let host = Skewed::of(&stage.clock);
    let mut bot = started(&stage, &host).await?;
    let card = stopped(&stage).await?;
    // Slack does not have the line yet, or has it and the bot does not know.
    for (day, side) in [(1, Side::Before), (2, Side::After)] {
        let post = stage.slack_gate.hold("chat.postMessage", &due(day), side);
        stage.clock.advance(TimeDelta::days(1));
        post.caught().await.with_context(|| format!("day {day}"))?;
        bot.kill().await?;
        post.lost();
        bot = started(&stage, &host).await?;
        stage.thread_line(&card, &[&due(day)]).await?;
    }
    // The process is dead when the reminder is due, for three days: only the newest is posted.
    bot.kill().await?;
    stage.clock.advance(TimeDelta::days(3));
    bot = started(&stage, &host).await?;
    stage.thread_line(&card, &[&due(5)]).await?;
    bot.kill().await?;
    let _bot = started(&stage, &host).await?;
    stage.types_and_reads(BEN, "/patch status", &["Environment status"]).await?;
    for (day, times) in [(1, 1), (2, 1), (3, 0), (4, 0), (5, 1)] {
        let told = stage.thread_lines(&card, &[&due(day)]);
        ensure!(told == times, "day {day} was told {told} times");
    }
    ensure!(stage.slack.message(CHANNEL, &card).is_some(), "the card is gone");
    stage.is_clean()
}
