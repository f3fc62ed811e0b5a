//! SQS, as far as needed to receive events: ReceiveMessage with its long poll, DeleteMessage and
//! DeleteMessageBatch. AWS JSON 1.0.
//!
//! Shapes, limits and errors: the API model `sqs/2012-11-05`. Older clients match on the code of
//! the old protocol, which is in a separate header.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use chrono::TimeDelta;
use md5::{Digest, Md5};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use super::refusal::Refusal;
use super::{Caller, OpFault, Outcome, caller, close_without_an_answer, exchanges, next_fault};
use crate::aws::Cloud;
use crate::aws::state::{Scope, State};

/// The result of an attempt.
enum Answer {
    Now(Result<Value, Refusal>),
    /// There is no message; try again when something has changed, or at this time.
    Wait(Option<chrono::DateTime<chrono::Utc>>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Receive {
    queue_url: String,
    max_number_of_messages: Option<i32>,
    visibility_timeout: Option<i32>,
    wait_time_seconds: Option<i32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Delete {
    queue_url: String,
    receipt_handle: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct DeleteBatch {
    queue_url: String,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Entry {
    id: String,
    receipt_handle: String,
}

pub(super) async fn answer(
    cloud: &Cloud,
    operation: &str,
    headers: &HeaderMap,
    body: &Bytes,
) -> Response {
    let input = serde_json::from_slice::<Value>(body).unwrap_or(Value::Null);
    let caller = caller(headers);
    let mut changes = cloud.changes().subscribe();
    let fault = next_fault(&mut cloud.state(), operation);
    let patience = input.get("WaitTimeSeconds").and_then(Value::as_i64).unwrap_or_default();
    let until = cloud.0.clock.now() + TimeDelta::seconds(patience.clamp(0, 20));
    let result = loop {
        changes.borrow_and_update();
        let found = attempt(&mut cloud.state(), caller.as_ref(), operation, &input, fault);
        match found {
            Answer::Now(result) => break result,
            Answer::Wait(_) if cloud.0.clock.now() >= until => break Ok(json!({})),
            Answer::Wait(next) => {
                let next = next.map_or(until, |at| at.min(until));
                tokio::select! {
                    () = cloud.0.clock.sleep_until(next) => {}
                    _ = changes.changed() => {}
                }
            }
        }
    };
    let closes = fault.is_some_and(OpFault::closes);
    let result = match fault {
        Some(fault) if fault.breaks() => Err(Refusal::internal()),
        _ => result,
    };
    let outcome = match &result {
        _ if closes => Outcome::Err("ConnectionClosed".into()),
        Ok(_) => Outcome::Ok,
        Err(refusal) => Outcome::Err(refusal.code.into()),
    };
    {
        let mut state = cloud.state();
        let scope = scope(&state, caller.as_ref());
        super::record(&mut state, scope, operation, input.clone(), outcome);
    }
    let (response, said) = respond(result);
    let asked = exchanges::Asked { service: "sqs", operation, headers, input: &input };
    exchanges::keep(&asked, (!closes).then_some((&response, said)));
    if closes {
        close_without_an_answer();
    }
    response
}

fn scope(state: &State, caller: Option<&Caller>) -> Scope {
    let account = caller.and_then(|caller| state.account_of(&caller.key)).unwrap_or_default();
    let region = caller.map(|caller| caller.region.clone()).unwrap_or_default();
    Scope { account: account.to_owned(), region }
}

fn attempt(
    state: &mut State,
    caller: Option<&Caller>,
    operation: &str,
    input: &Value,
    fault: Option<OpFault>,
) -> Answer {
    let scope = scope(state, caller);
    let refused = if caller.is_none() {
        let text = "Request is missing Authentication Token";
        Some(Refusal::new("MissingAuthenticationToken", text))
    } else if scope.account.is_empty() {
        let text = "The security token included in the request is invalid.";
        Some(Refusal::new("UnrecognizedClientException", text))
    } else if let Some(who) = caller.and_then(|caller| state.denies(&caller.key, operation)) {
        Some(Refusal::new("AccessDeniedException", denied(who, operation)))
    } else if matches!(fault, Some(OpFault::Throttle(_))) {
        Some(Refusal::new("RequestThrottled", "Rate exceeded"))
    } else {
        fault.filter(|fault| fault.is_before()).map(|_| Refusal::internal())
    };
    if let Some(refusal) = refused {
        return Answer::Now(Err(refusal));
    }
    match operation {
        "ReceiveMessage" => receive(state, &scope, input),
        "DeleteMessage" => Answer::Now(delete(state, &scope, input)),
        "DeleteMessageBatch" => Answer::Now(delete_batch(state, &scope, input)),
        _ => {
            tracing::error!(operation, "an operation of SQS that the simulator does not have");
            Answer::Now(Err(super::unknown(operation)))
        }
    }
}

fn denied(who: &str, operation: &str) -> String {
    let action = operation.strip_suffix("Batch").unwrap_or(operation).to_lowercase();
    format!(
        "User: {who} is not authorized to perform: sqs:{action} because no identity-based policy \
         allows the sqs:{action} action"
    )
}

fn receive(state: &mut State, scope: &Scope, input: &Value) -> Answer {
    let received = (|| {
        let input: Receive = read(input)?;
        within("MaxNumberOfMessages", input.max_number_of_messages, 1, 10)?;
        within("WaitTimeSeconds", input.wait_time_seconds, 0, 20)?;
        within("VisibilityTimeout", input.visibility_timeout, 0, 43_200)?;
        let queue = queue(state, scope, &input.queue_url)?;
        let most = usize::try_from(input.max_number_of_messages.unwrap_or(1)).unwrap_or(1);
        let hidden = input.visibility_timeout.map(|seconds| TimeDelta::seconds(seconds.into()));
        let (now, reordered) = (state.now, state.event_troubles.reordered);
        let messages = state.queues[queue].receive(most, hidden, reordered, now);
        Ok((messages, state.queues[queue].next_at(now)))
    })();
    match received {
        Err(refusal) => Answer::Now(Err(refusal)),
        Ok((messages, next)) if messages.is_empty() => Answer::Wait(next),
        Ok((messages, _)) => {
            let messages: Vec<Value> = messages
                .into_iter()
                .map(|message| {
                    json!({
                        "MessageId": message.id,
                        "ReceiptHandle": message.receipt,
                        "MD5OfBody": md5_of(&message.body),
                        "Body": message.body,
                    })
                })
                .collect();
            Answer::Now(Ok(json!({ "Messages": messages })))
        }
    }
}

fn delete(state: &mut State, scope: &Scope, input: &Value) -> Result<Value, Refusal> {
    let Delete { queue_url, receipt_handle } = read(input)?;
    let queue = queue(state, scope, &queue_url)?;
    state.queues[queue].delete(&receipt_handle);
    Ok(json!({}))
}

fn delete_batch(state: &mut State, scope: &Scope, input: &Value) -> Result<Value, Refusal> {
    let DeleteBatch { queue_url, entries } = read(input)?;
    let queue = queue(state, scope, &queue_url)?;
    if entries.is_empty() {
        let text = "There should be at least one DeleteMessageBatchRequestEntry in the request.";
        return Err(Refusal::new("EmptyBatchRequest", text));
    }
    if entries.len() > 10 {
        let text = "Maximum number of entries per request are 10.";
        return Err(Refusal::new("TooManyEntriesInBatchRequest", text));
    }
    let mut ids: Vec<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() < entries.len() {
        let text = "Two or more batch entries in the request have the same Id.";
        return Err(Refusal::new("BatchEntryIdsNotDistinct", text));
    }
    for entry in &entries {
        state.queues[queue].delete(&entry.receipt_handle);
    }
    let done: Vec<Value> = entries.iter().map(|entry| json!({ "Id": entry.id })).collect();
    Ok(json!({ "Successful": done, "Failed": [] }))
}

/// The caller's queue at this address, whose host does not matter.
fn queue(state: &State, scope: &Scope, url: &str) -> Result<usize, Refusal> {
    let mut path = url.rsplit('/');
    let (name, account) = (path.next().unwrap_or_default(), path.next().unwrap_or_default());
    let is_it = |known: &crate::aws::queue::QueueState| {
        let queue = &known.queue;
        queue.name == name && queue.account == account && queue.region == scope.region
    };
    let found = state.queues.iter().position(is_it).filter(|_| account == scope.account);
    let text = "The specified queue does not exist.";
    found.ok_or_else(|| Refusal::new("QueueDoesNotExist", text))
}

fn read<T: DeserializeOwned>(input: &Value) -> Result<T, Refusal> {
    T::deserialize(input).map_err(|error| {
        tracing::error!(%error, "a request to SQS that the simulator does not understand");
        Refusal::new("InvalidParameterValue", error.to_string())
    })
}

fn within(name: &str, value: Option<i32>, low: i32, high: i32) -> Result<(), Refusal> {
    match value.filter(|value| !(low..=high).contains(value)) {
        None => Ok(()),
        Some(value) => Err(Refusal::new(
            "InvalidParameterValue",
            format!(
                "Value {value} for parameter {name} is invalid. Reason: Must be between {low} and \
                 {high}, if provided."
            ),
        )),
    }
}

fn md5_of(body: &str) -> String {
    Md5::digest(body.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The response and the content of its body.
fn respond(result: Result<Value, Refusal>) -> (Response, Value) {
    let (status, body, old_code) = match result {
        Ok(output) => (StatusCode::OK, output, None),
        Err(Refusal { status, code, message }) => {
            let fault = if status.is_server_error() { "Receiver" } else { "Sender" };
            let old = match code {
                "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue",
                "EmptyBatchRequest" => "AWS.SimpleQueueService.EmptyBatchRequest",
                "TooManyEntriesInBatchRequest" => {
                    "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"
                }
                "BatchEntryIdsNotDistinct" => "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
                "AccessDeniedException" => "AccessDenied",
                other => other,
            };
            let kind = format!("com.amazonaws.sqs#{code}");
            let body = json!({ "__type": kind, "message": message });
            (status, body, Some(format!("{old};{fault}")))
        }
    };
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let json = HeaderValue::from_static("application/x-amz-json-1.0");
    headers.insert(header::CONTENT_TYPE, json);
    let more =
        [("x-amzn-query-error", old_code), ("x-amzn-requestid", Some(Uuid::new_v4().to_string()))];
    for (name, value) in more {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(name, value);
        }
    }
    (response, body)
}
