//! Tests of what other people do in the same accounts.

use crate::support::{ACCOUNT, Aws, start};
use serde_json::{Value, json};
use simulators::aws::{Schedule, Window, WindowTask};
use simulators::seed::{Fleet, small};

#[tokio::test]
async fn a_window_lists_its_tasks_and_its_executions() {
    let schedule = Schedule::parse("cron(0 22 ? * TUE *)").unwrap();
    let world =
        Fleet::new(ACCOUNT, "us-east-1", start()).group("web").window("weekly", schedule, 3);
    let aws = Aws::of(world.build()).await;
    let windows = aws.ok("DescribeMaintenanceWindows", json!({})).await;
    let id = windows["WindowIdentities"][0]["WindowId"].as_str().unwrap();
    let ask = json!({ "WindowId": id });
    let tasks = async |ask: &Value| {
        aws.ok("DescribeMaintenanceWindowTasks", ask.clone()).await["Tasks"].clone()
    };
    assert_eq!(tasks(&ask).await, json!([]));
    let node = "i-01111000000000001";
    for task in [
        WindowTask::new("AWS-RunPatchBaseline", &[]),
        WindowTask::new("AWS-PatchInstanceWithRollback", &[node]),
    ] {
        assert!(aws.cloud.add_window_task(id, task));
    }
    let all = tasks(&ask).await;
    let targets = aws.ok("DescribeMaintenanceWindowTargets", ask.clone()).await;
    let registered = &targets["Targets"][0]["WindowTargetId"];
    let expected = json!([{ "Key": "WindowTargetIds", "Values": [registered] }]);
    assert_eq!((&all[0]["Type"], &all[0]["Targets"]), (&json!("RUN_COMMAND"), &expected));
    let expected = json!([{ "Key": "InstanceIds", "Values": [node] }]);
    assert_eq!((&all[1]["Type"], &all[1]["Targets"]), (&json!("AUTOMATION"), &expected));
    let filtered = |key: &str, value: &str| json!({ "WindowId": id, "Filters": [{ "Key": key, "Values": [value] }] });
    let kind = tasks(&filtered("TaskType", "AUTOMATION")).await;
    assert_eq!(kind.as_array().map(Vec::len), Some(1));
    for refused in [filtered("Status", "IN_PROGRESS"), json!({ "WindowId": id, "MaxResults": 9 })] {
        let code = aws.code("DescribeMaintenanceWindowTasks", refused).await;
        assert_eq!(code, "ValidationException");
    }

    let status = async || {
        let ask = json!({ "WindowId": id });
        let executions = aws.ok("DescribeMaintenanceWindowExecutions", ask).await;
        executions["WindowExecutions"][0]["Status"].clone()
    };
    assert!(aws.cloud.open_window(id));
    assert_eq!(status().await, "IN_PROGRESS");
    assert!(aws.cloud.close_window(id));
    assert_eq!(status().await, "SUCCESS");
    assert!(!aws.cloud.open_window("mw-00000000000000000"));
}

#[tokio::test]
async fn a_retagged_node_changes_its_group_and_foreign_commands_are_checked() {
    let aws = Aws::of(small(start(), 2)).await;
    let ids = aws.ids();
    let of_group = async |group: &str| {
        let filters = json!({ "Filters": [{ "Key": "tag:PatchGroup", "Values": [group] }] });
        let answer = aws.ok("DescribeInstanceInformation", filters).await;
        answer["InstanceInformationList"].as_array().map(Vec::len)
    };
    assert!(aws.cloud.retag(&ids[0], Some("db")));
    assert_eq!((of_group("web").await, of_group("db").await), (Some(1), Some(1)));
    assert!(aws.cloud.retag(&ids[0], None));
    assert_eq!((of_group("web").await, of_group("db").await), (Some(1), Some(0)));

    let sends = |id: &str| {
        let input = json!({
            "DocumentName": "AWS-RunPatchBaseline", "InstanceIds": [id],
            "Parameters": { "Operation": ["Scan"] },
        });
        aws.cloud.send_as_outsider(ACCOUNT, "us-east-1", input)
    };
    let command = sends(&ids[0]).expect("it is taken");
    let listed = aws.ok("ListCommands", json!({ "CommandId": command })).await;
    assert_eq!(listed["Commands"][0]["InstanceIds"], json!([ids[0]]));
    let refused = sends("i-0ffffffffffffffff").expect_err("it is refused");
    assert!(refused.starts_with("InvalidInstanceId: "), "{refused}");
}

