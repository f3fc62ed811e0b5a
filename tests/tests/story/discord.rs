//! Discord beside Slack, or alone: one plan, one vote, the same cards.

use anyhow::{Context, Result, ensure};
use simulators::discord::{Fault, Press};
use stories::{
    AIKO, BEN, Bot, CHANNEL, DISCORD_CHANNEL, GUILD, HANA, OMAR, Platforms, Settings, Stage,
    buttons, in_discord, says_in_discord,
};

async fn set(platforms: Platforms) -> Result<Stage> {
    Stage::set(&Settings { platforms, ..Settings::default() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_vote_counts_on_both_platforms() -> Result<()> {
    let stage = set(Platforms::Both).await?;
    let bot = Bot::start(&stage).await?;

    // Existing names are suggested while a person types.
    let line = "/patch plan environment:prod";
    let offered =
        stage.discord.autocomplete(&in_discord(HANA), DISCORD_CHANNEL, line, "environment").await?;
    let offered: Vec<_> = offered.into_iter().map(|choice| choice.name).collect();
    ensure!(offered == ["production"], "{offered:?}");
    stage.types_in_discord(HANA, "/patch plan environment:verification").await?;
    let asks = ["Approve patching verification?", "[Approve]"];
    let (discord_card, slack_card) =
        (stage.card_in_discord(&asks).await?, stage.card(&asks).await?);
    let mentions_aiko = discord_card.content.contains(&format!("<@{}>", in_discord(AIKO)));
    ensure!(mentions_aiko, "{}", discord_card.content);

    // The requester does not decide, and neither does a person whom no policy names.
    stage.presses_in_discord(HANA, &discord_card.id, "Approve").await?;
    stage.private_answer_in_discord(HANA, &["the requester may not decide"]).await?;
    stage.presses_in_discord(OMAR, &discord_card.id, "Approve").await?;
    stage.private_answer_in_discord(OMAR, &["You may not decide"]).await?;

    let vote = stage.presses_in_discord(AIKO, &discord_card.id, "Approve").await?;
    stage.private_answer_in_discord(AIKO, &["is now approved"]).await?;
    stage.discord.redeliver(&vote.interaction)?;
    stage.card_becomes(&slack_card.ts, &["verification is patched and proven"]).await?;
    stage
        .card_becomes_in_discord(&discord_card.id, &["verification is patched and proven"])
        .await?;
    stage.thread_line_in_discord(&discord_card.id, &["Done"]).await?;
    let votes = stage.thread_lines_in_discord(&discord_card.id, &["approved plan"]);
    ensure!(votes == 1, "one vote is {votes} lines");
    stage.each_installed_once("verification-1", 6)?;

    // The compliance card has its picture, and a restart repeats nothing.
    let report = stage.card_in_discord(&["Patch compliance after verification-1"]).await?;
    let names = |stage: &Stage| {
        let report = stage.discord.message(DISCORD_CHANNEL, &report.id)?;
        let names = report.attachments.iter().map(|file| file["filename"].clone());
        (names.collect::<Vec<_>>() == ["chart.png", "nodes.csv"]).then_some(report)
    };
    let report = stage.until("the chart of compliance, and all its rows", names).await?;
    let file = report.attachments[1]["id"].as_str().and_then(|id| stage.discord.file(id));
    let rows = String::from_utf8(file.context("the file is not there")?.1)?;
    ensure!(rows.lines().count() == 13, "a heading, and the 12 nodes of production:\n{rows}");
    ensure!(rows.contains("production,web-03,i-02222000000000003,2 missing"), "{rows}");
    let cards = |stage: &Stage| stage.discord.messages(DISCORD_CHANNEL).len();
    let puts =
        |stage: &Stage| stage.discord.calls().iter().filter(|call| call.method == "PUT").count();
    let (hung, registered) = (cards(&stage), puts(&stage));
    bot.kill().await?;
    let _bot = Bot::start(&stage).await?;
    stage.types_in_discord(HANA, "/patch status").await?;
    stage.private_answer_in_discord(HANA, &["Environment status"]).await?;
    ensure!(cards(&stage) == hung, "the restart has posted something again");
    ensure!(puts(&stage) == registered, "/patch was registered again");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejection_opens_a_dialog_and_an_unreachable_platform_catches_up() -> Result<()> {
    let stage = set(Platforms::Both).await?;
    let _bot = Bot::start(&stage).await?;
    stage.types_in_discord(HANA, "/patch plan environment:verification").await?;
    let discord_card =
        stage.card_in_discord(&["Approve patching verification?", "[Reject"]).await?;
    let slack_card = stage.card(&["Approve patching verification?", "[Approve]"]).await?;
    let aiko = in_discord(AIKO);
    let reject = Press::starting("p1|reject|");
    stage.discord.press(&aiko, DISCORD_CHANNEL, &discord_card.id, reject).await?;
    let modal = stage.discord.open_modals(&aiko).pop().context("no dialog opened")?;
    // Discord fails for a while: Slack gets the card all the same, and Discord afterwards.
    for _ in 0..3 {
        stage.discord.fail_next("PATCH /channels/{}/messages/{}", Fault::ServerError);
    }
    stage.discord.submit(&aiko, &modal.id, &[("reason", "quarter end")]).await?;
    stage.card_becomes(&slack_card.ts, &["Rejected", "quarter end"]).await?;
    stage.card_becomes_in_discord(&discord_card.id, &["Rejected", "quarter end"]).await?;
    let left =
        stage.slack.message(CHANNEL, &slack_card.ts).map(|card| buttons(&card)).unwrap_or_default();
    ensure!(!left.iter().any(|label| label == "Approve"), "a rejected plan has {left:?}");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_full_cycle_runs_on_discord_alone() -> Result<()> {
    let stage = set(Platforms::Discord).await?;
    let _bot = Bot::start(&stage).await?;
    ensure!(!stage.discord.commands(Some(GUILD)).is_empty(), "/patch is not registered");

    // Production can be planned first, but not approved.
    stage.types_in_discord(BEN, "/patch plan environment:production").await?;
    let early =
        stage.card_in_discord(&["production cannot be approved yet", "verification"]).await?;
    stage.types_in_discord(HANA, "/patch plan environment:verification").await?;
    let plan = stage.card_in_discord(&["Approve patching verification?", "[Approve]"]).await?;
    stage.presses_in_discord(AIKO, &plan.id, "Approve").await?;
    stage.card_becomes_in_discord(&plan.id, &["verification is patched and proven"]).await?;
    stage.each_installed_once("verification-1", 6)?;

    // A plan that is pinned to what was proven replaces it automatically.
    let plan = stage.card_in_discord(&["Approve patching production?", "[Approve]"]).await?;
    stage.confirms_in_discord(AIKO, &plan.id).await?;
    stage.private_answer_in_discord(AIKO, &["1 of 2"]).await?;
    stage.presses_in_discord(AIKO, &plan.id, "Approve").await?;
    stage.private_answer_in_discord(AIKO, &["already"]).await?;
    stage.confirms_in_discord(HANA, &plan.id).await?;
    stage.card_becomes_in_discord(&plan.id, &["production is patched and proven"]).await?;
    stage.each_installed_once("production-2", 12)?;
    stage.card_in_discord(&["Patch compliance after production-2"]).await?;
    stage
        .card_becomes_in_discord(&early.id, &["No longer valid: production", "A new plan follows"])
        .await?;
    let cards = stage.discord.messages(DISCORD_CHANNEL);
    let plans =
        cards.iter().filter(|card| says_in_discord(card, &["is patched and proven"])).count();
    ensure!(plans == 2, "{plans} plans ended");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn approvers_on_both_platforms_decide_together() -> Result<()> {
    let stage = set(Platforms::Both).await?;
    let _bot = Bot::start(&stage).await?;
    stage.types(HANA, "/patch plan verification").await?;
    let asks = ["Approve patching verification?", "[Approve]"];
    let (discord_card, slack_card) =
        (stage.card_in_discord(&asks).await?, stage.card(&asks).await?);
    stage.presses_in_discord(BEN, &discord_card.id, "Approve").await?;
    stage.card_becomes(&slack_card.ts, &["verification is patched and proven"]).await?;
    stage
        .card_becomes_in_discord(&discord_card.id, &["verification is patched and proven"])
        .await?;

    stage.types_in_discord(HANA, "/patch plan environment:production").await?;
    let asks = ["Approve patching production?", "[Approve]"];
    let (discord_card, slack_card) =
        (stage.card_in_discord(&asks).await?, stage.card(&asks).await?);
    // The same person twice is one vote, on whatever platform they press.
    stage.presses(AIKO, &slack_card.ts, "Approve").await?;
    stage.card_becomes_in_discord(&discord_card.id, &["So far 1"]).await?;
    stage.presses_in_discord(AIKO, &discord_card.id, "Approve").await?;
    stage.private_answer_in_discord(AIKO, &["already"]).await?;
    ensure!(stage.commands("production-1", "Install").is_empty(), "one person was two votes");
    stage.confirms_in_discord(BEN, &discord_card.id).await?;
    stage.card_becomes(&slack_card.ts, &["production is patched and proven"]).await?;
    stage.card_becomes_in_discord(&discord_card.id, &["production is patched and proven"]).await?;
    stage.each_installed_once("production-1", 12)?;
    stage.thread_line(&slack_card.ts, &["Done"]).await?;
    stage.thread_line_in_discord(&discord_card.id, &["Done"]).await?;
    let votes = stage.thread_lines(&slack_card.ts, &["approved plan"]);
    let discord_votes = stage.thread_lines_in_discord(&discord_card.id, &["approved plan"]);
    ensure!(
        (votes, discord_votes) == (2, 2),
        "two votes are {votes} and {discord_votes} lines\n{}",
        stage.transcript()
    );
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_slash_command_is_listed_once_after_it_moves_to_a_server() -> Result<()> {
    let stage = set(Platforms::Discord).await?;
    let path = stage.config();
    let in_one = std::fs::read_to_string(&path).context("failed to read the configuration")?;
    let in_all = in_one.replace(&format!("guild = \"{GUILD}\"\n"), "");
    ensure!(in_all != in_one, "the configuration names no guild");
    for (config, one, all) in [(&in_one, 1, 0), (&in_all, 0, 1), (&in_one, 1, 0)] {
        std::fs::write(&path, config).context("failed to write the configuration")?;
        let bot = Bot::start(&stage).await?;
        let offered = [Some(GUILD), None].map(|guild| stage.discord.commands(guild).len());
        ensure!(offered == [one, all], "in the guild and everywhere: {offered:?}");
        bot.kill().await?;
    }
    stage.is_clean()
}
