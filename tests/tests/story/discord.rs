//! Discord beside Slack, or alone: one plan, one vote, the same cards.

use anyhow::{Context, Result, ensure};
use simulators::discord::{Fault, Press};
use stories::{
    AIKO, BEN, Bot, CHANNEL, GUILD, HANA, OMAR, On, ROOM, Settings, Stage, buttons, in_discord,
    says_there,
};

async fn set(on: On) -> Result<Stage> {
    Stage::set(&Settings { on, ..Settings::default() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_vote_counts_on_both_platforms() -> Result<()> {
    let stage = set(On::Both).await?;
    let bot = Bot::start(&stage).await?;

    // What exists is offered while somebody types.
    let line = "/patch plan environment:prod";
    let offered = stage.discord.autocomplete(&in_discord(HANA), ROOM, line, "environment").await?;
    let offered: Vec<_> = offered.into_iter().map(|choice| choice.name).collect();
    ensure!(offered == ["production"], "{offered:?}");
    stage.types_there(HANA, "/patch plan environment:verification").await?;
    let asks = ["Approve patching verification?", "[Approve]"];
    let (there, here) = (stage.card_there(&asks).await?, stage.card(&asks).await?);
    let mentions_aiko = there.content.contains(&format!("<@{}>", in_discord(AIKO)));
    ensure!(mentions_aiko, "{}", there.content);

    // Who asks does not decide, and who is not named does not either.
    stage.presses_there(HANA, &there.id, "Approve").await?;
    stage.told_there(HANA, &["who asks does not decide"]).await?;
    stage.presses_there(OMAR, &there.id, "Approve").await?;
    stage.told_there(OMAR, &["You may not decide"]).await?;

    let vote = stage.presses_there(AIKO, &there.id, "Approve").await?;
    stage.told_there(AIKO, &["all it needs"]).await?;
    stage.discord.redeliver(&vote.interaction)?;
    stage.turns_into(&here.ts, &["verification is patched and proven"]).await?;
    stage.turns_there(&there.id, &["verification is patched and proven"]).await?;
    stage.line_there(&there.id, &["Done"]).await?;
    let votes = stage.lines_there(&there.id, &["approved plan"]);
    ensure!(votes == 1, "one vote is {votes} lines");
    stage.each_installed_once("verification-1", 6)?;

    // Compliance has its picture, and a restart repeats nothing.
    let report = stage.card_there(&["Patch compliance after verification-1"]).await?;
    let names = |stage: &Stage| {
        let report = stage.discord.message(ROOM, &report.id)?;
        let names = report.attachments.iter().map(|file| file["filename"].clone());
        (names.collect::<Vec<_>>() == ["chart.png", "nodes.csv"]).then_some(report)
    };
    let report = stage.until("the chart of compliance, and all its rows", names).await?;
    let file = report.attachments[1]["id"].as_str().and_then(|id| stage.discord.file(id));
    let rows = String::from_utf8(file.context("the file is not there")?.1)?;
    ensure!(rows.lines().count() == 13, "a heading, and the 12 nodes of production:\n{rows}");
    ensure!(rows.contains("production,web-03,i-02222000000000003,2 missing"), "{rows}");
    let cards = |stage: &Stage| stage.discord.messages(ROOM).len();
    let puts =
        |stage: &Stage| stage.discord.calls().iter().filter(|call| call.method == "PUT").count();
    let (hung, registered) = (cards(&stage), puts(&stage));
    bot.kill().await?;
    let _bot = Bot::start(&stage).await?;
    stage.types_there(HANA, "/patch status").await?;
    stage.told_there(HANA, &["Where everything stands"]).await?;
    ensure!(cards(&stage) == hung, "the restart has posted something again");
    ensure!(puts(&stage) == registered, "/patch was registered again");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejection_opens_a_dialog_and_an_unreachable_platform_catches_up() -> Result<()> {
    let stage = set(On::Both).await?;
    let _bot = Bot::start(&stage).await?;
    stage.types_there(HANA, "/patch plan environment:verification").await?;
    let there = stage.card_there(&["Approve patching verification?", "[Reject"]).await?;
    let here = stage.card(&["Approve patching verification?", "[Approve]"]).await?;
    let aiko = in_discord(AIKO);
    let reject = Press::starting("p1|reject|");
    stage.discord.press(&aiko, ROOM, &there.id, reject).await?;
    let modal = stage.discord.open_modals(&aiko).pop().context("no dialog opened")?;
    // Discord fails for a while: Slack is told all the same, and Discord afterwards.
    for _ in 0..3 {
        stage.discord.fail_next("PATCH /channels/{}/messages/{}", Fault::ServerError);
    }
    stage.discord.submit(&aiko, &modal.id, &[("reason", "quarter end")]).await?;
    stage.turns_into(&here.ts, &["Rejected", "quarter end"]).await?;
    stage.turns_there(&there.id, &["Rejected", "quarter end"]).await?;
    let left =
        stage.slack.message(CHANNEL, &here.ts).map(|card| buttons(&card)).unwrap_or_default();
    ensure!(!left.iter().any(|label| label == "Approve"), "a rejected plan has {left:?}");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_full_cycle_runs_on_discord_alone() -> Result<()> {
    let stage = set(On::Discord).await?;
    let _bot = Bot::start(&stage).await?;
    ensure!(!stage.discord.commands(Some(GUILD)).is_empty(), "/patch is not registered");

    // Production can be planned first, and not approved.
    stage.types_there(BEN, "/patch plan environment:production").await?;
    let early = stage.card_there(&["production cannot be approved yet", "verification"]).await?;
    stage.types_there(HANA, "/patch plan environment:verification").await?;
    let plan = stage.card_there(&["Approve patching verification?", "[Approve]"]).await?;
    stage.presses_there(AIKO, &plan.id, "Approve").await?;
    stage.turns_there(&plan.id, &["verification is patched and proven"]).await?;
    stage.each_installed_once("verification-1", 6)?;

    // By itself a plan takes its place that holds what was proven.
    let plan = stage.card_there(&["Approve patching production?", "[Approve]"]).await?;
    stage.sure_there(AIKO, &plan.id).await?;
    stage.told_there(AIKO, &["1 of 2"]).await?;
    stage.presses_there(AIKO, &plan.id, "Approve").await?;
    stage.told_there(AIKO, &["already"]).await?;
    stage.sure_there(HANA, &plan.id).await?;
    stage.turns_there(&plan.id, &["production is patched and proven"]).await?;
    stage.each_installed_once("production-2", 12)?;
    stage.card_there(&["Patch compliance after production-2"]).await?;
    stage.turns_there(&early.id, &["Void: production", "A new plan follows"]).await?;
    let cards = stage.discord.messages(ROOM);
    let plans = cards.iter().filter(|card| says_there(card, &["is patched and proven"])).count();
    ensure!(plans == 2, "{plans} plans ended");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn approvers_on_both_platforms_decide_together() -> Result<()> {
    let stage = set(On::Both).await?;
    let _bot = Bot::start(&stage).await?;
    stage.types(HANA, "/patch plan verification").await?;
    let asks = ["Approve patching verification?", "[Approve]"];
    let (there, here) = (stage.card_there(&asks).await?, stage.card(&asks).await?);
    stage.presses_there(BEN, &there.id, "Approve").await?;
    stage.turns_into(&here.ts, &["verification is patched and proven"]).await?;
    stage.turns_there(&there.id, &["verification is patched and proven"]).await?;

    stage.types_there(HANA, "/patch plan environment:production").await?;
    let asks = ["Approve patching production?", "[Approve]"];
    let (there, here) = (stage.card_there(&asks).await?, stage.card(&asks).await?);
    // The same person twice is one vote, wherever they press.
    stage.presses(AIKO, &here.ts, "Approve").await?;
    stage.turns_there(&there.id, &["So far 1"]).await?;
    stage.presses_there(AIKO, &there.id, "Approve").await?;
    stage.told_there(AIKO, &["already"]).await?;
    ensure!(stage.commands("production-1", "Install").is_empty(), "one person was two votes");
    stage.sure_there(BEN, &there.id).await?;
    stage.turns_into(&here.ts, &["production is patched and proven"]).await?;
    stage.turns_there(&there.id, &["production is patched and proven"]).await?;
    stage.each_installed_once("production-1", 12)?;
    stage.line(&here.ts, &["Done"]).await?;
    stage.line_there(&there.id, &["Done"]).await?;
    let votes = stage.lines(&here.ts, &["approved plan"]);
    let votes_there = stage.lines_there(&there.id, &["approved plan"]);
    ensure!(
        (votes, votes_there) == (2, 2),
        "two votes are {votes} and {votes_there} lines\n{}",
        stage.all_there_is()
    );
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_slash_command_is_listed_once_after_it_moves_to_a_server() -> Result<()> {
    let stage = set(On::Discord).await?;
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
