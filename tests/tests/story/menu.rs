//! `/patch` without arguments is a menu, on both platforms.

use anyhow::{Context as _, Result, ensure};
use stories::{AIKO, Bot, HANA, OMAR, Platforms, Settings, Stage};

use crate::scene::planned;

/// Every button of the menu, and the answer to pressing it.
const OFFERED: [(&str, &[&str]); 6] = [
    ("For you", &["Waiting for your approval", "verification-1"]),
    ("Environments", &["verification", "production"]),
    ("Missing patches", &["KB5041160"]),
    ("Runs", &["verification-1"]),
    ("Compliance", &["Patch compliance"]),
    ("Help", &["patchbot commands", "/patch plan"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn patch_without_arguments_opens_the_menu() -> Result<()> {
    let stage = Stage::set(&Settings { platforms: Platforms::Both, ..Settings::default() }).await?;
    let _bot = Bot::start(&stage).await?;
    stage
        .types_and_reads(
            AIKO,
            "/patch",
            &["What would you like", "No plans are waiting", "[For you]"],
        )
        .await?;
    stage.card(&["should not wait"]).await?;
    planned(&stage).await?;

    // An approver reads that a plan waits; others do not.
    stage
        .types_and_reads(OMAR, "/patch", &["No plans are waiting for your approval", "[For you]"])
        .await?;
    let waits = ["1 plan is waiting for your approval", "[For you (1)]"];
    stage.types_and_reads(AIKO, "/patch", &waits).await?;
    let menu = stage.slack.ephemerals(HANA).len();
    stage.types_and_reads(HANA, "/patch menu", &["What would you like"]).await?;
    let menu = stage.slack.ephemerals(HANA).into_iter().nth(menu).context("no menu")?;
    for (button, words) in OFFERED.into_iter().skip(1) {
        stage.presses_and_reads(HANA, &menu.ts, button, words).await?;
    }
    stage.presses(HANA, &menu.ts, "Plan…").await?;
    stage.until("the dialog for a plan", |stage| stage.slack.open_views(HANA).pop()).await?;
    let cards = stage.slack.messages(stories::CHANNEL);
    ensure!(!cards.iter().any(|card| card.ts == menu.ts), "everybody sees the menu");

    stage.types_in_discord(AIKO, "/patch menu").await?;
    stage.private_answer_in_discord(AIKO, &waits).await?;
    let menus = stage.discord.ephemerals(&stories::in_discord(AIKO));
    let menu = menus.last().context("no menu in Discord")?;
    for (button, words) in OFFERED {
        let button = if button == "For you" { "For you (1)" } else { button };
        stage.presses_in_discord(AIKO, &menu.id, button).await?;
        stage.private_answer_in_discord(AIKO, words).await?;
    }
    stage.is_clean()
}
