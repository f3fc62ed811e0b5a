//! Renders `table`: the first row is the head, and a wide table scrolls in its own box.

use maud::{Markup, html};
use serde_json::Value;

use super::fields::{flag, list, word};
use super::mrkdwn::Reader;
use super::rich_text;

pub(super) fn render(reader: &Reader, block: &Value) -> Markup {
    let settings = list(block, "column_settings");
    let class = |column: usize| {
        let setting = settings.get(column).unwrap_or(&Value::Null);
        let align = match word(setting, "align") {
            "right" => "right",
            "center" => "center",
            _ => "left",
        };
        if flag(setting, "is_wrapped") { format!("{align} wraps") } else { align.to_owned() }
    };
    let cells = |row: &Value| row.as_array().cloned().unwrap_or_default();
    let mut rows = list(block, "rows").iter().map(cells);
    let head = rows.next().unwrap_or_default();
    html! {
        div.scroll tabindex="0" role="region" aria-label="Table" {
            table {
                thead { tr {
                    @for (column, value) in head.iter().enumerate() {
                        th scope="col" class=(class(column)) { (cell(reader, value)) }
                    }
                } }
                tbody {
                    @for row in rows {
                        tr {
                            @for (column, value) in row.iter().enumerate() {
                                td class=(class(column)) { (cell(reader, value)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn cell(reader: &Reader, value: &Value) -> Markup {
    if word(value, "type") == "rich_text" {
        rich_text::render(reader, value)
    } else {
        html! { (word(value, "text")) }
    }
}
