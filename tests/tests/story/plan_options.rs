//! A plan with overrides, as the requester types them.

use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use simulators::aws::{CommandView, Life};
use simulators::clock::Skewed;
use simulators::discord::UserActionError;
use simulators::slack::plain_text;
use stories::{
    AIKO, BEN, Bot, CHANNEL, DISCORD_CHANNEL, Environment, HANA, InProcessBot, Platforms, Settings,
    Stage, in_discord, says,
};

/// All nodes may fail: a node that is not rebooted is not compliant.
fn forgiving(platforms: Platforms) -> Settings {
    let standard = Settings::default();
    let verification = Environment { error_budget: 6, ..standard.verification.clone() };
    Settings { platforms, verification, ..standard }
}

/// Verification may be bound to a window, and production is.
fn windowed(platforms: Platforms) -> Settings {
    let standard = Settings::default();
    let verification = Environment {
        windows: r#"windows = ["verification-daily"]"#,
        ..standard.verification.clone()
    };
    let production =
        Environment { windows: r#"window = "production-nightly""#, ..standard.production.clone() };
    Settings { platforms, verification, production, ..standard }
}

fn given<'a>(command: &'a CommandView, name: &str) -> Option<&'a str> {
    command.parameters.get(name)?.first().map(String::as_str)
}

/// The reboot option that AWS received, and the number of nodes of each Install.
fn installs(stage: &Stage, run: &str) -> Vec<(String, usize)> {
    let installs = stage.commands(run, "Install");
    let told = installs.iter().map(|command| {
        let reboot = given(command, "RebootOption").unwrap_or("nothing").to_owned();
        (reboot, command.instance_ids.len())
    });
    told.collect()
}

fn no_reboot_in(waves: &[usize]) -> Vec<(String, usize)> {
    waves.iter().map(|nodes| ("NoReboot".to_owned(), *nodes)).collect()
}

/// What approvers read: the overrides, and what the configuration says.
const DEPARTS: [&str; 6] = [
    "No reboot",
    "configured: reboot",
    "2 \u{2192} 3 \u{2192} 1",
    "configured: 1 node first, then 100 % in each wave",
    "As soon as it is approved",
    "[Approve]",
];

