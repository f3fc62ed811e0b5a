//! The client against moto: an implementation of Systems Manager that we did not write.
//!
//! moto has SendCommand (its commands end at once), ListCommands, patch baselines and maintenance
//! windows, so the way from an intent to its adoption can be walked. It has no patch states, no
//! instance information, no list of invocations and no cancelling: what needs those is held against
//! our own simulator, and that against AWS's model of the API.

use std::process::Stdio;

use commands::node::{Invocations, NodeId};
use commands::run::{Dispatch, DispatchId, DispatchStatus, Operation, RunId};
use patchbot::aws::{SendOutcome, SendParameters};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use uuid::Uuid;

use super::*;

/// Starts moto on a port of its choice. It ends with the value.
async fn moto() -> (Child, String) {
    let python = std::env::var("PATCHBOT_PYTHON")
        .expect("PATCHBOT_PYTHON is not set: use tests/run, which prepares a Python with moto");
    let mut server = Command::new(python)
        .args(["-m", "moto.server", "-p", "0"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("moto starts");
    let mut lines = BufReader::new(server.stderr.take().expect("it is piped")).lines();
    while let Some(line) = lines.next_line().await.expect("what moto says can be read") {
        if let Some((_, address)) = line.split_once("Running on ") {
            let address = address.trim().to_owned();
            // It goes on talking: whoever does not listen stops it.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return (server, address);
        }
    }
    panic!("moto has ended before it had a port");
}

fn dispatch(attempt: u32, snapshot: u128) -> Dispatch {
    Dispatch {
        id: DispatchId { wave: 0, operation: Operation::Install, chunk: 0, attempt },
        snapshot: Uuid::from_u128(snapshot),
        nodes: vec![NodeId("i-0123456789abcdef0".into())],
        intent_at: chrono::Utc::now(),
        token: 1,
        max_errors: None,
        status: DispatchStatus::Intended,
        invocations: Invocations::new(),
        cancel_asked_at: None,
        more: vec![],
        reported: Default::default(),
        searched_at: None,
    }
}

#[tokio::test]
async fn what_moto_took_is_found_again_by_both_marks_and_nothing_else_is() {
    let (_server, address) = moto().await;
    let aws = connect(address).await;
    let run: RunId = "verification-1".parse().expect("a run");
    let parameters = SendParameters {
        reboot: RebootOption::RebootIfNeeded,
        override_location: Some("s3://lists/ab12.yaml".into()),
        delivery: Seconds(600),
        max_concurrency: Some("1".into()),
        max_errors: Some("0".into()),
    };
    let first = dispatch(1, 7);
    let before = aws.find(&environment(), &run, &first).await.expect("it is read");
    assert!(before.is_empty(), "{before:?}");

    let sent = aws.send(&environment(), &run, &first, &parameters).await;
    let SendOutcome::Sent { command } = sent else { panic!("moto did not take it: {sent:?}") };
    let found = aws.find(&environment(), &run, &first).await.expect("it is read");
    assert_eq!(found, [command]);

    // The same comment with another snapshot, and the same snapshot under another comment.
    for other in [dispatch(1, 8), dispatch(2, 7)] {
        let found = aws.find(&environment(), &run, &other).await.expect("it is read");
        assert!(found.is_empty(), "{found:?}");
    }
    let again = aws.send(&environment(), &run, &first, &parameters).await;
    assert!(matches!(again, SendOutcome::Sent { .. }), "moto knows no client token either");
    let both = aws.find(&environment(), &run, &first).await.expect("it is read");
    assert_eq!(both.len(), 2, "whoever sends twice has two commands: {both:?}");
}
