//! The preflight check just before a wave, in a simulated cloud in which others work too.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use commands::environment::Environment;
use commands::fleet::node::{NodeId, Ping, Platform};
use commands::fleet::presence::{Gone, Presence};
use commands::plan::{PatchPlan, Pin, PlannedNode};
use commands::run::Seen;
use commands::window::{MaintenanceWindow, WindowChange};
use serde_json::{Value, json};
use simulators::aws::{AssociationStage, Cloud, Life, NodeFault, NodeSpec, WindowTask};

use crate::environment;
use crate::simulated::{ACCOUNT, GROUP, NODE, REGION, cloud_of, start, world};

const OTHER: &str = "i-0123456789abcdef1";
const THIRD: &str = "i-0123456789abcdef2";
const WINDOW: &str = "mw-0123456789abcdef0";

pub(crate) fn ids(ids: &[&str]) -> Vec<NodeId> {
    ids.iter().map(|id| NodeId((*id).to_owned())).collect()
}

/// Three nodes of one group; the third has one more tag.
async fn three() -> (Cloud, simulators::clock::Clock, patchbot::aws::Aws) {
    let mut world = world();
    let node = world.nodes[0].clone();
    let mut third = NodeSpec { id: THIRD.into(), ..node.clone() };
    third.tags.insert("Rack".into(), "7".into());
    world.nodes.extend([NodeSpec { id: OTHER.into(), ..node }, third]);
    cloud_of(world).await
}

fn sends(cloud: &Cloud, whom: Value) {
    let mut input = json!({
        "DocumentName": "AWS-RunPatchBaseline", "Comment": "by hand",
        "Parameters": { "Operation": ["Install"] },
    });
    for (key, value) in whom.as_object().into_iter().flatten() {
        input[key] = value.clone();
    }
    cloud.send_as_outsider(ACCOUNT, REGION, input).expect("it is taken");
}

/// A plan for the three nodes.
fn plan(window: Option<MaintenanceWindow>) -> PatchPlan {
    let node = |id: &str| PlannedNode {
        id: NodeId(id.into()),
        name: id.into(),
        platform: Platform::Linux,
        system: String::new(),
        missing: 0,
        left_out: 0,
    };
    let Environment { name, account, region, patch_group, .. } = environment();
    PatchPlan {
        environment: name,
        account,
        region,
        patch_group,
        waves: vec![[NODE, OTHER, THIRD].map(node).to_vec()],
        patches: Vec::new(),
        left_out: Vec::new(),
        unclear: BTreeMap::new(),
        in_two_groups: BTreeMap::new(),
        baselines: Vec::new(),
        pin: Pin::First,
        reboot: environment().reboot,
        error_budget: 0,
        concurrency: None,
        on_drift: environment().on_drift,
        window,
        timeouts: environment().timeouts,
        soak: environment().soak,
        proof_lasts: environment().proof_lasts,
        decided_by: None,
        applied_overrides: None,
    }
}

pub(crate) async fn seen(aws: &patchbot::aws::Aws, nodes: &[&str]) -> Seen {
    let nodes = ids(nodes);
    let plan = plan(None);
    aws.preflight(&environment(), &plan, &nodes, &nodes, start()).await.expect("it is read")
}

/// On how many nodes each command has not ended.
async fn counts(aws: &patchbot::aws::Aws, nodes: &[&str]) -> Vec<u32> {
    seen(aws, nodes).await.commands.iter().map(|command| command.nodes).collect()
}

