//! What nodes on which a pinned Install failed report about the override list.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::fleet::node::NodeId;

/// Why a node could not read the override list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListFault {
    /// Its role lacks the permission.
    Denied,
    /// It has no credentials.
    NoCredentials,
    /// The list does not exist.
    Missing,
    /// The node cannot reach S3.
    Unreachable,
    /// The content is not an override list.
    NoList,
    /// The output does not say why, or not in words that we know.
    Unsaid,
}

/// What we read from the output of nodes on which a pinned Install failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outputs {
    /// The nodes that could not read the list, each with the cause; often empty.
    Read(BTreeMap<NodeId, ListFault>),
    /// We are not allowed to call GetCommandInvocation.
    Denied,
}
