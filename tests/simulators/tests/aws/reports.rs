//! Tests of what nodes report about their patches, including false reports.

use crate::support::{ACCOUNT, Aws, start};
use chrono::TimeDelta;
use serde_json::{Value, json};
use simulators::aws::{FalseReport, NodeFault, Os, Patch};
use simulators::seed::{Fleet, small};

fn send(ids: &[String], operation: &str) -> Value {
    json!({
        "DocumentName": "AWS-RunPatchBaseline",
        "InstanceIds": ids,
        "Parameters": { "Operation": [operation] },
    })
}

async fn state_of(aws: &Aws, id: &str) -> Value {
    let answer = aws.ok("DescribeInstancePatchStates", json!({ "InstanceIds": [id] })).await;
    answer["InstancePatchStates"][0].clone()
}

/// The id, title and state of each patch of a node.
async fn rows_of(aws: &Aws, id: &str) -> Vec<[String; 3]> {
    let answer = aws.ok("DescribeInstancePatches", json!({ "InstanceId": id })).await;
    let rows = answer["Patches"].as_array().unwrap();
    let word = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    rows.iter().map(|row| ["KBId", "Title", "State"].map(|key| word(row, key))).collect()
}

async fn status(aws: &Aws, command: &Value, id: &str) -> Value {
    let command = &command["Command"]["CommandId"];
    let ask = json!({ "CommandId": command, "InstanceId": id, "PluginName": "PatchLinux" });
    aws.ok("GetCommandInvocation", ask).await["StatusDetails"].clone()
}

#[tokio::test]
async fn a_node_can_report_failed_after_its_reboot_though_it_is_patched() {
    let aws = Aws::of(small(start(), 1)).await;
    let id = &aws.ids()[0];
    aws.cloud.fail_node(id, NodeFault::FailsAfterReboot);
    let install = aws.ok("SendCommand", send(&aws.ids(), "Install")).await;
    aws.wait(300);
    assert_eq!(status(&aws, &install, id).await, "Failed");
    assert_eq!(aws.cloud.installs_of(id), [["openssh.x86_64"]]);
    let scan = aws.ok("SendCommand", send(&aws.ids(), "Scan")).await;
    aws.wait(60);
    assert_eq!(status(&aws, &scan, id).await, "Success");
    let state = state_of(&aws, id).await;
    assert_eq!((&state["MissingCount"], &state["FailedCount"]), (&json!(0), &json!(0)));
}

#[tokio::test]
async fn what_a_baseline_does_not_approve_yet_is_an_available_security_update() {
    for (says, days, available) in [
        (Some("COMPLIANT"), 7, 1),
        (Some("NON_COMPLIANT"), 7, 1),
        (None, 7, 1),
        // What is approved is missing, and no longer available.
        (Some("COMPLIANT"), 0, 0),
    ] {
        let day = start() - TimeDelta::days(1);
        let mut world = Fleet::new(ACCOUNT, "us-east-1", start())
            .group("web")
            .patches([Patch::windows("KB5050001", "2026-11 Security Update", day)])
            .baselines()
            .nodes(Os::WindowsServer2022, "db", 1)
            .nodes(Os::Rhel9, "app", 1)
            .build();
        for baseline in &mut world.baselines {
            baseline.available_security_updates = says;
            baseline.approve_after_days = days;
        }
        let aws = Aws::of(world).await;
        let ids = aws.ids();
        ids.iter().for_each(|id| assert!(aws.cloud.foreign_scan(id), "{id}"));
        let state = state_of(&aws, &ids[0]).await;
        let counts = (&state["AvailableSecurityUpdateCount"], &state["MissingCount"]);
        assert_eq!(counts, (&json!(available), &json!(1 - available)));
        assert_eq!(state_of(&aws, &ids[1]).await["AvailableSecurityUpdateCount"], 0);
        // The baseline says how that counts, and only one for Windows can do so.
        let field = "AvailableSecurityUpdatesComplianceStatus";
        for (system, expected) in [("WINDOWS", says), ("REDHAT_ENTERPRISE_LINUX", None)] {
            let of = json!({ "PatchGroup": "web", "OperatingSystem": system });
            let found = aws.ok("GetPatchBaselineForPatchGroup", of).await;
            let ask = json!({ "BaselineId": found["BaselineId"] });
            let baseline = aws.ok("GetPatchBaseline", ask).await;
            assert_eq!(baseline[field].as_str(), expected, "{system}");
        }
    }
}

