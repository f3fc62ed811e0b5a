//! The usual steps of stories about what was proven, and what production installs of it.

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use simulators::aws::{Baseline, NodeSpec, Os, Patch, World};
use simulators::slack::Message;
use stories::{AIKO, BEN, HANA, Stage};

use crate::scene::{approved, planned};

/// The seeded world without its troubles, after `change`.
pub(crate) fn untroubled(change: impl FnOnce(&mut World)) -> impl FnOnce(&mut World) {
    |world| {
        world.nodes.iter_mut().for_each(|node| node.fault = None);
        change(world);
    }
}

/// The baseline of a system in the account with this number.
pub(crate) fn baseline<'a>(
    world: &'a mut World,
    account: &str,
    os: Os,
) -> Result<&'a mut Baseline> {
    let mut all = world.baselines.iter_mut();
    all.find(|one| one.account == account && one.os == os).context("there is no such baseline")
}

/// A package of Amazon Linux 2023 that was published a day ago.
pub(crate) fn package(name: &str, version: &str) -> Patch {
    let day = Utc::now() - TimeDelta::days(1);
    Patch::package(Os::AmazonLinux2023, name, "x86_64", version, day)
}

/// A node of the seeded world.
pub(crate) fn spec<'a>(world: &'a mut World, name: &str) -> Result<&'a mut NodeSpec> {
    world.nodes.iter_mut().find(|node| node.name == name).with_context(|| format!("no {name}"))
}

/// A vendor publishes this now, and somebody scans the nodes of a group for it.
pub(crate) fn released(stage: &Stage, patch: Patch, group: &str) -> Result<DateTime<Utc>> {
    let now = stage.clock.now();
    stage.cloud.release(patch, now);
    scanned(stage, group)?;
    Ok(now)
}

/// Somebody scans the nodes of a group.
pub(crate) fn scanned(stage: &Stage, group: &str) -> Result<()> {
    for node in stage.nodes_of(group) {
        ensure!(stage.cloud.foreign_scan(&node), "{node} is gone");
    }
    Ok(())
}

/// Verification is patched and proven. Returns the ts of its card.
pub(crate) async fn verified(stage: &Stage) -> Result<String> {
    let ts = planned(stage).await?;
    approved(stage, &ts).await?;
    stage.card_becomes(&ts, &["verification is patched and proven"]).await?;
    Ok(ts)
}

/// The plan of production that Hana asks for, with an Approve button.
pub(crate) async fn next_planned(stage: &Stage) -> Result<Message> {
    stage.types(HANA, "/patch plan production").await?;
    stage.card(&["Approve patching production?", "[Approve]"]).await
}

/// Gives the plan both its votes.
pub(crate) async fn next_approved(stage: &Stage, ts: &str) -> Result<()> {
    stage.presses_and_reads(AIKO, ts, "Approve", &["1 of 2"]).await?;
    stage.presses_and_reads(BEN, ts, "Approve", &["is now approved"]).await.map(drop)
}

/// The content of the lists that the Installs of a run named: all are the same.
pub(crate) fn list(stage: &Stage, run: &str) -> Result<String> {
    let mut lists = stage.commands(run, "Install").into_iter().map(|install| {
        let given = install.parameters.get("InstallOverrideList").and_then(|list| list.first());
        given.cloned().context("an Install is not pinned")
    });
    let first = lists.next().context("nothing was installed")??;
    for other in lists {
        ensure!(other? == first, "two lists in one run");
    }
    let place = first.strip_prefix("s3://").and_then(|rest| rest.split_once('/'));
    let (bucket, key) = place.context("the list is not in S3")?;
    let list = stage.cloud.object(bucket, key).context("the list is not in the bucket")?;
    Ok(String::from_utf8_lossy(&list).into_owned())
}
