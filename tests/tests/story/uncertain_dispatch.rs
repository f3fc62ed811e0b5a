//! An Install was decided, and it is uncertain whether it was sent. Nothing is sent again
//! automatically.

use anyhow::{Result, ensure};
use simulators::slack::plain_text;
use stories::{AIKO, Bot, CHANNEL, OMAR, Settings, Side, Stage, buttons};

use crate::scene::{approved, planned};

#[tokio::test(flavor = "multi_thread")]
async fn an_uncertain_install_is_sent_again_only_when_a_person_says_so() -> Result<()> {
    let stage = Stage::set(&Settings { reconcile: "1s", ..Settings::default() }).await?;
    let bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    let send = stage.aws_gate.hold("SendCommand", ":install-w0-", Side::Before);
    approved(&stage, &ts).await?;
    send.caught().await?;
    bot.kill().await?;
    send.lost();

    let bot = Bot::start(&stage).await?;
    let words = [
        "does not know whether",
        "searched the list of commands from",
        "does not send the command again",
    ];
    let card = stage.card_becomes(&ts, &words).await?;
    let button = buttons(&card).into_iter().find(|label| label.starts_with("Not sent"));
    let button = button.ok_or_else(|| anyhow::anyhow!("no button:\n{}", plain_text(&card)))?;
    stage.thread_line(&ts, &["patchbot cannot find"]).await?;
    // Another restart changes nothing about it.
    bot.kill().await?;
    let _bot = Bot::start(&stage).await?;
    ensure!(stage.commands("verification-1", "Install").is_empty(), "it was sent by itself");

    // A person who may not decide is not even asked for a reason.
    stage.presses_and_reads(OMAR, &ts, &button, &["You may not decide"]).await?;
    ensure!(stage.commands("verification-1", "Install").is_empty(), "an outsider sent it");

    stage.presses(AIKO, &ts, &button).await?;
    stage.gives_reason(AIKO, "not in the command history of the account").await?;
    stage.thread_line(&ts, &["was not sent", "not in the command history"]).await?;
    stage.card_becomes(&ts, &["verification is patched and proven"]).await?;
    let comments: Vec<String> =
        stage.commands("verification-1", "Install").into_iter().map(|c| c.comment).collect();
    ensure!(comments.len() == 2 && comments[0].ends_with(":install-w0-c0:2"), "{comments:?}");
    stage.each_installed_once("verification-1", 6)?;
    let last = stage.slack.message(CHANNEL, &ts).map(|card| buttons(&card)).unwrap_or_default();
    ensure!(!last.iter().any(|label| label.starts_with("Not sent")), "{last:?}");
    stage.is_clean()
}