#[tokio::test]
async fn a_strangers_command_counts_while_it_has_not_ended_on_our_nodes() {
    let (cloud, clock, aws) = three().await;
    assert_eq!(seen(&aws, &[NODE]).await.commands, []);
    cloud.fail_node(OTHER, NodeFault::Silent);
    sends(&cloud, json!({ "InstanceIds": [NODE, OTHER] }));
    let before = seen(&aws, &[NODE, THIRD]).await.commands;
    let [command] = &before[..] else { panic!("{before:?}") };
    assert_eq!((command.nodes, command.document.as_str()), (1, "AWS-RunPatchBaseline"));
    assert_eq!((command.comment.as_str(), command.snapshot.as_deref()), ("by hand", None));
    assert_eq!(command.requested_at, Some(start()));
    assert_eq!(counts(&aws, &[NODE, OTHER]).await, [2]);
    assert_eq!(counts(&aws, &[THIRD]).await, [] as [u32; 0]);
    // It continues on a node that does not respond. Nodes on which it has ended are free.
    clock.advance(TimeDelta::minutes(30));
    assert_eq!(counts(&aws, &[NODE]).await, [] as [u32; 0]);
    assert_eq!(counts(&aws, &[NODE, OTHER]).await, [1]);
}

#[tokio::test]
async fn who_is_meant_by_a_tag_is_asked_for() {
    let (cloud, _, aws) = three().await;
    sends(&cloud, json!({ "Targets": [{ "Key": "tag:Rack", "Values": ["7"] }] }));
    assert_eq!(counts(&aws, &[NODE, OTHER]).await, [] as [u32; 0]);
    assert_eq!(counts(&aws, &[NODE, THIRD]).await, [1]);
    sends(&cloud, json!({ "Targets": [{ "Key": "tag:PatchGroup", "Values": [GROUP] }] }));
    assert_eq!(counts(&aws, &[NODE, OTHER]).await, [2]);
}

#[tokio::test]
async fn every_page_is_read() {
    let (cloud, _, aws) = three().await;
    sends(&cloud, json!({ "InstanceIds": [NODE] }));
    for _ in 0..60 {
        sends(&cloud, json!({ "InstanceIds": [OTHER] }));
    }
    assert_eq!(counts(&aws, &[NODE]).await, [1]);
    let calls = cloud.calls();
    let lists = calls.iter().filter(|call| call.operation == "ListCommands");
    let sizes: Vec<&Value> = lists.map(|call| &call.input["MaxResults"]).collect();
    assert_eq!(sizes, [50, 50], "the largest pages");
    let looked = calls.iter().filter(|call| call.operation == "ListCommandInvocations").count();
    assert_eq!(looked, 1, "commands on other nodes cost nothing");
}

#[tokio::test]
async fn a_window_counts_while_it_is_open_and_patches_our_nodes() {
    let (cloud, clock, aws) = three().await;
    let windows = async |nodes: &[&str]| seen(&aws, nodes).await.windows;
    cloud.open_window(WINDOW);
    assert_eq!(windows(&[NODE]).await, [], "it has no task");
    cloud.add_window_task(WINDOW, WindowTask::new("AWS-RunShellScript", &[]));
    assert_eq!(windows(&[NODE]).await, [], "nobody can tell what a script does");
    cloud.add_window_task(WINDOW, WindowTask::new("AWS-PatchInstanceWithRollback", &[OTHER]));
    assert_eq!(windows(&[NODE]).await, [], "it patches another node");
    let found = windows(&[NODE, OTHER]).await;
    assert_eq!((found[0].nodes, found[0].name.as_str()), (1, "sunday"));
    assert_eq!(found[0].document, "AWS-PatchInstanceWithRollback");
    assert_eq!(found[0].started_at, Some(start()));
    cloud.add_window_task(WINDOW, WindowTask::new("AWS-RunPatchBaseline", &[]));
    assert_eq!(windows(&[NODE, THIRD]).await[0].nodes, 2);
    cloud.close_window(WINDOW);
    assert_eq!(windows(&[NODE, OTHER]).await, []);
    clock.advance(TimeDelta::days(3));
    assert_eq!(windows(&[NODE]).await, [], "long ago");
}

