//! Nodes of production that cannot read the override list.

use anyhow::{Result, ensure};
use simulators::aws::NodeFault;
use stories::{AIKO, BEN, Bot, HANA, Settings, Stage};

use crate::scene::{approved, planned};

/// Verification is proven and production approved; returns the ts of production's card.
async fn production(stage: &Stage) -> Result<String> {
    let first = planned(stage).await?;
    approved(stage, &first).await?;
    stage.card_becomes(&first, &["verification is patched and proven"]).await?;
    stage.types(HANA, "/patch plan production").await?;
    let card = stage.card(&["Approve patching production?", "[Approve]"]).await?;
    for node in stage.nodes_of("web-production") {
        ensure!(stage.cloud.fail_node(&node, NodeFault::CannotReadLists));
    }
    stage.presses_and_reads(AIKO, &card.ts, "Approve", &["1 of 2"]).await?;
    stage.presses_and_reads(BEN, &card.ts, "Approve", &["is now approved"]).await?;
    Ok(card.ts)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_list_is_reported_with_the_fix_and_without_node_output() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    let ts = production(&stage).await?;
    let words =
        ["2 nodes could not read the list", "s3:GetObject", "s3://patchbot-overrides/lists/"];
    stage.thread_line(&ts, &words).await?;
    stage.card_becomes(&ts, &["Stopped", words[0], words[1], "/patch plan production"]).await?;
    ensure!(stage.thread_lines(&ts, &[words[0]]) == 1, "it is told again and again");
    let asked = stage.cloud.calls().into_iter();
    let asked = asked.filter(|call| call.operation == "GetCommandInvocation").count();
    ensure!(asked == 2, "{asked} questions about the two nodes of the canary");
    let all = stage.transcript() + &stage.logged();
    ensure!(!all.contains("HeadObject"), "the output of a node stands somewhere");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_permission_to_read_the_reason_is_reported() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    stage.cloud.deny_operation("GetCommandInvocation");
    let _bot = Bot::start(&stage).await?;
    let ts = production(&stage).await?;
    stage
        .thread_line(&ts, &["could not read why an install failed", "ssm:GetCommandInvocation"])
        .await?;
    stage.card_becomes(&ts, &["Stopped", "ssm:GetCommandInvocation"]).await?;
    ensure!(
        stage.thread_lines(&ts, &["ssm:GetCommandInvocation"]) == 1,
        "it is told again and again"
    );
    stage.is_clean()
}
