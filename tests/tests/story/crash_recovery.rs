//! The process is killed without warning, at the moments where that could do harm, and restarted on
//! the same store.

use anyhow::{Result, ensure};
use chrono::TimeDelta;
use simulators::aws::Pace;
use stories::{AIKO, Bot, CHANNEL, HANA, Settings, Side, Stage, key};

use crate::scene::{approved, planned, proven};

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_approval_and_dispatch_sends_the_install_once() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    // It surveys the nodes once more before it starts. The request is held there.
    let look = stage.aws_gate.hold("DescribeInstanceInformation", "", Side::Before);
    approved(&stage, &ts).await?;
    look.caught().await?;
    stage.card_becomes(&ts, &["Approved: verification is waiting to start"]).await?;
    bot.kill().await?;
    look.lost();
    ensure!(stage.commands("verification-1", "Install").is_empty(), "something was sent");

    let _bot = Bot::start(&stage).await?;
    proven(&stage, &ts).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_before_the_answer_to_send_command_adopts_the_command() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    let answer = stage.aws_gate.hold("SendCommand", ":install-w0-", Side::After);
    approved(&stage, &ts).await?;
    answer.caught().await?;
    bot.kill().await?;
    answer.lost();
    ensure!(stage.commands("verification-1", "Install").len() == 1, "AWS has not taken it");

    let _bot = Bot::start(&stage).await?;
    stage.thread_line(&ts, &["patchbot found", "nothing was sent again"]).await?;
    proven(&stage, &ts).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_aws_lists_late_is_adopted_after_a_kill() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    stage.cloud.set_pace(Pace { command_lag: TimeDelta::milliseconds(1500), ..Pace::quick() });
    let bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    let answer = stage.aws_gate.hold("SendCommand", ":install-w1-", Side::After);
    approved(&stage, &ts).await?;
    answer.caught().await?;
    bot.kill().await?;
    answer.lost();

    let _bot = Bot::start(&stage).await?;
    stage.card_becomes(&ts, &["does not know whether", "does not send it again meanwhile"]).await?;
    stage.thread_line(&ts, &["patchbot found", "nothing was sent again"]).await?;
    proven(&stage, &ts).await
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_during_install_and_scan_repeat_neither() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    let canary = stage.aws_gate.hold("SendCommand", ":install-w0-", Side::Before);
    approved(&stage, &ts).await?;
    canary.caught().await?;
    stage.freeze();
    canary.passes();
    stage.installs("verification-1", 1).await?;
    stage.card_becomes(&ts, &["Wave 1 of 2: installing, 0 of 1"]).await?;
    bot.kill().await?;
    stage.thaw();

    // The scan that judges the canary is accepted, and does not end.
    let scan = stage.aws_gate.hold("SendCommand", ":scan-w0-", Side::Before);
    let bot = Bot::start(&stage).await?;
    scan.caught().await?;
    stage.freeze();
    scan.passes();
    stage
        .until("the scan at AWS", |stage| {
            (!stage.commands("verification-1", "Scan").is_empty()).then_some(())
        })
        .await?;
    stage.card_becomes(&ts, &["Wave 1 of 2: scanning again"]).await?;
    bot.kill().await?;
    stage.thaw();

    let _bot = Bot::start(&stage).await?;
    proven(&stage, &ts).await?;
    ensure!(stage.commands("verification-1", "Scan").len() >= 2, "each wave is scanned");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_every_command_of_a_run_sends_each_once() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let mut bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    let mut hold = stage.aws_gate.hold("SendCommand", ":install-w0-", Side::After);
    approved(&stage, &ts).await?;
    for next in [":scan-w0-", ":install-w1-", ":scan-w1-"] {
        hold.caught().await?;
        bot.kill().await?;
        hold.lost();
        hold = stage.aws_gate.hold("SendCommand", next, Side::After);
        bot = Bot::start(&stage).await?;
    }
    hold.caught().await?;
    bot.kill().await?;
    hold.lost();
    let _bot = Bot::start(&stage).await?;
    proven(&stage, &ts).await?;
    ensure!(stage.thread_lines(&ts, &["patchbot found"]) == 4, "each of four was adopted");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_before_slacks_answer_posts_cards_and_lines_once() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let bot = Bot::start(&stage).await?;
    let posted = stage.slack_gate.hold("chat.postMessage", "run-verification-1", Side::After);
    stage.types(HANA, "/patch plan verification").await?;
    posted.caught().await?;
    bot.kill().await?;
    posted.lost();

    let bot = Bot::start(&stage).await?;
    let card = stage.card(&["Approve patching verification?", "[Approve]"]).await?;
    // The same with a line of its thread.
    let posted = stage.slack_gate.hold("chat.postMessage", "approved plan", Side::After);
    let wave = stage.aws_gate.hold("SendCommand", ":install-w0-", Side::Before);
    stage.presses(AIKO, &card.ts, "Approve").await?;
    posted.caught().await?;
    bot.kill().await?;
    posted.lost();
    wave.lost();

    let _bot = Bot::start(&stage).await?;
    // It does not matter here whether AWS had been reached by then: the thread does.
    stage.thread_line(&card.ts, &["is approved"]).await?;
    let cards = stage.slack.messages(CHANNEL);
    let runs = cards.iter().filter_map(key).filter(|key| key == "run-verification-1").count();
    ensure!(runs == 1, "the card hangs {runs} times");
    ensure!(stage.thread_lines(&card.ts, &["approved plan"]) == 1, "the line hangs twice");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledged_command_survives_a_kill() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let bot = Bot::start(&stage).await?;
    // The plan needs a survey of AWS, which is held: the command is acknowledged by then.
    let look = stage.aws_gate.hold("DescribeInstanceInformation", "", Side::Before);
    stage.types(HANA, "/patch plan verification").await?;
    look.caught().await?;
    bot.kill().await?;
    look.lost();

    let _bot = Bot::start(&stage).await?;
    let card = stage.card(&["Approve patching verification?", "[Approve]"]).await?;
    approved(&stage, &card.ts).await?;
    proven(&stage, &card.ts).await
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_after_the_start_do_not_repeat_the_scheduled_scan() -> Result<()> {
    let settings = Settings { scan: true, ..Settings::default() };
    let stage = Stage::set(&settings).await?;
    let calls = |stage: &Stage, operation: &str| {
        stage.cloud.calls().iter().filter(|call| call.operation == operation).count()
    };
    let scans = |stage: &Stage| calls(stage, "SendCommand");
    let looks = |stage: &Stage| calls(stage, "DescribeInstancePatchStatesForPatchGroup");
    let bot = Bot::start(&stage).await?;
    stage.until("a scan of both", |stage| (scans(stage) == 2).then_some(())).await?;
    bot.kill().await?;
    for _ in 0..3 {
        let before = looks(&stage);
        let bot = Bot::start(&stage).await?;
        // It reads the patch states again, but does not scan again.
        stage.until("a look at both", |stage| (looks(stage) >= before + 2).then_some(())).await?;
        bot.kill().await?;
    }
    ensure!(scans(&stage) == 2, "{} scans were sent", scans(&stage));
    Ok(())
}
