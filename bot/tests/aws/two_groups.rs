//! Nodes whose two tags name different groups: the bot finds and names them, and excludes them.

use chrono::TimeDelta;
use commands::environment::patch_group::GroupTag;
use commands::fleet::node::{NodeId, Ping};
use commands::fleet::presence::{Gone, Presence};
use commands::fleet::summary::Summary;
use commands::fleet::two_groups::{NodeInTwoGroups, NodesInTwoGroups};
use patchbot::aws::Aws;
use serde_json::{Value, json};
use simulators::aws::{Cloud, NodeSpec};
use simulators::clock::Clock;

use crate::environment;
use crate::preflight::{ids, seen};
use crate::simulated::{GROUP, cloud_of, start, world};

const PLAIN: &str = "i-0aaaaaaaaaaaaaaaa";
const OLD: &str = "i-0bbbbbbbbbbbbbbbb";
const ALIKE: &str = "i-0cccccccccccccccc";
const TORN: &str = "i-0dddddddddddddddd";
const TORN_OLD: &str = "i-0eeeeeeeeeeeeeeee";
const EMPTY: &str = "i-0ffffffffffffffff";

/// Each way in which a node can carry the two tags: the value of `PatchGroup`, and of `Patch
/// Group`.
const FLEET: [(&str, Option<&str>, Option<&str>); 6] = [
    (PLAIN, Some(GROUP), None),
    (OLD, None, Some(GROUP)),
    (ALIKE, Some(GROUP), Some(GROUP)),
    (TORN, Some(GROUP), Some("db")),
    (TORN_OLD, Some("db"), Some(GROUP)),
    (EMPTY, Some(GROUP), Some("")),
];

async fn fleet(which: &[&str]) -> (Cloud, Clock, Aws) {
    let mut world = world();
    let node = world.nodes[0].clone();
    let wanted = FLEET.iter().filter(|(id, ..)| which.contains(id));
    let nodes = wanted.map(|(id, newer, older)| {
        let tags = [("PatchGroup", newer), ("Patch Group", older)];
        let tags = tags.into_iter().filter_map(|(key, group)| {
            group.as_ref().map(|group| (key.to_owned(), (*group).to_owned()))
        });
        let (id, name) = ((*id).to_owned(), format!("name-of-{id}"));
        NodeSpec { id, name, tags: tags.collect(), ..node.clone() }
    });
    world.nodes = nodes.collect();
    cloud_of(world).await
}

async fn all() -> (Cloud, Clock, Aws) {
    fleet(&FLEET.map(|(id, ..)| id)).await
}

fn torn() -> NodesInTwoGroups {
    let by = |id: &str, by| {
        (NodeId(id.to_owned()), NodeInTwoGroups { name: format!("name-of-{id}"), by })
    };
    [by(TORN, GroupTag::Unspaced), by(TORN_OLD, GroupTag::Spaced), by(EMPTY, GroupTag::Unspaced)]
        .into()
}

/// The calls of DescribeInstanceInformation since `from`, by their filters.
fn asked(cloud: &Cloud, from: usize) -> Vec<Value> {
    let calls = cloud.calls().into_iter().skip(from);
    let calls = calls.filter(|call| call.operation == "DescribeInstanceInformation");
    calls.map(|call| call.input["Filters"].clone()).collect()
}

fn tag(key: &str, value: &str) -> Value {
    json!({ "Key": key, "Values": [value] })
}

#[tokio::test]
async fn a_node_in_two_groups_is_named_and_neither_looked_at_nor_counted() {
    let (cloud, clock, aws) = all().await;
    let survey = aws.survey(&environment(), false, start()).await.expect("it is read");
    let nodes: Vec<NodeId> = survey.nodes.keys().cloned().collect();
    assert_eq!(nodes, ids(&[PLAIN, OLD, ALIKE]));
    assert_eq!(survey.in_two_groups, torn());
    let about =
        cloud.calls().into_iter().filter(|call| call.operation == "DescribeInstancePatches");
    for call in about {
        let node = NodeId(call.input["InstanceId"].as_str().unwrap_or_default().to_owned());
        assert!(nodes.contains(&node), "{node} is asked what it misses");
    }
    let seen = aws.refresh(&environment(), start()).await.expect("it is read");
    assert_eq!(seen.summary, Summary::of(&survey));
    assert_eq!((seen.summary.nodes, seen.summary.compliance.nodes()), (3, 3));
    let again = aws.refresh(&environment(), clock.now()).await.expect("it is read");
    assert_eq!(again.calls.values().sum::<u64>(), again.minimum, "{:?}", again.calls);
}

