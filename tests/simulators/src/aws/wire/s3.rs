//! The part of S3 that stores an object: path-style PUT, GET and HEAD.

use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Crc;
use serde_json::json;
use uuid::Uuid;

use super::super::Cloud;
use super::super::fault::OpFault;
use super::super::inspect::Outcome;
use super::super::state::{Scope, State};

type Answer = Result<Response, (StatusCode, &'static str, &'static str)>;

pub(super) async fn put_object(
    Shared(cloud): Shared<Cloud>,
    Path((bucket, key)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    serve(&cloud, "PutObject", &bucket, &key, &headers, |state| {
        let objects = state.buckets.get_mut(&bucket).ok_or(NO_BUCKET)?;
        whole(&headers, &body)?;
        let only_new = headers.get(header::IF_NONE_MATCH).is_some_and(|value| value == "*");
        if only_new && objects.contains_key(&key) {
            let text = "At least one of the pre-conditions you specified did not hold";
            return Err((StatusCode::PRECONDITION_FAILED, "PreconditionFailed", text));
        }
        let tag = entity_tag(&body);
        objects.insert(key.clone(), body.to_vec());
        Ok(([(header::ETAG, tag)], "").into_response())
    })
}

/// Whether the body is what the client meant to send. Without a checksum there is nothing to check.
fn whole(headers: &HeaderMap, body: &[u8]) -> Result<(), (StatusCode, &'static str, &'static str)> {
    let encoding = headers.get(header::CONTENT_ENCODING).and_then(|value| value.to_str().ok());
    if encoding.is_some_and(|encoding| encoding.contains("aws-chunked")) {
        let text = "The simulator takes no body in signed chunks.";
        return Err((StatusCode::NOT_IMPLEMENTED, "NotImplemented", text));
    }
    let Some(said) = headers.get("x-amz-checksum-crc32") else { return Ok(()) };
    let mut sum = Crc::new();
    sum.update(body);
    if *said == STANDARD.encode(sum.sum().to_be_bytes()) {
        return Ok(());
    }
    let text = "The CRC32 you specified did not match the calculated checksum.";
    Err((StatusCode::BAD_REQUEST, "BadDigest", text))
}

/// HEAD comes here as well: the router drops its body.
pub(super) async fn get_object(
    Shared(cloud): Shared<Cloud>,
    Path((bucket, key)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    serve(&cloud, "GetObject", &bucket, &key, &headers, |state| {
        let objects = state.buckets.get(&bucket).ok_or(NO_BUCKET)?;
        let text = "The specified key does not exist.";
        let object = objects.get(&key).ok_or((StatusCode::NOT_FOUND, "NoSuchKey", text))?;
        let modified = state.now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let headers = [
            (header::ETAG, entity_tag(object)),
            (header::LAST_MODIFIED, modified),
            (header::CONTENT_TYPE, "binary/octet-stream".into()),
        ];
        Ok((headers, object.clone()).into_response())
    })
}

const NO_BUCKET: (StatusCode, &str, &str) =
    (StatusCode::NOT_FOUND, "NoSuchBucket", "The specified bucket does not exist");

const INTERNAL: (StatusCode, &str, &str) =
    (StatusCode::INTERNAL_SERVER_ERROR, "InternalError", "We encountered an internal error.");

fn serve(
    cloud: &Cloud,
    operation: &str,
    bucket: &str,
    key: &str,
    headers: &HeaderMap,
    act: impl FnOnce(&mut State) -> Answer,
) -> Response {
    let mut state = cloud.state();
    let fault = super::next_fault(&mut state, operation);
    let caller = super::caller(headers);
    let caller_key = caller.as_ref().map(|caller| caller.key.as_str()).unwrap_or_default();
    let account = state.account_of(caller_key).unwrap_or_default().to_owned();
    let result = if account.is_empty() {
        let text = "The AWS Access Key Id you provided does not exist in our records.";
        Err((StatusCode::FORBIDDEN, "InvalidAccessKeyId", text))
    } else if state.denies(caller_key, operation).is_some() {
        Err((StatusCode::FORBIDDEN, "AccessDenied", "Access Denied"))
    } else if let Some(OpFault::Throttle(_)) = fault {
        Err((StatusCode::SERVICE_UNAVAILABLE, "SlowDown", "Please reduce your request rate."))
    } else if fault.is_some_and(OpFault::is_before) {
        Err(INTERNAL)
    } else {
        act(&mut state).and_then(|done| match fault.is_some_and(OpFault::breaks) {
            true => Err(INTERNAL),
            false => Ok(done),
        })
    };
    let closes = fault.is_some_and(OpFault::closes);
    let outcome = match &result {
        _ if closes => Outcome::Err("ConnectionClosed".into()),
        Ok(_) => Outcome::Ok,
        Err((_, code, _)) => Outcome::Err((*code).into()),
    };
    let scope = Scope { account, region: caller.map(|caller| caller.region).unwrap_or_default() };
    super::record(&mut state, scope, operation, json!({ "Bucket": bucket, "Key": key }), outcome);
    drop(state);
    cloud.changes().announce();
    if closes {
        super::close_without_an_answer();
    }
    let mut response = result.unwrap_or_else(|(status, code, text)| {
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code>\
             <Message>{text}</Message><Resource>/{bucket}/{}</Resource></Error>",
            super::sts::escape(key)
        );
        (status, [(header::CONTENT_TYPE, "application/xml")], body).into_response()
    });
    if let Ok(id) = HeaderValue::from_str(&Uuid::new_v4().simple().to_string()) {
        response.headers_mut().insert("x-amz-request-id", id);
    }
    response
}

/// Stable for the same bytes, and a client may expect no more.
fn entity_tag(bytes: &[u8]) -> String {
    format!("\"{}\"", Uuid::new_v5(&Uuid::NAMESPACE_OID, bytes).simple())
}
