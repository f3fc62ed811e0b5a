//! Tests of every limit, as data: one step inside is accepted, one step beyond is refused.

use serde_json::{Value, json};

use super::{Surface, check, check_view};

const MESSAGE: Surface = Surface::Message { charts: true };

fn text(length: usize) -> String {
    "x".repeat(length)
}

fn plain(length: usize) -> Value {
    json!({ "type": "plain_text", "text": text(length) })
}

fn button(id: &str, label: usize) -> Value {
    json!({ "type": "button", "action_id": id, "text": plain(label) })
}

fn actions(elements: &[Value]) -> Value {
    json!({ "type": "actions", "elements": elements })
}

fn section(length: usize) -> Value {
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": text(length) } })
}

fn option(length: usize) -> Value {
    json!({ "text": plain(length), "value": "v" })
}

fn table(rows: usize, columns: usize) -> Value {
    let cell = json!({ "type": "raw_text", "text": "x" });
    json!({ "type": "table", "rows": vec![vec![cell; columns]; rows] })
}

fn pie(segments: usize, label: usize, title: usize) -> Value {
    let segment = json!({ "label": text(label), "value": 1 });
    json!({ "type": "data_visualization", "title": text(title),
            "chart": { "type": "pie", "segments": vec![segment; segments] } })
}

fn bar(series: usize, label: &str) -> Value {
    let one = json!({ "name": "s", "data": [{ "label": label, "value": 2.5 }] });
    json!({ "type": "data_visualization", "title": "t", "chart": {
        "type": "bar", "series": vec![one; series], "axis_config": { "categories": ["a"] } } })
}

fn buttons(count: usize) -> Vec<Value> {
    (0..count).map(|index| button(&format!("a{index}"), 3)).collect()
}

/// The refusal, or `""` if there is none.
fn verdict(blocks: &[Value]) -> String {
    check(blocks, MESSAGE).err().map(|refusal| refusal.words()).unwrap_or_default()
}

#[test]
fn one_step_inside_is_taken_and_one_beyond_is_refused() {
    let divider = || json!({ "type": "divider" });
    let confirm = |title: usize| {
        let mut pressed = button("a", 3);
        pressed["confirm"] = json!({
            "title": plain(title), "text": plain(300), "confirm": plain(30), "deny": plain(30),
        });
        vec![actions(&[pressed])]
    };
    let overflow = |count: usize, length: usize| {
        let options = vec![option(length); count];
        vec![actions(&[json!({ "type": "overflow", "action_id": "o", "options": options })])]
    };
    let valued = |length: usize| {
        let mut pressed = button("a", 3);
        pressed["value"] = json!(text(length));
        vec![actions(&[pressed])]
    };
    let fields = |count: usize, length: usize| {
        vec![json!({ "type": "section", "fields": vec![plain(length); count] })]
    };
    let context = |count: usize| {
        let elements = vec![json!({ "type": "mrkdwn", "text": "x" }); count];
        vec![json!({ "type": "context", "elements": elements })]
    };
    let markdown = |length: usize| vec![json!({ "type": "markdown", "text": text(length) })];
    let header = |length: usize| vec![json!({ "type": "header", "text": plain(length) })];
    let named = |id: &str| json!({ "type": "divider", "block_id": id });
    let inside_and_beyond: [(&str, Vec<Value>, Vec<Value>); 22] = [
        ("blocks", vec![divider(); 50], vec![divider(); 51]),
        ("section text", vec![section(3_000)], vec![section(3_001)]),
        ("section text is not empty", vec![section(1)], vec![section(0)]),
        ("fields", fields(10, 10), fields(11, 10)),
        ("field text", fields(1, 2_000), fields(1, 2_001)),
        ("button text", vec![actions(&[button("a", 75)])], vec![actions(&[button("a", 76)])]),
        ("button value", valued(2_000), valued(2_001)),
        ("elements", vec![actions(&buttons(25))], vec![actions(&buttons(26))]),
        ("no empty actions", vec![actions(&buttons(1))], vec![actions(&[])]),
        ("overflow", overflow(5, 75), overflow(6, 75)),
        ("option text", overflow(2, 75), overflow(2, 76)),
        ("header", header(150), header(151)),
        ("context", context(10), context(11)),
        ("markdown", markdown(12_000), markdown(12_001)),
        ("rows", vec![table(100, 2)], vec![table(101, 2)]),
        ("columns", vec![table(2, 20)], vec![table(2, 21)]),
        ("tables", vec![table(1, 1)], vec![table(1, 1), table(1, 1)]),
        ("charts", vec![pie(6, 20, 50); 2], vec![pie(6, 20, 50); 3]),
        ("segments", vec![pie(6, 20, 50)], vec![pie(7, 20, 50)]),
        ("chart title", vec![pie(1, 20, 50)], vec![pie(1, 20, 51)]),
        ("chart labels", vec![pie(1, 20, 5)], vec![pie(1, 21, 5)]),
        ("confirm title", confirm(100), confirm(101)),
    ];
    for (name, inside, beyond) in inside_and_beyond {
        assert_eq!(verdict(&inside), "", "{name}: one step inside");
        let beyond = verdict(&beyond);
        assert!(beyond.starts_with("invalid_blocks"), "{name}: one step beyond: {beyond:?}");
    }
    assert_eq!(verdict(&[named(&text(255))]), "");
    let refused: [(&str, Vec<Value>); 9] = [
        ("block_id of 256", vec![named(&text(256))]),
        ("two block_ids alike", vec![named("same"), named("same")]),
        ("two action_ids alike", vec![actions(&[button("a", 3), button("a", 3)])]),
        ("an unknown block", vec![json!({ "type": "sectoin" })]),
        ("an unknown field", vec![json!({ "type": "divider", "color": "red" })]),
        ("an alert in a message", vec![json!({ "type": "alert", "text": plain(3) })]),
        ("seven series", vec![bar(7, "a")]),
        ("a label without category", vec![bar(1, "b")]),
        ("a style unknown", {
            let mut pressed = button("a", 3);
            pressed["style"] = json!("warning");
            vec![actions(&[pressed])]
        }),
    ];
    for (name, blocks) in refused {
        assert!(verdict(&blocks).starts_with("invalid_blocks"), "{name}");
    }
    assert_eq!(verdict(&[bar(6, "a")]), "");
}

