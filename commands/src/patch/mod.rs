//! Patches, as Systems Manager names them.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::patch::advisory::CveId;
use crate::patch::level::Level;

pub mod advisory;
pub mod assessment;
pub mod installed;
pub mod level;
pub(crate) mod version;

/// The id of a patch: `KBId` of DescribeInstancePatches, such as `KB5041160` on Windows and
/// `kernel.x86_64` on Linux. A driver may have no `KBId`; then its title is its id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PatchId(pub String);

impl PatchId {
    /// The id of a row of DescribeInstancePatches. Two drivers without a `KBId` are two patches, so
    /// an empty one identifies nothing.
    pub fn of_row(kb_id: &str, title: &str) -> Self {
        const NAMELESS: &str = "(a patch without id and title)";
        let given = [kb_id, title].map(str::trim).into_iter().find(|given| !given.is_empty());
        let id = Self(given.unwrap_or(NAMELESS).to_owned());
        // One article is one patch, however a node spells its number.
        let upper = Self(id.0.to_ascii_uppercase());
        if upper.is_article() { upper } else { id }
    }

    /// Whether it is an article of the knowledge base. An InstallOverrideList names Windows patches
    /// only by the number of the article (AWS Systems Manager user guide, "InstallOverrideList").
    pub fn is_article(&self) -> bool {
        ["KB", "MS"].iter().filter_map(|prefix| self.0.strip_prefix(prefix)).any(|rest| {
            rest.starts_with(|c: char| c.is_ascii_digit())
                && rest.chars().all(|c| c.is_ascii_digit() || c == '-')
        })
    }

    /// Whether an InstallOverrideList can name it at all: it must be an article or a package, whose
    /// name has no space. The list cannot name a driver that has only its title.
    pub fn can_be_listed(&self) -> bool {
        self.is_article() || (self.0.contains('.') && !self.0.contains(char::is_whitespace))
    }

    /// The id, as Systems Manager writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A patch that is missing or failed on a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patch {
    /// The id of the patch.
    pub id: PatchId,
    /// `Title` of the patch.
    pub title: String,
    /// `Classification`, such as `Security` or `SecurityUpdates`.
    pub classification: String,
    /// The vendor's rating; `None` if the vendor gave none that we know.
    pub severity: Option<VendorSeverity>,
    /// The vulnerabilities that it fixes.
    pub cves: Cves,
    /// When the vendor released it; `None` if Systems Manager does not say.
    pub released: Option<DateTime<Utc>>,
    /// The vendor's advisories about it, such as `ALAS2-2021-1590`; empty if none are known.
    pub advisories: Vec<String>,
    /// The vendor's page about it; `None` if Systems Manager does not say.
    pub url: Option<String>,
}

/// Whether a patch is a definition update of an antivirus: one number with new content every day.
/// It can be neither proven nor pinned, so it is a class of its own.
///
/// It is recognized by its classification in Windows Update and WSUS ("Definition Updates"), or by
/// the numbers and titles under which Microsoft publishes definitions, the platform that reads
/// them, and the Malicious Software Removal Tool, which also keeps its number.
pub fn is_definition(id: &PatchId, title: &str, classification: &str) -> bool {
    const NUMBERS: [&str; 7] =
        ["KB2267602", "KB2310138", "KB915597", "KB2461484", "KB4052623", "KB5007651", "KB890830"];
    const TITLES: [&str; 7] = [
        "security intelligence update",
        "definition update",
        "antivirus definition",
        "antispyware definition",
        "antimalware platform",
        "windows security platform",
        "malicious software removal tool",
    ];
    let letters: String = classification.chars().filter(char::is_ascii_alphabetic).collect();
    let title = title.to_lowercase();
    letters.to_ascii_lowercase().starts_with("definitionupdate")
        || NUMBERS.contains(&id.as_str())
        || (id.is_article() && TITLES.iter().any(|words| title.contains(words)))
}

