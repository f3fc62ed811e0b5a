//! Discord asks for no confirmation before a press counts, so the bot asks: a vote for production
//! takes two presses there.

use anyhow::{Result, ensure};
use chrono::TimeDelta;
use simulators::discord::{Fault, UserActionError};
use stories::{AIKO, BEN, Bot, DISCORD_CHANNEL, HANA, Platforms, Settings, Stage, in_discord};

/// Verification is proven, and a plan of production waits. Returns the id of its card.
async fn waiting(stage: &Stage) -> Result<String> {
    stage.types_in_discord(HANA, "/patch plan environment:verification").await?;
    let plan = stage.card_in_discord(&["Approve patching verification?", "[Approve]"]).await?;
    // Patches arrive there first, so there is no question.
    stage.presses_in_discord(AIKO, &plan.id, "Approve").await?;
    stage.card_becomes_in_discord(&plan.id, &["verification is patched and proven"]).await?;
    stage.types_in_discord(HANA, "/patch plan environment:production").await?;
    Ok(stage.card_in_discord(&["Approve patching production?", "[Approve]"]).await?.id)
}

/// Waits until the answer has replaced the question.
async fn stands(stage: &Stage, question: &str, words: &[&str]) -> Result<()> {
    stage.card_becomes_in_discord(question, words).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_production_vote_in_discord_needs_a_confirmation() -> Result<()> {
    let stage =
        Stage::set(&Settings { platforms: Platforms::Discord, ..Settings::default() }).await?;
    let bot = Bot::start(&stage).await?;
    let card = waiting(&stage).await?;

    // It says exactly what it is about; cancelling does nothing.
    let question = stage.question_in_discord(AIKO, &card).await?;
    let said = simulators::discord::plain_text(&question);
    for word in ["production-1", "12 nodes", "level", "plan `"] {
        ensure!(said.contains(word), "it does not say {word}:\n{said}");
    }
    stage.presses_in_discord(AIKO, &question.id, "No, cancel").await?;
    stands(&stage, &question.id, &["Nothing was done"]).await?;
    ensure!(stage.thread_lines_in_discord(&card, &["approved plan"]) == 0, "who left it has voted");

    // The question outlives the process, and the quarter of an hour for which Discord accepts
    // answers to the press that led to it.
    let question = stage.question_in_discord(AIKO, &card).await?;
    bot.kill().await?;
    stage.clock.advance(TimeDelta::minutes(20));
    let bot = Bot::start(&stage).await?;
    // Discord never gets the acknowledgement of the press: it counts, and the voter gets the answer
    // in the channel.
    stage.discord.fail_next("POST /interactions/{}/{}/callback", Fault::ServerError);
    let lost =
        stage.discord.press(&in_discord(AIKO), DISCORD_CHANNEL, &question.id, "Yes, approve").await;
    ensure!(lost == Err(UserActionError::NoResponse), "{lost:?}");
    stage.card_in_discord(&["Your vote on production-1 is counted: 1 of 2"]).await?;
    // Once more by hand, and once more by Discord itself: one vote.
    let again = stage.presses_in_discord(AIKO, &question.id, "Yes, approve").await?;
    stage.discord.redeliver(&again.interaction)?;
    stands(&stage, &question.id, &["already", "Your vote counts once"]).await?;
    stage.card_becomes_in_discord(&card, &["So far 1"]).await?;

    // The question was asked, and then another plan waits.
    let question = stage.question_in_discord(BEN, &card).await?;
    stage.rejects_in_discord(HANA, "production-1", "quarter end").await?;
    stage.card_becomes_in_discord(&card, &["Rejected", "quarter end"]).await?;
    bot.kill().await?;
    let _bot = Bot::start(&stage).await?;
    stage.presses_in_discord(BEN, &question.id, "Yes, approve").await?;
    stands(&stage, &question.id, &["already rejected"]).await?;
    ensure!(stage.commands("production-1", "Install").is_empty(), "a rejected plan has started");
    ensure!(stage.thread_lines_in_discord(&card, &["approved plan"]) == 1, "one vote is one line");
    stage.is_clean()
}
