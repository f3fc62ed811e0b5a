//! An environment: a part of the fleet that is patched as one, and its place in the promotion
//! order.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::environment::policy::{ApprovalPolicy, Approver};
use crate::id::{EnvironmentName, GroupRef};
use crate::patch::level::Level;
use crate::seconds::Seconds;

pub mod patch_group;
pub mod policy;

/// One environment as the configuration describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// The name by which people refer to it.
    pub name: EnvironmentName,
    /// The environment that must be proven before a plan of this one may be approved; `None` if
    /// patches arrive here first.
    pub after: Option<EnvironmentName>,
    /// The AWS account id: twelve digits.
    pub account: String,
    /// The AWS Region, such as `ap-northeast-1`.
    pub region: String,
    /// The value of the tag `PatchGroup` on its nodes.
    pub patch_group: String,
    /// The team that is responsible for its nodes and is mentioned when they miss patches.
    pub owner: Option<GroupRef>,
    /// Who may approve its plans.
    pub policy: ApprovalPolicy,
    /// Who may ask for its plans; if `None`, everybody in the workspace or server.
    pub may_ask: Option<Vec<Approver>>,
    /// Who may approve plans whose worst patch is of this level, where that differs from `policy`.
    pub policies_by_level: BTreeMap<Level, ApprovalPolicy>,
    /// Whether nodes reboot after an install.
    pub reboot: RebootOption,
    /// When a run may start.
    pub start: StartRule,
    /// Maintenance windows that a person may choose instead when they ask for a plan.
    pub other_windows: Vec<String>,
    /// How its nodes are divided into waves.
    pub waves: WaveRule,
    /// What follows when nodes disappear between the approval and their wave.
    pub on_drift: OnDrift,
    /// What happens to definition updates in a plan that is pinned to what was proven.
    pub definition_updates: DefinitionUpdates,
    /// How long its nodes must run well after the last judged wave before the next environment may
    /// follow.
    pub soak: Seconds,
    /// How long after the soak time the run still proves the next environment's patches.
    pub proof_lasts: Seconds,
    /// How long to wait for AWS and for nodes.
    pub timeouts: Timeouts,
    /// Where the bot puts the list of exactly what to install, for the nodes to read, such as
    /// `s3://bucket/prefix`. Required if another environment comes before this one.
    pub override_location: Option<String>,
}

impl Environment {
    /// The policy of a plan for which this level decides; for `None`, the environment's own. Falls
    /// back to that as well if the level no longer has its own policy.
    pub fn policy_of(&self, level: Option<Level>) -> &ApprovalPolicy {
        level.and_then(|level| self.policies_by_level.get(&level)).unwrap_or(&self.policy)
    }

    /// As [`Environment::policies`], mutable.
    pub fn policies_mut(&mut self) -> impl Iterator<Item = &mut ApprovalPolicy> {
        std::iter::once(&mut self.policy).chain(self.policies_by_level.values_mut())
    }

    /// Every policy that a plan of this environment may come under.
    pub fn policies(&self) -> impl Iterator<Item = &ApprovalPolicy> {
        std::iter::once(&self.policy).chain(self.policies_by_level.values())
    }
}

/// Whether nodes reboot: `RebootOption` of AWS-RunPatchBaseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RebootOption {
    /// Reboots after any installed patch, whether that patch needs it or not.
    RebootIfNeeded,
    /// Never reboots; what needs a reboot stays non-compliant until somebody reboots the node.
    NoReboot,
}

impl RebootOption {
    /// The value as AWS-RunPatchBaseline spells it.
    pub fn as_parameter(self) -> &'static str {
        match self {
            Self::RebootIfNeeded => "RebootIfNeeded",
            Self::NoReboot => "NoReboot",
        }
    }
}

/// What follows when nodes of an approved plan disappear before their wave was sent. Any other
/// change voids a plan that has not started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDrift {
    /// The plan is void and is drafted again; a run that has begun is stopped.
    #[default]
    Void,
    /// The missing nodes are left out, and the run goes on with the others.
    Shrink,
}

