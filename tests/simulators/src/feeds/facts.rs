//! The facts behind the feeds, from the small files beside this one.

use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

/// The data of the feeds.
#[derive(Clone, Debug, Default)]
pub struct Data {
    /// CVEs with their scores.
    pub cves: Vec<Cve>,
    /// Entries of CISA's catalogue, as it prints them.
    pub exploited: Vec<Value>,
    /// Microsoft's monthly updates.
    pub months: Vec<Month>,
}

/// A CVE with one score.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Cve {
    /// The id, such as `CVE-2024-6387`.
    pub id: String,
    /// The date in NVD's format: UTC without a zone.
    pub published: String,
    /// The date of the last change, in the same format.
    pub last_modified: String,
    /// The description: one English sentence.
    pub description: String,
    /// The source of the score: `nvd@nist.gov`, or the authority that assigned the CVE.
    pub scored_by: String,
    /// The type: `Primary` or `Secondary`.
    pub r#type: String,
    /// The CVSS 3.1 base score.
    pub base_score: f64,
    /// The CVSS vector of the score.
    pub vector: String,
    /// The source of these facts.
    pub facts_from: String,
}

/// A month of Microsoft's updates, for one product.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Month {
    /// The id, such as `2024-Aug`.
    pub id: String,
    /// The title, such as `August 2024 Security Updates`.
    pub title: String,
    /// The release date, in RFC 3339.
    pub released: String,
    /// The digits of the update that fixes all of them.
    pub kb: String,
    /// The build number after the update.
    pub build: String,
    /// The vulnerabilities that it fixes.
    pub vulnerabilities: Vec<MonthEntry>,
}

/// A vulnerability of a month.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MonthEntry {
    /// Its CVE.
    pub cve: String,
    /// Microsoft's severity.
    pub severity: String,
    /// Whether Microsoft has seen it exploited.
    pub exploited: bool,
}

/// An error for a file of facts that cannot be parsed.
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
    /// If an edit has broken a file of facts.
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
