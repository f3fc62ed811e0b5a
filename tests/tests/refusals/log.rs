//! What the log never contains, and what it refuses.

use anyhow::{Result, ensure};
use stories::{AIKO, Bot, HANA, Platforms, ProcessOutput, Settings, Stage};

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_logged_at_any_level() -> Result<()> {
    let stage = Stage::set(&Settings { platforms: Platforms::Both, ..Settings::default() }).await?;
    let _bot = Bot::start_with_trace_log(&stage).await?;
    stage.types(HANA, "/patch status").await?;
    stage.private_answer(HANA, 0, &["Environment status"]).await?;
    stage.types_in_discord(HANA, "/patch plan environment:verification").await?;
    let card = stage.card_in_discord(&["Approve patching verification?"]).await?;
    let vote = stage.presses_in_discord(AIKO, &card.id, "Approve").await?;
    // An event that the library cannot parse, and would log completely.
    stage.discord.garble(&vote.interaction)?;
    stage.card_becomes_in_discord(&card.id, &["verification is patched and proven"]).await?;
    stage.types_in_discord(HANA, "/patch status").await?;
    stage.private_answer_in_discord(HANA, &["Environment status"]).await?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_log_level_is_named() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let path = stage.config().display().to_string();
    let arguments = ["serve", "--config", path.as_str(), "--insecure-endpoints"];
    let ended = ProcessOutput::of(&arguments, &[("PATCHBOT_LOG", Some("patchbot=loud"))]).await?;
    ensure!(!ended.status.success(), "it began all the same: {}", ended.text);
    for words in ["PATCHBOT_LOG", "patchbot=loud", "debug"] {
        ensure!(ended.text.contains(words), "{words:?} is not in: {}", ended.text);
    }
    Ok(())
}
