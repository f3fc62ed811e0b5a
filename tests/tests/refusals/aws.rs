//! AWS that throttles, fails, or denies access: the person gets a private answer, and nothing
//! follows from it.

use anyhow::{Result, ensure};
use simulators::aws::{NodeFault, OpFault};
use stories::{AIKO, Bot, CHANNEL, Environment, HANA, Settings, Side, Stage, buttons};

#[tokio::test(flavor = "multi_thread")]
async fn brief_throttling_only_delays() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    stage.card(&["should not wait"]).await?;
    stage.cloud.fail_operation("DescribeInstanceInformation", OpFault::Throttle(2));
    stage.types(HANA, "/patch plan verification").await?;
    let card = stage.card(&["Approve patching verification?"]).await?;
    stage.cloud.fail_operation("ListCommandInvocations", OpFault::Throttle(2));
    stage.cloud.fail_operation("DescribeInstancePatchStates", OpFault::Throttle(1));
    stage.presses(AIKO, &card.ts, "Approve").await?;
    stage.card_becomes(&card.ts, &["verification is patched and proven"]).await?;
    stage.each_installed_once("verification-1", 6)?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn lasting_throttling_is_reported() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    stage.card(&["should not wait"]).await?;
    stage.cloud.fail_operation("DescribeInstanceInformation", OpFault::Throttle(4));
    let words =
        ["could not be done now", "ThrottlingException", "limits how often", "nothing was changed"];
    stage.types_and_reads(HANA, "/patch plan verification", &words).await?;
    ensure!(stage.slack.messages(CHANNEL).len() == 1, "{}", stage.transcript());
    // It is over, and the same question gets an answer.
    stage.types(HANA, "/patch plan verification").await?;
    stage.card(&["Approve patching verification?", "verification-1"]).await?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_cannot_be_assumed_is_named() -> Result<()> {
    let standard = Settings::default().verification;
    let verification = Environment { external_id: "somebody-else", ..standard };
    let stage = Stage::set(&Settings { verification, ..Settings::default() }).await?;
    let _bot = Bot::start(&stage).await?;
    let words = ["could not be done now", "verification", "trust policy", "external id"];
    for line in ["/patch plan verification", "/patch compliance verification"] {
        stage.types_and_reads(HANA, line, &words).await?;
    }
    // The other environment is not affected.
    stage
        .types_and_reads(
            HANA,
            "/patch compliance production",
            &["Patch compliance", "of 12 compliant"],
        )
        .await?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_credentials_are_named() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let without = [("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", "")];
    let _bot = Bot::start_with(&stage, &without).await?;
    let words = ["there are no AWS credentials", "a role", "AWS_ACCESS_KEY_ID"];
    stage.types_and_reads(HANA, "/patch compliance verification", &words).await?;
    stage.types_and_reads(HANA, "/patch status", &words[..1]).await?;
    anyhow::ensure!(stage.logged().contains(words[0]), "it is not in the log: {}", stage.logged());
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_environment_hides_no_other() -> Result<()> {
    let standard = Settings::default().production;
    let production = Environment { external_id: "somebody-else", ..standard };
    let stage = Stage::set(&Settings { production, ..Settings::default() }).await?;
    let _bot = Bot::start(&stage).await?;
    stage.card(&["should not wait", "of 6 nodes"]).await?;
    let why = ["production", "unreadable", "trust policy"];
    stage
        .types_and_reads(HANA, "/patch status", &[&["verification", "6 nodes"], &why[..]].concat())
        .await?;
    stage
        .types_and_reads(HANA, "/patch compliance", &[&["of 6 compliant"], &why[..]].concat())
        .await?;
    stage.types(HANA, "/patch plan verification").await?;
    let card = stage.card(&["Approve patching verification?"]).await?;
    stage.presses(AIKO, &card.ts, "Approve").await?;
    stage.card_becomes(&card.ts, &["verification is patched and proven"]).await?;
    let report = ["Patch compliance after verification-1", "6 of 6 compliant"];
    stage.card(&[&report[..], &why[..]].concat()).await?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_lost_after_send_command_sends_nothing_twice() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    stage.types(HANA, "/patch plan verification").await?;
    let card = stage.card(&["Approve patching verification?"]).await?;
    stage.cloud.fail_operation("SendCommand", OpFault::ResetAfter(1));
    stage.cloud.fail_operation("SendCommand", OpFault::ServerErrorAfterAccept(1));
    stage.presses(AIKO, &card.ts, "Approve").await?;
    stage.card_becomes(&card.ts, &["verification is patched and proven"]).await?;
    stage.thread_line(&card.ts, &["Done", "6 of 6"]).await?;
    ensure!(stage.thread_lines(&card.ts, &["patchbot found"]) == 2, "{}", stage.transcript());
    stage.each_installed_once("verification-1", 6)?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_whose_facts_have_changed_is_void_and_replaced() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    stage.types(HANA, "/patch plan verification").await?;
    let card = stage.card(&["Approve patching verification?"]).await?;
    // A node disappears while people vote.
    let gone = stage.cloud.nodes().into_iter().find(|node| node.name == "ver-old-01");
    let gone = gone.ok_or_else(|| anyhow::anyhow!("no such node"))?;
    stage.cloud.set_life(&gone.id, simulators::aws::Life::Terminated);
    stage.presses(AIKO, &card.ts, "Approve").await?;
    let void = stage
        .card_becomes(&card.ts, &["No longer valid", "1 node has left", "Nothing was sent"])
        .await?;
    ensure!(!buttons(&void).contains(&"Approve".to_owned()), "{:?}", buttons(&void));
    let next = stage.card(&["Approve patching verification?", "verification-2"]).await?;
    ensure!(stage.commands("verification-1", "Install").is_empty(), "the void plan was sent");
    stage.presses(AIKO, &next.ts, "Approve").await?;
    stage.card_becomes(&next.ts, &["verification is patched and proven"]).await?;
    stage.each_installed_once("verification-2", 5)?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_scan_proves_nothing() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    stage.types(HANA, "/patch plan verification").await?;
    let card = stage.card(&["Approve patching verification?"]).await?;
    // Another scan overwrites ours before we read its result.
    let look = stage.aws_gate.hold("DescribeInstancePatchStates", "", Side::Before);
    stage.presses(AIKO, &card.ts, "Approve").await?;
    // The first read belongs to the recheck, which judges nothing yet.
    look.caught().await?;
    look.passes();
    let scan = stage.aws_gate.hold("SendCommand", ":scan-w1-", Side::After);
    scan.caught().await?;
    let nodes = stage.commands("verification-1", "Scan").pop().map(|scan| scan.instance_ids);
    let nodes = nodes.ok_or_else(|| anyhow::anyhow!("no scan"))?;
    let windows = nodes.last().cloned().ok_or_else(|| anyhow::anyhow!("a scan of no node"))?;
    stage
        .until("the scan's end", |stage| {
            let scan = stage.commands("verification-1", "Scan").pop()?;
            (scan.status == "Success").then_some(())
        })
        .await?;
    stage.cloud.foreign_scan(&windows);
    scan.passes();
    stage
        .thread_line(&card.ts, &["was overwritten", "no listed command", "sends its scan again"])
        .await?;
    stage.card_becomes(&card.ts, &["verification is patched and proven"]).await?;
    let scans = stage.commands("verification-1", "Scan");
    ensure!(scans.len() == 3, "{} scans: one a wave, and one again", scans.len());
    stage.each_installed_once("verification-1", 6)?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_never_answers_is_unknown() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let node = stage.cloud.nodes().into_iter().find(|node| node.name == "ver-app-01");
    let node = node.ok_or_else(|| anyhow::anyhow!("no such node"))?;
    stage.cloud.fail_node(&node.id, NodeFault::Undeliverable);
    let _bot = Bot::start(&stage).await?;
    stage.types(HANA, "/patch plan verification").await?;
    let card = stage.card(&["Approve patching verification?"]).await?;
    stage.presses(AIKO, &card.ts, "Approve").await?;
    let done = stage.card_becomes(&card.ts, &["5 of 6 nodes are compliant"]).await?;
    ensure!(
        stories::says(&done, &["ver-app-01", "unknown", "did not succeed", "node unreachable"]),
        "{}",
        stage.transcript()
    );
    stage.is_clean()
}
