//! A patch as Systems Manager names it.

use std::fmt;

use chrono::{DateTime, Utc};
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
    /// When its vendor released it; none where Systems Manager does not say.
    #[serde(default)]
    pub released: Option<DateTime<Utc>>,
    /// The vendor's advisories about it, such as `ALAS2-2021-1590`; empty where none is known.
    #[serde(default)]
    pub advisories: Vec<String>,
    /// Where its vendor writes about it; none where Systems Manager does not say.
    #[serde(default)]
    pub url: Option<String>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_stored_before_a_release_was_known_is_still_read() {
        let stored = serde_json::json!({
            "id": "sudo.x86_64", "title": "sudo.x86_64:0:1.8.23-4.amzn2.2.1",
            "classification": "Security", "severity": "important", "cves": "unknown",
        });
        let patch: Patch = serde_json::from_value(stored).expect("it is read");
        assert_eq!((patch.released, patch.advisories, patch.url), (None, vec![], None));
    }
}
