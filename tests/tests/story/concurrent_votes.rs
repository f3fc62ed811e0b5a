//! Many people at once: ten of them press Approve a hundred times, on both platforms.

use anyhow::{Result, ensure};
use futures_util::future::try_join_all;
use stories::{
    Bot, CHANNEL, DISCORD_CHANNEL, Environment, HANA, Platforms, Settings, Somebody, Stage, crowd,
};

const ALL_TEN: &str = r#"["crowd-0", "crowd-1", "crowd-2", "crowd-3", "crowd-4", "crowd-5", "crowd-6", "crowd-7", "crowd-8", "crowd-9"]"#;

/// How often each of them presses on each platform.
const TIMES: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_clicks_by_ten_people_are_ten_votes_and_one_dispatch() -> Result<()> {
    let standard = Settings::default();
    let verification =
        Environment { approvers: ALL_TEN, quorum: 10, ..standard.verification.clone() };
    let stage =
        Stage::set(&Settings { platforms: Platforms::Both, verification, ..standard }).await?;
    let _bot = Bot::start(&stage).await?;
    stage.types(HANA, "/patch plan verification").await?;
    let asks = ["Approve patching verification?", "[Approve]"];
    let (discord_card, slack_card) =
        (stage.card_in_discord(&asks).await?, stage.card(&asks).await?);

    let people = crowd();
    let clicks = people.iter().flat_map(|one| (0..TIMES).map(move |_| one));
    let (world, discord_id, slack_ts) = (&stage, discord_card.id.as_str(), slack_card.ts.as_str());
    let clicked = try_join_all(clicks.map(|one| async move {
        tokio::try_join!(presses(world, one, slack_ts), presses_in_discord(world, one, discord_id))
    }))
    .await?;
    ensure!(clicked.len() * 2 == 100, "{} clicks", clicked.len() * 2);

    stage.card_becomes(&slack_card.ts, &["verification is patched and proven"]).await?;
    stage
        .card_becomes_in_discord(&discord_card.id, &["verification is patched and proven"])
        .await?;
    stage.thread_line(&slack_card.ts, &["Done"]).await?;
    stage.thread_line_in_discord(&discord_card.id, &["Done"]).await?;
    for one in &people {
        // The name and the words that follow it: crowd-1 is not crowd-10.
        let line = format!("{} approved plan", one.slack);
        let votes = stage.thread_lines(&slack_card.ts, &[&line]);
        ensure!(votes == 1, "{} has {votes} votes in Slack", one.name);
        let line = format!("<@{}> approved plan", one.discord);
        let votes = stage.thread_lines_in_discord(&discord_card.id, &[&line]);
        ensure!(votes == 1, "{} has {votes} votes in Discord", one.name);
    }
    let lines = stage.thread_lines(&slack_card.ts, &["approved plan"]);
    ensure!(lines == people.len(), "{lines} votes of {} people", people.len());
    stage.each_installed_once("verification-1", 6)?;
    stage.is_clean()
}

/// A click in Slack, which the bot must acknowledge.
async fn presses(stage: &Stage, who: &Somebody, ts: &str) -> Result<()> {
    Ok(stage.slack.press(&who.slack, CHANNEL, ts, "Approve").await.map(drop)?)
}

async fn presses_in_discord(stage: &Stage, who: &Somebody, id: &str) -> Result<()> {
    Ok(stage.discord.press(&who.discord, DISCORD_CHANNEL, id, "Approve").await.map(drop)?)
}
