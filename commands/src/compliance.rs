//! What compliance really is: counted from what each node reported, never guessed.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::environment_name::EnvironmentName;
use crate::node::{Compliance, PatchCounts};
use crate::standing::{Standing, UnknownSince};
use crate::survey::Survey;

/// The compliance of one environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComplianceReport {
    /// Which environment.
    pub environment: EnvironmentName,
    /// When Systems Manager was asked.
    pub as_of: DateTime<Utc>,
    /// The oldest report that was counted; none where no node ever reported.
    pub oldest: Option<DateTime<Utc>>,
    /// Nodes with nothing missing, failed, rejected or waiting for a reboot.
    pub compliant: u32,
    /// Nodes with something of it.
    pub not_compliant: u32,
    /// Of these, nodes that wait only for a reboot.
    pub pending_reboot: u32,
    /// Nodes of which nothing certain is known.
    pub unknown: u32,
    /// Missing and failed patches, summed over the nodes.
    pub missing: u32,
    /// The nodes that are not compliant or unknown, by name.
    pub troubled: Vec<Troubled>,
}

/// A node that is not known to be compliant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Troubled {
    /// Its name.
    pub name: String,
    /// Not compliant, or unknown.
    pub compliance: Compliance,
    /// Missing patches, where it is known.
    pub missing: u32,
    /// Failed patches, where it is known.
    pub failed: u32,
    /// Patches that wait for a reboot, where it is known.
    pub pending_reboot: u32,
    /// Why it is unknown and since when; none when it is known, or in old records.
    #[serde(default)]
    pub since: Option<UnknownSince>,
}

impl ComplianceReport {
    /// Counts what a survey found.
    pub fn of(survey: &Survey) -> Self {
        let mut report = Self {
            environment: survey.environment.clone(),
            as_of: survey.taken_at,
            oldest: None,
            compliant: 0,
            not_compliant: 0,
            pending_reboot: 0,
            unknown: 0,
            missing: 0,
            troubled: Vec::new(),
        };
        for node in survey.nodes.values() {
            let (counts, since) = match Standing::of(node, survey.taken_at) {
                Standing::Known(counts) => (counts, None),
                Standing::Unknown(since) => (PatchCounts::default(), Some(since)),
            };
            let compliance = counts.compliance();
            let ended_at = node.state.as_ref().and_then(|state| state.ended_at);
            let counted = ended_at.filter(|_| since.is_none());
            report.oldest = [report.oldest, counted].into_iter().flatten().min();
            let [missing, failed, pending_reboot] =
                [counts.missing, counts.failed, counts.pending_reboot]
                    .map(Option::unwrap_or_default);
            match compliance {
                Compliance::Compliant => {
                    report.compliant += 1;
                    continue;
                }
                Compliance::NotCompliant => {
                    report.not_compliant += 1;
                    report.missing += missing + failed;
                    report.pending_reboot += u32::from(missing + failed == 0 && pending_reboot > 0);
                }
                Compliance::Unknown => report.unknown += 1,
            }
            let name = node.name.clone();
            let troubled = Troubled { name, compliance, missing, failed, pending_reboot, since };
            report.troubled.push(troubled);
        }
        report.troubled.sort_by(|a, b| a.name.cmp(&b.name));
        report
    }

    /// All nodes.
    pub fn nodes(&self) -> u32 {
        self.compliant + self.not_compliant + self.unknown
    }

    /// Compliant nodes in percent of all, rounded down: 99.9 is not 100. None without nodes.
    pub fn percent(&self) -> Option<u32> {
        (self.compliant * 100).checked_div(self.nodes())
    }
}
