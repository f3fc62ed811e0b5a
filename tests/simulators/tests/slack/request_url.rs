//! Tests of HTTP mode: what an app gets at its request URL.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use simulators::slack::UserActionError;
use tokio::net::TcpListener;

use crate::app::{World, start, world};

/// An app that answers as it was told to, and keeps what it received. An answer that looks like
/// JSON gets that content type, unless it begins with a space.
#[derive(Clone, Default)]
struct Endpoint {
    answers: Arc<Mutex<VecDeque<(u16, &'static str)>>>,
    came: Arc<Mutex<Vec<(HeaderMap, String)>>>,
}

async fn hear(
    State(endpoint): State<Endpoint>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, [(&'static str, &'static str); 1], &'static str) {
    let body = String::from_utf8(body.to_vec()).expect("UTF-8");
    endpoint.came.lock().expect("a lock").push((headers, body));
    let answer = endpoint.answers.lock().expect("a lock").pop_front();
    let (status, words) = answer.unwrap_or((200, ""));
    let kind = if words.starts_with('{') { "application/json" } else { "text/plain" };
    (StatusCode::from_u16(status).expect("a status"), [("content-type", kind)], words)
}

impl Endpoint {
    async fn of(world: &World, answers: &[(u16, &'static str)]) -> Self {
        let endpoint = Self::default();
        endpoint.answers.lock().expect("a lock").extend(answers);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/slack", listener.local_addr().expect("an address"));
        let router = Router::new().route("/slack", post(hear)).with_state(endpoint.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        world.slack.call_at(&url, "secret");
        endpoint
    }

    /// A header of each received request.
    fn headers(&self, name: &str) -> Vec<String> {
        let came = self.came.lock().expect("a lock");
        let value = |headers: &HeaderMap| headers.get(name)?.to_str().ok().map(str::to_owned);
        came.iter().map(|(headers, _)| value(headers).unwrap_or_default()).collect()
    }

    fn bodies(&self) -> Vec<String> {
        self.came.lock().expect("a lock").iter().map(|(_, body)| body.clone()).collect()
    }
}

#[tokio::test]
async fn a_command_comes_as_a_signed_form_and_its_answer_is_shown() {
    let world = world().await;
    let endpoint = Endpoint::of(&world, &[(200, "Looking")]).await;
    world.slack.run_command("U1", "C1", "/patch prod 7").await.expect("an answer");
    assert_eq!(world.slack.ephemerals("U1")[0].text, "Looking");
    assert!(endpoint.bodies()[0].contains("command=%2Fpatch&"), "{:?}", endpoint.bodies());
    let time = start().timestamp().to_string();
    assert_eq!(endpoint.headers("x-slack-request-timestamp"), [time]);
    assert!(endpoint.headers("x-slack-signature")[0].starts_with("v0="));
    assert_eq!(endpoint.headers("x-slack-retry-num"), [""]);
}

#[tokio::test]
async fn a_person_of_another_team_carries_that_team() {
    let world = world().await;
    let endpoint = Endpoint::of(&world, &[]).await;
    let ts = world.card(&["Approve"]).await;
    let does = async |user: &str| {
        world.slack.run_command(user, "C1", "/patch prod 7").await.expect("an answer");
        world.slack.press(user, "C1", &ts, "Approve").await.expect("an answer");
        assert!(world.slack.open_home(user).await, "it was not heard");
    };
    does("U1").await;
    world.slack.set_home_team("U1", Some("T0OTHER"));
    does("U1").await;
    world.slack.set_home_team("U1", None);
    does("U1").await;
    let from_outside: Vec<bool> =
        endpoint.bodies().iter().map(|body| body.contains("T0OTHER")).collect();
    assert_eq!(from_outside, [[false; 3], [true; 3], [false; 3]].concat());
}

#[tokio::test]
async fn a_press_comes_as_a_form_with_a_payload_and_takes_no_answer() {
    let world = world().await;
    let endpoint = Endpoint::of(&world, &[(200, ""), (200, "{\"text\":\"x\"}")]).await;
    let ts = world.card(&["Approve"]).await;
    world.slack.press("U1", "C1", &ts, "Approve").await.expect("an answer");
    assert!(endpoint.bodies()[0].starts_with("payload=%7B"), "{:?}", endpoint.bodies());
    assert_eq!(world.slack.complaints(), Vec::<String>::new());
    world.slack.press("U1", "C1", &ts, "Approve").await.expect("an answer");
    assert_eq!(world.slack.complaints().len(), 1);
}

#[tokio::test]
async fn json_counts_only_where_it_is_called_so() {
    let world = world().await;
    let said = [(200, "{\"text\":\"Looking\"}"), (200, " {\"text\":\"Looking\"}"), (200, "{1")];
    let _endpoint = Endpoint::of(&world, &said).await;
    for (shown, complaints) in [("Looking", 0), (" {\"text\":\"Looking\"}", 1), ("{1", 2)] {
        world.slack.run_command("U1", "C1", "/patch").await.expect("an answer");
        let told = world.slack.ephemerals("U1").pop().expect("a line");
        assert_eq!((told.text.as_str(), world.slack.complaints().len()), (shown, complaints));
    }
}

#[tokio::test]
async fn an_event_comes_again_when_it_was_refused() {
    let world = world().await;
    let endpoint = Endpoint::of(&world, &[(500, ""), (200, "")]).await;
    assert!(world.slack.open_home("U1").await, "the second time");
    assert_eq!(endpoint.headers("x-slack-retry-num"), ["", "1"]);
    assert_eq!(endpoint.headers("x-slack-retry-reason"), ["", "http_error"]);
    assert_eq!(endpoint.headers("content-type"), ["application/json", "application/json"]);
    let bodies = endpoint.bodies();
    assert_eq!(bodies[0], bodies[1], "the same event");
}

#[tokio::test]
async fn a_person_reads_that_the_app_refused_or_is_gone() {
    let world = world().await;
    let _endpoint = Endpoint::of(&world, &[(401, "")]).await;
    let refused = world.slack.run_command("U1", "C1", "/patch").await;
    assert_eq!(refused.expect_err("no"), UserActionError::HttpStatus(401));
    let told = world.slack.ephemerals("U1").pop().expect("a line");
    assert_eq!(told.text, "`/patch` failed with the error \"http_client_error\"");
    // A port that was released.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/slack", listener.local_addr().expect("an address"));
    drop(listener);
    world.slack.call_at(&url, "secret");
    let gone = world.slack.run_command("U1", "C1", "/patch").await;
    assert_eq!(gone.expect_err("no"), UserActionError::DispatchFailed);
}

#[tokio::test]
async fn an_address_is_believed_when_it_gives_the_challenge_back() {
    let world = world().await;
    let _endpoint = Endpoint::of(&world, &[(200, "{\"challenge\":\"another\"}")]).await;
    assert!(!world.slack.verify_request_url().await);
}
