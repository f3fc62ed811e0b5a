//! Renders modals: the topmost one of this person, as a form.

use maud::{Markup, html};
use serde_json::Value;

use super::block_kit::{self, BlockContext};
use super::fields::{flag, word, words};
use super::{elements, emoji};
use crate::slack::View;

pub(super) fn render(context: &BlockContext<'_>, view: &View) -> Markup {
    let title = words(&view.view, "title");
    let close = words(&view.view, "close");
    let submit = words(&view.view, "submit");
    let has_inputs = view.blocks().iter().any(|block| word(block, "type") == "input");
    let is_busy = context.busy.contains(&view.id);
    html! {
        dialog.modal open data-modal aria-labelledby="modal-title" {
            header {
                h2 #modal-title { (title) }
                form method="post" action="/do/close" data-closes {
                    (context.hidden())
                    button.plain aria-label="Close" { span aria-hidden="true" { "✕" } }
                }
            }
            @if let Some(trouble) = &view.trouble { p.trouble role="alert" { "⚠️ " (trouble) } }
            div.modal-body {
                // Blocks without inputs may contain forms of their own, and forms cannot be nested.
                @for block in view.blocks() {
                    @if word(block, "type") == "input" { (input(context, view, block)) }
                    @else { (block_kit::blocks(context, std::slice::from_ref(block))) }
                }
            }
            footer {
                form method="post" action="/do/close" {
                    (context.hidden())
                    button.button { (if close.is_empty() { "Cancel" } else { close }) }
                }
                @if has_inputs || !submit.is_empty() {
                    form #modal-form method="post" action="/do/submit" {
                        (context.hidden())
                        button.button.primary disabled[is_busy] {
                            @if is_busy { i.spinner aria-hidden="true" {} }
                            (if submit.is_empty() { "Submit" } else { submit })
                        }
                    }
                }
            }
        }
    }
}

fn input(context: &BlockContext<'_>, view: &View, block: &Value) -> Markup {
    let Some(element) = block.get("element") else { return html! {} };
    let block_id = word(block, "block_id");
    let action = word(element, "action_id");
    let id = context.id(action);
    let error = view.errors.get(block_id);
    let mine = view.filled.iter().filter(|(name, _)| name == action || name == block_id);
    let filled: Vec<String> = mine.map(|(_, value)| value.clone()).collect();
    let filled = if filled.is_empty() { elements::preset(element) } else { filled };
    let is_group = matches!(word(element, "type"), "checkboxes" | "radio_buttons");
    let label = html! {
        (emoji::replace(words(block, "label")))
        @if flag(block, "optional") { small { " (optional)" } }
    };
    // The form of the submit button is in the footer: the inputs name it.
    let field = elements::input(context, element, &id, &filled).into_string();
    let field = ["<input ", "<select ", "<textarea "]
        .iter()
        .fold(field, |field, tag| field.replace(tag, &format!("{tag}form=\"modal-form\" ")));
    html! {
        div.field.wrong[error.is_some()] {
            @if is_group { span.label id={ (id) "-label" } { (label) } } @else { label.label for=(id) { (label) } }
            (maud::PreEscaped(field))
            @if let Some(error) = error { p.error role="alert" { "⚠️ " (error) } }
            @if !words(block, "hint").is_empty() { p.hint { (words(block, "hint")) } }
        }
    }
}
