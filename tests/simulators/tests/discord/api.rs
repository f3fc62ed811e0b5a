//! Tests of messages, threads and commands over REST.

use chrono::TimeDelta;
use serde_json::{Value, json};
use simulators::discord::{Fault, RateLimits, plain_text};

use crate::app::{row, world};

const POSTS: &str = "/channels/200/messages";

#[tokio::test]
async fn a_message_is_posted_once_for_its_nonce_edited_and_deleted() {
    let world = world().await;
    let body = json!({ "content": "A plan", "nonce": "n1", "enforce_nonce": true });
    let first = world.ok("POST", POSTS, body.clone()).await;
    let again = world.ok("POST", POSTS, body).await;
    assert_eq!(first["id"], again["id"]);
    let path = format!("{POSTS}/{}", first["id"].as_str().expect("an id"));
    let edited = world.ok("PATCH", &path, json!({ "components": row(&["Approve"]) })).await;
    assert_eq!(edited["components"][0]["components"][0]["id"], 2);
    assert_eq!(plain_text(&world.discord.messages("200")[0]), "A plan\n[Approve]");
    assert_eq!(world.code("PATCH", &path, json!({ "content": "", "components": [] })).await, 50006);
    world.ok("DELETE", &path, Value::Null).await;
    assert_eq!(world.code("GET", &path, Value::Null).await, 10008);
    assert_eq!(world.discord.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn what_discord_refuses_is_refused_with_its_code() {
    let world = world().await;
    let answer = json!({ "message_id": "1" });
    let cases = [
        (POSTS, json!({}), 50006),
        ("/channels/7/messages", json!({ "content": "x" }), 10003),
        ("/channels/201/messages", json!({ "content": "x" }), 50001),
        (POSTS, json!({ "content": "x".repeat(2_001) }), 50035),
        (POSTS, json!({ "embeds": [{ "fields": [{ "name": "", "value": "x" }] }] }), 50035),
        (POSTS, json!({ "embeds": vec![json!({ "description": "x".repeat(3_001) }); 2] }), 50035),
        (POSTS, json!({ "components": row(&["a", "a"]) }), 50035),
        (POSTS, json!({ "components": row(&["1", "2", "3", "4", "5", "6"]) }), 50035),
        (POSTS, json!({ "flags": 1 << 15, "content": "x" }), 50035),
        ("/channels/202/messages", json!({ "content": "x", "message_reference": answer }), 160_002),
        (POSTS, json!({ "content": "x", "message_reference": answer }), 50035),
        (POSTS, json!({ "content": "x", "allowed_mentions": { "users": ["1", "1"] } }), 50035),
    ];
    for (path, body, code) in cases {
        assert_eq!(world.code("POST", path, body.clone()).await, code, "{path} {body}");
    }
    let bad = json!({ "embeds": [{ "title": "x".repeat(257) }] });
    let (_, answer) = world.call("POST", POSTS, bad).await;
    let error = &answer["errors"]["embeds"]["0"]["title"]["_errors"][0];
    assert_eq!(error["code"], "BASE_TYPE_MAX_LENGTH");
    assert_eq!(world.code("GET", "/nowhere", Value::Null).await, 0);
    let unknown = json!({ "content": "x", "colour": 1 });
    world.ok("POST", POSTS, unknown).await;
    let complaints = world.discord.complaints().join("\n");
    for expected in ["unknown route GET /nowhere", "unknown field colour"] {
        assert!(complaints.contains(expected), "{expected}: {complaints}");
    }
}

#[tokio::test]
async fn a_silent_thread_archives_itself_and_takes_no_more_until_it_is_opened() {
    let world = world().await;
    let card = world.card(&["Approve"]).await;
    let path = format!("{POSTS}/{card}/threads");
    let start = json!({ "name": "Run 7", "auto_archive_duration": 60 });
    let thread = world.ok("POST", &path, start.clone()).await;
    assert_eq!(thread["id"], card.as_str());
    assert_eq!(world.code("POST", &path, start).await, 160_004);
    let posts = format!("/channels/{card}/messages");
    let body = json!({ "content": "wave 1", "components": row(&["Stop"]) });
    let told = world.ok("POST", &posts, body).await;
    world.clock.advance(TimeDelta::minutes(60));
    assert_eq!(world.code("POST", &posts, json!({ "content": "wave 2" })).await, 50083);
    let edit = format!("{posts}/{}", told["id"].as_str().expect("an id"));
    assert_eq!(world.code("PATCH", &edit, json!({ "content": "x" })).await, 50083);
    let open = json!({ "archived": false });
    world.ok("PATCH", &format!("/channels/{card}"), open).await;
    world.ok("POST", &posts, json!({ "content": "wave 2" })).await;
    let lock = json!({ "locked": true });
    assert_eq!(world.code("PATCH", &format!("/channels/{card}"), lock).await, 50013);
}

#[tokio::test]
async fn commands_are_overwritten_with_their_ids_kept() {
    let world = world().await;
    let path = "/applications/900/commands";
    let command = json!({ "name": "patch", "description": "Patches" });
    let first = world.ok("PUT", path, json!([command])).await;
    let second = world.ok("PUT", path, json!([command])).await;
    assert_eq!(first[0]["id"], second[0]["id"]);
    let upper = json!({ "name": "Patch", "description": "Patches" });
    assert_eq!(world.code("POST", path, upper).await, 50035);
    let long = "x".repeat(100);
    let choice = |n: usize| json!({ "name": format!("{n}{long}")[..100], "value": long });
    let option = |n: usize| {
        let choices: Vec<Value> = (0..25).map(choice).collect();
        json!({ "type": 3, "name": format!("o{n}"), "description": long, "choices": choices })
    };
    let large = json!({ "name": "large", "description": "x", "options": [option(1), option(2)] });
    assert_eq!(world.code("POST", path, large).await, 50035);
    assert_eq!(world.code("GET", "/applications/901/commands", Value::Null).await, 20012);
}

#[tokio::test]
async fn a_file_comes_with_a_form_and_is_served() {
    let world = world().await;
    let payload = json!({
        "embeds": [{ "image": { "url": "attachment://chart.png" } }],
        "attachments": [{ "id": 0, "description": "A chart" }],
    });
    let part = reqwest::multipart::Part::bytes(vec![1, 2, 3]).file_name("chart.png");
    let form = reqwest::multipart::Form::new()
        .text("payload_json", payload.to_string())
        .part("files[0]", part);
    let url = format!("{}/api/v10{POSTS}", world.base);
    let request = world.http.post(url).header("authorization", "Bot token").multipart(form);
    let answer: Value = request.send().await.expect("an answer").json().await.expect("JSON");
    let address = answer["embeds"][0]["image"]["url"].as_str().expect("an address");
    let bytes = world.http.get(address).send().await.expect("an answer").bytes().await;
    assert_eq!(&bytes.expect("bytes")[..], [1, 2, 3]);
}

#[tokio::test]
async fn limits_and_faults_are_answered_as_discord_answers_them() {
    let world = world().await;
    world.discord.set_rate_limits(RateLimits::Strict);
    let mut last = (0, Value::Null);
    for _ in 0..6 {
        last = world.call("POST", POSTS, json!({ "content": "x" })).await;
    }
    assert_eq!((last.0, &last.1["retry_after"]), (429, &json!(5.0)));
    assert_eq!(world.discord.invalid_requests(), 1);
    world.clock.advance(TimeDelta::seconds(5));
    world.discord.fail_next("POST /channels/{}/messages", Fault::ServerError);
    assert_eq!(world.call("POST", POSTS, json!({ "content": "x" })).await.0, 503);
    assert_eq!(world.call("POST", POSTS, json!({ "content": "x" })).await.0, 200);
}

#[tokio::test]
async fn a_direct_message_arrives_unless_its_reader_has_closed_them() {
    let world = world().await;
    let open = |user: &str| json!({ "recipient_id": user });
    let channel = world.ok("POST", "/users/@me/channels", open("2")).await;
    let again = world.ok("POST", "/users/@me/channels", open("2")).await;
    assert_eq!(channel["id"], again["id"]);
    let posts = format!("/channels/{}/messages", channel["id"].as_str().expect("an id"));
    let first = world.ok("POST", &posts, json!({ "content": "A plan waits" })).await;
    world.discord.set_direct_messages("2", false);
    assert_eq!(world.code("POST", &posts, json!({ "content": "Another" })).await, 50007);
    // The channel can be opened all the same, and its messages can be edited.
    world.ok("POST", "/users/@me/channels", open("2")).await;
    let edit = format!("{posts}/{}", first["id"].as_str().expect("an id"));
    world.ok("PATCH", &edit, json!({ "content": "Decided" })).await;
    assert_eq!(world.code("POST", "/users/@me/channels", open("77")).await, 10013);
    assert_eq!(world.code("POST", "/users/@me/channels", open("900")).await, 50007);
    let told: Vec<String> = world.discord.direct_messages("2").iter().map(plain_text).collect();
    assert_eq!(told, ["Decided"]);
    assert!(world.discord.direct_messages("1").is_empty());
    assert_eq!(world.discord.complaints(), Vec::<String>::new());
}
