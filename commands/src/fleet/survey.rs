//! What the shell found out about one environment: the facts on which a plan is drafted,
//! patches are announced and compliance is reported.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::fleet::node::{NodeId, NodePatchState, Ping, Platform};
use crate::fleet::two_groups::NodesInTwoGroups;
use crate::id::EnvironmentName;
use crate::patch::{Patch, PatchId};
use crate::window::WindowSeen;

/// One look at one environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Survey {
    /// Which environment.
    pub environment: EnvironmentName,
    /// When the look began.
    pub taken_at: DateTime<Utc>,
    /// Its nodes, by id.
    pub nodes: BTreeMap<NodeId, SurveyedNode>,
    /// Nodes that are in two groups, and so in none: they are not among its nodes.
    pub in_two_groups: NodesInTwoGroups,
    /// All patches that some node misses or failed to install.
    pub patches: BTreeMap<PatchId, Patch>,
    /// The maintenance windows that a plan of the environment may be bound to, and all others of
    /// their names. Empty where it may be bound to none.
    pub windows: Vec<WindowSeen>,
    /// The baselines that decide for the nodes, one for each operating system among them.
    pub baselines: Vec<PatchBaseline>,
    /// Patches that are published for the nodes' systems and that the delay of a baseline holds
    /// back. None where nobody could say: only Windows updates are published with a date, and
    /// the catalogue may not have answered.
    pub held_back: Option<Vec<HeldBack>>,
}

/// The baseline that says which patches count as missing on the nodes of one operating system.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PatchBaseline {
    /// For which system, in the words of Systems Manager: `AMAZON_LINUX_2023`.
    pub operating_system: String,
    /// `pb-…`, or the whole ARN of a baseline that AWS provides.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How many days after its release a patch is approved. None where its rules differ, or name
    /// a date in place of a delay.
    pub approves_after_days: Option<u32>,
    /// Whether it decides only because it is the default of its system: none is registered for the
    /// patch group.
    pub is_default: bool,
    /// When it was last changed; none where that is not known.
    pub modified_at: Option<DateTime<Utc>>,
    /// How it counts security updates that are published and not approved
    /// (`AvailableSecurityUpdatesComplianceStatus`). None where it does not say.
    pub available_security_updates: Option<CountsAs>,
}

/// How a baseline counts a patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountsAs {
    /// As compliant.
    Compliant,
    /// As not compliant.
    NotCompliant,
}

impl PatchBaseline {
    /// Whether `id` names it: Systems Manager gives the same baseline as `pb-…` and as an ARN.
    pub fn is_named(&self, id: &str) -> bool {
        let bare = |id: &str| id.rsplit('/').next().unwrap_or_default().to_owned();
        bare(&self.id) == bare(id)
    }
}

/// A patch that is published and that a baseline does not approve yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldBack {
    /// The patch.
    pub patch: Patch,
    /// Until then the baseline's delay holds it back. Its other rules may do so for longer.
    pub until: DateTime<Utc>,
}

/// One node of a survey.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurveyedNode {
    /// The computer name, or the id where there is none.
    pub name: String,
    /// Windows or Linux.
    pub platform: Platform,
    /// Such as "Amazon Linux 2023" or "Microsoft Windows Server 2022 Datacenter".
    pub platform_name: String,
    /// See [`crate::fleet::operating_system::system`].
    pub system: String,
    /// Whether its agent answers.
    pub ping: Ping,
    /// When its agent was last heard (`LastPingDateTime`); none where that is not known.
    pub last_ping: Option<DateTime<Utc>>,
    /// Its last reported patch state; none when it never reported one.
    pub state: Option<NodePatchState>,
    /// The baseline that should decide for it. None where none is known.
    pub baseline: Option<PatchBaseline>,
    /// Patches that are missing or failed.
    pub missing: BTreeSet<PatchId>,
    /// Their titles on this very node: of a package the version that it misses, which is another on
    /// another system. Empty of what was known from an earlier look.
    pub titles: BTreeMap<PatchId, BTreeSet<String>>,
    /// Whether the node listed as many patches as it counted: see [`crate::fleet::listing::Listing`].
    pub listed_as_counted: bool,
    /// Patches that are there, whether the baseline asks for them or not, with the exact version for
    /// Linux (`Title` of DescribeInstancePatches). Filled only when the shell was asked for it.
    pub installed: BTreeSet<Installed>,
}

/// An installed patch, exactly.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Installed {
    /// `KBId`: `KB5041160` or `kernel.x86_64`.
    pub id: PatchId,
    /// `Title`: for Linux the package with its version and release.
    pub title: String,
}
