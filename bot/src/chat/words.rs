//! Parts of a card in words, for platforms without a shape of their own for them.

use commands::text::wording::{Args, Locale, phrase};
use commands::text::{Span, Text};
use commands::view::{Chart, Fact, Progress, Table, Tone};

/// The maximum number of table rows that are written as lines.
const LINES: usize = 30;

/// Shows the tone at a glance. Production has two characters, so that it resembles nothing else.
pub(crate) fn marker(tone: Tone) -> &'static str {
    match tone {
        Tone::Calm => "",
        Tone::Attention => "🟡 ",
        Tone::Production => "🟥🟥 ",
        Tone::Good => "✅ ",
        Tone::Bad => "❌ ",
    }
}

/// The mark on every message while the services are not the real ones.
pub(crate) fn drill_mark(locale: Locale) -> String {
    format!("🧪 {}", phrase(locale, "drill-mark", &Args::new()))
}

/// "and 7 more".
pub(crate) fn and_more(locale: Locale, more: usize) -> String {
    let more = i64::try_from(more).unwrap_or(i64::MAX);
    phrase(locale, "and-more", &Args::new().number("more", more))
}

/// The texts, one per line.
pub(crate) fn in_lines(lines: impl Iterator<Item = Text>) -> Text {
    let mut all = Text::default();
    for line in lines {
        if !all.is_empty() {
            all.push(Span::Break);
        }
        all.append(line);
    }
    all
}

/// A labelled value in one line.
pub(crate) fn fact_in_line(fact: &Fact) -> Text {
    let mut line = Text(vec![Span::Strong(fact.label.clone()), Span::Plain(": ".into())]);
    line.append(fact.value.clone());
    line
}

/// "Installing ▏████████░░ 4/6".
pub(crate) fn progress(progress: &Progress) -> Text {
    const CELLS: u64 = 20;
    let total = progress.total.max(1);
    let done = progress.done.min(total);
    let bad = progress.bad.min(done);
    // Rounding hides neither work that has begun, nor work that is unfinished, nor a single
    // failure.
    let cells = |part: u32| match u64::from(part) * CELLS / u64::from(total) {
        0 if part > 0 => 1,
        cells => cells as usize,
    };
    let filled = cells(done).min(if done < total { 19 } else { 20 });
    let failed = cells(bad).min(filled);
    let bar = ["█".repeat(filled - failed), "▒".repeat(failed), "░".repeat(20 - filled)].concat();
    let mut text = progress.label.clone();
    if !text.is_empty() {
        text.push(Span::Break);
    }
    text.push(Span::Code(bar));
    text.push(Span::Plain(format!(" {}/{}", progress.done, progress.total)));
    if progress.bad > 0 {
        text.push(Span::Plain(format!(" · ❌ {}", progress.bad)));
    }
    text
}

/// The table as one line per row.
pub(crate) fn table(table: &Table, locale: Locale) -> Text {
    let mut text = Text(vec![Span::Strong(table.columns.join(" · "))]);
    for row in table.rows.iter().take(LINES) {
        text.push(Span::Break);
        let filled = row.iter().filter(|cell| !cell.is_empty());
        for (at, cell) in filled.enumerate() {
            if at > 0 {
                text.push(Span::Plain(" · ".into()));
            }
            text.append(cell.clone());
        }
    }
    if let Some(more) = table.rows.len().checked_sub(LINES).filter(|more| *more > 0) {
        text.push(Span::Break);
        text.push(Span::Plain(and_more(locale, more)));
    }
    text
}

/// The chart as one line per category.
pub(crate) fn chart(chart: &Chart) -> Text {
    let mut text = Text(vec![Span::Strong(chart.title.clone())]);
    for (at, category) in chart.categories.iter().enumerate() {
        let counts = chart.series.iter().map(|series| {
            format!("{} {}", series.name, series.values.get(at).copied().unwrap_or_default())
        });
        let counts: Vec<String> = counts.collect();
        text.push(Span::Break);
        text.push(Span::Plain(format!("{category}: {}", counts.join(" · "))));
    }
    text
}
