//! Tests of the page: what it shows, and whom it answers.

use std::sync::Arc;

use serde_json::{Value, json};
use simulators::page;
use tokio::net::TcpListener;

use crate::app::{World, world};

async fn page_of(world: &World) -> String {
    let aside = Arc::new(|| page::panel("Cloud of tests", page::meter("Patched", 1, 2)));
    let router = page::router(world.slack.clone(), None, world.clock.clone(), aside);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    base
}

#[tokio::test]
async fn the_page_shows_what_was_sent_and_escapes_it() {
    let world = world().await;
    let base = page_of(&world).await;
    let ts = world.card(&["<b>Approve</b>"]).await;
    world.slack.say("U2", "C1", "<script>alert(1)</script>", Some(&ts)).expect("Ben is there");
    let secret = json!({ "channel": "C1", "user": "U1", "text": "for Aiko" });
    world.ok("chat.postEphemeral", secret).await;
    let read = async |path: &str| {
        let answer = reqwest::get(format!("{base}{path}")).await.expect("an answer");
        answer.text().await.expect("text")
    };
    let mine = read("/?me=U1&at=C1").await;
    for expected in [
        "<strong>A plan</strong>",
        "&lt;b&gt;Approve&lt;/b&gt;",
        "<b>1 reply</b>",
        "for Aiko",
        "Only visible to you",
    ] {
        assert!(mine.contains(expected), "{expected}");
    }
    let thread = read(&format!("/?me=U1&at=C1&thread={ts}")).await;
    for expected in ["<strong>A plan</strong>", "<span>1 reply</span>", "&lt;script"] {
        assert!(thread.contains(expected), "{expected}");
    }
    assert!(!thread.contains("<script>alert"));
    assert!(!mine.contains("<script>alert"));
    let theirs = read("/?me=U2&at=C1").await;
    assert!(!theirs.contains("for Aiko"));
    assert!(theirs.contains("Cloud of tests"));
}

#[tokio::test]
async fn posts_come_from_the_page_itself_and_hosts_are_loopback() {
    let world = world().await;
    let base = page_of(&world).await;
    let mut line = world.connect().await;
    let client = reqwest::Client::new();
    let url = format!("{base}/do/say");
    let body = "me=U1&at=C1&line=%2Fpatch+status";
    let post = |origin: Option<&str>| {
        let request = client.post(&url).header("content-type", "application/x-www-form-urlencoded");
        let request = request.header("x-quiet", "1").body(body);
        origin.into_iter().fold(request, |request, origin| request.header("origin", origin)).send()
    };
    for origin in [None, Some("http://evil.example"), Some("null")] {
        assert_eq!(post(origin).await.expect("an answer").status(), 403, "{origin:?}");
    }
    assert_eq!(post(Some(&base)).await.expect("an answer").status(), 204);
    assert_eq!(line.ack(Value::Null).await["payload"]["text"], "status");
    let rebound = client.get(&base).header("host", "evil.example").send().await;
    assert_eq!(rebound.expect("an answer").status(), 403);
}

#[tokio::test]
async fn a_dialog_with_lists_and_numbers_is_filled_in_corrected_and_sent_on_the_page() {
    let world = world().await;
    let base = page_of(&world).await;
    let mut line = world.connect().await;
    let plain = |text: &str| json!({ "type": "plain_text", "text": text });
    let option = |value: &str| json!({ "text": plain(&format!("Pick <{value}>")), "value": value });
    let input = |id: &str, element: Value| {
        json!({ "type": "input", "block_id": id, "label": plain(id), "optional": true,
                "element": element })
    };
    let view = json!({
        "type": "modal", "title": plain("Plan"), "submit": plain("Draft"), "blocks": [
            input("where", json!({ "type": "static_select", "action_id": "where",
                "options": [option("a"), option("b")], "initial_option": option("b") })),
            input("how", json!({ "type": "radio_buttons", "action_id": "how",
                "options": [option("yes"), option("no")], "initial_option": option("yes") })),
            input("many", json!({ "type": "number_input", "action_id": "many",
                "is_decimal_allowed": false, "min_value": "1", "max_value": "9",
                "placeholder": plain("1 to 9") })),
        ],
    });
    let (_, envelope) =
        tokio::join!(world.slack.run_command("U1", "C1", "/patch plan"), line.ack(Value::Null));
    let open = json!({ "trigger_id": envelope["payload"]["trigger_id"], "view": view });
    world.ok("views.open", open).await;
    let read = async || {
        let answer = reqwest::get(format!("{base}/?me=U1&at=C1")).await.expect("an answer");
        answer.text().await.expect("text")
    };
    let page = read().await;
    for expected in [
        "<option value=\"b\" selected>Pick &lt;b&gt;</option>",
        "type=\"radio\" name=\"in.how\" value=\"yes\" checked",
        "type=\"number\" name=\"in.many\"",
        "min=\"1\" max=\"9\"",
        "placeholder=\"1 to 9\"",
    ] {
        assert!(page.contains(expected), "{expected}\n{page}");
    }

    let id = world.slack.open_views("U1").pop().expect("a dialog").id;
    let client = reqwest::Client::new();
    let send = async |many: &str| {
        // The page sends an empty value beside the ticked ones, and every field.
        let fields = [("me", "U1"), ("at", "C1"), ("view", id.as_str()), ("in.where", "a")];
        let fields =
            fields.into_iter().chain([("in.how", ""), ("in.how", "no"), ("in.many", many)]);
        let request = client.post(format!("{base}/do/submit")).header("origin", &base);
        let fields: Vec<(&str, &str)> = fields.collect();
        let answer = request.header("x-quiet", "1").form(&fields).send().await;
        assert_eq!(answer.expect("an answer").status(), 204);
    };
    send("7").await;
    let wrong = json!({ "response_action": "errors", "errors": { "where": "not <there>" } });
    let sent = line.ack(wrong).await["payload"]["view"]["state"]["values"].clone();
    assert_eq!(sent["where"]["where"]["selected_option"]["value"], "a");
    assert_eq!(sent["how"]["how"]["selected_option"]["value"], "no");
    assert_eq!(sent["many"]["many"]["value"], "7");
    world
        .slack
        .until(|slack| {
            slack.open_views("U1").pop().filter(|view| !view.errors.is_empty()).map(drop)
        })
        .await
        .expect("the mistake is shown");
    let page = read().await;
    for expected in [
        "not &lt;there&gt;",
        "<option value=\"a\" selected>",
        "value=\"no\" checked",
        "name=\"in.many\" value=\"7\"",
    ] {
        assert!(page.contains(expected), "{expected}\n{page}");
    }
    send("").await;
    let sent = line.ack(Value::Null).await["payload"]["view"]["state"]["values"].clone();
    assert_eq!(sent["many"]["many"]["value"], Value::Null);
    world
        .slack
        .until(|slack| slack.open_views("U1").is_empty().then_some(()))
        .await
        .expect("it closes");
    assert_eq!(world.slack.complaints(), Vec::<String>::new());
}
