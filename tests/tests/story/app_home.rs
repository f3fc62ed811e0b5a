//! The App Home of each person, and the command that shows the same.

use anyhow::{Context as _, Result, ensure};
use chrono::TimeDelta;
use simulators::clock::Skewed;
use simulators::slack::plain_text_of_blocks;
use stories::{
    AIKO, Bot, CHANNEL, Environment, HANA, InProcessBot, OMAR, Platforms, SLACK_GROUP, Settings,
    Stage,
};

use crate::scene::{approved, planned};

/// How often somebody asks, at most, before the bot must know where its card is.
const ASKED: usize = 10;

/// The App Home of `user`, once it contains all of `words`, as text or in a link, and none of
/// `not`.
pub(crate) async fn home(
    stage: &Stage,
    user: &str,
    words: &[&str],
    not: &[&str],
) -> Result<String> {
    stage
        .until(&format!("a page of {user} that says {words:?}, not {not:?}"), |stage| {
            let blocks = stage.slack.home(user)?.view["blocks"].as_array()?.clone();
            let text = plain_text_of_blocks(&blocks);
            let page = format!("{text}\n{}", serde_json::Value::from(blocks));
            let fits = words.iter().all(|word| page.contains(word));
            (fits && !not.iter().any(|word| text.contains(word))).then_some(page)
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn app_home_shows_each_person_what_waits_for_them_and_stays_current() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    ensure!(stage.slack.open_home(AIKO).await, "nobody has heard that the page was opened");
    home(&stage, AIKO, &["For you", "No plans are waiting for your approval", "production"], &[])
        .await?;

    // Open pages follow, each in its own way: the requester does not decide, nor does an outsider.
    let ts = planned(&stage).await?;
    let link = format!("/archives/{CHANNEL}/p{}", ts.replace('.', ""));
    home(&stage, AIKO, &["verification-1", "0 of 1 vote", "6 nodes", &link], &[]).await?;
    for user in [HANA, OMAR] {
        ensure!(stage.slack.open_home(user).await, "{user} was not heard");
        home(&stage, user, &["No plans are waiting for your approval"], &["0 of 1 vote"]).await?;
    }

    approved(&stage, &ts).await?;
    home(&stage, AIKO, &["No plans are waiting for your approval"], &["0 of 1 vote"]).await?;
    stage.card_becomes(&ts, &["verification is patched and proven"]).await?;
    home(&stage, OMAR, &["No runs are in progress", "proven by verification-1"], &[]).await?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_app_home_reflects_joining_and_leaving_a_group() -> Result<()> {
    let standard = Settings::default();
    let verification = Environment { approvers: r#"["@team"]"#, ..standard.verification.clone() };
    let more = format!("[[group]]\nname = \"team\"\nslack = \"{SLACK_GROUP}\"\n");
    let stage = Stage::set(&Settings { verification, more, ..standard }).await?;
    let host = Skewed::of(&stage.clock);
    let _bot = InProcessBot::start(&stage, &host)?;
    stage.until("it listens", |stage| (stage.slack.sockets() > 0).then_some(())).await?;
    planned(&stage).await?;
    for user in [AIKO, OMAR] {
        ensure!(stage.slack.open_home(user).await, "{user} was not heard");
    }
    home(&stage, AIKO, &["0 of 1 vote"], &[]).await?;
    home(&stage, OMAR, &["No plans are waiting for your approval"], &[]).await?;

    // They swap membership. Nothing else happens, and nobody opens a page.
    stage.slack.set_group(SLACK_GROUP, &[OMAR]);
    stage.clock.advance(TimeDelta::minutes(5));
    home(&stage, OMAR, &["0 of 1 vote"], &[]).await?;
    home(&stage, AIKO, &["No plans are waiting for your approval"], &["0 of 1 vote"]).await?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn patch_mine_answers_the_same_in_private_on_both_platforms() -> Result<()> {
    let stage = Stage::set(&Settings { platforms: Platforms::Both, ..Settings::default() }).await?;
    let _bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    let discord_card = stage.card_in_discord(&["Approve patching verification?"]).await?;
    stage.types_and_reads(OMAR, "/patch mine", &["No plans are waiting for your approval"]).await?;
    // People see a card a moment before the bot knows where it is: they ask again.
    let (link, discord_link) = (ts.replace('.', ""), format!("/{}", discord_card.id));
    let (mut answer, mut discord_answer) = (String::new(), String::new());
    for asked in 0..ASKED {
        stage
            .types_and_reads(AIKO, "/patch mine", &["For you", "verification-1", "0 of 1 vote"])
            .await?;
        let last = stage.slack.ephemerals(AIKO).pop().context("no private answer")?;
        answer = serde_json::Value::from(last.blocks).to_string();
        stage.types_in_discord(AIKO, "/patch mine").await?;
        let words = ["For you", "0 of 1 vote", "verification-1"];
        discord_answer = stage.private_answer_in_discord_after(AIKO, asked, &words).await?;
        if answer.contains(&link) && discord_answer.contains(&discord_link) {
            break;
        }
    }
    ensure!(answer.contains(&link), "no link to the card {link}:\n{answer}");
    ensure!(discord_answer.contains(&discord_link), "no link to {discord_link}:\n{discord_answer}");
    stage.is_clean()
}
