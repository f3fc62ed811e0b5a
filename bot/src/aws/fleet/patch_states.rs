//! The patch states of nodes: what the last Scan or Install of each reported.

use std::collections::BTreeMap;

use aws_sdk_ssm::types::InstancePatchState;
use commands::environment::Environment;
use commands::fleet::node::{NodeId, NodePatchState};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::aws::client::Client;
use crate::aws::parse;
use crate::aws::{Aws, AwsError};

/// The maximum number of nodes in one DescribeInstancePatchStates.
const NODES_PER_CALL: usize = 50;

/// How many chunks are read at once. The environment's limit on calls under way applies in
/// addition.
pub(in crate::aws) const READS_AT_ONCE: usize = 8;

impl Aws {
    /// The patch states of `nodes`. A node that never reported is absent.
    pub async fn states(
        &self,
        environment: &Environment,
        nodes: &[NodeId],
    ) -> Result<BTreeMap<NodeId, NodePatchState>, AwsError> {
        let client = self.client(&environment.name, "DescribeInstancePatchStates")?;
        states(client, nodes).await
    }
}

pub(in crate::aws) async fn states(
    client: &Client,
    nodes: &[NodeId],
) -> Result<BTreeMap<NodeId, NodePatchState>, AwsError> {
    let chunks: Vec<Vec<NodeId>> = nodes.chunks(NODES_PER_CALL).map(<[NodeId]>::to_vec).collect();
    let chunks = chunks.into_iter().map(|chunk| of_chunk(client, chunk));
    let read: Vec<_> = stream::iter(chunks).buffer_unordered(READS_AT_ONCE).try_collect().await?;
    Ok(parse::by_key(read))
}

/// The states of at most 50 nodes.
pub(in crate::aws) async fn of_chunk(
    client: &Client,
    nodes: Vec<NodeId>,
) -> Result<Vec<(NodeId, NodePatchState)>, AwsError> {
    let ids: Vec<String> = nodes.into_iter().map(|node| node.0).collect();
    let request = client.reads.describe_instance_patch_states().set_instance_ids(Some(ids));
    let states = client.all(request.max_results(NODES_PER_CALL as i32)).await?;
    Ok(states.iter().map(of_node).collect())
}

fn of_node(state: &InstancePatchState) -> (NodeId, NodePatchState) {
    (NodeId(state.instance_id().to_owned()), parse::patch_state(state))
}

/// The maximum page size of DescribeInstancePatchStatesForPatchGroup: twice as many as can be
/// requested by id.
const PER_PAGE: i32 = 100;

/// The patch states of all nodes that reported under `group`.
pub(in crate::aws) async fn of_group(
    client: &Client,
    group: &str,
) -> Result<BTreeMap<NodeId, NodePatchState>, AwsError> {
    let request = client.reads.describe_instance_patch_states_for_patch_group().patch_group(group);
    let mut pages = client.pages(request.max_results(PER_PAGE));
    let mut states = BTreeMap::new();
    while let Some(page) = pages.next().await? {
        states.extend(page.iter().map(of_node));
    }
    Ok(states)
}
