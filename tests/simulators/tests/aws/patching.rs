//! Tests of what nodes do with commands, over the wire.

use crate::support::{ACCOUNT, Aws, start};
use chrono::TimeDelta;
use serde_json::{Value, json};
use simulators::aws::{NodeFault, Os, Pace, Patch};
use simulators::seed::{Fleet, small};

const SNAPSHOT: &str = "01234567-89ab-cdef-0123-456789abcdef";

fn send(ids: &[String], operation: &str) -> Value {
    json!({
        "DocumentName": "AWS-RunPatchBaseline",
        "InstanceIds": ids,
        "Comment": "patchbot:1",
        "MaxErrors": "100%",
        "TimeoutSeconds": 600,
        "Parameters": { "Operation": [operation], "SnapshotId": [SNAPSHOT] },
    })
}

async fn state_of(aws: &Aws, id: &str) -> Value {
    let answer = aws.ok("DescribeInstancePatchStates", json!({ "InstanceIds": [id] })).await;
    answer["InstancePatchStates"][0].clone()
}

async fn patches_of(aws: &Aws, id: &str) -> Vec<(String, String)> {
    let answer = aws.ok("DescribeInstancePatches", json!({ "InstanceId": id })).await;
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let rows = answer["Patches"].as_array().unwrap();
    rows.iter().map(|row| (word(&row["KBId"]), word(&row["State"]))).collect()
}

async fn invocation(aws: &Aws, command: &Value, id: &str) -> Value {
    let ask = json!({
        "CommandId": command["CommandId"], "InstanceId": id, "PluginName": "PatchLinux",
    });
    aws.ok("GetCommandInvocation", ask).await
}

async fn command(aws: &Aws, input: Value) -> Value {
    aws.ok("SendCommand", input).await["Command"].clone()
}

#[tokio::test]
async fn an_install_goes_from_pending_over_a_reboot_to_success() {
    let aws = Aws::of(small(start(), 1)).await;
    let id = &aws.ids()[0];
    assert_eq!(patches_of(&aws, id).await, [("openssh.x86_64".into(), "Missing".into())]);
    let sent = command(&aws, send(&aws.ids(), "Install")).await;
    assert_eq!(sent["Status"], "Pending");
    aws.wait(2);
    assert_eq!(invocation(&aws, &sent, id).await["Status"], "InProgress");
    assert_eq!(aws.cloud.nodes()[0].activity.as_deref(), Some("installing"));
    aws.wait(120);
    assert_eq!(aws.cloud.nodes()[0].activity.as_deref(), Some("rebooting"));
    let answer = aws.ok("DescribeInstanceInformation", json!({})).await;
    assert_eq!(answer["InstanceInformationList"][0]["PingStatus"], "ConnectionLost");
    aws.wait(60);
    assert_eq!(invocation(&aws, &sent, id).await["StatusDetails"], "Success");
    assert_eq!(aws.cloud.installs_of(id), [["openssh.x86_64"]]);
    let state = state_of(&aws, id).await;
    assert_eq!(state["Operation"], "Install");
    assert_eq!(state["SnapshotId"], SNAPSHOT);
    assert_eq!(state["InstalledCount"], 1);
    assert_eq!(state["InstalledPendingRebootCount"], 0);
}

#[tokio::test]
async fn without_a_reboot_the_patch_is_pending_and_not_compliant() {
    let aws = Aws::of(small(start(), 1)).await;
    let id = &aws.ids()[0];
    let mut input = send(&aws.ids(), "Install");
    input["Parameters"]["RebootOption"] = json!(["NoReboot"]);
    command(&aws, input).await;
    aws.wait(125);
    let state = state_of(&aws, id).await;
    assert_eq!(state["InstalledPendingRebootCount"], 1);
    assert_eq!(state["RebootOption"], "NoReboot");
}

#[tokio::test]
async fn after_an_install_what_is_missing_shows_only_in_a_fresh_scan() {
    let aws = Aws::of(small(start(), 1)).await;
    let id = &aws.ids()[0];
    aws.cloud.fail_node(
        id,
        NodeFault::InstallFails { patch: None, once: true, stderr: "no space".into() },
    );
    let first = command(&aws, send(&aws.ids(), "Install")).await;
    aws.wait(300);
    let failed = invocation(&aws, &first, id).await;
    assert_eq!((&failed["Status"], &failed["ResponseCode"]), (&json!("Failed"), &json!(1)));
    assert_eq!(failed["StandardErrorContent"], "no space");
    assert_eq!(state_of(&aws, id).await["MissingCount"], 0);
    assert_eq!(state_of(&aws, id).await["FailedCount"], 1);
    command(&aws, send(&aws.ids(), "Scan")).await;
    aws.wait(60);
    assert_eq!(state_of(&aws, id).await["MissingCount"], 1);
    let retry = command(&aws, send(&aws.ids(), "Install")).await;
    aws.wait(300);
    assert_eq!(invocation(&aws, &retry, id).await["Status"], "Success");
}

