//! The AWS client against a simulated cloud with a fleet in it.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use commands::environment::RebootOption;
use commands::fleet::node::{InvocationStatus, NodeId, Platform};
use commands::fleet::summary::Summary;
use commands::id::{DispatchId, Operation, RunId};
use commands::patch::PatchId;
use commands::patch::installed::Installed;
use commands::run::{Dispatch, DispatchStatus, ListFault, Outputs};
use commands::seconds::Seconds;
use patchbot::aws::{Access, Aws, AwsError, SendOutcome, SendParameters};
use simulators::aws::{
    Account, Baseline, Cloud, Life, NodeFault, NodeSpec, OpFault, Os, Outcome, Pace, Patch, Powers,
    Role, Schedule, SendsTo, Window, World,
};
use simulators::clock::Clock;
use simulators::seed;

use crate::{access, connect_apart, environment, name, open_gate, told};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "ap-northeast-1";
pub(crate) const GROUP: &str = "web-verification";
const ROLE: &str = "arn:aws:iam::111122223333:role/patchbot-verification";
const READ: &str = "arn:aws:iam::111122223333:role/patchbot-read";
const EXECUTE: &str = "arn:aws:iam::111122223333:role/patchbot-execute";
pub(crate) const NODE: &str = "i-0123456789abcdef0";
const OPENSSL: &str = "openssl.x86_64:1:3.0.8-1.amzn2023.0.11";

pub(crate) fn start() -> DateTime<Utc> {
    "2026-03-02T00:00:00Z".parse().expect("a time")
}

/// One Linux node that lacks OpenSSL, in an account whose role requires its external id.
pub(crate) fn world() -> World {
    let released = start() - TimeDelta::days(10);
    let openssl = "1:3.0.8-1.amzn2023.0.11";
    World {
        accounts: vec![
            Account {
                id: "999988887777".into(),
                keys: vec!["AKIDEXAMPLE".into()],
                ..Account::default()
            },
            Account {
                id: ACCOUNT.into(),
                roles: [
                    (ROLE, Powers::Everything),
                    (READ, Powers::Read),
                    (EXECUTE, Powers::Execute),
                ]
                .map(|(arn, powers)| Role {
                    arn: arn.into(),
                    external_id: Some("an-external-id".into()),
                    powers,
                    sends_only_to: if powers == Powers::Execute {
                        SendsTo::group(GROUP)
                    } else {
                        Vec::new()
                    },
                })
                .into(),
                ..Account::default()
            },
        ],
        nodes: vec![NodeSpec {
            fault: None,
            id: NODE.into(),
            name: "web-1".into(),
            account: ACCOUNT.into(),
            region: REGION.into(),
            os: Os::AmazonLinux2023,
            tags: [("PatchGroup".to_owned(), GROUP.to_owned())].into(),
            installed: Arc::new([]),
            scanned_ago: Some(TimeDelta::hours(5)),
            life: Life::Running,
            applications: vec![],
            not_applicable: 0,
        }],
        patches: vec![
            Patch::package(Os::AmazonLinux2023, "openssl", "x86_64", openssl, released)
                .fixes(["CVE-2024-0727", "CVE-2023-6237"]),
        ],
        baselines: vec![Baseline {
            id: "pb-0123456789abcdef0".into(),
            name: "al2023".into(),
            description: String::new(),
            account: ACCOUNT.into(),
            region: REGION.into(),
            os: Os::AmazonLinux2023,
            is_default: true,
            approve_after_days: 0,
            available_security_updates: Some("COMPLIANT"),
            severities: vec![],
            approved: vec![],
            rejected: vec![],
            groups: vec![],
            created: released,
        }],
        windows: vec![Window {
            id: "mw-0123456789abcdef0".into(),
            account: ACCOUNT.into(),
            region: REGION.into(),
            name: "sunday".into(),
            description: String::new(),
            schedule: Schedule::parse("cron(0 17 ? * SUN *)").expect("a schedule"),
            duration_hours: 4,
            cutoff_hours: 1,
            enabled: true,
            patch_groups: vec![GROUP.into()],
            created: released,
        }],
        buckets: vec!["lists".into()],
        queues: Vec::new(),
        pace: Pace::default(),
    }
}

