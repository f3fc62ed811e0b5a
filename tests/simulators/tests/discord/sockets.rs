//! Tests of the gateway: identifying, resuming, and the reasons to close.

use std::time::Duration;

use serde_json::{Value, json};

use crate::app::{identify, world};

#[tokio::test]
async fn a_resumed_session_gets_what_it_missed() {
    let world = world().await;
    let (mut line, session) = world.connect().await;
    world.discord.cut_connections();
    assert_eq!(line.next().await, Value::Null);
    let body = json!({ "name": "Run", "type": 11 });
    world.ok("POST", "/channels/200/threads", body).await;
    let mut again = world.open().await;
    let data = json!({ "token": "token", "session_id": session, "seq": 2 });
    again.say(json!({ "op": 6, "d": data })).await;
    let missed = again.next().await;
    assert_eq!((&missed["t"], &missed["s"]), (&json!("THREAD_CREATE"), &json!(3)));
    assert_eq!(again.next().await["t"], "RESUMED");
    assert_eq!((world.discord.identifies(), world.discord.resumes()), (1, 1));
    world.discord.ask_to_reconnect();
    assert_eq!(again.next().await["op"], 7);
    assert_eq!(world.discord.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn it_closes_with_discords_codes() {
    let world = world().await;
    let other = json!({ "op": 2, "d": { "token": "no", "intents": 1, "properties": {} } });
    let resume = json!({ "op": 6, "d": { "token": "no", "session_id": "x", "seq": 1 } });
    let cases = [
        (other, 4004),
        (identify(1 << 15), 4014),
        (identify(1 << 40), 4013),
        (json!({ "op": 99, "d": null }), 4001),
        (json!({ "d": null }), 4002),
        (json!({ "op": 3, "d": null }), 4003),
        (resume, 4004),
    ];
    for (payload, code) in cases {
        let mut line = world.open().await;
        line.say(payload.clone()).await;
        assert_eq!(line.next().await, json!({ "close": code }), "{payload}");
    }
    let (mut line, session) = world.connect().await;
    line.say(identify(1)).await;
    assert_eq!(line.next().await, json!({ "close": 4005 }));
    let mut line = world.open().await;
    let data = json!({ "token": "token", "session_id": session, "seq": 99 });
    line.say(json!({ "op": 6, "d": data })).await;
    assert_eq!(line.next().await, json!({ "close": 4007 }));
    let mut line = world.open().await;
    for _ in 0..121 {
        line.say(json!({ "op": 1, "d": null })).await;
    }
    let mut last = line.next().await;
    while last["op"] == 11 {
        last = line.next().await;
    }
    assert_eq!(last, json!({ "close": 4008 }));
}

#[tokio::test]
async fn a_connection_without_a_heartbeat_is_closed_and_an_unknown_session_is_invalid() {
    let world = world().await;
    let mut line = world.open().await;
    let data = json!({ "token": "token", "session_id": "gone", "seq": 1 });
    line.say(json!({ "op": 6, "d": data })).await;
    let answer = line.next().await;
    assert_eq!((&answer["op"], &answer["d"]), (&json!(9), &json!(false)));
    world.discord.set_heartbeat(Duration::from_millis(40));
    let mut line = world.open().await;
    assert_eq!(line.next().await, json!({ "close": 4009 }));
}
