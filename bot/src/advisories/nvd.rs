//! The National Vulnerability Database, API 2.0.
//!
//! This product uses the NVD API but is not endorsed or certified by the NVD.
//! Source: <https://nvd.nist.gov/developers/vulnerabilities>

use serde::Deserialize;

use super::FeedError;
use crate::secret::Secret;

pub(super) const FEED: &str = "the NVD";

/// The response to `?cveId=`, reduced to the fields that the bot uses.
#[derive(Debug, Deserialize)]
struct Answer {
    vulnerabilities: Vec<Item>,
}

#[derive(Debug, Deserialize)]
struct Item {
    cve: Record,
}

/// A CVE record of the NVD.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record {
    pub(super) id: String,
    #[serde(default)]
    pub(super) vuln_status: Option<String>,
    #[serde(default)]
    pub(super) descriptions: Vec<Text>,
    #[serde(default)]
    pub(super) metrics: Metrics,
}

#[derive(Debug, Deserialize)]
pub(super) struct Text {
    pub(super) lang: String,
    pub(super) value: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Metrics {
    #[serde(default, rename = "cvssMetricV40")]
    pub(super) v40: Vec<Metric>,
    #[serde(default, rename = "cvssMetricV31")]
    pub(super) v31: Vec<Metric>,
    #[serde(default, rename = "cvssMetricV30")]
    pub(super) v30: Vec<Metric>,
    #[serde(default, rename = "cvssMetricV2")]
    pub(super) v2: Vec<Metric>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metric {
    pub(super) source: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) cvss_data: CvssData,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CvssData {
    pub(super) base_score: f64,
}

impl Metric {
    pub(super) fn is_primary(&self) -> bool {
        self.kind == "Primary"
    }
}

impl Record {
    /// Whether the NVD withdrew the record.
    pub(super) fn is_rejected(&self) -> bool {
        self.vuln_status.as_deref() == Some("Rejected")
    }

    /// The first sentence of the English description, because the NVD has no titles.
    pub(super) fn title(&self) -> Option<String> {
        let text = self.descriptions.iter().find(|text| text.lang == "en")?.value.trim();
        let end = text.find(". ").or_else(|| text.find(".\n")).unwrap_or(text.len());
        let sentence = text[..end].trim_end_matches('.').trim();
        (!sentence.is_empty()).then(|| sentence.to_owned())
    }
}

/// Requests one CVE. Returns `None` if the NVD does not have it.
pub(super) async fn fetch(
    http: &reqwest::Client,
    base: &str,
    key: Option<&Secret>,
    cve: &str,
) -> Result<Option<Record>, FeedError> {
    let network = |error| FeedError::network(FEED, error);
    let url = reqwest::Url::parse_with_params(base, [("cveId", cve)])
        .map_err(|error| FeedError::Client(format!("the address of {FEED} is none: {error}")))?;
    let mut request = http.get(url);
    if let Some(key) = key {
        let mut value = reqwest::header::HeaderValue::from_str(key.expose())
            .map_err(|_| FeedError::Key { feed: FEED })?;
        value.set_sensitive(true);
        request = request.header("apiKey", value);
    }
    let answer = request.send().await.map_err(network)?;
    let status = answer.status().as_u16();
    let message =
        answer.headers().get("message").and_then(|text| text.to_str().ok()).unwrap_or_default();
    match status {
        200 => read(&answer.bytes().await.map_err(network)?, cve),
        404 if message.contains("apiKey") => Err(FeedError::Key { feed: FEED }),
        404 => Ok(None),
        403 | 429 | 503 => Err(FeedError::TooMany { feed: FEED, status }),
        status => Err(FeedError::Status { feed: FEED, status }),
    }
}

fn read(bytes: &[u8], cve: &str) -> Result<Option<Record>, FeedError> {
    let answer: Answer = serde_json::from_slice(bytes)
        .map_err(|error| FeedError::Unreadable { feed: FEED, why: error.to_string() })?;
    Ok(answer.vulnerabilities.into_iter().map(|item| item.cve).find(|record| record.id == cve))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CVE-2021-44228 from the NVD (public domain), shortened to the fields that the bot uses.
    const LOG4SHELL: &str = r#"{"resultsPerPage":1,"startIndex":0,"totalResults":1,"format":"NVD_CVE",
        "vulnerabilities":[{"cve":{"id":"CVE-2021-44228","sourceIdentifier":"security@apache.org",
        "vulnStatus":"Analyzed","descriptions":[{"lang":"es","value":"…"},{"lang":"en","value":
        "Apache Log4j2 2.0-beta9 through 2.15.0 JNDI features do not protect against attacker controlled LDAP. An attacker who can control log messages can execute arbitrary code."}],
        "metrics":{"cvssMetricV31":[{"source":"nvd@nist.gov","type":"Primary","cvssData":
        {"version":"3.1","vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H","baseScore":10.0,
        "baseSeverity":"CRITICAL"},"exploitabilityScore":3.9}],
        "cvssMetricV2":[{"source":"nvd@nist.gov","type":"Primary","cvssData":{"version":"2.0",
        "vectorString":"AV:N/AC:M/Au:N/C:C/I:C/A:C","baseScore":9.3}}],"ssvcV203":[{}]}}}]}"#;

    #[test]
    fn a_record_is_read_past_what_is_not_used() {
        let record =
            read(LOG4SHELL.as_bytes(), "CVE-2021-44228").expect("it is read").expect("it is there");
        assert_eq!(record.metrics.v31[0].cvss_data.base_score, 10.0);
        assert_eq!(record.metrics.v2[0].cvss_data.base_score, 9.3);
        assert!(record.metrics.v31[0].is_primary());
        let title = record.title().expect("a title");
        assert!(title.starts_with("Apache Log4j2 2.0-beta9 through 2.15.0 JNDI"), "{title}");
        assert!(title.ends_with("LDAP"), "{title}");
    }

    #[test]
    fn another_cve_is_no_answer() {
        assert!(read(LOG4SHELL.as_bytes(), "CVE-2021-45046").expect("it is read").is_none());
        assert!(read(br#"{"vulnerabilities":[]}"#, "CVE-1").expect("it is read").is_none());
    }

    #[test]
    fn a_page_is_not_an_answer() {
        assert!(matches!(read(b"<html>", "CVE-1"), Err(FeedError::Unreadable { .. })));
    }
}
