//! A plan with overrides, requested in a dialog.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use simulators::discord::{Modal, Press, Response, UserActionError};
use simulators::slack::{View, plain_text};
use stories::{
    AIKO, BEN, Bot, DISCORD_CHANNEL, Environment, HANA, Platforms, Settings, Stage, buttons,
    in_discord, says,
};

use super::slack_http;

/// Verification may be bound to a window, and production is.
fn settings(platforms: Platforms) -> Settings {
    let standard = Settings::default();
    let verification = Environment {
        error_budget: 6,
        windows: r#"windows = ["verification-daily"]"#,
        ..standard.verification.clone()
    };
    let production =
        Environment { windows: r#"window = "production-nightly""#, ..standard.production.clone() };
    Settings { platforms, verification, production, ..standard }
}

/// What approvers read about a plan that reboots nothing, in waves of two and three.
const DEPARTS: [&str; 4] = [
    "No reboot",
    "configured: reboot",
    "2 \u{2192} 3 \u{2192} 1",
    "configured: 1 node first, then 100 % in each wave",
];

const WISHES: [(&str, &str); 4] =
    [("environment", "verification"), ("reboot", "no"), ("canary", "2"), ("percent", "50")];

async fn dialog(stage: &Stage, user: &str) -> Result<View> {
    stage
        .until(&format!("a dialog on {user}'s screen"), |stage| stage.slack.open_views(user).pop())
        .await
}

fn element<'a>(view: &'a View, block: &str) -> Result<&'a Value> {
    let blocks = view.view["blocks"].as_array().context("no blocks")?;
    let found = blocks.iter().find(|one| one["block_id"] == block);
    Ok(&found.with_context(|| format!("nothing asks for {block}: {blocks:?}"))?["element"])
}

