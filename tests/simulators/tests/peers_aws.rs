//! Tests of the simulated AWS with boto3.

use std::net::TcpListener;
use std::process::Command;

use chrono::Utc;
use simulators::aws::{Cloud, Queue};
use simulators::clock::Clock;
use simulators::seed;

const QUEUE: &str = "patchbot-events";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_finds_no_surprise() {
    let endpoint = cloud().await;
    let role = role();
    let arguments = [
        endpoint.as_str(),
        seed::BASE_KEY,
        seed::REGION,
        seed::OVERRIDE_BUCKET,
        &role,
        "verification",
    ];
    succeeds("aws.py", &arguments).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_hears_events_through_a_queue() {
    let endpoint = cloud().await;
    let role = role();
    let queue =
        format!("https://sqs.{}.amazonaws.com/{}/{QUEUE}", seed::REGION, seed::VERIFICATION);
    let arguments =
        [endpoint.as_str(), seed::BASE_KEY, seed::REGION, &role, "verification", &queue];
    succeeds("aws_events.py", &arguments).await;
}

fn role() -> String {
    format!("arn:aws:iam::{}:role/patchbot", seed::VERIFICATION)
}

/// Serves the seeded world, with a queue, and returns its address.
async fn cloud() -> String {
    // A thousand simulated seconds per second: a whole patch run takes moments.
    let start = Utc::now();
    let mut world = seed::sandbox(start);
    world.queues.push(Queue {
        account: seed::VERIFICATION.into(),
        region: seed::REGION.into(),
        name: QUEUE.into(),
    });
    let cloud = Cloud::new(Clock::new(start, 1000.0), world);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("a socket");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    let listener = tokio::net::TcpListener::from_std(listener).expect("a runtime");
    let router = cloud.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    tokio::spawn(async move { cloud.run().await });
    endpoint
}

/// Runs one of the scripts beside the simulators; it fails on the first unexpected result.
async fn succeeds(script: &str, arguments: &[&str]) {
    let python = std::env::var("PATCHBOT_PYTHON")
        .expect("PATCHBOT_PYTHON is not set: use tests/run, which prepares a Python with boto3");
    let mut command = Command::new(&python);
    command.arg(format!("{}/peers/{script}", env!("CARGO_MANIFEST_DIR"))).args(arguments);
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("a thread");
    let output = output.unwrap_or_else(|error| panic!("{python} did not start: {error}"));
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
