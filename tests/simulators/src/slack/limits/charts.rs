//! Limits of `data_visualization`: two in a message; six segments or series to be safe.

use serde_json::{Map, Value};

use super::findings::Findings;
use super::part;

type Object = Map<String, Value>;

const TITLE: usize = 50;
const LABEL: usize = 20;
const SERIES: usize = 6;

pub(super) fn chart(found: &mut Findings, at: &str, object: &Object) {
    found.charts += 1;
    found.known(at, object, &["type", "block_id", "title", "chart"]);
    found.string(at, object, "title", TITLE);
    let at = format!("{at}/chart");
    let Some(chart) = part(object, "chart").and_then(Value::as_object) else {
        return found.add(&at, "must be an object");
    };
    match chart.get("type").and_then(Value::as_str) {
        Some("pie") => pie(found, &at, chart),
        Some("bar" | "line" | "area") => series(found, &at, chart),
        other => found.add(&at, format!("unsupported chart: {}", other.unwrap_or_default())),
    }
}

fn pie(found: &mut Findings, at: &str, chart: &Object) {
    found.known(at, chart, &["type", "segments"]);
    for (index, segment) in found.array(at, chart, "segments", (1, SERIES)).iter().enumerate() {
        let at = format!("{at}/segments/{index}");
        let Some(value) = point(found, &at, segment) else { continue };
        if value <= 0.0 {
            // Inferred: a slice of zero cannot be drawn.
            found.add(&at, "value must be more than 0");
        }
    }
}

fn series(found: &mut Findings, at: &str, chart: &Object) {
    found.known(at, chart, &["type", "series", "axis_config"]);
    let axis_at = format!("{at}/axis_config");
    let Some(axis) = part(chart, "axis_config").and_then(Value::as_object) else {
        return found.add(&axis_at, "must be an object");
    };
    found.known(&axis_at, axis, &["categories", "x_label", "y_label"]);
    found.optional_string(&axis_at, axis, "x_label", TITLE);
    found.optional_string(&axis_at, axis, "y_label", TITLE);
    let categories = found.array(&axis_at, axis, "categories", (1, usize::MAX));
    for (index, category) in categories.iter().enumerate() {
        let at = format!("{axis_at}/categories/{index}");
        match category.as_str() {
            Some(text) => found.length(&at, text, LABEL),
            None => found.add(&at, "must be a string"),
        }
    }
    for (index, one) in found.array(at, chart, "series", (1, SERIES)).iter().enumerate() {
        let at = format!("{at}/series/{index}");
        let Some(one) = one.as_object() else {
            found.add(&at, "must be an object");
            continue;
        };
        found.known(&at, one, &["name", "data"]);
        found.string(&at, one, "name", LABEL);
        for (index, data) in found.array(&at, one, "data", (1, usize::MAX)).iter().enumerate() {
            let at = format!("{at}/data/{index}");
            point(found, &at, data);
            if data.get("label").is_some_and(|label| !categories.contains(label)) {
                found.add(&at, "label is not among the categories");
            }
        }
    }
}

/// Checks a label with its value.
fn point(found: &mut Findings, at: &str, value: &Value) -> Option<f64> {
    let Some(object) = value.as_object() else {
        found.add(at, "must be an object");
        return None;
    };
    found.known(at, object, &["label", "value"]);
    found.string(at, object, "label", LABEL);
    let number = part(object, "value").and_then(Value::as_f64);
    if number.is_none() {
        found.add(at, "value must be a number");
    }
    number
}
