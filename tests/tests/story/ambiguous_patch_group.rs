//! A node whose tags `PatchGroup` and `Patch Group` name different groups: nobody knows which group
//! it belongs to, so nobody patches it.

use anyhow::{Result, ensure};
use simulators::aws::SendsTo;
use simulators::slack::plain_text;
use stories::{Bot, Environment, HANA, Settings, Side, Stage, says};

use crate::scene::{approved, approved_around, node, planned};

const OURS: &str = "web-verification";
const OTHERS: &str = "databases";

fn tags(stage: &Stage, node: &str, newer: Option<&str>, older: Option<&str>) -> Result<()> {
    ensure!(stage.cloud.tag(node, "PatchGroup", newer), "no such node");
    ensure!(stage.cloud.tag(node, "Patch Group", older), "no such node");
    Ok(())
}

/// Checks that these nodes got nothing at all: no Install, no scan of a run, and no scheduled scan.
fn untouched(stage: &Stage, nodes: &[String]) -> Result<()> {
    for command in stage.cloud.commands() {
        let hit = command.instance_ids.iter().find(|id| nodes.contains(id));
        ensure!(hit.is_none(), "{} was sent to {hit:?}", command.comment);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_in_two_groups_is_named_and_in_no_plan_until_its_tags_agree() -> Result<()> {
    let settings = Settings { scan: true, ..Settings::default() };
    let stage = Stage::set(&settings).await?;
    let torn = [node(&stage, "ver-web-02")?, node(&stage, "ver-batch-01")?];
    tags(&stage, &torn[0], Some(OURS), Some(OTHERS))?;
    tags(&stage, &torn[1], Some(OTHERS), Some(OURS))?;
    // With the same value in both tags, a node is like any other.
    tags(&stage, &node(&stage, "ver-app-01")?, Some(OURS), Some(OURS))?;
    let _bot = Bot::start(&stage).await?;
    stage
        .until("the end of the scans on schedule", |stage| {
            let sent = stage.cloud.commands();
            let scans: Vec<_> =
                sent.iter().filter(|one| one.comment.starts_with("patchbot:scan:")).collect();
            (scans.len() >= 2 && scans.iter().all(|one| one.status != "InProgress")).then_some(())
        })
        .await?;
    let named = ["2 nodes are in two patch groups", "ver-web-02", "ver-batch-01", &torn[0]];
    let ts = planned(&stage).await?;
    let card = stage.card_becomes(&ts, &named).await?;
    ensure!(says(&card, &["PatchGroup", "Patch Group", "remove one of the two tags"]), "{card:?}");
    stage.types_and_reads(HANA, "/patch status", &named).await?;
    stage.types_and_reads(HANA, "/patch compliance verification", &named).await?;
    approved(&stage, &ts).await?;
    let done = stage.card_becomes(&ts, &["verification is patched and proven"]).await?;
    let without = ["Without 2 nodes", "in two patch groups", "ver-web-02", "ver-batch-01"];
    ensure!(says(&done, &without), "{}", plain_text(&done));
    stage.thread_line(&ts, &["Done", "4 of 4 nodes compliant"]).await?;
    stage.each_installed_once("verification-1", 4)?;
    untouched(&stage, &torn)?;

    // One tag is removed, the other is corrected.
    tags(&stage, &torn[0], Some(OURS), None)?;
    tags(&stage, &torn[1], Some(OURS), Some(OURS))?;
    stage.types(HANA, "/patch plan verification").await?;
    let card = stage.card(&["Approve patching verification?", "verification-2"]).await?;
    ensure!(!says(&card, &["two patch groups"]), "{}", plain_text(&card));
    approved(&stage, &card.ts).await?;
    stage.thread_line(&card.ts, &["Done", "6 of 6 nodes compliant"]).await?;
    for id in &torn {
        ensure!(stage.cloud.installs_of(id).len() == 1, "{id} was not patched");
    }
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_tagged_twice_before_the_start_voids_the_plan_or_is_left_out() -> Result<()> {
    for (on_drift, installs) in [("void", 0), ("shrink", 2)] {
        let (stage, _bot, ts) = approved_around(on_drift, |stage| {
            tags(stage, &node(stage, "ver-batch-01")?, Some(OURS), Some(OTHERS))
        })
        .await?;
        match on_drift {
            "void" => {
                let why = ["No longer valid", "now in two patch groups", "ver-batch-01"];
                stage.card_becomes(&ts, &why).await?;
                let named = ["verification-2", "1 node is in two patch groups", "ver-batch-01"];
                stage.card(&named).await?;
            }
            _ => {
                let words = ["verification is patched and proven", "1 node was left out"];
                let done = stage.card_becomes(&ts, &words).await?;
                ensure!(says(&done, &["ver-batch-01", "in two patch groups"]), "{done:?}");
                stage.thread_line(&ts, &["Done", "5 of 5 nodes compliant"]).await?;
            }
        }
        let sent = stage.commands("verification-1", "Install").len();
        ensure!(sent == installs, "{on_drift}: {sent} Installs");
        untouched(&stage, &[node(&stage, "ver-batch-01")?])?;
        stage.is_clean()?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_tagged_twice_between_waves_stops_the_run_or_is_left_out() -> Result<()> {
    for on_drift in ["void", "shrink"] {
        let standard = Settings::default().verification;
        let verification = Environment { on_drift, ..standard };
        let stage = Stage::set(&Settings { verification, ..Settings::default() }).await?;
        let _bot = Bot::start(&stage).await?;
        let ts = planned(&stage).await?;
        let scan = stage.aws_gate.hold("SendCommand", ":scan-w0-", Side::Before);
        approved(&stage, &ts).await?;
        scan.caught().await?;
        let torn = node(&stage, "ver-batch-01")?;
        tags(&stage, &torn, Some(OTHERS), Some(OURS))?;
        scan.passes();
        match on_drift {
            "void" => {
                let words = ["Stopped: verification", "has left the environment"];
                let card = stage.card_becomes(&ts, &words).await?;
                ensure!(says(&card, &["ver-batch-01", "in two patch groups"]), "{card:?}");
                ensure!(stage.commands("verification-1", "Install").len() == 1, "wave 2 was sent");
            }
            _ => {
                let words = ["verification is patched and proven", "1 node was left out"];
                let done = stage.card_becomes(&ts, &words).await?;
                ensure!(says(&done, &["ver-batch-01", "in two patch groups"]), "{done:?}");
                stage.thread_line(&ts, &["Left out before wave 2", "ver-batch-01"]).await?;
            }
        }
        untouched(&stage, &[torn])?;
        stage.is_clean()?;
    }
    Ok(())
}

/// The shipped policies forbid what the preflight check cannot see.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_tagged_twice_after_the_preflight_is_refused_by_aws() -> Result<()> {
    let standard = Settings::default().verification;
    let verification = Environment { on_drift: "shrink", ..standard };
    let settings = Settings { verification, ..Settings::default() };
    let stage = Stage::with(&settings, |world| {
        for account in &mut world.accounts {
            for role in account.roles.iter_mut().filter(|_| account.name == "verification") {
                role.sends_only_to = SendsTo::group(OURS);
            }
        }
        world.nodes.iter_mut().for_each(|node| node.fault = None);
    })
    .await?;
    let _bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    let wave = stage.aws_gate.hold("SendCommand", ":install-w1-", Side::Before);
    approved(&stage, &ts).await?;
    wave.caught().await?;
    let torn = node(&stage, "ver-batch-01")?;
    tags(&stage, &torn, Some(OURS), Some(OTHERS))?;
    wave.passes();
    stage.thread_line(&ts, &["AWS refused", "Nothing was sent to ver-batch-01"]).await?;
    stage.thread_line(&ts, &["Done", "5 of"]).await?;
    ensure!(stage.cloud.installs_of(&torn).is_empty(), "it was patched all the same");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_refused_if_every_node_is_in_two_groups() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    for id in stage.nodes_of(OURS) {
        tags(&stage, &id, Some(OURS), Some(OTHERS))?;
    }
    let _bot = Bot::start(&stage).await?;
    let words = ["No node is in verification alone", "6 nodes are in two patch groups"];
    stage.types_and_reads(HANA, "/patch plan verification", &words).await?;
    stage.is_clean()
}
