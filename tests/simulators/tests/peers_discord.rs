//! Tests with clients that we did not write: discord.js and discord.py use the simulator.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use simulators::clock::Clock;
use simulators::discord::{App, Channel, Discord, Guild, Member, plain_text};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

async fn serve() -> (Discord, String) {
    let guild = Guild::new("100000000000000001", "Operations")
        .with_member(Member::new("100000000000000002", "aiko", "Aiko Tanaka"))
        .with_channel(Channel::new(CHANNEL, "patching"));
    let app = App::new("100000000000000009", "patchbot", TOKEN);
    let discord = Discord::new(Clock::real(), app, vec![guild]);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let (base, _server) = discord.serve(listener).expect("an address");
    (discord, base)
}

const AIKO: &str = "100000000000000002";
const CHANNEL: &str = "100000000000000003";
/// Clients read the app's id from the first part of the token.
const TOKEN: &str = "MTAwMDAwMDAwMDAwMDAwMDA5.simulated.token";

fn start(program: &str, script: &str, base: &str) -> Child {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/discord").join(script);
    Command::new(program)
        .arg(script)
        .env("DISCORD_BASE_URL", base)
        .env("DISCORD_TOKEN", TOKEN)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("the peer's runtime is installed")
}

async fn ends_well(mut peer: Child) {
    let ended = tokio::time::timeout(Duration::from_secs(20), peer.wait()).await;
    assert!(ended.expect("the peer ends").expect("it ran").success(), "the peer ends well");
}

/// The peer comes back after each way in which a connection ends: cut, asked to reconnect, or told
/// that its session is invalid. It must answer again before the next one, because discord.js fails
/// if its session is invalidated at the moment it resumes.
async fn break_connections(discord: &Discord, line: &str, focused: &str) {
    let came_back = async |resumes: usize, identifies: usize| {
        let came = discord.until(|discord| {
            let is_back = discord.sessions() == 1
                && discord.resumes() == resumes
                && discord.identifies() == identifies;
            is_back.then_some(())
        });
        let came = came.await.is_some();
        let counts = (discord.resumes(), discord.identifies(), discord.complaints());
        assert!(came, "not {resumes} resumes and {identifies} identifies: {counts:?}");
        let offered = discord.autocomplete(AIKO, CHANNEL, line, focused).await;
        assert_eq!(offered.expect("it answers again").len(), 1);
    };
    discord.cut_connections();
    came_back(1, 1).await;
    discord.ask_to_reconnect();
    came_back(2, 1).await;
    discord.invalidate_sessions(true);
    came_back(3, 1).await;
    discord.invalidate_sessions(false);
    came_back(3, 2).await;
}

/// From the suggestion for the command to the last press, on a card that `line` produces.
async fn play(discord: &Discord, line: &str, focused: &str) {
    let typed = line.trim_end_matches("5062557");
    let offered = discord.autocomplete(AIKO, CHANNEL, typed, focused).await;
    assert_eq!(offered.expect("choices")[0].name, "KB5062557");
    discord.run_command(AIKO, CHANNEL, line).await.expect("a response");
    let card = discord.until(|discord| discord.messages(CHANNEL).pop()).await.expect("a card");
    assert_eq!(plain_text(&card), "A plan waits\n[Reject]");
    assert_eq!(plain_text(&discord.ephemerals(AIKO)[0]), "Looking at KB5062557");
    assert_eq!(card.attachments[0]["filename"], "plan.txt");
    let file = card.attachments[0]["id"].as_str().and_then(|id| discord.file(id));
    assert_eq!(file.expect("the file").1, b"three nodes\n");

    discord.press(AIKO, CHANNEL, &card.id, "Reject").await.expect("a response");
    let modal = discord.open_modals(AIKO).pop().expect("a modal");
    discord.submit(AIKO, &modal.id, &[("why", "not tonight")]).await.expect("a response");
    let edited = discord.message(CHANNEL, &card.id).expect("the card");
    assert_eq!(plain_text(&edited), "Rejected: not tonight\n[Done]");
    let noted = discord.until(|discord| {
        discord.messages(&card.id).into_iter().find(|message| message.content == "Noted.")
    });
    noted.await.expect("a reply in the thread");
    assert_eq!(discord.threads(CHANNEL).len(), 1);

    break_connections(discord, typed, focused).await;
    discord.press(AIKO, CHANNEL, &card.id, "Done").await.expect("a response");
    let words = discord.until(|discord| {
        let card = discord.message(CHANNEL, &card.id)?;
        card.components.is_empty().then(|| plain_text(&card))
    });
    assert_eq!(words.await.expect("an edit"), "Rejected: not tonight");
}

#[tokio::test]
async fn discord_js_plays_a_scene_from_the_command_to_the_thread() {
    std::env::var("PATCHBOT_DISCORD_MODULES").expect(
        "PATCHBOT_DISCORD_MODULES must name a node_modules folder with discord.js in it: \
         `tests/run` installs one and sets it",
    );
    let (discord, base) = serve().await;
    let peer = start("node", "bot.js", &base);
    let registered = discord.until(|discord| discord.commands(None).pop());
    assert!(
        registered.await.is_some(),
        "no command: {:?} {:?}",
        discord.complaints(),
        discord.calls()
    );
    play(&discord, "/patch show id:KB5062557", "id").await;
    ends_well(peer).await;
    assert_eq!(discord.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn discord_py_plays_a_scene_over_a_compressed_gateway() {
    let python = std::env::var("PATCHBOT_PYTHON").expect(
        "PATCHBOT_PYTHON must name a Python with discord.py: `tests/run` makes one and sets it",
    );
    let (discord, base) = serve().await;
    let peer = start(&python, "bot.py", &base);
    let connected = discord.until(|discord| (discord.sessions() > 0).then_some(()));
    connected.await.expect("discord.py connects");
    play(&discord, "/show patch:KB5062557", "patch").await;
    ends_well(peer).await;
    assert_eq!(discord.complaints(), Vec::<String>::new());
}
