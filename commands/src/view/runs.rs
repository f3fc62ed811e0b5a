//! `/patch runs`: all runs, the newest first.

use crate::plan::Pin;
use crate::run::{PatchRun, Phase};
use crate::state::State;
use crate::text::wording::Args;
use crate::text::{Text, TimeStyle};
use crate::view::notice::{ROWS, plain};
use crate::view::{Block, Card, Reader, Table, Words};

impl State {
    /// The answer to `/patch runs`: all runs, the newest first.
    pub(crate) fn all_runs(&self, reader: Reader) -> Card {
        let words = Words(reader.locale);
        let none = Args::new();
        let title = words.phrase("runs-title", &none);
        let mut runs: Vec<&PatchRun> = self.runs.values().collect();
        runs.sort_by_key(|run| std::cmp::Reverse(run.proposed_at));
        let more = runs.len().saturating_sub(ROWS);
        let rows: Vec<Vec<Text>> = runs
            .into_iter()
            .take(ROWS)
            .map(|run| {
                let args = Args::new()
                    .rich("phase", phase(run, words))
                    .number("compliant", run.compliant() as i64)
                    .number("nodes", run.node_count() as i64);
                let at = words
                    .say("moment", &Args::new().time("at", run.proposed_at, TimeStyle::DateTime));
                vec![Text::strong(&run.id.to_string()), words.say("runs-row", &args), at]
            })
            .collect();
        if rows.is_empty() {
            let first = self.promotion.0.first().map_or("", |first| first.name.as_str());
            let text = words.say("runs-none", &Args::new().text("environment", first));
            return plain(title, vec![Block::Text(text)], reader);
        }
        let columns = ["column-run", "column-result", "column-since"];
        let columns = columns.map(|id| words.phrase(id, &none)).into();
        let mut blocks = vec![Block::Table(Table { columns, rows })];
        if more > 0 {
            let args = Args::new().number("more", more as i64);
            blocks.push(Block::Note(words.say("runs-more", &args)));
        }
        plain(title, blocks, reader)
    }
}

/// The phase of a run, in a few words.
pub(crate) fn phase(run: &PatchRun, words: Words) -> Text {
    let id = match &run.phase {
        Phase::Waiting if matches!(run.plan.pin, Pin::NotProven { .. }) => "phase-blocked",
        Phase::Waiting => "phase-waiting",
        Phase::Approved { .. } => "phase-approved",
        Phase::Running { .. } => "phase-running",
        Phase::Stopping { .. } => "phase-stopping",
        Phase::Finished { .. } => "phase-finished",
        Phase::Stopped { .. } => "phase-stopped",
        Phase::Rejected { .. } => "phase-rejected",
        Phase::Expired { .. } => "phase-expired",
        Phase::Voided { .. } => "phase-voided",
    };
    words.say(id, &Args::new())
}