#[test]
fn the_whole_message_has_a_limit_too() {
    let blocks = vec![section(3_000), section(3_000), section(3_000), section(3_000)];
    assert_eq!(verdict(&blocks), "");
    let mut beyond = blocks;
    beyond.push(section(1_201));
    assert_eq!(verdict(&beyond), "msg_blocks_too_long");
}

#[test]
fn a_workspace_may_be_without_charts() {
    let refusal = check(&[pie(1, 5, 5)], Surface::Message { charts: false });
    assert_eq!(refusal.expect_err("no charts here").error, "invalid_blocks");
}

#[test]
fn modals_have_limits_of_their_own() {
    let input = json!({
        "type": "input", "label": plain(5),
        "element": { "type": "plain_text_input", "action_id": "why", "max_length": 3_000 },
    });
    let modal = |title: usize, count: usize| {
        let blocks = vec![json!({ "type": "divider" }); count];
        json!({ "type": "modal", "title": plain(title), "blocks": blocks })
    };
    assert_eq!(check_view(&modal(24, 100)), Ok(()));
    for beyond in [modal(25, 1), modal(24, 101)] {
        assert!(check_view(&beyond).is_err());
    }
    let mut with_input = modal(5, 0);
    with_input["blocks"] = json!([input, { "type": "alert", "text": plain(3), "level": "info" }]);
    assert!(check_view(&with_input).is_err(), "an input needs a submit");
    with_input["submit"] = plain(6);
    assert_eq!(check_view(&with_input), Ok(()));
}

/// A modal with one input for this element.
fn asking(element: Value) -> Value {
    let input = json!({ "type": "input", "label": plain(5), "element": element });
    json!({ "type": "modal", "title": plain(5), "submit": plain(5), "blocks": [input] })
}

#[test]
fn what_modals_ask_with_has_limits_too() {
    let choosing = |kind: &str, count: usize, label: usize, value: usize| {
        let option = |at: usize| json!({ "text": plain(label), "value": format!("{at:0>value$}") });
        let options: Vec<Value> = (0..count).map(option).collect();
        asking(json!({ "type": kind, "action_id": "a", "options": options }))
    };
    let number = |more: Value| {
        let mut element = json!({
            "type": "number_input", "action_id": "a", "is_decimal_allowed": false,
            "min_value": "1", "max_value": "100",
        });
        let fields = element.as_object_mut().expect("an object");
        fields.extend(more.as_object().cloned().expect("an object"));
        asking(element)
    };
    let preset = |chosen: &str| {
        let option = |value: &str| json!({ "text": plain(3), "value": value });
        asking(json!({
            "type": "radio_buttons", "action_id": "a", "options": [option("a"), option("b")],
            "initial_option": option(chosen),
        }))
    };
    let held = |length: usize| {
        asking(json!({ "type": "number_input", "action_id": "a", "is_decimal_allowed": false,
                       "placeholder": plain(length) }))
    };
    let inside_and_beyond: [(&str, Value, Value); 11] = [
        ("options", choosing("static_select", 100, 3, 3), choosing("static_select", 101, 3, 3)),
        ("no empty list", choosing("static_select", 1, 3, 3), choosing("static_select", 0, 3, 3)),
        ("listed", choosing("radio_buttons", 10, 3, 3), choosing("radio_buttons", 11, 3, 3)),
        ("option text", choosing("radio_buttons", 2, 75, 3), choosing("radio_buttons", 2, 76, 3)),
        (
            "option value",
            choosing("static_select", 2, 3, 150),
            choosing("static_select", 2, 3, 151),
        ),
        ("a preset option", preset("a"), preset("c")),
        ("a placeholder", held(150), held(151)),
        ("a number as text", number(json!({})), number(json!({ "max_value": 100 }))),
        ("a whole number", number(json!({})), number(json!({ "max_value": "99.5" }))),
        ("a range", number(json!({})), number(json!({ "min_value": "101" }))),
        (
            "a preset number",
            number(json!({ "initial_value": "100" })),
            number(json!({ "initial_value": "101" })),
        ),
    ];
    for (name, inside, beyond) in inside_and_beyond {
        assert_eq!(check_view(&inside), Ok(()), "{name}: one step inside");
        assert!(check_view(&beyond).is_err(), "{name}: one step beyond");
    }
}
