//! Nodes that do not answer as they should, and what is then said of them.

use anyhow::{Context, Result, ensure};
use simulators::aws::NodeFault;
use simulators::slack::plain_text;
use stories::{Bot, HANA, Settings, Side, Stage, says};

use crate::scene::{approved, planned};

/// The id of a node of the seeded world.
fn node(stage: &Stage, name: &str) -> Result<String> {
    let found = stage.cloud.nodes().into_iter().find(|node| node.name == name);
    Ok(found.with_context(|| format!("there is no {name}"))?.id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_lost_in_its_reboot_is_unknown_since_its_last_ping() -> Result<()> {
    let impatient = "install = \"2s\", scan = \"2s\", ";
    let settings = Settings { patience: impatient, ..Settings::default() };
    let stage = Stage::set(&settings).await?;
    let lost = node(&stage, "ver-app-01")?;
    stage.cloud.fail_node(&lost, NodeFault::LostInReboot);
    let _bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    approved(&stage, &ts).await?;
    let done = stage.turns_into(&ts, &["5 of 6 nodes are compliant"]).await?;
    let words = ["ver-app-01", "in progress", "since", "silent", "console", "/patch plan"];
    ensure!(says(&done, &words), "{}", plain_text(&done));
    stage.line(&ts, &["ver-app-01", "silent"]).await?;
    // The report does not count what it told before it was lost.
    stage.hears(HANA, "/patch compliance verification", &["5 of 6", "unknown since"]).await?;
    // It comes back with what it had installed, and a scan of another run can prove it.
    stage.cloud.heal_node(&lost);
    let ts = replanned(&stage).await?;
    approved(&stage, &ts).await?;
    stage.turns_into(&ts, &["verification is patched and proven"]).await?;
    stage.hears(HANA, "/patch compliance verification", &["100%"]).await?;
    stage.is_clean()
}

async fn replanned(stage: &Stage) -> Result<String> {
    stage.types(HANA, "/patch plan verification").await?;
    let card = stage.card(&["Approve patching verification?", "verification-2"]).await?;
    Ok(card.ts)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_scan_is_named_and_ours_is_sent_again() -> Result<()> {
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
        .command_of_somebody_else(first, "nightly scan", Some(snapshot))
        .context("the node is gone")?;
    stage
        .until("the end of the other scan", |stage| {
            let other = stage.cloud.commands().into_iter().find(|sent| sent.id == command)?;
            (other.status == "Success").then_some(())
        })
        .await?;
    scan.passes();
    stage.line(&ts, &["was overwritten", &command, "nightly scan", "sent again"]).await?;
    stage.turns_into(&ts, &["verification is patched and proven"]).await?;
    stage.each_installed_once("verification-1", 6)?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_failed_and_a_scan_that_is_compliant() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let hit = node(&stage, "ver-app-01")?;
    // Its first install fails; then somebody installs by hand what it lacks, before our scan.
    let fault = NodeFault::InstallFails { patch: None, once: true, stderr: "disk full".into() };
    stage.cloud.fail_node(&hit, fault);
    let _bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    let scan = stage.aws_gate.hold("SendCommand", ":scan-w1-", Side::Before);
    approved(&stage, &ts).await?;
    scan.caught().await?;
    ensure!(stage.cloud.install_by_hand(&hit), "the node is gone");
    scan.passes();
    let done = stage.turns_into(&ts, &["verification is patched and proven"]).await?;
    let words = ["ver-app-01", "failed", "compliant", "its Install reported: failed"];
    ensure!(says(&done, &words), "{}", plain_text(&done));
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_the_policy_leaves_out_fails_with_its_cause() -> Result<()> {
    // The other spelling of the tag makes a patch group as well, but no policy of ours names it.
    let stage = Stage::with(&Settings::default(), |world| {
        for account in &mut world.accounts {
            for role in account.roles.iter_mut().filter(|_| account.name == "verification") {
                role.sends_only_to = Some(("PatchGroup".into(), "web-verification".into()));
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
    .await?;
    let left_out = node(&stage, "ver-batch-01")?;
    let _bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    approved(&stage, &ts).await?;
    let done = stage.turns_into(&ts, &["5 of 6 nodes are compliant"]).await?;
    ensure!(says(&done, &["ver-batch-01", "access denied"]), "{}", plain_text(&done));
    ensure!(stage.cloud.installs_of(&left_out).is_empty(), "it was patched all the same");
    for operation in ["Install", "Scan"] {
        let sent = stage.commands("verification-1", operation);
        let answers = sent.iter().flat_map(|command| &command.invocations);
        let denied: Vec<_> = answers.filter(|(_, status)| status == "AccessDenied").collect();
        ensure!(denied.len() == 1 && denied[0].0 == left_out, "{operation}: {denied:?}");
    }
    stage.is_clean()
}
