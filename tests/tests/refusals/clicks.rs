//! Clicks that are late, forged, nonsense, or many at once.

use anyhow::{Result, ensure};
use futures_util::future::join_all;
use stories::{AIKO, BEN, Bot, CHANNEL, Environment, HANA, OMAR, Settings, Stage, says};

#[tokio::test(flavor = "multi_thread")]
async fn a_click_on_an_old_card_says_what_became_of_the_plan() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    stage.types(HANA, "/patch plan verification").await?;
    let card = stage.card(&["Approve patching verification?"]).await?;
    stage.presses(BEN, &card.ts, "Reject…").await?;
    stage.gives_reason(BEN, "not today").await?;
    stage.card_becomes(&card.ts, &["Rejected"]).await?;
    stage.presses_stale_and_reads(AIKO, &card.ts, "Approve", &["already rejected by"]).await?;

    // A newer plan: the digest of another one does not vote for it.
    stage.types(HANA, "/patch plan verification").await?;
    let newer = stage.card(&["Approve patching verification?", "verification-2"]).await?;
    let other = stage.forges_card("p1|approve|verification-2|000000000000").await?;
    stage
        .presses_and_reads(AIKO, &other, "Approve", &["out of date", "Nothing was counted"])
        .await?;
    ensure!(stage.slack.thread(CHANNEL, &newer.ts).is_empty(), "it counted");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_button_does_nothing() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    let long = format!("p1|approve|{}", "x".repeat(1_900));
    for (token, words) in [
        ("p0|approve|verification-1|0123456789ab", "another version of patchbot"),
        ("p2|approve|verification-1|0123456789ab", "another version of patchbot"),
        ("launch-the-missiles", "does not come from patchbot"),
        ("p1|approve|../../etc/passwd|0123456789ab", "does not come from patchbot"),
        ("p1|not-sent|verification-1|0|i|0|99999999999", "does not come from patchbot"),
        ("p1|approve|verification-7|0123456789ab", "no run"),
        ("p1|plan|staging", "no environment"),
        (long.as_str(), "does not come from patchbot"),
    ] {
        let ts = stage.forges_card(token).await?;
        stage.presses_and_reads(AIKO, &ts, "Approve", &[words]).await?;
    }
    ensure!(stage.cloud.commands().is_empty(), "something was sent");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_user_does_not_count() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    stage.types(HANA, "/patch plan verification").await?;
    let card = stage.card(&["Approve patching verification?"]).await?;
    for user in ["U0FORGED", "aiko", "U0PATCHBOT", "", "<@U0AIKO>"] {
        stage.slack.press_forged(user, CHANNEL, &card.ts, "Approve").await?;
    }
    stage.presses_and_reads(OMAR, &card.ts, "Approve", &["You may not decide"]).await?;
    stage.private_answer("U0FORGED", 0, &["You may not decide"]).await?;
    ensure!(stage.slack.thread(CHANNEL, &card.ts).is_empty(), "a forged vote counted");
    ensure!(stage.commands("verification-1", "Install").is_empty(), "a forged vote started it");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_approvers_who_click_ten_times_have_two_votes() -> Result<()> {
    let standard = Settings::default().verification;
    let settings =
        Settings { verification: Environment { quorum: 2, ..standard }, ..Settings::default() };
    let stage = Stage::set(&settings).await?;
    let _bot = Bot::start(&stage).await?;
    stage.types(HANA, "/patch plan verification").await?;
    let card = stage.card(&["Approve patching verification?"]).await?;
    let users = [AIKO, BEN].into_iter().cycle().take(20);
    let clicks = users.map(|user| stage.slack.press_stale(user, CHANNEL, &card.ts, "Approve"));
    for click in join_all(clicks).await {
        click?;
    }
    stage.card_becomes(&card.ts, &["verification is patched and proven"]).await?;
    // Each click gets an answer of its own: two that count, eighteen that do not.
    stage
        .until("twenty private answers", |stage| {
            let answers = [AIKO, BEN].map(|user| stage.slack.ephemerals(user));
            let all: Vec<_> = answers.into_iter().flatten().collect();
            let counted =
                all.iter().filter(|answer| says(answer, &["Your vote", "is counted"])).count();
            (all.len() == 20 && counted == 2).then_some(())
        })
        .await?;
    for user in [AIKO, BEN] {
        let lines = stage.thread_lines(&card.ts, &[user, "approved plan"]);
        ensure!(lines == 1, "{lines} votes of {user}");
    }
    ensure!(stage.commands("verification-1", "Install").len() == 2, "one Install a wave");
    stage.each_installed_once("verification-1", 6)?;
    stage.is_clean()
}
