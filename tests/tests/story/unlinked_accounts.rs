//! The configuration no longer links two accounts of one human being. They still have one vote, on
//! every plan that replaces one for which the accounts were linked.

use anyhow::{Context, Result, ensure};
use simulators::aws::Life;
use stories::{AIKO, BEN, Bot, Environment, HANA, Platforms, Settings, Stage, in_discord};

use crate::scene::planned;

/// The file with Hana's and Aiko's accounts in Discord as two more people, who may approve as well.
fn taken_apart(toml: &str) -> String {
    let apart = |toml: String, name: &str, user: &str| {
        let account = format!("discord = \"{}\"\n", in_discord(user));
        let somebody = format!("\n[[person]]\nname = \"{name}-too\"\n{account}");
        toml.replace(&account, &somebody)
    };
    let toml = apart(apart(toml.to_owned(), "hana", HANA), "aiko", AIKO);
    toml.replace(r#"["hana", "aiko", "ben"]"#, r#"["hana", "hana-too", "aiko", "aiko-too", "ben"]"#)
}

#[tokio::test(flavor = "multi_thread")]
async fn unlinking_two_accounts_between_a_plan_and_its_successor_gives_no_second_vote() -> Result<()>
{
    let standard = Settings::default();
    let verification = Environment { quorum: 2, ..standard.verification.clone() };
    let stage =
        Stage::set(&Settings { platforms: Platforms::Both, verification, ..standard }).await?;
    let bot = Bot::start(&stage).await?;
    let first = planned(&stage).await?;
    stage.presses_and_reads(AIKO, &first, "Approve", &["1 of 2"]).await?;
    bot.kill().await?;
    stage.reconfigures(|toml| {
        let apart = taken_apart(toml);
        assert!(apart.contains("hana-too") && apart.contains("\"aiko-too\", "), "{apart}");
        apart
    })?;

    // The plan is void before anything is sent, and another one follows.
    let bot = Bot::start(&stage).await?;
    let nodes = stage.cloud.nodes();
    let gone = nodes.iter().find(|node| node.name == "ver-batch-01").context("no such node")?;
    ensure!(stage.cloud.set_life(&gone.id, Life::Stopped));
    stage.presses_and_reads(BEN, &first, "Approve", &["is now approved"]).await?;
    stage.card_becomes(&first, &["No longer valid", "A new plan follows"]).await?;
    let asks = ["Approve patching verification?", "verification-2", "[Approve]"];
    let (slack_card, discord_card) =
        (stage.card(&asks).await?, stage.card_in_discord(&asks).await?);
    bot.kill().await?;

    // What was recorded about them outlives the process.
    let _bot = Bot::start(&stage).await?;
    stage.presses_and_reads(AIKO, &slack_card.ts, "Approve", &["1 of 2"]).await?;
    for (user, words) in [(AIKO, "already"), (HANA, "the requester may not decide")] {
        let before = stage.discord.ephemerals(&in_discord(user)).len();
        stage.presses_in_discord(user, &discord_card.id, "Approve").await?;
        stage.private_answer_in_discord_after(user, before, &[words]).await?;
    }
    stage.card_becomes(&slack_card.ts, &["[Approve]", "So far 1"]).await?;
    ensure!(stage.cloud.commands().is_empty(), "one human was a quorum of two");
    stage.presses_in_discord(BEN, &discord_card.id, "Approve").await?;
    stage.card_becomes(&slack_card.ts, &["verification is patched and proven"]).await?;
    stage.each_installed_once("verification-2", 5)?;
    ensure!(stage.commands("verification-1", "Install").is_empty(), "the void plan was sent");
    stage.is_clean()
}
