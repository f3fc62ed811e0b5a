//! CISA's catalogue of known exploited vulnerabilities.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::Feeds;

pub(super) async fn catalogue(State(feeds): State<Feeds>) -> Json<Value> {
    let data = feeds.data();
    Json(json!({
        "title": "CISA Catalog of Known Exploited Vulnerabilities",
        "catalogVersion": "2025.08.25",
        "dateReleased": "2025-08-25T17:04:19.9796Z",
        "count": data.exploited.len(),
        "vulnerabilities": data.exploited,
    }))
}
