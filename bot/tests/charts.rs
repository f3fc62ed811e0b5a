//! A workspace that refuses Slack's charts still sees them: as pictures, or else as lines.

use commands::input::button::ButtonAction;
use commands::text::wording::Locale;
use commands::view::{Block, Button, ButtonStyle, Card, Chart, Series, Tone};
use patchbot::slack::{Access, Slack};
use simulators::clock::Clock;
use simulators::slack::{Channel, Message, Person, Tokens, Workspace, plain_text};
use tokio::net::TcpListener;

async fn posted(tokens: Tokens, has_charts: bool) -> (Workspace, Message) {
    let people = vec![Person::new("U1", "aiko", "Aiko"), Person::bot("UBOT", "patchbot", "bot")];
    let channels = vec![Channel::new("C1", "patching", &["U1", "UBOT"])];
    let workspace = Workspace::new(Clock::new(chrono::Utc::now(), 1.0), people, channels, tokens);
    workspace.refuse_charts(!has_charts);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let (base, _serving) = workspace.serve(listener).expect("it is served");
    let access = Access {
        bot_token: "xoxb-1".into(),
        app_token: None,
        api_url: Some(format!("{base}/api")),
        plain_http: true,
    };
    let slack = Slack::new(&access, Default::default()).expect("it is set up");
    slack.post("C1", None, &card(), Locale::En, "compliance/1").await.expect("it is posted");
    let message = workspace.messages("C1").pop().expect("it is there");
    (workspace, message)
}

fn card() -> Card {
    let press = ButtonAction::Plan { environment: "verification".parse().expect("a name") };
    let series = |name: &str, values: &[u32]| Series { name: name.into(), values: values.into() };
    Card {
        drill: false,
        tone: Tone::Calm,
        title: "Compliance".into(),
        blocks: vec![Block::Chart(Chart {
            title: "Nodes".into(),
            categories: vec!["verification".into(), "production".into()],
            series: vec![series("compliant", &[3, 9]), series("unknown", &[0, 2])],
        })],
        buttons: vec![Button {
            label: "Plan".into(),
            press,
            style: ButtonStyle::Primary,
            confirm: None,
        }],
        fallback: "Twelve of fourteen nodes are compliant.".into(),
    }
}

fn kinds(message: &Message) -> Vec<&str> {
    message.blocks.iter().filter_map(|block| block.get("type")?.as_str()).collect()
}

#[tokio::test]
async fn a_chart_is_a_chart_where_there_are_charts() {
    let (_, message) = posted(Tokens::new("xoxb-1", "xapp-1"), true).await;
    assert_eq!(kinds(&message), ["header", "data_visualization", "actions"]);
}

#[tokio::test]
async fn a_chart_is_a_picture_where_there_are_none() {
    let (workspace, message) = posted(Tokens::new("xoxb-1", "xapp-1"), false).await;
    assert_eq!(kinds(&message), ["header", "image", "actions"]);
    let image = &message.blocks[1];
    let file = image.pointer("/slack_file/id").and_then(|id| id.as_str()).expect("a file");
    let (kind, bytes) = workspace.file(file).expect("it is there");
    assert_eq!((kind, &bytes[1..4]), ("image/png", b"PNG".as_slice()));
    let alt_text = image["alt_text"].as_str().expect("words for whoever cannot see it");
    assert!(alt_text.contains("production: compliant 9 · unknown 2"), "{alt_text}");
}

#[tokio::test]
async fn a_chart_is_lines_where_there_are_no_pictures_either() {
    let tokens = Tokens::new("xoxb-1", "xapp-1").without("files:write");
    let (_, message) = posted(tokens, false).await;
    assert_eq!(kinds(&message), ["header", "rich_text", "actions"]);
    assert!(plain_text(&message).contains("production: compliant 9 · unknown 2"));
}
