//! Drafting a plan from facts: the one place where a choice is made of what will be done.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::assessment::Assessment;
use crate::digest::Digest;
use crate::environment::{Environment, StartRule};
use crate::environment_name::EnvironmentName;
use crate::level::Level;
use crate::node::{Ping, Platform};
use crate::patch::{Patch, PatchId};
use crate::plan::{
    PatchPlan, Pin, PlannedNode, PlannedPatch, Proof, Terms, Unproven, Wished, Wishes, worst,
};
use crate::refusal::Refusal;
use crate::survey::{Installed, MaintenanceWindow, Survey, SurveyedNode};

/// What is known of the environment that comes before.
#[derive(Clone, Debug)]
pub struct Before {
    /// Its name.
    pub environment: EnvironmentName,
    /// What it proves.
    pub proof: Result<Proof, Unproven>,
    /// What its nodes have installed.
    pub installed: BTreeSet<Installed>,
}

/// Drafts the plan that follows from `survey`, on the terms of the configuration but for what
/// somebody `wishes`. `before` is none for the first environment; `assess` says how bad what a
/// patch mends is.
pub fn draft(
    environment: &Environment,
    wishes: &Wishes,
    survey: &Survey,
    before: Option<&Before>,
    assess: &dyn Fn(&Patch) -> Assessment,
    now: DateTime<Utc>,
) -> Result<PatchPlan, Refusal> {
    let configured = environment.terms();
    let wishes = environment.allows(wishes)?;
    let terms = configured.with(&wishes);
    if survey.nodes.is_empty() {
        return Err(Refusal::NoNodes {
            environment: environment.name.clone(),
            patch_group: environment.patch_group.clone(),
        });
    }
    let window = window(environment, &terms.start, survey, now)?;
    let missing: BTreeMap<&PatchId, u32> = survey
        .nodes
        .values()
        .flat_map(|node| &node.missing)
        .fold(BTreeMap::new(), |mut counts, id| {
            *counts.entry(id).or_default() += 1;
            counts
        });
    let pin = pin(environment, &missing, before);
    let allowed = |id: &PatchId| match &pin {
        Pin::First | Pin::NotProven { .. } => true,
        Pin::Proven { patches, .. } => patches.iter().any(|patch| patch.id == *id),
    };
    let mut patches: Vec<PlannedPatch> = missing
        .iter()
        .filter(|(id, _)| allowed(id))
        .filter_map(|(id, nodes)| {
            let patch = survey.patches.get(*id)?;
            let (id, title, nodes) = (patch.id.clone(), patch.title.clone(), *nodes);
            Some(PlannedPatch { id, title, assessment: assess(patch), nodes })
        })
        .collect();
    patches.sort_by(|a, b| {
        a.assessment.order(a.nodes, &a.id).cmp(&b.assessment.order(b.nodes, &b.id))
    });
    let left_out = missing.keys().filter(|id| !allowed(id)).map(|id| (*id).clone()).collect();
    let own_policy = |level: &Level| environment.policies_by_level.contains_key(level);
    Ok(PatchPlan {
        decided_by: worst(&patches).filter(own_policy),
        environment: environment.name.clone(),
        account: environment.account.clone(),
        region: environment.region.clone(),
        patch_group: environment.patch_group.clone(),
        waves: waves(&terms, survey, &patches),
        patches,
        left_out,
        baselines: survey.baselines.clone(),
        pin,
        reboot: terms.reboot,
        error_budget: environment.waves.error_budget,
        concurrency: Some(environment.waves.concurrency.of(survey.nodes.len())),
        on_drift: environment.on_drift,
        window,
        patience: environment.patience,
        soak: environment.soak,
        proof_lasts: environment.proof_lasts,
        wished: (!wishes.is_empty()).then_some(Wished { wishes, configured }),
    })
}

fn window(
    environment: &Environment,
    start: &StartRule,
    survey: &Survey,
    now: DateTime<Utc>,
) -> Result<Option<MaintenanceWindow>, Refusal> {
    let StartRule::InWindow(name) = start else {
        return Ok(None);
    };
    let next = survey.windows.iter().find(|window| window.name == *name && window.last_start > now);
    match next {
        Some(window) => Ok(Some(window.clone())),
        None => {
            let (environment, window) = (environment.name.clone(), name.clone());
            Err(Refusal::NoWindow { environment, window })
        }
    }
}

/// Only what the environment before has installed, in exactly those versions.
fn pin(
    environment: &Environment,
    missing: &BTreeMap<&PatchId, u32>,
    before: Option<&Before>,
) -> Pin {
    let Some(before) = before else {
        return Pin::First;
    };
    let needs = before.environment.clone();
    let proof = match &before.proof {
        Ok(proof) => proof,
        Err(why) => return Pin::NotProven { needs, why: why.clone() },
    };
    let Some(place) = &environment.override_location else {
        return Pin::NotProven { needs, why: Unproven::NoOverrideLocation };
    };
    let patches: Vec<Installed> = before
        .installed
        .iter()
        // A driver that is known by its title cannot be named in the list: it is left out.
        .filter(|patch| missing.contains_key(&patch.id) && patch.id.can_be_listed())
        .cloned()
        .collect();
    // Named by its content: writing it twice writes the same.
    let name = Digest::of(&patches);
    let location = format!("{}/{}.yaml", place.trim_end_matches('/'), name.short());
    Pin::Proven { by: proof.run.clone(), patches, location }
}

/// Nodes that answer go first, so that a canary can sing.
fn waves(terms: &Terms, survey: &Survey, patches: &[PlannedPatch]) -> Vec<Vec<PlannedNode>> {
    let planned: BTreeSet<&PatchId> = patches.iter().map(|patch| &patch.id).collect();
    let mut order: Vec<(&crate::node::NodeId, &SurveyedNode)> = survey.nodes.iter().collect();
    order.sort_by_key(|(id, node)| (node.ping != Ping::Online, *id));
    let nodes: Vec<PlannedNode> = order
        .into_iter()
        .map(|(id, node)| PlannedNode {
            id: id.clone(),
            name: node.name.clone(),
            platform: node.platform,
            missing: node.missing.iter().filter(|patch| planned.contains(patch)).count() as u32,
            left_out: node.missing.iter().filter(|patch| !planned.contains(patch)).count() as u32,
        })
        .collect();
    let canary = (terms.canary.max(1) as usize).min(nodes.len());
    let percent = terms.percent.clamp(1, 100) as usize;
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
