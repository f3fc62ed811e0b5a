//! The entry point: identifies the caller, applies faults, and dispatches the operation.

mod associations;
mod baselines;
mod check;
mod commands;
mod dispatch;
mod exchanges;
mod inventory;
mod managed_nodes;
mod page;
mod patch_states;
mod refusal;
mod s3;
mod sqs;
mod sts;
mod windows;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use self::refusal::Refusal;
use super::Cloud;
use super::fault::OpFault;
use super::inspect::{Call, Outcome};
use super::state::{Scope, State};

pub(super) fn router(cloud: Cloud) -> Router {
    Router::new()
        .route("/", post(front_door))
        .route("/{bucket}/{*key}", get(s3::get_object).put(s3::put_object))
        .layer(DefaultBodyLimit::max(16 << 20))
        .with_state(cloud)
}

async fn front_door(Shared(cloud): Shared<Cloud>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(target) = headers.get("x-amz-target") else {
        return sts::answer(&cloud, &headers, &body);
    };
    let target = target.to_str().unwrap_or_default();
    if let Some(operation) = target.strip_prefix("AmazonSQS.") {
        return sqs::answer(&cloud, operation, &headers, &body).await;
    }
    let operation = target.strip_prefix("AmazonSSM.").unwrap_or_default();
    if operation.is_empty() {
        tracing::error!(target, "a request for another service than Systems Manager");
        return unknown(target).into_response();
    }
    systems_manager(&cloud, operation, &headers, &body)
}

fn unknown(operation: &str) -> Refusal {
    Refusal::new("UnknownOperationException", format!("the simulator has no operation {operation}"))
}

/// The caller: the key id and the Region in the scope of the signature.
struct Caller {
    key: String,
    region: String,
}

fn caller(headers: &HeaderMap) -> Option<Caller> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let rest = text.strip_prefix("AWS4-HMAC-SHA256")?;
    let credential = rest.split(',').find_map(|part| part.trim().strip_prefix("Credential="))?;
    let mut parts = credential.split('/');
    let (key, _date, region) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Caller { key: key.to_owned(), region: region.to_owned() })
}

fn systems_manager(cloud: &Cloud, operation: &str, headers: &HeaderMap, body: &Bytes) -> Response {
    let mut state = cloud.state();
    let caller = caller(headers);
    let account = caller.as_ref().and_then(|caller| state.account_of(&caller.key));
    let scope = Scope {
        account: account.unwrap_or_default().to_owned(),
        region: caller.as_ref().map(|caller| caller.region.clone()).unwrap_or_default(),
    };
    let key = caller.as_ref().map(|caller| caller.key.as_str()).unwrap_or_default();
    let input = serde_json::from_slice::<Value>(body);
    let shown = input.as_ref().cloned().unwrap_or(Value::Null);
    let fault = next_fault(&mut state, operation);
    let result = if caller.is_none() {
        let text = "Request is missing Authentication Token";
        Err(Refusal::new("MissingAuthenticationTokenException", text))
    } else if scope.account.is_empty() {
        let text = "The security token included in the request is invalid.";
        Err(Refusal::new("UnrecognizedClientException", text))
    } else if let Some(who) = state.denies(key, operation) {
        let text = format!(
            "User: {who} is not authorized to perform: ssm:{operation} because no identity-based \
             policy allows the ssm:{operation} action"
        );
        Err(Refusal::new("AccessDeniedException", text))
    } else if matches!(fault, Some(OpFault::Throttle(_))) || !admits(&mut state, &scope, operation)
    {
        Err(Refusal::new("ThrottlingException", "Rate exceeded"))
    } else if fault.is_some_and(OpFault::is_before) {
        Err(Refusal::internal())
    } else {
        input
            .map_err(|error| Refusal::new("SerializationException", error.to_string()))
            .and_then(|input| dispatch::answer(&mut state, &scope, key, operation, input))
    };
    if let Err(refusal) = &result
        && matches!(refusal.code, "UnknownOperationException" | "SerializationException")
    {
        tracing::error!(
            operation,
            error = refusal.message,
            "a request that the simulator does not understand"
        );
    }
    let closes = fault.is_some_and(OpFault::closes);
    let breaks = fault.is_some_and(OpFault::breaks);
    let outcome = match &result {
        _ if closes => Outcome::Err("ConnectionClosed".into()),
        _ if breaks => Outcome::Err(Refusal::internal().code.into()),
        Ok(_) => Outcome::Ok,
        Err(refusal) => Outcome::Err(refusal.code.into()),
    };
    let result = if breaks { Err(Refusal::internal()) } else { result };
    let (status, said) = match result {
        Ok(answer) => (StatusCode::OK, answer),
        Err(refusal) => (refusal.status, refusal.body()),
    };
    let response = json_answer(status, &said);
    let asked = exchanges::Asked { service: "ssm", operation, headers, input: &shown };
    exchanges::keep(&asked, (!closes).then_some((&response, said)));
    record(&mut state, scope, operation, shown, outcome);
    drop(state);
    cloud.changes().announce();
    if closes {
        close_without_an_answer();
    }
    response
}

/// SendCommand without the wire. Returns the command id, or the code and message of the refusal.
pub(super) fn send_command(
    state: &mut State,
    scope: &Scope,
    input: Value,
) -> Result<String, String> {
    let sent = commands::send::send(state, scope, "", input);
    let answer = sent.map_err(|refusal| format!("{}: {}", refusal.code, refusal.message))?;
    let id = answer.pointer("/Command/CommandId").and_then(Value::as_str);
    id.map(str::to_owned).ok_or_else(|| "no command id".to_owned())
}

fn record(state: &mut State, scope: Scope, operation: &str, input: Value, outcome: Outcome) {
    let Scope { account, region } = scope;
    let at = state.now;
    state.calls.push(Call { at, account, region, operation: operation.into(), input, outcome });
}

fn admits(state: &mut State, scope: &Scope, operation: &str) -> bool {
    let now = state.now;
    state.limit.as_mut().is_none_or(|limit| limit.admits(scope, operation, now))
}

fn next_fault(state: &mut State, operation: &str) -> Option<OpFault> {
    let waiting = state.op_faults.get_mut(operation)?;
    while let Some(first) = waiting.front_mut() {
        let left = first.calls_left();
        if *left > 0 {
            *left -= 1;
            return Some(*first);
        }
        waiting.pop_front();
    }
    None
}

/// Ends the task that serves this connection, and thus the connection: the caller sees it close and
/// cannot know what happened to its request. Unwinding without the panic hook is the only way out
/// of a handler that sends no bytes.
fn close_without_an_answer() -> ! {
    std::panic::resume_unwind(Box::new("the connection closes without an answer"))
}

fn json_answer(status: StatusCode, answer: &Value) -> Response {
    let mut response = Response::new(Body::from(answer.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/x-amz-json-1.1"),
    );
    if let Ok(id) = header::HeaderValue::from_str(&Uuid::new_v4().to_string()) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}

/// A timestamp in the format of the JSON protocol: seconds since 1970.
fn seconds(at: DateTime<Utc>) -> Value {
    json!(at.timestamp_millis() as f64 / 1000.0)
}
