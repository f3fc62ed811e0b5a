//! The simulated AWS, used by boto3.

use std::net::TcpListener;
use std::process::Command;

use chrono::Utc;
use simulators::aws::Cloud;
use simulators::clock::Clock;
use simulators::seed;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_finds_no_surprise() {
    let python = std::env::var("PATCHBOT_PYTHON")
        .expect("PATCHBOT_PYTHON is not set: use tests/run, which prepares a Python with boto3");
    // A thousand simulated seconds a second: a whole patch run takes moments.
    let start = Utc::now();
    let cloud = Cloud::new(Clock::new(start, 1000.0), seed::sandbox(start));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    let router = cloud.router();
    tokio::spawn(async move { axum::serve(listener, router).await });

    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/aws.py");
    let role = format!("arn:aws:iam::{}:role/patchbot", seed::VERIFICATION);
    let arguments = [
        script,
        &endpoint,
        seed::BASE_KEY,
        seed::REGION,
        seed::OVERRIDE_BUCKET,
        &role,
        "verification",
    ];
    let mut command = Command::new(&python);
    command.args(arguments);
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap();
    let output = output.unwrap_or_else(|error| panic!("{python} did not start: {error}"));
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
