use std::collections::BTreeMap;

use chrono::DateTime;
use commands::input::button::ButtonAction;
use commands::text::TimeStyle;
use commands::view::{Chart, Confirm, Progress, Series, Table, Tone};
use serde_json::Value;

use super::*;
use crate::chat::{Person, Platform};

fn shown(card: &Card, detail: Detail) -> (Vec<Value>, String) {
    let aiko = Person { slack: Some("U0AIKO".into()), discord: None };
    let people = Directory::new(BTreeMap::from([("aiko".to_owned(), aiko)]));
    let look = Look { locale: Locale::En, people: &people, nonce: "n", detail, pictures: &[] };
    let rendered = render(card, &look);
    let blocks = rendered.blocks.unwrap_or_default();
    let blocks = blocks.iter().map(|block| serde_json::to_value(block).expect("a block"));
    (blocks.collect(), rendered.text)
}

fn card(blocks: Vec<Block>, buttons: Vec<Button>) -> Card {
    Card {
        drill: true,
        tone: Tone::Production,
        title: "Approve patching production?".into(),
        blocks,
        buttons,
        fallback: "A plan for production waits for approval.".into(),
    }
}

fn approve(style: ButtonStyle) -> Button {
    let press = ButtonAction::Plan { environment: "verification".parse().expect("a name") };
    let confirm = Confirm {
        title: "Sure? ".repeat(50),
        text: "It reboots. ".repeat(50),
        yes: "Go on ".repeat(20),
        no: "Leave it ".repeat(20),
    };
    Button { label: "Approve ".repeat(20), press, style, confirm: Some(confirm) }
}

fn every_kind(times: usize) -> Vec<Block> {
    let long = Text(vec![
        Span::Strong("更新".repeat(times)),
        Span::Person(Directory::default().person(Platform::Slack, "U0AIKO")),
        Span::Plain(" & <words> ".repeat(times)),
        Span::Break,
        Span::Code("kb".repeat(times)),
        Span::Time { at: DateTime::UNIX_EPOCH, style: TimeStyle::DateTime },
    ]);
    let names = |count: usize| (0..count).map(|at| format!("{at} {}", "name ".repeat(times)));
    let fact = |label: String| Fact { label, value: long.clone() };
    vec![
        Block::Text(long.clone()),
        Block::Facts(names(times + 1).map(fact).collect()),
        Block::Table(Table {
            columns: names(3 * times).collect(),
            rows: vec![vec![long.clone(), Text::from("plain"), Text::default()]; 20 * times],
        }),
        Block::Chart(Chart {
            title: "How many nodes ".repeat(times),
            categories: names(3).collect(),
            series: names(3).map(|name| Series { name, values: vec![1, 2, 3] }).collect(),
        }),
        Block::Progress(Progress { label: long.clone(), done: 4, bad: 1, total: 6 }),
        Block::Report(Table { columns: names(3).collect(), rows: vec![vec![long.clone(); 3]] }),
        Block::Note(long),
        Block::Divider,
    ]
}

