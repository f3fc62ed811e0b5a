//! The preflight check just before a wave: what else patches its nodes, and whether they are
//! present.
//!
//! It does not see scripts: a command of AWS-RunShellScript may run `dnf update`, and nobody could
//! tell.

use std::collections::BTreeSet;

use aws_sdk_ssm::types::{Command, CommandFilterKey, MaintenanceWindowIdentity, Target};
use chrono::{DateTime, Utc};
use commands::environment::Environment;
use commands::environment::patch_group::GroupTag;
use commands::fleet::node::NodeId;
use commands::plan::PatchPlan;
use commands::run::{Seen, SeenCommand};
use commands::window::WindowSeen;

use crate::aws::client::Client;
use crate::aws::command::track::{PER_PAGE, filter, invocations};
use crate::aws::maintenance_windows::{self, GroupNodes};
use crate::aws::preflight::presence::{carrying, presence};
use crate::aws::preflight::running_associations::running_associations;
use crate::aws::preflight::running_windows::running_windows;
use crate::aws::{Aws, AwsError, parse};

pub(in crate::aws) mod presence;
pub(in crate::aws) mod running_associations;
pub(in crate::aws) mod running_windows;

/// Documents that scan for patches or install them. AWS-ConfigureWindowsUpdate is not among them,
/// because it only changes settings.
///
/// Source: Systems Manager user guide, "SSM Command documents for patching managed nodes" (the
/// recommended ones and the legacy ones), and the Automation runbook reference for the last three,
/// which patch through commands of their own.
const PATCHING: [&str; 11] = [
    "AWS-RunPatchBaseline",
    "AWS-RunPatchBaselineAssociation",
    "AWS-RunPatchBaselineWithHooks",
    "AWS-InstallWindowsUpdates",
    "AWS-ApplyPatchBaseline",
    "AWS-FindWindowsUpdates",
    "AWS-InstallMissingWindowsUpdates",
    "AWS-InstallSpecificWindowsUpdates",
    "AWS-PatchInstanceWithRollback",
    "AWS-PatchAsgInstance",
    "AWSEC2-PatchLoadBalancerInstance",
];

impl Aws {
    /// Runs the preflight check for a wave of `plan` that is about to be sent to `nodes`, while all
    /// of `expected` must still be present.
    pub async fn preflight(
        &self,
        environment: &Environment,
        plan: &PatchPlan,
        nodes: &[NodeId],
        expected: &[NodeId],
        now: DateTime<Utc>,
    ) -> Result<Seen, AwsError> {
        let client = self.client(&environment.name, "ListCommands")?;
        let wave = Wave {
            group: &environment.patch_group,
            nodes: nodes.iter().map(|node| node.0.clone()).collect(),
        };
        let all = maintenance_windows::all(client).await?;
        let bound = bound(client, environment, plan, &all, now).await?;
        let windows = running_windows(client, &wave, &all, now).await?;
        let associations = running_associations(client, &wave, now).await?;
        let commands = running_commands(client, &wave).await?;
        // After the commands: a node that rebooted for one of them responds once that command has
        // ended. If the bot asked earlier, it would leave the node out although it responds by the
        // time it is free.
        let nodes = presence(client, wave.group, expected).await?;
        Ok(Seen { commands, windows, associations, nodes, bound })
    }

    /// The window that `plan` is bound to in its current form, and others of the same name. Makes
    /// no call if the plan has no window.
    pub async fn bound_windows(
        &self,
        environment: &Environment,
        plan: &PatchPlan,
        now: DateTime<Utc>,
    ) -> Result<Vec<WindowSeen>, AwsError> {
        let client = self.client(&environment.name, "DescribeMaintenanceWindows")?;
        if plan.window.is_none() {
            return Ok(Vec::new());
        }
        bound(client, environment, plan, &maintenance_windows::all(client).await?, now).await
    }
}

async fn bound(
    client: &Client,
    environment: &Environment,
    plan: &PatchPlan,
    all: &[MaintenanceWindowIdentity],
    now: DateTime<Utc>,
) -> Result<Vec<WindowSeen>, AwsError> {
    let Some(window) = &plan.window else { return Ok(Vec::new()) };
    let nodes = plan.nodes().map(|node| &node.id);
    maintenance_windows::bound(
        client,
        &GroupNodes::new(&environment.patch_group, nodes),
        window,
        all,
        now,
    )
    .await
}

/// The nodes that the wave is about to be sent to.
pub(in crate::aws) struct Wave<'a> {
    group: &'a str,
    nodes: BTreeSet<String>,
}