/// What happens to definition updates of an antivirus in a plan that is pinned to what was proven.
/// They have new content every day under the same number, so they are never proven. If nothing is
/// pinned, the baseline alone decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DefinitionUpdates {
    /// Installed as the baseline approves them.
    #[default]
    Install,
    /// Left out, because the antivirus fetches its own updates.
    LeaveOut,
}

/// When an approved run starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartRule {
    /// As soon as it is approved.
    OnApproval,
    /// In the next occurrence of the Systems Manager maintenance window of this name.
    InWindow(String),
}

/// How the nodes of a plan are divided into waves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaveRule {
    /// Nodes in the first wave; at least 1.
    pub canary: u32,
    /// Nodes in each further wave, as a percentage of all nodes, rounded up; 1 to 100.
    pub percent: u32,
    /// How many nodes of one wave may fail before the rest of the plan is stopped.
    pub error_budget: u32,
    /// How many nodes may have an unfinished install at the same time.
    pub concurrency: Concurrency,
}

/// How many nodes may have an unfinished install at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Concurrency {
    /// This many nodes; at least 1.
    Nodes(u32),
    /// This percentage of the environment's nodes, rounded up; 1 to 100.
    Percent(u32),
}

/// All nodes of a wave at once.
impl Default for Concurrency {
    fn default() -> Self {
        Self::Percent(100)
    }
}

impl Concurrency {
    /// The number of nodes, out of `nodes`; at least 1.
    pub fn of(self, nodes: usize) -> u32 {
        let all = u32::try_from(nodes).unwrap_or(u32::MAX);
        let some = match self {
            Self::Nodes(count) => count.min(all),
            Self::Percent(percent) => {
                let percent = u64::from(percent.min(100));
                u32::try_from((u64::from(all) * percent).div_ceil(100)).unwrap_or(all)
            }
        };
        some.max(1)
    }
}

/// How long to wait before the result counts as unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeouts {
    /// For a node to take a command (`TimeoutSeconds` of SendCommand: 30 to 2,592,000).
    pub delivery: Seconds,
    /// For an Install to end on every node, reboot included.
    pub install: Seconds,
    /// For a Scan to end on every node.
    pub scan: Seconds,
    /// For a command whose dispatch is uncertain to appear in ListCommands.
    pub reconcile: Seconds,
    /// For patch states to appear after a Scan has ended.
    pub settle: Seconds,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            delivery: Seconds::minutes(10),
            install: Seconds::hours(2),
            scan: Seconds::minutes(30),
            reconcile: Seconds::minutes(5),
            settle: Seconds::minutes(5),
        }
    }
}

/// All environments. Each one, except those where patches arrive first, names its predecessor and
/// comes after it in the list: patches travel along trees, verification before production.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Promotion(pub Vec<Environment>);

impl Promotion {
    /// The environment with this name; `None` if it is not configured.
    pub fn environment(&self, name: &EnvironmentName) -> Option<&Environment> {
        self.0.iter().find(|environment| environment.name == *name)
    }

    /// The predecessor of this environment, which must be proven first; `None` if patches arrive
    /// here first.
    pub fn before(&self, name: &EnvironmentName) -> Option<&Environment> {
        self.environment(self.environment(name)?.after.as_ref()?)
    }

    /// The position of an environment in the promotion order, for sorting: verification comes
    /// before production everywhere. Environments that are no longer configured come last.
    pub fn place(&self, name: &EnvironmentName) -> usize {
        self.0.iter().position(|known| known.name == *name).unwrap_or(self.0.len())
    }

    /// The environments that wait for the proof of this one.
    pub fn after(&self, name: &EnvironmentName) -> impl Iterator<Item = &Environment> {
        self.0.iter().filter(move |environment| environment.after.as_ref() == Some(name))
    }

    /// The environment where patches on their way to this one arrive first.
    pub fn first_of(&self, name: &EnvironmentName) -> Option<&Environment> {
        let mut first = self.environment(name)?;
        // Each environment names one that comes before it in the list, so this loop ends; the bound
        // also ends it for an order that was made by hand and runs in a circle.
        for _ in &self.0 {
            match self.before(&first.name) {
                Some(before) => first = before,
                None => break,
            }
        }
        Some(first)
    }
}
