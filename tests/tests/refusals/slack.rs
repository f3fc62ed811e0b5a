//! Slack that fails, and a workspace without charts. In the end the cards are right.

use anyhow::{Result, ensure};
use simulators::slack::Fault;
use stories::{AIKO, Bot, HANA, Settings, Stage};

#[tokio::test(flavor = "multi_thread")]
async fn the_cards_are_right_in_the_end_whatever_slack_does() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    stage.card(&["should not wait"]).await?;
    for fault in [Fault::ServerError, Fault::ResetAfter, Fault::RateLimited(1)] {
        stage.slack.fail_next("chat.postMessage", fault);
    }
    stage.types(HANA, "/patch plan verification").await?;
    let card = stage.card(&["Approve patching verification?"]).await?;
    for fault in [Fault::RateLimited(1), Fault::ServerError, Fault::ResetBefore, Fault::ResetAfter]
    {
        stage.slack.fail_next("chat.update", fault);
    }
    for fault in [Fault::ResetAfter, Fault::ServerError] {
        stage.slack.fail_next("chat.postMessage", fault);
    }
    // An answer that cannot be posted to its address is posted another way.
    stage.slack.fail_next("response_url", Fault::ServerError);
    stage.presses_and_reads(AIKO, &card.ts, "Approve", &["is now approved"]).await?;
    stage.card_becomes(&card.ts, &["verification is patched and proven"]).await?;
    stage.thread_line(&card.ts, &["Done", "6 of 6"]).await?;
    stage.card(&["Patch compliance after verification-1"]).await?;
    for line in ["approved plan", "is approved", "Wave 1 of 2 started", "Wave 2 of 2 started"] {
        let times = stage.thread_lines(&card.ts, &[line]);
        ensure!(times == 1, "{line:?} stands {times} times in the thread");
    }
    stage.each_installed_once("verification-1", 6)?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn cards_without_charts_say_the_same_in_words() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    stage.slack.refuse_charts(true);
    let _bot = Bot::start(&stage).await?;
    stage.types(HANA, "/patch plan verification").await?;
    let card = stage.card(&["Approve patching verification?"]).await?;
    stage.presses(AIKO, &card.ts, "Approve").await?;
    let report = stage.card(&["Patch compliance after verification-1", "100%", "0%"]).await?;
    let charts = report.blocks.iter().filter(|block| block["type"] == "data_visualization").count();
    ensure!(charts == 0, "a chart that the workspace refused hangs there");
    let told =
        stage.types_and_reads(HANA, "/patch compliance", &["Patch compliance", "100%"]).await?;
    ensure!(told.contains("production"), "{told}");
    Ok(())
}
