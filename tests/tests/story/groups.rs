//! Teams: a user group of Slack and a role of Discord are one group, which decides and owns.

use anyhow::{Result, ensure};
use simulators::slack::{Fault, plain_text};
use stories::{
    AIKO, BEN, Bot, DISCORD_ROLE, Environment, GUILD, HANA, OMAR, OWNERS, Platforms, SLACK_GROUP,
    Settings, Stage, in_discord, says,
};

/// The team in the configuration, after the last environment.
fn team() -> String {
    format!(
        "[[group]]\nname = \"team\"\nslack = \"{SLACK_GROUP}\"\ndiscord_role = \"{DISCORD_ROLE}\"\n"
    )
}

/// Two of the team decide about verification, on whatever platform they are members.
fn decided_by_the_team() -> Settings {
    let standard = Settings::default();
    let verification =
        Environment { approvers: r#"["@team"]"#, quorum: 2, ..standard.verification.clone() };
    Settings { platforms: Platforms::Both, verification, more: team(), ..standard }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_member_may_vote_only_where_they_are_a_member() -> Result<()> {
    let stage = Stage::set(&decided_by_the_team()).await?;
    let _bot = Bot::start(&stage).await?;
    stage.types(HANA, "/patch plan verification").await?;
    let asks = ["Approve patching verification?", "[Approve]"];
    let (slack_card, discord_card) =
        (stage.card(&asks).await?, stage.card_in_discord(&asks).await?);
    let card = format!("{:?}", slack_card.blocks);
    ensure!(card.contains(SLACK_GROUP), "Slack's group is not called: {card}");
    ensure!(
        discord_card.content.contains(&format!("<@&{DISCORD_ROLE}>")),
        "nor the role: {}",
        discord_card.content
    );

    // Aiko is in the group in Slack, and is the same person in Discord.
    stage.presses_in_discord(AIKO, &discord_card.id, "Approve").await?;
    stage.card_becomes(&slack_card.ts, &["So far 1"]).await?;
    // Ben is in neither, and a role counts from the next press on.
    stage.presses_and_reads(BEN, &slack_card.ts, "Approve", &["You may not decide"]).await?;
    stage.presses_in_discord(BEN, &discord_card.id, "Approve").await?;
    stage.private_answer_in_discord(BEN, &["You may not decide"]).await?;
    stage.discord.set_roles(GUILD, &in_discord(BEN), &[DISCORD_ROLE]);
    stage.presses_in_discord(BEN, &discord_card.id, "Approve").await?;
    stage.card_becomes(&slack_card.ts, &["verification is patched and proven"]).await?;
    stage.each_installed_once("verification-1", 6)?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discord_role_counts_when_its_member_votes_in_slack() -> Result<()> {
    let stage = Stage::set(&decided_by_the_team()).await?;
    stage.discord.set_roles(GUILD, &in_discord(BEN), &[DISCORD_ROLE]);
    let _bot = Bot::start(&stage).await?;
    stage.types(HANA, "/patch plan verification").await?;
    let slack_card = stage.card(&["Approve patching verification?", "[Approve]"]).await?;
    stage.presses(BEN, &slack_card.ts, "Approve").await?;
    stage.card_becomes(&slack_card.ts, &["So far 1"]).await?;
    // Wherever else he votes, it is the same vote.
    let discord_card =
        stage.card_in_discord(&["Approve patching verification?", "So far 1"]).await?;
    stage.presses_in_discord(BEN, &discord_card.id, "Approve").await?;
    stage.private_answer_in_discord(BEN, &["already"]).await?;
    // A person who has neither is refused, and the bot does not query Discord about a person who is
    // not there.
    stage.presses_and_reads(HANA, &slack_card.ts, "Approve", &["You may not decide"]).await?;
    stage.presses(AIKO, &slack_card.ts, "Approve").await?;
    stage.card_becomes(&slack_card.ts, &["verification is patched and proven"]).await?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_cannot_be_read_has_no_members() -> Result<()> {
    let stage = Stage::set(&decided_by_the_team()).await?;
    // More than the bot calls in this story.
    for _ in 0..100 {
        stage.slack.fail_next("usergroups.users.list", Fault::ServerError);
    }
    let _bot = Bot::start(&stage).await?;
    stage.types(HANA, "/patch plan verification").await?;
    let slack_card = stage.card(&["Approve patching verification?", "[Approve]"]).await?;
    stage.presses_and_reads(AIKO, &slack_card.ts, "Approve", &["You may not decide"]).await?;
    let calls = stage.slack.calls();
    let asked = calls.iter().filter(|call| call.method == "usergroups.users.list").count();
    ensure!(asked > 0, "Slack was not asked who is in the group");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owning_team_is_mentioned_and_its_channel_shows_its_environments() -> Result<()> {
    let channel =
        format!("[[channel]]\nname = \"owners\"\nslack = \"{OWNERS}\"\nowners = [\"@team\"]\n");
    let more = format!("owner = \"@team\"\n{}{channel}", team());
    let stage =
        Stage::set(&Settings { platforms: Platforms::Both, more, ..Settings::default() }).await?;
    let _bot = Bot::start(&stage).await?;
    let announced = ["should not wait", "production", "owner:"];
    let slack_card = stage.card(&announced).await?;
    let card = format!("{:?}", slack_card.blocks);
    ensure!(card.contains(SLACK_GROUP), "the owners are not called: {card}");
    let discord_card = stage.card_in_discord(&announced).await?;
    ensure!(
        discord_card.content == format!("<@&{DISCORD_ROLE}>"),
        "only the owners are called: {}",
        discord_card.content
    );

    // Their channel gets posts about production, and none about verification.
    let in_theirs = |stage: &Stage, words: &[&str]| {
        stage.slack.messages(OWNERS).into_iter().find(|message| says(message, words))
    };
    stage.until("the announcement to the owners", |stage| in_theirs(stage, &announced)).await?;
    stage.types(HANA, "/patch plan verification").await?;
    let plan = stage.card(&["Approve patching verification?"]).await?;
    stage.presses(AIKO, &plan.ts, "Approve").await?;
    stage.card_becomes(&plan.ts, &["verification is patched and proven"]).await?;
    stage.types(BEN, "/patch plan production").await?;
    let asks = ["Approve patching production?"];
    stage.until("production's plan with its owners", |stage| in_theirs(stage, &asks)).await?;
    ensure!(
        in_theirs(&stage, &["Approve patching verification?"]).is_none(),
        "{:?}",
        stage.slack.messages(OWNERS).iter().map(plain_text).collect::<Vec<_>>()
    );
    // The other channels get everything.
    stage.card(&asks).await?;
    stage.card_in_discord(&asks).await?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_could_be_two_people_cannot_vote() -> Result<()> {
    let stage = Stage::set(&decided_by_the_team()).await?;
    // The configuration does not know Omar: in Slack and in Discord he would be one voter each.
    stage.discord.set_roles(GUILD, &in_discord(OMAR), &[DISCORD_ROLE]);
    let _bot = Bot::start(&stage).await?;
    stage.types(HANA, "/patch plan verification").await?;
    let asks = ["Approve patching verification?", "[Approve]"];
    let (slack_card, discord_card) =
        (stage.card(&asks).await?, stage.card_in_discord(&asks).await?);
    stage.presses_in_discord(OMAR, &discord_card.id, "Approve").await?;
    stage
        .private_answer_in_discord(OMAR, &["Your group decides", "does not know your account"])
        .await?;
    // Aiko's is the first vote, and one is not two.
    stage.presses(AIKO, &slack_card.ts, "Approve").await?;
    stage.card_becomes(&slack_card.ts, &["So far 1"]).await?;
    ensure!(stage.cloud.commands().iter().all(|one| !one.comment.contains(":install-")));
    stage.is_clean()
}
