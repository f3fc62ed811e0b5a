//! The facts behind the feeds, read from the small files beside this one.

use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

/// What the feeds know.
#[derive(Clone, Debug, Default)]
pub struct Data {
    /// CVEs with their scores.
    pub cves: Vec<Cve>,
    /// Entries of CISA's catalogue, as it prints them.
    pub exploited: Vec<Value>,
    /// Microsoft's months.
    pub months: Vec<Month>,
}

/// A CVE with one score.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Cve {
    /// `CVE-2024-6387`
    pub id: String,
    /// As NVD prints it: UTC without a zone.
    pub published: String,
    /// Likewise.
    pub last_modified: String,
    /// One English sentence.
    pub description: String,
    /// `nvd@nist.gov`, or the authority that assigned the CVE.
    pub scored_by: String,
    /// `Primary` or `Secondary`.
    pub r#type: String,
    /// CVSS 3.1 base score.
    pub base_score: f64,
    /// Its vector.
    pub vector: String,
    /// Where these facts were taken from.
    pub facts_from: String,
}

/// A month of Microsoft's updates, for one product.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Month {
    /// `2024-Aug`
    pub id: String,
    /// `August 2024 Security Updates`
    pub title: String,
    /// RFC 3339.
    pub released: String,
    /// The digits of the update that fixes them all.
    pub kb: String,
    /// The build after it.
    pub build: String,
    /// What it fixes.
    pub vulnerabilities: Vec<MonthEntry>,
}

/// A vulnerability of a month.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MonthEntry {
    /// Its CVE.
    pub cve: String,
    /// Microsoft's severity word.
    pub severity: String,
    /// Whether Microsoft saw it exploited.
    pub exploited: bool,
}

/// A file of facts that does not read.
#[derive(Debug, Error)]
#[error("the facts in {file} do not read")]
pub struct FactsError {
    file: &'static str,
    source: serde_json::Error,
}

#[derive(Deserialize)]
struct MonthsFile {
    months: Vec<Month>,
}

#[derive(Deserialize)]
struct ExploitedFile {
    vulnerabilities: Vec<Value>,
}

impl Data {
    /// The facts for the patches of the sandbox.
    ///
    /// # Errors
    /// When a file of facts was broken by an edit.
    pub fn seeded() -> Result<Self, FactsError> {
        let months: MonthsFile = parse("msrc.json", include_str!("facts/msrc.json"))?;
        let exploited: ExploitedFile = parse("kev.json", include_str!("facts/kev.json"))?;
        Ok(Self {
            cves: parse("cves.json", include_str!("facts/cves.json"))?,
            exploited: exploited.vulnerabilities,
            months: months.months,
        })
    }

    pub(super) fn cve(&self, id: &str) -> Option<&Cve> {
        self.cves.iter().find(|cve| cve.id == id)
    }
}

fn parse<T: serde::de::DeserializeOwned>(file: &'static str, text: &str) -> Result<T, FactsError> {
    serde_json::from_str(text).map_err(|source| FactsError { file, source })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_exploited_or_fixed_cve_has_a_score() {
        let data = Data::seeded().unwrap();
        let scored: BTreeSet<&str> = data.cves.iter().map(|cve| cve.id.as_str()).collect();
        for entry in &data.exploited {
            assert!(scored.contains(entry["cveID"].as_str().unwrap()), "{entry}");
        }
        for entry in data.months.iter().flat_map(|month| &month.vulnerabilities) {
            assert!(scored.contains(entry.cve.as_str()), "{}", entry.cve);
        }
    }
}
