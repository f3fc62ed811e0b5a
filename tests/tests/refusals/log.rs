//! What the log never says, and what it refuses.

use anyhow::{Result, ensure};
use stories::{AIKO, Bot, Ended, HANA, On, Settings, Stage};

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_logged_at_any_level() -> Result<()> {
    let stage = Stage::set(&Settings { on: On::Both, ..Settings::default() }).await?;
    let _bot = Bot::start_loud(&stage).await?;
    stage.types(HANA, "/patch status").await?;
    stage.told(HANA, 0, &["Where everything stands"]).await?;
    stage.types_there(HANA, "/patch plan environment:verification").await?;
    let card = stage.card_there(&["Approve patching verification?"]).await?;
    let vote = stage.presses_there(AIKO, &card.id, "Approve").await?;
    // An event that the library cannot read, and would write down whole.
    stage.discord.garble(&vote.interaction)?;
    stage.turns_there(&card.id, &["verification is patched and proven"]).await?;
    stage.types_there(HANA, "/patch status").await?;
    stage.told_there(HANA, &["Where everything stands"]).await?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_log_level_is_named() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let path = stage.config().display().to_string();
    let arguments = ["serve", "--config", path.as_str(), "--insecure-endpoints"];
    let ended = Ended::of(&arguments, &[("PATCHBOT_LOG", Some("patchbot=loud"))]).await?;
    ensure!(!ended.status.success(), "it began all the same: {}", ended.text);
    for words in ["PATCHBOT_LOG", "patchbot=loud", "debug"] {
        ensure!(ended.text.contains(words), "{words:?} is not in: {}", ended.text);
    }
    Ok(())
}
