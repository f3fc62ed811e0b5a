use std::collections::BTreeMap;

use chrono::DateTime;
use commands::emergency_stop::EmergencyStopEvent;
use commands::environment::Promotion;
use commands::id::Principal;
use commands::input::button::ButtonAction;
use commands::reason::Reason;
use commands::refusal::Refusal;
use commands::state::State;
use commands::text::TimeStyle;
use commands::view::form::{Choice, Field, FieldKind, form};
use commands::view::{
    Fact, Progress, Reader, Series, Table, emergency_stop_card, help, refusal_card,
};
use twilight_model::channel::message::{Component, Embed};

use super::*;
use crate::chat::{GroupIds, Person, Platform};

fn people() -> Directory {
    let aiko = Person { slack: Some("U0AIKO".into()), discord: Some("4242".into()) };
    let ben = Person { slack: Some("U0BEN".into()), discord: None };
    Directory::new(BTreeMap::from([("aiko".to_owned(), aiko), ("ben".to_owned(), ben)]))
}

fn ben() -> PersonRef {
    people().person(Platform::Slack, "U0BEN")
}

/// Renders a card, and checks it against an independent validation of Discord's limits.
fn shown(card: &Card) -> Value {
    let people = people();
    let look = Look { locale: Locale::En, people: &people, pictured: chart(card).is_some() };
    let body = render(card, Some("run-verification-1"), &look);
    taken(&body);
    body
}

fn taken(body: &Value) {
    let mut embeds = body["embeds"].clone();
    for embed in embeds.as_array_mut().expect("a list") {
        embed["type"] = "rich".into();
    }
    let embeds: Vec<Embed> = serde_json::from_value(embeds).expect("embeds");
    twilight_validate::message::embeds(&embeds).expect("embeds within the limits");
    let rows = body["components"].clone();
    let rows: Vec<Component> = serde_json::from_value(rows).expect("components");
    twilight_validate::message::components(&rows, false).expect("components within the limits");
    if let Some(content) = body["content"].as_str() {
        twilight_validate::message::content(content).expect("content within the limits");
    }
}

fn plan() -> ButtonAction {
    ButtonAction::Plan { environment: "verification".parse().expect("a name") }
}

fn card(tone: Tone, blocks: Vec<Block>) -> Card {
    Card {
        drill: false,
        tone,
        title: "Approve patching verification?".into(),
        blocks,
        buttons: vec![
            Button {
                label: "Approve".into(),
                press: plan(),
                style: ButtonStyle::Primary,
                confirm: None,
            },
            Button {
                label: "Reject".into(),
                press: plan(),
                style: ButtonStyle::Danger,
                confirm: None,
            },
        ],
        fallback: String::new(),
    }
}

fn every_block() -> Vec<Block> {
    let at = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
    let said = Text(vec![
        Span::Plain("Requested by ".into()),
        Span::Person(people().person(Platform::Discord, "4242")),
        Span::Plain(", until ".into()),
        Span::Time { at, style: TimeStyle::DateTime },
        Span::Plain(" *not bold* @everyone".into()),
    ]);
    let chart = Chart {
        title: "Compliance".into(),
        categories: vec!["verification".into()],
        series: vec![Series { name: "compliant".into(), values: vec![6] }],
    };
    vec![
        Block::Text(said),
        Block::Facts(vec![
            Fact { label: "Nodes".into(), value: Text::from("6") },
            Fact { label: "Plan".into(), value: Text::code("0123456789ab") },
        ]),
        Block::Table(Table {
            columns: vec!["Node".into(), "Missing".into()],
            rows: vec![vec![Text::from("web_01"), Text::from("3")]],
        }),
        Block::Chart(chart),
        Block::Report(Table {
            columns: vec!["Node".into()],
            rows: vec![vec![Text::from("web_01")]],
        }),
        Block::Progress(Progress { label: Text::from("Installing"), done: 3, bad: 1, total: 6 }),
        Block::Divider,
        Block::Note(Text::from("Small print")),
    ]
}

#[test]
fn every_block_has_a_shape() {
    insta::assert_json_snapshot!(shown(&card(Tone::Attention, every_block())));
}

#[test]
fn a_chart_is_a_picture_or_words() {
    let card = card(Tone::Calm, every_block());
    let people = people();
    let told = |pictured| {
        let look = Look { locale: Locale::En, people: &people, pictured };
        render(&card, None, &look)
    };
    let (pictured, in_words) = (told(true), told(false));
    let words = "verification: compliant 6";
    assert!(in_words["embeds"].to_string().contains(words), "{in_words}");
    assert!(in_words["embeds"][0].get("image").is_none() && in_words["attachments"] == json!([]));
    assert!(!pictured["embeds"].to_string().contains(words), "{pictured}");
    assert_eq!(pictured["embeds"][0]["image"]["url"], "attachment://chart.png");
    // A person who cannot see it has the figures read out.
    assert_eq!(pictured["attachments"][0]["description"], format!("Compliance {words}"));
}

