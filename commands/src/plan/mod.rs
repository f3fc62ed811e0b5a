//! A plan: exactly what will be done, frozen. Its execution has no choices left.

use std::collections::{BTreeMap, BTreeSet};

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::environment::{OnDrift, RebootOption, Timeouts};
use crate::fleet::node::{NodeId, Platform};
use crate::fleet::node_status::UnknownSince;
use crate::fleet::survey::PatchBaseline;
use crate::fleet::two_groups::NodesInTwoGroups;
use crate::id::{Digest, EnvironmentName, RunId};
use crate::patch::PatchId;
use crate::patch::assessment::Assessment;
use crate::patch::level::Level;
use crate::plan::proven::Proven;
use crate::seconds::Seconds;
use crate::window::{MaintenanceWindow, WindowChange, WindowSeen};

mod draft;
mod options;
mod pins;
mod selection;
mod shrink;

pub use draft::{Before, NotDrafted, draft};
pub use options::{AppliedOverrides, CANARY, NotAllowed, Overrides, PERCENT, PlanOptions};
pub use pins::{LeftOut, Pinned, WhyLeftOut};

/// What a run does, in full.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatchPlan {
    /// The environment that is patched.
    pub environment: EnvironmentName,
    /// The account id of the environment when it was drafted: twelve digits.
    pub account: String,
    /// The AWS Region of the environment when it was drafted.
    pub region: String,
    /// The value of the tag `PatchGroup` when it was drafted.
    pub patch_group: String,
    /// The waves in their order, the canary first. Together they hold every node exactly once.
    pub waves: Vec<Vec<PlannedNode>>,
    /// What will be installed, the worst first.
    pub patches: Vec<PlannedPatch>,
    /// Patches that nodes miss and that are not installed, each with the reason.
    pub left_out: Vec<LeftOut>,
    /// Nodes whose missing patches are not known.
    pub unclear: BTreeMap<NodeId, UnknownSince>,
    /// Nodes that are in two groups, and therefore not in this plan.
    pub in_two_groups: NodesInTwoGroups,
    /// The baselines that decide what is missing, by operating system.
    pub baselines: Vec<PatchBaseline>,
    /// How the plan is held to what was proven.
    pub pin: Pin,
    /// Whether nodes reboot after the install.
    pub reboot: RebootOption,
    /// How many nodes of one wave may fail before the rest is stopped.
    pub error_budget: u32,
    /// How many nodes may have an unfinished install at the same time; all of a wave, if `None`.
    pub concurrency: Option<u32>,
    /// What follows when nodes disappear before their wave.
    pub on_drift: OnDrift,
    /// The maintenance window in which the run starts and sends; `None` if it may do so at any
    /// time.
    pub window: Option<MaintenanceWindow>,
    /// How long to wait for AWS and for nodes.
    pub timeouts: Timeouts,
    /// How long its nodes must run well before the next environment may follow.
    pub soak: Seconds,
    /// How long after that the run counts as proof.
    pub proof_lasts: Seconds,
    /// The level whose own policy decides who may approve it; `None` if the policy of the
    /// environment does.
    pub decided_by: Option<Level>,
    /// The overrides of the person who asked for it; `None` if it follows the configuration. The
    /// other fields say what is done, so the digest that votes name does not include this one.
    pub applied_overrides: Option<AppliedOverrides>,
}

/// A node of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedNode {
    /// Its id; the run sends to no other nodes.
    pub id: NodeId,
    /// Its name, for people.
    pub name: String,
    /// Windows, Linux or another platform.
    pub platform: Platform,
    /// See [`crate::fleet::operating_system::system`].
    pub system: String,
    /// How many of the plan's patches it misses.
    pub missing: u32,
    /// How many patches it misses that the plan leaves out.
    pub left_out: u32,
}

/// A patch of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedPatch {
    /// `KBnnn` or `name.arch`.
    pub id: PatchId,
    /// What will be installed. For a package these are its versions, usually one for each system;
    /// if it is pinned, they are the proven ones.
    pub titles: BTreeSet<String>,
    /// Newer versions that exist and that nobody has proven; empty if none are known.
    pub newer: BTreeSet<String>,
    /// Whether it is a definition update: never proven, and installed as the baseline approves it.
    pub is_definition: bool,
    /// The severity of what it fixes.
    pub assessment: Assessment,
    /// How many nodes miss it.
    pub nodes: u32,
}