#[tokio::test]
async fn a_silent_node_is_delayed_until_its_delivery_times_out() {
    let aws = Aws::of(small(start(), 2)).await;
    let ids = aws.ids();
    aws.cloud.fail_node(&ids[1], NodeFault::Silent);
    let sent = command(&aws, send(&ids, "Scan")).await;
    aws.wait(100);
    assert_eq!(invocation(&aws, &sent, &ids[0]).await["Status"], "Success");
    assert_eq!(invocation(&aws, &sent, &ids[1]).await["Status"], "Delayed");
    aws.wait(600);
    let late = invocation(&aws, &sent, &ids[1]).await;
    assert_eq!(late["StatusDetails"], "DeliveryTimedOut");
    assert_eq!(aws.cloud.commands()[0].status, "Incomplete");
}

#[tokio::test]
async fn a_node_lost_in_its_reboot_ends_with_the_execution_timeout() {
    let aws = Aws::of(small(start(), 1)).await;
    let id = &aws.ids()[0];
    aws.cloud.fail_node(id, NodeFault::LostInReboot);
    let sent = command(&aws, send(&aws.ids(), "Install")).await;
    aws.wait(7000);
    assert_eq!(invocation(&aws, &sent, id).await["Status"], "InProgress");
    assert_eq!(aws.cloud.nodes()[0].ping, "ConnectionLost");
    aws.wait(300);
    assert_eq!(invocation(&aws, &sent, id).await["StatusDetails"], "ExecutionTimedOut");
    aws.cloud.heal_node(id);
    assert_eq!(aws.cloud.nodes()[0].ping, "Online");
}

#[tokio::test]
async fn one_success_among_undeliverable_ones_makes_the_parent_a_success() {
    let aws = Aws::of(small(start(), 3)).await;
    let ids = aws.ids();
    for id in &ids[1..] {
        aws.cloud.fail_node(id, NodeFault::Undeliverable);
    }
    command(&aws, send(&ids, "Scan")).await;
    aws.wait(100);
    let answer = aws.ok("ListCommands", json!({})).await;
    assert_eq!(answer["Commands"][0]["Status"], "Success");
    let answer = aws.ok("ListCommandInvocations", json!({ "Details": true })).await;
    let rows = answer["CommandInvocations"].as_array().unwrap();
    let count = rows.iter().filter(|row| row["StatusDetails"] == "Undeliverable").count();
    assert_eq!(count, 2);
}

#[tokio::test]
async fn concurrency_and_errors_are_respected() {
    let aws = Aws::of(small(start(), 4)).await;
    let ids = aws.ids();
    let fault = NodeFault::InstallFails { patch: None, once: false, stderr: String::new() };
    aws.cloud.fail_node(&ids[0], fault);
    let mut input = send(&ids, "Install");
    input["MaxConcurrency"] = json!("1");
    input["MaxErrors"] = json!("0");
    command(&aws, input).await;
    aws.wait(50);
    let busy = aws.cloud.nodes().iter().filter(|node| node.activity.is_some()).count();
    assert_eq!(busy, 1);
    aws.wait(1000);
    let words: Vec<String> =
        aws.cloud.commands()[0].invocations.iter().map(|(_, word)| word.clone()).collect();
    assert_eq!(words, ["Failed", "Terminated", "Terminated", "Terminated"]);
    assert_eq!(aws.cloud.commands()[0].status, "Failed");
}

#[tokio::test]
async fn cancelling_stops_what_waits_and_lets_an_install_end() {
    let aws = Aws::of(small(start(), 2)).await;
    let mut input = send(&aws.ids(), "Install");
    input["MaxConcurrency"] = json!("1");
    let sent = command(&aws, input).await;
    aws.wait(10);
    aws.ok("CancelCommand", json!({ "CommandId": sent["CommandId"] })).await;
    assert_eq!(aws.cloud.commands()[0].status, "Cancelling");
    aws.wait(600);
    let words: Vec<String> =
        aws.cloud.commands()[0].invocations.iter().map(|(_, word)| word.clone()).collect();
    assert_eq!(words, ["Success", "Cancelled"]);
    assert_eq!(aws.cloud.commands()[0].status, "Cancelled");
}

