//! How often the bot calls an AWS that enforces rates, and what it counts when it is throttled.

use std::num::NonZeroU32;
use std::sync::Arc;

use chrono::TimeDelta;
use metrics_exporter_prometheus::PrometheusBuilder;
use patchbot::aws::{Access, Aws, AwsEnvironment, AwsSettings, Rates, StaticKeys};
use simulators::aws::{Cloud, OpFault, Os, Outcome, Patch};
use simulators::clock::Clock;
use simulators::seed::Fleet;

use crate::simulated::{ACCOUNT, GROUP, REGION, start};
use crate::{environment, hurried, name};

/// A fleet of `nodes` nodes and `behind` more that miss patches, in a cloud that uses the host's
/// time.
async fn fleet(nodes: usize, behind: usize, rates: Rates) -> (Cloud, Aws) {
    let (os, released) = (Os::AmazonLinux2023, start() - TimeDelta::days(10));
    let openssl = Patch::package(os, "openssl", "x86_64", "1:3.0.8-1.amzn2023.0.11", released);
    let world = Fleet::new(ACCOUNT, REGION, start())
        .key("AKIDEXAMPLE")
        .group(GROUP)
        .patches([openssl])
        .baselines()
        .nodes(os, "behind", behind)
        .having(&["openssl.x86_64"])
        .nodes(os, "web", nodes);
    let cloud = Cloud::new(Clock::new(start(), 1.0), world.build());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    let router = cloud.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let settings = AwsSettings {
        environments: vec![AwsEnvironment {
            name: name(),
            account: ACCOUNT.into(),
            region: REGION.into(),
            read: Access::default(),
            execute: None,
        }],
        endpoint: Some(endpoint),
        access: Some(StaticKeys { id: "AKIDEXAMPLE".into(), secret: "not-a-secret".into() }),
        rates,
        sleep: Some(hurried()),
    };
    let wait = Arc::new(|_| Box::pin(std::future::ready(())) as _);
    (cloud, Aws::connect(settings, wait).await.expect("it asks for nothing yet"))
}

fn number(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).expect("more than none")
}

fn throttled(cloud: &Cloud) -> usize {
    let no_room = Outcome::Err("ThrottlingException".into());
    cloud.calls().iter().filter(|call| call.outcome == no_room).count()
}

/// All attempts that were counted as throttled, for every operation.
fn counted(page: &str) -> usize {
    let ours = page.lines().filter(|line| line.starts_with("patchbot_aws_throttles_total{"));
    ours.filter_map(|line| line.rsplit(' ').next()?.parse::<usize>().ok()).sum()
}

#[tokio::test]
async fn a_refresh_of_a_thousand_nodes_stays_under_the_limits() {
    // The default allows 20 at once and 10 a second. The service sees some of them later than they
    // left, and therefore closer together: four seconds' worth suffices for any host.
    let (cloud, aws) = fleet(960, 40, Rates::default()).await;
    cloud.limit(60, 10.0);
    let refreshed = aws.refresh(&environment(), start()).await.expect("it is read");
    assert_eq!((refreshed.summary.nodes, refreshed.summary.behind), (1_000, 40));
    let most = cloud.call_counts().into_values().max();
    assert!(most > Some(20), "no operation was asked more often than a burst: {most:?}");
    assert_eq!(throttled(&cloud), 0);
}

#[tokio::test]
async fn whoever_asks_without_pause_is_throttled_and_each_try_is_counted() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let numbers = recorder.handle();
    let _here = metrics::set_default_local_recorder(&recorder);
    let many = NonZeroU32::MAX;
    let (cloud, aws) = fleet(960, 40, Rates { reads: many, burst: many, sends: number(1) }).await;
    cloud.limit(20, 10.0);
    // Whether the retries of the SDK suffice in the end does not matter here.
    let _ = aws.refresh(&environment(), start()).await;
    assert!(throttled(&cloud) > 0, "{:?}", cloud.call_counts());
    assert_eq!(counted(&numbers.render()), throttled(&cloud));
}

#[tokio::test]
async fn a_try_that_the_sdk_makes_again_is_counted_although_the_call_ends_well() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let numbers = recorder.handle();
    let _here = metrics::set_default_local_recorder(&recorder);
    let (cloud, aws) = fleet(1, 1, Rates::default()).await;
    cloud.fail_operation("DescribeInstanceInformation", OpFault::Throttle(2));
    aws.refresh(&environment(), start()).await.expect("the third try is answered");
    let page = numbers.render();
    let line = "patchbot_aws_throttles_total{operation=\"DescribeInstanceInformation\"} 2";
    assert!(page.contains(line), "{page}");
    assert!(!page.contains("outcome=\"throttled\""), "no call failed: {page}");
}