/// How a plan is held to what was proven in the preceding environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pin {
    /// The first environment: its baseline decides what is installed.
    First,
    /// The preceding environment is not proven. Such a plan cannot be approved.
    NotProven {
        /// The environment that must be proven.
        needs: EnvironmentName,
        /// Why it is not proven.
        why: Unproven,
    },
    /// Exactly what the preceding environment has installed and proven.
    Proven {
        /// The run that is the proof.
        by: RunId,
        /// What may be installed: patches that this environment misses and the preceding one has.
        patches: Vec<Pinned>,
        /// Where the nodes read the override list, such as `s3://bucket/prefix/<digest>.yaml`.
        location: String,
    },
}

impl Pin {
    /// The run that proves what the plan installs, if there is one.
    pub fn proof(&self) -> Option<&RunId> {
        match self {
            Self::Proven { by, .. } => Some(by),
            Self::First | Self::NotProven { .. } => None,
        }
    }
}

/// A run that proves its environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The run that is the proof.
    pub run: RunId,
    /// Since when it counts as proof: the end of its soak time.
    pub since: DateTime<Utc>,
    /// The versions that it judged good.
    pub proven: Arc<Proven>,
}

/// Why an environment proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unproven {
    /// There has never been a run.
    NeverRun,
    /// Its last run is still under way.
    StillRunning {
        /// The run that is under way.
        run: RunId,
    },
    /// Its last run did not end with every node compliant.
    NotCompliant {
        /// The last run.
        run: RunId,
        /// The number of compliant nodes.
        compliant: u32,
        /// The number of all nodes of the run.
        nodes: u32,
    },
    /// Its last run is still in its soak time.
    Soaking {
        /// The last run.
        run: RunId,
        /// When the soak time ends.
        until: DateTime<Utc>,
    },
    /// Its last run is too old to count as proof.
    TooOld {
        /// The last run.
        run: RunId,
        /// When its last wave was judged.
        ended_at: DateTime<Utc>,
    },
    /// Its last run succeeded, but the patches of its nodes could not be read, so we do not know
    /// what it proves.
    NotRead {
        /// The last run.
        run: RunId,
    },
    /// Its last run was in another account, Region or patch group than it has now, and so on other
    /// nodes.
    Moved {
        /// The last run.
        run: RunId,
    },
    /// It is proven, but no override location is configured for the list of what to install.
    NoOverrideLocation,
}

/// How the facts have changed since a plan was drafted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// Nodes of the plan that are gone.
    pub nodes_gone: Vec<NodeId>,
    /// Of these, the nodes that exist and are in two groups by now.
    pub nodes_in_two_groups: Vec<NodeId>,
    /// Nodes that are not in the plan.
    pub nodes_new: Vec<NodeId>,
    /// Patches that would be installed in addition now.
    pub patches_new: Vec<PatchId>,
    /// Patches that would no longer be installed.
    pub patches_gone: Vec<PatchId>,
    /// Whether another baseline decides now, or one of them has changed.
    pub baselines_changed: bool,
    /// The new level of the worst patch, if it has risen and a policy with other approvers decides
    /// now.
    pub level_risen: Option<Level>,
}

impl PatchPlan {
    /// The digest that votes name. Any plan that does something else has another digest. It
    /// excludes scores and names, which change nothing that is done; it includes a level only if
    /// that level decides who may approve.
    pub fn digest(&self) -> Digest {
        let nodes: Vec<Vec<&NodeId>> =
            self.waves.iter().map(|wave| wave.iter().map(|node| &node.id).collect()).collect();
        let patches: Vec<&PatchId> = self.patches.iter().map(|patch| &patch.id).collect();
        let place = (&self.environment, &self.account, &self.region, &self.patch_group);
        let how = (&self.reboot, &self.error_budget, &self.window, &self.timeouts);
        let rules = (self.deciding(), self.concurrency, self.on_drift, self.decided_by);
        Digest::of(&(place, nodes, patches, &self.pin, how, rules))
    }

