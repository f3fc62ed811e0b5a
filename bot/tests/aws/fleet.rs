//! What the bot reads from an environment, and which calls it makes for that.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use commands::fleet::node::{InvocationStatus, NodeId, Ping, Platform};
use commands::id::{DispatchId, Operation, RunId};
use commands::patch::PatchId;
use commands::patch::installed::Installed;
use commands::run::{Dispatch, DispatchStatus, comment};
use serde_json::{Value, json};

use crate::{answer, connect, environment, name, open_gate, serve};

/// Baselines that AWS provides are named by their whole ARN.
const PROVIDED: &str = "arn:aws:ssm:ap-northeast-1:111122223333:patchbaseline/pb-0";

pub(crate) type Log = Arc<Mutex<Vec<(String, Value)>>>;

/// A Systems Manager that answers each operation with the result of `say`, and the log of its
/// calls.
pub(crate) fn systems_manager(
    say: impl Fn(&str, &Value) -> Value + Send + 'static,
) -> (String, Log) {
    let (endpoint, log, _) = systems_manager_that_denies("nothing", say);
    (endpoint, log)
}

/// A Systems Manager that denies an operation while the flag is set, as it is at first.
pub(crate) fn systems_manager_that_denies(
    denied: &'static str,
    say: impl Fn(&str, &Value) -> Value + Send + 'static,
) -> (String, Log, Arc<AtomicBool>) {
    let flag = Arc::new(AtomicBool::new(true));
    let denies = Arc::clone(&flag);
    let log = Log::default();
    let asked = Arc::clone(&log);
    let endpoint = serve(move |request| {
        let (head, body) = request.split_once("\r\n\r\n").expect("a request");
        let target = head.split_once("AmazonSSM.").expect("an operation").1;
        let operation = target.lines().next().expect("a line").trim().to_owned();
        let input: Value = serde_json::from_str(body).expect("JSON");
        let denied = operation == denied && denies.load(Ordering::SeqCst);
        let output = (!denied).then(|| say(&operation, &input));
        asked.lock().expect("the log").push((operation, input));
        match output {
            Some(output) => answer("200 OK", &output.to_string()),
            None => answer("400 Bad Request", r#"{"__type":"AccessDeniedException"}"#),
        }
    });
    (endpoint, log, flag)
}

/// Two nodes over two pages. The spelling of the states is the service's, not the model's.
pub(crate) fn fleet(operation: &str, input: &Value) -> Value {
    let old_tag = input["Filters"][0]["Key"] == "tag:Patch Group";
    let both_tags = input["Filters"][1].is_object();
    match operation {
        "DescribeInstanceInformation" if old_tag || both_tags => {
            json!({ "InstanceInformationList": [] })
        }
        "DescribeInstanceInformation" if input["NextToken"] == "2" => {
            json!({ "InstanceInformationList": [{
            "InstanceId": "i-0b", "PingStatus": "ConnectionLost", "PlatformType": "Windows",
            "PlatformName": "Microsoft Windows Server 2022 Datacenter" }] })
        }
        "DescribeInstanceInformation" => json!({ "NextToken": "2", "InstanceInformationList": [{
            "InstanceId": "i-0a", "PingStatus": "Online", "PlatformType": "Linux",
            "PlatformName": "Amazon Linux", "PlatformVersion": "2023", "ComputerName": "web-1.internal" }] }),
        "DescribeInstancePatchStates" if input["InstanceIds"][0] != "i-0a" => {
            json!({ "InstancePatchStates": [] })
        }
        "DescribeInstancePatchStates" | "DescribeInstancePatchStatesForPatchGroup" => {
            json!({ "InstancePatchStates": [{
            "InstanceId": "i-0a", "PatchGroup": "web-verification", "BaselineId": "pb-1",
            "SnapshotId": "521c3536-930c-4aa9-950e-01234567abcd", "Operation": "Scan",
            "OperationStartTime": 1_772_000_000.5, "OperationEndTime": 1_772_000_060.25,
            "InstalledCount": 1, "InstalledOtherCount": 1, "InstalledPendingRebootCount": 0,
            "InstalledRejectedCount": 0, "MissingCount": 1, "FailedCount": 0 }] })
        }
        // Patches in all states, as if the service did not know the filter: the client filters
        // again.
        "DescribeInstancePatches" => json!({ "Patches": [{
            "KBId": "openssl.x86_64", "Title": "openssl.x86_64:1:3.0.8-1.amzn2023.0.11",
            "Classification": "Security", "Severity": "Important", "State": "Missing",
            "InstalledTime": 0.0, "CVEIds": "CVE-2024-0727,CVE-2023-6237" }, {
            "KBId": "bash.x86_64", "Title": "bash.x86_64:0:5.2.15-1.amzn2023.0.2", "State": "Installed",
            "Classification": "Security", "Severity": "Low", "InstalledTime": 1_771_000_000.0 }, {
            "KBId": "sed.x86_64", "Title": "sed.x86_64:0:4.8-7.amzn2023.0.2", "State": "InstalledOther",
            "Classification": "", "Severity": "", "InstalledTime": 1_771_000_000.0 }] }),
        "DescribeMaintenanceWindows" => json!({ "WindowIdentities": [
            { "WindowId": "mw-0c50858d01aaaaaaa", "Name": "sunday", "Enabled": true, "Schedule": "cron(0 17 ? * SUN *)", "Duration": 4, "Cutoff": 1 },
            { "WindowId": "mw-0c50858d01bbbbbbb", "Name": "other", "Enabled": true, "Schedule": "rate(7 days)", "Duration": 4, "Cutoff": 1 } ] }),
        "DescribeMaintenanceWindowTargets" => {
            let ours = input["WindowId"] == "mw-0c50858d01aaaaaaa";
            let group = if ours { "web-verification" } else { "db" };
            json!({ "Targets": [{ "Targets": [{ "Key": "tag:PatchGroup", "Values": [group] }] }] })
        }
        "DescribeMaintenanceWindowSchedule" => json!({ "ScheduledWindowExecutions": [
            { "WindowId": "mw-0c50858d01aaaaaaa", "Name": "sunday", "ExecutionTime": "2026-03-08T17:00Z" },
            { "WindowId": "mw-0c50858d01aaaaaaa", "Name": "sunday", "ExecutionTime": "2026-03-01T17:00Z" } ] }),
        // A group that is registered with no baseline, so that each system's default applies.
        "GetPatchBaselineForPatchGroup" => json!({ "PatchGroup": input["PatchGroup"] }),
        "GetDefaultPatchBaseline" => {
            let id = format!("{PROVIDED}{}", input["OperatingSystem"].as_str().expect("a system"));
            json!({ "BaselineId": id })
        }
        "GetPatchBaseline" if input["BaselineId"] == format!("{PROVIDED}WINDOWS") => {
            json!({ "BaselineId": input["BaselineId"],
            "Name": "AWS-DefaultPatchBaseline", "ModifiedDate": 1_700_000_000.5,
            "ApprovalRules": { "PatchRules": [{ "ApproveAfterDays": 7,
                "PatchFilterGroup": { "PatchFilters": [{ "Key": "PRODUCT", "Values": ["*"] }] } }] } })
        }
        "GetPatchBaseline" => json!({ "BaselineId": input["BaselineId"],
            "Name": "AWS-AmazonLinux2023DefaultPatchBaseline" }),
        "DescribeAvailablePatches" if input["NextToken"] == "2" => json!({ "Patches": [] }),
        "DescribeAvailablePatches" => json!({ "NextToken": "2", "Patches": [{
            "Id": "fe6bd8c2-3752-4c8b-ab3e-1a7ed08767ba", "KbNumber": "KB5077793",
            "Title": "2026-02 Cumulative Update (KB5077793)", "ReleaseDate": 1_771_900_000.0,
            "ContentUrl": "https://support.microsoft.com/help/5077793",
            "Product": "WindowsServer2022", "Classification": "SecurityUpdates",
            "MsrcSeverity": "Critical" }] }),
        operation => panic!("{operation} was not expected"),
    }
}

pub(crate) fn now() -> DateTime<Utc> {
    "2026-02-26T00:00:00Z".parse().expect("a time")
}

#[tokio::test]
async fn a_survey_holds_nodes_patches_and_windows() {
    let (endpoint, log) = systems_manager(fleet);
    let aws = connect(endpoint).await;
    let survey = aws.survey(&environment(), true, now()).await.expect("it is read");
    let web = &survey.nodes[&NodeId("i-0a".into())];
    assert_eq!(
        (web.name.as_str(), web.platform, web.ping),
        ("web-1.internal", Platform::Linux, Ping::Online)
    );
    let state = web.state.as_ref().expect("it reported");
    assert_eq!((state.counts.missing, state.counts.pending_reboot), (Some(1), Some(0)));
    assert!(state.ended_at.is_some() && state.snapshot.is_some());
    assert_eq!(web.missing, [PatchId("openssl.x86_64".into())].into());
    let there = [
        ("bash.x86_64", "bash.x86_64:0:5.2.15-1.amzn2023.0.2"),
        ("sed.x86_64", "sed.x86_64:0:4.8-7.amzn2023.0.2"),
    ];
    let there = there.map(|(id, title)| Installed { id: PatchId(id.into()), title: title.into() });
    assert_eq!(web.installed, there.into(), "whether the baseline asks for it or not");
    assert!(web.listed_as_counted);
    assert_eq!(survey.patches[&PatchId("openssl.x86_64".into())].cves.known().len(), 2);
    let silent = &survey.nodes[&NodeId("i-0b".into())];
    assert_eq!(
        (silent.name.as_str(), silent.ping, &silent.state),
        ("i-0b", Ping::ConnectionLost, &None)
    );
    assert_eq!(survey.windows, [], "it may be bound to none, so none is asked for");
    let asked = crate::windowed(&["sunday", "never"]);
    let (endpoint, of_windows) = systems_manager(fleet);
    let windows = connect(endpoint).await.survey(&asked, false, now()).await;
    let windows = windows.expect("it is read").windows;
    let opens: Vec<String> =
        windows.iter().flat_map(|window| &window.upcoming).map(|at| at.to_rfc3339()).collect();
    assert_eq!(opens, ["2026-03-01T17:00:00+00:00", "2026-03-08T17:00:00+00:00"]);
    let names: Vec<&str> = survey.baselines.iter().map(|found| found.name.as_str()).collect();
    assert_eq!(names, ["AWS-AmazonLinux2023DefaultPatchBaseline", "AWS-DefaultPatchBaseline"]);
    assert!(survey.baselines.iter().all(|baseline| baseline.is_default));
    assert_eq!(survey.baselines[1].approves_after_days, Some(7));
    let held_back = survey.held_back.as_deref().expect("the catalogue answered");
    assert_eq!(held_back[0].patch.id, PatchId("KB5077793".into()));
    assert_eq!(held_back[0].until.to_rfc3339(), "2026-03-03T02:26:40+00:00");
    let log = log.lock().expect("the log");
    let available = log.iter().find(|(operation, _)| operation == "DescribeAvailablePatches");
    assert_eq!(
        available.expect("it was asked").1,
        json!({ "MaxResults": 100, "Filters": [
            { "Key": "PATCH_SET", "Values": ["OS"] },
            { "Key": "PRODUCT", "Values": ["WindowsServer2022"] } ] })
    );
    let count = |name: &str| log.iter().filter(|(operation, _)| operation == name).count();
    assert_eq!(count("DescribeInstancePatchStatesForPatchGroup"), 1);
    assert_eq!(count("DescribeInstancePatchStates"), 1, "one never reported under the group");
    assert_eq!(count("DescribeInstancePatches"), 1, "all states of a node at once");
    assert_eq!(count("DescribeMaintenanceWindows"), 0, "nothing is bound to one");
    let log = of_windows.lock().expect("the log");
    let of_window = |(operation, _): &&(String, serde_json::Value)| {
        matches!(
            operation.as_str(),
            "DescribeMaintenanceWindowTargets" | "DescribeMaintenanceWindowSchedule"
        )
    };
    assert_eq!(log.iter().filter(of_window).count(), 2, "windows of other names are left alone");
}

#[tokio::test]
async fn a_catalogue_that_fails_is_unknown_and_never_empty() {
    let (endpoint, log, denies) = systems_manager_that_denies("DescribeAvailablePatches", fleet);
    let aws = connect(endpoint).await;
    let asked = || {
        let log = log.lock().expect("the log");
        log.iter().filter(|(operation, _)| operation == "DescribeAvailablePatches").count()
    };
    let look = async |minutes: i64| {
        let at = now() + TimeDelta::minutes(minutes);
        let survey = aws.survey(&environment(), false, at).await.expect("it is still true");
        assert_eq!(survey.patches.len(), 1);
        (survey.held_back.map(|held| held.len()), asked())
    };
    assert_eq!(look(0).await, (None, 1));
    assert_eq!(look(4).await, (None, 1), "it is left alone for a while");
    denies.store(false, Ordering::SeqCst);
    assert_eq!(look(6).await, (Some(1), 3), "two pages");
    denies.store(true, Ordering::SeqCst);
    assert_eq!(look(65).await, (Some(1), 3), "it is fresh for an hour");
    assert_eq!(look(67).await, (Some(1), 4), "what was read before serves while it fails");
}

#[tokio::test]
async fn without_its_baselines_there_is_no_survey() {
    let (endpoint, _, _) = systems_manager_that_denies("GetPatchBaseline", fleet);
    let aws = connect(endpoint).await;
    let error = aws.survey(&environment(), false, now()).await.expect_err("it is not known");
    let hint = error.hint().expect("a hint");
    assert_eq!(hint, "The read role of verification lacks ssm:GetPatchBaseline");
}

#[tokio::test]
async fn throttled_reads_are_asked_again() {
    let refused = Mutex::new(false);
    let endpoint = serve(move |request| {
        assert!(request.contains("ListCommandInvocations"), "{request}");
        let mut refused = refused.lock().expect("a flag");
        if !std::mem::replace(&mut *refused, true) {
            return answer("400 Bad Request", r#"{"__type":"ThrottlingException"}"#);
        }
        let invocations = json!({ "CommandInvocations": [
            { "InstanceId": "i-0a", "Status": "InProgress", "StatusDetails": "In Progress" },
            { "InstanceId": "i-0b", "Status": "TimedOut", "StatusDetails": "Delivery Timed Out" } ] });
        answer("200 OK", &invocations.to_string())
    });
    let aws = connect(endpoint).await;
    let command = "11111111-2222-3333-4444-555555555555";
    let heard = aws.invocations(&environment(), &[command.to_owned()]).await.expect("it is read");
    let expected = [
        (NodeId("i-0a".into()), InvocationStatus::InProgress),
        (NodeId("i-0b".into()), InvocationStatus::DeliveryTimedOut),
    ];
    assert_eq!(heard, expected.into());
}

#[tokio::test]
async fn a_command_is_found_by_both_its_marks_on_any_page() {
    let run = RunId::new(name(), 3);
    let id = DispatchId { wave: 0, operation: Operation::Install, chunk: 0, attempt: 1 };
    let snapshot = uuid::Uuid::from_u128(7);
    let mark = comment(&run, &id);
    let (endpoint, log) = systems_manager(move |_, input| match input["NextToken"] == "2" {
        false => json!({ "NextToken": "2", "Commands": [
            { "CommandId": "a-foreign-one", "Comment": mark, "Parameters": { "SnapshotId": ["x"] } } ] }),
        true => json!({ "Commands": [
            { "CommandId": "ours", "Comment": mark, "Parameters": { "SnapshotId": [snapshot.to_string()] } } ] }),
    });
    let dispatch = Dispatch {
        id,
        snapshot,
        nodes: vec![NodeId("i-0a".into())],
        intent_at: "2026-03-01T17:05:00Z".parse().expect("a time"),
        token: 1,
        status: DispatchStatus::Intended,
        invocations: Default::default(),
        cancel_asked_at: None,
        more: vec![],
        reported: Default::default(),
        searched_at: None,
        outputs: None,
    };
    let aws = connect(endpoint).await;
    let found = aws.find(&environment(), &run, &dispatch).await.expect("it is read");
    assert_eq!(found, ["ours"]);
    let filters = &log.lock().expect("the log")[0].1["Filters"];
    assert_eq!(filters[1], json!({ "key": "InvokedAfter", "value": "2026-02-28T17:05:00Z" }));
}

#[tokio::test]
async fn a_scan_goes_out_in_chunks_and_waits_for_all() {
    let looks = Mutex::new(0);
    let (endpoint, log) = systems_manager(move |operation, input| match operation {
        "SendCommand" => {
            json!({ "Command": { "CommandId": format!("command-of-{}", input["InstanceIds"][0]) } })
        }
        _ => {
            let mut looks = looks.lock().expect("a count");
            *looks += 1;
            let status = if *looks > 2 { "Success" } else { "Pending" };
            let id = input["CommandId"].as_str().expect("an id");
            let size = if id.contains("i-000") { 50 } else { 1 };
            let of =
                |n: usize| json!({ "InstanceId": format!("{id}-{n}"), "StatusDetails": status });
            json!({ "CommandInvocations": (0..size).map(of).collect::<Vec<_>>() })
        }
    });
    let aws = connect(endpoint).await;
    let nodes: Vec<NodeId> = (0..51).map(|n| NodeId(format!("i-{n:03}"))).collect();
    let heard = aws
        .scan(&environment(), &nodes, "2026-03-01", &open_gate())
        .await
        .expect("it is sent")
        .invocations;
    assert_eq!(heard.len(), 51);
    assert!(heard.values().all(|status| *status == InvocationStatus::Success));
    let log = log.lock().expect("the log");
    let sent: Vec<&Value> = log
        .iter()
        .filter(|(operation, _)| operation == "SendCommand")
        .map(|(_, input)| input)
        .collect();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0]["Comment"], "patchbot:scan:2026-03-01");
    assert_eq!(sent[0]["Parameters"]["Operation"], json!(["Scan"]));
    assert!(sent[0]["Parameters"]["InstallOverrideList"].is_null());
}

