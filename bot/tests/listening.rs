//! Receiving from Slack: over sockets without a gap, and over HTTP from Slack alone.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use patchbot::chat::Accepted;
use patchbot::secret::Secret;
use patchbot::slack::socket_mode::Settings;
use patchbot::slack::{Access, Handler, Inbound, Interaction, Slack, http, listen};
use patchbot::telemetry::ListenStats;
use sha2::Sha256;
use simulators::clock::Clock;
use simulators::slack::{Channel, Person, RateLimits, Tokens, Workspace};
use tokio::net::TcpListener;

const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";

/// Stores what was handed in, and recognizes what was handed in before.
#[derive(Clone, Default)]
struct Inbox(Arc<Mutex<Vec<Inbound>>>);

impl Inbox {
    fn handler(&self) -> Handler {
        let inbox = self.clone();
        Arc::new(move |interaction| {
            let inbox = inbox.clone();
            Box::pin(async move {
                let mut interactions = inbox.0.lock().expect("a lock");
                anyhow::ensure!(interaction.user != "U-DISK-FULL", "the disk is full");
                if interactions.iter().any(|known| known.key == interaction.key) {
                    return Ok(Accepted::Duplicate);
                }
                interactions.push(interaction);
                Ok(Accepted::New)
            })
        })
    }

    fn asked(&self) -> Vec<Interaction> {
        self.0.lock().expect("a lock").iter().map(|interaction| interaction.ask.clone()).collect()
    }
}

