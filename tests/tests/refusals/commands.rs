//! Commands that cannot be carried out: the person gets a private answer, and nothing follows from
//! it.

use anyhow::{Result, ensure};
use stories::{AIKO, BEN, Bot, CHANNEL, HANA, OMAR, Settings, Stage};

#[tokio::test(flavor = "multi_thread")]
async fn an_unparsable_command_is_answered_with_a_hint() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    stage.card(&["should not wait"]).await?;
    let long = format!("/patch plan {}", "x".repeat(5_000));
    for (line, words) in [
        ("/patch plan staging", &["no environment", "staging", "verification", "production"][..]),
        (long.as_str(), &["5005 characters long", "the limit is 1000"][..]),
        ("/patch aprove", &["no command", "aprove", "Did you mean", "/patch approve"][..]),
        ("/patch dance", &["no command", "dance", "/patch help"][..]),
        ("/patch windows", &["windows", "does not exist yet"][..]),
        ("/patch evidence", &["evidence", "does not exist yet"][..]),
        (
            "/patch plan reboot=no",
            &["Nothing was done", "an environment is required", "/patch plan"][..],
        ),
        ("/patch plan ../../etc", &["does not accept", "../../etc"][..]),
        ("/patch reject", &["reason"][..]),
        ("/patch stop", &["reason"][..]),
        ("/patch resume all is well", &["There is no emergency stop"][..]),
        ("/patch approve", &["No plan is waiting"][..]),
        ("/patch approve verification-9", &["no run", "verification-9"][..]),
        ("/patch show CVE-1999-0001", &["CVE-1999-0001"][..]),
        ("/patch list IV", &["does not accept", "IV"][..]),
        ("/patch help", &["/patch plan", "/patch approve"][..]),
    ] {
        // Approvers ask, so they do not lack permission.
        let told = stage.types_and_reads(AIKO, line, words).await?;
        ensure!(told.chars().count() < 4_000, "the answer is {} characters", told.chars().count());
    }
    let cards = stage.slack.messages(CHANNEL);
    ensure!(cards.len() == 1, "something was said aloud\n{}", stage.transcript());
    ensure!(stage.cloud.commands().is_empty(), "something was sent");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_may_not_decide_is_refused_in_every_way() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    stage.types(HANA, "/patch plan verification").await?;
    let card = stage.card(&["Approve patching verification?"]).await?;
    stage.types_and_reads(OMAR, "/patch approve verification-1", &["You may not decide"]).await?;
    stage
        .types_and_reads(OMAR, "/patch reject verification-1 because", &["You may not decide"])
        .await?;
    stage.types_and_reads(OMAR, "/patch stop because", &["Only people who may approve"]).await?;
    stage.types_and_reads(HANA, "/patch approve", &["the requester may not decide"]).await?;
    stage
        .types_and_reads(BEN, "/patch plan verification", &["verification-1", "still open"])
        .await?;
    ensure!(stage.slack.thread(CHANNEL, &card.ts).is_empty(), "something counted");
    // The same words from an approver: they see the plan, and their press counts.
    let words = ["Nothing is rejected yet", "quarter end"];
    stage
        .types_and_presses(BEN, "/patch reject verification-1 quarter end", &words, "Reject…")
        .await?;
    stage.gives_reason(BEN, "quarter end").await?;
    stage.card_becomes(&card.ts, &["Rejected: verification", "quarter end"]).await?;
    stage.thread_line(&card.ts, &["rejected it", "quarter end", HANA]).await?;
    stage.types_and_reads(AIKO, "/patch approve verification-1", &["already rejected"]).await?;
    ensure!(stage.commands("verification-1", "Install").is_empty(), "a rejected plan was sent");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn production_without_proof_cannot_be_approved_by_command() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    stage.types(HANA, "/patch plan production").await?;
    let card = stage.card(&["production cannot be approved yet"]).await?;
    for user in [AIKO, BEN] {
        let words = ["production-1 cannot be approved", "verification is not proven"];
        stage.types_and_reads(user, "/patch approve production-1", &words).await?;
        stage.types_and_reads(user, "/patch approve", &["No plan is waiting"]).await?;
    }
    ensure!(stage.slack.thread(CHANNEL, &card.ts).is_empty(), "something counted");
    ensure!(stage.commands("production-1", "Install").is_empty(), "production was patched");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_requests_for_the_same_plan_make_one() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    let line = "/patch plan verification";
    let (one, other) = tokio::join!(stage.types(HANA, line), stage.types(BEN, line));
    one?;
    other?;
    let card = stage.card(&["Approve patching verification?"]).await?;
    stage
        .until("one of them is told that there is one already", |stage| {
            let told = [HANA, BEN].iter().any(|user| {
                let answers = stage.slack.ephemerals(user);
                answers.iter().any(|answer| stories::says(answer, &["still open"]))
            });
            told.then_some(())
        })
        .await?;
    let plans = stage.slack.messages(CHANNEL);
    let plans = plans.iter().filter(|card| stories::says(card, &["Approve patching"])).count();
    ensure!(plans == 1, "{plans} plans hang there");
    stage
        .types_and_presses(AIKO, "/patch approve", &["Your vote is not counted yet"], "Approve")
        .await?;
    stage.card_becomes(&card.ts, &["verification is patched and proven"]).await?;
    stage.each_installed_once("verification-1", 6)?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redelivered_envelope_is_handled_once() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let bot = Bot::start(&stage).await?;
    let asked = stage.types(HANA, "/patch plan verification").await?;
    let card = stage.card(&["Approve patching verification?"]).await?;
    let voted = stage.presses(AIKO, &card.ts, "Approve").await?;
    stage.card_becomes(&card.ts, &["verification is patched and proven"]).await?;
    stage.card(&["Patch compliance after verification-1"]).await?;
    let told = |user| stage.slack.ephemerals(user).len();
    stage.types_and_reads(AIKO, "/patch status", &["proven by verification-1"]).await?;
    // Omar gets his answer after Aiko's request is completed: an answer that is sent just before a
    // kill may come again.
    stage.types_and_reads(OMAR, "/patch status", &["proven by verification-1"]).await?;
    let before = (told(HANA), told(AIKO));

    // Once more while it runs, and once more to a process that has never seen it.
    for envelope in [&asked.envelope_id, &voted.envelope_id] {
        stage.slack.redeliver(envelope).await?;
    }
    bot.kill().await?;
    let _bot = Bot::start(&stage).await?;
    for envelope in [&asked.envelope_id, &voted.envelope_id] {
        stage.slack.redeliver(envelope).await?;
    }
    // Requests after them get their answers after them.
    stage.types_and_reads(AIKO, "/patch status", &["proven by verification-1"]).await?;
    let after = (told(HANA), told(AIKO) - 1);
    ensure!(before == after, "private answers: {before:?}, then {after:?}");
    ensure!(stage.slack.messages(CHANNEL).len() == 3, "{}", stage.transcript());
    stage.each_installed_once("verification-1", 6)?;
    stage.is_clean()
}
