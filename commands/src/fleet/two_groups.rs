//! Nodes that two tags put into two patch groups. Such a node is in no environment until somebody
//! settles which group it belongs to: we send nothing to it, and no plan counts it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::fleet::node::NodeId;

/// A tag that names the patch group of a node. AWS accepts either, and a node may carry both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupTag {
    /// `PatchGroup`: the spelling that every EC2 instance can carry.
    Unspaced,
    /// `Patch Group`: the older spelling, refused on instances whose metadata service shows tags.
    Spaced,
}

impl GroupTag {
    /// Both spellings.
    pub const ALL: [Self; 2] = [Self::Unspaced, Self::Spaced];

    /// The key of the tag, as AWS spells it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Unspaced => "PatchGroup",
            Self::Spaced => "Patch Group",
        }
    }

    /// The tag as filters and targets name it.
    pub fn filter(self) -> &'static str {
        match self {
            Self::Unspaced => "tag:PatchGroup",
            Self::Spaced => "tag:Patch Group",
        }
    }

    /// The other spelling.
    pub fn other(self) -> Self {
        match self {
            Self::Unspaced => Self::Spaced,
            Self::Spaced => Self::Unspaced,
        }
    }
}

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