/// What Slack would refuse, by its published limits.
fn faults(blocks: &[Value]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut ids = std::collections::BTreeSet::new();
    let mut limit = |what: &str, value: usize, most: usize| {
        if value == 0 || value > most {
            faults.push(format!("{what}: {value} of {most}"));
        }
    };
    let text = |value: &Value| value.as_str().map(|s| s.encode_utf16().count()).unwrap_or_default();
    let array = |value: &Value| value.as_array().cloned().unwrap_or_default();
    limit("blocks", blocks.len(), 50);
    let kinds = |kind: &str| blocks.iter().filter(|block| block["type"] == kind).count();
    limit("tables", kinds("table") + 1, 2);
    limit("charts", kinds("data_visualization") + 1, 3);
    for block in blocks {
        limit("block_id", usize::from(ids.insert(block["block_id"].to_string())), 1);
        match block["type"].as_str().expect("a type") {
            "header" => limit("header", text(&block["text"]["text"]), 150),
            "section" => {
                limit("fields", array(&block["fields"]).len(), 10);
                array(&block["fields"]).iter().for_each(|f| limit("field", text(&f["text"]), 2000));
            }
            "context" => {
                limit("context", array(&block["elements"]).len(), 10);
                limit("note", text(&block["elements"][0]["text"]), 2000);
            }
            "table" => {
                limit("rows", array(&block["rows"]).len(), 100);
                for row in array(&block["rows"]) {
                    limit("columns", array(&row).len(), 20);
                    for cell in array(&row) {
                        limit("cell", cell.to_string().len() - 2, 4000);
                        assert_ne!(cell["text"], "");
                    }
                }
            }
            "data_visualization" => {
                limit("title", text(&block["title"]), 50);
                let categories = array(&block["chart"]["axis_config"]["categories"]);
                categories.iter().for_each(|label| limit("label", text(label), 20));
                limit("series", array(&block["chart"]["series"]).len(), 6);
            }
            "rich_text" => {
                for element in array(&block["elements"][0]["elements"]) {
                    if element["type"] == "text" {
                        limit("words", text(&element["text"]), 3000);
                    }
                }
            }
            "actions" => {
                limit("buttons", array(&block["elements"]).len(), 25);
                for button in array(&block["elements"]) {
                    limit("label", text(&button["text"]["text"]), 75);
                    limit("value", text(&button["value"]), 2000);
                    limit("confirm.title", text(&button["confirm"]["title"]["text"]), 100);
                    limit("confirm.text", text(&button["confirm"]["text"]["text"]), 300);
                    limit("confirm.confirm", text(&button["confirm"]["confirm"]["text"]), 30);
                    limit("confirm.deny", text(&button["confirm"]["deny"]["text"]), 30);
                    limit("action_id", usize::from(ids.insert(button["action_id"].to_string())), 1);
                }
            }
            "divider" => {}
            other => panic!("{other}"),
        }
    }
    faults
}

