//! A form as a dialog of Slack, and what a dialog carries until it is sent.

use std::collections::BTreeMap;

use commands::card::form::{COMMAND, COMMAND_LENGTH, Form, REASON, REASON_LIMIT};
use serde::{Deserialize, Serialize};
use slack_morphism::prelude::*;

use super::clamp::clamp;
use super::mrkdwn::bare;
use super::people::People;
use super::render::{paragraph_of_form, plain};
use super::reply_to::ReplyTo;

/// By which our own dialogs are known among those of other versions and apps.
pub(super) const CALLBACK: &str = "patchbot-form";

/// What a dialog carries unseen, at most 3,000 characters of it. Slack gives it back as it was.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Carried {
    pub(super) token: String,
    pub(super) reply: ReplyTo,
}

/// The dialog.
pub(super) fn dialog(
    form: &Form,
    reply: &ReplyTo,
    people: &People,
) -> Result<SlackView, serde_json::Error> {
    let said = |text: &str, limit| plain(clamp(&bare(text), limit));
    let mut input = SlackBlockPlainTextInputElement::new()
        .with_action_id(SlackActionId(REASON.to_owned()))
        .with_multiline(true)
        .with_min_length(1)
        .with_max_length(REASON_LIMIT as u64)
        .with_focus_on_load(form.command.is_none());
    if !form.hint.trim().is_empty() {
        input = input.with_placeholder(said(&form.hint, 150));
    }
    let field = SlackInputBlock::new(
        said(&form.label, 2000),
        SlackInputBlockElement::PlainTextInput(input),
    )
    .with_block_id(SlackBlockId(REASON.to_owned()));
    let mut blocks: Vec<SlackBlock> = paragraph_of_form(&form.text, people).into_iter().collect();
    if let Some(command) = &form.command {
        let input = SlackInputBlockElement::PlainTextInput(
            SlackBlockPlainTextInputElement::new()
                .with_action_id(SlackActionId(COMMAND.to_owned()))
                .with_min_length(COMMAND_LENGTH as u64)
                .with_max_length(COMMAND_LENGTH as u64)
                .with_focus_on_load(true)
                .with_placeholder(said(&command.hint, 150)),
        );
        let field = SlackInputBlock::new(said(&command.label, 2000), input);
        blocks.push(field.with_block_id(SlackBlockId(COMMAND.to_owned())).into());
    }
    blocks.push(field.into());
    // The press that opened the dialog is over when the dialog is sent.
    let carried =
        Carried { token: form.press.token(), reply: ReplyTo { trigger_id: None, ..reply.clone() } };
    Ok(SlackView::Modal(
        SlackModalView::new(said(&form.title, 24), blocks)
            .with_submit(said(&form.submit, 24))
            .with_close(said(&form.cancel, 24))
            .with_callback_id(SlackCallbackId(CALLBACK.to_owned()))
            .with_private_metadata(serde_json::to_string(&carried)?),
    ))
}

/// The values of a sent dialog, by block and action.
pub(super) type Values = BTreeMap<String, BTreeMap<String, Value>>;

/// One of them.
#[derive(Debug, Deserialize)]
pub(super) struct Value {
    #[serde(default)]
    pub(super) value: Option<String>,
}

/// What somebody wrote into the field with this key; empty if nothing.
pub(super) fn written(values: &Values, key: &str) -> String {
    let value = values.get(key).and_then(|block| block.get(key));
    value.and_then(|value| value.value.clone()).unwrap_or_default()
}
