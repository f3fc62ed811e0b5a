//! The card that says what compliance really is. "Unknown" is an answer.

use crate::card::{Block, Card, Chart, Fact, Reader, Series, Table, Tone, Words};
use crate::compliance::ComplianceReport;
use crate::node::Compliance;
use crate::run_id::RunId;
use crate::standing::UnknownSince;
use crate::text::{Text, TimeStyle};
use crate::wording::Args;

/// How many troubled nodes a card names.
const NODES_SHOWN: usize = 15;

/// The card of `reports`, one for each environment; `after` is the run that led to it.
pub fn card(reports: &[ComplianceReport], after: Option<&RunId>, reader: Reader) -> Card {
    let words = Words(reader.locale);
    let none = Args::new();
    let title = match after {
        Some(run) => {
            words.phrase("compliance-title-after", &Args::new().text("run", run.to_string()))
        }
        None => words.phrase("compliance-title", &none),
    };
    let mut blocks =
        vec![Block::Facts(reports.iter().map(|report| summary(report, words)).collect())];
    if reports.iter().any(|report| report.nodes() > 0) {
        blocks.push(Block::Chart(chart(reports, words)));
    }
    blocks.extend(troubled(reports, words));
    if let Some(as_of) = reports.iter().map(|report| report.as_of).min() {
        let oldest = reports.iter().filter_map(|report| report.oldest).min().unwrap_or(as_of);
        let args = Args::new().time("at", as_of, TimeStyle::DateTime).time(
            "oldest",
            oldest,
            TimeStyle::DateTime,
        );
        blocks.push(Block::Note(words.say("compliance-note", &args)));
    }
    let all = reports.iter().all(|report| report.not_compliant + report.unknown == 0);
    let tone = if all { Tone::Good } else { Tone::Attention };
    let said = reports.iter().map(|report| {
        let Fact { label, value } = summary(report, words);
        format!("{label}: {}", value.plain())
    });
    let fallback = format!("{title}. {}", said.collect::<Vec<_>>().join("; "));
    Card { drill: reader.drill, tone, title, blocks, buttons: Vec::new(), fallback }
}

fn summary(report: &ComplianceReport, words: Words) -> Fact {
    let value = match report.percent() {
        None => words.say("compliance-no-nodes", &Args::new()),
        Some(percent) => words.say(
            "compliance-summary",
            &Args::new()
                .number("percent", i64::from(percent))
                .number("compliant", i64::from(report.compliant))
                .number("nodes", i64::from(report.nodes()))
                .number("not", i64::from(report.not_compliant))
                .number("reboot", i64::from(report.pending_reboot))
                .number("unknown", i64::from(report.unknown)),
        ),
    };
    Fact { label: report.environment.to_string(), value }
}

fn chart(reports: &[ComplianceReport], words: Words) -> Chart {
    let none = Args::new();
    let series = |id: &str, count: fn(&ComplianceReport) -> u32| Series {
        name: words.phrase(id, &none),
        values: reports.iter().map(count).collect(),
    };
    Chart {
        title: words.phrase("compliance-chart", &none),
        categories: reports.iter().map(|report| report.environment.to_string()).collect(),
        series: vec![
            series("compliance-compliant", |report| report.compliant),
            series("compliance-not-compliant", |report| report.not_compliant),
            series("compliance-unknown", |report| report.unknown),
        ],
    }
}

/// Why nothing certain is known of a node, since when, and what to do.
fn unknown(since: Option<UnknownSince>, words: Words) -> Text {
    let none = Args::new();
    let at = |at| Args::new().time("at", at, TimeStyle::DateTime);
    match since {
        None => words.say("compliance-unknown-node", &none),
        Some(UnknownSince::NeverReported) => words.say("compliance-never-reported", &none),
        Some(UnknownSince::ScanFailed) => words.say("compliance-scan-failed", &none),
        Some(UnknownSince::AgentSilent { since: None }) => {
            words.say("compliance-agent-silent-undated", &none)
        }
        Some(UnknownSince::AgentSilent { since: Some(since) }) => {
            words.say("compliance-agent-silent", &at(since))
        }
        Some(UnknownSince::OldReport { of }) => words.say("compliance-old-report", &at(of)),
    }
}

fn troubled(reports: &[ComplianceReport], words: Words) -> Option<Block> {
    let none = Args::new();
    let rows: Vec<Vec<Text>> = reports
        .iter()
        .flat_map(|report| report.troubled.iter().map(move |node| (report, node)))
        .map(|(report, node)| {
            let args = Args::new()
                .number("missing", i64::from(node.missing))
                .number("failed", i64::from(node.failed))
                .number("reboot", i64::from(node.pending_reboot))
                .number("rejected", 0);
            let result = match node.compliance {
                Compliance::Unknown => unknown(node.since, words),
                Compliance::Compliant | Compliance::NotCompliant => {
                    words.say("verdict-not-compliant", &args)
                }
            };
            vec![Text::from(report.environment.to_string()), Text::strong(&node.name), result]
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let more = rows.len().saturating_sub(NODES_SHOWN);
    let mut rows: Vec<Vec<Text>> = rows.into_iter().take(NODES_SHOWN).collect();
    if more > 0 {
        let text = words.say("run-more-nodes", &Args::new().number("more", more as i64));
        rows.push(vec![Text::default(), text, Text::default()]);
    }
    let columns = ["column-environment", "column-node", "column-result"];
    let columns = columns.map(|id| words.phrase(id, &none)).into();
    Some(Block::Table(Table { columns, rows }))
}
