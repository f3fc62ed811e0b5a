//! Discord that fails, is late, or has archived a thread. In the end the cards are right.

use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use simulators::discord::{Fault, UserActionError, permission, plain_text};
use stories::{
    AIKO, Bot, DISCORD_CHANNEL, GUILD, HANA, INVITED_WITH, Platforms, Settings, Side, Stage,
    in_discord, says_in_discord,
};

/// How long the token of an interaction is valid.
const QUARTER_OF_AN_HOUR: TimeDelta = TimeDelta::minutes(15);

async fn set() -> Result<Stage> {
    Stage::set(&Settings { platforms: Platforms::Discord, ..Settings::default() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cards_are_right_in_the_end_whatever_discord_does() -> Result<()> {
    let stage = set().await?;
    let _bot = Bot::start(&stage).await?;
    stage.card_in_discord(&["should not wait"]).await?;
    for fault in [Fault::RateLimited(1), Fault::ResetAfter] {
        stage.discord.fail_next("POST /channels/{}/messages", fault);
    }
    stage.types_in_discord(HANA, "/patch plan environment:verification").await?;
    let card = stage.card_in_discord(&["Approve patching verification?"]).await?;
    for fault in [Fault::ServerError, Fault::ResetBefore] {
        stage.discord.fail_next("PATCH /channels/{}/messages/{}", fault);
    }
    stage.discord.fail_next("POST /channels/{}/messages", Fault::ResetAfter);
    stage.discord.fail_next("POST /channels/{}/messages/{}/threads", Fault::ServerError);
    stage.presses_in_discord(AIKO, &card.id, "Approve").await?;
    stage.card_becomes_in_discord(&card.id, &["verification is patched and proven"]).await?;
    stage.thread_line_in_discord(&card.id, &["Done", "6 of 6"]).await?;
    stage.card_in_discord(&["Patch compliance after verification-1"]).await?;
    for line in ["approved plan", "is approved", "Wave 1 of 2 started", "Wave 2 of 2 started"] {
        let times = stage.thread_lines_in_discord(&card.id, &[line]);
        ensure!(times == 1, "{line:?} stands {times} times in the thread");
    }
    stage.each_installed_once("verification-1", 6)?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archived_thread_is_reopened() -> Result<()> {
    let stage = set().await?;
    let _bot = Bot::start(&stage).await?;
    stage.types_in_discord(HANA, "/patch plan environment:verification").await?;
    let card = stage.card_in_discord(&["Approve patching verification?", "[Approve]"]).await?;
    let send = stage.aws_gate.hold("SendCommand", ":install-w0-", Side::Before);
    stage.presses_in_discord(AIKO, &card.id, "Approve").await?;
    stage.thread_line_in_discord(&card.id, &["approved plan"]).await?;
    send.caught().await?;
    // A moderator closes it, as Discord does by itself when nobody writes for long.
    stage.discord.set_thread(&card.id, true, true);
    send.passes();
    stage.thread_line_in_discord(&card.id, &["Done", "6 of 6"]).await?;
    let threads = stage.discord.threads(DISCORD_CHANNEL);
    let channel = threads.iter().find(|thread| thread.id == card.id).context("no thread")?;
    let thread = channel.thread().context("it is no thread")?;
    ensure!(!thread.is_archived(stage.clock.now()), "it is still put away");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_thread_delays_only_its_own_lines() -> Result<()> {
    let stage = set().await?;
    stage.discord.set_app_permissions(INVITED_WITH & !permission::MANAGE_THREADS);
    let bot = Bot::start(&stage).await?;
    stage.types_in_discord(HANA, "/patch plan environment:verification").await?;
    let card = stage.card_in_discord(&["Approve patching verification?", "[Approve]"]).await?;
    let send = stage.aws_gate.hold("SendCommand", ":install-w0-", Side::Before);
    stage.presses_in_discord(AIKO, &card.id, "Approve").await?;
    stage.thread_line_in_discord(&card.id, &["approved plan"]).await?;
    send.caught().await?;
    stage.discord.set_thread(&card.id, true, true);
    send.passes();
    // The card and the report go on, and an operator reads why the thread does not.
    stage.card_becomes_in_discord(&card.id, &["verification is patched and proven"]).await?;
    stage.card_in_discord(&["Patch compliance after verification-1"]).await?;
    ensure!(
        stage.thread_lines_in_discord(&card.id, &["Wave 1 of 2 started"]) == 0,
        "the lock did not hold"
    );
    stage.types_in_discord(HANA, "/patch status").await?;
    stage.private_answer_in_discord(HANA, &["somebody locked it"]).await?;
    // What could not be posted is not lost.
    stage.discord.set_thread(&card.id, false, false);
    // It would try again after five minutes, or as soon as it starts.
    bot.kill().await?;
    let _bot = Bot::start(&stage).await?;
    stage.thread_line_in_discord(&card.id, &["Done", "6 of 6"]).await?;
    for line in ["Wave 1 of 2 started", "Wave 2 of 2 started"] {
        let times = stage.thread_lines_in_discord(&card.id, &[line]);
        ensure!(times == 1, "{line:?} stands {times} times in the thread");
    }
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_after_the_token_expired_is_given_in_the_channel() -> Result<()> {
    let stage = set().await?;
    let _bot = Bot::start(&stage).await?;
    stage.card_in_discord(&["should not wait"]).await?;
    let asked = stage.aws_gate.hold("DescribePatchGroupState", "", Side::Before);
    let asked_for_states =
        stage.aws_gate.hold("DescribeInstancePatchStatesForPatchGroup", "", Side::Before);
    stage.types_in_discord(HANA, "/patch compliance").await?;
    stage.private_answer_in_discord(HANA, &["Asking Systems Manager"]).await?;
    asked_for_states.caught().await?;
    stage.clock.advance(QUARTER_OF_AN_HOUR);
    asked_for_states.passes();
    asked.passes();
    let answer = stage.card_in_discord(&["Patch compliance"]).await?;
    let hana = in_discord(HANA);
    ensure!(answer.content == format!("<@{hana}>"), "nobody is called: {}", answer.content);
    ensure!(answer.only_for.is_none(), "only {:?} sees it", answer.only_for);
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vote_counts_even_if_its_acknowledgement_was_late() -> Result<()> {
    let stage = set().await?;
    let _bot = Bot::start(&stage).await?;
    stage.types_in_discord(HANA, "/patch plan environment:verification").await?;
    let card = stage.card_in_discord(&["Approve patching verification?", "[Approve]"]).await?;
    // Aiko reads that the app did not respond. Her vote was durable before that.
    stage.discord.fail_next("POST /interactions/{}/{}/callback", Fault::Delayed(4));
    let pressed =
        stage.discord.press(&in_discord(AIKO), DISCORD_CHANNEL, &card.id, "Approve").await;
    ensure!(pressed == Err(UserActionError::NoResponse), "{pressed:?}");
    stage.card_becomes_in_discord(&card.id, &["verification is patched and proven"]).await?;
    let votes = stage.thread_lines_in_discord(&card.id, &["approved plan"]);
    ensure!(votes == 1, "one vote is {votes} lines");
    // The answer that she could not get in private is in the channel, with her name.
    let told = stage.card_in_discord(&["is now approved"]).await?;
    ensure!(told.content.contains(&in_discord(AIKO)), "{}", plain_text(&told));
    stage.each_installed_once("verification-1", 6)?;
    ensure!(says_in_discord(&told, &["verification-1"]), "{}", plain_text(&told));
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_card_is_posted_again() -> Result<()> {
    let stage = set().await?;
    let _bot = Bot::start(&stage).await?;
    stage.types_in_discord(HANA, "/patch plan environment:verification").await?;
    let card = stage.card_in_discord(&["Approve patching verification?", "[Approve]"]).await?;
    stage.discord.delete(DISCORD_CHANNEL, &card.id);
    stage
        .types_and_presses_in_discord(AIKO, "/patch approve run:verification-1", "Approve")
        .await?;
    let again = stage.card_in_discord(&["verification is patched and proven"]).await?;
    ensure!(again.id != card.id, "nothing was deleted");
    stage.thread_line_in_discord(&again.id, &["approved plan"]).await?;
    stage.each_installed_once("verification-1", 6)?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn cards_change_without_the_permissions_for_files_and_threads() -> Result<()> {
    let stage = set().await?;
    let least = permission::ATTACH_FILES | permission::CREATE_PUBLIC_THREADS;
    stage.discord.set_app_permissions(INVITED_WITH & !least);
    let _bot = Bot::start(&stage).await?;
    stage.types_in_discord(HANA, "/patch plan environment:verification").await?;
    let card = stage.card_in_discord(&["Approve patching verification?", "[Approve]"]).await?;
    stage.presses_in_discord(AIKO, &card.id, "Approve").await?;
    stage.card_becomes_in_discord(&card.id, &["verification is patched and proven"]).await?;
    // Words replace the chart, and what comes after it is posted as well.
    let report =
        stage.card_in_discord(&["Patch compliance after verification-1", "6 of 6"]).await?;
    ensure!(report.attachments.is_empty(), "it may attach nothing: {:?}", report.attachments);
    stage.types_in_discord(HANA, "/patch plan environment:verification").await?;
    stage
        .card_in_discord(&["Approve patching verification?", "[Approve]", "verification-2"])
        .await?;
    stage.types_in_discord(HANA, "/patch status").await?;
    stage.private_answer_in_discord(HANA, &["the thread of", "Missing Permissions"]).await?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_registration_of_the_command_is_retried() -> Result<()> {
    let stage = set().await?;
    stage.discord.fail_next("GET /applications/{}/guilds/{}/commands", Fault::ServerError);
    let _bot = Bot::start(&stage).await?;
    let offered = |stage: &Stage| (!stage.discord.commands(Some(GUILD)).is_empty()).then_some(());
    stage.until("/patch in the list of commands", offered).await?;
    stage.types_in_discord(HANA, "/patch status").await?;
    stage.private_answer_in_discord(HANA, &["Environment status"]).await?;
    stage.is_clean()
}
