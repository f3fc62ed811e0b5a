//! It is uncertain whether an Install was sent, and a person says what happened: the bot checks AWS
//! before it believes anybody.

use anyhow::{Context, Result, bail, ensure};
use chrono::TimeDelta;
use simulators::aws::Pace;
use simulators::clock::Skewed;
use simulators::slack::Message;
use stories::{AIKO, BEN, Bot, HANA, InProcessBot, Settings, Side, Stage, buttons};

use crate::scene::{approved, planned, proven};

/// The label of a button of this card.
fn button(card: &Message, begins: &str) -> Result<String> {
    let label = buttons(card).into_iter().find(|label| label.starts_with(begins));
    label.with_context(|| format!("no button {begins}: {:?}", buttons(card)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_found_by_a_person_is_adopted_once_aws_confirms_it() -> Result<()> {
    let stage = Stage::set(&Settings { reconcile: "1s", ..Settings::default() }).await?;
    let bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    let send = stage.aws_gate.hold("SendCommand", ":install-w0-", Side::Before);
    approved(&stage, &ts).await?;
    send.caught().await?;
    bot.kill().await?;
    send.lost();

    let _bot = Bot::start(&stage).await?;
    let words = ["does not know whether", "did not find it", "Stop this run"];
    let card = stage.card_becomes(&ts, &words).await?;
    let adopt = button(&card, "Adopt")?;
    // Meanwhile somebody has installed by hand, on the canary and on another node.
    let nodes = stage.nodes_of("web-verification");
    let [canary, other, ..] = nodes.as_slice() else { bail!("{nodes:?}") };
    let canary = std::slice::from_ref(canary);
    let wrong = stage.sends_by_hand("Install", std::slice::from_ref(other)).await?;
    let scan = stage.sends_by_hand("Scan", canary).await?;
    let right = stage.sends_by_hand("Install", canary).await?;

    // The requester does not decide, and gets no dialog for the command either.
    stage.presses_and_reads(HANA, &ts, &adopt, &["the requester may not decide"]).await?;
    for (command, refusal) in [
        (wrong.as_str(), "it went to other nodes"),
        (scan.as_str(), "its operation is"),
        ("0b4f6c1e-9d3a-4f27-8c55-1f2e3d4c5b6a", "AWS has no command with that id"),
    ] {
        let before = stage.slack.ephemerals(BEN).len();
        stage.presses(BEN, &ts, &adopt).await?;
        stage.fills_in(BEN, &[("command", command), ("reason", "in the history")]).await?;
        stage.private_answer(BEN, before, &["was not adopted", refusal]).await?;
    }
    stage.presses(BEN, &ts, &adopt).await?;
    stage.fills_in(BEN, &[("command", &right), ("reason", "I sent it at 02:14")]).await?;
    stage
        .thread_line(&ts, &["I sent it at 02:14", "AWS confirms", "nothing was sent again"])
        .await?;
    stage.card_becomes(&ts, &["verification is patched and proven"]).await?;
    let ours = stage.commands("verification-1", "Install");
    ensure!(ours.len() == 1, "{} Installs: the canary was sent to again", ours.len());
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn not_sent_is_refused_if_nodes_report_that_the_install_ran() -> Result<()> {
    let stage = Stage::set(&Settings { reconcile: "1s", ..Settings::default() }).await?;
    let bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    // AWS accepts it, but its lists do not show it for an hour.
    stage.cloud.set_pace(Pace { command_lag: TimeDelta::hours(1), ..Pace::quick() });
    let answer = stage.aws_gate.hold("SendCommand", ":install-w0-", Side::After);
    stage.freeze();
    approved(&stage, &ts).await?;
    answer.caught().await?;
    bot.kill().await?;
    answer.lost();
    stage.cloud.set_pace(Pace::quick());

    let _bot = Bot::start(&stage).await?;
    let words = ["does not know whether", "does not report its snapshot id"];
    let card = stage.card_becomes(&ts, &words).await?;
    let not_sent = button(&card, "Not sent")?;
    let scan = stage.aws_gate.hold("SendCommand", ":scan-w0-", Side::Before);
    stage.thaw();
    stage.thread_line(&ts, &["It did run", "Its node reports"]).await?;
    let refused = ["The command did run: its node reports", "cannot count as not sent"];
    stage.presses_stale_and_reads(AIKO, &ts, &not_sent, &refused).await?;
    scan.passes();
    proven(&stage, &ts).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_install_that_aws_has_forgotten_is_not_sent_again() -> Result<()> {
    let stage = Stage::set(&Settings { reconcile: "1s", ..Settings::default() }).await?;
    let host = Skewed::of(&stage.clock);
    let bot = InProcessBot::start(&stage, &host)?;
    stage.until("it listens", |stage| (stage.slack.sockets() > 0).then_some(())).await?;
    let ts = planned(&stage).await?;
    let answer = stage.aws_gate.hold("SendCommand", ":install-w0-", Side::After);
    approved(&stage, &ts).await?;
    answer.caught().await?;
    bot.kill().await?;
    answer.lost();

    // The canary installs what was sent. In the weeks without patchbot somebody scans it, so that
    // nothing shows our command any longer.
    let nodes = stage.nodes_of("web-verification");
    let [canary, ..] = nodes.as_slice() else { bail!("{nodes:?}") };
    stage.clock.advance(TimeDelta::days(1));
    stage.until("the canary patched", |stage| stage.cloud.installs_of(canary).pop()).await?;
    stage.cloud.foreign_scan(canary);
    stage.clock.advance(TimeDelta::days(30));

    let _bot = InProcessBot::start(&stage, &host)?;
    let words = ["can no longer find out", "30 days only", "does not send it again by itself"];
    let card = stage.card_becomes(&ts, &words).await?;
    ensure!(buttons(&card).iter().all(|label| !label.starts_with("Adopt")), "{:?}", buttons(&card));
    stage.thread_line(&ts, &["AWS lists commands for 30 days only"]).await?;

    let stop = button(&card, "Stop this run")?;
    stage.presses(BEN, &ts, &stop).await?;
    stage.gives_reason(BEN, "nobody knows what happened").await?;
    stage.card_becomes(&ts, &["Stopped", "nobody knows what happened"]).await?;
    let sent = stage.commands("verification-1", "Install");
    ensure!(sent.len() == 1, "{} Installs: the canary was sent to again", sent.len());
    ensure!(stage.cloud.installs_of(canary).len() == 1, "the canary installed twice");
    stage.is_clean()
}
