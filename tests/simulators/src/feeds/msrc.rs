//! Microsoft's security update guide, CVRF 3.0 in JSON.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Feeds;
use super::facts::{Data, Month, MonthEntry};

/// Windows Server 2022 and its Server Core installation.
const PRODUCTS: [(&str, &str); 2] =
    [("11923", "Windows Server 2022"), ("11924", "Windows Server 2022 (Server Core installation)")];

pub(super) async fn updates(State(feeds): State<Feeds>) -> Json<Value> {
    let data = feeds.data();
    let row = |month: &Month| {
        json!({
            "ID": month.id,
            "Alias": month.id,
            "DocumentTitle": month.title,
            "Severity": null,
            "InitialReleaseDate": month.released,
            "CurrentReleaseDate": month.released,
            "CvrfUrl": format!("https://api.msrc.microsoft.com/cvrf/v3.0/document/{}", month.id),
        })
    };
    let rows: Vec<Value> = data.months.iter().map(row).collect();
    Json(json!({
        "@odata.context": "https://api.msrc.microsoft.com/cvrf/v3.0/$metadata#Updates",
        "value": rows,
    }))
}

pub(super) async fn month(
    State(feeds): State<Feeds>,
    Path(id): Path<String>,
) -> Result<Json<Value>, StatusCode> {
    let data = feeds.data();
    let month = data.months.iter().find(|month| month.id == id).ok_or(StatusCode::NOT_FOUND)?;
    Ok(Json(document(&data, month)))
}

fn document(data: &Data, month: &Month) -> Value {
    let names: Vec<Value> =
        PRODUCTS.iter().map(|(id, name)| json!({ "ProductID": id, "Value": name })).collect();
    let entries: Vec<Value> = (1..)
        .zip(&month.vulnerabilities)
        .map(|(ordinal, entry)| vulnerability(data, month, entry, ordinal))
        .collect();
    json!({
        "DocumentTitle": { "Value": month.title },
        "DocumentType": { "Value": "Security Update" },
        "DocumentPublisher": {
            "ContactDetails": { "Value": "secure@microsoft.com" },
            "IssuingAuthority": { "Value": "The Microsoft Security Response Center (MSRC)" },
            "Type": 0,
        },
        "DocumentTracking": {
            "Identification": { "ID": { "Value": month.id }, "Alias": { "Value": month.id } },
            "Status": 2,
            "Version": "1.0",
            "RevisionHistory": [],
            "InitialReleaseDate": month.released,
            "CurrentReleaseDate": month.released,
        },
        "DocumentNotes": [],
        "ProductTree": { "Branch": [], "FullProductName": names },
        "Vulnerability": entries,
    })
}

fn vulnerability(data: &Data, month: &Month, entry: &MonthEntry, ordinal: u32) -> Value {
    let ids: Vec<&str> = PRODUCTS.iter().map(|(id, _)| *id).collect();
    let fact = data.cve(&entry.cve);
    let scores: Vec<Value> = fact
        .iter()
        .map(|cve| {
            json!({
                "BaseScore": cve.base_score,
                "TemporalScore": cve.base_score,
                "Vector": cve.vector,
                "ProductID": ids,
            })
        })
        .collect();
    let exploited = match entry.exploited {
        true => "Publicly Disclosed:No;Exploited:Yes;Latest Software Release:Exploitation Detected",
        false => {
            "Publicly Disclosed:No;Exploited:No;Latest Software Release:Exploitation More Likely"
        }
    };
    json!({
        "Title": { "Value": fact.map(|cve| cve.description.as_str()).unwrap_or_default() },
        "Notes": [],
        "CVE": entry.cve,
        "ProductStatuses": [{ "ProductID": ids, "Type": 3 }],
        "Threats": [
            { "Description": { "Value": entry.severity }, "ProductID": ids, "Type": 3 },
            { "Description": { "Value": exploited }, "Type": 1 },
        ],
        "CVSSScoreSets": scores,
        "Remediations": [{
            "Description": { "Value": month.kb },
            "URL": format!("https://catalog.update.microsoft.com/v7/site/Search.aspx?q=KB{}", month.kb),
            "ProductID": ids,
            "Type": 2,
            "SubType": "Security Update",
            "FixedBuild": month.build,
        }],
        "Acknowledgments": [],
        "Ordinal": ordinal.to_string(),
        "RevisionHistory": [],
    })
}