#[tokio::test]
async fn nodes_are_there_or_gone_for_one_of_two_reasons() {
    let (cloud, _, aws) = three().await;
    cloud.fail_node(NODE, NodeFault::Silent);
    cloud.retag(OTHER, Some("db"));
    cloud.set_life(THIRD, Life::Terminated);
    let never = "i-0ffffffffffffffff";
    let nodes = seen(&aws, &[NODE, OTHER, THIRD, never]).await.nodes;
    let expected = [
        (NODE, Presence::Here(Ping::ConnectionLost)),
        (OTHER, Presence::Gone(Gone::Untagged)),
        (THIRD, Presence::Gone(Gone::NotManaged)),
        (never, Presence::Gone(Gone::NotManaged)),
    ];
    let expected = expected.map(|(id, presence)| (NodeId(id.to_owned()), presence));
    assert_eq!(nodes, expected.into());
}

#[tokio::test]
async fn when_all_are_found_nothing_more_is_asked() {
    let (cloud, _, aws) = three().await;
    seen(&aws, &[NODE, OTHER, THIRD]).await;
    let calls = cloud.calls();
    let asked = calls.iter().filter(|call| call.operation == "DescribeInstanceInformation");
    assert_eq!(asked.count(), 2, "who carries both tags, and not the older spelling");
}

/// What the simulated cloud does not carry out: other documents, other kinds of targets, and a
/// command so new that none of its nodes is listed.
#[tokio::test]
async fn every_document_that_patches_counts_and_whom_nobody_can_tell_does_not() {
    let command = |id: u32, document: &str, whom: Value| {
        let mut command = json!({
            "CommandId": format!("00000000-0000-4000-8000-{id:012}"), "DocumentName": document,
        });
        for (key, value) in whom.as_object().into_iter().flatten() {
            command[key] = value.clone();
        }
        command
    };
    let targets =
        |key: &str, values: &[&str]| json!({ "Targets": [{ "Key": key, "Values": values }] });
    let ours = json!({ "InstanceIds": [NODE] });
    let shared = "arn:aws:ssm:ap-northeast-1:111122223333:document/our-patches";
    let commands = json!([
        command(1, "AWS-InstallWindowsUpdates", ours.clone()),
        command(2, "AWS-RunShellScript", ours.clone()),
        command(3, "AWS-RunPatchBaselineWithHooks", targets("tag:PatchGroup", &[GROUP])),
        command(4, "AWS-RunPatchBaselineAssociation", targets("tag:PatchGroup", &["db"])),
        command(5, "AWS-ApplyPatchBaseline", targets("resource-groups:Name", &["all"])),
        command(6, "AWS-RunPatchBaseline", targets("instanceids", &[OTHER, NODE])),
        command(7, shared, ours),
    ]);
    let (endpoint, log) = crate::fleet::systems_manager(move |operation, input| match operation {
        "ListCommands" => {
            let stage = json!([{ "key": "ExecutionStage", "value": "Executing" }]);
            assert_eq!(input["Filters"], stage);
            json!({ "Commands": commands })
        }
        "ListCommandInvocations" => json!({ "CommandInvocations": [] }),
        "DescribeMaintenanceWindows" => json!({ "WindowIdentities": [
            { "WindowId": WINDOW, "Name": "off since", "Enabled": false } ] }),
        "DescribeMaintenanceWindowExecutions" => {
            assert_eq!(input["Filters"][0]["Key"], "ExecutedAfter");
            json!({ "WindowExecutions": [
                { "Status": "SKIPPED_OVERLAPPING" }, { "Status": "PENDING" } ] })
        }
        "DescribeMaintenanceWindowTasks" => json!({ "Tasks": [{
            "TaskArn": "AWS-RunPatchBaseline",
            "Targets": [{ "Key": "WindowTargetIds", "Values": ["t-2"] }] }] }),
        "DescribeMaintenanceWindowTargets" => {
            let target = |id: &str, key: &str, value: &str| {
                let targets = json!([{ "Key": key, "Values": [value] }]);
                json!({ "WindowTargetId": id, "Targets": targets })
            };
            let others = target("t-1", "tag:PatchGroup", GROUP);
            json!({ "Targets": [others, target("t-2", "tag:Rack", "7")] })
        }
        "DescribeInstanceInformation" => {
            json!({ "InstanceInformationList": [{ "InstanceId": NODE, "PingStatus": "Online" }] })
        }
        "ListAssociations" => json!({ "Associations": [] }),
        "DescribeMaintenanceWindowsForTarget" => {
            json!({ "WindowIdentities": [{ "WindowId": WINDOW, "Name": "sunday" }] })
        }
        operation => panic!("{operation} was not expected"),
    });
    let aws = crate::connect(endpoint).await;
    let found = seen(&aws, &[NODE]).await;
    let documents: Vec<&str> = found.commands.iter().map(|command| &*command.document).collect();
    let expected =
        ["AWS-InstallWindowsUpdates", "AWS-RunPatchBaselineWithHooks", "AWS-RunPatchBaseline"];
    assert_eq!(documents, expected);
    assert_eq!(found.windows.len(), 1, "what has begun goes on");
    let log = log.lock().expect("the log");
    let rack = log.iter().filter(|(_, input)| input["Filters"][0]["Key"] == "tag:Rack").count();
    assert_eq!(rack, 1, "whoever carries the tag is asked for");
}

