//! Tests of what people do, and of what the app gets.

use chrono::TimeDelta;
use serde_json::{Value, json};
use simulators::slack::{Press, UserActionError, plain_text};

use crate::app::{card, world};

#[tokio::test]
async fn a_press_carries_the_message_and_a_url_for_five_answers() {
    let world = world().await;
    let mut line = world.connect().await;
    let ts = world.card(&["Approve"]).await;
    let (receipt, envelope) =
        tokio::join!(world.slack.press("U2", "C1", &ts, "Approve"), line.ack(Value::Null));
    receipt.expect("acknowledged");
    let press = &envelope["payload"];
    assert_eq!(press["actions"][0]["action_id"], "do:Approve");
    assert_eq!(press["actions"][0]["block_id"], "acts");
    assert_eq!(press["user"]["id"], "U2");
    assert_eq!(press["message"]["ts"], ts.as_str());
    assert_eq!(press["message"]["blocks"][1]["elements"][0]["value"], "p1");
    let url = press["response_url"].as_str().expect("a url").to_owned();
    let body = json!({ "replace_original": true, "text": "Approved", "blocks": card(&[]) });
    assert_eq!(world.post_to(&url, body).await.status(), 200);
    for _ in 0..4 {
        assert_eq!(world.post_to(&url, json!({ "text": "psst" })).await.status(), 200);
    }
    assert_eq!(world.post_to(&url, json!({ "text": "psst" })).await.status(), 404);
    assert_eq!(world.slack.ephemerals("U2").len(), 4);
    let error = world.slack.press("U2", "C1", &ts, "Approve").await.expect_err("no button");
    assert!(matches!(error, UserActionError::NoButton { .. }), "{error}");
}

#[tokio::test]
async fn a_slow_client_a_forger_and_a_network_can_send_what_nobody_can_see() {
    let world = world().await;
    let mut line = world.connect().await;
    let ts = world.card(&["Approve"]).await;
    world.ok("chat.update", json!({ "channel": "C1", "ts": ts, "text": "Done" })).await;
    let (stale, envelope) = tokio::join!(
        world.slack.press_stale("U1", "C1", &ts, Press::starting("do:")),
        line.ack(Value::Null)
    );
    let stale = stale.expect("acknowledged");
    assert_eq!(envelope["payload"]["actions"][0]["value"], "p1");
    let (again, copy) =
        tokio::join!(world.slack.redeliver(&stale.envelope_id), line.ack(Value::Null));
    again.expect("acknowledged");
    assert_eq!(copy, envelope);
    let ts = world.card(&["Approve"]).await;
    let (forged, envelope) =
        tokio::join!(world.slack.press_forged("U9", "C1", &ts, "Approve"), line.ack(Value::Null));
    forged.expect("acknowledged");
    assert_eq!(envelope["payload"]["user"]["id"], "U9");
    assert_eq!(world.slack.complaints(), Vec::<String>::new());
}

fn modal() -> Value {
    let plain = |text: &str| json!({ "type": "plain_text", "text": text });
    let option = |value: &str| json!({ "text": plain(value), "value": value });
    json!({
        "type": "modal", "title": plain("Reject"), "submit": plain("Send"), "callback_id": "why",
        "private_metadata": "p1", "notify_on_close": true, "blocks": [
            { "type": "input", "block_id": "why", "label": plain("Why"), "element":
                { "type": "plain_text_input", "action_id": "text", "min_length": 2 } },
            { "type": "input", "block_id": "env", "label": plain("Where"), "element":
                { "type": "static_select", "action_id": "pick", "options": [option("a"), option("b")],
                  "initial_option": option("a") } },
            { "type": "input", "block_id": "many", "label": plain("How many"), "optional": true,
              "element": { "type": "number_input", "action_id": "count", "is_decimal_allowed": false,
                           "min_value": "1", "max_value": "10" } },
            { "type": "input", "block_id": "day", "label": plain("When"), "optional": true,
              "element": { "type": "datepicker", "action_id": "date" } },
        ],
    })
}

