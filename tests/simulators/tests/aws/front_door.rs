//! Tests of authentication, refusals, and faults on the way.

use crate::support::{ACCOUNT, Aws, start};
use chrono::TimeDelta;
use serde_json::{Value, json};
use simulators::aws::{Life, OpFault, Os, Outcome, Schedule};
use simulators::seed::{Fleet, small};

fn scan(ids: &[String]) -> Value {
    json!({
        "DocumentName": "AWS-RunPatchBaseline",
        "InstanceIds": ids,
        "Parameters": { "Operation": ["Scan"] },
    })
}

#[tokio::test]
async fn a_caller_sees_its_own_account_and_region_only() {
    let other = Fleet::new("222222222222", "us-east-1", start())
        .named("other", Some("secret"))
        .nodes(Os::Ubuntu2204, "far", 3);
    let mine = Fleet::new(ACCOUNT, "us-east-1", start()).nodes(Os::Ubuntu2204, "near", 2);
    let mut aws = Aws::of(mine.join(other).build()).await;
    let list = "InstanceInformationList";
    let count = |answer: Value| answer[list].as_array().unwrap().len();
    assert_eq!(count(aws.ok("DescribeInstanceInformation", json!({})).await), 2);

    let assume = "Action=AssumeRole&Version=2011-06-15&RoleSessionName=bot\
                  &RoleArn=arn%3Aaws%3Aiam%3A%3A222222222222%3Arole%2Fpatchbot";
    let (status, text) = aws.form(assume).await;
    assert_eq!((status, text.contains("<Code>AccessDenied</Code>")), (403, true), "{text}");
    let (status, text) = aws.form(&format!("{assume}&ExternalId=secret")).await;
    assert_eq!(status, 200, "{text}");
    let key = text.split_once("<AccessKeyId>").unwrap().1.split_once('<').unwrap().0;
    aws.key = key.to_owned();
    assert_eq!(count(aws.ok("DescribeInstanceInformation", json!({})).await), 3);

    let who = "Action=GetCallerIdentity&Version=2011-06-15";
    let (status, text) = aws.form(who).await;
    let arn = "<Arn>arn:aws:sts::222222222222:assumed-role/patchbot/bot</Arn>";
    assert!(status == 200 && text.contains("<Account>222222222222</Account>"), "{text}");
    assert!(text.contains(arn), "{text}");
    aws.cloud.swap_credentials("222222222222", "999999999999");
    let (_, text) = aws.form(who).await;
    assert!(text.contains("<Account>999999999999</Account>"), "{text}");
    assert!(text.contains("arn:aws:sts::999999999999:"), "{text}");
    assert_eq!(count(aws.ok("DescribeInstanceInformation", json!({})).await), 0);
    aws.cloud.restore_credentials("222222222222");
    assert_eq!(count(aws.ok("DescribeInstanceInformation", json!({})).await), 3);

    aws.region = "eu-west-1".into();
    assert_eq!(count(aws.ok("DescribeInstanceInformation", json!({})).await), 0);
    aws.key = "AKIAUNKNOWN".into();
    let code = aws.code("DescribeInstanceInformation", json!({})).await;
    assert_eq!(code, "UnrecognizedClientException");
}

