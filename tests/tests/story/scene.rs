//! How most stories begin.

use anyhow::Result;
use stories::{AIKO, CHANNEL, HANA, Stage};

/// Hana asks for a plan of verification; gives the ts of its card.
pub(crate) async fn planned(stage: &Stage) -> Result<String> {
    stage.types(HANA, "/patch plan verification").await?;
    let card = stage.card(&["Approve patching verification?", "[Approve]"]).await?;
    Ok(card.ts)
}

/// Aiko approves the plan of verification that hangs there.
pub(crate) async fn approved(stage: &Stage, ts: &str) -> Result<()> {
    stage.presses_and_reads(AIKO, ts, "Approve", &["counts", "all it needs"]).await.map(drop)
}

/// The run of verification has ended well: each node installed once, its card says so, and nothing
/// in the channel is there twice.
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
