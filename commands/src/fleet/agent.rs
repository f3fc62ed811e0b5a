//! What is seen beside patch states: whether an agent still answers, and whose scan it was that
//! overwrote ours.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::fleet::listing::Listing;
use crate::fleet::node::{NodeId, Ping};

/// What Systems Manager says of the agent on a node (DescribeInstanceInformation).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Whether it answers. [`Ping::Unknown`] also stands for a node that is not listed at all:
    /// Systems Manager leaves out what is stopped or gone.
    pub ping: Ping,
    /// `LastPingDateTime`.
    pub last_ping: Option<DateTime<Utc>>,
}

impl Agent {
    /// Whether nothing is to be expected of it for now.
    pub fn is_silent(self) -> bool {
        match self.ping {
            Ping::ConnectionLost | Ping::Inactive | Ping::Unknown => true,
            Ping::Online => false,
        }
    }
}

/// Who overwrote the report of our scan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForeignScan {
    /// A command of somebody else.
    Command {
        /// `CommandId`.
        id: String,
        /// `Comment`; empty when its sender gave none.
        comment: String,
        /// `DocumentName`.
        document: String,
        /// `RequestedDateTime`.
        requested_at: Option<DateTime<Utc>>,
        /// Whether it carries the very snapshot id that stands in the report. A command without
        /// one gets it from the service, so only its time and its document speak for it.
        certain: bool,
    },
    /// No command that Systems Manager lists fits: what associations, patch policies and quick
    /// setups start is not among them.
    NoCommand,
}

/// What was seen when nodes were judged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LookupResults {
    /// As of when it was decided what to look at, which is when nodes are judged: who is judged for
    /// what shows only later would be judged without a look. None: now.
    pub as_of: Option<DateTime<Utc>>,
    /// Agents of the nodes that were looked at.
    pub agents: BTreeMap<NodeId, Agent>,
    /// Strangers, by the snapshot id of what they left.
    pub strangers: BTreeMap<Option<Uuid>, ForeignScan>,
    /// What the nodes list of their patches, where it could be read.
    pub listings: BTreeMap<NodeId, Listing>,
}