#[tokio::test]
async fn a_list_is_put_into_its_bucket() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let endpoint = serve(move |request| {
        log.lock().expect("the log").push(request.to_owned());
        let head = "HTTP/1.1 200 OK\r\netag: \"x\"\r\ncontent-length: 0\r\nconnection: close";
        Some(format!("{head}\r\n\r\n"))
    });
    let aws = connect(endpoint).await;
    let title = "bash.x86_64:0:5.2.15-1.amzn2023.0.2".into();
    let patches = [Installed { id: PatchId("bash.x86_64".into()), title }];
    let location = "s3://lists/production/ab12.yaml";
    aws.put_list(&environment(), location, &patches).await.expect("it is put");
    let seen = seen.lock().expect("the log");
    assert!(seen[0].starts_with("PUT /lists/production/ab12.yaml?"), "{}", seen[0]);
    assert!(seen[0].contains("Credential=AKIDEXAMPLE/"), "{}", seen[0]);
    assert!(seen[0].contains("title: 'bash.x86_64:0:5.2.15-1.amzn2023.0.2'"), "{}", seen[0]);
}

#[tokio::test]
async fn a_refused_list_names_the_permission() {
    let body = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    let endpoint = serve(move |_| answer("403 Forbidden", body));
    let aws = connect(endpoint).await;
    let patches = [Installed { id: PatchId("KB5041160".into()), title: "2024-08".into() }];
    let error = aws.put_list(&environment(), "s3://lists/ab12.yaml", &patches).await;
    let error = error.expect_err("it is refused");
    assert_eq!(error.code(), Some("AccessDenied"), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("s3:PutObject")));
}

#[tokio::test]
async fn what_is_asked_can_move_between_threads() {
    let (endpoint, _) = systems_manager(fleet);
    let aws = connect(endpoint).await;
    let task = tokio::spawn(async move {
        let survey = aws.survey(&environment(), false, now()).await?;
        let nodes: Vec<NodeId> = survey.nodes.into_keys().collect();
        aws.states(&environment(), &nodes).await
    });
    assert_eq!(task.await.expect("it ends").expect("it is read").len(), 1);
}
