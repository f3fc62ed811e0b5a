//! Drafting a plan from facts: the one place that chooses what will be done.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::environment::{Environment, StartRule};
use crate::fleet::node::{NodeId, Ping, Platform};
use crate::fleet::node_status::{NodeStatus, UnknownSince};
use crate::fleet::survey::{Survey, SurveyedNode};
use crate::fleet::two_groups::NodesInTwoGroups;
use crate::id::EnvironmentName;
use crate::patch::Patch;
use crate::patch::assessment::Assessment;
use crate::patch::level::Level;
use crate::plan::selection::{Selection, chosen};
use crate::plan::{
    AppliedOverrides, NotAllowed, Overrides, PatchPlan, PlanOptions, PlannedNode, Proof, Unproven,
    worst,
};
use crate::window;
use crate::window::{MaintenanceWindow, NotTaken};

/// What is known about the predecessor in the promotion order.
#[derive(Clone, Debug)]
pub struct Before {
    /// The name of the preceding environment.
    pub environment: EnvironmentName,
    /// What it proves, or why it proves nothing.
    pub proof: Result<Proof, Unproven>,
}

/// Why no plan can be drafted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotDrafted {
    /// The environment does not allow an override.
    NotAllowed(NotAllowed),
    /// None of the environment's nodes can be patched.
    NoNodes {
        /// The environment that was surveyed.
        environment: EnvironmentName,
        /// The tag value that we searched for.
        patch_group: String,
        /// Nodes in two patch groups, which therefore belong to no environment.
        in_two_groups: NodesInTwoGroups,
    },
    /// The environment needs a maintenance window, and no window qualifies.
    NoWindow {
        /// The environment that needs the window.
        environment: EnvironmentName,
        /// The name of the window.
        window: String,
        /// Why no window qualifies.
        why: NotTaken,
    },
}

impl From<NotAllowed> for NotDrafted {
    fn from(why: NotAllowed) -> Self {
        Self::NotAllowed(why)
    }
}

/// Drafts the plan that follows from `survey`, with the options of the configuration except where
/// `wishes` override them. `before` is `None` for the first environment; `assess` returns the
/// severity of what a patch fixes.
pub fn draft(
    environment: &Environment,
    overrides: &Overrides,
    survey: &Survey,
    before: Option<&Before>,
    assess: &dyn Fn(&Patch) -> Assessment,
    now: DateTime<Utc>,
) -> Result<PatchPlan, NotDrafted> {
    let configured = environment.options();
    let overrides = environment.allows(overrides)?;
    let options = configured.with(&overrides);
    if survey.nodes.is_empty() {
        return Err(NotDrafted::NoNodes {
            environment: environment.name.clone(),
            patch_group: environment.patch_group.clone(),
            in_two_groups: survey.in_two_groups.clone(),
        });
    }
    let window = window(environment, &options.start, survey, now)?;
    let chosen = chosen(environment, survey, before, assess);
    let waves = waves(&options, survey, &chosen);
    let Selection { pin, patches, left_out, .. } = chosen;
    let own_policy = |level: &Level| environment.policies_by_level.contains_key(level);
    Ok(PatchPlan {
        decided_by: worst(&patches).filter(own_policy),
        environment: environment.name.clone(),
        account: environment.account.clone(),
        region: environment.region.clone(),
        patch_group: environment.patch_group.clone(),
        waves,
        patches,
        left_out,
        unclear: unclear(survey),
        in_two_groups: survey.in_two_groups.clone(),
        baselines: survey.baselines.clone(),
        pin,
        reboot: options.reboot,
        error_budget: environment.waves.error_budget,
        concurrency: Some(environment.waves.concurrency.of(survey.nodes.len())),
        on_drift: environment.on_drift,
        window,
        timeouts: environment.timeouts,
        soak: environment.soak,
        proof_lasts: environment.proof_lasts,
        applied_overrides: (!overrides.is_empty())
            .then_some(AppliedOverrides { overrides, configured }),
    })
}

fn window(
    environment: &Environment,
    start: &StartRule,
    survey: &Survey,
    now: DateTime<Utc>,
) -> Result<Option<MaintenanceWindow>, NotDrafted> {
    let StartRule::InWindow(name) = start else {
        return Ok(None);
    };
    match window::next(&survey.windows, name, now) {
        Ok(window) => Ok(Some(window)),
        Err(why) => {
            let (environment, window) = (environment.name.clone(), name.clone());
            Err(NotDrafted::NoWindow { environment, window, why })
        }
    }
}

/// Nodes whose missing patches are not known, except silent nodes, which are reported elsewhere.
fn unclear(survey: &Survey) -> BTreeMap<NodeId, UnknownSince> {
    let why = |node| match NodeStatus::of(node, survey.taken_at) {
        NodeStatus::Known(_) | NodeStatus::Unknown(UnknownSince::AgentSilent { .. }) => None,
        NodeStatus::Unknown(why) => Some(why),
    };
    survey.nodes.iter().filter_map(|(id, node)| Some((id.clone(), why(node)?))).collect()
}

/// Divides the nodes into waves. Nodes that answer come first, so that the canary wave is a real
/// test.
fn waves(options: &PlanOptions, survey: &Survey, chosen: &Selection) -> Vec<Vec<PlannedNode>> {
    let mut order: Vec<(&crate::fleet::node::NodeId, &SurveyedNode)> =
        survey.nodes.iter().collect();
    order.sort_by_key(|(id, node)| (node.ping != Ping::Online, *id));
    let nodes: Vec<PlannedNode> = order
        .into_iter()
        .map(|(id, node)| {
            let (missing, left_out) = chosen.of_node(node);
            PlannedNode {
                id: id.clone(),
                name: node.name.clone(),
                platform: node.platform,
                system: node.system.clone(),
                missing,
                left_out,
            }
        })
        .collect();
    let canary = (options.canary.max(1) as usize).min(nodes.len());
    let percent = options.percent.clamp(1, 100) as usize;
    let size = (nodes.len() * percent).div_ceil(100).max(1);
    let (first, rest) = nodes.split_at(canary);
    std::iter::once(first.to_vec()).chain(rest.chunks(size).map(<[PlannedNode]>::to_vec)).collect()
}

impl Platform {
    /// Whether its patches are named by knowledge base numbers.
    pub fn is_windows(self) -> bool {
        match self {
            Self::Windows => true,
            Self::Linux | Self::Other => false,
        }
    }
}
