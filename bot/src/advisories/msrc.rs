//! Microsoft's security updates: which knowledge base number fixes which CVE. Systems Manager names
//! no CVE for Windows.
//!
//! Format: CVRF 1.1 as JSON, `https://api.msrc.microsoft.com/cvrf/v3.0/cvrf/2024-Aug`. A month
//! lists the CVEs of that month only. A cumulative update fixes those of earlier months too, but
//! the format does not say so.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Months, NaiveDate, Utc};
use commands::patch::advisory::CveId;
use serde::Deserialize;

use super::FeedError;

pub(super) const FEED: &str = "the MSRC";

/// How many recent months the bot reads each time: Microsoft revises records, and drops them from
/// the index early.
const MONTHS: u32 = 3;

/// The `Type` of a remediation that is the vendor's fix.
const VENDOR_FIX: u32 = 2;

/// CVEs by knowledge base number (digits only).
pub(super) type Fixes = BTreeMap<String, BTreeSet<CveId>>;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Month {
    #[serde(default)]
    vulnerability: Vec<Vulnerability>,
}

#[derive(Debug, Deserialize)]
struct Vulnerability {
    #[serde(rename = "CVE")]
    cve: String,
    #[serde(default, rename = "Remediations")]
    remediations: Vec<Remediation>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Remediation {
    #[serde(default)]
    description: Option<Described>,
    #[serde(rename = "Type")]
    kind: u32,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    #[serde(default)]
    value: Option<String>,
}

/// The months to read, such as `2024-Aug`: the recent ones, and those that start the titles of
/// missing updates. A node that is years behind misses updates from months that are long past.
pub(super) fn months<'a>(
    titles: impl Iterator<Item = &'a str>,
    now: DateTime<Utc>,
) -> BTreeSet<String> {
    let last =
        (0..MONTHS).filter_map(|back| now.date_naive().checked_sub_months(Months::new(back)));
    let titled = titles.filter_map(month_of);
    last.chain(titled).map(|day| day.format("%Y-%b").to_string()).collect()
}

/// The month in a Windows Update title, which starts with it: `2024-08 Cumulative Update for …`.
fn month_of(title: &str) -> Option<NaiveDate> {
    let (month, _) = title.split_once(' ')?;
    NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d").ok()
}

/// Reads these months, as far as Microsoft has records of them.
pub(super) async fn fetch(
    http: &reqwest::Client,
    base: &str,
    names: BTreeSet<String>,
) -> Result<BTreeMap<String, Fixes>, FeedError> {
    let mut months = BTreeMap::new();
    for name in names {
        if let Some(fixes) = fetch_month(http, base, &name).await? {
            months.insert(name, fixes);
        }
    }
    if months.is_empty() {
        return Err(FeedError::Status { feed: FEED, status: 404 });
    }
    Ok(months)
}

async fn fetch_month(
    http: &reqwest::Client,
    base: &str,
    name: &str,
) -> Result<Option<Fixes>, FeedError> {
    let network = |error| FeedError::network(FEED, error);
    let url = format!("{}/cvrf/{name}", base.trim_end_matches('/'));
    let answer =
        http.get(url).header("accept", "application/json").send().await.map_err(network)?;
    match answer.status().as_u16() {
        200 => read(&answer.bytes().await.map_err(network)?).map(Some),
        // Microsoft has not released this month yet.
        404 => Ok(None),
        status @ (403 | 429 | 503) => Err(FeedError::TooMany { feed: FEED, status }),
        status => Err(FeedError::Status { feed: FEED, status }),
    }
}

fn read(bytes: &[u8]) -> Result<Fixes, FeedError> {
    let month: Month = serde_json::from_slice(bytes)
        .map_err(|error| FeedError::Unreadable { feed: FEED, why: error.to_string() })?;
    let mut fixes = Fixes::new();
    for vulnerability in month.vulnerability {
        // Some records describe advisories (`ADV…`) and not a CVE.
        let Ok(cve) = vulnerability.cve.parse::<CveId>() else { continue };
        for remediation in vulnerability.remediations {
            if let Some(number) = remediation.number() {
                fixes.entry(number).or_default().insert(cve.clone());
            }
        }
    }
    Ok(fixes)
}

impl Remediation {
    /// The knowledge base number. `None` for other fixes, which are described in words, such as
    /// "Release Notes".
    fn number(&self) -> Option<String> {
        let text = self.description.as_ref()?.value.as_deref()?.trim();
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        (self.kind == VENDOR_FIX && digits).then(|| text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// MSRC's document for August 2024, shortened to two of its CVEs.
    const AUGUST: &str = r#"{"DocumentTitle":{"Value":"August 2024 Security Updates"},"Vulnerability":[
        {"CVE":"CVE-2024-38063","Title":{"Value":"Windows TCP/IP Remote Code Execution Vulnerability"},
         "Remediations":[{"Description":{"Value":"5041160"},"Type":2,"ProductID":["11923"]},
           {"Description":{"Value":"Disable IPv6"},"Type":0},
           {"Description":{"Value":"Release Notes"},"Type":2}]},
        {"CVE":"CVE-2024-38106","Remediations":[{"Description":{"Value":"5041160"},"Type":2},
           {"Description":{"Value":"5041578"},"Type":2}]},
        {"CVE":"ADV990001","Remediations":[{"Description":{"Value":"5043083"},"Type":2}]}]}"#;

    #[test]
    fn remediations_are_turned_round() {
        let fixes = read(AUGUST.as_bytes()).expect("it is read");
        let numbers: Vec<&str> = fixes.keys().map(String::as_str).collect();
        assert_eq!(numbers, ["5041160", "5041578"]);
        let mended: Vec<&str> = fixes["5041160"].iter().map(CveId::as_str).collect();
        assert_eq!(mended, ["CVE-2024-38063", "CVE-2024-38106"]);
    }
}
