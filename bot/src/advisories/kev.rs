//! The CISA KEV catalogue: vulnerabilities that are known to be exploited.
//!
//! Format:
//! <https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities_schema.json>

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;

use super::FeedError;

pub(super) const FEED: &str = "the CISA KEV catalogue";

/// The catalogue as CISA publishes it, reduced to the fields that the bot uses.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Catalogue {
    pub(super) vulnerabilities: Vec<Entry>,
}

/// One vulnerability in the catalogue.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    #[serde(rename = "cveID")]
    pub(super) cve: String,
    pub(super) vulnerability_name: String,
    pub(super) date_added: NaiveDate,
    pub(super) due_date: Option<NaiveDate>,
    #[serde(default)]
    pub(super) known_ransomware_campaign_use: Option<String>,
}

impl Entry {
    /// Whether ransomware is known to use it. The catalogue says `Known` or `Unknown`.
    pub(super) fn ransomware(&self) -> bool {
        self.known_ransomware_campaign_use.as_deref() == Some("Known")
    }
}

pub(super) async fn fetch(
    http: &reqwest::Client,
    url: &str,
) -> Result<BTreeMap<String, Entry>, FeedError> {
    let network = |error| FeedError::network(FEED, error);
    let answer = http.get(url).send().await.map_err(network)?;
    if !answer.status().is_success() {
        return Err(FeedError::Status { feed: FEED, status: answer.status().as_u16() });
    }
    read(&answer.bytes().await.map_err(network)?)
}

/// Parses the catalogue. An empty one is an error: if we trusted it, no flaw would count as
/// exploited.
fn read(bytes: &[u8]) -> Result<BTreeMap<String, Entry>, FeedError> {
    let unreadable = |why: String| FeedError::Unreadable { feed: FEED, why };
    let catalogue: Catalogue =
        serde_json::from_slice(bytes).map_err(|error| unreadable(error.to_string()))?;
    if catalogue.vulnerabilities.is_empty() {
        return Err(unreadable("it lists no vulnerability".into()));
    }
    Ok(catalogue.vulnerabilities.into_iter().map(|entry| (entry.cve.clone(), entry)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One entry from the catalogue of 2025-08-25 (CC0), shortened.
    const GIT: &str = r#"{"title":"CISA Catalog of Known Exploited Vulnerabilities",
        "catalogVersion":"2025.08.25","dateReleased":"2025-08-25T17:04:19.9796Z","count":1,
        "vulnerabilities":[{"cveID":"CVE-2025-48384","vendorProject":"Git","product":"Git",
        "vulnerabilityName":"Git Link Following Vulnerability","dateAdded":"2025-08-25",
        "shortDescription":"…","requiredAction":"…","dueDate":"2025-09-15",
        "knownRansomwareCampaignUse":"Unknown","notes":"","cwes":["CWE-59"]}]}"#;

    #[test]
    fn an_entry_has_its_due_date_and_says_whether_ransomware_uses_it() {
        let entries = read(GIT.as_bytes()).expect("it is read");
        let entry = &entries["CVE-2025-48384"];
        assert_eq!(entry.due_date.map(|date| date.to_string()).as_deref(), Some("2025-09-15"));
        assert!(!entry.ransomware());
        let known = GIT.replace("\"Unknown\"", "\"Known\"");
        assert!(read(known.as_bytes()).expect("it is read")["CVE-2025-48384"].ransomware());
    }

    #[test]
    fn an_empty_catalogue_is_not_believed() {
        assert!(read(br#"{"vulnerabilities":[]}"#).is_err());
        assert!(read(b"<html>").is_err());
    }
}
