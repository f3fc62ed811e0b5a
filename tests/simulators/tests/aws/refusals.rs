//! Tests of commands that are refused because of some of their nodes.

use crate::support::{ACCOUNT, Aws, Refused, start};
use serde_json::{Value, json};
use simulators::aws::{Life, NodeFault, Os, SendsTo};
use simulators::seed::Fleet;

fn scan(ids: &[String]) -> Value {
    json!({
        "DocumentName": "AWS-RunPatchBaseline",
        "InstanceIds": ids,
        "Parameters": { "Operation": ["Scan"] },
    })
}

/// Three nodes, and a caller with a role that may send to nodes with one of these tags.
async fn sending_to(tags: &[(&str, &str)]) -> Aws {
    let mut world = Fleet::new(ACCOUNT, "us-east-1", start())
        .group("web")
        .baselines()
        .nodes(Os::Rhel9, "web", 3)
        .build();
    for role in world.accounts.iter_mut().flat_map(|account| &mut account.roles) {
        let statement = |(tag, value): &(&str, &str)| {
            let equals = ((*tag).to_owned(), (*value).to_owned());
            SendsTo { equals, equals_if_exists: None }
        };
        role.sends_only_to = tags.iter().map(statement).collect();
    }
    let mut aws = Aws::of(world).await;
    let (status, text) = aws
        .form(&format!(
            "Action=AssumeRole&Version=2011-06-15&RoleSessionName=bot\
             &RoleArn=arn%3Aaws%3Aiam%3A%3A{ACCOUNT}%3Arole%2Fpatchbot"
        ))
        .await;
    assert_eq!(status, 200, "{text}");
    let key = text.split_once("<AccessKeyId>").unwrap().1.split_once('<').unwrap().0;
    aws.key = key.to_owned();
    aws
}

#[tokio::test]
async fn a_denial_names_the_arn_of_one_node_and_refuses_the_call() {
    let aws = sending_to(&[("PatchGroup", "web")]).await;
    let ids = aws.ids();
    assert!(aws.cloud.tag(&ids[1], "PatchGroup", None));
    assert!(aws.cloud.tag(&ids[1], "Patch Group", Some("web")));
    assert!(aws.cloud.tag(&ids[2], "PatchGroup", Some("db")));
    let Err(Refused(code, text)) = aws.ask("SendCommand", scan(&ids)).await else {
        panic!("it was accepted");
    };
    assert_eq!(code, "AccessDeniedException");
    let named = format!("arn:aws:ec2:us-east-1:{ACCOUNT}:instance/{}", ids[1]);
    assert!(text.contains(&format!("ssm:SendCommand on resource: {named} because")), "{text}");
    assert!(text.contains(":assumed-role/patchbot/"), "{text}");
    assert!(!text.contains(&ids[2]), "it names one node: {text}");
    assert!(aws.cloud.commands().is_empty(), "something was sent");
    // Without those it is accepted; and with both spellings in the policy only the third is denied.
    aws.ok("SendCommand", scan(&ids[..1])).await;
    let aws = sending_to(&[("PatchGroup", "web"), ("Patch Group", "web")]).await;
    assert!(aws.cloud.tag(&ids[1], "PatchGroup", None));
    assert!(aws.cloud.tag(&ids[1], "Patch Group", Some("web")));
    aws.ok("SendCommand", scan(&ids)).await;
}

#[tokio::test]
async fn a_target_that_finds_a_node_which_is_denied_shows_it_on_the_invocation() {
    let aws = sending_to(&[("PatchGroup", "web")]).await;
    let ids = aws.ids();
    assert!(aws.cloud.tag(&ids[2], "PatchGroup", None));
    assert!(aws.cloud.tag(&ids[2], "Role", Some("web")));
    assert!(aws.cloud.tag(&ids[0], "Role", Some("web")));
    let sent = json!({
        "DocumentName": "AWS-RunPatchBaseline",
        "Targets": [{ "Key": "tag:Role", "Values": ["web"] }],
        "Parameters": { "Operation": ["Scan"] },
    });
    aws.ok("SendCommand", sent).await;
    let views = aws.cloud.commands();
    let denied: Vec<&String> = views[0]
        .invocations
        .iter()
        .filter(|(_, status)| status == "AccessDenied")
        .map(|(node, _)| node)
        .collect();
    assert_eq!((denied, views[0].invocations.len()), (vec![&ids[2]], 2));
}

#[tokio::test]
async fn nodes_in_no_valid_state_are_listed_and_refuse_the_call() {
    let aws = sending_to(&[]).await;
    let ids = aws.ids();
    assert!(aws.cloud.set_life(&ids[0], Life::Terminated));
    assert!(aws.cloud.fail_node(&ids[2], NodeFault::Refused));
    let refused = aws.ask("SendCommand", scan(&ids)).await;
    let text =
        format!("Instances [[{}, {}]] not in a valid state for account {ACCOUNT}", ids[0], ids[2]);
    assert_eq!(refused, Err(Refused("InvalidInstanceId".into(), text)));
    assert!(aws.cloud.commands().is_empty(), "something was sent");
    aws.ok("SendCommand", scan(&ids[1..2])).await;
}

#[tokio::test]
async fn a_node_that_the_service_has_lost_is_listed_and_takes_no_command_until_it_is_back() {
    let aws = sending_to(&[]).await;
    let ids = aws.ids();
    assert!(aws.cloud.fail_node(&ids[1], NodeFault::Refused));
    let answer = aws.ok("DescribeInstanceInformation", json!({})).await;
    let pings: Vec<&str> = answer["InstanceInformationList"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["PingStatus"].as_str().unwrap())
        .collect();
    assert_eq!(pings, ["Online", "ConnectionLost", "Online"]);
    assert_eq!(aws.code("SendCommand", scan(&ids[1..2])).await, "InvalidInstanceId");
    assert!(aws.cloud.heal_node(&ids[1]));
    aws.ok("SendCommand", scan(&ids)).await;
}
