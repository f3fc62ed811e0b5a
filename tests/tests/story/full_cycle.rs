//! The full cycle, from the announcement to production, with the real process.

use anyhow::{Context, Result, ensure};
use simulators::slack::plain_text;
use stories::{AIKO, BEN, Bot, CHANNEL, HANA, OMAR, Settings, Side, Stage, buttons, says};

#[tokio::test(flavor = "multi_thread")]
async fn the_cycle_runs_from_the_announcement_to_production() -> Result<()> {
    // The seeded world as it is: one node of verification fails its first install.
    let stage = Stage::with(&Settings::default(), |_| {}).await?;
    let _bot = Bot::start(&stage).await?;
    announced(&stage).await?;
    let first = planned(&stage).await?;
    voted(&stage, &first).await?;
    told_apart(&stage, &first).await?;
    let early = blocked(&stage).await?;
    proven_at_the_second_try(&stage, &first).await?;
    let pinned = pinned(&stage, &early).await?;
    produced(&stage, &pinned).await?;
    stage.is_clean()
}

async fn announced(stage: &Stage) -> Result<()> {
    let card = stage.card(&["should not wait", "CVE-2024-6387"]).await?;
    let words = plain_text(&card);
    // The level, the score and its source, whether it is exploited, the number of nodes, and what
    // to do.
    for word in [
        "III 9.8 · EXPLOITED KB5041160",
        "CISA: known to be exploited",
        "III 8.1 openssh.x86_64",
        "CVE-2024-6387 · CVSS 3.1 by secalert@redhat.com",
        "· 9 nodes",
        "5 of 6 nodes",
    ] {
        ensure!(words.contains(word), "the announcement does not say {word}:\n{words}");
    }
    let offered = ["Plan verification", "Plan with options…"];
    ensure!(buttons(&card) == offered, "{:?}", buttons(&card));
    Ok(())
}

async fn planned(stage: &Stage) -> Result<String> {
    stage
        .types_and_reads(HANA, "/patch plan verification", &["Checking the nodes of verification"])
        .await?;
    let card = stage.card(&["Approve patching verification?", "[Approve]"]).await?;
    let words = plain_text(&card);
    for word in [
        "6, 1 of them Windows",
        "111111111111",
        "web-verification",
        "reboots",
        "6, 4 of level III, \u{200b}*3 exploited in the wild*",
        "Canary first: 1 → 5",
    ] {
        ensure!(words.contains(word), "the plan does not say {word}:\n{words}");
    }
    Ok(card.ts)
}

async fn voted(stage: &Stage, ts: &str) -> Result<()> {
    stage.presses_and_reads(HANA, ts, "Approve", &["the requester may not decide"]).await?;
    stage.presses_and_reads(OMAR, ts, "Approve", &["You may not decide"]).await?;
    ensure!(stage.thread_lines(ts, &["approved plan"]) == 0, "a refused vote stands in the thread");
    ensure!(stage.commands("verification-1", "Install").is_empty(), "refused votes started it");

    // Held at the gate, so that each step can be read on the card.
    let canary = stage.aws_gate.hold("SendCommand", ":install-w0-", Side::Before);
    let scan = stage.aws_gate.hold("SendCommand", ":scan-w0-", Side::Before);
    let others = stage.aws_gate.hold("SendCommand", ":install-w1-", Side::Before);
    stage.presses_and_reads(AIKO, ts, "Approve", &["is now approved"]).await?;
    stage.presses_stale_and_reads(AIKO, ts, "Approve", &["verification-1", "already"]).await?;

    canary.caught().await?;
    let running =
        stage.card_becomes(ts, &["Patching verification", "Wave 1 of 2: installing"]).await?;
    ensure!(buttons(&running) == ["Stop this run…"], "{:?}", buttons(&running));
    canary.passes();
    scan.caught().await?;
    stage.card_becomes(ts, &["Wave 1 of 2: scanning again"]).await?;
    scan.passes();
    others.caught().await?;
    stage.card_becomes(ts, &["Wave 2 of 2: installing, 0 of 5"]).await?;
    let sizes: Vec<usize> =
        stage.commands("verification-1", "Install").iter().map(|c| c.instance_ids.len()).collect();
    ensure!(sizes == [1], "before the canary was judged AWS received Installs of {sizes:?} nodes");
    others.passes();
    stage.thread_line(ts, &["approved plan"]).await?;
    Ok(())
}