#[test]
fn production_looks_like_nothing_else() {
    let verification = shown(&card(Tone::Attention, vec![]));
    let production = shown(&card(Tone::Production, vec![]));
    assert_ne!(verification["embeds"][0]["color"], production["embeds"][0]["color"]);
    let title = |body: &Value| body["embeds"][0]["title"].as_str().unwrap_or_default().to_owned();
    assert!(title(&production).starts_with("🟥🟥 "), "{}", title(&production));
    assert!(title(&verification).starts_with("🟡 "), "{}", title(&verification));
}

#[test]
fn the_cards_of_every_day_have_a_shape() {
    let reader = Reader { locale: Locale::En, drill: false };
    let by = Some(Principal::Person(ben()));
    let stop =
        EmergencyStopEvent::Stopped { reason: Reason::parse("disk alarms").expect("a reason") };
    insta::assert_json_snapshot!(
        "stopped",
        shown(&emergency_stop_card(&stop, by.as_ref(), reader))
    );
    insta::assert_json_snapshot!("refused", shown(&refusal_card(&Refusal::NothingWaits, reader)));
    insta::assert_json_snapshot!("help", shown(&help::help(None, reader)));
    let drill = Reader { drill: true, ..reader };
    insta::assert_json_snapshot!(
        "a drill",
        shown(&help::help(Some(commands::input::command::Verb::Plan), drill))
    );
    assert!(State::default().subjects().is_empty());
}

#[test]
fn nothing_is_too_much() {
    let long = "long and * longer 検証 ".repeat(400);
    let fact = Fact { label: long.clone(), value: Text::from(long.as_str()) };
    let rows = vec![vec![Text::from(long.as_str()); 3]; 300];
    let mut blocks = vec![Block::Text(Text::from(long.as_str())); 20];
    blocks.push(Block::Facts(vec![fact; 60]));
    blocks.push(Block::Table(Table { columns: vec![long.clone(); 3], rows }));
    blocks.push(Block::Note(Text::from(long.as_str())));
    let mut great = card(Tone::Production, blocks);
    great.title = long.clone();
    great.buttons =
        vec![Button { label: long, press: plan(), style: ButtonStyle::Plain, confirm: None }; 5];
    let body = shown(&great);
    assert!(body["embeds"].to_string().contains('…'), "what is missing is marked");
    let empty = Card { title: String::new(), buttons: vec![], ..card(Tone::Calm, vec![]) };
    shown(&empty);
}

#[test]
fn only_those_who_are_asked_are_called() {
    let approvers = [
        Approver::Person(people().person(Platform::Discord, "4242")),
        Approver::Person(ben()),
        Approver::Group(commands::id::GroupRef("sre".into())),
    ];
    let role = GroupIds { slack: None, discord_role: Some("77".into()) };
    let sre = commands::id::GroupRef("sre".into());
    let with_sre = people().with_groups(BTreeMap::from([(sre, role)]));
    let called = call(&approvers, &with_sre).expect("somebody");
    assert_eq!(called["content"], "<@4242> <@&77>");
    let only = json!({ "parse": [], "users": ["4242"], "roles": ["77"] });
    assert_eq!(called["allowed_mentions"], only);
    assert!(call(&approvers[1..], &people()).is_none(), "neither is in Discord");
    let nobody = &shown(&card(Tone::Calm, every_block()))["allowed_mentions"];
    assert_eq!(*nobody, json!({ "parse": [], "users": [], "roles": [] }));
}

#[test]
fn a_line_reaches_whom_it_names() {
    let aiko = || Span::Person(people().person(Platform::Discord, "4242"));
    let text = Text(vec![aiko(), Span::Plain(" rejected it. ".into()), aiko()]);
    let people = people();
    let line = render_text(&text, &Look { locale: Locale::En, people: &people, pictured: false });
    assert_eq!(line["content"], "<@4242> rejected it. <@4242>");
    // Named twice, and notified once.
    assert_eq!(line["allowed_mentions"]["users"], json!(["4242"]));
}

#[test]
fn a_dialog_asks_for_the_reason() {
    let press = ButtonAction::Reject {
        run: "verification-1".parse().expect("a run"),
        digest: "0123456789ab".into(),
    };
    let form = form(&press, &Promotion::default(), Locale::En).expect("a dialog");
    insta::assert_json_snapshot!(dialog(&form));
}

#[test]
fn a_dialog_types_what_it_cannot_choose() {
    let press =
        ButtonAction::PlanWith { environment: Some("verification".parse().expect("a name")) };
    let mut form = form(&press, &Promotion::default(), Locale::En).expect("a dialog");
    let choice = |value: &str| Choice { label: value.to_uppercase(), value: value.to_owned() };
    form.fields[0].kind = FieldKind::Choice {
        choices: vec![choice("verification"), choice("production")],
        chosen: Some("verification".into()),
        at_a_glance: false,
    };
    form.fields.push(Field {
        key: "command".into(),
        label: "Command id ".repeat(10),
        hint: "0b4f ".repeat(30),
        kind: FieldKind::Text { long: false, least: 36, most: 36 },
        required: true,
    });
    form.fields.remove(1);
    insta::assert_json_snapshot!(dialog(&form));
}