#[tokio::test]
async fn what_the_model_does_not_allow_is_refused() {
    let aws = Aws::of(small(start(), 60)).await;
    let ids = aws.ids();
    let id = &ids[0];
    let patch_states = |max: i32| json!({ "InstanceIds": [id], "MaxResults": max });
    let with = |key: &str, value: Value| {
        let mut input = scan(&ids[..1]);
        input[key] = value;
        input
    };
    for (operation, input, code) in [
        ("DescribeInstancePatchStates", patch_states(9), "ValidationException"),
        ("DescribeInstancePatchStates", patch_states(101), "ValidationException"),
        ("DescribeInstancePatchStates", json!({}), "ValidationException"),
        ("DescribeInstancePatchStates", json!({ "InstanceIds": ids[..51] }), "ValidationException"),
        ("DescribeInstancePatchStates", json!({ "InstanceIds": "i" }), "SerializationException"),
        ("DescribeInstancePatchStates", json!({ "Instances": [] }), "SerializationException"),
        ("DescribeInstanceInformation", json!({ "MaxResults": 4 }), "ValidationException"),
        ("DescribeInstanceInformation", json!({ "NextToken": "x" }), "InvalidNextToken"),
        ("SendCommand", scan(&ids[..51]), "ValidationException"),
        ("SendCommand", with("Comment", json!("x".repeat(101))), "ValidationException"),
        ("SendCommand", with("TimeoutSeconds", json!(29)), "ValidationException"),
        ("SendCommand", with("MaxConcurrency", json!("0")), "ValidationException"),
        ("SendCommand", with("MaxErrors", json!("101%")), "ValidationException"),
        ("SendCommand", with("ClientToken", json!("x")), "SerializationException"),
        ("SendCommand", with("DocumentName", json!("AWS-RunShellScript")), "InvalidDocument"),
        ("SendCommand", with("DocumentVersion", json!("7")), "InvalidDocumentVersion"),
        ("SendCommand", with("InstanceIds", json!([id, id])), "DuplicateInstanceId"),
        ("SendCommand", with("InstanceIds", json!(["i-0123456789abcdef0"])), "InvalidInstanceId"),
        ("SendCommand", with("Parameters", json!({ "Operation": ["Go"] })), "InvalidParameters"),
        (
            "SendCommand",
            with("Parameters", json!({ "Operation": "Scan" })),
            "SerializationException",
        ),
        ("ListCommands", json!({ "MaxResults": 51 }), "ValidationException"),
        ("ListCommands", json!({ "Filters": [] }), "ValidationException"),
        ("ListCommands", json!({ "CommandId": ACCOUNT.repeat(3) }), "InvalidCommandId"),
        ("RebootEverything", json!({}), "UnknownOperationException"),
    ] {
        assert_eq!(aws.code(operation, input.clone()).await, code, "{operation} {input}");
    }
    assert!(aws.cloud.commands().is_empty());
    let refused = aws.ask("DescribeInstancePatchStates", patch_states(9)).await.unwrap_err();
    assert_eq!(
        refused.1,
        "1 validation error detected: Value '9' at 'maxResults' failed to satisfy constraint: \
         Member must have value greater than or equal to 10"
    );
}

#[tokio::test]
async fn tags_filter_and_are_not_combined() {
    let world = Fleet::new(ACCOUNT, "us-east-1", start())
        .group("a")
        .nodes(Os::Ubuntu2204, "a", 7)
        .group("b")
        .nodes(Os::WindowsServer2022, "b", 5);
    let aws = Aws::of(world.build()).await;
    let tag = json!({ "Key": "tag:PatchGroup", "Values": ["a"] });
    let windows = json!({ "Key": "PlatformTypes", "Values": ["Windows"] });
    let list = "InstanceInformationList";
    let ask = json!({ "Filters": [tag], "MaxResults": 5 });
    let first = aws.ok("DescribeInstanceInformation", ask).await;
    assert_eq!(first[list].as_array().unwrap().len(), 5);
    let ask = json!({ "Filters": [tag], "MaxResults": 5, "NextToken": first["NextToken"] });
    let second = aws.ok("DescribeInstanceInformation", ask).await;
    assert_eq!(second[list].as_array().unwrap().len(), 2);
    assert!(second.get("NextToken").is_none());
    let ask = json!({ "Filters": [windows] });
    let answer = aws.ok("DescribeInstanceInformation", ask).await;
    assert_eq!(answer[list].as_array().unwrap().len(), 5);
    let both = json!({ "Filters": [tag, windows] });
    assert_eq!(aws.code("DescribeInstanceInformation", both).await, "InvalidFilterKey");
}

#[tokio::test]
async fn a_stopped_node_is_omitted_and_refused() {
    let aws = Aws::of(small(start(), 2)).await;
    let ids = aws.ids();
    aws.cloud.set_life(&ids[0], Life::Stopped);
    let answer = aws.ok("DescribeInstanceInformation", json!({})).await;
    assert_eq!(answer["InstanceInformationList"].as_array().unwrap().len(), 1);
    assert_eq!(aws.code("SendCommand", scan(&ids)).await, "InvalidInstanceId");
}

