//! The level of a plan decides who approves it.

use anyhow::{Result, ensure};
use simulators::slack::plain_text;
use stories::{AIKO, BEN, Bot, HANA, Settings, Stage};

use super::scene::planned;

#[tokio::test(flavor = "multi_thread")]
async fn level_iii_needs_two_approvers_and_a_restart_with_other_rules_changes_nothing() -> Result<()>
{
    let mut settings = Settings::default();
    settings.verification.level = r#"III = { quorum = 2 }, II = { approvers = [] }"#;
    let stage = Stage::set(&settings).await?;
    let bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    let card = stage.card_becomes(&ts, &["Level III: 2 of"]).await?;
    ensure!(plain_text(&card).contains("4 of level III"), "{}", plain_text(&card));
    stage.presses_and_reads(AIKO, &ts, "Approve", &["1 of 2"]).await?;
    bot.kill().await?;

    // By today's rules one vote would be enough; the plan keeps those under which it was posted.
    let written = std::fs::read_to_string(stage.config())?;
    let eased = written.replace("III = { quorum = 2 }", "III = { quorum = 1 }");
    ensure!(eased != written, "the level is not in the configuration");
    std::fs::write(stage.config(), eased)?;
    let _bot = Bot::start(&stage).await?;
    stage.types_and_reads(HANA, "/patch status", &["waiting for approval"]).await?;
    ensure!(stage.commands("verification-1", "Install").is_empty(), "one vote has started it");
    stage.presses_and_reads(BEN, &ts, "Approve", &["is now approved"]).await?;
    stage.card_becomes(&ts, &["verification is patched and proven"]).await?;
    stage.each_installed_once("verification-1", 6)?;
    stage.is_clean()
}
