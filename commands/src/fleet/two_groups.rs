//! Nodes that two tags put into two patch groups. Such a node is in no environment until somebody
//! settles which group it belongs to: we send nothing to it, and no plan counts it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::environment::patch_group::GroupTag;
use crate::fleet::node::NodeId;

/// A node that carries both tags with different values, one of which is the group of the surveyed
/// environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeInTwoGroups {
    /// The computer name, or the id if it has none.
    pub name: String,
    /// The tag that names the group of the environment. The value of the other one is not known:
    /// Systems Manager only tells us that it exists and differs.
    pub by: GroupTag,
}

/// All such nodes of one environment.
pub type NodesInTwoGroups = BTreeMap<NodeId, NodeInTwoGroups>;