#[tokio::test]
async fn faults_tell_done_from_not_done() {
    let aws = Aws::of(small(start(), 1)).await;
    let ids = aws.ids();
    for (fault, done, outcome) in [
        (OpFault::Throttle(1), 0, "ThrottlingException"),
        (OpFault::ServerErrorBefore(1), 0, "InternalServerError"),
        (OpFault::ServerErrorAfterAccept(1), 1, "InternalServerError"),
        (OpFault::ResetBefore(1), 1, "ConnectionClosed"),
        (OpFault::ResetAfter(1), 2, "ConnectionClosed"),
    ] {
        aws.cloud.fail_operation("SendCommand", fault);
        let answer = aws.raw("SendCommand", &scan(&ids)).await;
        match fault {
            OpFault::ResetBefore(_) | OpFault::ResetAfter(_) => assert!(answer.is_err()),
            OpFault::Throttle(_) => assert_eq!(answer.unwrap().status(), 400),
            _ => assert_eq!(answer.unwrap().status(), 500),
        }
        assert_eq!(aws.cloud.commands().len(), done, "{fault:?}");
        let last = aws.cloud.calls().pop().unwrap();
        assert_eq!(last.outcome, Outcome::Err(outcome.into()));
    }
    aws.ok("SendCommand", scan(&ids)).await;
    assert_eq!(aws.cloud.commands().len(), 3);
}

#[tokio::test]
async fn a_limit_throttles_each_operation_by_itself() {
    let aws = Aws::of(small(start(), 1)).await;
    aws.cloud.limit(2, 1.0);
    aws.ok("ListCommands", json!({})).await;
    aws.ok("ListCommands", json!({})).await;
    assert_eq!(aws.code("ListCommands", json!({})).await, "ThrottlingException");
    aws.ok("DescribeInstanceInformation", json!({})).await;
    aws.wait(1);
    aws.ok("ListCommands", json!({})).await;
}

#[tokio::test]
async fn a_windows_next_time_advances_as_soon_as_it_opens() {
    let schedule = Schedule::parse("cron(0 22 ? * TUE *)").unwrap();
    let world =
        Fleet::new(ACCOUNT, "us-east-1", start()).group("web").window("weekly", schedule, 3);
    let aws = Aws::of(world.build()).await;
    let windows = aws.ok("DescribeMaintenanceWindows", json!({})).await;
    let window = &windows["WindowIdentities"][0];
    assert_eq!(window["NextExecutionTime"], "2026-11-24T22:00Z");
    let ask = json!({ "WindowId": window["WindowId"] });
    let schedule = aws.ok("DescribeMaintenanceWindowSchedule", ask.clone()).await;
    let times = schedule["ScheduledWindowExecutions"].as_array().unwrap();
    assert_eq!(times[1]["ExecutionTime"], "2026-12-01T22:00Z");
    let targets = aws.ok("DescribeMaintenanceWindowTargets", ask.clone()).await;
    assert_eq!(targets["Targets"][0]["Targets"][0]["Values"], json!(["web"]));

    aws.clock.advance(TimeDelta::hours(35));
    let after = aws.ok("GetMaintenanceWindow", ask.clone()).await;
    assert_eq!(after["NextExecutionTime"], "2026-12-01T22:00Z");
    let executions = aws.ok("DescribeMaintenanceWindowExecutions", ask.clone()).await;
    assert_eq!(executions["WindowExecutions"][0]["Status"], "IN_PROGRESS");
    aws.clock.advance(TimeDelta::hours(3));
    let executions = aws.ok("DescribeMaintenanceWindowExecutions", ask.clone()).await;
    assert_eq!(executions["WindowExecutions"][0]["Status"], "SUCCESS");

    let disable = json!({ "WindowId": window["WindowId"], "Enabled": false });
    aws.ok("UpdateMaintenanceWindow", disable).await;
    aws.clock.advance(TimeDelta::days(8));
    let executions = aws.ok("DescribeMaintenanceWindowExecutions", ask).await;
    assert_eq!(executions["WindowExecutions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn commands_are_found_again_by_time_and_stage() {
    let aws = Aws::of(small(start(), 1)).await;
    let ids = aws.ids();
    aws.ok("SendCommand", scan(&ids)).await;
    aws.wait(600);
    aws.ok("SendCommand", scan(&ids)).await;
    let filters = [
        ("InvokedAfter", "2026-11-23T12:05:00Z", 1),
        ("InvokedBefore", "2026-11-23T12:05:00Z", 1),
        ("ExecutionStage", "Executing", 1),
        ("ExecutionStage", "Complete", 1),
        ("Status", "Success", 1),
        ("DocumentName", "AWS-RunPatchBaseline", 2),
        ("DocumentName", "AWS-RunShellScript", 0),
    ];
    for (key, value, count) in filters {
        let ask = json!({ "Filters": [{ "key": key, "value": value }] });
        let answer = aws.ok("ListCommands", ask).await;
        assert_eq!(answer["Commands"].as_array().unwrap().len(), count, "{key} {value}");
    }
}
