//! The client against moto: an implementation of Systems Manager that we did not write.
//!
//! moto has SendCommand (its commands end at once), ListCommands, the baseline of a patch group,
//! and maintenance windows with their targets. So these tests can follow an intent to its adoption,
//! and survey windows and baselines that moto stores. It has no patch states, no instance
//! information, no list of invocations, no cancelling, no GetPatchBaseline, GetDefaultPatchBaseline
//! or DescribeAvailablePatches, and no schedules or executions of windows. A survey takes those
//! from the script of [`crate::fleet`]; what needs more is tested against our own simulator, which
//! is itself checked against AWS's model of the API.

use std::process::Stdio;

use commands::fleet::node::{Invocations, NodeId};
use commands::id::{DispatchId, Operation, RunId};
use commands::run::{Dispatch, DispatchStatus};
use patchbot::aws::{SendOutcome, SendParameters};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use uuid::Uuid;

use super::*;
use crate::fleet::{fleet, now, systems_manager};

/// Starts moto on a port of its choice. It ends when the value is dropped.
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
            // moto keeps writing, and would block if nobody read its output.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            // The first request makes it load half of itself, for longer than a client with short
            // timeouts waits.
            ask(&address, "ListCommands", &json!({}));
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
        status: DispatchStatus::Intended,
        invocations: Invocations::new(),
        cancel_asked_at: None,
        more: vec![],
        reported: Default::default(),
        searched_at: None,
        outputs: None,
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

    let sent = aws.send(&environment(), &run, &first, &parameters, &open_gate()).await;
    let SendOutcome::Sent { command } = sent else { panic!("moto did not take it: {sent:?}") };
    let found = aws.find(&environment(), &run, &first).await.expect("it is read");
    assert_eq!(found, [command]);

    // The same comment with another snapshot, and the same snapshot with another comment.
    for other in [dispatch(1, 8), dispatch(2, 7)] {
        let found = aws.find(&environment(), &run, &other).await.expect("it is read");
        assert!(found.is_empty(), "{found:?}");
    }
    let again = aws.send(&environment(), &run, &first, &parameters, &open_gate()).await;
    assert!(matches!(again, SendOutcome::Sent { .. }), "moto knows no client token either");
    let both = aws.find(&environment(), &run, &first).await.expect("it is read");
    assert_eq!(both.len(), 2, "whoever sends twice has two commands: {both:?}");
}

/// The operations of a survey that moto has.
const HAS: [&str; 3] = [
    "DescribeMaintenanceWindows",
    "DescribeMaintenanceWindowTargets",
    "GetPatchBaselineForPatchGroup",
];

/// Calls moto without the SDK.
fn ask(address: &str, operation: &str, input: &Value) -> Value {
    let host = address.trim_start_matches("http://");
    let scope = "AKIDEXAMPLE/20260101/ap-northeast-1/ssm/aws4_request";
    let body = input.to_string();
    let request = format!(
        "POST / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nX-Amz-Target: AmazonSSM.{operation}\r\n\
         Content-Type: application/x-amz-json-1.1\r\nContent-Length: {}\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(host).expect("moto listens");
    stream.write_all(request.as_bytes()).expect("moto reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("moto answers");
    let (head, said) = answer.split_once("\r\n\r\n").expect("an answer");
    assert!(head.starts_with("HTTP/1.1 200"), "{operation}: {answer}");
    serde_json::from_str(said).expect("JSON")
}

/// Creates a window of three hours for the nodes with this tag; returns its id.
fn window(address: &str, name: &str, tag: &str, group: &str) -> String {
    let window = json!({
        "Name": name, "Schedule": "cron(0 17 ? * SUN *)", "Duration": 3, "Cutoff": 1,
        "AllowUnassociatedTargets": true,
    });
    let made = ask(address, "CreateMaintenanceWindow", &window);
    let id = made["WindowId"].as_str().expect("an id").to_owned();
    let target = json!({
        "WindowId": id, "ResourceType": "INSTANCE",
        "Targets": [{ "Key": format!("tag:{tag}"), "Values": [group] }],
    });
    ask(address, "RegisterTargetWithMaintenanceWindow", &target);
    id
}

#[tokio::test]
async fn a_survey_finds_the_windows_and_baselines_that_moto_keeps() {
    let (_server, address) = moto().await;
    let (ours, old) = (
        window(&address, "sunday", "PatchGroup", "web-verification"),
        window(&address, "old-tag", "Patch Group", "web-verification"),
    );
    let other = window(&address, "databases", "PatchGroup", "db");
    let baseline = json!({ "Name": "windows-of-the-web", "OperatingSystem": "WINDOWS" });
    let baseline = ask(&address, "CreatePatchBaseline", &baseline)["BaselineId"].clone();
    let registered = json!({ "BaselineId": baseline, "PatchGroup": "web-verification" });
    ask(&address, "RegisterPatchBaselineForPatchGroup", &registered);

    let keeper = address.clone();
    let (endpoint, log) = systems_manager(move |operation, input| match operation {
        known if HAS.contains(&known) => ask(&keeper, known, input),
        "DescribeMaintenanceWindowSchedule" => json!({ "ScheduledWindowExecutions": [
            { "WindowId": input["WindowId"], "Name": "of moto", "ExecutionTime": "2026-03-01T17:00Z" } ] }),
        other => fleet(other, input),
    });
    let asked = crate::windowed(&["sunday", "old-tag", "databases"]);
    let survey = connect(endpoint).await.survey(&asked, false, now()).await.expect("it is read");
    // Among the windows that moto lists, the bot reads a schedule for both of ours and for no
    // other.
    assert_eq!(survey.windows.len(), 3, "{:?}", survey.windows);
    let log = log.lock().expect("the log");
    let asked: Vec<&str> = log
        .iter()
        .filter(|(operation, _)| operation == "DescribeMaintenanceWindowSchedule")
        .filter_map(|(_, input)| input["WindowId"].as_str())
        .collect();
    assert!(asked.contains(&ours.as_str()) && asked.contains(&old.as_str()), "{asked:?}");
    assert!(!asked.contains(&other.as_str()), "another group's window: {asked:?}");
    // The bot reads the baseline that moto names for the group.
    let read = log.iter().filter(|(operation, _)| operation == "GetPatchBaseline");
    let read: Vec<&Value> = read.map(|(_, input)| &input["BaselineId"]).collect();
    assert!(read.contains(&&baseline), "{read:?} instead of {baseline}");
}
