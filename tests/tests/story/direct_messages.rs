//! Approvers who opted in get one direct message about each plan that waits for them, which is
//! edited until the plan is over.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use simulators::discord::plain_text as discord_text;
use simulators::slack::plain_text;
use stories::{
    AIKO, BEN, Bot, GUILD, HANA, OMAR, Platforms, Settings, Side, Stage, binary, in_discord, says,
    says_in_discord,
};

/// Asks for plans and decides on none: the configuration knows them, and no policy names them.
const ASKER: &str = "U1CROWD0";

/// Two must decide. Ben may decide only because of his role in Discord.
fn settings() -> Settings {
    let mut settings = Settings { platforms: Platforms::Both, ..Settings::default() };
    settings.verification.approvers = r#"["hana", "aiko", "@security"]"#;
    settings.verification.quorum = 2;
    settings.more = "\n[[group]]\nname = \"security\"\ndiscord_role = \"1500\"\n".into();
    settings
}

async fn set() -> Result<Stage> {
    let stage = Stage::set(&settings()).await?;
    stage.discord.set_roles(GUILD, &in_discord(BEN), &["1500"]);
    Ok(stage)
}

/// What Aiko reads in Slack, once it is one message that contains all of `words`.
async fn aiko_reads(stage: &Stage, words: &[&str]) -> Result<String> {
    stage
        .until(&format!("one message to Aiko that says {words:?}"), |stage| {
            let all = stage.slack.direct_messages(AIKO);
            let [one] = all.as_slice() else { return None };
            says(one, words).then(|| plain_text(one))
        })
        .await
}

/// The same for Ben in Discord.
async fn ben_reads(stage: &Stage, words: &[&str]) -> Result<String> {
    stage
        .until(&format!("one message to Ben that says {words:?}"), |stage| {
            let all = stage.discord.direct_messages(&in_discord(BEN));
            let [one] = all.as_slice() else { return None };
            says_in_discord(one, words).then(|| discord_text(one))
        })
        .await
}

