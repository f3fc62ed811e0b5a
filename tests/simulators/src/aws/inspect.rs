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
    /// The simulated time of the request.
    pub at: DateTime<Utc>,
    /// The account of the caller; empty if its key is unknown.
    pub account: String,
    /// The Region that it called.
    pub region: String,
    /// The operation, such as `SendCommand`, `AssumeRole` or `PutObject`.
    pub operation: String,
    /// The input of the operation.
    pub input: Value,
    /// How it was answered.
    pub outcome: Outcome,
}

/// How a call was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Outcome {
    /// It was done, and the caller knows.
    Ok,
    /// The caller got this error code. `ConnectionClosed` means that it got no answer at all.
    Err(String),
}

/// A command, for a page or an assertion.
#[derive(Clone, Debug, Serialize)]
pub struct CommandView {
    /// The command id.
    pub id: String,
    /// The account that it runs in.
    pub account: String,
    /// The Region that it runs in.
    pub region: String,
    /// The name of its document.
    pub document: String,
    /// The parameters, as given.
    pub parameters: BTreeMap<String, Vec<String>>,
    /// The comment, as given.
    pub comment: String,
    /// The nodes that it targets, in the order given.
    pub instance_ids: Vec<String>,
    /// When it was accepted.
    pub requested_at: DateTime<Utc>,
    /// The status of the command as a whole.
    pub status: String,
    /// The nodes, each with its status details.
    pub invocations: Vec<(String, String)>,
}

/// A node, for a page or an assertion.
#[derive(Clone, Debug, Serialize)]
pub struct NodeView {
    /// The instance id.
    pub id: String,
    /// The computer name.
    pub name: String,
    /// The name of its platform, such as `Amazon Linux 2023`.
    pub platform: String,
    /// The value of its tag for the patch group; `None` if it has none.
    pub patch_group: Option<String>,
    /// Its account.
    pub account: String,
    /// Its region.
    pub region: String,
    /// `Online` or `ConnectionLost`; empty for a node that does not run.
    pub ping: String,
    /// How many patches it really lacks that its baseline approves, whatever was reported.
    pub missing: usize,
    /// How many patches are really installed on it.
    pub installed: usize,
    /// `scanning`, `installing`, `rebooting`, or `None`.
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
