//! Gathering what a look needs: nodes and what they miss from AWS, what is published from the feeds.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use commands::advisory::{Advisory, CveId};
use commands::environment::Environment;
use commands::node::{NodeId, Ping};
use commands::patch::Patch;
use commands::survey::Survey;

use crate::aws::AwsError;
use crate::engine::World;

pub(super) async fn survey(
    world: &World,
    environment: &Environment,
    scan: bool,
) -> Result<Survey, AwsError> {
    let now = world.clock.now();
    if !scan {
        return Box::pin(world.aws.survey(environment, false, now)).await;
    }
    let known = Box::pin(world.aws.survey(environment, false, now)).await?;
    // A node that does not answer would hold the scan up until patience is at its end.
    let online = known.nodes.iter().filter(|(_, node)| node.ping == Ping::Online);
    let nodes: Vec<NodeId> = online.map(|(id, _)| id.clone()).collect();
    let heard = Box::pin(world.aws.scan(environment, &nodes, environment.name.as_str())).await?;
    let open = nodes.len() - heard.values().filter(|status| status.is_final()).count();
    if open > 0 {
        tracing::warn!(environment.name = %environment.name, nodes.open = open, "a scheduled scan has not ended on every node");
    }
    Box::pin(world.aws.survey(environment, false, world.clock.now())).await
}

/// Reads what is published about what `patches` mend.
pub(super) async fn read_up(
    world: &World,
    patches: Vec<Patch>,
    now: DateTime<Utc>,
) -> Vec<Advisory> {
    let feeds = &world.advisories;
    for read in [feeds.refresh_kev(now).await, feeds.refresh_msrc(&patches, now).await] {
        if let Err(error) = read {
            tracing::warn!(feed.error = %error, "a feed could not be read; exploited vulnerabilities may be missed until it can");
        }
    }
    let completed = patches.into_iter().map(|mut patch| {
        feeds.complete(&mut patch);
        patch
    });
    let cves: BTreeSet<CveId> = completed.flat_map(|patch| patch.cves.known().to_vec()).collect();
    let found = feeds.look_up(&cves, now).await;
    for error in &found.errors {
        tracing::warn!(feed.error = %error, "a feed did not answer; levels are estimated from the vendor's word where it is missing");
    }
    found.advisories.into_values().collect()
}
