//! A client that we did not write, Slack's own Bolt, speaks to the simulator.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use simulators::clock::Clock;
use simulators::slack::{Channel, Person, Tokens, Workspace, plain_text};
use tokio::net::TcpListener;
use tokio::process::Command;

#[tokio::test]
async fn bolt_plays_a_scene_from_the_command_to_the_home_tab() {
    let modules = std::env::var("PATCHBOT_NODE_MODULES").expect(
        "PATCHBOT_NODE_MODULES must name a node_modules folder with @slack/bolt in it: \
         `tests/run` installs one and sets it",
    );
    let people = vec![Person::new("U1", "aiko", "Aiko Tanaka"), Person::bot("UB", "bot", "Bot")];
    let channels = vec![Channel::new("C1", "patching", &["U1", "UB"])];
    let slack = Workspace::new(Clock::real(), people, channels, Tokens::new("xoxb-1", "xapp-1"));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let (base, _server) = slack.serve(listener).expect("an address");

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/slack/bot.js");
    let mut bolt = Command::new("node")
        .arg(script)
        .env("PATCHBOT_NODE_MODULES", modules)
        .env("SLACK_BASE_URL", base)
        .env("SLACK_BOT_TOKEN", "xoxb-1")
        .env("SLACK_APP_TOKEN", "xapp-1")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("node is installed");
    slack.until(|slack| (slack.sockets() > 0).then_some(())).await.expect("Bolt opens a socket");

    slack.run_command("U1", "C1", "/patch prod 7").await.expect("Bolt acknowledges");
    let card = slack.until(|slack| slack.messages("C1").pop()).await.expect("the card is posted");
    assert_eq!(plain_text(&card), "*A plan waits*\n[Reject]");
    let told = slack.until(|slack| slack.ephemerals("U1").pop()).await.expect("Bolt responds");
    assert_eq!(plain_text(&told), "Looking at prod 7");

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
    slack.until(|slack| slack.thread("C1", &card.ts).pop()).await.expect("a reply in the thread");

    assert!(slack.open_home("U1").await, "Bolt acknowledges the event");
    slack.until(|slack| slack.home("U1")).await.expect("the home is published");
    let ended = tokio::time::timeout(Duration::from_secs(20), bolt.wait()).await;
    assert!(ended.expect("Bolt ends").expect("it ran").success(), "Bolt ends well");
    assert_eq!(slack.complaints(), Vec::<String>::new());
}
