//! A part of the fleet that is patched as one, and its place in the promotion order.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::environment::policy::{ApprovalPolicy, Approver};
use crate::id::{EnvironmentName, GroupRef};
use crate::patch::level::Level;
use crate::seconds::Seconds;

pub mod policy;

/// One environment as the configuration describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// What people call it.
    pub name: EnvironmentName,
    /// The environment that must be proven before this one may be approved; none where patches
    /// arrive first.
    pub after: Option<EnvironmentName>,
    /// The AWS account, twelve digits, as a reader knows it.
    pub account: String,
    /// The AWS Region, such as `ap-northeast-1`.
    pub region: String,
    /// The value of the tag `PatchGroup` on its nodes.
    pub patch_group: String,
    /// The team that answers for its nodes: it is told what they miss.
    pub owner: Option<GroupRef>,
    /// Who may approve its plans.
    pub policy: ApprovalPolicy,
    /// Who may ask for its plans; everybody where the bot works, if `None`.
    pub may_ask: Option<Vec<Approver>>,
    /// Who may approve plans whose worst patch is of this level, where that is not `policy`.
    pub policies_by_level: BTreeMap<Level, ApprovalPolicy>,
    /// What happens after patches were installed.
    pub reboot: RebootOption,
    /// When a run may start.
    pub start: StartRule,
    /// Maintenance windows that a plan may be bound to instead, where who asks for it says so.
    pub other_windows: Vec<String>,
    /// How its nodes are divided.
    pub waves: WaveRule,
    /// What follows when nodes are gone between approval and their wave.
    pub on_drift: OnDrift,
    /// What becomes of definition updates in a plan that is held to what was proven.
    pub definition_updates: DefinitionUpdates,
    /// How long it must run well after its last judged wave before the next environment may follow.
    pub soak: Seconds,
    /// How long after that it still counts as proof for the next environment.
    pub proof_lasts: Seconds,
    /// How long to wait for AWS and for nodes.
    pub timeouts: Timeouts,
    /// Where the list of exactly what to install is put for the nodes to read, such as
    /// `s3://bucket/prefix`. Needed wherever another environment comes before this one.
    pub override_location: Option<String>,
}

impl Environment {
    /// Who may approve a plan for which the policy of this level holds; none: the environment's
    /// own. A level that has none of its own any more leaves it to that as well.
    pub fn policy_of(&self, level: Option<Level>) -> &ApprovalPolicy {
        level.and_then(|level| self.policies_by_level.get(&level)).unwrap_or(&self.policy)
    }

    /// As [`Environment::policies`].
    pub fn policies_mut(&mut self) -> impl Iterator<Item = &mut ApprovalPolicy> {
        std::iter::once(&mut self.policy).chain(self.policies_by_level.values_mut())
    }

    /// Every policy that some plan of it may come under.
    pub fn policies(&self) -> impl Iterator<Item = &ApprovalPolicy> {
        std::iter::once(&self.policy).chain(self.policies_by_level.values())
    }
}

/// `RebootOption` of AWS-RunPatchBaseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RebootOption {
    /// Reboots after any installed patch, whether that patch needs it or not.
    RebootIfNeeded,
    /// Never reboots; what needs a reboot stays not compliant until somebody reboots.
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

/// What follows when nodes of an approved plan are gone before they were sent to. Whatever else
/// has changed always voids a plan that has not started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDrift {
    /// The plan is void and drafted again; a run that has begun is called off.
    #[default]
    Void,
    /// They are left out, and the run goes on with the others.
    Shrink,
}

/// What becomes of definition updates of an antivirus in a plan that is held to what was proven.
/// They have new content every day under one number, so they are never proven. Where nothing is
/// pinned the baseline alone decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DefinitionUpdates {
    /// Installed as the baseline approves them.
    #[default]
    Install,
    /// Left out: the antivirus fetches its own.
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
    /// Nodes in each further wave, in percent of all, rounded up; 1 to 100.
    pub percent: u32,
    /// How many nodes of one wave may end badly before the rest of the plan is called off.
    pub error_budget: u32,
    /// How many nodes may have an unfinished install at the same time.
    pub concurrency: Concurrency,
}

/// How many nodes may have an unfinished install at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Concurrency {
    /// So many; at least 1.
    Nodes(u32),
    /// So many percent of the environment's nodes, rounded up; 1 to 100.
    Percent(u32),
}

/// All nodes of a wave.
impl Default for Concurrency {
    fn default() -> Self {
        Self::Percent(100)
    }
}

impl Concurrency {
    /// As a number, of `nodes` nodes in all; at least 1.
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

/// How long to wait before the answer is "unknown".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeouts {
    /// For a node to take a command (`TimeoutSeconds` of SendCommand: 30 to 2,592,000).
    pub delivery: Seconds,
    /// For an Install to end on every node, reboot included.
    pub install: Seconds,
    /// For a Scan to end on every node.
    pub scan: Seconds,
    /// For a command whose sending is uncertain to appear in ListCommands.
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

/// All environments. Each but those where patches arrive names the one that it comes after, and is
/// described after it: patches travel along trees, verification before production.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Promotion(pub Vec<Environment>);

impl Promotion {
    /// The environment of this name.
    pub fn environment(&self, name: &EnvironmentName) -> Option<&Environment> {
        self.0.iter().find(|environment| environment.name == *name)
    }

    /// The environment that must be proven before this one may be approved.
    pub fn before(&self, name: &EnvironmentName) -> Option<&Environment> {
        self.environment(self.environment(name)?.after.as_ref()?)
    }

    /// How far along the promotion an environment is, for lists: verification stands before
    /// production everywhere. Those that are no longer configured come last.
    pub fn place(&self, name: &EnvironmentName) -> usize {
        self.0.iter().position(|known| known.name == *name).unwrap_or(self.0.len())
    }

    /// The environments that wait for the proof of this one.
    pub fn after(&self, name: &EnvironmentName) -> impl Iterator<Item = &Environment> {
        self.0.iter().filter(move |environment| environment.after.as_ref() == Some(name))
    }

    /// Where patches on their way to this environment arrive first.
    pub fn first_of(&self, name: &EnvironmentName) -> Option<&Environment> {
        let mut first = self.environment(name)?;
        // Each comes after one that is described before it, so this ends; a hand-made order that
        // runs in a circle ends here too.
        for _ in &self.0 {
            match self.before(&first.name) {
                Some(before) => first = before,
                None => break,
            }
        }
        Some(first)
    }
}
