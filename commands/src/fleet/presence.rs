//! The presence of nodes: whether a node is still where a plan expects it.

use serde::{Deserialize, Serialize};

use crate::fleet::node::Ping;

/// Whether we can still send to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is managed and in the patch group. Its agent may or may not answer.
    Here(Ping),
    /// We can no longer send to it.
    Gone(Gone),
}

/// Why we can no longer send to a node of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gone {
    /// Systems Manager does not list it: it was terminated, stopped or deregistered. We cannot tell
    /// which, because `DescribeInstanceInformation` omits stopped and terminated nodes.
    NotManaged,
    /// It is managed, but its tag no longer puts it into the patch group.
    Untagged,
    /// It is managed and in the patch group, but its other tag puts it into another one: see
    /// [`crate::fleet::two_groups`].
    NodeInTwoGroups,
}
