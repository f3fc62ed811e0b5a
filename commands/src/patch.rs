//! A patch as Systems Manager names it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::advisory::CveId;
use crate::level::Level;

/// `KBId` of DescribeInstancePatches: `KB5041160` on Windows, `kernel.x86_64` on Linux.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PatchId(pub String);

impl PatchId {
    /// As Systems Manager writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A patch that a node misses or failed to install.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patch {
    /// Its id.
    pub id: PatchId,
    /// `Title`.
    pub title: String,
    /// `Classification`, such as `Security` or `SecurityUpdates`.
    pub classification: String,
    /// The vendor's word for how bad it is; none where the vendor gave none that we know.
    pub severity: Option<VendorSeverity>,
    /// What it mends.
    pub cves: Cves,
}

/// The vulnerabilities that a patch mends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cves {
    /// These.
    Listed(Vec<CveId>),
    /// Systems Manager did not say. That is never "none": Windows, Ubuntu and Debian report no CVE
    /// at all, and other Linux nodes drop the list when their inventory is too large.
    Unknown,
}

impl Cves {
    /// Those that are known.
    pub fn known(&self) -> &[CveId] {
        match self {
            Self::Listed(cves) => cves,
            Self::Unknown => &[],
        }
    }
}

/// The vendor's word: MSRC's, that of Amazon, Red Hat or SUSE advisories, or Ubuntu's priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VendorSeverity {
    /// Low, Negligible, Optional.
    Low,
    /// Moderate, Medium, Standard.
    Moderate,
    /// Important, High, Required.
    Important,
    /// Critical.
    Critical,
}

impl VendorSeverity {
    /// Reads a vendor's word; none for one that rates nothing (Unspecified) or that we do not know.
    pub fn from_word(word: &str) -> Option<Self> {
        match word.trim().to_ascii_lowercase().as_str() {
            "critical" => Some(Self::Critical),
            "important" | "high" | "required" => Some(Self::Important),
            "moderate" | "medium" | "standard" => Some(Self::Moderate),
            "low" | "negligible" | "optional" => Some(Self::Low),
            _ => None,
        }
    }

    /// The level that it lets one expect where there is no score.
    pub fn level(self) -> Level {
        match self {
            Self::Critical | Self::Important => Level::III,
            Self::Moderate => Level::II,
            Self::Low => Level::I,
        }
    }
}
