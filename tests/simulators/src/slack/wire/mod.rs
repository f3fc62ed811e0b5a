//! HTTP: the Web API under `/api`, and the hooks behind each `response_url`.

mod arguments;
mod chat;
mod conversations;
mod files;
mod identity;
mod methods;
mod reach;
mod refusal;
mod response_urls;
mod views;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::Workspace;
use super::record::{Call, Fault};
use super::socket;
use super::world::World;
use crate::payloads;
use arguments::{Args, Parsed};
pub(crate) use chat::check_content;
pub(crate) use files::File;
use methods::Rule;
pub(crate) use refusal::Refusal;
pub(crate) use views::{check_view, open_above, put_view};

pub(crate) fn router(workspace: Workspace) -> Router {
    Router::new()
        .route("/api/{method}", any(call))
        .route("/link/", get(socket::link))
        .route("/upload/v1/{ticket}", post(files::upload))
        .route("/hooks/{kind}/{team}/{secret}", post(response_urls::respond))
        .with_state(workspace)
}

async fn call(
    State(workspace): State<Workspace>,
    Path(name): Path<String>,
    verb: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let now = workspace.now();
    let parsed = arguments::parse(&verb, query.as_deref(), &headers, &body);
    workspace.change(|world| answer(world, &workspace, now, &name, parsed))
}

fn answer(
    world: &mut World,
    workspace: &Workspace,
    now: DateTime<Utc>,
    name: &str,
    parsed: Result<Parsed, Refusal>,
) -> Response {
    let fault = take_fault(world, name);
    let shown = parsed.as_ref().map_or(Value::Null, |parsed| Value::Object(parsed.raw.clone()));
    let record = |world: &mut World, outcome: &str| {
        payloads::slack(name, &shown, outcome, !world.refuse_charts);
        let args = shown.clone();
        let outcome = outcome.to_owned();
        world.calls.push(Call { at: now, method: name.to_owned(), args, outcome });
    };
    match fault {
        Some(Fault::RateLimited(seconds)) => {
            record(world, "ratelimited");
            return rate_limited(seconds);
        }
        Some(Fault::ServerError) => {
            record(world, "server_error");
            return (StatusCode::SERVICE_UNAVAILABLE, "service unavailable").into_response();
        }
        Some(Fault::ResetBefore) => {
            record(world, "reset_before");
            return broken_off();
        }
        Some(Fault::ResetAfter) | None => {}
    }
    let result = parsed.and_then(|parsed| {
        let rule = methods::find(name).ok_or_else(|| {
            world.complain(format!("unknown method {name}"));
            Refusal::of("unknown_method").with("req_method", json!(name))
        })?;
        allowed(world, now, rule, &parsed)?;
        let args = Args::read(rule, &parsed).inspect_err(|refusal| {
            world.complain(format!("{name}: {}", refusal.words()));
        })?;
        if world.rate_limits == super::RateLimits::Strict {
            let bucket = rule.bucket(&args);
            world.rates.take(&bucket, rule.tier, now).map_err(Refusal::rate_limited)?;
        }
        (rule.act)(&mut reach::Reach { world, now, clock: workspace.clock() }, &args)
    });
    let outcome = result.as_ref().map_or_else(|refusal| refusal.error.clone(), |_| "ok".to_owned());
    record(world, &outcome);
    if fault == Some(Fault::ResetAfter) {
        return broken_off();
    }
    let scopes: Vec<&str> = world.tokens.bot.scopes.iter().map(String::as_str).collect();
    let scopes = scopes.join(",");
    let body = match result {
        Ok(mut body) => {
            if let Some(body) = body.as_object_mut() {
                body.insert("ok".to_owned(), json!(true));
            }
            body
        }
        Err(refusal) if refusal.retry_after.is_some() => {
            return rate_limited(refusal.retry_after.unwrap_or(1));
        }
        Err(refusal) => refusal.to_json(),
    };
    let content = (header::CONTENT_TYPE, "application/json; charset=utf-8".to_owned());
    let scopes = (header::HeaderName::from_static("x-oauth-scopes"), scopes);
    ([content, scopes], body.to_string()).into_response()
}

/// Refuses unless the token may call this method.
fn allowed(
    world: &World,
    _now: DateTime<Utc>,
    rule: &Rule,
    parsed: &Parsed,
) -> Result<(), Refusal> {
    if rule.token == methods::Holder::Anyone {
        return Ok(());
    }
    let given = parsed.token.as_deref().ok_or_else(|| Refusal::of("not_authed"))?;
    let (is_bot, token) = if given == world.tokens.bot.value {
        (true, &world.tokens.bot)
    } else if given == world.tokens.app.value {
        (false, &world.tokens.app)
    } else {
        return Err(Refusal::of("invalid_auth"));
    };
    let fits = match rule.token {
        methods::Holder::Anyone | methods::Holder::Either => true,
        methods::Holder::Bot => is_bot,
        methods::Holder::App => !is_bot,
    };
    if !fits {
        return Err(Refusal::of("not_allowed_token_type"));
    }
    match rule.scope {
        Some(scope) if !token.scopes.contains(scope) => {
            let provided: Vec<&str> = token.scopes.iter().map(String::as_str).collect();
            Err(Refusal::of("missing_scope")
                .with("needed", json!(scope))
                .with("provided", json!(provided.join(","))))
        }
        _ => Ok(()),
    }
}

fn take_fault(world: &mut World, method: &str) -> Option<Fault> {
    [method, "*"].iter().find_map(|&name| world.faults.get_mut(name)?.pop_front())
}

fn rate_limited(seconds: u32) -> Response {
    let body = json!({ "ok": false, "error": "ratelimited" }).to_string();
    let headers = [
        (header::RETRY_AFTER, seconds.to_string()),
        (header::CONTENT_TYPE, "application/json; charset=utf-8".to_owned()),
    ];
    (StatusCode::TOO_MANY_REQUESTS, headers, body).into_response()
}

/// A truncated answer: the connection ends before the promised length.
fn broken_off() -> Response {
    let gone = futures_util::stream::once(async {
        Err::<Bytes, _>(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
    });
    ([(header::CONTENT_LENGTH, "64")], Body::from_stream(gone)).into_response()
}
