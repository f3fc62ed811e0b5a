//! The emergency stop outlives the process.

use anyhow::{Context, Result, ensure};
use simulators::aws::World;
use simulators::slack::plain_text;
use stories::{
    AIKO, BEN, Bot, CHANNEL, DISCORD_CHANNEL, OMAR, Platforms, Settings, Side, Stage, in_discord,
    says, says_in_discord,
};

use crate::scene::{approved, planned};

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_stop_survives_a_restart_until_resume() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    let canary = stage.aws_gate.hold("SendCommand", ":install-w0-", Side::Before);
    approved(&stage, &ts).await?;
    canary.caught().await?;
    canary.passes();
    // The canary is installed; the scan that would judge it is held, and then everything is
    // stopped.
    stage.freeze();
    stage.installs("verification-1", 1).await?;
    stage.card_becomes(&ts, &["Wave 1 of 2"]).await?;
    stage
        .types_and_reads(OMAR, "/patch stop I do not like it", &["Only people who may approve"])
        .await?;
    stage
        .types_and_reads(
            BEN,
            "/patch stop disk alarms on web-3",
            &["Emergency stop", "disk alarms"],
        )
        .await?;
    stage.card(&["stopped everything", "disk alarms on web-3"]).await?;
    stage.card_becomes(&ts, &["Emergency stop", "/patch resume"]).await?;
    bot.kill().await?;
    stage.thaw();

    let bot = Bot::start(&stage).await?;
    stage.types_and_reads(BEN, "/patch status", &["Emergency stop", "disk alarms"]).await?;
    stage.card_becomes(&ts, &["Emergency stop"]).await?;
    let sent = stage.commands("verification-1", "Install").len();
    ensure!(sent == 1, "{sent} Installs in spite of the stop");
    bot.kill().await?;

    let _bot = Bot::start(&stage).await?;
    stage.resumes(BEN, "the alarms are over").await?;
    stage.card(&["resumed everything", "the alarms are over"]).await?;
    stage.installs("verification-1", 2).await?;
    let done = stage.slack.message(CHANNEL, &ts).is_some();
    ensure!(done, "the card is gone");
    stage.thread_line(&ts, &["Done", "nodes compliant"]).await?;
    ensure!(stage.commands("verification-1", "Install").len() == 2, "one Install a wave");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_while_the_stop_is_posted_neither_loses_nor_repeats_a_notice() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    // The process dies before Slack has the notice, or after Slack has it and before the bot knows.
    for (side, line, reason, said) in [
        (Side::Before, "/patch stop disk alarms", "disk alarms", "stopped everything"),
        (Side::After, "/patch resume new disks", "new disks", "resumed everything"),
        (Side::After, "/patch stop smoke", "smoke", "stopped everything"),
        (Side::Before, "/patch resume it was toast", "it was toast", "resumed everything"),
    ] {
        let bot = Bot::start(&stage).await?;
        let post = stage.slack_gate.hold("chat.postMessage", reason, side);
        match line.strip_prefix("/patch resume ") {
            Some(reason) => stage.resumes(BEN, reason).await?,
            None => stage.types(BEN, line).await.map(drop)?,
        }
        post.caught().await?;
        bot.kill().await?;
        post.lost();

        let bot = Bot::start(&stage).await?;
        stage.card(&[said, reason]).await?;
        stage.types_and_reads(BEN, "/patch runs", &["Runs"]).await?;
        let notices = stage.slack.messages(CHANNEL);
        let notices = notices.iter().filter(|card| plain_text(card).contains(reason)).count();
        ensure!(notices == 1, "{notices} notices of {reason:?}\n{}", stage.transcript());
        bot.kill().await?;
    }
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_can_resume_a_stop_that_they_were_not_shown() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let bot = Bot::start(&stage).await?;
    stage
        .types_and_reads(AIKO, "/patch stop disk alarms", &["Emergency stop", "disk alarms"])
        .await?;
    let line = "/patch resume the alarms are over";
    stage.types_and_reads(OMAR, line, &["Only people who may approve"]).await?;
    let shown = ["Nothing is resumed yet", "disk alarms", "the alarms are over"];
    stage.types_and_presses(BEN, line, &shown, "Resume…").await?;
    // While Ben writes why, Aiko notices something else.
    stage.types_and_reads(AIKO, "/patch stop smoke", &["Emergency stop", "smoke"]).await?;
    let before = stage.slack.ephemerals(BEN).len();
    stage.gives_reason(BEN, "the alarms are over").await?;
    stage
        .private_answer(BEN, before, &["Nothing was resumed", "another emergency stop", "smoke"])
        .await?;
    // The old button has no further effect, also after a restart.
    bot.kill().await?;
    let _bot = Bot::start(&stage).await?;
    let old = stage.slack.ephemerals(BEN).into_iter().find(|card| says(card, &shown));
    let old = old.context("the answer is gone")?;
    stage.presses_and_reads(BEN, &old.ts, "Resume…", &["another emergency stop", "smoke"]).await?;
    stage.types_and_reads(BEN, "/patch status", &["Emergency stop", "smoke"]).await?;
    let aloud = stage.slack.messages(CHANNEL);
    ensure!(!aloud.iter().any(|card| says(card, &["resumed everything"])), "it went on");
    // Ben sees the new stop now, and ends it.
    stage.resumes(BEN, "it was toast").await?;
    stage.card(&["resumed everything", "it was toast"]).await?;
    stage.types_and_reads(BEN, "/patch resume again", &["There is no emergency stop"]).await?;
    stage.is_clean()
}