/// Time stands still until something waits.
async fn cloud() -> (Cloud, Clock, Aws) {
    cloud_of(world()).await
}

pub(crate) async fn cloud_of(world: World) -> (Cloud, Clock, Aws) {
    let role = access(Some(ROLE));
    cloud_as(world, role.clone(), Some(role)).await
}

async fn cloud_as(world: World, read: Access, execute: Option<Access>) -> (Cloud, Clock, Aws) {
    let clock = Clock::new(start(), 0.0);
    let cloud = Cloud::new(clock.clone(), world);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    let router = cloud.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let waiting = clock.clone();
    let wait = Arc::new(move |span| {
        waiting.advance(span);
        Box::pin(std::future::ready(())) as _
    });
    let aws = connect_apart(read, execute, endpoint, wait).await;
    (cloud, clock, aws)
}

fn run() -> RunId {
    RunId::new(name(), 1)
}

fn dispatch(operation: Operation, attempt: u32) -> Dispatch {
    let id = DispatchId { wave: 0, operation, chunk: 0, attempt };
    Dispatch {
        snapshot: uuid::Uuid::from_u128(7),
        id,
        nodes: vec![NodeId(NODE.into())],
        intent_at: start(),
        token: 1,
        status: DispatchStatus::Intended,
        invocations: Default::default(),
        cancel_asked_at: None,
        more: vec![],
        reported: Default::default(),
        searched_at: None,
        outputs: None,
    }
}

fn parameters(list: Option<&str>) -> SendParameters {
    SendParameters {
        reboot: RebootOption::RebootIfNeeded,
        override_location: list.map(str::to_owned),
        delivery: Seconds(600),
        max_concurrency: None,
        max_errors: None,
    }
}

#[tokio::test]
async fn from_survey_to_proof() {
    let (cloud, clock, aws) = cloud().await;
    let environment = environment();
    let survey = aws.survey(&environment, true, start()).await.expect("it is read");
    let openssl = PatchId("openssl.x86_64".into());
    assert_eq!(survey.nodes[&NodeId(NODE.into())].missing, [openssl.clone()].into());
    assert_eq!(survey.patches[&openssl].cves.known().len(), 2);
    let bound = crate::windowed(&["sunday"]);
    let windows = aws.survey(&bound, false, start()).await.expect("it is read").windows;
    assert_eq!(windows[0].upcoming[0].to_rfc3339(), "2026-03-08T17:00:00+00:00");

    let list = "s3://lists/verification/ab12.yaml";
    let patches = [Installed { id: openssl.clone(), title: OPENSSL.into() }];
    for _ in 0..2 {
        aws.put_list(&environment, list, &patches).await.expect("writing it again is safe");
    }
    let install = dispatch(Operation::Install, 1);
    let sent =
        aws.send(&environment, &run(), &install, &parameters(Some(list)), &open_gate()).await;
    let SendOutcome::Sent { command } = sent else { panic!("{sent:?}") };
    assert_eq!(
        aws.find(&environment, &run(), &install).await.expect("it is read"),
        std::slice::from_ref(&command)
    );
    let strange = dispatch(Operation::Install, 2);
    assert!(aws.find(&environment, &run(), &strange).await.expect("it is read").is_empty());

    clock.advance(TimeDelta::hours(1));
    let heard =
        aws.invocations(&environment, std::slice::from_ref(&command)).await.expect("it is read");
    assert_eq!(heard, [(NodeId(NODE.into()), InvocationStatus::Success)].into());
    assert_eq!(cloud.installs_of(NODE), [vec!["openssl.x86_64".to_owned()]]);

    let heard = aws
        .scan(&environment, &[NodeId(NODE.into())], "test", &open_gate())
        .await
        .expect("it is sent")
        .invocations;
    assert!(heard.values().all(|status| *status == InvocationStatus::Success), "{heard:?}");
    let states = aws.states(&environment, &[NodeId(NODE.into())]).await.expect("it is read");
    assert_eq!(states[&NodeId(NODE.into())].counts.missing, Some(0));
    let survey = aws.survey(&environment, true, clock.now()).await.expect("it is read");
    let node = &survey.nodes[&NodeId(NODE.into())];
    assert!(node.missing.is_empty());
    assert!(node.installed.contains(&patches[0]), "{:?}", node.installed);
}

