//! Tests that the Rust client accepts our answers and envelopes: its types refuse a missing field.

use serde_json::{Value, json};
use slack_morphism::prelude::*;

use crate::app::{World, world};

fn read<T: serde::de::DeserializeOwned>(what: &str, value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{what}: {error}: {value}"))
}

async fn get(world: &World, method: &str, query: &str) -> Value {
    let answer = world.raw(method, query).await.expect("an answer");
    answer.json().await.expect("JSON")
}

#[tokio::test]
async fn answers_are_read_by_the_rust_client() {
    let world = world().await;
    let ts = world.card(&["Approve"]).await;
    world.slack.say("U1", "C1", "a reply", Some(&ts)).expect("Aiko is there");
    let post = json!({ "channel": "C1", "text": "x", "thread_ts": ts });
    read::<SlackApiChatPostMessageResponse>("post", &world.ok("chat.postMessage", post).await);
    let edit = json!({ "channel": "C1", "ts": ts, "text": "y" });
    read::<SlackApiChatUpdateResponse>("update", &world.ok("chat.update", edit).await);
    read::<SlackApiAuthTestResponse>("auth", &get(&world, "auth.test", "").await);
    let history = get(&world, "conversations.history", "channel=C1").await;
    let history = read::<SlackApiConversationsHistoryResponse>("history", &history);
    assert_eq!(history.messages[0].parent.reply_count, Some(2));
    let replies = get(&world, "conversations.replies", &format!("channel=C1&ts={ts}")).await;
    read::<SlackApiConversationsRepliesResponse>("replies", &replies);
    let info = get(&world, "conversations.info", "channel=C1").await;
    read::<SlackApiConversationsInfoResponse>("info", &info);
    let list = get(&world, "conversations.list", "types=public_channel,im").await;
    read::<SlackApiConversationsListResponse>("list", &list);
    read::<SlackApiUsersInfoResponse>("user", &get(&world, "users.info", "user=U1").await);
    read::<SlackApiUsersListResponse>("users", &get(&world, "users.list", "").await);
    let groups = get(&world, "usergroups.list", "include_users=true").await;
    read::<SlackApiUserGroupsListResponse>("groups", &groups);
    let members = get(&world, "usergroups.users.list", "usergroup=S1").await;
    read::<SlackApiUserGroupsUsersListResponse>("members", &members);
    let link = get(&world, "chat.getPermalink", &format!("channel=C1&message_ts={ts}")).await;
    read::<SlackApiChatGetPermalinkResponse>("link", &link);
    let home = json!({ "user_id": "U1", "view": { "type": "home", "blocks": [] } });
    read::<SlackApiViewsPublishResponse>("publish", &world.ok("views.publish", home).await);
    assert_eq!(world.slack.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn payloads_are_read_by_the_rust_client() {
    let world = world().await;
    let mut line = world.connect().await;
    let slack = &world.slack;
    let (_, raw) = tokio::join!(slack.run_command("U1", "C1", "/patch"), line.ack(Value::Null));
    read::<SlackCommandEvent>("command", &raw["payload"]);
    let ts = world.card(&["Approve"]).await;
    let (_, raw) = tokio::join!(slack.press("U1", "C1", &ts, "Approve"), line.ack(Value::Null));
    let SlackInteractionEvent::BlockActions(press) = read("press", &raw["payload"]) else {
        panic!("{raw}")
    };
    assert_eq!(press.message.expect("the message").origin.ts.0, ts);
    assert_eq!(press.actions.expect("an action")[0].value.as_deref(), Some("p1"));
    let view = json!({
        "type": "modal", "title": { "type": "plain_text", "text": "t" }, "blocks": [],
        "submit": { "type": "plain_text", "text": "s" }, "notify_on_close": true,
    });
    let open = json!({ "trigger_id": raw["payload"]["trigger_id"], "view": view });
    let opened = world.ok("views.open", open).await;
    read::<SlackApiViewsOpenResponse>("open", &opened);
    let id = opened["view"]["id"].as_str().expect("an id");
    let wrong = json!({ "response_action": "errors", "errors": {} });
    let (_, raw) = tokio::join!(slack.submit("U1", id, &[]), line.ack(wrong));
    let submitted = read("submission", &raw["payload"]);
    assert!(matches!(submitted, SlackInteractionEvent::ViewSubmission(_)));
    let (_, raw) = tokio::join!(slack.close("U1", id), line.ack(Value::Null));
    let closed = read("closing", &raw["payload"]);
    assert!(matches!(closed, SlackInteractionEvent::ViewClosed(_)));
    let (_, raw) = tokio::join!(slack.open_home("U1"), line.ack(Value::Null));
    let event = read::<SlackPushEventCallback>("event", &raw["payload"]);
    assert!(matches!(event.event, SlackEventCallbackBody::AppHomeOpened(_)));
}