#[tokio::test]
async fn an_override_list_installs_exactly_what_it_names() {
    let day = start() - TimeDelta::days(10);
    let curl = |evr: &str, day| Patch::package(Os::Rhel9, "curl", "x86_64", evr, day);
    let world = Fleet::new(ACCOUNT, "us-east-1", start())
        .group("web")
        .patches([
            curl("0:7.76.1-26.el9", day),
            curl("0:7.76.1-29.el9", day + TimeDelta::days(5)),
            Patch::package(Os::Rhel9, "libssh", "x86_64", "0:0.10.4-13.el9", day),
        ])
        .baselines()
        .bucket("overrides")
        .nodes(Os::Rhel9, "app", 1);
    let aws = Aws::of(world.build()).await;
    let list = "patches:\n  - id: 'curl.x86_64'\n    title: '*0:7.76.1-26.el9*'\n";
    assert_eq!(aws.put("overrides/run/list.yaml", list).await, 200);
    assert_eq!(aws.put("elsewhere/list.yaml", list).await, 404);
    let mut input = send(&aws.ids(), "Install");
    input["Parameters"]["InstallOverrideList"] = json!(["s3://overrides/run/list.yaml"]);
    command(&aws, input.clone()).await;
    aws.wait(600);
    assert_eq!(aws.cloud.installs_of(&aws.ids()[0]), [["curl.x86_64"]]);
    let state = state_of(&aws, &aws.ids()[0]).await;
    assert_eq!(state["InstallOverrideList"], "s3://overrides/run/list.yaml");
    // Compliance follows the baseline: the newer curl is still missing, and so is libssh.
    command(&aws, send(&aws.ids(), "Scan")).await;
    aws.wait(60);
    assert_eq!(state_of(&aws, &aws.ids()[0]).await["MissingCount"], 2);

    input["Parameters"]["InstallOverrideList"] = json!(["s3://overrides/gone.yaml"]);
    let sent = command(&aws, input).await;
    aws.wait(600);
    let failed = invocation(&aws, &sent, &aws.ids()[0]).await;
    assert_eq!((&failed["Status"], &failed["ResponseCode"]), (&json!("Failed"), &json!(1)));
    let output = failed["StandardOutputContent"].as_str().unwrap();
    assert!(
        output.contains("Unable to download file from S3: s3://overrides/gone.yaml"),
        "{output}"
    );
}

#[tokio::test]
async fn commands_and_states_may_show_late() {
    let mut world = small(start(), 1);
    let lag = TimeDelta::seconds(30);
    world.pace = Pace { command_lag: lag, state_lag: lag, ..Pace::default() };
    let aws = Aws::of(world).await;
    let id = &aws.ids()[0];
    let sent = command(&aws, send(&aws.ids(), "Scan")).await;
    let ask =
        json!({ "CommandId": sent["CommandId"], "InstanceId": id, "PluginName": "PatchLinux" });
    assert_eq!(aws.code("GetCommandInvocation", ask.clone()).await, "InvocationDoesNotExist");
    assert_eq!(aws.ok("ListCommands", json!({})).await["Commands"], json!([]));
    aws.wait(30);
    assert_eq!(aws.ok("GetCommandInvocation", ask).await["Status"], "Success");
    assert!(state_of(&aws, id).await.get("SnapshotId").is_none());
    aws.wait(30);
    assert_eq!(state_of(&aws, id).await["SnapshotId"], SNAPSHOT);
}

