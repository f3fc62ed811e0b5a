//! Observations beside the patch states: whether an agent still answers, and whose scan overwrote
//! ours.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::fleet::listing::Listing;
use crate::fleet::node::{NodeId, Ping};

/// The agent on a node, as Systems Manager reports it (DescribeInstanceInformation).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Whether it answers. [`Ping::Unknown`] also means that the node is not listed at all: Systems
    /// Manager omits nodes that are stopped or terminated.
    pub ping: Ping,
    /// `LastPingDateTime`; `None` if Systems Manager does not say.
    pub last_ping: Option<DateTime<Utc>>,
}

impl Agent {
    /// Whether the agent will not answer for now.
    pub fn is_silent(self) -> bool {
        match self.ping {
            Ping::ConnectionLost | Ping::Inactive | Ping::Unknown => true,
            Ping::Online => false,
        }
    }
}

/// Whose scan overwrote the report of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForeignScan {
    /// A command of another sender.
    Command {
        /// The `CommandId` that AWS gave it.
        id: String,
        /// `Comment`; empty if the sender gave none.
        comment: String,
        /// `DocumentName`, such as `AWS-RunPatchBaseline`.
        document: String,
        /// `RequestedDateTime`; `None` if Systems Manager does not say.
        requested_at: Option<DateTime<Utc>>,
        /// Whether it carries exactly the snapshot id of the report. The service assigns the id if
        /// the command has none; then only its time and document suggest that it is the one.
        certain: bool,
    },
    /// No command that Systems Manager lists fits: commands started by associations, patch policies
    /// and Quick Setup are not listed.
    NoCommand,
}

/// What was looked up when nodes were judged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LookupResults {
    /// When the lookups were chosen. Nodes are judged as of this moment, so that no node is judged
    /// without its lookup because of something that showed only later. `None` means now.
    pub as_of: Option<DateTime<Utc>>,
    /// The agents of the nodes that were looked up.
    pub agents: BTreeMap<NodeId, Agent>,
    /// The foreign scans, by the snapshot id in the report that they left.
    pub foreign_scans: BTreeMap<Option<Uuid>, ForeignScan>,
    /// The patch lists of the nodes, where they could be read.
    pub listings: BTreeMap<NodeId, Listing>,
}