#[tokio::test(flavor = "multi_thread")]
async fn aws_receives_the_chosen_options_even_after_a_restart() -> Result<()> {
    let stage = Stage::set(&forgiving(Platforms::Slack)).await?;
    let bot = Bot::start(&stage).await?;
    let line = "/patch plan verification waves=2/50% reboot=no";
    stage.types_and_reads(HANA, line, &["Checking the nodes of verification"]).await?;
    let card = stage.card(&DEPARTS).await?;
    bot.kill().await?;

    let _bot = Bot::start(&stage).await?;
    stage.types_and_reads(HANA, "/patch status", &["waiting for approval"]).await?;
    let same = stage.slack.message(CHANNEL, &card.ts).context("the card is gone")?;
    ensure!(says(&same, &DEPARTS), "{}", plain_text(&same));
    stage.presses_and_reads(AIKO, &card.ts, "Approve", &["is now approved"]).await?;
    stage.card_becomes(&card.ts, &["not every node is compliant", "for a reboot"]).await?;
    let sent = installs(&stage, "verification-1");
    ensure!(sent == no_reboot_in(&[2, 3, 1]), "{sent:?}");

    // The next plan follows the configuration again: overrides are for one plan.
    stage.presses(HANA, &card.ts, "Plan verification").await?;
    let next = stage.card(&["verification-2", "[Approve]"]).await?;
    ensure!(!says(&next, &["configured:"]), "{}", plain_text(&next));
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_options_work_the_same_in_discord() -> Result<()> {
    let stage = Stage::set(&forgiving(Platforms::Both)).await?;
    let _bot = Bot::start(&stage).await?;
    let line = "/patch plan environment:verification reboot:no waves:2/50%";
    stage.types_in_discord(HANA, line).await?;
    let (discord_card, slack_card) =
        (stage.card_in_discord(&DEPARTS).await?, stage.card(&DEPARTS).await?);
    stage.presses_in_discord(AIKO, &discord_card.id, "Approve").await?;
    stage.card_becomes(&slack_card.ts, &["not every node is compliant"]).await?;
    let sent = installs(&stage, "verification-1");
    ensure!(sent == no_reboot_in(&[2, 3, 1]), "{sent:?}");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_replaces_a_void_one_keeps_its_options() -> Result<()> {
    let stage = Stage::set(&forgiving(Platforms::Slack)).await?;
    let _bot = Bot::start(&stage).await?;
    stage.types(HANA, "/patch plan verification reboot=no waves=2/50%").await?;
    let first = stage.card(&DEPARTS).await?;
    let nodes = stage.cloud.nodes();
    let gone = nodes.iter().find(|node| node.name == "ver-batch-01").context("no such node")?;
    ensure!(stage.cloud.set_life(&gone.id, Life::Stopped));
    stage.presses_and_reads(AIKO, &first.ts, "Approve", &["is now approved"]).await?;
    stage.card_becomes(&first.ts, &["No longer valid", "A new plan follows"]).await?;
    // Five nodes are left, and half of them are three.
    let kept = ["verification-2", "No reboot", "configured: reboot", "2 \u{2192} 3"];
    let second = stage.card(&kept).await?;
    stage.presses_and_reads(BEN, &second.ts, "Approve", &["is now approved"]).await?;
    stage.card_becomes(&second.ts, &["not every node is compliant"]).await?;
    let sent = installs(&stage, "verification-2");
    ensure!(sent == no_reboot_in(&[2, 3]), "{sent:?}");
    ensure!(installs(&stage, "verification-1").is_empty(), "the void plan was sent");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_waits_for_the_chosen_window() -> Result<()> {
    // Two hours before the window of verification opens, which its configuration does not require.
    let start = "2026-11-23T02:00:00Z".parse()?;
    let quiet = |world: &mut simulators::aws::World| {
        world.nodes.iter_mut().for_each(|node| node.fault = None);
    };
    let stage = Stage::starting_at(start, &windowed(Platforms::Slack), quiet).await?;
    let _bot = InProcessBot::start(&stage, &Skewed::of(&stage.clock))?;
    stage.until("it listens", |stage| (stage.slack.sockets() > 0).then_some(())).await?;
    stage.types(HANA, "/patch plan verification window=Verification-Daily").await?;
    let words =
        ["In the window verification-daily", "configured: as soon as it is approved", "[Approve]"];
    let card = stage.card(&words).await?;
    stage.presses_and_reads(AIKO, &card.ts, "Approve", &["is now approved"]).await?;
    stage.card_becomes(&card.ts, &["waiting to start"]).await?;
    stage.clock.advance(TimeDelta::minutes(115));
    stage.types_and_reads(HANA, "/patch status", &["approved, waiting to start"]).await?;
    ensure!(installs(&stage, "verification-1").is_empty(), "it did not wait for its window");

    stage.clock.advance(TimeDelta::minutes(6));
    stage.card_becomes(&card.ts, &["verification is patched and proven"]).await?;
    stage.each_installed_once("verification-1", 6)?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_options_are_refused_with_a_hint() -> Result<()> {
    let stage = Stage::set(&windowed(Platforms::Both)).await?;
    let _bot = Bot::start(&stage).await?;
    stage.card(&["should not wait"]).await?;
    stage.card_in_discord(&["should not wait"]).await?;
    let cards = |stage: &Stage| {
        (stage.slack.messages(CHANNEL).len(), stage.discord.messages(DISCORD_CHANNEL).len())
    };
    let before = cards(&stage);
    for (line, words) in [
        ("production window=now", &["only in a maintenance window", "production-nightly"][..]),
        ("production window=monday", &["not a maintenance window", "production-nightly"][..]),
        ("production window=verification-daily", &["not a maintenance window"][..]),
        ("verification window=monday", &["not a maintenance window", "verification-daily"][..]),
        ("verification window=", &["needs a name or now"][..]),
        ("verification reboot=maybe", &["yes or no", "maybe", "reboot=yes|no"][..]),
        ("verification waves=0/25%", &["cannot be", "0/25%", "waves=1/25%"][..]),
        ("verification waves=1/101%", &["cannot be", "1/101%"][..]),
        ("verification reboot=no reboot=yes", &["was given twice"][..]),
        ("verification reboots=no", &["does not accept", "reboots=no", "[reboot=yes|no]"][..]),
    ] {
        stage.types_and_reads(HANA, &format!("/patch plan {line}"), words).await?;
    }
    for (line, words) in [
        ("production window:now", &["only in a maintenance window", "production-nightly"][..]),
        ("verification window:monday", &["not a maintenance window", "verification-daily"][..]),
        ("verification waves:1001/25%", &["cannot be", "1001/25%"][..]),
    ] {
        stage.types_in_discord(HANA, &format!("/patch plan environment:{line}")).await?;
        stage.private_answer_in_discord(HANA, words).await?;
    }
    // Discord suggests the existing values, and its client lets nobody choose anything else.
    let line = "/patch plan environment:verification reboot:maybe";
    let refused = stage.discord.run_command(&in_discord(HANA), DISCORD_CHANNEL, line).await;
    ensure!(matches!(refused, Err(UserActionError::Option(..))), "{refused:?}");
    for (environment, expected) in [
        ("production", &["production-nightly"][..]),
        ("verification", &["verification-daily", "now"][..]),
    ] {
        let line = format!("/patch plan environment:{environment} window:");
        let offered =
            stage.discord.autocomplete(&in_discord(HANA), DISCORD_CHANNEL, &line, "window").await?;
        let offered: Vec<_> = offered.into_iter().map(|choice| choice.name).collect();
        ensure!(offered == expected, "{environment}: {offered:?}");
    }
    ensure!(cards(&stage) == before, "something was planned\n{}", stage.transcript());
    ensure!(stage.cloud.commands().is_empty(), "something was sent");
    // Text from Japanese keyboards is understood.
    let line = "/patch plan verification reboot＝ｎｏ　window=verification-daily";
    stage.types_and_reads(HANA, line, &["Checking the nodes"]).await?;
    stage.card(&["No reboot", "In the window verification-daily"]).await?;
    stage.is_clean()
}
