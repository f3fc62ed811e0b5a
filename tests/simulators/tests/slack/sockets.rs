//! Tests of Socket Mode: tickets, turns, late acknowledgements, lost ones, and disconnects.

use chrono::TimeDelta;
use serde_json::{Value, json};
use simulators::slack::UserActionError;

use crate::app::world;

#[tokio::test]
async fn a_ticket_opens_one_socket_once() {
    let world = world().await;
    let answer = world.call_as("xapp-1", "apps.connections.open", json!({})).await;
    let url = answer["url"].as_str().expect("an address");
    let first = tokio_tungstenite::connect_async(url).await;
    assert!(first.is_ok());
    assert!(tokio_tungstenite::connect_async(url).await.is_err());
}

#[tokio::test]
async fn sockets_take_turns_and_the_eleventh_is_turned_away() {
    let world = world().await;
    let mut lines = Vec::new();
    for _ in 0..10 {
        lines.push(world.connect().await);
    }
    world.clock.advance(TimeDelta::minutes(1));
    let answer = world.call_as("xapp-1", "apps.connections.open", json!({})).await;
    let url = answer["url"].as_str().expect("an address");
    let (socket, _) = tokio_tungstenite::connect_async(url).await.expect("a socket");
    drop(socket);
    world.slack.until(|slack| slack.complaints().pop()).await.expect("a complaint");
    assert_eq!(world.slack.sockets(), 10);
}

#[tokio::test]
async fn without_a_socket_a_command_fails_at_once() {
    let world = world().await;
    let error = world.slack.run_command("U1", "C1", "/patch").await.expect_err("no socket");
    assert_eq!(error, UserActionError::DispatchFailed);
    let told = world.slack.ephemerals("U1");
    assert_eq!(told[0].text, "`/patch` failed with the error \"dispatch_failed\"");
}

#[tokio::test]
async fn an_acknowledgement_after_three_seconds_is_too_late() {
    let world = world().await;
    let mut line = world.connect().await;
    let command = tokio::spawn({
        let slack = world.slack.clone();
        async move { slack.run_command("U1", "C1", "/patch status").await }
    });
    let envelope = line.next().await;
    assert_eq!(envelope["type"], "slash_commands");
    assert_eq!(envelope["payload"]["text"], "status");
    world.clock.advance(TimeDelta::seconds(3));
    let error = command.await.expect("it ran").expect_err("nobody answered");
    assert_eq!(error, UserActionError::OperationTimeout);
    line.say(json!({ "envelope_id": envelope["envelope_id"] })).await;
    let complaint = world.slack.until(|slack| slack.complaints().pop()).await;
    assert!(complaint.expect("a complaint").contains("too late"));
}

#[tokio::test]
async fn wrong_and_double_acknowledgements_are_complaints() {
    let world = world().await;
    let mut line = world.connect().await;
    let (receipt, envelope) =
        tokio::join!(world.slack.run_command("U1", "C1", "/patch"), line.ack(Value::Null));
    receipt.expect("acknowledged");
    line.say(json!({ "envelope_id": envelope["envelope_id"] })).await;
    line.say(json!({ "envelope_id": "nobody" })).await;
    line.say(json!({ "hello": 1 })).await;
    let complaints = world
        .slack
        .until(|slack| Some(slack.complaints()).filter(|complaints| complaints.len() == 3));
    let complaints = complaints.await.expect("three complaints").join("\n");
    for expected in ["twice", "never sent", "without envelope_id"] {
        assert!(complaints.contains(expected), "{expected}: {complaints}");
    }
}

#[tokio::test]
async fn an_event_comes_again_at_once_after_a_minute_and_after_five() {
    let world = world().await;
    let mut line = world.connect().await;
    let home = tokio::spawn({
        let slack = world.slack.clone();
        async move { slack.open_home("U1").await }
    });
    let mut seen = Vec::new();
    for wait in [0, 60, 300] {
        let envelope = line.next().await;
        seen.push((envelope["retry_attempt"].clone(), envelope["payload"]["event_id"].clone()));
        world.clock.advance(TimeDelta::seconds(3 + wait));
    }
    let last = line.ack(Value::Null).await;
    seen.push((last["retry_attempt"].clone(), last["payload"]["event_id"].clone()));
    assert!(home.await.expect("it ran"), "the last one was acknowledged");
    let attempts: Vec<&Value> = seen.iter().map(|(attempt, _)| attempt).collect();
    assert_eq!(attempts, [0, 1, 2, 3]);
    assert!(seen.iter().all(|(_, id)| *id == seen[0].1), "one event, four envelopes");
}

#[tokio::test]
async fn a_socket_that_was_asked_to_leave_gets_nothing_while_another_is_open() {
    let world = world().await;
    let mut old = world.connect().await;
    world.slack.ask_to_disconnect("refresh_requested");
    let goodbye = old.next().await;
    assert_eq!(goodbye["reason"], "refresh_requested");
    let mut new = world.connect().await;
    for _ in 0..3 {
        let (receipt, _) =
            tokio::join!(world.slack.run_command("U1", "C1", "/patch"), new.ack(Value::Null));
        receipt.expect("the new socket answers");
    }
    world.clock.advance(TimeDelta::seconds(10));
    assert_eq!(old.next().await, Value::Null, "Slack closes the old one");
    assert_eq!(world.slack.cut_sockets(), 1);
    assert_eq!(new.next().await, Value::Null);
}
