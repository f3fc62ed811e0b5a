//! Surveys one environment: its nodes, what they miss, and when they may be patched.

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

/// The result of a refresh, which keeps no nodes.
#[derive(Clone, Debug)]
pub struct Refreshed {
    /// The counts of the fleet.
    pub summary: Summary,
    /// The calls that it made to Systems Manager: every attempt, by operation.
    pub calls: BTreeMap<String, u64>,
    /// The minimum number of calls for it, by the sizes of AWS's pages; for the formula see the
    /// function `minimum` in this file.
    pub minimum: u64,
}

impl Aws {
    /// Surveys `environment` and keeps every node. The bot reads patches only from nodes that miss
    /// or failed something, or whose state is not known; `with_installed` reads what every node has
    /// installed as well, which takes at least one more call per node. It reads only those
    /// maintenance windows that a plan may be bound to.
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

    /// Reads `environment` and keeps counts only. A node that has reported nothing new since the
    /// last refresh is not asked again for what it misses.
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

    /// The calls to Systems Manager for `environment` since the process started: every attempt, by
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
    // Locked during the refresh, because two at once would read the same twice.
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

/// The minimum number of calls that the page sizes allow:
///
/// - DescribeInstanceInformation: ⌈nodes / 50⌉ for each spelling of the tag, and 1 for one that no
///   node uses; for each that some node uses, ⌈nodes that carry the other as well / 50⌉, at least
///   1, and, if one of these may be in two groups, ⌈nodes with the same value in both / 50⌉, at
///   least 1;
/// - DescribeInstancePatchStatesForPatchGroup: ⌈nodes / 100⌉; and for nodes that reported nothing
///   under the group, DescribeInstancePatchStates: ⌈such nodes / 50⌉;
/// - DescribeInstancePatches: ⌈patches / 50⌉ for each node that misses something and has reported
///   since it was last read;
/// - GetPatchBaselineForPatchGroup and GetPatchBaseline: 1 of each for every operating system.
///
/// Default baselines, and the catalogue of Windows and Amazon Linux 1 and 2, which the bot reads
/// once an hour, are not included.
fn minimum(walked: &Walked) -> u64 {
    let reported = walked.nodes - walked.unreported;
    let states = reported.div_ceil(100).max(1) + walked.unreported.div_ceil(50);
    walked.pages + states + walked.lists + 2 * walked.systems.len() as u64
}

/// What the environment's baselines say.
struct PatchRules {
    baselines: Vec<PatchBaseline>,
    held_back: Option<Vec<HeldBack>>,
}

/// Reads the baselines and the catalogue, and completes the details of the patches.
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
