//! One look at one environment: its nodes, what they miss, and when they may be touched.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use commands::environment::Environment;
use commands::fleet::summary::Summary;
use commands::fleet::survey::{HeldBack, PatchBaseline, Survey};
use commands::patch::PatchId;

use crate::aws::client::Client;
use crate::aws::client::call_counter::CallCounter;
use crate::aws::fleet::available_patches::available_patches;
use crate::aws::fleet::baselines::Baseline;
use crate::aws::fleet::nodes::{Walk, Walked};
use crate::aws::maintenance_windows::{GroupNodes, named};
use crate::aws::{Aws, AwsError};

/// A look that keeps no node.
#[derive(Clone, Debug)]
pub struct Refreshed {
    /// What was counted.
    pub summary: Summary,
    /// What was asked of Systems Manager for it, every attempt, by operation.
    pub calls: BTreeMap<String, u64>,
    /// The fewest calls with which it could be read, by the sizes of AWS's pages; the formula stands
    /// at the function `minimum` beside this.
    pub minimum: u64,
}

impl Aws {
    /// Looks at `environment` and keeps every node. Only nodes that miss or failed something, or of
    /// which it is not known, are asked for their patches; `with_installed` asks every node for what
    /// it has installed as well, which takes at least one more call for each. Of the maintenance windows
    /// only those are read that a plan may be bound to.
    pub async fn survey(
        &self,
        environment: &Environment,
        with_installed: bool,
        now: DateTime<Utc>,
    ) -> Result<Survey, AwsError> {
        let client = self.client(&environment.name, "DescribeInstanceInformation")?;
        let walk = Walk { client, group: &environment.patch_group, with_installed, known: None };
        let (mut walked, mut nodes) = (Walked::default(), BTreeMap::new());
        let mut keep = |id, node| drop(nodes.insert(id, node));
        walk.go(&mut walked, &mut keep).await?;
        let rules = patch_rules(client, &mut walked, now).await?;
        let PatchRules { baselines, held_back } = rules;
        let group_nodes = GroupNodes::new(&environment.patch_group, nodes.keys());
        let windows = named(client, &group_nodes, &environment.windows()).await?;
        Ok(Survey {
            environment: environment.name.clone(),
            taken_at: now,
            nodes,
            in_two_groups: walked.in_two_groups,
            patches: walked.patches,
            windows,
            baselines,
            held_back,
        })
    }

    /// Looks at `environment` and counts. A node that has reported nothing new since the last such
    /// look is not asked again for what it misses.
    pub async fn refresh(
        &self,
        environment: &Environment,
        now: DateTime<Utc>,
    ) -> Result<Refreshed, AwsError> {
        let client = self.client(&environment.name, "DescribeInstanceInformation")?;
        let calls = CallCounter::default();
        let looked = Box::pin(summarise(client, environment, now));
        let (summary, minimum) = calls.counting(looked).await?;
        Ok(Refreshed { summary, calls: calls.so_far(), minimum })
    }

    /// What was asked of Systems Manager in `environment` since the start, every attempt, by
    /// operation.
    pub fn calls(&self, environment: &Environment) -> Result<BTreeMap<String, u64>, AwsError> {
        Ok(self.client(&environment.name, "DescribeInstanceInformation")?.calls.so_far())
    }
}

async fn summarise(
    client: &Client,
    environment: &Environment,
    now: DateTime<Utc>,
) -> Result<(Summary, u64), AwsError> {
    // Held while it is read: two looks at once would read the same twice.
    let mut known = client.index.lock().await;
    let mut walked = Walked::default();
    let mut summary = Summary::new(environment.name.clone(), now);
    let group = &environment.patch_group;
    let walk = Walk { client, group, with_installed: false, known: Some(&known) };
    let ended = walk.go(&mut walked, &mut |id, node| summary.add(&id, &node)).await;
    let mut index = std::mem::take(&mut walked.index);
    index.describe(&walked.patches);
    match ended {
        Ok(()) => *known = index,
        Err(error) => {
            known.absorb(index);
            return Err(error);
        }
    }
    let minimum = minimum(&walked);
    let PatchRules { baselines, held_back } = patch_rules(client, &mut walked, now).await?;
    summary.compliance.in_two_groups = walked.in_two_groups;
    summary.patches = walked.patches;
    summary.baselines = baselines;
    summary.held_back = held_back;
    Ok((summary, minimum))
}

/// The fewest calls that the sizes of pages allow:
///
/// - DescribeInstanceInformation: ⌈nodes / 50⌉ for each spelling of the tag, and 1 for one that nobody
///   uses; for each that somebody uses ⌈nodes that carry the other as well / 50⌉, at least 1, and where
///   one of these may be in two groups, ⌈nodes with the same value in both / 50⌉, at least 1;
/// - DescribeInstancePatchStatesForPatchGroup: ⌈nodes / 100⌉; and for nodes that reported nothing
///   under the group, DescribeInstancePatchStates: ⌈such nodes / 50⌉;
/// - DescribeInstancePatches: ⌈patches / 50⌉ for each node that misses something and has reported
///   since it was read last;
/// - GetPatchBaselineForPatchGroup and GetPatchBaseline: 1 of each for
///   every operating system.
///
/// Default baselines, and the catalogue of Windows and Amazon
/// Linux 1 and 2, which is read once an hour, come on top.
fn minimum(walked: &Walked) -> u64 {
    let reported = walked.nodes - walked.unreported;
    let states = reported.div_ceil(100).max(1) + walked.unreported.div_ceil(50);
    walked.pages + states + walked.lists + 2 * walked.systems.len() as u64
}

/// What decides about an environment beside its nodes.
struct PatchRules {
    baselines: Vec<PatchBaseline>,
    held_back: Option<Vec<HeldBack>>,
}

/// Reads it, and completes what is known of the patches.
async fn patch_rules(
    client: &Client,
    walked: &mut Walked,
    now: DateTime<Utc>,
) -> Result<PatchRules, AwsError> {
    let baselines: Vec<Baseline> = std::mem::take(&mut walked.baselines).into_values().collect();
    let catalogue = available_patches(client, walked.products.clone(), now).await;
    if let Some(catalogue) = &catalogue {
        walked.patches.values_mut().for_each(|patch| catalogue.complete(patch));
    }
    let seen = |id: &PatchId| walked.patches.contains_key(id) || walked.installed.contains(id);
    let of_windows =
        baselines.iter().find(|baseline| baseline.decides.operating_system == "WINDOWS");
    let held_back = catalogue
        .zip(of_windows)
        .and_then(|(catalogue, baseline)| catalogue.held_back(baseline, &seen, now));
    let baselines = baselines.into_iter().map(|baseline| baseline.decides).collect();
    Ok(PatchRules { baselines, held_back })
}