fn count(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

async fn workspace() -> (Workspace, Slack) {
    let people = vec![Person::new("U1", "aiko", "Aiko"), Person::bot("UBOT", "patchbot", "bot")];
    let channels = vec![Channel::new("C1", "patching", &["U1", "UBOT"])];
    let tokens = Tokens::new("xoxb-1", "xapp-1");
    let clock = Clock::new(chrono::Utc::now(), 1.0);
    let workspace = Workspace::new(clock, people, channels, tokens);
    workspace.set_rate_limits(RateLimits::Off);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let (base, _serving) = workspace.serve(listener).expect("it is served");
    let access = Access {
        bot_token: "xoxb-1".into(),
        app_token: Some("xapp-1".into()),
        api_url: Some(format!("{base}/api")),
        plain_http: true,
    };
    let slack = Slack::new(&access, Arc::default()).expect("it is set up");
    (workspace, slack)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_slack_renews_hears_until_the_next_was_greeted() {
    let (workspace, slack) = workspace().await;
    let (inbox, stats) = (Inbox::default(), Arc::new(ListenStats::default()));
    let settings = Settings { connections: 1, ..Settings::default() };
    let (handler, counted) = (inbox.handler(), stats.clone());
    let listening = tokio::spawn(async move {
        listen(&slack, settings, handler, counted, std::future::pending()).await
    });
    workspace.until(|slack| (slack.sockets() == 1).then_some(())).await.expect("it listens");

    for round in 1..=3 {
        let mut seen = Vec::new();
        workspace.ask_to_disconnect("refresh_requested");
        // Slack knows about each connection that opens and closes.
        let renewed = workspace.until(|slack| {
            seen.push(slack.sockets());
            (count(&stats.connected) == round + 1 && slack.sockets() == 1).then_some(())
        });
        let typing = workspace.run_command("U1", "C1", "/patch status");
        let (renewed, typed) = tokio::join!(renewed, typing);
        renewed.expect("there is another connection, and the old one has gone");
        typed.expect("it was acknowledged");
        assert!(!seen.contains(&0), "there was a moment without a connection: {seen:?}");
    }
    assert_eq!(inbox.asked().len(), 3);
    assert_eq!(workspace.complaints(), Vec::<String>::new());
    assert!(!listening.is_finished());
    listening.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cut_off_comes_back() {
    let (workspace, slack) = workspace().await;
    let (inbox, stats) = (Inbox::default(), Arc::new(ListenStats::default()));
    let (handler, counted) = (inbox.handler(), stats.clone());
    let listening = tokio::spawn(async move {
        listen(&slack, Settings::default(), handler, counted, std::future::pending()).await
    });
    for _ in 0..3 {
        workspace.until(|slack| (slack.sockets() == 2).then_some(())).await.expect("it listens");
        assert_eq!(workspace.cut_sockets(), 2);
    }
    workspace.until(|slack| (slack.sockets() == 2).then_some(())).await.expect("it listens");
    workspace.run_command("U1", "C1", "/patch help").await.expect("it was acknowledged");
    assert_eq!(inbox.asked(), [Interaction::Command("help".into())]);
    listening.abort();
}

/// Slack's side of HTTP mode.
struct Caller {
    address: String,
    client: reqwest::Client,
}

impl Caller {
    async fn start(inbox: &Inbox, stats: &Arc<ListenStats>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}/slack", listener.local_addr().expect("an address"));
        let (handler, stats) = (inbox.handler(), stats.clone());
        tokio::spawn(async move {
            let secret = Secret::new(SECRET);
            http::listen(listener, &secret, handler, stats, std::future::pending()).await
        });
        Self { address, client: reqwest::Client::new() }
    }

    async fn post(&self, kind: &str, body: &str, signed: Option<(u64, &str)>) -> (u16, String) {
        let mut request = self
            .client
            .post(&self.address)
            .timeout(Duration::from_secs(10))
            .header("content-type", kind)
            .body(body.to_owned());
        if let Some((at, signature)) = signed {
            request = request
                .header("x-slack-request-timestamp", at)
                .header("x-slack-signature", signature);
        }
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("a body"))
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

fn sign(secret: &str, at: u64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
    mac.update(format!("v0:{at}:{body}").as_bytes());
    let bytes = mac.finalize().into_bytes();
    format!("v0={}", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

const FORM: &str = "application/x-www-form-urlencoded";

fn command(user: &str, trigger: &str) -> String {
    format!(
        "token=x&team_id=T1&channel_id=C1&user_id={user}&command=%2Fpatch&text=plan+verification\
         &response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2F1&trigger_id={trigger}"
    )
}

#[tokio::test]
async fn over_http_commands_clicks_and_challenges_are_read() {
    let (inbox, stats) = (Inbox::default(), Arc::new(ListenStats::default()));
    let caller = Caller::start(&inbox, &stats).await;
    let (at, body) = (now(), command("U1", "7.1"));
    let answer = caller.post(FORM, &body, Some((at, &sign(SECRET, at, &body)))).await;
    assert_eq!(answer, (200, String::new()));

    let click = r#"{"type":"block_actions","user":{"id":"U1"},"trigger_id":"9.9",
        "container":{"type":"message","message_ts":"1.5","channel_id":"C1"},
        "actions":[{"type":"button","action_id":"press-0","value":"p1|x","action_ts":"2.0"}]}"#;
    let body = serde_urlencoded::to_string([("payload", click)]).expect("it is a form");
    let answer = caller.post(FORM, &body, Some((at, &sign(SECRET, at, &body)))).await;
    assert_eq!(answer.0, 200);
    let press = Interaction::Press { token: "p1|x".into(), message_ts: "1.5".into() };
    assert_eq!(inbox.asked(), [Interaction::Command("plan verification".into()), press]);

    let body = r#"{"type":"url_verification","challenge":"3eZbrw1aB"}"#;
    let signed = sign(SECRET, at, body);
    let answer = caller.post("application/json", body, Some((at, &signed))).await;
    assert_eq!(answer, (200, "3eZbrw1aB".into()));
    assert_eq!((count(&stats.accepted), count(&stats.forged)), (2, 0));
}

#[tokio::test]
async fn over_http_the_forged_the_stale_and_the_replayed_are_refused() {
    let (inbox, stats) = (Inbox::default(), Arc::new(ListenStats::default()));
    let caller = Caller::start(&inbox, &stats).await;
    let (at, body) = (now(), command("U1", "7.1"));
    let mut refused = 0;
    let mut check = async |signed: Option<(u64, &str)>, body: &str, why: &str| {
        let (status, said) = caller.post(FORM, body, signed).await;
        assert_eq!(status, 401, "{why}: {said}");
        assert!(said.contains(why), "{said}");
        refused += 1;
        assert_eq!(count(&stats.forged), refused);
        assert!(inbox.asked().len() <= 1);
    };
    let good = sign(SECRET, at, &body);
    check(None, &body, "no signature").await;
    check(Some((at, "")), &body, "not Slack's").await;
    check(Some((at, &sign("another secret", at, &body))), &body, "not Slack's").await;
    check(Some((at, &good)), &command("U2", "7.1"), "not Slack's").await;
    check(Some((at + 1, &good)), &body, "not Slack's").await;
    check(Some((at, &good.to_uppercase())), &body, "not Slack's").await;
    for away in [at - 301, at + 330] {
        check(Some((away, &sign(SECRET, away, &body))), &body, "five minutes").await;
    }
    assert_eq!(caller.post(FORM, &body, Some((at, &good))).await.0, 200);
    check(Some((at, &good)), &body, "received before").await;
    // Signed again, as only Slack can: the interaction itself is known.
    check(Some((at - 1, &sign(SECRET, at - 1, &body))), &body, "received before").await;
    assert_eq!(inbox.asked().len(), 1);
}

#[tokio::test]
async fn over_http_what_could_not_be_made_durable_may_come_again() {
    let (inbox, stats) = (Inbox::default(), Arc::new(ListenStats::default()));
    let caller = Caller::start(&inbox, &stats).await;
    let (at, body) = (now(), command("U-DISK-FULL", "7.1"));
    let signed = sign(SECRET, at, &body);
    for _ in 0..2 {
        assert_eq!(caller.post(FORM, &body, Some((at, &signed))).await.0, 500);
    }
    assert_eq!((count(&stats.refused), count(&stats.forged)), (2, 0));
    let huge = "x".repeat(2 << 20);
    assert_eq!(caller.post(FORM, &huge, Some((at, &sign(SECRET, at, &huge)))).await.0, 413);
    // Without a signature the bot does not even read the body.
    assert_eq!(caller.post(FORM, &huge, None).await.0, 401);
}
