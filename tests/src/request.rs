//! What a request of the bot asks for.

use axum::extract::Request;
use axum::http::Method;
use serde_json::Value;

/// The name for a request to STS while its operation is not known.
const OF_STS: &str = "STS";

/// `SendCommand`, `STS`, `PutObject`, `chat.postMessage`; `response_url` for a private answer.
pub(crate) fn operation(request: &Request) -> Option<String> {
    if let Some(target) = request.headers().get("x-amz-target") {
        return target.to_str().ok()?.strip_prefix("AmazonSSM.").map(str::to_owned);
    }
    let path = request.uri().path();
    match path.strip_prefix("/api/") {
        Some(method) => Some(method.to_owned()),
        None if path.starts_with("/hooks/") => Some("response_url".to_owned()),
        None if request.method() == Method::PUT => Some("PutObject".to_owned()),
        // Every other request to AWS goes to Systems Manager and names its target.
        None if request.method() == Method::POST && path == "/" => Some(OF_STS.to_owned()),
        None => None,
    }
}

/// The operation of a request whose body is known, which is needed to identify operations of STS.
pub(crate) fn with_body(operation: String, body: &[u8]) -> String {
    if operation != OF_STS {
        return operation;
    }
    let body = String::from_utf8_lossy(body);
    let action = body.split('&').find_map(|field| field.strip_prefix("Action="));
    action.unwrap_or(OF_STS).to_owned()
}

/// The operation, and the part of the request that is the same each time the story is played.
pub(crate) fn label(operation: &str, body: &[u8]) -> String {
    let said = serde_json::from_slice::<Value>(body).unwrap_or(Value::Null);
    let mark = match operation {
        "SendCommand" => said.get("Comment"),
        "chat.postMessage" => said.pointer("/metadata/event_payload/key"),
        "DescribeInstancePatches" => said.get("InstanceId"),
        _ => None,
    };
    match mark.and_then(Value::as_str) {
        Some(mark) => format!("{operation} {}", mark.trim_start_matches("patchbot:")),
        None => operation.to_owned(),
    }
}
