//! `response_url`: up to five answers within half an hour of a command or a press.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::chat::{check_content, edit};
use super::reach::Reach;
use super::{Refusal, broken_off, rate_limited, take_fault};
use crate::payloads;
use crate::slack::Workspace;
use crate::slack::message::Message;
use crate::slack::record::{Call, Fault};
use crate::slack::world::{Original, new_message};

const KNOWN: [&str; 10] = [
    "text",
    "blocks",
    "attachments",
    "response_type",
    "replace_original",
    "delete_original",
    "thread_ts",
    "metadata",
    "unfurl_links",
    "unfurl_media",
];

pub(super) async fn respond(
    State(workspace): State<Workspace>,
    Path((_kind, _team, secret)): Path<(String, String, String)>,
    body: Bytes,
) -> Response {
    let now = workspace.now();
    workspace.change(|world| {
        let fault = take_fault(world, "response_url");
        let args = serde_json::from_slice::<Value>(&body).unwrap_or(Value::Null);
        match fault {
            Some(Fault::RateLimited(seconds)) => return rate_limited(seconds),
            Some(Fault::ServerError) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
            Some(Fault::ResetBefore) => return broken_off(),
            Some(Fault::ResetAfter) | None => {}
        }
        let reach = &mut Reach { world, now, clock: workspace.clock() };
        let result = act(reach, &secret, &args);
        let outcome = match &result {
            Ok(()) => "ok".to_owned(),
            Err((_, refusal)) => {
                reach.world.complain(format!("response_url: {}", refusal.words()));
                refusal.error.clone()
            }
        };
        payloads::slack("response_url", &args, &outcome, !reach.world.refuse_charts);
        let method = "response_url".to_owned();
        reach.world.calls.push(Call { at: now, method, args, outcome });
        match result {
            _ if fault == Some(Fault::ResetAfter) => broken_off(),
            Ok(()) => "ok".into_response(),
            Err((status, refusal)) => (status, axum::Json(refusal.to_json())).into_response(),
        }
    })
}

type Failure = (StatusCode, Refusal);

fn act(reach: &mut Reach<'_>, secret: &str, args: &Value) -> Result<(), Failure> {
    let gone = |error: &str| (StatusCode::NOT_FOUND, Refusal::of(error));
    let wrong = |refusal: Refusal| (StatusCode::BAD_REQUEST, refusal);
    let hook = reach.world.response_urls.get_mut(secret).ok_or_else(|| gone("no_hook"))?;
    if reach.now >= hook.expires {
        return Err(gone("expired_url"));
    }
    if hook.uses_left == 0 {
        return Err(gone("used_url"));
    }
    hook.uses_left -= 1;
    let (channel, user, original) =
        (hook.channel.clone(), hook.user.clone(), hook.original.clone());
    let Value::Object(args) = args else { return Err(wrong(Refusal::of("invalid_payload"))) };
    if let Some(unknown) = args.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        let why = vec![format!("unknown field: {unknown}")];
        return Err(wrong(Refusal::because("invalid_payload", why)));
    }
    let flag = |name: &str| args.get(name).and_then(Value::as_bool).unwrap_or(false);
    if flag("delete_original") {
        let original = original.ok_or_else(|| wrong(Refusal::of("no_original")))?;
        remove(reach, &channel, &user, &original);
        return Ok(());
    }
    let blocks = args.get("blocks").filter(|blocks| !blocks.is_null());
    let text = args.get("text").and_then(Value::as_str);
    let (text, blocks) = check_content(reach.world, text, blocks, 40_000).map_err(wrong)?;
    match original {
        Some(original) if flag("replace_original") => {
            replace(reach, &channel, &user, &original, text, blocks).map_err(wrong)
        }
        original => {
            say(reach, &channel, &user, original, args, (text, blocks));
            Ok(())
        }
    }
}

fn remove(reach: &mut Reach<'_>, channel: &str, user: &str, original: &Original) {
    let is_it = |message: &Message| message.channel == channel && message.ts == original.ts;
    if original.is_ephemeral {
        let mine = |message: &Message| message.only_for.as_deref() == Some(user);
        reach.world.ephemerals.retain(|message| !(is_it(message) && mine(message)));
    } else {
        reach.world.messages.retain(|message| !is_it(message));
    }
}

fn replace(
    reach: &mut Reach<'_>,
    channel: &str,
    user: &str,
    original: &Original,
    text: String,
    blocks: Vec<Value>,
) -> Result<(), Refusal> {
    if !original.is_ephemeral {
        return edit(reach, channel, &original.ts, text, blocks, None);
    }
    let blocks = reach.world.with_ids(&blocks);
    let mut mine =
        reach.world.ephemerals.iter_mut().filter(|message| {
            message.ts == original.ts && message.only_for.as_deref() == Some(user)
        });
    let message = mine.next().ok_or_else(|| Refusal::of("message_not_found"))?;
    message.text = text;
    message.blocks = blocks;
    Ok(())
}

fn say(
    reach: &mut Reach<'_>,
    channel: &str,
    user: &str,
    original: Option<Original>,
    args: &Map<String, Value>,
    (text, blocks): (String, Vec<Value>),
) {
    let is_public = args.get("response_type") == Some(&json!("in_channel"));
    let given = args.get("thread_ts").and_then(Value::as_str).map(str::to_owned);
    let bot = reach.world.app.user.clone();
    let message = Message {
        only_for: (!is_public).then(|| user.to_owned()),
        thread_ts: given.or(original.and_then(|original| original.thread_ts)),
        metadata: args.get("metadata").cloned(),
        ..new_message(channel, &bot, text, blocks)
    };
    reach.world.post(reach.now, message);
}
