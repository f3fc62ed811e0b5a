//! A form as a dialog of Slack, the data that a dialog carries until it is submitted, and the
//! response to one with mistakes.

use std::collections::BTreeMap;

use commands::view::form::{Choice, Field, FieldKind, Form};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use slack_morphism::prelude::*;

use super::mrkdwn::bare;
use super::render::{paragraph_of_form, plain};
use crate::chat::clamp::clamp;
use crate::chat::{Directory, SlackReply};

/// The callback id that distinguishes our own dialogs from those of other versions and apps.
pub(super) const CALLBACK: &str = "patchbot-form";

const LABEL: usize = 2_000;
const PLACEHOLDER: usize = 150;
const OPTION_TEXT: usize = 75;
const OPTIONS: usize = 100;
const OPTIONS_AT_A_GLANCE: usize = 10;
const TYPED: usize = 3_000;

/// The hidden data of a dialog, at most 3,000 characters. Slack returns it unchanged.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Carried {
    pub(super) token: String,
    pub(super) reply: SlackReply,
}

pub(super) fn dialog(
    form: &Form,
    reply: &SlackReply,
    people: &Directory,
) -> Result<SlackView, serde_json::Error> {
    let mut blocks: Vec<SlackBlock> = paragraph_of_form(&form.text, people).into_iter().collect();
    blocks.extend(form.fields.iter().enumerate().map(|(at, field)| input(field, at == 0).into()));
    // The trigger that opened the dialog is used up when the dialog is submitted.
    let carried = Carried {
        token: form.press.token(),
        reply: SlackReply { trigger_id: None, ..reply.clone() },
    };
    Ok(SlackView::Modal(
        SlackModalView::new(said(&form.title, 24), blocks)
            .with_submit(said(&form.submit, 24))
            .with_close(said(&form.cancel, 24))
            .with_callback_id(SlackCallbackId(CALLBACK.to_owned()))
            .with_private_metadata(serde_json::to_string(&carried)?),
    ))
}

fn said(text: &str, limit: usize) -> SlackBlockPlainTextOnly {
    plain(clamp(&bare(text), limit))
}

/// A field's key is the id of its block, too: there Slack shows the mistake in the field.
fn input(field: &Field, first: bool) -> SlackInputBlock {
    let id = SlackActionId(field.key.clone());
    let hint = || Some(said(&field.hint, PLACEHOLDER)).filter(|_| !field.hint.trim().is_empty());
    let text = |long: bool, least: usize, most: usize| {
        let most = most.min(TYPED) as u64;
        let element = SlackBlockPlainTextInputElement::new()
            .with_action_id(id.clone())
            .with_multiline(long)
            .with_max_length(most)
            .with_focus_on_load(first)
            .opt_placeholder(hint());
        SlackInputBlockElement::PlainTextInput(match least {
            0 => element,
            least => element.with_min_length(least as u64),
        })
    };
    let element = match &field.kind {
        FieldKind::Text { long, least, most } => text(*long, *least, *most),
        FieldKind::Number { least, most } => SlackInputBlockElement::NumberInput(
            SlackBlockNumberInputElement::new(false)
                .with_action_id(id)
                .with_min_value(least.to_string())
                .with_max_value(most.to_string())
                .with_focus_on_load(first)
                .opt_placeholder(hint()),
        ),
        FieldKind::Choice { choices, chosen, at_a_glance: true }
            if choices.len() <= OPTIONS_AT_A_GLANCE =>
        {
            let option = |choice: &Choice| {
                let label: SlackBlockText = said(&choice.label, OPTION_TEXT).into();
                SlackBlockChoiceItem::new(label, choice.value.clone())
            };
            SlackInputBlockElement::RadioButtons(
                SlackBlockRadioButtonsElement::new(choices.iter().map(option).collect())
                    .with_action_id(id)
                    .with_focus_on_load(first)
                    .opt_initial_option(preset(choices, chosen.as_deref()).map(option)),
            )
        }
        FieldKind::Choice { choices, chosen, .. } if choices.len() <= OPTIONS => {
            let option = |choice: &Choice| {
                SlackBlockChoiceItem::new(said(&choice.label, OPTION_TEXT), choice.value.clone())
            };
            SlackInputBlockElement::StaticSelect(
                SlackBlockStaticSelectElement::new()
                    .with_action_id(id)
                    .with_options(choices.iter().map(option).collect())
                    .with_focus_on_load(first)
                    .opt_initial_option(preset(choices, chosen.as_deref()).map(option)),
            )
        }
        // If Slack would refuse the list, the field becomes a text.
        FieldKind::Choice { .. } => text(false, 0, OPTIONS),
    };
    SlackInputBlock::new(said(&field.label, LABEL), element)
        .with_block_id(SlackBlockId(field.key.clone()))
        .with_optional(!field.required)
}

