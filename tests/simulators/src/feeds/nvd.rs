//! NVD's API 2.0: CVEs by id, or by the time of their last change.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDateTime, TimeDelta};
use serde_json::{Value, json};

use super::Feeds;
use super::facts::Cve;

const KNOWN: [&str; 5] =
    ["cveId", "lastModStartDate", "lastModEndDate", "startIndex", "resultsPerPage"];

pub(super) async fn cves(
    State(feeds): State<Feeds>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    match answer(&feeds, &query) {
        Ok(answer) => Json(answer).into_response(),
        // The real one gives the reason in a header, and has no body.
        Err(message) => (StatusCode::NOT_FOUND, [("message", message)]).into_response(),
    }
}

fn answer(feeds: &Feeds, query: &BTreeMap<String, String>) -> Result<Value, &'static str> {
    if query.keys().any(|key| !KNOWN.contains(&key.as_str())) {
        return Err("Invalid parameter.");
    }
    let number = |key: &str, default: usize| match query.get(key) {
        Some(text) => text.parse().map_err(|_| "Invalid number parameter."),
        None => Ok(default),
    };
    let start = number("startIndex", 0)?;
    let size = number("resultsPerPage", 2000)?;
    if size > 2000 {
        return Err("Invalid resultsPerPage parameter: at most 2000.");
    }
    let window = match (query.get("lastModStartDate"), query.get("lastModEndDate")) {
        (None, None) => None,
        (Some(from), Some(to)) => Some((moment(from)?, moment(to)?)),
        _ => return Err("lastModStartDate and lastModEndDate go together."),
    };
    if window.is_some_and(|(from, to)| to < from || to - from > TimeDelta::days(120)) {
        return Err("The date range must be in order and at most 120 days.");
    }
    let wanted = query.get("cveId");
    if wanted.is_some_and(|id| !id.starts_with("CVE-")) {
        return Err("Invalid cveId parameter.");
    }
    let data = feeds.data();
    let is_within = |cve: &&Cve| {
        window.is_none_or(|(from, to)| {
            moment(&cve.last_modified).is_ok_and(|changed| changed >= from && changed <= to)
        })
    };
    let fits = |cve: &&Cve| wanted.is_none_or(|id| *id == cve.id);
    let found: Vec<&Cve> = data.cves.iter().filter(fits).filter(is_within).collect();
    let page: Vec<Value> = found.iter().skip(start).take(size).map(|cve| record(cve)).collect();
    Ok(json!({
        "resultsPerPage": page.len(),
        "startIndex": start,
        "totalResults": found.len(),
        "format": "NVD_CVE",
        "version": "2.0",
        "timestamp": "2025-08-26T00:00:00.000",
        "vulnerabilities": page,
    }))
}

/// NVD prints UTC without a zone, and accepts dates with a zone too.
fn moment(text: &str) -> Result<NaiveDateTime, &'static str> {
    DateTime::parse_from_rfc3339(text)
        .map(|at| at.naive_utc())
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f"))
        .map_err(|_| "Invalid date parameter.")
}

fn record(cve: &Cve) -> Value {
    let severity = match cve.base_score {
        score if score >= 9.0 => "CRITICAL",
        score if score >= 7.0 => "HIGH",
        score if score >= 4.0 => "MEDIUM",
        _ => "LOW",
    };
    json!({ "cve": {
        "id": cve.id,
        "sourceIdentifier": cve.scored_by,
        "published": cve.published,
        "lastModified": cve.last_modified,
        "vulnStatus": "Analyzed",
        "cveTags": [],
        "descriptions": [{ "lang": "en", "value": cve.description }],
        "metrics": { "cvssMetricV31": [{
            "source": cve.scored_by,
            "type": cve.r#type,
            "cvssData": {
                "version": "3.1",
                "vectorString": cve.vector,
                "baseScore": cve.base_score,
                "baseSeverity": severity,
            },
        }]},
        "references": [{
            "url": format!("https://nvd.nist.gov/vuln/detail/{}", cve.id),
            "source": cve.scored_by,
        }],
    }})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feeds::Data;

    fn ask(pairs: &[(&str, &str)]) -> Result<Value, &'static str> {
        let query = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        answer(&Feeds::new(Data::seeded().unwrap()), &query)
    }

    #[test]
    fn a_cve_is_found_by_its_id() {
        let answer = ask(&[("cveId", "CVE-2024-6387")]).unwrap();
        assert_eq!(answer["totalResults"], 1);
        let metric = &answer["vulnerabilities"][0]["cve"]["metrics"]["cvssMetricV31"][0];
        assert_eq!(metric["cvssData"]["baseScore"], 8.1);
        assert_eq!(ask(&[("cveId", "CVE-1999-9999")]).unwrap()["totalResults"], 0);
    }

    #[test]
    fn changes_come_in_pages() {
        let range = [
            ("lastModStartDate", "2024-10-01T00:00:00Z"),
            ("lastModEndDate", "2024-11-01T00:00:00Z"),
        ];
        let all = ask(&range).unwrap();
        assert_eq!(all["totalResults"], 6);
        let second = ask(&[range[0], range[1], ("startIndex", "4"), ("resultsPerPage", "4")]);
        assert_eq!(second.unwrap()["resultsPerPage"], 2);
    }

    #[test]
    fn what_nvd_refuses_is_refused() {
        for wrong in [
            &[("cveid", "CVE-2024-6387")][..],
            &[("lastModStartDate", "2024-01-01T00:00:00Z")],
            &[
                ("lastModStartDate", "2024-01-01T00:00:00Z"),
                ("lastModEndDate", "2024-06-01T00:00:00Z"),
            ],
            &[("resultsPerPage", "2001")],
        ] {
            assert!(ask(wrong).is_err(), "{wrong:?}");
        }
    }
}