#[tokio::test]
async fn a_node_says_why_it_could_not_read_the_list_and_nothing_else_of_it_is_kept() {
    let (cloud, clock, aws) = cloud().await;
    let list = "s3://lists/verification/ab12.yaml";
    let fails = async |fault: Option<NodeFault>, attempt| {
        fault.map(|fault| cloud.fail_node(NODE, fault));
        let install = dispatch(Operation::Install, attempt);
        let sent =
            aws.send(&environment(), &run(), &install, &parameters(Some(list)), &open_gate()).await;
        let SendOutcome::Sent { command } = sent else { panic!("{sent:?}") };
        clock.advance(TimeDelta::hours(1));
        aws.outputs(&environment(), &command, list, &[(NodeId(NODE.into()), Platform::Linux)]).await
    };
    let of = |fault| Ok(Outputs::Read([(NodeId(NODE.into()), fault)].into()));
    assert_eq!(fails(Some(NodeFault::CannotReadLists), 1).await, of(ListFault::Denied));
    cloud.heal_node(NODE);
    assert_eq!(fails(None, 2).await, of(ListFault::Missing), "nobody has put it there");
    let openssl = Installed { id: PatchId("openssl.x86_64".into()), title: OPENSSL.into() };
    aws.put_list(&environment(), list, &[openssl]).await.expect("it is put");
    let other = NodeFault::InstallFails {
        patch: None,
        once: false,
        stderr: "InstallOverrideList is fine; disk full, token=SECRET".into(),
    };
    assert_eq!(fails(Some(other), 3).await, Ok(Outputs::Read([].into())));
    cloud.deny_operation("GetCommandInvocation");
    assert_eq!(fails(None, 4).await, Ok(Outputs::Denied));
}

#[tokio::test]
async fn a_host_whose_clock_was_ahead_finds_what_it_sent() {
    let (_cloud, _, aws) = cloud().await;
    let right = dispatch(Operation::Install, 1);
    let ahead = Dispatch { intent_at: right.intent_at + TimeDelta::hours(3), ..right };
    let sent = aws.send(&environment(), &run(), &ahead, &parameters(None), &open_gate()).await;
    let SendOutcome::Sent { command } = sent else { panic!("{sent:?}") };
    let found = aws.find(&environment(), &run(), &ahead).await.expect("it is read");
    assert_eq!(found, [command]);
}

#[tokio::test]
async fn what_is_known_after_each_trouble_is_never_too_much() {
    let uncertain = |outcome: &SendOutcome| matches!(outcome, SendOutcome::Uncertain { .. });
    let not_now = |outcome: &SendOutcome| matches!(outcome, SendOutcome::NotNow { .. });
    let check = async |fault: OpFault, is_right: &dyn Fn(&SendOutcome) -> bool, begun: usize| {
        let (cloud, _, aws) = cloud().await;
        cloud.fail_operation("SendCommand", fault);
        let install = dispatch(Operation::Install, 1);
        let outcome =
            aws.send(&environment(), &run(), &install, &parameters(None), &open_gate()).await;
        assert!(is_right(&outcome), "{fault:?}: {outcome:?}");
        assert_eq!(cloud.commands().len(), begun, "{fault:?}");
        let tries = cloud.calls().iter().filter(|call| call.operation == "SendCommand").count();
        assert_eq!(tries, 1, "{fault:?}");
        let found = aws.find(&environment(), &run(), &install).await.expect("it is read");
        assert_eq!(found.len(), begun, "{fault:?}");
    };
    check(OpFault::Throttle(1), &not_now, 0).await;
    check(OpFault::ResetBefore(1), &uncertain, 0).await;
    check(OpFault::ResetAfter(1), &uncertain, 1).await;
    check(OpFault::ServerErrorBefore(1), &uncertain, 0).await;
    check(OpFault::ServerErrorAfterAccept(1), &uncertain, 1).await;
}