/// The number of characters of all texts in a value.
fn said(value: &Value) -> usize {
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| {
                !["type", "block_id", "action_id", "value", "style"].contains(&name.as_str())
            })
            .map(|(_, value)| said(value))
            .sum(),
        Value::Array(all) => all.iter().map(said).sum(),
        Value::String(text) => text.encode_utf16().count(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

#[test]
fn nothing_is_refused_for_its_size() {
    for times in [1, 2, 7, 40, 400] {
        for detail in [Detail::Full, Detail::Simple] {
            let blocks = [every_kind(times), every_kind(times), every_kind(times), every_kind(1)];
            let buttons = vec![approve(ButtonStyle::Primary), approve(ButtonStyle::Danger)];
            let (blocks, text) = shown(&card(blocks.concat(), buttons), detail);
            assert_eq!(faults(&blocks), Vec::<String>::new(), "{times} {detail:?}");
            let all: usize = blocks.iter().map(said).sum();
            assert!(all <= 13_200, "{times} {detail:?}: {all}");
            assert!(text.len() <= 4000);
            assert_eq!(blocks.last().map(|block| block["type"].clone()), Some("actions".into()));
        }
        let (blocks, text) = shown(&card(every_kind(times), vec![]), Detail::TextOnly);
        assert!(blocks.is_empty() && length(&text) <= 4000);
    }
}

#[test]
fn a_hundred_blocks_are_fifty_and_the_buttons_stay() {
    let many = vec![Block::Divider; 100];
    let (blocks, _) = shown(&card(many, vec![approve(ButtonStyle::Plain); 30]), Detail::Full);
    assert_eq!(blocks.len(), 50);
    assert_eq!(blocks[48]["type"], "actions");
    assert_eq!(blocks[49]["elements"].as_array().map(Vec::len), Some(5));
}

#[test]
fn an_empty_card_has_no_empty_blocks() {
    let nothing = Text::default();
    let blocks = vec![
        Block::Text(nothing.clone()),
        Block::Facts(vec![]),
        Block::Note(nothing.clone()),
        Block::Table(Table { columns: vec![], rows: vec![] }),
        Block::Chart(Chart { title: String::new(), categories: vec![], series: vec![] }),
    ];
    let empty = Card { drill: false, title: String::new(), ..card(blocks, vec![]) };
    let (blocks, _) = shown(&empty, Detail::Full);
    let kinds: Vec<&str> = blocks.iter().filter_map(|block| block["type"].as_str()).collect();
    // The marker of the tone alone is still a title.
    assert_eq!(kinds, ["header"]);
}

#[test]
fn what_people_wrote_stays_words() {
    let evil = "<!channel> *x* <@U1> `y` https://evil.example :white_check_mark:";
    let blocks = vec![
        Block::Text(Text::from(evil)),
        Block::Facts(vec![Fact { label: evil.into(), value: Text::from(evil) }]),
        Block::Note(Text::from(evil)),
        Block::Table(Table { columns: vec![evil.into()], rows: vec![vec![Text::strong(evil)]] }),
    ];
    let mut evil_card = card(blocks, vec![]);
    evil_card.title = evil.into();
    evil_card.fallback = evil.into();
    for detail in [Detail::Full, Detail::Simple, Detail::TextOnly] {
        let (blocks, text) = shown(&evil_card, detail);
        assert!(!text.contains("<!channel>") && !text.contains("https://"), "{text}");
        for block in &blocks {
            let kind = block["type"].as_str().unwrap_or_default();
            let all = block.to_string();
            let marked_up = ["section", "context"].contains(&kind);
            assert!(!marked_up || !all.contains("<!channel>"), "{all}");
            assert!(!marked_up || !all.contains("<@U1>"), "{all}");
            // In rich text a mention would be an element of its own.
            for mention in ["user", "broadcast", "link", "emoji"] {
                assert!(!all.contains(&format!("\"type\":\"{mention}\"")), "{all}");
            }
        }
    }
}

#[test]
fn a_drill_says_so_everywhere() {
    let mark = drill_mark(Locale::En);
    let (blocks, text) = shown(&card(vec![], vec![]), Detail::Full);
    assert!(blocks[0].to_string().contains(&mark) && text.contains(&mark));
    assert!(shown(&card(vec![], vec![]), Detail::TextOnly).1.contains(&mark));
    let real = Card { drill: false, ..card(vec![], vec![]) };
    let (blocks, text) = shown(&real, Detail::Full);
    assert!(!blocks[0].to_string().contains(&mark) && !text.contains(&mark));
}

#[test]
fn people_are_mentioned_and_times_are_the_readers_own() {
    let at = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
    let text = Text(vec![
        Span::Person(Directory::default().person(Platform::Slack, "U0AIKO")),
        Span::Time { at, style: TimeStyle::DateTime },
    ]);
    let (blocks, _) = shown(&card(vec![Block::Text(text)], vec![]), Detail::Full);
    let elements = &blocks[2]["elements"][0]["elements"];
    assert_eq!(elements[0], serde_json::json!({"type": "user", "user_id": "U0AIKO"}));
    assert_eq!(elements[1]["timestamp"], 1_700_000_000);
    assert_eq!(elements[1]["fallback"], "2023-11-14 22:13 UTC");
}

#[test]
fn progress_is_never_rounded_to_what_it_is_not() {
    let bar =
        |done, bad, total| words::progress(&Progress { label: Text::default(), done, bad, total });
    let check = |done, bad, total, expected: &str| {
        assert_eq!(bar(done, bad, total).plain(), expected);
    };
    check(0, 0, 6, "░░░░░░░░░░░░░░░░░░░░ 0/6");
    check(1, 0, 1000, "█░░░░░░░░░░░░░░░░░░░ 1/1000");
    check(999, 1, 1000, "██████████████████▒░ 999/1000 · ❌ 1");
    check(6, 0, 6, "████████████████████ 6/6");
    check(0, 0, 0, "░░░░░░░░░░░░░░░░░░░░ 0/0");
}

#[test]
fn what_is_left_out_of_a_table_is_counted() {
    let rows = vec![vec![Text::from("i-0abc")]; 150];
    let table = Block::Table(Table { columns: vec!["Node".into()], rows });
    let (blocks, _) = shown(&card(vec![table], vec![]), Detail::Full);
    assert_eq!(blocks[2]["rows"].as_array().map(Vec::len), Some(100));
    assert_eq!(blocks[3]["elements"][0]["text"], "and 51 more");
}