#[tokio::test]
async fn nothing_is_scanned_that_is_in_two_groups() {
    let (_, _, aws) = all().await;
    assert_eq!(aws.online(&environment()).await.expect("it is read"), ids(&[PLAIN, OLD, ALIKE]));
}

#[tokio::test]
async fn just_before_a_wave_a_node_in_two_groups_is_gone() {
    let (cloud, _, aws) = all().await;
    let expected = FLEET.map(|(id, ..)| {
        let here = [PLAIN, OLD, ALIKE].contains(&id);
        let in_two_groups = Presence::Gone(Gone::NodeInTwoGroups);
        (NodeId(id.to_owned()), if here { Presence::Here(Ping::Online) } else { in_two_groups })
    });
    assert_eq!(seen(&aws, &FLEET.map(|(id, ..)| id)).await.nodes, expected.into());
    // Once the conflict is resolved, in either way, the node is back.
    assert!(cloud.tag(TORN, "Patch Group", None) && cloud.tag(EMPTY, "Patch Group", Some(GROUP)));
    let nodes = seen(&aws, &[TORN, EMPTY]).await.nodes;
    assert!(nodes.values().all(|node| *node == Presence::Here(Ping::Online)), "{nodes:?}");
    // And a node whose tags begin to differ is gone at the next refresh.
    assert!(cloud.tag(PLAIN, "Patch Group", Some("Web-Verification")), "case counts");
    let nodes = seen(&aws, &[PLAIN]).await.nodes;
    assert_eq!(nodes.into_values().next(), Some(Presence::Gone(Gone::NodeInTwoGroups)));
}

#[tokio::test]
async fn where_no_node_carries_both_tags_it_costs_one_call() {
    let (cloud, _, aws) = fleet(&[PLAIN]).await;
    let (newer, older) = (tag("tag:PatchGroup", GROUP), tag("tag:Patch Group", GROUP));
    let both = json!([newer, tag("tag-key", "Patch Group")]);
    let of_one = [json!([older]), json!([newer]), both.clone()];
    aws.refresh(&environment(), start()).await.expect("it is read");
    assert_eq!(asked(&cloud, 0), of_one);
    let from = cloud.calls().len();
    seen(&aws, &[PLAIN]).await;
    assert_eq!(asked(&cloud, from), [json!([newer]), both], "nor before a wave more than one");
}

#[tokio::test]
async fn what_both_tags_name_is_asked_only_where_a_node_carries_both() {
    let (cloud, clock, aws) = fleet(&[PLAIN, ALIKE]).await;
    let (newer, older) = (tag("tag:PatchGroup", GROUP), tag("tag:Patch Group", GROUP));
    aws.refresh(&environment(), start()).await.expect("it is read");
    let expected = [
        json!([older]),
        json!([older, tag("tag-key", "PatchGroup")]),
        json!([older, newer]),
        json!([newer]),
        // The node that it finds is already known to have the same value in both.
        json!([newer, tag("tag-key", "Patch Group")]),
    ];
    assert_eq!(asked(&cloud, 0), expected);
    clock.advance(TimeDelta::hours(1));
    assert!(cloud.tag(ALIKE, "PatchGroup", Some("db")));
    let seen = aws.refresh(&environment(), clock.now()).await.expect("it is read");
    let in_two_groups = &seen.summary.compliance.in_two_groups;
    assert_eq!(in_two_groups.keys().cloned().collect::<Vec<_>>(), ids(&[ALIKE]));
}
