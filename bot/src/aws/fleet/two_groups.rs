//! Nodes whose two tags name different groups.
//!
//! A list of nodes does not contain their tags. So the bot lists the nodes that carry both tags,
//! and only if there are any, those with the same value in both: AWS joins filters by AND.

use commands::environment::patch_group::GroupTag;
use commands::fleet::node::NodeId;
use commands::fleet::two_groups::{NodeInTwoGroups, NodesInTwoGroups};

use crate::aws::AwsError;
use crate::aws::client::Client;
use crate::aws::fleet::nodes::name;
use crate::aws::preflight::presence::{PER_PAGE, filter, list};

/// The nodes found for one spelling of the tag.
pub(in crate::aws) struct InTwoGroups {
    pub(in crate::aws) nodes: NodesInTwoGroups,
    /// The minimum number of pages for these lists.
    pub(in crate::aws) pages: u64,
}

/// The nodes whose tag `by` names `group` and whose other tag names another group. Only nodes that
/// satisfy `matters` are considered.
pub(in crate::aws) async fn in_two_groups(
    client: &Client,
    group: &str,
    by: GroupTag,
    matters: &(dyn Fn(&str) -> bool + Sync),
) -> Result<InTwoGroups, AwsError> {
    let ours = filter(client, by.filter(), vec![group.to_owned()])?;
    let both = vec![ours.clone(), filter(client, "tag-key", vec![by.other().key().to_owned()])?];
    let mut nodes = NodesInTwoGroups::new();
    let mut listed = 0_u64;
    list(client, both, &mut |id, information| {
        listed += 1;
        if matters(id) {
            let id = NodeId(id.to_owned());
            let name = name(&id, information);
            nodes.insert(id, NodeInTwoGroups { name, by });
        }
        true
    })
    .await?;
    let mut pages = pages_of(listed);
    if nodes.is_empty() {
        return Ok(InTwoGroups { nodes, pages });
    }
    let same = vec![ours, filter(client, by.other().filter(), vec![group.to_owned()])?];
    let mut listed = 0_u64;
    list(client, same, &mut |id, _| {
        listed += 1;
        nodes.remove(&NodeId(id.to_owned()));
        true
    })
    .await?;
    pages += pages_of(listed);
    Ok(InTwoGroups { nodes, pages })
}

/// The number of pages that list so many nodes.
pub(in crate::aws) fn pages_of(nodes: u64) -> u64 {
    nodes.div_ceil(PER_PAGE as u64).max(1)
}
