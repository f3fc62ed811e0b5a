//! Nodes that do not answer as they should, and what the cards say about them.

use anyhow::{Context, Result, ensure};
use simulators::aws::{Life, NodeFault, SendsTo};
use simulators::slack::plain_text;
use stories::{Bot, Environment, HANA, Settings, Side, Stage, says};

use crate::scene::{approved, node, planned};

#[tokio::test(flavor = "multi_thread")]
async fn a_node_lost_in_its_reboot_is_unknown_since_its_last_ping() -> Result<()> {
    let impatient = "install = \"2s\", scan = \"2s\", ";
    let settings = Settings { timeouts: impatient, ..Settings::default() };
    let stage = Stage::set(&settings).await?;
    let lost = node(&stage, "ver-app-01")?;
    stage.cloud.fail_node(&lost, NodeFault::LostInReboot);
    let _bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    approved(&stage, &ts).await?;
    let done = stage.card_becomes(&ts, &["5 of 6 nodes are compliant"]).await?;
    let words =
        ["ver-app-01", "in progress", "since", "has not answered", "console", "/patch plan"];
    ensure!(says(&done, &words), "{}", plain_text(&done));
    stage.thread_line(&ts, &["ver-app-01", "has not answered"]).await?;
    // Its report from before it was lost does not count.
    stage
        .types_and_reads(HANA, "/patch compliance verification", &["5 of 6", "unknown since"])
        .await?;
    // It comes back with what it had installed, and a scan of another run can prove it.
    stage.cloud.heal_node(&lost);
    let ts = replanned(&stage).await?;
    approved(&stage, &ts).await?;
    stage.card_becomes(&ts, &["verification is patched and proven"]).await?;
    stage.types_and_reads(HANA, "/patch compliance verification", &["100%"]).await?;
    stage.is_clean()
}

async fn replanned(stage: &Stage) -> Result<String> {
    stage.types(HANA, "/patch plan verification").await?;
    let card = stage.card(&["Approve patching verification?", "verification-2"]).await?;
    Ok(card.ts)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_scan_is_named_and_ours_is_sent_again() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    let scan = stage.aws_gate.hold("SendCommand", ":scan-w1-", Side::After);
    approved(&stage, &ts).await?;
    scan.caught().await?;
    let ended = |stage: &Stage| {
        let scan = stage.commands("verification-1", "Scan").pop()?;
        (scan.status == "Success").then_some(scan.instance_ids)
    };
    let nodes = stage.until("the end of our scan", ended).await?;
    let first = nodes.first().context("a scan of no node")?;
    let snapshot = "5d8a1e0c-6f0b-4a57-9d5e-0c6f1b2a3d4e";
    let command = stage
        .cloud
        .foreign_command(first, "nightly scan", Some(snapshot))
        .context("the node is gone")?;
    stage
        .until("the end of the other scan", |stage| {
            let other = stage.cloud.commands().into_iter().find(|sent| sent.id == command)?;
            (other.status == "Success").then_some(())
        })
        .await?;
    scan.passes();
    stage
        .thread_line(&ts, &["was overwritten", &command, "nightly scan", "sends its scan again"])
        .await?;
    stage.card_becomes(&ts, &["verification is patched and proven"]).await?;
    stage.each_installed_once("verification-1", 6)?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compliant_scan_outweighs_a_failed_command() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let hit = node(&stage, "ver-app-01")?;
    // Its first install fails; then somebody installs the missing patches by hand, before our scan.
    let fault = NodeFault::InstallFails { patch: None, once: true, stderr: "disk full".into() };
    stage.cloud.fail_node(&hit, fault);
    let _bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    let scan = stage.aws_gate.hold("SendCommand", ":scan-w1-", Side::Before);
    approved(&stage, &ts).await?;
    scan.caught().await?;
    ensure!(stage.cloud.install_by_hand(&hit), "the node is gone");
    scan.passes();
    let done = stage.card_becomes(&ts, &["verification is patched and proven"]).await?;
    let words = ["ver-app-01", "failed", "compliant", "its install reported: failed"];
    ensure!(says(&done, &words), "{}", plain_text(&done));
    stage.is_clean()
}

/// Verification, in which one node has the other spelling of the tag, and the role may send only to
/// nodes that these statements allow.
async fn spelled(allowed: Vec<SendsTo>) -> Result<Stage> {
    Stage::with(&Settings::default(), move |world| {
        for account in &mut world.accounts {
            for role in account.roles.iter_mut().filter(|_| account.name == "verification") {
                role.sends_only_to = allowed.clone();
            }
        }
        for node in &mut world.nodes {
            node.fault = None;
            if node.name == "ver-batch-01" {
                let group = node.tags.remove("PatchGroup");
                node.tags.extend(group.map(|group| ("Patch Group".to_owned(), group)));
            }
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_denied_by_iam_is_named_and_the_others_are_patched() -> Result<()> {
    let equals = ("PatchGroup".to_owned(), "web-verification".to_owned());
    let stage = spelled(vec![SendsTo { equals, equals_if_exists: None }]).await?;
    let left_out = node(&stage, "ver-batch-01")?;
    let _bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    approved(&stage, &ts).await?;
    let done = stage.card_becomes(&ts, &["5 of 6 nodes are compliant"]).await?;
    let words = ["ver-batch-01", "AWS refused the command", "AccessDenied"];
    ensure!(says(&done, &words), "{}", plain_text(&done));
    stage.thread_line(&ts, &["AWS refused", "Nothing was sent to ver-batch-01"]).await?;
    ensure!(stage.cloud.installs_of(&left_out).is_empty(), "it was patched all the same");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shipped_iam_policies_admit_both_spellings_of_the_tag() -> Result<()> {
    let stage = spelled(SendsTo::group("web-verification")).await?;
    let _bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    approved(&stage, &ts).await?;
    stage.card_becomes(&ts, &["verification is patched and proven"]).await?;
    stage.each_installed_once("verification-1", 6)?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_lost_between_preflight_and_send_stop_no_other_node() -> Result<()> {
    for (on_drift, terminated) in [("shrink", true), ("void", false)] {
        let standard = Settings::default().verification;
        let verification = Environment { on_drift, ..standard };
        let settings = Settings { verification, ..Settings::default() };
        let stage = Stage::set(&settings).await?;
        let gone = node(&stage, "ver-web-02")?;
        let _bot = Bot::start(&stage).await?;
        let ts = planned(&stage).await?;
        let wave = stage.aws_gate.hold("SendCommand", ":install-w1-", Side::Before);
        approved(&stage, &ts).await?;
        wave.caught().await?;
        let vanished = match terminated {
            true => stage.cloud.set_life(&gone, Life::Terminated),
            false => stage.cloud.fail_node(&gone, NodeFault::Refused),
        };
        ensure!(vanished, "no such node");
        wave.passes();
        stage
            .thread_line(&ts, &["AWS refused", "Nothing was sent to ver-web-02", "new command"])
            .await?;
        // AWS refuses it, or the check before the new command finds it silent: the card names it in
        // either case.
        let head = if terminated { "1 node was left out" } else { "5 of 6 nodes are compliant" };
        stage.card_becomes(&ts, &[head, "ver-web-02"]).await?;
        stage.thread_line(&ts, &["Done", "5 of"]).await?;
        for id in stage.nodes_of("web-verification").iter().filter(|id| **id != gone) {
            ensure!(stage.cloud.installs_of(id).len() == 1, "{id}");
        }
        ensure!(stage.cloud.installs_of(&gone).is_empty(), "it was patched all the same");
        stage.is_clean()?;
    }
    Ok(())
}
