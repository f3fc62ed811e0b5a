//! Checks whether nodes are still managed and still in their patch group, and in no other.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ssm::types::{InstanceInformation, InstanceInformationStringFilter, Target};
use commands::environment::patch_group::GroupTag;
use commands::fleet::node::NodeId;
use commands::fleet::presence::{Gone, Presence};

use crate::aws::client::Client;
use crate::aws::error::quote;
use crate::aws::fleet::two_groups::in_two_groups;
use crate::aws::{AwsError, Fault, parse};

/// The page size. DescribeInstanceInformation allows 5 to 50.
pub(in crate::aws) const PER_PAGE: i32 = 50;

/// How many ids the bot requests at once; a filter accepts 100 values.
const IDS: usize = 50;

/// The nodes of `expected` that are managed and in `group`, and in no other. It stops reading when
/// all were found: mostly before it requests the second spelling of the tag.
pub(in crate::aws) async fn presence(
    client: &Client,
    group: &str,
    expected: &[NodeId],
) -> Result<BTreeMap<NodeId, Presence>, AwsError> {
    let mut missing: BTreeSet<String> = expected.iter().map(|node| node.0.clone()).collect();
    let mut found = BTreeMap::new();
    for tag in GroupTag::ALL {
        if missing.is_empty() {
            break;
        }
        let before = found.len();
        let tagged = vec![filter(client, tag.filter(), vec![group.to_owned()])?];
        list(client, tagged, &mut |node, information| {
            if missing.remove(node) {
                let ping = information.ping_status().map(|ping| ping.as_str());
                found.insert(NodeId(node.to_owned()), Presence::Here(parse::ping(ping)));
            }
            !missing.is_empty()
        })
        .await?;
        if found.len() > before {
            let is_found = |node: &str| found.contains_key(&NodeId(node.to_owned()));
            let ambiguous = in_two_groups(client, group, tag, &is_found).await?.nodes;
            found.extend(
                ambiguous.into_keys().map(|node| (node, Presence::Gone(Gone::NodeInTwoGroups))),
            );
        }
    }
    let missing: Vec<String> = missing.into_iter().collect();
    for chunk in missing.chunks(IDS) {
        let managed = managed(client, chunk).await?;
        for node in chunk {
            let why = if managed.contains(node) { Gone::Untagged } else { Gone::NotManaged };
            found.insert(NodeId(node.clone()), Presence::Gone(why));
        }
    }
    Ok(found)
}

/// The ids of all managed nodes that carry every one of these tags.
pub(in crate::aws) async fn carrying(
    client: &Client,
    tags: &[Target],
) -> Result<BTreeSet<String>, AwsError> {
    let filters = tags
        .iter()
        .map(|tag| filter(client, tag.key().unwrap_or_default(), tag.values().to_vec()))
        .collect::<Result<_, _>>()?;
    ids(client, filters).await
}

/// The nodes of `nodes` that are managed. One id that the service does not know at all can make it
/// refuse the whole request; then the bot requests each id alone.
async fn managed(client: &Client, nodes: &[String]) -> Result<BTreeSet<String>, AwsError> {
    match named(client, nodes).await {
        Err(error) if is_unknown(&error) => {}
        answer => return answer,
    }
    let mut found = BTreeSet::new();
    for node in nodes {
        match named(client, std::slice::from_ref(node)).await {
            Err(error) if is_unknown(&error) => {}
            answer => found.extend(answer?),
        }
    }
    Ok(found)
}

async fn named(client: &Client, nodes: &[String]) -> Result<BTreeSet<String>, AwsError> {
    ids(client, vec![filter(client, "InstanceIds", nodes.to_vec())?]).await
}

fn is_unknown(error: &AwsError) -> bool {
    error.code() == Some("InvalidInstanceId")
}

async fn ids(
    client: &Client,
    filters: Vec<InstanceInformationStringFilter>,
) -> Result<BTreeSet<String>, AwsError> {
    let mut ids = BTreeSet::new();
    list(client, filters, &mut |node, _| {
        ids.insert(node.to_owned());
        true
    })
    .await?;
    Ok(ids)
}

pub(in crate::aws) fn filter(
    client: &Client,
    key: &str,
    values: Vec<String>,
) -> Result<InstanceInformationStringFilter, AwsError> {
    InstanceInformationStringFilter::builder().key(key).set_values(Some(values)).build().map_err(
        |error| {
            let operation = "DescribeInstanceInformation";
            AwsError::ours(
                operation,
                &client.environment,
                Fault::Settings,
                quote(&error.to_string()),
            )
        },
    )
}

/// Hands each node that matches to `take`, until `take` has enough.
pub(in crate::aws) async fn list(
    client: &Client,
    filters: Vec<InstanceInformationStringFilter>,
    take: &mut (dyn FnMut(&str, &InstanceInformation) -> bool + Send),
) -> Result<(), AwsError> {
    let request = client.reads.describe_instance_information().set_filters(Some(filters));
    let mut pages = client.pages(request.max_results(PER_PAGE));
    while let Some(page) = pages.next().await? {
        for information in &page {
            let enough = information.instance_id().is_some_and(|node| !take(node, information));
            if enough {
                return Ok(());
            }
        }
    }
    Ok(())
}