#[tokio::test]
async fn a_window_is_moved_disabled_and_deleted_by_others() {
    let daily = Schedule::daily_at(22, 0);
    let world = Fleet::new(ACCOUNT, "us-east-1", start()).group("web").window("nightly", daily, 3);
    let aws = Aws::of(world.build()).await;
    let before = aws.cloud.windows().remove(0);
    let next = async || {
        let windows = aws.ok("DescribeMaintenanceWindows", json!({})).await;
        windows["WindowIdentities"][0]["NextExecutionTime"].clone()
    };
    assert_eq!(next().await, "2026-11-23T22:00Z");
    assert!(aws.cloud.redefine_window(&before.id, |window| {
        window.schedule = Schedule::daily_at(14, 0);
        window.duration_hours = 2;
    }));
    assert_eq!(next().await, "2026-11-23T14:00Z");
    assert!(aws.cloud.redefine_window(&before.id, |window| window.enabled = false));
    assert_eq!(next().await, Value::Null);
    // Neither the old time nor the new one opens it.
    aws.wait(24 * 3600);
    let ask = json!({ "WindowId": before.id });
    let executions = aws.ok("DescribeMaintenanceWindowExecutions", ask.clone()).await;
    assert_eq!(executions["WindowExecutions"], json!([]));
    assert!(aws.cloud.delete_window(&before.id));
    assert!(!aws.cloud.redefine_window(&before.id, |_| ()));
    let windows = aws.ok("DescribeMaintenanceWindows", json!({})).await;
    assert_eq!(windows["WindowIdentities"], json!([]));
    assert_eq!(aws.code("GetMaintenanceWindow", ask).await, "DoesNotExistException");
    aws.cloud.add_window(Window { id: "mw-0fedcba9876543210".into(), ..before });
    assert_eq!(next().await, "2026-11-24T22:00Z");
}

#[tokio::test]
async fn a_node_with_both_spellings_is_in_two_groups() {
    let aws = Aws::of(small(start(), 2)).await;
    let ids = aws.ids();
    let listed = async |key: &str, group: &str| {
        let filters = json!({ "Filters": [{ "Key": format!("tag:{key}"), "Values": [group] }] });
        let answer = aws.ok("DescribeInstanceInformation", filters).await;
        answer["InstanceInformationList"].as_array().map(Vec::len)
    };
    assert!(aws.cloud.tag(&ids[0], "Patch Group", Some("db")));
    assert_eq!(listed("PatchGroup", "web").await, Some(2));
    assert_eq!(listed("Patch Group", "db").await, Some(1));
    assert_eq!(listed("Patch Group", "web").await, Some(0));
    // Filters are joined by AND, and `tag-key` searches for a tag whatever its value.
    let ours = json!({ "Key": "tag:PatchGroup", "Values": ["web"] });
    let both = async |other: Value| {
        let answer = aws.ok("DescribeInstanceInformation", json!({ "Filters": [ours, other] }));
        let answer = answer.await;
        let listed = answer["InstanceInformationList"].as_array();
        listed.map(|nodes| nodes.iter().map(|node| node["InstanceId"].clone()).collect::<Vec<_>>())
    };
    let carries = |key: &str| json!({ "Key": "tag-key", "Values": [key] });
    assert_eq!(both(carries("Patch Group")).await, Some(vec![json!(ids[0])]));
    assert_eq!(both(carries("patch group")).await, Some(vec![]), "the case of a key counts");
    let same = json!({ "Key": "tag:Patch Group", "Values": ["web"] });
    assert_eq!(both(same).await, Some(vec![]));
    for wrong in ["tag-keys", "Tag Key", "tagKey", "tag:"] {
        let filters = json!({ "Filters": [ours, { "Key": wrong, "Values": ["Patch Group"] }] });
        let code = aws.code("DescribeInstanceInformation", filters).await;
        assert_eq!(code, "InvalidFilterKey", "{wrong}");
    }
    assert!(aws.cloud.tag(&ids[0], "Patch Group", None));
    assert_eq!(listed("Patch Group", "db").await, Some(0));
    assert_eq!(listed("PatchGroup", "web").await, Some(2));
}