#[tokio::test]
async fn a_modal_is_opened_filled_in_corrected_and_closed() {
    let world = world().await;
    let mut line = world.connect().await;
    let ts = world.card(&["Reject"]).await;
    let (_, envelope) =
        tokio::join!(world.slack.press("U1", "C1", &ts, "Reject"), line.ack(Value::Null));
    let open = json!({ "trigger_id": envelope["payload"]["trigger_id"], "view": modal() });
    world.ok("views.open", open.clone()).await;
    assert_eq!(world.error("views.open", open).await, "exchanged_trigger_id");
    let view = world.slack.open_views("U1").pop().expect("a modal");

    let missing = world.slack.submit("U1", &view.id, &[]).await.expect_err("the why is missing");
    assert!(matches!(missing, UserActionError::Input(..)), "{missing}");
    // Slack's own client does not send a number that its input would not accept.
    for count in ["0", "11", "2.5", "two"] {
        let values = [("why", "no"), ("count", count)];
        let refused = world.slack.submit("U1", &view.id, &values).await;
        assert!(matches!(refused, Err(UserActionError::Input(..))), "{count}: {refused:?}");
    }
    let wrong = json!({ "response_action": "errors", "errors": { "why": "more, please" } });
    let values = [("why", "no"), ("pick", "b"), ("count", "10"), ("date", "2026-03-01")];
    let (_, envelope) = tokio::join!(world.slack.submit("U1", &view.id, &values), line.ack(wrong));
    let sent = &envelope["payload"]["view"];
    assert_eq!(sent["state"]["values"]["why"]["text"]["value"], "no");
    assert_eq!(sent["state"]["values"]["env"]["pick"]["selected_option"]["value"], "b");
    assert_eq!(sent["state"]["values"]["day"]["date"]["selected_date"], "2026-03-01");
    assert_eq!(sent["state"]["values"]["many"]["count"]["value"], "10");
    assert_eq!(sent["private_metadata"], "p1");
    let shown = world.slack.open_views("U1").pop().expect("it stays open");
    assert_eq!(shown.errors["why"], "more, please");
    let (closed, envelope) = tokio::join!(world.slack.close("U1", &view.id), line.ack(Value::Null));
    assert!(closed.expect("acknowledged").is_some());
    assert_eq!(envelope["payload"]["type"], "view_closed");
    assert_eq!(world.slack.open_views("U1"), []);
    assert_eq!(world.slack.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn a_trigger_expires_after_three_seconds_and_a_url_after_half_an_hour() {
    let world = world().await;
    let mut line = world.connect().await;
    let (_, envelope) =
        tokio::join!(world.slack.run_command("U1", "C1", "/patch"), line.ack(Value::Null));
    world.clock.advance(TimeDelta::seconds(3));
    let open = json!({ "trigger_id": envelope["payload"]["trigger_id"], "view": modal() });
    assert_eq!(world.error("views.open", open).await, "expired_trigger_id");
    world.clock.advance(TimeDelta::minutes(30));
    let url = envelope["payload"]["response_url"].as_str().expect("a url");
    assert_eq!(world.post_to(url, json!({ "text": "x" })).await.status(), 404);
}

#[tokio::test]
async fn a_command_may_be_answered_in_its_acknowledgement() {
    let world = world().await;
    let mut line = world.connect().await;
    let answer = json!({ "response_type": "in_channel", "text": "All well" });
    let (receipt, _) =
        tokio::join!(world.slack.run_command("U1", "C1", "/patch status"), line.ack(answer));
    receipt.expect("acknowledged");
    assert_eq!(plain_text(&world.slack.messages("C1")[0]), "All well");
    let unknown = world.slack.run_command("U1", "C1", "/deploy").await;
    assert_eq!(unknown, Err(UserActionError::NoCommand("/deploy".to_owned())));
}
