//! What the shell found out about one environment: the facts on which a plan is drafted,
//! patches are announced and compliance is reported.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::environment_name::EnvironmentName;
use crate::node::{NodeId, NodePatchState, Ping, Platform};
use crate::patch::{Patch, PatchId};

/// One look at one environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Survey {
    /// Which environment.
    pub environment: EnvironmentName,
    /// When the look began.
    pub taken_at: DateTime<Utc>,
    /// Its nodes, by id.
    pub nodes: BTreeMap<NodeId, SurveyedNode>,
    /// All patches that some node misses or failed to install.
    pub patches: BTreeMap<PatchId, Patch>,
    /// Coming occurrences of the maintenance windows that target the patch group, soonest first.
    pub windows: Vec<MaintenanceWindow>,
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
    /// Whether its agent answers.
    pub ping: Ping,
    /// Its last reported patch state; none when it never reported one.
    pub state: Option<NodePatchState>,
    /// Patches that are missing or failed.
    pub missing: BTreeSet<PatchId>,
    /// Patches that the baseline asks for and that are installed, with the exact version for
    /// Linux (`Title` of DescribeInstancePatches). Filled only when the shell was asked for it:
    /// what verification proved is read from here.
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

/// One coming occurrence of a maintenance window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaintenanceWindow {
    /// `mw-…`.
    pub id: String,
    /// Its name in Systems Manager.
    pub name: String,
    /// When it opens.
    pub opens_at: DateTime<Utc>,
    /// When the last task may start: its end less its cutoff.
    pub last_start: DateTime<Utc>,
    /// When it closes.
    pub closes_at: DateTime<Utc>,
}