#[tokio::test]
async fn an_association_counts_while_it_is_applied_and_patches_our_nodes() {
    let (cloud, clock, aws) = three().await;
    let found = async |nodes: &[&str]| {
        let seen = seen(&aws, nodes).await.associations;
        seen.into_iter().map(|one| (one.id, one.nodes)).collect::<Vec<_>>()
    };
    let add = |document: &str, targets: &[(&str, &[&str])]| {
        let id = cloud.add_association(ACCOUNT, REGION, "policy", document, targets);
        assert!(cloud.begin_association(&id, AssociationStage::InProgress));
        id
    };
    for (targets, one, two) in [
        (&[("InstanceIds", &["*"][..])][..], Some(Some(1)), Some(Some(2))),
        (&[("instanceids", &[THIRD])], None, Some(Some(1))),
        (&[("tag:PatchGroup", &[GROUP])], Some(Some(1)), Some(Some(2))),
        (&[("tag:Patch Group", &["db"])], None, None),
        (&[("tag:Rack", &["7"])], None, Some(Some(1))),
        (&[("tag:Rack", &["7"]), ("tag:PatchGroup", &["db"])], None, None),
        (&[("resource-groups:Name", &["fleet"])], Some(None), Some(None)),
    ] {
        let id = add("AWS-RunPatchBaseline", targets);
        let expected = |nodes: Option<Option<u32>>| {
            nodes.map(|nodes| (id.clone(), nodes)).into_iter().collect::<Vec<_>>()
        };
        assert_eq!(found(&[NODE]).await, expected(one), "{targets:?}");
        assert_eq!(found(&[NODE, THIRD]).await, expected(two), "{targets:?}");
        assert!(cloud.end_association(&id));
        assert_eq!(found(&[NODE, THIRD]).await, [], "{targets:?} has ended");
    }
    let all: &[(&str, &[&str])] = &[("InstanceIds", &["*"])];
    add("AWS-GatherSoftwareInventory", all);
    assert_eq!(found(&[NODE]).await, [], "it patches nothing");
    let hooks = add("AWS-RunPatchBaselineWithHooks", all);
    let said = seen(&aws, &[NODE]).await.associations.remove(0);
    assert_eq!((said.name.as_str(), said.started_at), ("policy", Some(start())));
    assert_eq!(said.document, "AWS-RunPatchBaselineWithHooks");
    // A later execution that ended says nothing about an earlier one.
    let pending = add("AWS-RunPatchBaselineAssociation", all);
    assert!(cloud.end_association(&pending));
    assert!(cloud.begin_association(&pending, AssociationStage::Pending));
    assert!(cloud.begin_association(&hooks, AssociationStage::Success));
    let both = found(&[NODE]).await;
    assert_eq!(both.len(), 2, "{both:?}");
    // The checks of these tests use a fixed time, whatever the cloud's clock says.
    let later = async |hours: i64| {
        let (nodes, now) = (ids(&[NODE]), start() + TimeDelta::hours(hours));
        let looked = aws.preflight(&environment(), &plan(None), &nodes, &nodes, now).await;
        let seen = looked.expect("it is read").associations;
        seen.into_iter().map(|one| one.id).collect::<Vec<_>>()
    };
    clock.advance(TimeDelta::minutes(1));
    assert_eq!(later(2).await, [hooks], "what never begins waits for nodes that are away");
    assert_eq!(later(13).await, [] as [String; 0]);
}