#[tokio::test]
async fn one_command_may_show_later_than_the_others() {
    let aws = Aws::of(small(start(), 1)).await;
    aws.cloud.lag_commands("late", TimeDelta::hours(1));
    for comment in ["late", "soon"] {
        let mut input = send(&aws.ids(), "Scan");
        input["Comment"] = json!(comment);
        command(&aws, input).await;
    }
    let comments = async || {
        let listed = aws.ok("ListCommands", json!({})).await["Commands"].take();
        let listed = listed.as_array().unwrap().clone();
        listed.iter().map(|c| c["Comment"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(comments().await, ["soon"]);
    aws.wait(3600);
    assert_eq!(comments().await, ["soon", "late"]);
}

#[tokio::test]
async fn a_command_is_forgotten_after_thirty_days() {
    let aws = Aws::of(small(start(), 1)).await;
    let id = &aws.ids()[0];
    let sent = command(&aws, send(&aws.ids(), "Scan")).await;
    let by_id = json!({ "CommandId": sent["CommandId"] });
    let one =
        json!({ "CommandId": sent["CommandId"], "InstanceId": id, "PluginName": "PatchLinux" });
    aws.clock.advance(TimeDelta::days(30));
    assert_eq!(aws.ok("ListCommands", json!({})).await["Commands"].as_array().unwrap().len(), 1);
    let rows = aws.ok("ListCommandInvocations", by_id.clone()).await;
    assert_eq!(rows["CommandInvocations"].as_array().unwrap().len(), 1);
    aws.ok("GetCommandInvocation", one.clone()).await;
    aws.wait(1);
    assert_eq!(aws.ok("ListCommands", json!({})).await["Commands"], json!([]));
    assert_eq!(aws.ok("ListCommandInvocations", json!({})).await["CommandInvocations"], json!([]));
    assert_eq!(aws.code("ListCommands", by_id.clone()).await, "InvalidCommandId");
    assert_eq!(aws.code("ListCommandInvocations", by_id).await, "InvalidCommandId");
    assert_eq!(aws.code("GetCommandInvocation", one).await, "InvocationDoesNotExist");
    // The node keeps the report of the command.
    assert_eq!(state_of(&aws, id).await["SnapshotId"], SNAPSHOT);
}

#[tokio::test]
async fn a_foreign_scan_overwrites_ours() {
    let aws = Aws::of(small(start(), 1)).await;
    let id = &aws.ids()[0];
    command(&aws, send(&aws.ids(), "Scan")).await;
    aws.wait(60);
    assert_eq!(state_of(&aws, id).await["SnapshotId"], SNAPSHOT);
    aws.cloud.foreign_scan(id);
    assert!(state_of(&aws, id).await.get("SnapshotId").is_none());
}

#[tokio::test]
async fn a_failed_scan_reports_minus_one_and_1970() {
    let aws = Aws::of(small(start(), 1)).await;
    let id = &aws.ids()[0];
    aws.cloud.fail_node(id, NodeFault::ScanFails);
    let sent = command(&aws, send(&aws.ids(), "Scan")).await;
    aws.wait(60);
    assert_eq!(invocation(&aws, &sent, id).await["Status"], "Failed");
    let state = state_of(&aws, id).await;
    assert_eq!((&state["MissingCount"], &state["OperationEndTime"]), (&json!(-1), &json!(0.0)));
}

#[tokio::test]
async fn a_released_patch_is_missing_from_the_next_scan_on() {
    let aws = Aws::of(small(start(), 1)).await;
    let id = &aws.ids()[0];
    let at = start() + TimeDelta::hours(1);
    let new = Patch::package(Os::AmazonLinux2023, "openssl", "x86_64", "1:3.0.8-1.amzn2023", at)
        .fixes(["CVE-2023-0286"]);
    aws.cloud.release(new, at);
    command(&aws, send(&aws.ids(), "Scan")).await;
    aws.wait(3600);
    assert_eq!(state_of(&aws, id).await["MissingCount"], 1);
    command(&aws, send(&aws.ids(), "Scan")).await;
    aws.wait(60);
    let filter = json!([{ "Key": "KBId", "Values": ["openssl.x86_64"] }]);
    let ask = json!({ "InstanceId": id, "Filters": filter });
    let answer = aws.ok("DescribeInstancePatches", ask).await;
    assert_eq!(answer["Patches"][0]["CVEIds"], "CVE-2023-0286");
    assert_eq!(answer["Patches"][0]["State"], "Missing");
}

#[tokio::test]
async fn the_cloud_announces_its_changes_by_itself() {
    let aws = Aws::of(small(start(), 1)).await;
    let runner = aws.cloud.clone();
    let running = tokio::spawn(async move { runner.run().await });
    command(&aws, send(&aws.ids(), "Scan")).await;
    let cloud = aws.cloud.clone();
    aws.clock.set_speed(1_000_000.0);
    let done = cloud.changes().until(std::time::Duration::from_secs(10), || {
        (cloud.commands()[0].status == "Success").then_some(())
    });
    assert_eq!(done.await, Some(()));
    running.abort();
}
