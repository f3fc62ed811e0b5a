//! A survey: the facts about one environment on which a plan is drafted, patches are announced and
//! compliance is reported.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::fleet::node::{NodeId, NodePatchState, Ping, Platform};
use crate::fleet::two_groups::NodesInTwoGroups;
use crate::id::EnvironmentName;
use crate::patch::installed::Installed;
use crate::patch::{Patch, PatchId};
use crate::window::WindowSeen;

/// One survey of one environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Survey {
    /// The environment that the report is about.
    pub environment: EnvironmentName,
    /// When the survey began.
    pub taken_at: DateTime<Utc>,
    /// Its nodes, by id.
    pub nodes: BTreeMap<NodeId, SurveyedNode>,
    /// Nodes that are in two groups, and therefore in none; they are not in `nodes`.
    pub in_two_groups: NodesInTwoGroups,
    /// All patches that are missing or failed on at least one node.
    pub patches: BTreeMap<PatchId, Patch>,
    /// The maintenance windows that a plan of the environment may be bound to, and all others of
    /// the same names. Empty if it may be bound to none.
    pub windows: Vec<WindowSeen>,
    /// The baselines that decide for the nodes, one for each of their operating systems.
    pub baselines: Vec<PatchBaseline>,
    /// Patches that are published for the nodes' systems and that the delay of a baseline holds
    /// back. `None` if we could not find out: only Windows updates are published with a date, and
    /// the catalogue may not have answered.
    pub held_back: Option<Vec<HeldBack>>,
}

/// The baseline that decides which patches count as missing on the nodes of one operating system.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PatchBaseline {
    /// The operating system, in the terms of Systems Manager: `AMAZON_LINUX_2023`.
    pub operating_system: String,
    /// `pb-…`, or the full ARN of a baseline that AWS provides.
    pub id: String,
    /// The name of the baseline.
    pub name: String,
    /// How many days after its release a patch is approved. `None` if its rules differ, or name a
    /// date instead of a delay.
    pub approves_after_days: Option<u32>,
    /// Whether it applies only because it is the default of its operating system: no baseline is
    /// registered for the patch group.
    pub is_default: bool,
    /// When it was last changed; `None` if that is not known.
    pub modified_at: Option<DateTime<Utc>>,
    /// How it counts security updates that are published and not approved
    /// (`AvailableSecurityUpdatesComplianceStatus`). `None` if it does not say.
    pub available_security_updates: Option<CountsAs>,
}

/// How a baseline counts a patch that it does not approve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountsAs {
    /// As compliant.
    Compliant,
    /// As non-compliant.
    NotCompliant,
}

impl PatchBaseline {
    /// Whether `id` means this baseline: Systems Manager gives the same baseline as `pb-…` and as
    /// an ARN.
    pub fn is_named(&self, id: &str) -> bool {
        let bare = |id: &str| id.rsplit('/').next().unwrap_or_default().to_owned();
        bare(&self.id) == bare(id)
    }
}

/// A published patch that a baseline does not approve yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldBack {
    /// The patch that is held back.
    pub patch: Patch,
    /// When the delay of the baseline ends. Its other rules may hold the patch back for longer.
    pub until: DateTime<Utc>,
}

/// One node of a survey.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurveyedNode {
    /// The computer name, or the id if it has none.
    pub name: String,
    /// Windows, Linux or another platform.
    pub platform: Platform,
    /// The full name, such as "Amazon Linux 2023" or "Microsoft Windows Server 2022 Datacenter".
    pub platform_name: String,
    /// See [`crate::fleet::operating_system::system`].
    pub system: String,
    /// Whether its agent answers.
    pub ping: Ping,
    /// When its agent last answered (`LastPingDateTime`); `None` if that is not known.
    pub last_ping: Option<DateTime<Utc>>,
    /// Its last reported patch state; `None` if it never reported one.
    pub state: Option<NodePatchState>,
    /// The baseline that should decide for it; `None` if that is not known.
    pub baseline: Option<PatchBaseline>,
    /// Patches that are missing or failed on it.
    pub missing: BTreeSet<PatchId>,
    /// The titles of those patches on this very node. For a package this is the version that it
    /// misses, which differs between systems. Empty for what is known from an earlier survey.
    pub titles: BTreeMap<PatchId, BTreeSet<String>>,
    /// Whether the node listed as many patches as it counted: see [`crate::fleet::listing::Listing`].
    pub listed_as_counted: bool,
    /// Patches that the node has, whether the baseline asks for them or not, with the exact version
    /// for Linux (`Title` of DescribeInstancePatches). Filled only if the shell was asked for it.
    pub installed: BTreeSet<Installed>,
}
