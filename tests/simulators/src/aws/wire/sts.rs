//! The part of STS that identifies callers and lets them assume a role.

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::Cloud;
use super::super::fault::OpFault;
use super::super::inspect::Outcome;
use super::super::state::{Scope, Session, State};
use super::super::world::Role;
use super::exchanges;

/// STS's usual query parameters; any other is refused.
const KNOWN: [&str; 6] =
    ["Action", "Version", "RoleArn", "RoleSessionName", "ExternalId", "DurationSeconds"];

type Answer = Result<String, (StatusCode, &'static str, String)>;

pub(super) fn answer(cloud: &Cloud, headers: &HeaderMap, body: &Bytes) -> Response {
    let form: Vec<(String, String)> = parse_form(&String::from_utf8_lossy(body));
    let field = |name: &str| {
        form.iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .unwrap_or_default()
    };
    let mut state = cloud.state();
    let caller = super::caller(headers);
    let key = caller.as_ref().map(|caller| caller.key.as_str()).unwrap_or_default();
    let account = state.account_of(key).unwrap_or_default().to_owned();
    let unknown_field = form.iter().find(|(key, _)| !KNOWN.contains(&key.as_str()));
    let action = field("Action").to_owned();
    // Assuming a role twice does no harm, so before and after are the same here.
    let fault = super::next_fault(&mut state, &action);
    let closes = fault.is_some_and(OpFault::closes);
    let result: Answer = if account.is_empty() {
        let text = "The security token included in the request is invalid.";
        Err((StatusCode::FORBIDDEN, "InvalidClientTokenId", text.into()))
    } else if let Some((name, _)) = unknown_field {
        let text = format!("the simulator does not know the parameter {name}");
        Err((StatusCode::BAD_REQUEST, "ValidationError", text))
    } else if let Some(OpFault::Throttle(_)) = fault {
        Err((StatusCode::BAD_REQUEST, "Throttling", "Rate exceeded".into()))
    } else if fault.is_some() && !closes {
        let text = "We encountered an internal error.";
        Err((StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure", text.into()))
    } else {
        match action.as_str() {
            "AssumeRole" => {
                assume(&mut state, field("RoleArn"), field("RoleSessionName"), field("ExternalId"))
            }
            "GetCallerIdentity" => Ok(who(&state, key, &account)),
            _ => {
                tracing::error!(action, "an action that the simulator does not have");
                let text = format!("Could not find operation {action}");
                Err((StatusCode::BAD_REQUEST, "InvalidAction", text))
            }
        }
    };
    let outcome = match &result {
        _ if closes => Outcome::Err("ConnectionClosed".into()),
        Ok(_) => Outcome::Ok,
        Err((_, code, _)) => Outcome::Err((*code).into()),
    };
    let region = caller.map(|caller| caller.region).unwrap_or_default();
    let input: Value = form
        .iter()
        .map(|(key, value)| (key.clone(), json!(value)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let (response, said) = answered(&action, result);
    let asked = exchanges::Asked { service: "sts", operation: &action, headers, input: &input };
    exchanges::keep(&asked, (!closes).then_some((&response, said.into())));
    super::record(&mut state, Scope { account, region }, &action, input, outcome);
    drop(state);
    cloud.changes().announce();
    if closes {
        super::close_without_an_answer();
    }
    response
}

/// The response and the content of its body.
fn answered(action: &str, result: Answer) -> (Response, String) {
    let id = Uuid::new_v4();
    let (status, text) = match result {
        Ok(inner) => (
            StatusCode::OK,
            format!(
                "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">{inner}\
                 <ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{action}Response>"
            ),
        ),
        Err((status, code, text)) => (
            status,
            format!(
                "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error>\
                 <Type>Sender</Type><Code>{code}</Code><Message>{}</Message></Error>\
                 <RequestId>{id}</RequestId></ErrorResponse>",
                escape(&text)
            ),
        ),
    };
    let headers =
        [(header::CONTENT_TYPE.as_str(), "text/xml"), ("x-amzn-requestid", &id.to_string())];
    ((status, headers, text.clone()).into_response(), text)
}

fn assume(state: &mut State, arn: &str, session: &str, external_id: &str) -> Answer {
    let found = state.accounts.iter().find_map(|account| {
        let role = account.roles.iter().find(|role| role.arn == arn)?;
        Some((account.id.clone(), role.clone()))
    });
    // The service does not say which of the two was wrong, and neither do we.
    let admits = |role: &Role| role.external_id.as_deref().is_none_or(|id| id == external_id);
    let Some((account, role)) = found.filter(|(_, role)| admits(role)) else {
        let text = format!("User is not authorized to perform: sts:AssumeRole on resource: {arn}");
        return Err((StatusCode::FORBIDDEN, "AccessDenied", text));
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || "+=,.@-_".contains(c);
    if !(2..=64).contains(&session.len()) || !session.chars().all(is_name) {
        let text =
            "1 validation error detected: Value at 'roleSessionName' failed to satisfy constraint";
        return Err((StatusCode::BAD_REQUEST, "ValidationError", text.into()));
    }
    let random = Uuid::new_v4().simple().to_string().to_uppercase();
    let key = format!("ASIA{}", &random[..16]);
    let name = arn.rsplit('/').next().unwrap_or_default();
    let assumed = format!("arn:aws:sts::{account}:assumed-role/{name}/{session}");
    let Role { powers, sends_only_to, .. } = role;
    let session_of = Session { account, arn: assumed.clone(), powers, sends_only_to };
    state.sessions.insert(key.clone(), session_of);
    // Clients compare this with the host's clock, so it uses the host's time.
    let expiration = (Utc::now() + TimeDelta::hours(1)).to_rfc3339_opts(SecondsFormat::Secs, true);
    Ok(format!(
        "<AssumeRoleResult><Credentials><AccessKeyId>{key}</AccessKeyId>\
         <SecretAccessKey>simulated-secret-{random}</SecretAccessKey>\
         <SessionToken>simulated-session-{random}</SessionToken>\
         <Expiration>{expiration}</Expiration></Credentials>\
         <AssumedRoleUser><AssumedRoleId>AROASIMULATED:{session}</AssumedRoleId>\
         <Arn>{assumed}</Arn></AssumedRoleUser></AssumeRoleResult>"
    ))
}

fn who(state: &State, key: &str, account: &str) -> String {
    let user = || format!("arn:aws:iam::{account}:user/simulated");
    let arn = state.sessions.get(key).map_or_else(user, |session| {
        session.arn.replace(&format!("::{}:", session.account), &format!("::{account}:"))
    });
    format!(
        "<GetCallerIdentityResult><Arn>{arn}</Arn><UserId>{key}</UserId>\
         <Account>{account}</Account></GetCallerIdentityResult>"
    )
}

pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn parse_form(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key), decode(value))
        })
        .collect()
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let decoded = match byte {
            b'+' => b' ',
            b'%' => {
                let hex = [rest.next().unwrap_or(b'0'), rest.next().unwrap_or(b'0')];
                let hex = String::from_utf8_lossy(&hex).into_owned();
                u8::from_str_radix(&hex, 16).unwrap_or(b'?')
            }
            other => other,
        };
        bytes.push(decoded);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