impl Wave<'_> {
    /// The value of their patch group tag.
    pub(in crate::aws) fn group(&self) -> &str {
        self.group
    }

    pub(in crate::aws) fn ids(&self) -> impl Iterator<Item = &str> {
        self.nodes.iter().map(String::as_str)
    }

    /// Those of `ids` that are in the wave.
    pub(in crate::aws) fn among<'b>(
        &self,
        ids: impl IntoIterator<Item = &'b str>,
    ) -> BTreeSet<NodeId> {
        let ours = ids.into_iter().filter(|id| self.nodes.contains(*id));
        ours.map(|id| NodeId(id.to_owned())).collect()
    }

    /// The nodes of the wave that match all of `targets`. For tags other than the patch group's it
    /// asks AWS. It does not resolve resource groups: the commands sent to their nodes show up
    /// anyway.
    pub(in crate::aws) async fn among_targets(
        &self,
        client: &Client,
        targets: &[Target],
    ) -> Result<BTreeSet<NodeId>, AwsError> {
        let key = |target: &Target| target.key().unwrap_or_default().to_owned();
        match targets {
            [] => Ok(BTreeSet::new()),
            // The service accepts any case, and its guide writes `instanceids`.
            [one] if key(one).eq_ignore_ascii_case("InstanceIds") => {
                Ok(self.among(one.values().iter().map(String::as_str)))
            }
            [one] if GroupTag::ALL.iter().any(|tag| tag.filter() == key(one)) => {
                let ours = one.values().iter().any(|group| group == self.group);
                // All nodes of the wave are known to carry this tag.
                Ok(self.among(self.nodes.iter().map(String::as_str).filter(|_| ours)))
            }
            all if all.iter().all(|target| is_tag(&key(target))) => {
                let found = carrying(client, all).await?;
                Ok(self.among(found.iter().map(String::as_str)))
            }
            _ => Ok(BTreeSet::new()),
        }
    }
}

/// Whether a target's key names a tag.
pub(in crate::aws) fn is_tag(key: &str) -> bool {
    key.starts_with("tag:") || key == "tag-key"
}

/// Whether a document patches, by its name or its ARN.
pub(in crate::aws) fn patches(document: &str) -> bool {
    PATCHING.contains(&document.rsplit('/').next().unwrap_or(document))
}

/// All patch commands, from any sender, that have not ended on some node of the wave.
async fn running_commands(client: &Client, wave: &Wave<'_>) -> Result<Vec<SeenCommand>, AwsError> {
    let executing = filter(client, CommandFilterKey::ExecutionStage, "Executing")?;
    let mut seen = Vec::new();
    let mut pages =
        client.pages(client.reads.list_commands().filters(executing).max_results(PER_PAGE));
    while let Some(page) = pages.next().await? {
        for command in page {
            seen.extend(running_on_wave(client, wave, &command).await?);
        }
    }
    Ok(seen)
}

/// The command, if it patches and has not ended on some node of the wave.
async fn running_on_wave(
    client: &Client,
    wave: &Wave<'_>,
    command: &Command,
) -> Result<Option<SeenCommand>, AwsError> {
    let (Some(id), Some(document)) = (command.command_id(), command.document_name()) else {
        return Ok(None);
    };
    if !patches(document) {
        return Ok(None);
    }
    let named = wave.among(command.instance_ids().iter().map(String::as_str));
    if named.is_empty() && !command.instance_ids().is_empty() {
        return Ok(None);
    }
    let invocations = invocations(client, id).await?;
    let mut open = if named.is_empty() {
        // A new command may not list any node yet. Then its targets say which nodes it is for.
        if invocations.is_empty() {
            wave.among_targets(client, command.targets()).await?
        } else {
            wave.among(invocations.keys().map(|node| node.0.as_str()))
        }
    } else {
        named
    };
    open.retain(|node| !invocations.get(node).is_some_and(|status| status.is_final()));
    Ok((!open.is_empty()).then(|| SeenCommand {
        id: id.to_owned(),
        document: document.to_owned(),
        comment: command.comment().unwrap_or_default().to_owned(),
        snapshot: parse::parameter(command.parameters(), "SnapshotId").map(str::to_owned),
        requested_at: command.requested_date_time().and_then(parse::time),
        nodes: open.len() as u32,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_known_by_its_name_and_by_its_arn() {
        assert!(patches("AWS-RunPatchBaselineWithHooks"));
        assert!(patches(
            "arn:aws:ssm:us-east-1::automation-definition/AWS-PatchInstanceWithRollback"
        ));
        assert!(!patches("AWS-RunShellScript"));
        assert!(!patches("arn:aws:ssm:us-east-1:111122223333:document/our-AWS-RunPatchBaseline"));
    }
}
