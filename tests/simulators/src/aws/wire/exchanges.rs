//! Records the requests of the SDK and the responses, for judges that are not ours.
//!
//! Each line names the service. Requests of other clients are not recorded, because tests break the
//! rules on purpose. Nothing of the signature is recorded, and of the headers only those that the
//! protocol names.

use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::json_lines::JsonLines;

static EXCHANGES: JsonLines = JsonLines::in_folder("PATCHBOT_EXCHANGES");

/// The headers that AWS's protocols define.
const HEADERS: [&str; 5] =
    ["content-type", "x-amz-target", "x-amzn-requestid", "x-amzn-errortype", "x-amzn-query-mode"];

/// A request to a service.
pub(super) struct Asked<'a> {
    /// The service, as AWS signs for it: `ssm`, `sts`.
    pub(super) service: &'static str,
    pub(super) operation: &'a str,
    pub(super) headers: &'a HeaderMap,
    pub(super) input: &'a Value,
}

/// Records one exchange. `answer` is `None` if the connection closed without one; otherwise it is
/// the response as it is sent, with the content of its body.
pub(super) fn keep(asked: &Asked<'_>, answer: Option<(&Response, Value)>) {
    let Asked { service, operation, headers, input } = asked;
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    if !agent.is_some_and(|agent| agent.contains("aws-sdk-rust")) {
        return;
    }
    EXCHANGES.write(|| {
        let answer = match answer {
            None => json!({ "closed": true }),
            Some((response, said)) => json!({
                "status": response.status().as_u16(),
                "headers": named(response.headers()),
                "body": said,
            }),
        };
        json!({
            "service": service,
            "operation": operation,
            "headers": named(headers),
            "input": input,
            "answer": answer,
        })
    });
}

fn named(headers: &HeaderMap) -> Map<String, Value> {
    let text = |name: &&str| {
        let value = headers.get(*name)?.to_str().ok()?;
        Some(((*name).to_owned(), json!(value)))
    };
    HEADERS.iter().filter_map(text).collect()
}
