//! What is known about a command after each way in which a call can end.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::DateTime;
use commands::environment::RebootOption;
use commands::fleet::node::{Invocations, NodeId};
use commands::id::{DispatchId, Operation, RunId};
use commands::run::{Dispatch, DispatchStatus};
use commands::seconds::Seconds;
use patchbot::aws::{Aws, Gate, SendOutcome, SendParameters};

use crate::{answer, connect, environment, name, open_gate, serve, told};

async fn send_to(endpoint: String) -> SendOutcome {
    send_with(&connect(endpoint).await).await
}

pub(crate) async fn send_with(aws: &Aws) -> SendOutcome {
    send_through(aws, &open_gate()).await
}

pub(crate) async fn send_through(aws: &Aws, gate: &Gate) -> SendOutcome {
    let run = RunId::new(name(), 3);
    let id = DispatchId { wave: 0, operation: Operation::Install, chunk: 0, attempt: 1 };
    let dispatch = Dispatch {
        snapshot: uuid::Uuid::from_u128(7),
        id,
        nodes: vec![NodeId("i-0123456789abcdef0".into())],
        intent_at: DateTime::UNIX_EPOCH,
        token: 1,
        status: DispatchStatus::Intended,
        invocations: Invocations::new(),
        cancel_asked_at: None,
        more: vec![],
        reported: Default::default(),
        searched_at: None,
        outputs: None,
    };
    let parameters = SendParameters {
        reboot: RebootOption::NoReboot,
        override_location: Some("s3://lists/ab12.yaml".into()),
        delivery: Seconds(600),
        max_concurrency: None,
        max_errors: None,
    };
    aws.send(&environment(), &run, &dispatch, &parameters, gate).await
}

/// Answers every request with `answer`, or closes the connection without an answer; returns the
/// outcome. In each case AWS received exactly one call.
async fn check(answer: Option<String>) -> SendOutcome {
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let endpoint = serve(move |request| {
        assert!(request.contains("AmazonSSM.SendCommand"), "{request}");
        count.fetch_add(1, Ordering::SeqCst);
        answer.clone()
    });
    let outcome = send_to(endpoint).await;
    assert_eq!(asked.load(Ordering::SeqCst), 1, "SendCommand is never repeated");
    outcome
}

#[tokio::test]
async fn an_accepted_command_has_its_id() {
    let body = r#"{"Command":{"CommandId":"11111111-2222-3333-4444-555555555555"}}"#;
    let outcome = check(answer("200 OK", body)).await;
    let command = "11111111-2222-3333-4444-555555555555".into();
    assert_eq!(outcome, SendOutcome::Sent { command });
}

#[tokio::test]
async fn a_definite_refusal_says_what_it_means() {
    let outcome = check(answer("400 Bad Request", r#"{"__type":"InvalidInstanceId"}"#)).await;
    let SendOutcome::Refused { why, .. } = outcome else { panic!("{outcome:?}") };
    assert!(told(&why).contains("InvalidInstanceId"), "{why}");
    assert!(told(&why).contains("not managed"), "{why}");
}

#[tokio::test]
async fn a_missing_permission_names_its_action() {
    let body =
        r#"{"__type":"AccessDeniedException","Message":"no identity-based policy allows it"}"#;
    let outcome = check(answer("400 Bad Request", body)).await;
    let SendOutcome::Refused { why, .. } = outcome else { panic!("{outcome:?}") };
    assert!(told(&why).contains("ssm:SendCommand"), "{why}");
}

#[tokio::test]
async fn throttling_is_certainly_not_accepted() {
    let outcome = check(answer("400 Bad Request", r#"{"__type":"ThrottlingException"}"#)).await;
    assert!(matches!(outcome, SendOutcome::NotNow { .. }), "{outcome:?}");
}

#[tokio::test]
async fn silence_after_the_request_proves_nothing() {
    let outcome = check(None).await;
    assert!(matches!(outcome, SendOutcome::Uncertain { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_failing_service_may_have_begun() {
    for status in ["500 Internal Server Error", "503 Service Unavailable"] {
        let outcome = check(answer(status, r#"{"__type":"InternalServerError"}"#)).await;
        assert!(matches!(outcome, SendOutcome::Uncertain { .. }), "{outcome:?}");
    }
}

#[tokio::test]
async fn half_an_answer_is_none() {
    let whole =
        answer("200 OK", r#"{"Command":{"CommandId":"11111111-2222"}}"#).expect("an answer");
    for text in ["<html>a proxy</html>", "{}"] {
        let outcome = check(answer("200 OK", text)).await;
        assert!(matches!(outcome, SendOutcome::Uncertain { .. }), "{text}: {outcome:?}");
    }
    let outcome = check(Some(whole[..whole.len() - 10].to_owned())).await;
    assert!(matches!(outcome, SendOutcome::Uncertain { .. }), "{outcome:?}");
    let outcome = check(answer("403 Forbidden", "<html>a proxy</html>")).await;
    assert!(matches!(outcome, SendOutcome::Uncertain { .. }), "{outcome:?}");
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let nobody = listener.local_addr().expect("an address");
    drop(listener);
    for endpoint in [format!("http://{nobody}"), "http://ssm.invalid".into()] {
        let outcome = send_to(endpoint).await;
        assert!(matches!(outcome, SendOutcome::NotNow { .. }), "{outcome:?}");
    }
}
