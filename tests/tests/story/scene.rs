//! The usual beginnings of stories.

use anyhow::{Context, Result};
use stories::{AIKO, BEN, Bot, CHANNEL, Environment, HANA, Settings, Stage};

/// The id of a node of the seeded world.
pub(crate) fn node(stage: &Stage, name: &str) -> Result<String> {
    let found = stage.cloud.nodes().into_iter().find(|node| node.name == name);
    Ok(found.with_context(|| format!("there is no {name}"))?.id)
}

/// Hana asks for a plan of verification; returns the ts of its card.
pub(crate) async fn planned(stage: &Stage) -> Result<String> {
    stage.types(HANA, "/patch plan verification").await?;
    let card = stage.card(&["Approve patching verification?", "[Approve]"]).await?;
    Ok(card.ts)
}

/// Aiko approves the posted plan of verification.
pub(crate) async fn approved(stage: &Stage, ts: &str) -> Result<()> {
    stage.presses_and_reads(AIKO, ts, "Approve", &["is counted", "is now approved"]).await.map(drop)
}

/// Verification needs two votes, and `change` happens to its nodes between them. Both approve.
pub(crate) async fn approved_around(
    on_drift: &'static str,
    change: impl FnOnce(&Stage) -> Result<()>,
) -> Result<(Stage, Bot, String)> {
    let standard = Settings::default().verification;
    let verification = Environment { on_drift, quorum: 2, ..standard };
    let stage = Stage::set(&Settings { verification, ..Settings::default() }).await?;
    let bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    stage.presses_and_reads(AIKO, &ts, "Approve", &["1 of 2"]).await?;
    change(&stage)?;
    stage.presses_and_reads(BEN, &ts, "Approve", &["is now approved"]).await?;
    Ok((stage, bot, ts))
}

/// The run of verification has succeeded: each node got one Install, the card says so, and no
/// message is posted twice.
pub(crate) async fn proven(stage: &Stage, ts: &str) -> Result<()> {
    stage.card_becomes(ts, &["verification is patched and proven"]).await?;
    stage.thread_line(ts, &["Done", "6 of 6 nodes compliant"]).await?;
    stage.card(&["Patch compliance after verification-1"]).await?;
    stage.card(&["should not wait"]).await?;
    stage.each_installed_once("verification-1", 6)?;
    anyhow::ensure!(stage.commands("verification-1", "Install").len() == 2, "one Install a wave");
    let cards = stage.slack.messages(CHANNEL).len();
    anyhow::ensure!(cards == 3, "{cards} cards hang there\n{}", stage.transcript());
    anyhow::ensure!(stage.thread_lines(ts, &["approved plan"]) == 1, "one vote is one line");
    stage.is_clean()
}