async fn told_apart(stage: &Stage, ts: &str) -> Result<()> {
    let card = stage
        .card_becomes(ts, &["not every node is compliant", "5 of 6 nodes are compliant"])
        .await?;
    ensure!(says(&card, &["ver-app", "1 missing"]), "{}", plain_text(&card));
    stage.thread_line(ts, &["Wave 2 judged by its fresh scan: 4 of 5"]).await?;
    stage.thread_line(ts, &["5 of 6 nodes compliant"]).await?;
    ensure!(stage.thread_lines(ts, &["approved plan"]) == 1, "the second click counted");
    let installs = stage.commands("verification-1", "Install");
    let sizes: Vec<usize> = installs.iter().map(|command| command.instance_ids.len()).collect();
    ensure!(sizes == [1, 5], "Installs of {sizes:?} nodes");
    // Each wave is judged by a scan after its Install, with a snapshot id of its own.
    let scans = stage.commands("verification-1", "Scan");
    ensure!(scans.len() == 2, "{} scans judged two waves", scans.len());
    for (install, scan) in installs.iter().zip(&scans) {
        ensure!(scan.requested_at > install.requested_at, "a scan came before its Install");
        ensure!(scan.instance_ids == install.instance_ids, "a scan of other nodes");
    }
    // All of it in one message that was edited.
    ensure!(card.past.len() >= 4, "the card was edited {} times", card.past.len());
    Ok(())
}

async fn blocked(stage: &Stage) -> Result<String> {
    stage.types(BEN, "/patch plan production").await?;
    let card = stage.card(&["production cannot be approved yet", "No Approve button"]).await?;
    ensure!(!buttons(&card).contains(&"Approve".to_owned()), "{:?}", buttons(&card));
    stage
        .types_and_reads(AIKO, "/patch approve production-1", &["cannot be approved", "not proven"])
        .await?;
    Ok(card.ts)
}

async fn proven_at_the_second_try(stage: &Stage, first: &str) -> Result<()> {
    stage.presses(HANA, first, "Plan verification").await?;
    let card = stage.card(&["Approve patching verification?", "verification-2"]).await?;
    stage.presses_and_reads(AIKO, &card.ts, "Approve", &["is now approved"]).await?;
    stage.card_becomes(&card.ts, &["verification is patched and proven"]).await?;
    stage.thread_line(&card.ts, &["Done", "6 of 6"]).await?;
    // Every node is proven again, and nothing is installed twice.
    for command in stage.commands("verification-2", "Install") {
        for node in command.instance_ids {
            let mut installed = stage.cloud.installs_of(&node).concat();
            let all = installed.len();
            installed.sort();
            installed.dedup();
            ensure!(installed.len() == all, "{node} got a patch twice: {installed:?}");
        }
    }
    Ok(())
}

async fn pinned(stage: &Stage, early: &str) -> Result<String> {
    stage.card_becomes(early, &["No longer valid", "A new plan follows"]).await?;
    let words =
        ["Approve patching production?", "Exactly what verification-2 proved", "PRODUCTION"];
    let card = stage.card(&words).await?;
    ensure!(buttons(&card).contains(&"Approve".to_owned()), "{:?}", buttons(&card));
    let asks_back = |block: &serde_json::Value| block.pointer("/elements/0/confirm").is_some();
    ensure!(card.blocks.iter().any(asks_back), "Approve does not ask back in production");
    Ok(card.ts)
}

async fn produced(stage: &Stage, ts: &str) -> Result<()> {
    stage.presses_and_reads(AIKO, ts, "Approve", &["1 of 2"]).await?;
    stage.card_becomes(ts, &["So far 1", "[Approve]"]).await?;
    ensure!(stage.commands("production-2", "Install").is_empty(), "one vote of two was enough");
    // Ben asked for the first plan, and its replacement is still his.
    stage.presses_and_reads(BEN, ts, "Approve", &["the requester may not decide"]).await?;
    stage.presses_and_reads(HANA, ts, "Approve", &["is now approved"]).await?;
    stage.card_becomes(ts, &["production is patched and proven"]).await?;
    let installs = stage.commands("production-2", "Install");
    let sizes: Vec<usize> = installs.iter().map(|command| command.instance_ids.len()).collect();
    ensure!(sizes.first() == Some(&2) && sizes.iter().sum::<usize>() == 12, "waves of {sizes:?}");
    stage.each_installed_once("production-2", 12)?;
    for install in &installs {
        let list = install.parameters.get("InstallOverrideList").and_then(|list| list.first());
        let list = list.context("an Install of production is not pinned")?;
        let (bucket, key) = list
            .strip_prefix("s3://")
            .and_then(|rest| rest.split_once('/'))
            .context("the list is not in S3")?;
        let list = stage.cloud.object(bucket, key).context("the list is not in the bucket")?;
        ensure!(String::from_utf8_lossy(&list).contains("openssh"), "the list lacks openssh");
    }
    let report = stage.card(&["Patch compliance after production-2", "100%"]).await?;
    ensure!(report.text.contains('%'), "the report has no words for who sees no chart");
    ensure!(
        stage.slack.message(CHANNEL, ts).is_some_and(|card| buttons(&card).is_empty()),
        "a proven card has buttons"
    );
    Ok(())
}
