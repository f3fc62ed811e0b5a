//! The AWS client against servers that return exactly what a test needs.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_ssm::config::{AsyncSleep, SharedAsyncSleep, Sleep};
use chrono::{TimeDelta, Utc};
use commands::environment::policy::ApprovalPolicy;
use commands::environment::{
    Concurrency, DefinitionUpdates, Environment, OnDrift, RebootOption, StartRule, Timeouts,
    WaveRule,
};
use commands::id::{EnvironmentName, RunId};
use commands::run::MaySend;
use commands::seconds::Seconds;
use commands::text::wording::Locale;
use patchbot::aws::{Access, Aws, AwsEnvironment, AwsError, AwsSettings, Gate, Rates, StaticKeys};
use patchbot::clock::Clock;
use patchbot::clock::Wait;

mod fleet;
mod gate;
#[cfg(feature = "peers")]
mod moto;
#[cfg(feature = "sandbox")]
mod preflight;
mod role;
mod send;
#[cfg(feature = "sandbox")]
mod simulated;
#[cfg(feature = "sandbox")]
mod throttled;
#[cfg(feature = "sandbox")]
mod two_groups;

/// The message that a person reads.
fn told(why: &AwsError) -> String {
    why.failure().text(Locale::En).plain()
}

fn name() -> EnvironmentName {
    "verification".parse().expect("a name")
}

/// The same environment, with plans that may be bound to these windows.
fn windowed(names: &[&str]) -> Environment {
    let other_windows = names.iter().map(|name| (*name).to_owned()).collect();
    Environment { other_windows, ..environment() }
}

fn environment() -> Environment {
    Environment {
        name: name(),
        after: None,
        account: "111122223333".into(),
        region: "ap-northeast-1".into(),
        patch_group: "web-verification".into(),
        owner: None,
        policy: ApprovalPolicy {
            approvers: vec![],
            quorum: 1,
            expires_after: Seconds::hours(24),
            requester_may_vote: false,
        },
        may_ask: None,
        policies_by_level: BTreeMap::new(),
        reboot: RebootOption::RebootIfNeeded,
        other_windows: Vec::new(),
        start: StartRule::OnApproval,
        waves: WaveRule {
            canary: 1,
            percent: 50,
            error_budget: 0,
            concurrency: Concurrency::default(),
        },
        on_drift: OnDrift::Void,
        definition_updates: DefinitionUpdates::default(),
        soak: Seconds::days(1),
        proof_lasts: Seconds::days(14),
        timeouts: Timeouts::default(),
        override_location: None,
    }
}

/// The gate of a bot that holds the lease and is in the middle of each run of a test.
fn open_gate() -> Gate {
    let gate = Gate::closed(Clock::System);
    gate.lease_lasts(Utc::now() + TimeDelta::minutes(5));
    // As after a preflight check that was made just now.
    let installs_until = Some(Utc::now() + TimeDelta::minutes(2));
    for number in 0..10 {
        let may_send =
            MaySend { near_from: None, scans: true, installs_from: None, installs_until };
        gate.allows(&RunId::new(name(), number), may_send);
    }
    gate
}

/// Connects to a simulator at `endpoint`; waiting takes no time.
async fn connect(endpoint: String) -> Aws {
    connect_as(None, endpoint).await
}

async fn connect_as(role: Option<&str>, endpoint: String) -> Aws {
    connect_waiting(role, endpoint, Arc::new(|_| Box::pin(std::future::ready(())))).await
}

async fn connect_waiting(role: Option<&str>, endpoint: String, wait: Wait) -> Aws {
    let both = access(role);
    connect_apart(both.clone(), Some(both), endpoint, wait).await
}

fn access(role: Option<&str>) -> Access {
    Access {
        role_arn: role.map(str::to_owned),
        external_id: role.map(|_| "an-external-id".to_owned()),
    }
}

/// Rate limits have tests of their own, and use the host's time.
const MANY: NonZeroU32 = NonZeroU32::MAX;

/// The SDK waits a twentieth of the usual time, so that a retry does not take twenty seconds of a
/// test.
pub(crate) fn hurried() -> SharedAsyncSleep {
    #[derive(Debug)]
    struct Hurried;
    impl AsyncSleep for Hurried {
        fn sleep(&self, duration: Duration) -> Sleep {
            Sleep::new(tokio::time::sleep(duration / 20))
        }
    }
    SharedAsyncSleep::new(Hurried)
}

/// Connects with one role to read and another one to execute, or `None` for no execution.
async fn connect_apart(read: Access, execute: Option<Access>, endpoint: String, wait: Wait) -> Aws {
    let settings = AwsSettings {
        environments: vec![AwsEnvironment {
            name: name(),
            account: "111122223333".into(),
            region: "ap-northeast-1".into(),
            read,
            execute,
        }],
        endpoint: Some(endpoint),
        access: Some(StaticKeys { id: "AKIDEXAMPLE".into(), secret: "not-a-secret".into() }),
        rates: Rates { reads: MANY, burst: MANY, sends: MANY },
        sleep: Some(hurried()),
    };
    Aws::connect(settings, wait).await.expect("it asks for nothing yet")
}

/// Answers each request on a connection of its own with the result of `say`; for `None` it closes
/// the connection. Returns its address.
fn serve(say: impl Fn(&str) -> Option<String> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            if let Some(answer) = say(&request(&mut stream)) {
                stream.write_all(answer.as_bytes()).expect("it is written");
            }
        }
    });
    address
}

/// Reads one request as a whole.
fn request(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).unwrap_or(0);
        text.extend_from_slice(&buffer[..read]);
        let so_far = String::from_utf8_lossy(&text).into_owned();
        let Some((head, body)) = so_far.split_once("\r\n\r\n") else {
            if read == 0 {
                return so_far;
            }
            continue;
        };
        let length = |line: &str| {
            line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok()
        };
        if read == 0 || body.len() >= head.lines().find_map(length).unwrap_or(0) {
            return so_far;
        }
    }
}

fn answer(status: &str, body: &str) -> Option<String> {
    let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/x-amz-json-1.1");
    Some(format!("{head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len()))
}
