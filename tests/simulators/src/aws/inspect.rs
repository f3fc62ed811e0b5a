//! What tests and pages can see of the world.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::node::RowState;
use super::state::State;

/// One request that reached the cloud.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    /// Simulated time.
    pub at: DateTime<Utc>,
    /// The caller's account; empty when its key is unknown.
    pub account: String,
    /// The region that it addressed.
    pub region: String,
    /// `SendCommand`, `AssumeRole`, `PutObject`.
    pub operation: String,
    /// What was asked.
    pub input: Value,
    /// How it was answered.
    pub outcome: Outcome,
}

/// How a call was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Outcome {
    /// It was done, and the caller was told so.
    Ok,
    /// The caller got this error code. `ConnectionClosed` stands for no answer at all.
    Err(String),
}

/// A command, for a page or an assertion.
#[derive(Clone, Debug, Serialize)]
pub struct CommandView {
    /// The command id.
    pub id: String,
    /// The account it runs in.
    pub account: String,
    /// The region it runs in.
    pub region: String,
    /// The document's name.
    pub document: String,
    /// The parameters as given.
    pub parameters: BTreeMap<String, Vec<String>>,
    /// The comment as given.
    pub comment: String,
    /// The nodes it concerns, in the order given.
    pub instance_ids: Vec<String>,
    /// When it was accepted.
    pub requested_at: DateTime<Utc>,
    /// The parent's status.
    pub status: String,
    /// Each node with its status details.
    pub invocations: Vec<(String, String)>,
}

/// A node, for a page or an assertion.
#[derive(Clone, Debug, Serialize)]
pub struct NodeView {
    /// The instance id.
    pub id: String,
    /// The computer name.
    pub name: String,
    /// `Amazon Linux 2023`
    pub platform: String,
    /// Its patch group.
    pub patch_group: Option<String>,
    /// Its account.
    pub account: String,
    /// Its region.
    pub region: String,
    /// `Online` or `ConnectionLost`; empty for a node that does not run.
    pub ping: String,
    /// Patches that it truly lacks and its baseline approves, whatever was reported.
    pub missing: usize,
    /// Patches that are truly on it.
    pub installed: usize,
    /// `scanning`, `installing`, `rebooting`, or nothing.
    pub activity: Option<String>,
}

impl State {
    pub(super) fn command_views(&self) -> Vec<CommandView> {
        let id = |node: usize| self.nodes[node].spec.id.clone();
        self.commands
            .iter()
            .map(|command| CommandView {
                id: command.id.clone(),
                account: command.account.clone(),
                region: command.region.clone(),
                document: super::command::DOCUMENT.into(),
                parameters: command.parameters.clone(),
                comment: command.comment.clone(),
                instance_ids: command.invocations.iter().map(|i| id(i.node)).collect(),
                requested_at: command.requested_at,
                status: command.status().1.into(),
                invocations: command
                    .invocations
                    .iter()
                    .map(|i| (id(i.node), i.words(self.now).1.to_owned()))
                    .collect(),
            })
            .collect()
    }

    pub(super) fn node_views(&self) -> Vec<NodeView> {
        self.nodes.iter().map(|node| self.node_view(node)).collect()
    }

    fn node_view(&self, node: &super::node::Node) -> NodeView {
        let baseline = self.baseline_of(node);
        let rows = node.rows(&self.patches, baseline, super::node::Operation::Scan, self.now);
        let missing = rows.iter().filter(|row| row.state == RowState::Missing).count();
        let spec = &node.spec;
        NodeView {
            id: spec.id.clone(),
            name: spec.name.clone(),
            platform: match spec.os.is_windows() {
                true => spec.os.platform_name().into(),
                false => format!("{} {}", spec.os.platform_name(), spec.os.platform_version()),
            },
            patch_group: node.group().map(str::to_owned),
            account: spec.account.clone(),
            region: spec.region.clone(),
            ping: if node.is_managed() { node.ping().into() } else { String::new() },
            missing,
            installed: rows.len()
                - rows
                    .iter()
                    .filter(|row| {
                        matches!(row.state, RowState::Missing | RowState::AvailableSecurityUpdate)
                    })
                    .count(),
            activity: node.activity.map(|activity| activity.word().into()),
        }
    }
}
