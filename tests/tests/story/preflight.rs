//! Just before a wave, something else patches its nodes, or some of them are gone.

use anyhow::{Result, ensure};
use serde_json::json;
use simulators::aws::{AssociationStage, Life, NodeFault, WindowTask};
use simulators::seed::{REGION, VERIFICATION};
use simulators::slack::plain_text;
use stories::{BEN, Bot, Environment, HANA, Settings, Side, Stage, says};

use crate::scene::{approved, approved_around, node, planned};

/// The daily window of the seeded verification account.
const WINDOW: &str = "mw-01111000000000001";

/// A colleague installs by hand on one node.
fn installs_by_hand(stage: &Stage, node: &str) -> Result<String> {
    let install = json!({
        "DocumentName": "AWS-RunPatchBaseline",
        "InstanceIds": [node],
        "Comment": "hotfix by hand",
        "Parameters": {
            "Operation": ["Install"],
            "SnapshotId": ["6f1c3d2e-0b5a-4c8d-9e7f-1a2b3c4d5e6f"],
        },
    });
    let sent = stage.cloud.send_as_outsider(VERIFICATION, REGION, install);
    sent.map_err(anyhow::Error::msg)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_install_delays_the_canary_until_it_ends() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    stage.freeze();
    let command = installs_by_hand(&stage, &node(&stage, "ver-web-01")?)?;
    approved(&stage, &ts).await?;
    let words = ["Wave 1 is waiting", &command, "hotfix by hand", "AWS-RunPatchBaseline", "1 node"];
    stage.card_becomes(&ts, &words).await?;
    stage.thread_line(&ts, &["Wave 1 is waiting", "hotfix by hand"]).await?;
    // Another process knows nothing about the nodes either, and checks for itself.
    bot.kill().await?;
    let looks = |stage: &Stage| {
        stage.cloud.calls().iter().filter(|call| call.operation == "ListCommands").count()
    };
    let before = looks(&stage);
    let _bot = Bot::start(&stage).await?;
    stage.until("three more looks", |stage| (looks(stage) >= before + 3).then_some(())).await?;
    ensure!(stage.commands("verification-1", "Install").is_empty(), "it was sent all the same");
    ensure!(
        stage.thread_lines(&ts, &["Wave 1 is waiting"]) == 1,
        "the same is told again and again"
    );

    stage.thaw();
    stage.thread_line(&ts, &["Nothing else is patching the nodes of wave 1 now"]).await?;
    stage.card_becomes(&ts, &["verification is patched and proven"]).await?;
    let ended = stage.thread_line(&ts, &["Done", "6 of 6 nodes compliant"]).await?;
    ensure!(stage.commands("verification-1", "Install").len() == 2, "{ended}");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_install_on_a_later_wave_delays_only_that_wave() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    // The node does not answer, so the foreign command waits for it.
    let node = node(&stage, "ver-web-02")?;
    ensure!(stage.cloud.fail_node(&node, NodeFault::Silent));
    installs_by_hand(&stage, &node)?;
    approved(&stage, &ts).await?;
    stage.thread_line(&ts, &["Wave 1 judged by its fresh scan: 1 of 1"]).await?;
    stage.card_becomes(&ts, &["Wave 2 is waiting", "hotfix by hand", "stop this run"]).await?;
    ensure!(stage.commands("verification-1", "Install").len() == 1, "wave 2 was sent");
    // A check that found the node silent would leave it out: the node answers before the next one.
    let look = stage.aws_gate.hold("DescribeInstanceInformation", "", Side::Before);
    look.caught().await?;
    ensure!(stage.cloud.heal_node(&node));
    look.passes();
    stage.thread_line(&ts, &["Nothing else is patching the nodes of wave 2 now"]).await?;
    stage.card_becomes(&ts, &["verification is patched and proven"]).await?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_node_is_named_and_left_out() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    let silent = node(&stage, "ver-web-02")?;
    ensure!(stage.cloud.fail_node(&silent, NodeFault::Silent));
    approved(&stage, &ts).await?;
    stage.thread_line(&ts, &["1 node of wave 2 does not answer", "ver-web-02"]).await?;
    let done = stage.card_becomes(&ts, &["5 of 6 nodes are compliant"]).await?;
    ensure!(says(&done, &["ver-web-02", "did not answer just before its wave"]), "{done:?}");
    let sent = stage.installs("verification-1", 2).await?;
    ensure!(!sent[1].instance_ids.contains(&silent), "{:?}", sent[1].instance_ids);
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_maintenance_window_delays_the_wave_only_if_it_patches() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    ensure!(stage.cloud.add_window_task(WINDOW, WindowTask::new("AWS-RunShellScript", &[])));
    ensure!(stage.cloud.add_window_task(WINDOW, WindowTask::new("AWS-RunPatchBaseline", &[])));
    ensure!(stage.cloud.open_window(WINDOW));
    approved(&stage, &ts).await?;
    let words = ["Wave 1 is waiting", "verification-daily", WINDOW, "AWS-RunPatchBaseline"];
    stage.card_becomes(&ts, &words).await?;
    ensure!(stage.commands("verification-1", "Install").is_empty(), "it was sent all the same");
    ensure!(stage.cloud.close_window(WINDOW));
    stage.thread_line(&ts, &["Nothing else is patching the nodes of wave 1 now"]).await?;
    stage.card_becomes(&ts, &["verification is patched and proven"]).await?;
    stage.each_installed_once("verification-1", 6)?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patch_policy_being_applied_delays_the_wave() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    let name = "AWS-QuickSetup-PatchPolicy-InstallPatches";
    let everybody: &[(&str, &[&str])] = &[("InstanceIds", &["*"])];
    let document = "AWS-RunPatchBaseline";
    let id = stage.cloud.add_association(VERIFICATION, REGION, name, document, everybody);
    ensure!(stage.cloud.begin_association(&id, AssociationStage::InProgress));
    approved(&stage, &ts).await?;
    let words =
        ["Wave 1 is waiting", name, &id, document, "1 node", "Wait until it ends", "patch policy"];
    stage.card_becomes(&ts, &words).await?;
    stage.thread_line(&ts, &["Wave 1 is waiting", name]).await?;
    ensure!(stage.commands("verification-1", "Install").is_empty(), "it was sent all the same");
    ensure!(stage.cloud.end_association(&id));
    stage.thread_line(&ts, &["Nothing else is patching the nodes of wave 1 now"]).await?;
    stage.card_becomes(&ts, &["verification is patched and proven"]).await?;
    stage.each_installed_once("verification-1", 6)?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_waits_for_foreign_work_can_be_rejected() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    stage.freeze();
    installs_by_hand(&stage, &node(&stage, "ver-web-01")?)?;
    approved(&stage, &ts).await?;
    stage.card_becomes(&ts, &["Wave 1 is waiting", "Reject"]).await?;
    stage.presses(BEN, &ts, "Reject…").await?;
    stage.gives_reason(BEN, "somebody patches by hand").await?;
    stage.card_becomes(&ts, &["somebody patches by hand"]).await?;
    stage.thaw();
    ensure!(stage.commands("verification-1", "Install").is_empty(), "it was sent all the same");
    stage.is_clean()
}

