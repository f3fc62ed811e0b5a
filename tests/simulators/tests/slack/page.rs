//! The page: what it shows, and whom it answers.

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
    for stranger in [None, Some("http://evil.example"), Some("null")] {
        assert_eq!(post(stranger).await.expect("an answer").status(), 403, "{stranger:?}");
    }
    assert_eq!(post(Some(&base)).await.expect("an answer").status(), 204);
    assert_eq!(line.ack(Value::Null).await["payload"]["text"], "status");
    let rebound = client.get(&base).header("host", "evil.example").send().await;
    assert_eq!(rebound.expect("an answer").status(), 403);
}
