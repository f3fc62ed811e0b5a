//! Tests of what people do, and of what the bot gets.

use chrono::TimeDelta;
use serde_json::json;
use simulators::discord::{Response, UserActionError, plain_text};

use crate::app::{World, row, world};

async fn register(world: &World) {
    let id = json!({ "type": 3, "name": "id", "description": "Which", "required": true,
                     "autocomplete": true });
    let show = json!({ "type": 1, "name": "show", "description": "Shows", "options": [id] });
    let patch = json!({ "name": "patch", "description": "Patches", "options": [show] });
    world.ok("PUT", "/applications/900/commands", json!([patch])).await;
}

#[tokio::test]
async fn a_command_is_completed_deferred_and_answered_to_one_person() {
    let world = world().await;
    register(&world).await;
    let (mut line, _) = world.connect().await;
    let (offered, ()) =
        tokio::join!(world.discord.autocomplete("1", "200", "/patch show id:KB", "id"), async {
            let event = line.next().await;
            assert_eq!(event["d"]["data"]["options"][0]["options"][0]["focused"], true);
            let choices = json!([{ "name": "KB5062557", "value": "KB5062557" }]);
            let body = json!({ "type": 8, "data": { "choices": choices } });
            assert_eq!(world.respond(&event, body).await.0, 204);
        });
    assert_eq!(offered.expect("choices")[0].name, "KB5062557");
    let (receipt, event) =
        tokio::join!(world.discord.run_command("1", "200", "/patch show id:KB1"), async {
            let event = line.next().await;
            let body = json!({ "type": 5, "data": { "flags": 64 } });
            assert_eq!(world.respond(&event, body).await.0, 204);
            event
        });
    assert_eq!(receipt.expect("deferred").response, Response::Deferred);
    let body = json!({ "type": 4, "data": { "content": "x" } });
    assert_eq!(world.respond(&event, body).await.1["code"], 40060);
    let token = event["d"]["token"].as_str().expect("a token");
    let original = format!("/webhooks/900/{token}/messages/@original");
    world.ok("PATCH", &original, json!({ "content": "KB1 is missing on 3 nodes" })).await;
    assert_eq!(plain_text(&world.discord.ephemerals("1")[0]), "KB1 is missing on 3 nodes");
    assert!(world.discord.seen_by("2", "200").is_empty());
    world.clock.advance(TimeDelta::minutes(15));
    assert_eq!(world.code("PATCH", &original, json!({ "content": "x" })).await, 50027);
    let missing = world.discord.run_command("1", "200", "/patch show").await;
    assert!(matches!(missing, Err(UserActionError::Option(..))), "{missing:?}");
    assert_eq!(world.discord.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn a_response_after_three_seconds_finds_no_interaction() {
    let world = world().await;
    let (mut line, _) = world.connect().await;
    let card = world.card(&["Approve"]).await;
    let press = tokio::spawn({
        let discord = world.discord.clone();
        async move { discord.press("1", "200", &card, "Approve").await }
    });
    let event = line.next().await;
    world.clock.advance(TimeDelta::seconds(3));
    assert_eq!(press.await.expect("it ran"), Err(UserActionError::NoResponse));
    assert_eq!(world.respond(&event, json!({ "type": 6 })).await.1["code"], 10062);
}

#[tokio::test]
async fn a_button_opens_a_modal_whose_answer_changes_the_card() {
    let world = world().await;
    let (mut line, _) = world.connect().await;
    let card = world.card(&["Reject"]).await;
    let input = json!({ "type": 4, "custom_id": "why", "label": "Why", "style": 2 });
    let modal = json!({ "custom_id": "reason", "title": "Reject",
                        "components": [{ "type": 1, "components": [input] }] });
    let (opened, ()) = tokio::join!(world.discord.press("2", "200", &card, "Reject"), async {
        let event = line.next().await;
        assert_eq!(event["d"]["data"]["custom_id"], "do:Reject");
        assert_eq!(event["d"]["message"]["id"], card.as_str());
        world.respond(&event, json!({ "type": 9, "data": modal })).await;
    });
    assert_eq!(opened.expect("a modal").response, Response::Modal);
    let open = world.discord.open_modals("2").pop().expect("a modal");
    let empty = world.discord.submit("2", &open.id, &[]).await;
    assert!(matches!(empty, Err(UserActionError::Input(..))), "{empty:?}");
    let (sent, ()) =
        tokio::join!(world.discord.submit("2", &open.id, &[("why", "not tonight")]), async {
            let event = line.next().await;
            let value = &event["d"]["data"]["components"][0]["components"][0]["value"];
            assert_eq!(value, "not tonight");
            let data = json!({ "content": "Rejected", "embeds": [], "components": row(&[]) });
            world.respond(&event, json!({ "type": 7, "data": data })).await;
        });
    sent.expect("an update");
    let stands = world.discord.message("200", &card).expect("the card");
    assert_eq!(plain_text(&stands), "Rejected");
    let gone = world.discord.press("2", "200", &card, "Reject").await;
    assert!(matches!(gone, Err(UserActionError::NoComponent { .. })), "{gone:?}");
    let (stale, ()) = tokio::join!(world.discord.press_stale("2", "200", &card, "Reject"), async {
        let event = line.next().await;
        world.respond(&event, json!({ "type": 6 })).await;
    });
    stale.expect("an old button still arrives");
    assert_eq!(world.discord.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn buttons_in_a_closed_thread_fail() {
    let world = world().await;
    let (_line, _) = world.connect().await;
    let card = world.card(&["Approve"]).await;
    let path = format!("/channels/200/messages/{card}/threads");
    world.ok("POST", &path, json!({ "name": "Run" })).await;
    let posts = format!("/channels/{card}/messages");
    let told = world.ok("POST", &posts, json!({ "components": row(&["Stop"]) })).await;
    world.discord.set_thread(&card, true, false);
    let id = told["id"].as_str().expect("an id");
    let press = world.discord.press("1", &card, id, "Stop").await;
    assert_eq!(press, Err(UserActionError::ThreadClosed(card)));
}
