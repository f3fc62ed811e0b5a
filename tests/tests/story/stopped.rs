//! The emergency stop outlives the process.

use anyhow::{Result, ensure};
use stories::{BEN, Bot, CHANNEL, OMAR, Settings, Side, Stage};

use crate::scene::{approved, planned};

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_in_the_middle_survives_and_only_resume_ends_it() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    let canary = stage.aws_gate.hold("SendCommand", ":install-w0-", Side::Before);
    approved(&stage, &ts).await?;
    canary.caught().await?;
    canary.passes();
    // The canary is installed; the scan that would judge it is held, and then everything stops.
    stage.freeze();
    stage.installs("verification-1", 1).await?;
    stage.turns_into(&ts, &["Wave 1 of 2"]).await?;
    stage.hears(OMAR, "/patch stop I do not like it", &["Only people who may approve"]).await?;
    stage.hears(BEN, "/patch stop disk alarms on web-3", &["Stopped", "disk alarms"]).await?;
    stage.card(&["stopped everything", "disk alarms on web-3"]).await?;
    stage.turns_into(&ts, &["Everything is stopped", "/patch resume"]).await?;
    bot.kill().await?;
    stage.thaw();

    let bot = Bot::start(&stage).await?;
    stage.hears(BEN, "/patch status", &["Stopped", "disk alarms"]).await?;
    stage.turns_into(&ts, &["Everything is stopped"]).await?;
    let sent = stage.commands("verification-1", "Install").len();
    ensure!(sent == 1, "{sent} Installs in spite of the stop");
    bot.kill().await?;

    let _bot = Bot::start(&stage).await?;
    stage.hears(BEN, "/patch resume the alarms are over", &["Going on"]).await?;
    stage.card(&["lets everything go on", "the alarms are over"]).await?;
    stage.installs("verification-1", 2).await?;
    let done = stage.slack.message(CHANNEL, &ts).is_some();
    ensure!(done, "the card is gone");
    stage.line(&ts, &["Done", "nodes compliant"]).await?;
    ensure!(stage.commands("verification-1", "Install").len() == 2, "one Install a wave");
    stage.is_clean()
}