fn preset<'a>(choices: &'a [Choice], chosen: Option<&str>) -> Option<&'a Choice> {
    choices.iter().find(|choice| Some(choice.value.as_str()) == chosen)
}

/// The values of a submitted dialog, by block and action.
pub(super) type Values = BTreeMap<String, BTreeMap<String, Given>>;

/// One value: the typed text, or the chosen option.
#[derive(Debug, Deserialize)]
pub(super) struct Given {
    #[serde(default)]
    value: Option<String>,
    #[serde(default)]
    selected_option: Option<Chosen>,
}

#[derive(Debug, Deserialize)]
struct Chosen {
    value: String,
}

/// What a person filled in, by the keys of the fields; empty fields are absent.
pub(super) fn written(values: Values) -> BTreeMap<String, String> {
    let fields = values.into_values().flatten();
    fields
        .filter_map(|(key, given)| {
            let chosen = given.selected_option.map(|chosen| chosen.value);
            Some((key, chosen.or(given.value)?))
        })
        .collect()
}

/// The response to a dialog with mistakes: it stays open, and shows each mistake at its field.
pub(super) fn with_mistakes(mistakes: &BTreeMap<String, String>) -> Value {
    json!({ "response_action": "errors", "errors": mistakes })
}

#[cfg(test)]
mod tests {
    use commands::environment::Promotion;
    use commands::input::button::ButtonAction;
    use commands::text::wording::Locale;

    use super::*;

    fn shown(form: &Form) -> Value {
        let reply = SlackReply {
            channel: "C1".into(),
            user: "U1".into(),
            response_url: None,
            trigger_id: Some("1.1".into()),
            thread: None,
        };
        let view = dialog(form, &reply, &Directory::default()).expect("it can be written");
        serde_json::to_value(view).expect("it can be written")
    }

    fn choices(count: usize) -> Vec<Choice> {
        let choice = |at: usize| Choice {
            label: format!("{at} {}", "long ".repeat(30)),
            value: at.to_string(),
        };
        (0..count).map(choice).collect()
    }

    fn of(kind: FieldKind) -> Value {
        let promotion = Promotion::default();
        let press = ButtonAction::Stop { run: "verification-1".parse().expect("a run") };
        let mut form = commands::view::form::form(&press, &promotion, Locale::En).expect("a form");
        let (label, hint) = ("A label".to_owned(), "hint ".repeat(60));
        form.fields = vec![Field { key: "key".into(), label, hint, kind, required: false }];
        let view = shown(&form);
        assert_eq!(view["blocks"][1]["block_id"], "key");
        assert_eq!(view["blocks"][1]["optional"], true);
        view["blocks"][1]["element"].clone()
    }

    #[test]
    fn each_kind_of_field_has_its_element() {
        let choice = |count, at_a_glance| FieldKind::Choice {
            choices: choices(count),
            chosen: Some("1".into()),
            at_a_glance,
        };
        let number = of(FieldKind::Number { least: 1, most: 100 });
        assert_eq!(
            (&number["type"], &number["max_value"]),
            (&json!("number_input"), &json!("100"))
        );
        let select = of(choice(3, false));
        assert_eq!(select["type"], "static_select");
        assert_eq!(select["initial_option"], select["options"][1]);
        let label = select["options"][0]["text"]["text"].as_str().expect("a label");
        assert_eq!(label.chars().count(), OPTION_TEXT, "{label}");
        let radio = of(choice(3, true));
        assert_eq!(radio["type"], "radio_buttons");
        assert_eq!(radio["initial_option"]["value"], "1");
        // More than fit where all are visible at once, and more than fit at all.
        assert_eq!(of(choice(11, true))["type"], "static_select");
        let typed = of(choice(101, false));
        assert_eq!(typed["type"], "plain_text_input");
        let holder = typed["placeholder"]["text"].as_str().expect("a hint");
        assert_eq!(holder.chars().count(), PLACEHOLDER);
    }

    #[test]
    fn what_was_filled_in_is_read_whatever_it_was_filled_in_with() {
        let values = json!({
            "environment": { "environment": { "type": "static_select", "selected_option": {
                "text": { "type": "plain_text", "text": "web" }, "value": "web" } } },
            "reboot": { "reboot": { "type": "radio_buttons", "selected_option": null } },
            "canary": { "canary": { "type": "number_input", "value": "2" } },
            "percent": { "percent": { "type": "number_input", "value": null } },
        });
        let values: Values = serde_json::from_value(values).expect("they are read");
        let expected = [("environment", "web"), ("canary", "2")];
        let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(written(values), BTreeMap::from(expected));
    }
}
