//! Definition updates keep their number and have new content every day: they can be neither proven
//! nor pinned.

use anyhow::{Result, ensure};
use chrono::{TimeDelta, Utc};
use simulators::aws::Patch;
use simulators::slack::plain_text;
use stories::{Bot, Environment, Settings, Side, Stage, says};

use crate::promotion::{list, next_approved, next_planned, untroubled, verified};
use crate::scene::{approved, node, planned};

/// The definitions of this version, in as many rows as Windows Update has them.
fn definitions(version: &str) -> Patch {
    let title = format!(
        "Security Intelligence Update for Microsoft Defender Antivirus - KB2267602 (Version \
         {version})"
    );
    Patch::windows("KB2267602", &title, Utc::now() - TimeDelta::days(1))
        .classification("Definition Updates")
        .severity("Unspecified")
}

async fn with_definitions(settings: &Settings) -> Result<Stage> {
    Stage::with(
        settings,
        untroubled(|world| {
            // Two rows with one number.
            let rows = ["1.421.100.0", "1.421.100.0 Current Channel"];
            world.patches.extend(rows.map(definitions));
        }),
    )
    .await
}

/// New content under the old number.
fn published(stage: &Stage, version: &str) {
    stage.cloud.release(definitions(version).replaces("KB2267602"), stage.clock.now());
}

#[tokio::test(flavor = "multi_thread")]
async fn definition_updates_do_not_block_the_proof_and_are_listed_once() -> Result<()> {
    let stage = with_definitions(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    // New content appears between the Install and the scan that judges it.
    let scan = stage.aws_gate.hold("SendCommand", ":scan-w1-", Side::Before);
    approved(&stage, &ts).await?;
    scan.caught().await?;
    published(&stage, "1.421.200.0");
    scan.passes();
    let done = stage.card_becomes(&ts, &["verification is patched and proven"]).await?;
    let words = ["Definition updates are missing again", "KB2267602"];
    ensure!(says(&done, &words), "{}", plain_text(&done));

    let plan = next_planned(&stage).await?;
    let words = ["Exactly what verification-1 proved; also 1 definition update"];
    ensure!(says(&plan, &words), "{}", plain_text(&plan));
    ensure!(!says(&plan, &["left out"]), "{}", plain_text(&plan));
    next_approved(&stage, &plan.ts).await?;
    stage.card_becomes(&plan.ts, &["production is patched and proven"]).await?;
    let list = list(&stage, "production-1")?;
    ensure!(list.matches("KB2267602").count() == 1, "{list}");
    ensure!(list.matches("KB5041160").count() == 1, "{list}");
    let installed = stage.cloud.installs_of(&node(&stage, "DB-01")?).concat();
    ensure!(installed.contains(&"KB2267602".to_owned()), "{installed:?}");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn excluded_definition_updates_are_named_and_do_not_block_the_proof() -> Result<()> {
    let standard = Settings::default();
    let production = Environment {
        windows: "definition_updates = \"leave_out\"",
        ..standard.production.clone()
    };
    let stage = with_definitions(&Settings { production, ..standard }).await?;
    let _bot = Bot::start(&stage).await?;
    verified(&stage).await?;
    let plan = next_planned(&stage).await?;
    let words = ["Missing, but not installed by this run", "KB2267602 (definition update)"];
    ensure!(says(&plan, &words), "{}", plain_text(&plan));
    next_approved(&stage, &plan.ts).await?;
    let done = stage.card_becomes(&plan.ts, &["production is patched and proven"]).await?;
    ensure!(says(&done, &["Definition updates are missing again"]), "{}", plain_text(&done));
    let list = list(&stage, "production-1")?;
    ensure!(!list.contains("KB2267602") && list.contains("KB5041160"), "{list}");
    let installed = stage.cloud.installs_of(&node(&stage, "DB-01")?).concat();
    ensure!(!installed.contains(&"KB2267602".to_owned()), "{installed:?}");
    stage.is_clean()
}
