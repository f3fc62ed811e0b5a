//! Many people at once: ten of them press Approve a hundred times, on both platforms.

use anyhow::{Result, ensure};
use futures_util::future::try_join_all;
use stories::{Bot, CHANNEL, Environment, HANA, On, ROOM, Settings, Somebody, Stage, crowd};

const ALL_TEN: &str = r#"["crowd-0", "crowd-1", "crowd-2", "crowd-3", "crowd-4", "crowd-5", "crowd-6", "crowd-7", "crowd-8", "crowd-9"]"#;

/// So often each of them presses on each platform.
const TIMES: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_clicks_by_ten_people_are_ten_votes_and_one_dispatch() -> Result<()> {
    let standard = Settings::default();
    let verification =
        Environment { approvers: ALL_TEN, quorum: 10, ..standard.verification.clone() };
    let stage = Stage::set(&Settings { on: On::Both, verification, ..standard }).await?;
    let _bot = Bot::start(&stage).await?;
    stage.types(HANA, "/patch plan verification").await?;
    let asks = ["Approve patching verification?", "[Approve]"];
    let (there, here) = (stage.card_there(&asks).await?, stage.card(&asks).await?);

    let people = crowd();
    let clicks = people.iter().flat_map(|one| (0..TIMES).map(move |_| one));
    let (stage_, there_, here_) = (&stage, there.id.as_str(), here.ts.as_str());
    let clicked = try_join_all(clicks.map(|one| async move {
        tokio::try_join!(presses(stage_, one, here_), presses_there(stage_, one, there_))
    }))
    .await?;
    ensure!(clicked.len() * 2 == 100, "{} clicks", clicked.len() * 2);

    stage.turns_into(&here.ts, &["verification is patched and proven"]).await?;
    stage.turns_there(&there.id, &["verification is patched and proven"]).await?;
    stage.line(&here.ts, &["Done"]).await?;
    stage.line_there(&there.id, &["Done"]).await?;
    for one in &people {
        // The words of a name and of what follows it: crowd-1 is not crowd-10.
        let line = format!("{} approved plan", one.slack);
        let votes = stage.lines(&here.ts, &[&line]);
        ensure!(votes == 1, "{} has {votes} votes in Slack", one.name);
        let line = format!("<@{}> approved plan", one.discord);
        let votes = stage.lines_there(&there.id, &[&line]);
        ensure!(votes == 1, "{} has {votes} votes in Discord", one.name);
    }
    let lines = stage.lines(&here.ts, &["approved plan"]);
    ensure!(lines == people.len(), "{lines} votes of {} people", people.len());
    stage.each_installed_once("verification-1", 6)?;
    stage.is_clean()
}

/// A click in Slack, which the bot must acknowledge.
async fn presses(stage: &Stage, who: &Somebody, ts: &str) -> Result<()> {
    Ok(stage.slack.press(&who.slack, CHANNEL, ts, "Approve").await.map(drop)?)
}

async fn presses_there(stage: &Stage, who: &Somebody, id: &str) -> Result<()> {
    Ok(stage.discord.press(&who.discord, ROOM, id, "Approve").await.map(drop)?)
}
