//! Tests of the Web API: answers, refusals, limits and faults.

use chrono::TimeDelta;
use serde_json::{Value, json};
use simulators::slack::{Fault, RateLimits, Tokens, plain_text};

use crate::app::{card, world, world_with};

#[tokio::test]
async fn refusals_carry_slacks_codes() {
    let world = world().await;
    world.slack.set_rate_limits(RateLimits::Off);
    let ts = world.card(&["Approve"]).await;
    world.slack.say("U1", "C1", "mine", None).expect("Aiko is in the channel");
    let theirs = world.slack.messages("C1")[1].ts.clone();
    let post = |more: Value| {
        let mut args = json!({ "channel": "C1" });
        args.as_object_mut().expect("an object").extend(more.as_object().expect("one").clone());
        args
    };
    let cases = [
        ("chat.postMessage", json!({ "channel": "C9", "text": "x" }), "channel_not_found"),
        ("chat.postMessage", json!({ "channel": "C2", "text": "x" }), "not_in_channel"),
        ("chat.postMessage", post(json!({})), "no_text"),
        ("chat.postMessage", post(json!({ "text": "x".repeat(40_001) })), "msg_too_long"),
        ("chat.postMessage", post(json!({ "blocks": "nonsense" })), "invalid_blocks_format"),
        ("chat.postMessage", post(json!({ "blocks": [{ "type": "no" }] })), "invalid_blocks"),
        ("chat.postMessage", post(json!({ "text": "x", "colour": "red" })), "invalid_arguments"),
        ("chat.postMessage", post(json!({ "text": "x", "thread_ts": "1.2" })), "thread_not_found"),
        (
            "chat.postMessage",
            post(json!({ "text": "x", "metadata": 1 })),
            "invalid_metadata_format",
        ),
        ("chat.update", post(json!({ "ts": "1.2", "text": "x" })), "message_not_found"),
        ("chat.update", post(json!({ "ts": theirs, "text": "x" })), "cant_update_message"),
        ("chat.update", post(json!({ "ts": ts, "text": "x".repeat(4_001) })), "msg_too_long"),
        ("chat.postEphemeral", post(json!({ "user": "U9", "text": "x" })), "user_not_in_channel"),
        ("chat.burn", json!({}), "unknown_method"),
        ("apps.connections.open", json!({}), "not_allowed_token_type"),
        ("views.open", json!({ "trigger_id": "1", "view": {} }), "invalid_trigger_id"),
        ("usergroups.users.list", json!({ "usergroup": "S1" }), "invalid_arguments"),
    ];
    for (method, args, code) in cases {
        assert_eq!(world.error(method, args.clone()).await, code, "{method} {args}");
    }
    assert_eq!(world.call_as("xoxb-9", "auth.test", json!({})).await["error"], "invalid_auth");
    assert_eq!(world.call_as("", "auth.test", json!({})).await["error"], "not_authed");
    let loud = world.slack.complaints().join("\n");
    for expected in ["unknown method chat.burn", "unknown argument: colour", "takes no JSON body"] {
        assert!(loud.contains(expected), "{expected}: {loud}");
    }
}

#[tokio::test]
async fn a_missing_scope_is_named() {
    let world = world_with(Tokens::new("xoxb-1", "xapp-1").without("chat:write")).await;
    let answer = world.call("chat.postMessage", json!({ "channel": "C1", "text": "x" })).await;
    assert_eq!(answer["error"], "missing_scope");
    assert_eq!(answer["needed"], "chat:write");
    assert!(answer["provided"].as_str().expect("a list").contains("users:read"));
    let answer = world.raw("auth.test", "").await.expect("an answer");
    let scopes = answer.headers()["x-oauth-scopes"].to_str().expect("text");
    assert!(!scopes.contains("chat:write"));
}

#[tokio::test]
async fn an_update_with_text_alone_takes_the_blocks_away_and_the_past_is_kept() {
    let world = world().await;
    let ts = world.card(&["Approve"]).await;
    world.ok("chat.update", json!({ "channel": "C1", "ts": ts, "text": "Done" })).await;
    let message = world.slack.message("C1", &ts).expect("it stands");
    assert_eq!(plain_text(&message), "Done");
    assert_eq!(message.past.len(), 1);
    assert!(message.edited.is_some());
}