#[tokio::test]
async fn a_stopped_node_is_refused_and_a_command_can_be_cancelled() {
    let (cloud, _, aws) = cloud().await;
    let install = dispatch(Operation::Install, 1);
    let sent = aws.send(&environment(), &run(), &install, &parameters(None), &open_gate()).await;
    let SendOutcome::Sent { command } = sent else { panic!("{sent:?}") };
    aws.cancel(&environment(), &command).await.expect("it is asked");
    let heard =
        aws.invocations(&environment(), std::slice::from_ref(&command)).await.expect("it is read");
    assert_eq!(heard.values().collect::<Vec<_>>(), [&InvocationStatus::Cancelled]);
    cloud.set_life(NODE, Life::Stopped);
    let again = dispatch(Operation::Install, 2);
    let outcome = aws.send(&environment(), &run(), &again, &parameters(None), &open_gate()).await;
    assert!(matches!(outcome, SendOutcome::Refused { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_scan_that_was_doubtful_is_simply_sent_again() {
    let (cloud, _, aws) = cloud().await;
    cloud.fail_operation("SendCommand", OpFault::Throttle(1));
    cloud.fail_operation("SendCommand", OpFault::ResetBefore(1));
    let heard = aws
        .scan(&environment(), &[NodeId(NODE.into())], "test", &open_gate())
        .await
        .expect("it is sent")
        .invocations;
    assert_eq!(heard.values().collect::<Vec<_>>(), [&InvocationStatus::Success]);
}

/// A fleet with patches in the catalogue, one of which is held back.
fn listed_world() -> World {
    let mut world = world();
    let node = world.nodes[0].clone();
    let of = |id: &str, os| NodeSpec { id: id.into(), os, ..node.clone() };
    world.nodes.push(of("i-0123456789abcdef1", Os::AmazonLinux2));
    world.nodes.push(of("i-0123456789abcdef2", Os::WindowsServer2022));
    let days = |days| start() - TimeDelta::days(days);
    world.patches.push(
        Patch::package(Os::AmazonLinux2, "sudo", "x86_64", "0:1.8.23-4.amzn2.2.1", days(30))
            .fixes(["CVE-2021-3156"])
            .advisory("ALAS2-2021-1590"),
    );
    world.patches.push(Patch::windows("KB5041160", "an older update", days(30)));
    world.patches.push(Patch::windows("KB5044281", "a newer update", days(2)));
    let baseline = world.baselines[0].clone();
    let of = |id: &str, name: &str, os, is_default, group: Option<&str>| Baseline {
        id: id.into(),
        name: name.into(),
        os,
        is_default,
        approve_after_days: 7,
        groups: group.into_iter().map(str::to_owned).collect(),
        ..baseline.clone()
    };
    let linux = Os::AmazonLinux2;
    world.baselines.extend([
        of("pb-0123456789abcdef1", "al2-default", linux, true, None),
        of("pb-0123456789abcdef2", "al2-of-the-group", linux, false, Some(GROUP)),
        of("pb-0123456789abcdef3", "windows-default", Os::WindowsServer2022, true, None),
    ]);
    world
}

fn times(cloud: &Cloud, operation: &str) -> usize {
    cloud.calls().iter().filter(|call| call.operation == operation).count()
}

#[tokio::test]
async fn the_baseline_of_the_group_decides_else_the_default_of_the_system() {
    let (_, _, aws) = cloud_of(listed_world()).await;
    let survey = aws.survey(&environment(), false, start()).await.expect("it is read");
    let found: Vec<(&str, &str, Option<u32>, bool)> = survey
        .baselines
        .iter()
        .map(|b| (&*b.operating_system, &*b.name, b.approves_after_days, b.is_default))
        .collect();
    assert_eq!(
        found,
        [
            ("AMAZON_LINUX_2", "al2-of-the-group", Some(7), false),
            ("AMAZON_LINUX_2023", "al2023", Some(0), true),
            ("WINDOWS", "windows-default", Some(7), true),
        ]
    );
    assert!(survey.baselines.iter().all(|baseline| baseline.modified_at.is_some()));
}

#[tokio::test]
async fn the_catalogue_tells_what_nodes_do_not_once_an_hour() {
    let (cloud, clock, aws) = cloud_of(listed_world()).await;
    let survey = aws.survey(&environment(), false, start()).await.expect("it is read");
    let sudo = &survey.patches[&PatchId("sudo.x86_64".into())];
    assert_eq!(sudo.advisories, ["ALAS2-2021-1590"]);
    let update = &survey.patches[&PatchId("KB5041160".into())];
    assert_eq!(update.released, Some(start() - TimeDelta::days(30)));
    assert_eq!(update.url.as_deref(), Some("https://support.microsoft.com/help/5041160"));
    let openssl = &survey.patches[&PatchId("openssl.x86_64".into())];
    assert_eq!((openssl.released, openssl.advisories.len()), (None, 0), "it is not listed");
    let held_back = survey.held_back.expect("the catalogue answered");
    let held_back: Vec<_> = held_back.iter().map(|held| (&*held.patch.id.0, held.until)).collect();
    assert_eq!(held_back, [("KB5044281", start() + TimeDelta::days(5))]);
    // One for Windows, one for Linux.
    assert_eq!(times(&cloud, "DescribeAvailablePatches"), 2);
    for (minutes, expected) in [(59, 2), (2, 4)] {
        clock.advance(TimeDelta::minutes(minutes));
        aws.survey(&environment(), false, clock.now()).await.expect("it is read");
        assert_eq!(times(&cloud, "DescribeAvailablePatches"), expected);
    }
}

#[tokio::test]
async fn nothing_is_asked_of_the_catalogue_for_systems_that_it_does_not_list() {
    let (cloud, _, aws) = cloud().await;
    let survey = aws.survey(&environment(), false, start()).await.expect("it is read");
    assert_eq!((survey.held_back, times(&cloud, "DescribeAvailablePatches")), (None, 0));
}

/// Reads, then tries everything that the execute role is for.
async fn acts(aws: &Aws) -> (SendOutcome, Result<(), AwsError>, Result<(), AwsError>) {
    let environment = environment();
    aws.survey(&environment, true, start()).await.expect("the read role reads");
    aws.refresh(&environment, start()).await.expect("the read role reads");
    let list = [Installed { id: PatchId("openssl.x86_64".into()), title: OPENSSL.into() }];
    let put = aws.put_list(&environment, "s3://lists/ab12.yaml", &list).await;
    let install = dispatch(Operation::Install, 1);
    let sent = aws.send(&environment, &run(), &install, &parameters(None), &open_gate()).await;
    let command = match &sent {
        SendOutcome::Sent { command } => command.clone(),
        SendOutcome::Refused { .. }
        | SendOutcome::Held { .. }
        | SendOutcome::NotNow { .. }
        | SendOutcome::Uncertain { .. } => uuid::Uuid::nil().to_string(),
    };
    (sent, aws.cancel(&environment, &command).await, put)
}

#[tokio::test]
async fn each_role_does_its_own_and_nothing_else() {
    let (cloud, _, aws) = cloud_as(world(), access(Some(READ)), Some(access(Some(EXECUTE)))).await;
    let (sent, cancelled, put) = acts(&aws).await;
    assert!(matches!(sent, SendOutcome::Sent { .. }), "{sent:?}");
    assert!(cancelled.is_ok() && put.is_ok(), "{cancelled:?} {put:?}");
    // The simulated policies are strict, so no call used the wrong role.
    assert!(cloud.calls().iter().all(|call| call.outcome == Outcome::Ok), "{:?}", cloud.calls());
}

#[tokio::test]
async fn without_a_role_that_may_act_reading_works_and_acting_says_why() {
    // The read role in place of the execute role, a role that cannot be assumed, and no role at
    // all.
    let nobody = access(Some("arn:aws:iam::111122223333:role/nobody"));
    let check = async |execute: Option<Access>, words: &str| {
        let (cloud, _, aws) = cloud_as(world(), access(Some(READ)), execute).await;
        let (sent, cancelled, put) = acts(&aws).await;
        let SendOutcome::Refused { why, .. } = &sent else { panic!("{sent:?}") };
        assert!(told(why).contains(words), "{why}");
        for error in [cancelled.expect_err("it is refused"), put.expect_err("it is refused")] {
            assert!(
                error.failure().text(commands::text::wording::Locale::En).plain().contains("role"),
                "{error}"
            );
        }
        assert!(cloud.commands().is_empty());
        cloud.calls().iter().find(|call| call.operation == "SendCommand").map(|c| c.outcome.clone())
    };
    let denied = check(Some(access(Some(READ))), "execute role of verification lacks").await;
    assert_eq!(denied, Some(Outcome::Err("AccessDeniedException".into())));
    assert_eq!(check(Some(nobody), "sts:AssumeRole").await, None);
    assert_eq!(check(None, "set execute_role_arn").await, None);
}

#[tokio::test]
async fn a_refresh_reads_again_only_what_has_changed_and_counts_the_same() {
    let fleet = seed::Fleet::new(ACCOUNT, REGION, start())
        .group(GROUP)
        .patches([Patch::package(
            Os::AmazonLinux2023,
            "openssl",
            "x86_64",
            "1:3.0.8-1.amzn2023.0.11",
            start() - TimeDelta::days(10),
        )])
        .baselines()
        .nodes(Os::AmazonLinux2023, "web", 120);
    let mut fleet = fleet.build();
    fleet.accounts = world().accounts;
    // A fleet that is half renamed.
    for node in fleet.nodes.iter_mut().take(30) {
        node.tags = [("Patch Group".to_owned(), GROUP.to_owned())].into();
    }
    fleet.nodes[40].tags.insert("Patch Group".to_owned(), GROUP.to_owned());
    fleet.nodes[119].scanned_ago = None;
    let (cloud, clock, aws) = cloud_of(fleet).await;
    let environment = environment();
    let first = aws.refresh(&environment, start()).await.expect("it is read");
    assert_eq!((first.summary.nodes, first.summary.behind), (120, 119));
    assert_eq!(first.calls["DescribeInstancePatches"], 119);
    // 30 nodes with one spelling; 90, and the one with both, with the other: 1 + 2 pages. The nodes
    // that carry both are listed for each spelling, and those with the same value in both for the
    // first: 1 + 1 + 1.
    assert_eq!(first.calls["DescribeInstanceInformation"], 6);
    assert_eq!(first.calls["DescribeInstancePatchStatesForPatchGroup"], 2);
    assert_eq!(first.calls["DescribeInstancePatchStates"], 1, "for the one that never reported");
    let asked: u64 =
        cloud.call_counts().into_iter().filter(|(o, _)| o != "AssumeRole").map(|(_, n)| n).sum();
    assert_eq!(first.calls.values().sum::<u64>(), asked);

    clock.advance(TimeDelta::minutes(1));
    for node in cloud.nodes().iter().take(7) {
        assert!(cloud.patched_by_hand(&node.id));
    }
    assert!(cloud.foreign_scan(&cloud.nodes()[20].id));
    let second = aws.refresh(&environment, clock.now()).await.expect("it is read");
    assert_eq!(second.calls["DescribeInstancePatches"], 1, "the one scanned anew");
    assert_eq!((second.summary.nodes, second.summary.behind), (120, 112));
    let whole = aws.survey(&environment, false, clock.now()).await.expect("it is read");
    assert_eq!(second.summary, Summary::of(&whole), "what is kept equals what is read anew");
    let calls = second.calls.values().sum::<u64>();
    assert_eq!(calls, second.minimum, "{:?}", second.calls);
}
