//! Tests with clients that we did not write: Slack's own Bolt for JavaScript and for Python use the
//! simulator, in Socket Mode and in HTTP mode.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use simulators::clock::Clock;
use simulators::slack::{Channel, Person, Tokens, UserActionError, Workspace, plain_text};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";

async fn serve() -> (Workspace, String) {
    let people = vec![Person::new("U1", "aiko", "Aiko Tanaka"), Person::bot("UB", "bot", "Bot")];
    let channels = vec![Channel::new("C1", "patching", &["U1", "UB"])];
    let slack = Workspace::new(Clock::real(), people, channels, Tokens::new("xoxb-1", "xapp-1"));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let (base, _server) = slack.serve(listener).expect("an address");
    (slack, base)
}

fn start(program: &str, script: &str, base: &str, port: Option<u16>) -> Child {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/slack").join(script);
    let mut command = Command::new(program);
    command
        .arg(script)
        .env("SLACK_BASE_URL", base)
        .env("SLACK_BOT_TOKEN", "xoxb-1")
        .env("SLACK_APP_TOKEN", "xapp-1")
        .env("SLACK_SIGNING_SECRET", SECRET)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    if let Some(port) = port {
        command.env("PORT", port.to_string());
    }
    command.spawn().expect("the peer's runtime is installed")
}

fn python() -> String {
    std::env::var("PATCHBOT_PYTHON").expect(
        "PATCHBOT_PYTHON must name a Python with slack_bolt: `tests/run` makes one and sets it",
    )
}

fn modules() {
    std::env::var("PATCHBOT_NODE_MODULES").expect(
        "PATCHBOT_NODE_MODULES must name a node_modules folder with @slack/bolt in it: \
         `tests/run` installs one and sets it",
    );
}

/// HTTP mode, at a port that was free a moment ago: the peer has to open it itself.
async fn request_url(slack: &Workspace, secret: &str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    slack.call_at(&format!("http://127.0.0.1:{port}/slack/events"), secret);
    port
}

/// Sends the challenge until the peer listens.
async fn listens(slack: &Workspace) {
    let asking = async {
        let mut pace = tokio::time::interval(Duration::from_millis(50));
        while !slack.verify_request_url().await {
            pace.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), asking).await.expect("the peer listens");
}

async fn ends_well(mut peer: Child) {
    let ended = tokio::time::timeout(Duration::from_secs(20), peer.wait()).await;
    assert!(ended.expect("the peer ends").expect("it ran").success(), "the peer ends well");
}

/// From the command to the home tab. `told` is the answer to the command.
async fn play(slack: &Workspace, told: &str) {
    slack.run_command("U1", "C1", "/patch prod 7").await.expect("Bolt acknowledges");
    let card = slack.until(|slack| slack.messages("C1").pop()).await.expect("the card is posted");
    assert_eq!(plain_text(&card), "*A plan waits*\n[Reject]");
    let answer = slack.until(|slack| slack.ephemerals("U1").pop()).await.expect("Bolt responds");
    assert_eq!(plain_text(&answer), told);

    slack.press("U1", "C1", &card.ts, "Reject").await.expect("Bolt acknowledges");
    let modal = slack.until(|slack| slack.open_views("U1").pop()).await.expect("a modal opens");
    slack.submit("U1", &modal.id, &[("why", "no")]).await.expect("Bolt acknowledges");
    let modal = slack.open_views("U1").pop().expect("the modal stays open");
    assert_eq!(modal.errors["why"], "Say a little more");
    slack.submit("U1", &modal.id, &[("why", "not tonight")]).await.expect("Bolt acknowledges");
    assert_eq!(slack.open_views("U1"), []);
    let words = slack.until(|slack| {
        let edited = slack.message("C1", &card.ts).filter(|card| card.edited.is_some());
        edited.as_ref().map(plain_text)
    });
    assert_eq!(words.await.expect("an edit"), "Rejected by <@U1>: not tonight");
    let reply = slack.until(|slack| slack.thread("C1", &card.ts).pop()).await;
    let reply = reply.unwrap_or_else(|| panic!("no reply: {:?}", slack.complaints()));
    assert_eq!((reply.text.as_str(), reply.files.len()), ("Noted.", 1));
    assert_eq!(reply.files[0]["name"], "plan.txt");
    let file = reply.files[0]["id"].as_str().and_then(|id| slack.file(id));
    assert_eq!(&file.expect("the file").1[..], b"three nodes\n");

    assert!(slack.open_home("U1").await, "Bolt acknowledges the event");
    slack.until(|slack| slack.home("U1")).await.expect("the home is published");
}

#[tokio::test]
async fn bolt_for_javascript_plays_a_scene_from_the_command_to_the_home_tab() {
    modules();
    let (slack, base) = serve().await;
    let peer = start("node", "bot.js", &base, None);
    slack.until(|slack| (slack.sockets() > 0).then_some(())).await.expect("Bolt opens a socket");
    play(&slack, "Looking at prod 7").await;
    ends_well(peer).await;
    assert_eq!(slack.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn bolt_for_javascript_takes_signed_requests() {
    modules();
    let (slack, base) = serve().await;
    let port = request_url(&slack, SECRET).await;
    let peer = start("node", "bot.js", &base, Some(port));
    listens(&slack).await;
    play(&slack, "Looking at prod 7").await;
    ends_well(peer).await;
    assert_eq!(slack.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn bolt_for_python_plays_a_scene_from_the_command_to_the_home_tab() {
    let (slack, base) = serve().await;
    let peer = start(&python(), "bot.py", &base, None);
    slack.until(|slack| (slack.sockets() > 0).then_some(())).await.expect("Bolt opens a socket");
    play(&slack, "aiko looks at prod 7").await;
    ends_well(peer).await;
    assert_eq!(slack.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn bolt_for_python_takes_signed_requests_and_no_forged_ones() {
    let (slack, base) = serve().await;
    let port = request_url(&slack, SECRET).await;
    let peer = start(&python(), "bot.py", &base, Some(port));
    listens(&slack).await;
    let url = format!("http://127.0.0.1:{port}/slack/events");
    slack.call_at(&url, "another secret");
    let forged = slack.run_command("U1", "C1", "/patch prod 7").await;
    assert_eq!(forged.expect_err("no"), UserActionError::HttpStatus(401));
    slack.call_at(&url, SECRET);
    // What Slack told the person about the forged one.
    assert_eq!(slack.ephemerals("U1").len(), 1);
    play(&slack, "aiko looks at prod 7").await;
    ends_well(peer).await;
    assert_eq!(slack.complaints(), Vec::<String>::new());
}
