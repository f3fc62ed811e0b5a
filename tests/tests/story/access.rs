//! Who may use the bot, from where, and how often.

use anyhow::{Context, Result, ensure};
use stories::{
    AIKO, BEN, Bot, CHANNEL, DISCORD_CHANNEL, Environment, FOREIGN_DISCORD_CHANNEL, HANA, OMAR,
    OTHER_DISCORD_CHANNEL, OWNERS, Platforms, STRANGER, Settings, Stage, in_discord,
    says_in_discord,
};

use crate::app_home::home;
use crate::scene::{approved, planned};

#[tokio::test(flavor = "multi_thread")]
async fn an_approver_from_another_slack_team_may_do_nothing() -> Result<()> {
    const NO: &[&str] = &["Nothing was done", "not a member of the Slack workspace"];
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    stage.presses(AIKO, &ts, "Reject…").await?;
    stage.until("the dialog", |stage| stage.slack.open_views(AIKO).pop()).await?;

    // These are the ids in the configuration. Only the team is another one.
    stage.slack.set_home_team(AIKO, Some("T0OTHER"));
    let before = stage.slack.ephemerals(AIKO).len();
    stage.gives_reason(AIKO, "not ours").await?;
    stage.private_answer(AIKO, before, NO).await?;
    stage.presses_and_reads(AIKO, &ts, "Approve", NO).await?;
    for line in ["/patch status", "/patch approve verification-1", "/patch stop now", "/patch help"]
    {
        stage.types_and_reads(AIKO, line, NO).await?;
    }
    ensure!(stage.slack.open_home(AIKO).await, "nobody has heard that the page was opened");
    stage.types_and_reads(AIKO, "/patch mine", NO).await?;
    ensure!(stage.slack.home(AIKO).is_none(), "a stranger has a page");
    ensure!(stage.thread_lines(&ts, &["approved plan"]) == 0, "a stranger's vote counted");
    let counted = r#"patchbot_outsiders_total{platform="slack",why="other_team"}"#;
    let counted = stage.sample(counted).await?;
    ensure!((counted - 8.0).abs() < 0.5, "{counted} strangers were counted");

    // None of it counted against her, and none of it has changed anything.
    stage.slack.set_home_team(AIKO, None);
    approved(&stage, &ts).await?;
    stage.card_becomes(&ts, &["verification is patched and proven"]).await?;
    ensure!(stage.slack.open_home(AIKO).await, "nobody has heard that the page was opened");
    home(&stage, AIKO, &["No plans are waiting for your approval"], &[]).await?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn in_an_unconfigured_channel_people_can_read_but_not_decide() -> Result<()> {
    let stage = Stage::set(&Settings { platforms: Platforms::Both, ..Settings::default() }).await?;
    let _bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    for (line, words) in [
        ("/patch status", "Environment status"),
        ("/patch approve verification-1", "Nothing was done here"),
        ("/patch reject verification-1 no", "Nothing was done here"),
        ("/patch plan verification", "Nothing was done here"),
        ("/patch stop disks", "Nothing was done here"),
    ] {
        let before = stage.slack.ephemerals(AIKO).len();
        stage.slack.run_command(AIKO, OWNERS, line).await?;
        stage.private_answer(AIKO, before, &[words]).await?;
        let (aiko, line) = (in_discord(AIKO), options(line));
        let before = stage.discord.ephemerals(&aiko).len();
        stage.discord.run_command(&aiko, OTHER_DISCORD_CHANNEL, &line).await?;
        stage.private_answer_in_discord_after(AIKO, before, &[words]).await?;
    }
    ensure!(stage.slack.messages(OWNERS).is_empty(), "something hangs there");
    approved(&stage, &ts).await?;
    stage.card_becomes(&ts, &["verification is patched and proven"]).await?;
    stage.is_clean()
}

/// A command of Slack, as it is typed in Discord.
fn options(line: &str) -> String {
    [("approve ", "approve run:"), ("reject verification-1 ", "reject run:verification-1 reason:")]
        .into_iter()
        .chain([("plan ", "plan environment:"), ("stop ", "stop reason:")])
        .fold(line.to_owned(), |line, (slack, discord)| line.replace(slack, discord))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approver_in_another_discord_server_may_do_nothing() -> Result<()> {
    let stage =
        Stage::set(&Settings { platforms: Platforms::Discord, ..Settings::default() }).await?;
    // Without a server in the configuration, /patch is offered in every server that invited the
    // bot.
    stage.reconfigures(|toml| {
        toml.lines().filter(|line| !line.starts_with("guild = ")).collect::<Vec<_>>().join("\n")
    })?;
    let _bot = Bot::start(&stage).await?;
    stage.types_in_discord(HANA, "/patch plan environment:verification").await?;
    let card = stage.card_in_discord(&["Approve patching verification?", "[Approve]"]).await?;
    for (user, line) in [
        (in_discord(AIKO), "/patch approve run:verification-1"),
        (in_discord(AIKO), "/patch status"),
        (STRANGER.to_owned(), "/patch status"),
        (STRANGER.to_owned(), "/patch plan environment:verification"),
    ] {
        let before = stage.discord.ephemerals(&user).len();
        stage.discord.run_command(&user, FOREIGN_DISCORD_CHANNEL, line).await?;
        stage
            .until(&format!("a refusal of {line:?} from {user}"), |stage| {
                let told = stage.discord.ephemerals(&user);
                let words = ["Nothing was done", "Discord server"];
                told.into_iter().skip(before).find(|answer| says_in_discord(answer, &words))
            })
            .await?;
    }
    let counted = r#"patchbot_outsiders_total{platform="discord",why="other_server"}"#;
    let counted = stage.sample(counted).await?;
    ensure!((counted - 4.0).abs() < 0.5, "{counted} strangers were counted");
    // An outsider who types gets no suggestions either.
    let line = "/patch plan environment:v";
    let offered =
        stage.discord.autocomplete(&in_discord(AIKO), DISCORD_CHANNEL, line, "environment").await?;
    ensure!(!offered.is_empty(), "nothing is suggested at home");
    stage.presses_in_discord(AIKO, &card.id, "Approve").await?;
    stage.card_becomes_in_discord(&card.id, &["verification is patched and proven"]).await?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_per_hour_are_limited_for_each_person_across_a_restart() -> Result<()> {
    let stage = Stage::set(&Settings { plans_per_hour: 2, ..Settings::default() }).await?;
    let mut bot = Bot::start(&stage).await?;
    for number in 1..=2 {
        let run = format!("verification-{number}");
        stage.types(HANA, "/patch plan verification").await?;
        let card = stage.card(&[&run, "[Approve]"]).await?;
        stage.presses(AIKO, &card.ts, "Reject…").await?;
        stage.gives_reason(AIKO, "again").await?;
        stage.card_becomes(&card.ts, &["Rejected"]).await?;
    }
    const MANY: &[&str] = &["No plan was created", "2 plans within the last hour", "again on"];
    for _ in 0..2 {
        stage.types_and_reads(HANA, "/patch plan verification", MANY).await?;
        bot.kill().await?;
        bot = Bot::start(&stage).await?;
    }
    let cards = stage.slack.messages(CHANNEL).len();
    stage.types_and_reads(BEN, "/patch plan verification", &["Checking the nodes"]).await?;
    stage.card(&["verification-3", "[Approve]"]).await?;
    ensure!(stage.slack.messages(CHANNEL).len() == cards + 1, "{}", stage.transcript());
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn lookups_at_aws_are_limited_for_each_person_and_remembered_answers_are_not() -> Result<()> {
    let stage = Stage::set(&Settings { surveys_per_hour: 3, ..Settings::default() }).await?;
    let _bot = Bot::start(&stage).await?;
    stage.types_and_reads(HANA, "/patch compliance verification", &["Patch compliance"]).await?;
    stage.types(HANA, "/patch plan verification").await?;
    stage.card(&["verification-1", "[Approve]"]).await?;
    stage.types_and_reads(HANA, "/patch compliance", &["Patch compliance"]).await?;
    let (asked, cards) = (stage.cloud.calls().len(), stage.slack.messages(CHANNEL).len());
    for _ in 0..3 {
        let many = ["AWS was not asked", "3 checks", "again on"];
        stage.types_and_reads(HANA, "/patch compliance", &many).await?;
        stage.types_and_reads(HANA, "/patch status", &["verification-1"]).await?;
    }
    ensure!(stage.cloud.calls().len() == asked, "AWS was asked all the same");
    ensure!(stage.slack.messages(CHANNEL).len() == cards, "{}", stage.transcript());
    stage.types_and_reads(BEN, "/patch compliance", &["Patch compliance"]).await?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vote_of_a_removed_approver_does_not_count() -> Result<()> {
    let standard = Settings::default();
    let verification = Environment { quorum: 2, ..standard.verification.clone() };
    let stage = Stage::set(&Settings { verification, ..standard }).await?;
    let bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    stage.presses(AIKO, &ts, "Approve").await?;
    stage.thread_line(&ts, &[AIKO, "approved plan"]).await?;
    bot.kill().await?;
    stage.reconfigures(|toml| toml.replace(r#"["hana", "aiko", "ben"]"#, r#"["hana", "ben"]"#))?;
    let _bot = Bot::start(&stage).await?;
    stage.presses_and_reads(AIKO, &ts, "Reject…", &["You may not decide"]).await?;
    stage.presses(BEN, &ts, "Approve").await?;
    stage.thread_line(&ts, &[BEN, "approved plan"]).await?;
    // One of two: what Aiko did before no longer counts.
    stage.card_becomes(&ts, &["[Approve]", "So far 1"]).await?;
    ensure!(stage.cloud.commands().is_empty(), "something was sent");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_configured_requesters_may_ask_for_plans() -> Result<()> {
    let more = "may_ask = [\"hana\"]\n".to_owned();
    let stage =
        Stage::set(&Settings { platforms: Platforms::Both, more, ..Settings::default() }).await?;
    let _bot = Bot::start(&stage).await?;
    stage.card(&["should not wait"]).await?;
    let words = &["You may not request plans", "production", "These may"];
    let told = stage.types_and_reads(BEN, "/patch plan production", words).await?;
    ensure!(told.contains(HANA), "nobody is named who may:\n{told}");
    // Omar is in the channel, but his account in Discord is not known.
    let words = &["No plan was created", "does not know your account on the other one"];
    stage.types_and_reads(OMAR, "/patch plan verification", words).await?;
    // If the configuration names nobody, everybody whom it knows may ask.
    stage.types_and_reads(BEN, "/patch plan verification", &["Checking the nodes"]).await?;
    stage.card(&["Approve patching verification?"]).await.context("his plan")?;
    stage.is_clean()
}