#[tokio::test]
async fn a_number_that_stays_has_new_content() {
    let definitions = |version: &str, days| {
        let day = start() - TimeDelta::days(days);
        Patch::windows("KB2267602", &format!("Definitions {version}"), day).replaces("KB2267602")
    };
    let world = Fleet::new(ACCOUNT, "us-east-1", start())
        .group("web")
        .patches([definitions("1", 2), definitions("2", 1)])
        .baselines()
        .nodes(Os::WindowsServer2022, "db", 1);
    let aws = Aws::of(world.build()).await;
    let id = &aws.ids()[0];
    let row = |version: &str, state: &str| {
        ["KB2267602".into(), format!("Definitions {version}"), state.to_owned()]
    };
    assert!(aws.cloud.foreign_scan(id));
    assert_eq!(rows_of(&aws, id).await, [row("2", "Missing")]);
    assert!(aws.cloud.patched_by_hand(id));
    assert_eq!(rows_of(&aws, id).await, [row("2", "Installed")]);
    aws.cloud.release(definitions("3", 0), start());
    assert!(aws.cloud.foreign_scan(id));
    assert!(rows_of(&aws, id).await.contains(&row("3", "Missing")));
}

#[tokio::test]
async fn nodes_report_falsely_until_they_report_truthfully() {
    let aws = Aws::of(small(start(), 1)).await;
    let id = &aws.ids()[0];
    let truth = (state_of(&aws, id).await, rows_of(&aws, id).await);
    for false_report in [
        FalseReport::Title { patch: "openssh.x86_64".into(), title: "*".into() },
        FalseReport::Count { field: "MissingCount".into(), count: 5 },
        FalseReport::Baseline("pb-0fedcba9876543210".into()),
    ] {
        assert!(aws.cloud.report_falsely(id, false_report));
    }
    let state = state_of(&aws, id).await;
    assert_eq!(state["MissingCount"], 5);
    assert_eq!(state["BaselineId"], "pb-0fedcba9876543210");
    assert_eq!(rows_of(&aws, id).await[0][1], "*");
    assert!(aws.cloud.report_falsely(id, FalseReport::Unlisted("Missing".into())));
    assert_eq!(rows_of(&aws, id).await, Vec::<[String; 3]>::new());
    assert!(aws.cloud.report_truthfully(id));
    assert_eq!((state_of(&aws, id).await, rows_of(&aws, id).await), truth);
}

#[tokio::test]
async fn a_node_joins_with_what_it_has() {
    let aws = Aws::of(small(start(), 1)).await;
    let first = &aws.ids()[0];
    assert!(aws.cloud.join_node(first, |spec| {
        spec.id = "i-0aaaaaaaaaaaaaaaa".into();
        spec.name = "web-09".into();
        spec.installed = ["openssh.x86_64".to_owned()].into();
    }));
    let filters = json!({ "Filters": [{ "Key": "tag:PatchGroup", "Values": ["web"] }] });
    let answer = aws.ok("DescribeInstanceInformation", filters).await;
    assert_eq!(answer["InstanceInformationList"].as_array().map(Vec::len), Some(2));
    let rows = rows_of(&aws, "i-0aaaaaaaaaaaaaaaa").await;
    assert_eq!(rows[0][2], "Installed");
    assert!(!aws.cloud.join_node("i-0ffffffffffffffff", |_| ()));
}