#[tokio::test]
async fn history_and_replies_are_paged_and_carry_threads_and_metadata() {
    let world = world().await;
    world.slack.set_rate_limits(RateLimits::Off);
    let metadata = json!({ "event_type": "plan", "event_payload": { "plan": "7" } });
    let first = world
        .ok("chat.postMessage", json!({ "channel": "C1", "text": "0", "metadata": metadata }))
        .await;
    for text in ["1", "2"] {
        world.clock.advance(TimeDelta::seconds(1));
        world.ok("chat.postMessage", json!({ "channel": "C1", "text": text })).await;
    }
    let reply = json!({ "channel": "C1", "text": "r", "thread_ts": first["ts"] });
    world.ok("chat.postMessage", reply).await;
    let read = async |query: &str| -> Value {
        let answer = world.raw("conversations.history", query).await.expect("an answer");
        answer.json().await.expect("JSON")
    };
    let page = read("channel=C1&limit=2&include_all_metadata=true").await;
    let texts = |page: &Value| -> Vec<String> {
        let all = page["messages"].as_array().expect("messages").iter();
        all.map(|message| message["text"].as_str().expect("text").to_owned()).collect()
    };
    assert_eq!(texts(&page), ["2", "1"]);
    assert_eq!(page["has_more"], true);
    let cursor = page["response_metadata"]["next_cursor"].as_str().expect("a cursor");
    let page = read(&format!("channel=C1&include_all_metadata=1&cursor={cursor}")).await;
    assert_eq!(texts(&page), ["0"]);
    assert_eq!(page["messages"][0]["metadata"], metadata);
    assert_eq!(page["messages"][0]["reply_count"], 1);
    let query = format!("channel=C1&ts={}", first["ts"].as_str().expect("a ts"));
    let answer = world.raw("conversations.replies", &query).await.expect("an answer");
    assert_eq!(texts(&answer.json().await.expect("JSON")), ["0", "r"]);
    assert_eq!(world.slack.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn posts_to_one_channel_are_limited_in_simulated_time() {
    let world = world().await;
    let post = json!({ "channel": "C1", "text": "x" });
    for _ in 0..4 {
        world.ok("chat.postMessage", post.clone()).await;
    }
    assert_eq!(world.error("chat.postMessage", post.clone()).await, "ratelimited");
    world.clock.advance(TimeDelta::seconds(1));
    world.ok("chat.postMessage", post).await;
}

#[tokio::test]
async fn faults_come_once_and_in_order() {
    let world = world().await;
    for fault in [Fault::RateLimited(7), Fault::ServerError, Fault::ResetBefore, Fault::ResetAfter]
    {
        world.slack.fail_next("chat.postMessage", fault);
    }
    let query = "channel=C1&text=x";
    let limited = world.raw("chat.postMessage", query).await.expect("an answer");
    assert_eq!(limited.status(), 429);
    assert_eq!(limited.headers()["retry-after"], "7");
    let broken = world.raw("chat.postMessage", query).await.expect("an answer");
    assert_eq!(broken.status(), 503);
    for stands in [0, 1] {
        let gone = match world.raw("chat.postMessage", query).await {
            Ok(answer) => answer.text().await.is_err(),
            Err(_) => true,
        };
        assert!(gone, "the connection breaks");
        assert_eq!(world.slack.messages("C1").len(), stands);
    }
    let outcomes: Vec<String> = world.slack.calls().into_iter().map(|call| call.outcome).collect();
    assert_eq!(outcomes, ["ratelimited", "server_error", "reset_before", "ok"]);
}

#[tokio::test]
async fn a_workspace_without_charts_refuses_them() {
    let world = world().await;
    world.slack.refuse_charts(true);
    let chart = json!([{ "type": "data_visualization", "title": "t", "chart": {
        "type": "pie", "segments": [{ "label": "a", "value": 1 }] } }]);
    let post = json!({ "channel": "C1", "text": "x", "blocks": chart });
    assert_eq!(world.error("chat.postMessage", post.clone()).await, "invalid_blocks");
    world.slack.refuse_charts(false);
    world.ok("chat.postMessage", post).await;
    world.ok("chat.postMessage", json!({ "channel": "U2", "blocks": card(&[]) })).await;
    assert_eq!(world.slack.direct_messages("U2").len(), 1);
}

#[tokio::test]
async fn direct_messages_are_opened_with_people_alone() {
    let world = world().await;
    let open = |user: &str| json!({ "users": user });
    let first = world.ok("conversations.open", open("U2")).await;
    let again = world.ok("conversations.open", open("U2")).await;
    assert_eq!(first["channel"]["id"], again["channel"]["id"]);
    let post = json!({ "channel": first["channel"]["id"], "text": "A plan waits" });
    world.ok("chat.postMessage", post).await;
    let told: Vec<String> = world.slack.direct_messages("U2").iter().map(plain_text).collect();
    assert_eq!(told, ["A plan waits"]);
    world.slack.set_deactivated("U1", true);
    let cases = [
        (open("U1"), "user_disabled"),
        (open("U9"), "user_not_found"),
        (open("UB"), "cannot_dm_bot"),
        (json!({}), "users_list_not_supplied"),
    ];
    for (args, code) in cases {
        assert_eq!(world.error("conversations.open", args.clone()).await, code, "{args}");
    }
    for (scope, method) in
        [("im:write", "conversations.open"), ("im:history", "conversations.history")]
    {
        let world = world_with(Tokens::new("xoxb-1", "xapp-1").without(scope)).await;
        let args = if scope == "im:write" {
            open("U2")
        } else {
            world.ok("conversations.open", open("U2")).await["channel"]["id"].take()
        };
        let answer = match args {
            serde_json::Value::String(channel) => {
                let asked =
                    world.raw(method, &format!("channel={channel}")).await.expect("an answer");
                asked.json().await.expect("JSON")
            }
            args => world.call(method, args).await,
        };
        assert_eq!((&answer["error"], &answer["needed"]), (&json!("missing_scope"), &json!(scope)));
    }
}