fn nobody_else_was_told(stage: &Stage) -> Result<()> {
    for user in [HANA, OMAR, BEN] {
        ensure!(stage.slack.direct_messages(user).is_empty(), "{user} was told in Slack");
    }
    for user in [HANA, OMAR, AIKO] {
        let told = stage.discord.direct_messages(&in_discord(user));
        ensure!(told.is_empty(), "{user} was told in Discord");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn subscribers_get_one_message_that_is_edited_until_the_plan_closes() -> Result<()> {
    let stage = set().await?;
    let bot = Bot::start(&stage).await?;
    stage.types_and_reads(AIKO, "/patch notify", &["sends you no direct messages"]).await?;
    stage.types_and_reads(AIKO, "/patch notify on", &["On", "sends you a direct message"]).await?;
    stage.types_in_discord(BEN, "/patch notify choice:on").await?;
    stage.private_answer_in_discord(BEN, &["sends you a direct message"]).await?;
    stage.types_and_reads(HANA, "/patch notify on", &["sends you a direct message"]).await?;
    stage.types_and_reads(HANA, "/patch notify off", &["sends you no direct messages"]).await?;
    // No policy names Omar.
    stage.types_and_reads(OMAR, "/patch notify on", &["No environment names you"]).await?;

    stage.card(&["should not wait"]).await?;

    // The process dies after Slack has accepted the message and before Slack has answered.
    let posted = stage.slack_gate.hold("chat.postMessage", "asked-verification-1", Side::After);
    stage.types(ASKER, "/patch plan verification").await?;
    posted.caught().await?;
    bot.kill().await?;
    posted.lost();
    let bot = Bot::start(&stage).await?;

    let card = stage.card(&["Approve patching verification?", "[Approve]"]).await?;
    let discord_card =
        stage.card_in_discord(&["Approve patching verification?", "[Approve]"]).await?;
    let asked = ["Approval requested: verification", "6 patches on 6 nodes", "III 9.8"];
    let message = aiko_reads(&stage, &asked).await?;
    let blocks = format!("{:?}", stage.slack.direct_messages(AIKO).first().map(|one| &one.blocks));
    ensure!(blocks.contains(&card.ts.replace('.', "")), "no link to the card:\n{blocks}");
    ensure!(!message.contains("[Approve]"), "it has buttons:\n{message}");
    let said = ben_reads(&stage, &asked).await?;
    ensure!(said.contains(&discord_card.id), "no link to the card:\n{said}");
    nobody_else_was_told(&stage)?;

    stage.presses_and_reads(AIKO, &card.ts, "Approve", &["1 of 2"]).await?;
    aiko_reads(&stage, &["You have voted", "waits for other votes"]).await?;
    ben_reads(&stage, &["Approval requested"]).await?;
    bot.kill().await?;
    let bot = Bot::start(&stage).await?;
    stage.presses_in_discord(BEN, &discord_card.id, "Approve").await?;
    stage.card_becomes(&card.ts, &["verification is patched and proven"]).await?;
    aiko_reads(&stage, &["Decided: verification", "Approved by", "You need not do anything"])
        .await?;
    ben_reads(&stage, &["Decided: verification", "Approved by"]).await?;

    // A plan that is over causes no second message, and the next plan gets a message of its own.
    bot.kill().await?;
    let _bot = Bot::start(&stage).await?;
    stage.types_and_reads(AIKO, "/patch notify", &["On"]).await?;
    aiko_reads(&stage, &["Decided: verification"]).await?;
    nobody_else_was_told(&stage)?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_subscriber_delays_no_other() -> Result<()> {
    let stage = set().await?;
    let bot = Bot::start(&stage).await?;
    let ben = in_discord(BEN);
    stage.discord.set_direct_messages(&ben, false);
    stage.slack.set_deactivated(HANA, true);
    stage.types_in_discord(BEN, "/patch notify choice:on").await?;
    stage.private_answer_in_discord(BEN, &["sends you a direct message"]).await?;
    stage.types_and_reads(HANA, "/patch notify on", &["sends you a direct message"]).await?;
    stage.types_and_reads(AIKO, "/patch notify on", &["sends you a direct message"]).await?;
    stage.types(ASKER, "/patch plan verification").await?;
    let card = stage.card(&["Approve patching verification?", "[Approve]"]).await?;
    let discord_card =
        stage.card_in_discord(&["Approve patching verification?", "[Approve]"]).await?;
    aiko_reads(&stage, &["Approval requested: verification"]).await?;
    stage
        .until("that nobody can be written to", |stage| {
            let log = stage.logged();
            (log.matches("failed to send a direct message").count() == 2).then_some(())
        })
        .await?;
    stage.presses_and_reads(AIKO, &card.ts, "Approve", &["1 of 2"]).await?;
    stage.presses_in_discord(BEN, &discord_card.id, "Approve").await?;
    stage.card_becomes(&card.ts, &["verification is patched and proven"]).await?;
    aiko_reads(&stage, &["Decided: verification"]).await?;

    // It was tried once, and is not tried again; they get to know it when they ask.
    bot.kill().await?;
    let _bot = Bot::start(&stage).await?;
    stage.types_in_discord(BEN, "/patch notify").await?;
    stage
        .private_answer_in_discord(
            BEN,
            &["could not deliver its last message", "Cannot send messages to this user"],
        )
        .await?;
    stage
        .types_and_reads(
            HANA,
            "/patch notify",
            &["could not deliver its last message", "user_disabled"],
        )
        .await?;
    let refused = stage.discord.calls().into_iter().filter(|call| call.status == 403).count();
    ensure!(refused == 1, "Discord refused {refused} messages to Ben");
    let opened = stage.slack.calls().into_iter();
    let opened = opened.filter(|call| call.method == "conversations.open").count();
    ensure!(opened == 2, "one for Aiko and one for Hana, and not {opened}");

    // Once they allow messages, and choose again, they get a message about what comes next.
    stage.discord.set_direct_messages(&ben, true);
    stage.types_in_discord(BEN, "/patch notify choice:on").await?;
    stage.types_in_discord(ASKER, "/patch plan environment:verification").await?;
    stage.card_in_discord(&["Approve patching verification?", "verification-2"]).await?;
    ben_reads(&stage, &["Approval requested", "verification-2"]).await.context("Ben")?;
    stage.is_clean()
}

/// Runs the program with its input and output as files, as an operator would.
async fn piped(arguments: &[&str], from: Option<&Path>, to: &Path) -> Result<()> {
    let mut command = tokio::process::Command::new(binary()?);
    command.args(arguments).stdout(std::fs::File::create(to)?);
    if let Some(from) = from {
        command.stdin(std::fs::File::open(from)?);
    }
    let status = command.status().await.context("failed to run patchbot")?;
    ensure!(status.success(), "{arguments:?} ended with {status}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_survives_an_import_and_ends_with_its_person() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let bot = Bot::start(&stage).await?;
    for user in [AIKO, BEN] {
        stage.types_and_reads(user, "/patch notify on", &["sends you a direct message"]).await?;
    }
    bot.terminate().await?;

    // The store moves to another machine, and Aiko to another team.
    let store = stage.store();
    let (export, nothing) = (store.with_extension("jsonl"), store.with_extension("out"));
    let data = store.display().to_string();
    piped(&["export", "--data", &data], None, &export).await?;
    std::fs::rename(&store, store.with_extension("old"))?;
    piped(&["import", "--data", &data], Some(&export), &nothing).await?;
    let written = std::fs::read_to_string(stage.config())?;
    let without = written.replace("[[person]]\nname = \"aiko\"\nslack = \"U0AIKO\"\n", "");
    ensure!(without != written, "Aiko is not in the configuration");
    std::fs::write(stage.config(), without.replace(r#""aiko", "#, ""))?;

    let _bot = Bot::start(&stage).await?;
    stage.types(ASKER, "/patch plan verification").await?;
    let card = stage.card(&["Approve patching verification?", "[Approve]"]).await?;
    stage
        .until("one message to Ben", |stage| {
            let told = stage.slack.direct_messages(BEN);
            (told.len() == 1 && says(&told[0], &["Approval requested"])).then_some(())
        })
        .await?;
    stage.presses_and_reads(BEN, &card.ts, "Approve", &["is now approved"]).await?;
    stage.card_becomes(&card.ts, &["verification is patched and proven"]).await?;
    ensure!(stage.slack.direct_messages(AIKO).is_empty(), "Aiko was told");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_scope_is_reported_and_messages_follow_once_it_is_granted() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    stage.slack.set_scope("im:write", false);
    let bot = Bot::start(&stage).await?;
    stage.types_and_reads(AIKO, "/patch notify on", &["sends you a direct message"]).await?;
    stage.types(ASKER, "/patch plan verification").await?;
    stage.card(&["Approve patching verification?", "[Approve]"]).await?;
    stage
        .until("that the message could not be delivered", |stage| {
            stage.logged().contains("somebody could not be written to").then_some(())
        })
        .await?;
    stage
        .types_and_reads(
            AIKO,
            "/patch notify",
            &["could not deliver its last message yet", "missing_scope"],
        )
        .await?;
    bot.kill().await?;

    stage.slack.set_scope("im:write", true);
    let _bot = Bot::start(&stage).await?;
    aiko_reads(&stage, &["Approval requested: verification"]).await?;
    let tried = stage.logged().matches("somebody could not be written to").count();
    ensure!(tried == 1, "it was logged {tried} times");
    stage.is_clean()
}