    /// Everything of a baseline that changes what is installed, or what counts as compliant.
    fn deciding(&self) -> BTreeSet<impl Ord + Serialize + '_> {
        let deciding = |baseline: &'_ PatchBaseline| {
            let PatchBaseline {
                operating_system,
                id,
                approves_after_days,
                modified_at,
                available_security_updates,
                name: _,
                is_default: _,
            } = baseline.clone();
            let counts = available_security_updates;
            (operating_system, id, approves_after_days, modified_at, counts)
        };
        self.baselines.iter().map(deciding).collect()
    }

    /// What has changed between this plan and one drafted now; `None` if both would do the same.
    pub fn drift(&self, now: &Self) -> Option<Drift> {
        let nodes = |plan: &Self| -> BTreeSet<NodeId> {
            plan.nodes().map(|node| node.id.clone()).collect()
        };
        let patches = |plan: &Self| -> BTreeSet<PatchId> {
            plan.lasting().map(|patch| patch.id.clone()).collect()
        };
        let nodes_gone: Vec<NodeId> = nodes(self).difference(&nodes(now)).cloned().collect();
        let in_two_groups = |node: &&NodeId| now.in_two_groups.contains_key(*node);
        let drift = Drift {
            nodes_in_two_groups: nodes_gone.iter().filter(in_two_groups).cloned().collect(),
            nodes_gone,
            nodes_new: nodes(now).difference(&nodes(self)).cloned().collect(),
            patches_new: patches(now).difference(&patches(self)).cloned().collect(),
            patches_gone: patches(self).difference(&patches(now)).cloned().collect(),
            baselines_changed: self.deciding() != now.deciding(),
            level_risen: self.risen_to(now),
        };
        let Drift {
            nodes_gone,
            nodes_in_two_groups: _,
            nodes_new,
            patches_new,
            patches_gone,
            baselines_changed,
            level_risen,
        } = &drift;
        let same = nodes_gone.is_empty()
            && nodes_new.is_empty()
            && patches_new.is_empty()
            && patches_gone.is_empty()
            && !baselines_changed
            && level_risen.is_none();
        (!same).then_some(drift)
    }

    /// How its maintenance window differs from the one that people voted on; `None` if it does not,
    /// or if there is no window. Until the run has `begun`, the occurrence must also have begun as
    /// planned. See [`MaintenanceWindow::changes`] and [`MaintenanceWindow::changed_since`].
    pub fn window_changes(
        &self,
        seen: &[WindowSeen],
        begun: bool,
        now: DateTime<Utc>,
    ) -> Option<Vec<WindowChange>> {
        let window = self.window.as_ref()?;
        let mut changes = window.changes(seen, now);
        if !begun {
            changes.extend(window.changed_since(seen));
        }
        (!changes.is_empty()).then_some(changes)
    }

    /// Every node, wave by wave.
    pub fn nodes(&self) -> impl Iterator<Item = &PlannedNode> {
        self.waves.iter().flatten()
    }

    /// The number of its nodes.
    pub fn node_count(&self) -> usize {
        self.waves.iter().map(Vec::len).sum()
    }

    /// The level of the worst patch that it installs; `None` if it only scans.
    pub fn level(&self) -> Option<Level> {
        worst(&self.patches)
    }

    /// The level of `now`, if it is worse than this plan's and another policy applies to it. A
    /// changed configuration alone changes nothing for a plan that waits.
    fn risen_to(&self, now: &Self) -> Option<Level> {
        let level = |plan: &Self| plan.lasting().map(|patch| patch.assessment.level).max();
        let risen = level(now) > level(self) && now.decided_by != self.decided_by;
        level(now).filter(|_| risen)
    }

    /// What it installs without definition updates: those come and go every day by themselves, and
    /// no vote becomes void because of them.
    fn lasting(&self) -> impl Iterator<Item = &PlannedPatch> {
        self.patches.iter().filter(|patch| !patch.is_definition)
    }

    /// Whether it installs nothing, so that its run only scans and proves.
    pub fn only_scans(&self) -> bool {
        self.patches.is_empty()
    }
}

/// Sorts patches, the worst first.
fn worst_first(patches: BTreeMap<PatchId, PlannedPatch>) -> Vec<PlannedPatch> {
    let mut patches: Vec<PlannedPatch> = patches.into_values().collect();
    patches.sort_by(|a, b| {
        a.assessment.order(a.nodes, &a.id).cmp(&b.assessment.order(b.nodes, &b.id))
    });
    patches
}

fn worst(patches: &[PlannedPatch]) -> Option<Level> {
    patches.iter().map(|patch| patch.assessment.level).max()
}

#[cfg(test)]
mod pin_tests;
pub mod proven;
#[cfg(test)]
pub(crate) mod tests;