/// Two nodes are lost while the canary is scanned: one to another patch group, one for good.
async fn loses_two(stage: &Stage) -> Result<(String, [String; 2])> {
    let ts = planned(stage).await?;
    let scan = stage.aws_gate.hold("SendCommand", ":scan-w0-", Side::Before);
    approved(stage, &ts).await?;
    scan.caught().await?;
    let lost = [node(stage, "ver-batch-01")?, node(stage, "ver-old-01")?];
    ensure!(stage.cloud.retag(&lost[0], None), "the node is untagged");
    ensure!(stage.cloud.set_life(&lost[1], Life::Terminated), "the node is terminated");
    scan.passes();
    Ok((ts, lost))
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_lost_between_waves_stop_the_run() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    let (ts, _) = loses_two(&stage).await?;
    let words = [
        "Stopped: verification",
        "2 nodes of wave 2 have left the environment",
        "ver-batch-01 (no longer in the patch group)",
        "ver-old-01 (no longer managed",
    ];
    let card = stage.card_becomes(&ts, &["Stopped: verification"]).await?;
    let read = plain_text(&card).replace(['*', '\u{200b}'], "");
    for word in words {
        ensure!(read.contains(word), "the card does not say {word}:\n{read}");
    }
    ensure!(stage.commands("verification-1", "Install").len() == 1, "wave 2 was sent");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_lost_between_waves_are_left_out_if_that_was_approved() -> Result<()> {
    let standard = Settings::default().verification;
    let verification = Environment { on_drift: "shrink", ..standard };
    let stage = Stage::set(&Settings { verification, ..Settings::default() }).await?;
    let _bot = Bot::start(&stage).await?;
    let (ts, lost) = loses_two(&stage).await?;
    stage
        .card_becomes(&ts, &["verification is patched and proven", "2 nodes were left out"])
        .await?;
    stage.thread_line(&ts, &["Left out before wave 2", "ver-batch-01", "ver-old-01"]).await?;
    stage.thread_line(&ts, &["Done", "4 of 4 nodes compliant"]).await?;
    for command in stage.commands("verification-1", "Install") {
        let sent = command.instance_ids.iter().find(|node| lost.contains(node));
        ensure!(sent.is_none(), "{sent:?} was sent to");
    }
    // The approvers of production read how much the proof is worth.
    stage.types(HANA, "/patch plan production").await?;
    let words =
        ["Approve patching production?", "2 nodes that had left the environment", "ver-batch-01"];
    stage.card(&words).await?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_lost_before_the_start_voids_the_plan_or_is_left_out() -> Result<()> {
    for (on_drift, installs) in [("void", 0), ("shrink", 2)] {
        let (stage, _bot, ts) = approved_around(on_drift, |stage| {
            ensure!(stage.cloud.set_life(&node(stage, "ver-batch-01")?, Life::Stopped));
            Ok(())
        })
        .await?;
        match on_drift {
            "void" => {
                stage.card_becomes(&ts, &["No longer valid", "A new plan follows"]).await?;
                stage.card(&["Approve patching verification?", "verification-2"]).await?;
            }
            _ => {
                let words = ["verification is patched and proven", "ver-batch-01"];
                stage.card_becomes(&ts, &words).await?;
                stage.thread_line(&ts, &["Done", "5 of 5 nodes compliant"]).await?;
            }
        }
        let sent = stage.commands("verification-1", "Install").len();
        ensure!(sent == installs, "{on_drift}: {sent} Installs");
        stage.is_clean()?;
    }
    Ok(())
}