/// Verification with so many nodes that they need several commands.
fn crowded(world: &mut World) {
    world.nodes.iter_mut().for_each(|node| node.fault = None);
    let first = world.nodes.iter().find(|node| node.name.starts_with("ver-")).cloned();
    let more = first.into_iter().flat_map(|node| {
        (0..170).map(move |number| {
            let (id, name) = (format!("i-0c0{number:014x}"), format!("ver-more-{number:03}"));
            simulators::aws::NodeSpec { id, name, ..node.clone() }
        })
    });
    world.nodes.extend(more.collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_in_discord_can_resume_a_stop_that_they_were_not_shown() -> Result<()> {
    let stage =
        Stage::set(&Settings { platforms: Platforms::Discord, ..Settings::default() }).await?;
    let bot = Bot::start(&stage).await?;
    let ben = in_discord(BEN);
    let told = |stage: &Stage| stage.discord.ephemerals(&ben).len();
    stage.types_in_discord(AIKO, "/patch stop reason:disk alarms").await?;
    stage.private_answer_in_discord(AIKO, &["Emergency stop", "disk alarms"]).await?;
    let line = "/patch resume reason:the alarms are over";
    stage.types_in_discord(OMAR, line).await?;
    stage.private_answer_in_discord(OMAR, &["Only people who may approve"]).await?;
    stage.types_and_presses_in_discord(BEN, line, "Resume…").await?;
    let shown = ["Nothing is resumed yet", "disk alarms", "the alarms are over"];
    let old = stage.discord.ephemerals(&ben).into_iter().find(|card| says_in_discord(card, &shown));
    let old = old.context("what is stopped was not shown")?;
    // While Ben writes why, Aiko notices something else.
    stage.types_in_discord(AIKO, "/patch stop reason:smoke").await?;
    stage.private_answer_in_discord(AIKO, &["Emergency stop", "smoke"]).await?;
    let before = told(&stage);
    stage.gives_reason_in_discord(BEN, "the alarms are over").await?;
    stage
        .private_answer_in_discord_after(
            BEN,
            before,
            &["Nothing was resumed", "another emergency stop", "smoke"],
        )
        .await?;
    // The old button has no further effect, also after a restart.
    bot.kill().await?;
    let _bot = Bot::start(&stage).await?;
    let before = told(&stage);
    stage.presses_in_discord(BEN, &old.id, "Resume…").await?;
    stage
        .private_answer_in_discord_after(BEN, before, &["another emergency stop", "smoke"])
        .await?;
    let aloud = stage.discord.messages(DISCORD_CHANNEL);
    ensure!(!aloud.iter().any(|card| says_in_discord(card, &["resumed everything"])), "it went on");
    // Ben sees the new stop now, and ends it. Then neither button has anything to end.
    stage.types_and_presses_in_discord(BEN, "/patch resume reason:it was toast", "Resume…").await?;
    stage.gives_reason_in_discord(BEN, "it was toast").await?;
    stage.card_in_discord(&["resumed everything", "it was toast"]).await?;
    let shown = ["Nothing is resumed yet", "smoke", "it was toast"];
    let new = stage.discord.ephemerals(&ben).into_iter().find(|card| says_in_discord(card, &shown));
    for button in [old, new.context("what is stopped was not shown")?] {
        let before = told(&stage);
        stage.presses_in_discord(BEN, &button.id, "Resume…").await?;
        stage.private_answer_in_discord_after(BEN, before, &["There is no emergency stop"]).await?;
    }
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_during_a_scheduled_scan_holds_the_rest_back_until_resume() -> Result<()> {
    let settings = Settings { scan: true, ..Settings::default() };
    let stage = Stage::with(&settings, crowded).await?;
    let sends = |stage: &Stage| {
        let calls = stage.cloud.calls().into_iter();
        calls.filter(|call| call.operation == "SendCommand").collect::<Vec<_>>()
    };
    let wire = stage.aws_gate.hold("SendCommand", "patchbot:scan:verification", Side::Before);
    let _bot = Bot::start(&stage).await?;
    wire.caught().await?;
    // Production's only command may have been sent by then, or be under way.
    stage.until("production's scan", |stage| (sends(stage).len() == 1).then_some(())).await?;
    stage
        .types_and_reads(BEN, "/patch stop disk alarms", &["Emergency stop", "disk alarms"])
        .await?;
    wire.passes();
    // What was under way is cancelled, and none of the later parts is sent.
    let cancelled = |stage: &Stage| {
        let mut calls = stage.cloud.calls().into_iter();
        calls.any(|call| call.operation == "CancelCommand").then_some(())
    };
    stage.until("the end of what was on the wire", cancelled).await?;
    stage.types_and_reads(BEN, "/patch status", &["Emergency stop"]).await?;
    ensure!(sends(&stage).len() == 2, "{:?}", sends(&stage));

    stage.resumes(BEN, "the alarms are over").await?;
    let all = |stage: &Stage| {
        let scanned = sends(stage).into_iter().skip(2).flat_map(|call| {
            let ids = call.input["InstanceIds"].as_array().cloned();
            ids.unwrap_or_default()
        });
        let scanned: std::collections::BTreeSet<String> =
            scanned.map(|id| id.to_string()).collect();
        (scanned.len() == 176).then_some(())
    };
    stage.until("a scan of every node", all).await.context("the scan did not go on")?;
    stage.is_clean()
}
