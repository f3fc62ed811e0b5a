//! Tables: Slack's own, one in a message, and otherwise as lines.

use commands::text::Text;
use commands::view::Table;
use slack_morphism::prelude::*;

use super::{Look, rich};
use crate::chat::clamp::Budget;

/// The maximum number of rows, including the headings.
const ROWS: usize = 100;
const COLUMNS: usize = 20;
const CELL: usize = 300;
/// The maximum for all cells together, in characters, even if the message has more room.
const TABLE: usize = 9_000;

/// The rows that fit, and the number of those that do not.
pub(super) fn rows(
    table: &Table,
    look: &Look<'_>,
    message: &mut Budget,
) -> (Vec<Vec<SlackTableCell>>, usize) {
    // A table never takes the whole of a message, so that there is room for what follows it.
    let mut budget = Budget::new(message.within(TABLE));
    let width = table.columns.len().min(COLUMNS);
    let heading = table
        .columns
        .iter()
        .take(width)
        .map(|name| cell(&Text::from(name.as_str()), look, &mut budget));
    let mut rows: Vec<Vec<SlackTableCell>> = vec![heading.collect()];
    for row in table.rows.iter().take(ROWS - 1) {
        // A row that would be shortened to nothing counts among those left out.
        if budget.within(usize::MAX) < width * 2 {
            break;
        }
        let mut cells: Vec<SlackTableCell> =
            row.iter().take(width).map(|text| cell(text, look, &mut budget)).collect();
        budget.spend(width - cells.len());
        cells.resize_with(width, empty);
        rows.push(cells);
    }
    message.spend(message.within(TABLE) - budget.within(usize::MAX));
    let left_out = table.rows.len() + 1 - rows.len();
    (rows, left_out)
}

fn cell(text: &Text, look: &Look<'_>, budget: &mut Budget) -> SlackTableCell {
    let mut own = Budget::new(budget.within(CELL));
    let before = own.within(usize::MAX);
    let cell = if rich::is_plain(text) {
        match own.clamp(&text.plain(), CELL) {
            words if words.trim().is_empty() => empty(),
            words => SlackTableRawTextCell::new(words).into(),
        }
    } else {
        SlackTableRichTextCell::new(vec![rich::inline(text, look.people, &mut own)]).into()
    };
    // An empty cell contains a dash.
    budget.spend((before - own.within(usize::MAX)).max(1));
    cell
}

/// A cell for an absent value, because Slack refuses empty cells.
fn empty() -> SlackTableCell {
    SlackTableCell::from("–")
}
