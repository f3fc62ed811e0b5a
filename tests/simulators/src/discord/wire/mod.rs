//! HTTP: the REST API under `/api/v10`, the address of the gateway, and attachments.

mod commands;
mod content;
mod followups;
mod identity;
mod interactions;
mod messages;
mod reach;
mod refusal;
mod request;
mod routes;
mod threads;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::rate_limits::{BucketState, Exceeded};
use super::record::{Call, Fault};
use super::world::World;
use super::{Discord, gateway};
use crate::payloads;
use crate::server::RateLimits;
pub(crate) use refusal::Refusal;
use request::Request;

/// The answer to a successful request.
pub(crate) enum Reply {
    Json(Value),
    /// 201, where Discord says so for a created object.
    Created(Value),
    /// 204, without a body.
    Nothing,
}

pub(crate) fn router(discord: Discord) -> Router {
    Router::new()
        .route("/api/v10/{*path}", any(call))
        .route("/gateway", get(gateway::open))
        .route("/gateway/", get(gateway::open))
        .route("/attachments/{channel}/{id}/{name}", get(attachment))
        .layer(DefaultBodyLimit::max(12 << 20))
        .with_state(discord)
}

async fn attachment(
    State(discord): State<Discord>,
    Path((_, id, _)): Path<(String, String, String)>,
) -> Response {
    match discord.look().files.get(&id) {
        Some((kind, bytes)) => {
            ([(header::CONTENT_TYPE, kind.clone())], bytes.clone()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn call(State(discord): State<Discord>, request: axum::extract::Request) -> Response {
    let request = Request::read(request).await;
    let fault = discord.change(|world| take_fault(world, &request.route()));
    if let Some(Fault::Delayed(seconds)) = fault {
        let arrives = discord.now() + TimeDelta::seconds(i64::from(seconds));
        discord.clock().sleep_until(arrives).await;
    }
    let now = discord.now();
    discord.change(|world| answer(world, &discord, now, &request, fault))
}

fn take_fault(world: &mut World, route: &str) -> Option<Fault> {
    [route, "*"].iter().find_map(|&name| world.faults.get_mut(name)?.pop_front())
}

fn answer(
    world: &mut World,
    discord: &Discord,
    now: DateTime<Utc>,
    request: &Request,
    fault: Option<Fault>,
) -> Response {
    world.settle(now);
    let route = request.route();
    match fault {
        Some(Fault::RateLimited(seconds)) => {
            let bucket_state =
                BucketState { bucket: String::new(), limit: 1, remaining: 0, resets: now };
            let after = TimeDelta::seconds(i64::from(seconds));
            let exceeded = Exceeded { is_global: false, after, bucket_state };
            return limited(world, now, request, &exceeded);
        }
        Some(Fault::ServerError) => {
            record(world, now, request, 503, &Value::Null);
            return (StatusCode::SERVICE_UNAVAILABLE, "upstream connect error").into_response();
        }
        Some(Fault::ResetBefore) => {
            record(world, now, request, 0, &Value::Null);
            return broken_off();
        }
        Some(Fault::ResetAfter | Fault::Delayed(_)) | None => {}
    }
    let mut bucket_state = None;
    if world.rate_limits == RateLimits::Strict {
        if world.rates.is_banned(now) {
            world.complain("10,000 invalid requests in ten minutes: Discord bans the address");
            record(world, now, request, 429, &Value::Null);
            return (StatusCode::TOO_MANY_REQUESTS, "error code: 1015").into_response();
        }
        match world.rates.take(&route, &request.major(), now) {
            Ok(counted) => bucket_state = Some(counted),
            Err(exceeded) => return limited(world, now, request, &exceeded),
        }
    }
    let result =
        routes::dispatch(&mut reach::Reach { world, now, clock: discord.clock(), request });
    let (status, body) = match result {
        Ok(Reply::Json(body)) => (200, body),
        Ok(Reply::Created(body)) => (201, body),
        Ok(Reply::Nothing) => (204, Value::Null),
        Err(refusal) => (refusal.status, refusal.to_json()),
    };
    if matches!(status, 401 | 403) {
        world.rates.invalid(now);
    }
    if fault == Some(Fault::ResetAfter) {
        record(world, now, request, 0, &body);
        return broken_off();
    }
    record(world, now, request, status, &body);
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = if body.is_null() {
        status.into_response()
    } else {
        (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
    };
    if let Some(bucket_state) = bucket_state {
        put_bucket_headers(&mut response, &bucket_state, now);
    }
    response
}

fn put_bucket_headers(response: &mut Response, bucket_state: &BucketState, now: DateTime<Utc>) {
    let seconds = |of: TimeDelta| format!("{:.3}", of.as_seconds_f64().max(0.0));
    let resets = bucket_state.resets.signed_duration_since(DateTime::UNIX_EPOCH);
    for (name, value) in [
        ("x-ratelimit-limit", bucket_state.limit.to_string()),
        ("x-ratelimit-remaining", bucket_state.remaining.to_string()),
        ("x-ratelimit-reset", seconds(resets)),
        ("x-ratelimit-reset-after", seconds(bucket_state.resets - now)),
        ("x-ratelimit-bucket", bucket_state.bucket.clone()),
    ] {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
}

fn limited(
    world: &mut World,
    now: DateTime<Utc>,
    request: &Request,
    exceeded: &Exceeded,
) -> Response {
    world.rates.invalid(now);
    let after = exceeded.after.as_seconds_f64().max(0.001);
    let body = json!({
        "message": "You are being rate limited.", "retry_after": after,
        "global": exceeded.is_global,
    });
    record(world, now, request, 429, &body);
    let scope = if exceeded.is_global { "global" } else { "user" };
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::RETRY_AFTER, format!("{}", after.ceil())),
        (HeaderName::from_static("x-ratelimit-scope"), scope.to_owned()),
    ];
    let mut response = (StatusCode::TOO_MANY_REQUESTS, headers, body.to_string()).into_response();
    if exceeded.is_global {
        response
            .headers_mut()
            .insert("x-ratelimit-global", header::HeaderValue::from_static("true"));
    } else if !exceeded.bucket_state.bucket.is_empty() {
        put_bucket_headers(&mut response, &exceeded.bucket_state, now);
    }
    response
}

fn record(world: &mut World, at: DateTime<Utc>, request: &Request, status: u16, answer: &Value) {
    let route = request.route();
    let files = request.files.len();
    payloads::discord(&route, &request.body, files, (status, answer), &world.app.token);
    let route = route.split_once(' ').map_or("", |(_, path)| path).to_owned();
    world.calls.push(Call {
        at,
        method: request.method.to_string(),
        path: request.path.clone(),
        route,
        body: request.body.clone(),
        status,
        answer: answer.clone(),
    });
}

/// A truncated answer: the connection ends before the promised length.
fn broken_off() -> Response {
    let gone = futures_util::stream::once(async {
        Err::<Bytes, _>(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
    });
    ([(header::CONTENT_LENGTH, "64")], Body::from_stream(gone)).into_response()
}
