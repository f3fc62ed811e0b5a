//! The attachments of a card: its chart as a picture, and its report as CSV.

use commands::view::{Card, Table};
use serenity::builder::CreateAttachment;

use super::render::{self, PICTURE, REPORT};

/// The chart as a picture. `None` if there is none; then the card says in words what it would show.
pub(super) fn chart(card: &Card) -> Option<CreateAttachment> {
    match crate::chart::png(render::chart(card)?) {
        Ok(png) => Some(CreateAttachment::bytes(png, PICTURE)),
        Err(error) => {
            tracing::warn!(%error, "a chart is told in words only");
            None
        }
    }
}

/// The report as CSV, which every spreadsheet can open.
pub(super) fn report(card: &Card) -> Option<CreateAttachment> {
    match rows(render::report(card)?) {
        Ok(csv) => Some(CreateAttachment::bytes(csv, REPORT)),
        Err(error) => {
            tracing::warn!(%error, "a card is sent without its report");
            None
        }
    }
}

fn rows(table: &Table) -> Result<Vec<u8>, csv::Error> {
    let mut file = csv::Writer::from_writer(Vec::new());
    file.write_record(table.columns.iter().map(|name| harmless(name.clone())))?;
    for row in &table.rows {
        file.write_record(row.iter().map(|cell| harmless(cell.plain())))?;
    }
    file.into_inner().map_err(|error| error.into_error().into())
}

/// Keeps a spreadsheet from taking a cell for a formula, which anybody who can name a node could
/// otherwise write (OWASP, CSV Injection).
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use commands::text::Text;

    use super::*;

    #[test]
    fn rows_are_read_as_they_were_written() {
        let cells = ["web-01, blue", "=HYPERLINK(\"https://example.com\")", "停止した"];
        let row = cells.map(|cell| Text::from(cell.to_owned())).to_vec();
        let columns = ["Environment", "Node", "Result"].map(str::to_owned).to_vec();
        let csv = rows(&Table { columns: columns.clone(), rows: vec![row] }).expect("a file");
        let mut read = csv::Reader::from_reader(csv.as_slice());
        assert_eq!(read.headers().expect("headings"), &csv::StringRecord::from(columns));
        let row = read.records().next().expect("a row").expect("it can be read");
        let expected = [cells[0], "'=HYPERLINK(\"https://example.com\")", cells[2]];
        assert_eq!(row.iter().collect::<Vec<_>>(), expected);
    }
}