/// The dialog that a command opens: mistakes are shown beside their fields, and nothing else
/// happens; then the corrected values become the plan.
async fn corrected(stage: &Stage) -> Result<()> {
    stage.types(HANA, "/patch plan").await?;
    let view = dialog(stage, HANA).await?;
    let kind = |block| Ok::<_, anyhow::Error>(element(&view, block)?["type"].clone());
    ensure!(kind("environment")? == "static_select", "{:?}", view.view);
    ensure!(element(&view, "environment")?["initial_option"].is_null(), "one is chosen already");
    ensure!(kind("window")? == "static_select" && kind("reboot")? == "radio_buttons");
    ensure!(kind("canary")? == "number_input" && kind("percent")? == "number_input");

    // The client sends no dialog without an environment, and none with a canary of 0 nodes.
    for values in [&[("canary", "2")][..], &[("environment", "verification"), ("canary", "0")]] {
        let kept = stage.slack.submit(HANA, &view.id, values).await;
        ensure!(kept.is_err(), "{values:?} was sent");
    }
    let before = stage.slack.ephemerals(HANA).len();
    for (environment, window, expected) in [
        ("production", "now", "only in a maintenance window"),
        ("production", "verification-daily", "may not use \u{201c}verification-daily\u{201d}"),
        ("verification", "production-nightly", "choose one of these: verification-daily"),
    ] {
        let values = [("environment", environment), ("window", window), ("reboot", "no")];
        let answer = stage.slack.submit(HANA, &view.id, &values).await?;
        let action = answer.response.map(|response| response["response_action"].clone());
        ensure!(action == Some("errors".into()), "{action:?}");
        let open = stage.slack.open_views(HANA).pop().context("the dialog is gone")?;
        let told = open.errors.get("window").context("nothing stands beside the window")?;
        ensure!(told.contains(expected) && open.errors.len() == 1, "{:?}", open.errors);
    }
    ensure!(stage.slack.ephemerals(HANA).len() == before, "it is told twice");

    stage.slack.submit(HANA, &view.id, &WISHES).await?;
    stage.private_answer(HANA, before, &["Checking the nodes of verification"]).await?;
    stage.card(&[&DEPARTS[..], &["verification-1", "[Approve]"]].concat()).await?;
    ensure!(stage.slack.open_views(HANA).is_empty(), "the dialog is still open");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_is_shown_beside_its_field_and_a_corrected_dialog_makes_a_plan() -> Result<()> {
    let stage = Stage::set(&settings(Platforms::Slack)).await?;
    let _bot = Bot::start(&stage).await?;
    corrected(&stage).await?;
    let card = stage.card(&DEPARTS).await?;
    stage.presses_and_reads(AIKO, &card.ts, "Approve", &["is now approved"]).await?;
    stage.card_becomes(&card.ts, &["not every node is compliant"]).await?;
    let sent = stage.commands("verification-1", "Install");
    let sizes: Vec<usize> = sent.iter().map(|command| command.instance_ids.len()).collect();
    ensure!(sizes == [2, 3, 1], "{sizes:?}");
    for command in &sent {
        let reboot = command.parameters.get("RebootOption");
        ensure!(reboot.is_some_and(|values| values == &["NoReboot"]), "{reboot:?}");
    }
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dialog_works_the_same_in_http_mode() -> Result<()> {
    let (stage, _bot, _) = slack_http::set_with(settings(Platforms::Slack)).await?;
    corrected(&stage).await?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_announcement_opens_the_dialog_with_its_environment_even_after_a_restart() -> Result<()>
{
    let stage = Stage::set(&settings(Platforms::Slack)).await?;
    let bot = Bot::start(&stage).await?;
    let news = stage.card(&["should not wait", "[Plan verification]"]).await?;
    ensure!(
        buttons(&news) == ["Plan verification", "Plan with options\u{2026}"],
        "{:?}",
        buttons(&news)
    );
    stage.presses(HANA, &news.ts, "Plan with options\u{2026}").await?;
    let view = dialog(&stage, HANA).await?;
    let chosen = &element(&view, "environment")?["initial_option"]["value"];
    ensure!(*chosen == "verification", "{chosen}");
    let labels = element(&view, "window")?["options"].to_string();
    ensure!(labels.contains("As configured (verification: as soon as it is approved)"), "{labels}");

    // A reader has time: another process accepts the submission.
    bot.kill().await?;
    let _bot = Bot::start(&stage).await?;
    stage.slack.submit(HANA, &view.id, &[("window", "verification-daily")]).await?;
    let words = ["verification-1", "In the window verification-daily", "configured: as"];
    let card = stage.card(&words).await?;
    ensure!(!says(&card, &["No reboot"]), "{}", plain_text(&card));

    // A second plan in the same environment is refused before its dialog opens.
    let open = ["verification-1", "still open"];
    stage.presses_stale_and_reads(BEN, &news.ts, "Plan with options\u{2026}", &open).await?;
    ensure!(stage.slack.open_views(BEN).is_empty(), "a dialog opened all the same");
    stage.is_clean()
}

async fn modal(stage: &Stage, user: &str) -> Result<Modal> {
    let id_in_discord = in_discord(user);
    let open = |stage: &Stage| stage.discord.open_modals(&id_in_discord).pop();
    stage.until(&format!("a dialog on {user}'s screen in Discord"), open).await
}

/// The input of a modal with this custom id.
fn typed<'a>(modal: &'a Modal, id: &str) -> Result<&'a Value> {
    let inputs = modal.components.iter().map(|row| &row["components"][0]);
    let mut inputs = inputs.filter(|input| input["custom_id"] == id);
    inputs.next().with_context(|| format!("nothing asks for {id}: {:?}", modal.components))
}

#[tokio::test(flavor = "multi_thread")]
async fn in_discord_the_fields_are_typed_and_mistakes_are_answered_in_private() -> Result<()> {
    let stage = Stage::set(&settings(Platforms::Both)).await?;
    let _bot = Bot::start(&stage).await?;
    let hana = in_discord(HANA);
    let opened = stage.discord.run_command(&hana, DISCORD_CHANNEL, "/patch plan").await?;
    ensure!(opened.response == Response::Modal, "{:?}", opened.response);
    let open = modal(&stage, HANA).await?;
    let hint = typed(&open, "window")?["placeholder"].as_str().unwrap_or_default().to_owned();
    ensure!(hint.contains("Empty: as configured") && hint.contains("production-nightly"), "{hint}");
    let unsent = stage.discord.submit(&hana, &open.id, &[]).await;
    ensure!(matches!(unsent, Err(UserActionError::Input(..))), "{unsent:?}");

    let wrong = [
        ("environment", "production"),
        ("window", "now"),
        ("reboot", "perhaps"),
        ("canary", "0"),
        ("percent", "101"),
    ];
    stage.discord.submit(&hana, &open.id, &wrong).await?;
    let answer = [
        "No plan was created",
        "only in a maintenance window",
        "production-nightly",
        "perhaps",
        "from 1 to 1000",
        "from 1 to 100,",
        "/patch plan",
    ];
    stage.private_answer_in_discord(HANA, &answer).await?;

    // From the card in the channel, with the environment preselected.
    let news = stage.card_in_discord(&["should not wait", "[Plan with options\u{2026}]"]).await?;
    let press = Press::starting("p1|plan-with|verification");
    stage.discord.press(&hana, DISCORD_CHANNEL, &news.id, press).await?;
    let open = modal(&stage, HANA).await?;
    ensure!(typed(&open, "environment")?["value"] == "verification", "{:?}", open.components);
    let hint = typed(&open, "canary")?["placeholder"].as_str().unwrap_or_default().to_owned();
    ensure!(hint.contains("verification: 1"), "{hint}");
    let wishes = [("reboot", "NO"), ("canary", "2"), ("percent", "50%")];
    stage.discord.submit(&hana, &open.id, &wishes).await?;
    stage.private_answer_in_discord(HANA, &["Checking the nodes of verification"]).await?;
    stage.card_in_discord(&[&DEPARTS[..], &["verification-1", "[Approve]"]].concat()).await?;
    stage.card(&DEPARTS).await?;
    ensure!(stage.cloud.commands().is_empty(), "something was sent without a vote");
    stage.is_clean()
}
