//! Commands on their way when a person stops everything, or the lease is lost: none of them leaves,
//! however far it has come.

use std::sync::{Arc, Mutex};

use commands::fleet::node::NodeId;
use commands::id::RunId;
use commands::run::MaySend;
use patchbot::aws::{Gate, Held, SendOutcome};

use crate::role::{ASSUMED, ROLE};
use crate::send::send_through;
use crate::{answer, connect, connect_as, environment, name, open_gate, serve};

/// The calls in order.
type Asked = Arc<Mutex<Vec<String>>>;

/// Serves AWS. When the request that contains `when` arrives, `then` runs before the response.
fn interrupted(when: &'static str, then: impl Fn() + Send + 'static) -> (String, Asked) {
    let asked = Asked::default();
    let log = Arc::clone(&asked);
    let endpoint = serve(move |request| {
        let operations = ["AssumeRole", "SendCommand", "CancelCommand", "ListCommandInvocations"];
        let operation = operations.into_iter().find(|operation| request.contains(operation));
        log.lock().expect("the log").extend(operation.map(str::to_owned));
        if request.contains(when) {
            then();
        }
        match operation {
            Some("AssumeRole") => answer("200 OK", ASSUMED),
            Some("SendCommand") => answer(
                "200 OK",
                r#"{"Command":{"CommandId":"11111111-2222-3333-4444-555555555555"}}"#,
            ),
            _ => answer("200 OK", "{}"),
        }
    });
    (endpoint, asked)
}

fn count(asked: &Asked, operation: &str) -> usize {
    asked.lock().expect("the log").iter().filter(|one| *one == operation).count()
}

#[tokio::test]
async fn a_scan_that_is_stopped_midway_sends_no_further_part_and_cancels_what_waits() {
    let gate = open_gate();
    let emergency_stop = gate.clone();
    let (endpoint, asked) = interrupted("SendCommand", move || emergency_stop.stopped(true));
    let aws = connect(endpoint).await;
    let nodes: Vec<NodeId> = (0..320).map(|n| NodeId(format!("i-{n:03}"))).collect();
    let scanned = aws.scan(&environment(), &nodes, "test", &gate).await.expect("it was begun");
    assert_eq!(scanned.held, Some(Held::Stopped));
    assert_eq!(count(&asked, "SendCommand"), 1, "the one that was on the wire");
    assert_eq!(count(&asked, "CancelCommand"), 1);
}

#[tokio::test]
async fn a_scan_goes_no_further_once_a_run_is_near_or_the_lease_is_lost() {
    for (then, held) in [
        ((|gate| near(&gate)) as fn(Gate), Held::RunNear),
        (|gate| gate.lease_is_lost(), Held::NoLease),
    ] {
        let gate = open_gate();
        let changed = gate.clone();
        let (endpoint, asked) = interrupted("SendCommand", move || then(changed.clone()));
        let aws = connect(endpoint).await;
        let nodes: Vec<NodeId> = (0..120).map(|n| NodeId(format!("i-{n:03}"))).collect();
        let scanned = aws.scan(&environment(), &nodes, "test", &gate).await.expect("it was begun");
        assert_eq!(scanned.held, Some(held));
        assert_eq!(count(&asked, "SendCommand"), 1);
    }
}

fn near(gate: &Gate) {
    let near_from = Some(chrono::Utc::now());
    gate.allows(&RunId::new(name(), 5), MaySend { near_from, ..MaySend::default() });
}

#[tokio::test]
async fn what_waits_for_credentials_when_everything_is_stopped_does_not_leave() {
    for then in [
        (|gate| gate.stopped(true)) as fn(Gate),
        |gate| gate.lease_is_lost(),
        // Only the run is stopped.
        |gate| gate.allows(&RunId::new(name(), 3), MaySend { scans: true, ..MaySend::default() }),
    ] {
        let gate = open_gate();
        let changed = gate.clone();
        let (endpoint, asked) = interrupted("AssumeRole", move || then(changed.clone()));
        let outcome = send_through(&connect_as(Some(ROLE), endpoint).await, &gate).await;
        assert!(matches!(outcome, SendOutcome::Held { .. }), "{outcome:?}");
        assert_eq!((count(&asked, "AssumeRole"), count(&asked, "SendCommand")), (1, 0));
        gate.stopped(false);
    }
}

#[tokio::test]
async fn one_refused_node_does_not_blind_an_environment() {
    let bad = ["i-007", "i-033", "i-060"];
    for names in [true, false] {
        let endpoint = serve(move |request| {
            if request.contains("ListCommandInvocations") {
                return answer("200 OK", "{}");
            }
            let found: Vec<&str> = bad.into_iter().filter(|id| request.contains(id)).collect();
            if found.is_empty() {
                let id = uuid::Uuid::new_v4();
                return answer("200 OK", &format!(r#"{{"Command":{{"CommandId":"{id}"}}}}"#));
            }
            let text = match names {
                true => {
                    format!("Instances [[{}]] not in a valid state for account 1", found.join(", "))
                }
                false => String::new(),
            };
            let body = format!(r#"{{"__type":"InvalidInstanceId","Message":"{text}"}}"#);
            answer("400 Bad Request", &body)
        });
        let aws = connect(endpoint).await;
        let nodes: Vec<NodeId> = (0..70).map(|n| NodeId(format!("i-{n:03}"))).collect();
        let scanned =
            aws.scan(&environment(), &nodes, "test", &open_gate()).await.expect("most are scanned");
        let refused: Vec<&str> = scanned.refused.keys().map(|node| node.0.as_str()).collect();
        assert_eq!(refused, bad);
        assert!(scanned.refused.values().all(|why| why.cause.code() == Some("InvalidInstanceId")));
    }
}
