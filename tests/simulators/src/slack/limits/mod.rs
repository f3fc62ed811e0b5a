//! The limits of Block Kit, with one module for each family of blocks.
//!
//! The numbers are Slack's documented ones; where one was found by trial, its comment says so.
//! Blocks that exist at Slack but are not simulated (`video`, `file`, `card` and so on) are refused
//! as unknown: a sandbox that accepted them would show nothing.

#[cfg(test)]
mod cases;
mod charts;
mod choices;
mod elements;
mod findings;
mod inputs;
mod rich_text;
mod simple;
mod tables;
mod views;

use serde_json::{Map, Value};

use super::wire::Refusal;
use findings::Findings;
pub(in crate::slack) use inputs::number_of;
pub(super) use views::check_view;

/// Where blocks are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Surface {
    /// In a message; `charts` says whether the workspace has `data_visualization`.
    Message {
        /// Whether charts are accepted.
        charts: bool,
    },
    Modal,
    Home,
}

impl Surface {
    fn most_blocks(self) -> usize {
        match self {
            Self::Message { .. } => 50,
            Self::Modal | Self::Home => 100,
        }
    }
}

/// Not documented: beyond about this many characters in total, Slack answers `msg_blocks_too_long`.
const MOST_CHARACTERS: usize = 13_200;
/// The most characters in all markdown blocks of a message together.
const MOST_MARKDOWN: usize = 12_000;

/// Refuses what Slack would refuse, with its code and every reason.
pub(super) fn check(blocks: &[Value], surface: Surface) -> Result<(), Refusal> {
    let mut found = Findings::default();
    if blocks.len() > surface.most_blocks() {
        found.add("/blocks", format!("no more than {} items allowed", surface.most_blocks()));
    }
    for (index, block) in blocks.iter().enumerate() {
        one(&mut found, &format!("/blocks/{index}"), block, surface);
    }
    if found.tables > 1 {
        found.add("/blocks", "only_one_table_allowed");
    }
    if found.charts > 2 {
        found.add("/blocks", "no more than 2 data_visualization blocks allowed");
    }
    if found.markdown > MOST_MARKDOWN {
        found.add("/blocks", format!("no more than {MOST_MARKDOWN} characters of markdown"));
    }
    found.verdict()?;
    if characters(blocks) > MOST_CHARACTERS {
        return Err(Refusal::of("msg_blocks_too_long"));
    }
    Ok(())
}

fn one(found: &mut Findings, at: &str, block: &Value, surface: Surface) {
    let Some(object) = block.as_object() else { return found.add(at, "must be an object") };
    let kind = object.get("type").and_then(Value::as_str).unwrap_or_default();
    found.block_id(at, object);
    let message = matches!(surface, Surface::Message { .. });
    match kind {
        "section" => simple::section(found, at, object),
        "header" => simple::header(found, at, object),
        "divider" => found.known(at, object, &["type", "block_id"]),
        "image" => simple::image_block(found, at, object),
        "context" => simple::context(found, at, object),
        "markdown" if message => simple::markdown(found, at, object),
        "alert" if surface == Surface::Modal => simple::alert(found, at, object),
        "actions" => elements::actions(found, at, object),
        "input" => inputs::input(found, at, object),
        "rich_text" => rich_text::block(found, at, object),
        "table" if message => tables::table(found, at, object),
        "data_visualization" if surface == (Surface::Message { charts: true }) => {
            charts::chart(found, at, object);
        }
        "data_visualization" | "alert" | "markdown" | "table" => {
            found.add(at, format!("{kind} is not supported on this surface"));
        }
        other => found.add(at, format!("unsupported type: {other}")),
    }
}

/// The characters that a reader sees.
fn characters(blocks: &[Value]) -> usize {
    blocks.iter().map(count).sum()
}

fn count(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(object) => object.iter().map(|(name, value)| counted(name, value)).sum(),
        _ => 0,
    }
}

fn counted(name: &str, value: &Value) -> usize {
    match value {
        Value::String(text) if matches!(name, "text" | "title" | "label") => text.chars().count(),
        other => count(other),
    }
}

/// The object under `name`, if there is one.
fn part<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).filter(|value| !value.is_null())
}