impl Patch {
    /// See [`is_definition`].
    pub fn is_definition(&self) -> bool {
        is_definition(&self.id, &self.title, &self.classification)
    }
}

/// The vulnerabilities that a patch fixes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cves {
    /// Systems Manager lists these.
    Listed(Vec<CveId>),
    /// Systems Manager did not say. That never means "none": Windows, Ubuntu and Debian report no
    /// CVEs at all, and other Linux nodes drop the list when their inventory is too large.
    Unknown,
}

impl Cves {
    /// The vulnerabilities that are known.
    pub fn known(&self) -> &[CveId] {
        match self {
            Self::Listed(cves) => cves,
            Self::Unknown => &[],
        }
    }
}

/// The vendor's rating: from MSRC, from the advisories of Amazon, Red Hat or SUSE, or Ubuntu's
/// priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VendorSeverity {
    /// Low, Negligible or Optional.
    Low,
    /// Moderate, Medium or Standard.
    Moderate,
    /// Important, High or Required.
    Important,
    /// Critical.
    Critical,
}

impl VendorSeverity {
    /// Parses a vendor's rating; `None` if it rates nothing (Unspecified) or if we do not know it.
    pub fn from_word(word: &str) -> Option<Self> {
        match word.trim().to_ascii_lowercase().as_str() {
            "critical" => Some(Self::Critical),
            "important" | "high" | "required" => Some(Self::Important),
            "moderate" | "medium" | "standard" => Some(Self::Moderate),
            "low" | "negligible" | "optional" => Some(Self::Low),
            _ => None,
        }
    }

    /// The level that this rating suggests if there is no score.
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
    fn a_driver_without_an_id_is_known_by_its_title() {
        let check = |kb_id: &str, title: &str, id: &str, listed: bool| {
            let found = PatchId::of_row(kb_id, title);
            assert_eq!(
                (found.as_str(), found.can_be_listed()),
                (id, listed),
                "{kb_id:?} {title:?}"
            );
        };
        check("KB5041160", "2024-08 Cumulative Update", "KB5041160", true);
        check("kernel.x86_64", "kernel.x86_64:0:6.1", "kernel.x86_64", true);
        check("", "Intel - net - 12.19.2.45", "Intel - net - 12.19.2.45", false);
        check(" ", "AMD - display - 31.0.1", "AMD - display - 31.0.1", false);
        check("", "", "(a patch without id and title)", false);
        check("kb5041160", "2024-08 Cumulative Update", "KB5041160", true);
        check(" Kb5041160\n", "", "KB5041160", true);
        check("kb.x86_64", "kb.x86_64:0:1-1", "kb.x86_64", true);
    }

    #[test]
    fn what_keeps_its_number_with_new_content_is_a_definition_update() {
        let check = |kb_id: &str, title: &str, classification: &str, expected| {
            let id = PatchId::of_row(kb_id, title);
            let found = is_definition(&id, title, classification);
            assert_eq!(found, expected, "{kb_id} {title} {classification}");
        };
        for classification in ["Definition Updates", "DefinitionUpdates", "DEFINITION_UPDATES"] {
            check("KB9999999", "whatever", classification, true);
        }
        check("kb2267602", "", "", true);
        check("KB2267602", "Security Intelligence Update for Microsoft Defender", "", true);
        check("KB2310138", "DEFINITION UPDATE for Microsoft Security Essentials", "Updates", true);
        check("KB4052623", "Update for Microsoft Defender Antivirus", "Updates", true);
        check("KB5007651", "Update for Windows Security Platform", "Updates", true);
        check("KB890830", "Windows Malicious Software Removal Tool x64 - v5.128", "", true);
        check("KB5041160", "2024-08 Cumulative Update", "SecurityUpdates", false);
        check("clamav.x86_64", "clamav.x86_64:0:1.0-definition update", "Security", false);
    }
}