#[tokio::test]
async fn where_associations_may_not_be_looked_at_nothing_is_held_up() {
    for operation in ["ListAssociations", "DescribeAssociationExecutions"] {
        let say = |asked: &str, _: &Value| match asked {
            "ListAssociations" => json!({ "Associations": [{
                "Name": "AWS-RunPatchBaseline",
                "AssociationId": "00000000-0000-4000-8000-000000000000",
                "Targets": [{ "Key": "InstanceIds", "Values": ["*"] }] }] }),
            "DescribeInstanceInformation" => json!({ "InstanceInformationList": [
                { "InstanceId": NODE, "PingStatus": "Online" }] }),
            _ => json!({}),
        };
        let (endpoint, log, _) = crate::fleet::systems_manager_that_denies(operation, say);
        let aws = crate::connect(endpoint).await;
        assert_eq!(seen(&aws, &[NODE]).await.associations, [], "{operation}");
        let log = log.lock().expect("the log");
        let asked = log.iter().filter(|(asked, _)| asked == operation).count();
        assert_eq!(asked, 1, "it is not asked again and again");
    }
}

#[tokio::test]
async fn associations_cost_three_calls_and_one_for_each_that_is_near_up_to_twenty() {
    let (cloud, _, aws) = three().await;
    let calls = || {
        let is_one = |call: &&simulators::aws::Call| call.operation.contains("Association");
        cloud.calls().iter().filter(is_one).count()
    };
    let add = |targets: &[(&str, &[&str])]| {
        cloud.add_association(ACCOUNT, REGION, "policy", "AWS-RunPatchBaseline", targets)
    };
    seen(&aws, &[NODE]).await;
    assert_eq!(calls(), 3);
    for _ in 0..40 {
        add(&[("tag:PatchGroup", &["team"])]);
    }
    seen(&aws, &[NODE]).await;
    assert_eq!(calls(), 6, "those of other teams cost nothing");
    for _ in 0..40 {
        let old = add(&[("InstanceIds", &["*"])]);
        cloud.begin_association(&old, AssociationStage::Success);
    }
    seen(&aws, &[NODE]).await;
    assert_eq!(calls(), 6 + 3 + 1 + 20, "a second page, and no more than twenty");
}

/// 120 windows of other teams, with targets of their own.
fn other_teams(cloud: &Cloud) {
    let ours = cloud.windows().remove(0);
    for number in 0..120 {
        let mut other = ours.clone();
        other.id = format!("mw-{number:017x}");
        other.name = format!("team-{number}");
        other.patch_groups = vec![format!("team-{number}")];
        cloud.add_window(other);
    }
}

#[tokio::test]
async fn windows_of_other_teams_cost_next_to_nothing() {
    let (cloud, _, aws) = three().await;
    other_teams(&cloud);
    let of_windows = || {
        let is_one = |call: &&simulators::aws::Call| call.operation.contains("MaintenanceWindow");
        cloud.calls().iter().filter(is_one).count()
    };
    let environment = crate::windowed(&["sunday"]);
    let windows = aws.survey(&environment, false, start()).await.expect("it is read").windows;
    // Two pages of windows; the targets and the schedule of our own.
    assert_eq!(of_windows(), 4);
    let window = windows[0].occurrences().next().expect("it opens");
    let (before, nodes) = (of_windows(), ids(&[NODE]));
    let plan = plan(Some(window));
    let looked = aws.preflight(&environment, &plan, &nodes, &nodes, start()).await;
    assert_eq!(looked.expect("it is read").bound.len(), 1);
    // The same, and which windows are for the group, by both tags, and for the nodes, and whether
    // our own is open.
    assert_eq!(of_windows() - before, 8);
}

#[tokio::test]
async fn every_change_of_a_window_is_seen_before_a_wave() {
    let (cloud, _, aws) = three().await;
    let environment = crate::windowed(&["sunday"]);
    let windows = aws.survey(&environment, false, start()).await.expect("it is read").windows;
    let window = windows[0].occurrences().next().expect("it opens");
    let plan = plan(Some(window.clone()));
    let changes = async || {
        let nodes = ids(&[NODE]);
        let looked = aws.preflight(&environment, &plan, &nodes, &nodes, start()).await;
        window.changes(&looked.expect("it is read").bound, start())
    };
    assert_eq!(changes().await, []);
    assert_eq!(aws.bound_windows(&environment, &plan, start()).await.expect("it is read").len(), 1);
    let both: &[(&str, &[&str])] = &[("tag:PatchGroup", &[GROUP]), ("tag:Env", &["prod"])];
    let own: &[(&str, &[&str])] = &[("tag:PatchGroup", &[GROUP])];
    assert!(cloud.target_window(WINDOW, &[both]));
    assert!(matches!(changes().await.as_slice(), [WindowChange::NotReaching(_)]));
    assert!(cloud.target_window(WINDOW, &[both, own]));
    assert_eq!(changes().await, [], "targets are joined by OR");
    assert!(cloud.date_window(WINDOW, None, Some("2027-01-01T00:00:00Z"), Some(2)));
    assert_eq!(changes().await.len(), 2);
    assert!(cloud.date_window(WINDOW, None, None, None));
    assert!(cloud.redefine_window(WINDOW, |window| window.enabled = false));
    assert_eq!(changes().await, [WindowChange::Disabled]);
    assert!(cloud.redefine_window(WINDOW, |window| {
        window.enabled = true;
        window.cutoff_hours = 3;
        window.name = "saturday".into();
    }));
    assert_eq!(changes().await.len(), 2);
    assert!(cloud.redefine_window(WINDOW, |window| {
        window.cutoff_hours = 1;
        window.name = "sunday".into();
    }));
    let mut twin = cloud.windows().remove(0);
    twin.id = "mw-0000000000000002a".into();
    cloud.add_window(twin);
    assert!(matches!(changes().await.as_slice(), [WindowChange::Several(_)]));
    assert!(cloud.delete_window(WINDOW));
    assert_eq!(changes().await, [WindowChange::Deleted]);
}

#[tokio::test]
async fn a_window_that_was_off_over_its_opening_is_no_longer_the_one_of_the_votes() {
    let (cloud, clock, aws) = three().await;
    let environment = crate::windowed(&["sunday"]);
    let windows = aws.survey(&environment, false, start()).await.expect("it is read").windows;
    let window = windows[0].occurrences().next().expect("it opens");
    let plan = plan(Some(window.clone()));
    let read = async || {
        let read = aws.bound_windows(&environment, &plan, clock.now()).await;
        let read = read.expect("it is read");
        (window.changes(&read, clock.now()), window.changed_since(&read))
    };
    assert!(cloud.redefine_window(WINDOW, |window| window.enabled = false));
    assert_eq!(read().await, (vec![WindowChange::Disabled], None));
    clock.advance(window.opens_at - clock.now() + TimeDelta::minutes(30));
    assert!(cloud.redefine_window(WINDOW, |window| window.enabled = true));
    let at = clock.now();
    clock.advance(TimeDelta::minutes(1));
    // Only the time of the last change differs.
    let (changes, since) = read().await;
    assert_eq!(changes, []);
    let Some(WindowChange::ChangedSince { at: found }) = since else { panic!("{since:?}") };
    assert!((found - at).abs() < TimeDelta::seconds(1), "{found} is not {at}");
}
