//! The card that reports compliance. "Unknown" is a valid answer.

use chrono::TimeDelta;

use crate::environment::Promotion;
use crate::fleet::compliance::{ComplianceReport, Unreadable, WhyUnreadable};
use crate::fleet::node::Compliance;
use crate::fleet::node_status::UnknownSince;
use crate::id::{EnvironmentName, RunId};
use crate::state::LeftByPlan;
use crate::text::wording::Args;
use crate::text::{Span, Text, TimeStyle};
use crate::view::run::{doubtful, left_out};
use crate::view::words::join;
use crate::view::{Block, Card, Chart, Fact, Reader, Series, Table, Tone, Words, two_groups};

/// How many non-compliant or unknown nodes a private answer names.
const NODES_SHOWN: usize = 15;
/// Nodes listed on the channel card; `/patch compliance` lists more.
const NODES_POSTED: usize = 5;

/// If there are more environments than this, the card shows their total, and the chart shows only
/// that.
const EACH: usize = 12;

/// The card of `reports`, one for each environment that could be read; `failed` are the others, and
/// `after` is the run that led to it. `left` says why some patches are missing. All of them are in
/// the order of `promotion`.
pub fn card(
    reports: &[ComplianceReport],
    failed: &[Unreadable],
    after: Option<&RunId>,
    left: &[LeftByPlan<'_>],
    promotion: &Promotion,
    reader: Reader,
) -> Card {
    let words = Words(reader.locale);
    let mut reports: Vec<&ComplianceReport> = reports.iter().collect();
    reports.sort_by_key(|report| promotion.place(&report.environment));
    let reports = reports.as_slice();
    let none = Args::new();
    let title = match after {
        Some(run) => {
            words.phrase("compliance-title-after", &Args::new().text("run", run.to_string()))
        }
        None => words.phrase("compliance-title", &none),
    };
    let all = (reports.len() > EACH).then(|| together(reports));
    let in_words = failed.iter().map(|failure| {
        let label = failure.environment.to_string();
        (&failure.environment, Fact { label, value: unreadable(failure, words) })
    });
    let counted = reports.iter().map(|report| (&report.environment, summary(report, words)));
    let mut each: Vec<(&EnvironmentName, Fact)> = in_words.chain(counted).collect();
    each.sort_by_key(|(environment, _)| promotion.place(environment));
    let all_of_them = all.as_ref().map(|all| {
        let label = words.phrase("compliance-all", &none);
        Fact { label, ..summary(all, words) }
    });
    let facts: Vec<Fact> =
        all_of_them.into_iter().chain(each.into_iter().map(|(_, fact)| fact)).collect();
    let said = facts.iter().map(|Fact { label, value }| format!("{label}: {}", value.plain()));
    let fallback = format!("{title}. {}", said.collect::<Vec<_>>().join("; "));
    let mut blocks = vec![Block::Facts(facts)];
    match &all {
        Some(all) => {
            let mut chart = chart(&[all], words);
            chart.categories = vec![words.phrase("compliance-all", &none)];
            blocks.push(Block::Chart(chart));
        }
        None if reports.iter().any(|report| report.nodes() > 0) => {
            blocks.push(Block::Chart(chart(reports, words)));
        }
        None => {}
    }
    let shown = if after.is_some() { NODES_POSTED } else { NODES_SHOWN };
    blocks.extend(troubled(reports, shown, words));
    blocks.extend(left.iter().map(|left| Block::Text(left_by_plan(left, words))));
    blocks.extend(reports.iter().filter_map(|report| refused(report, words)).map(Block::Text));
    blocks
        .extend(reports.iter().filter_map(|report| in_two_groups(report, words)).map(Block::Text));
    // Each environment was surveyed when something happened there, perhaps long before the others.
    let looks = || reports.iter().map(|report| report.as_of);
    if let (Some(first), Some(last)) = (looks().min(), looks().max()) {
        let oldest = reports.iter().filter_map(|report| report.oldest).min().unwrap_or(first);
        let args = Args::new()
            .time("at", first, TimeStyle::DateTime)
            .time("last", last, TimeStyle::DateTime)
            .time("oldest", oldest, TimeStyle::DateTime);
        let apart = last - first >= TimeDelta::minutes(1);
        let note = if apart { "compliance-note-looks" } else { "compliance-note" };
        blocks.push(Block::Note(words.say(note, &args)));
    }
    // If nobody was asked, or a node could not be, we do not know that all is well.
    let is_good = |report: &&ComplianceReport| {
        report.nodes() > 0
            && report.troubled_nodes() == 0
            && report.refused.is_empty()
            && report.in_two_groups.is_empty()
    };
    let good = failed.is_empty() && !reports.is_empty() && reports.iter().all(is_good);
    let tone = if good { Tone::Good } else { Tone::Attention };
    Card { drill: reader.drill, tone, title, blocks, buttons: Vec::new(), fallback }
}

/// The text about an environment that could not be read: since when, why, and what to do.
pub(crate) fn unreadable(failure: &Unreadable, words: Words) -> Text {
    let args = Args::new().time("since", failure.since, TimeStyle::DateTime);
    match &failure.why {
        WhyUnreadable::Failed(failure) => {
            let args = args.rich("why", failure.said(words.0));
            match &failure.remedy {
                Some(remedy) => {
                    let args = args.rich("hint", remedy.text(words.0));
                    words.say("compliance-unreadable-do", &args)
                }
                None => words.say("compliance-unreadable", &args),
            }
        }
        WhyUnreadable::WrongAccount(wrong) => {
            words.say("account-closed", &args.rich("wrong", words.wrong_account(wrong)))
        }
    }
}

fn left_by_plan(left: &LeftByPlan<'_>, words: Words) -> Text {
    let args = Args::new()
        .text("environment", left.run.environment().as_str())
        .text("run", left.run.to_string())
        .rich("names", left_out(left.patches.iter().copied(), words));
    words.say("compliance-left-by-plan", &args)
}

/// Nodes that AWS refused to scan, each with the reason; `None` if there are none.
pub(crate) fn refused(report: &ComplianceReport, words: Words) -> Option<Text> {
    const SHOWN: usize = 8;
    let (_, why) = report.refused.first_key_value()?;
    let ids = report.refused.keys().take(SHOWN).map(|id| Text(vec![Span::Code(id.to_string())]));
    let more = report.refused.len().saturating_sub(SHOWN);
    let args = Args::new()
        .text("environment", report.environment.as_str())
        .number("nodes", report.refused.len() as i64)
        .rich("names", join(ids, words.separator()))
        .number("more", more as i64)
        .rich("why", why.text(words.0));
    Some(words.say("compliance-refused", &args))
}

/// Nodes that are not counted because they are in two groups; `None` if there are none.
pub(crate) fn in_two_groups(report: &ComplianceReport, words: Words) -> Option<Text> {
    two_groups::in_two_groups(&report.environment, &report.in_two_groups, words)
}

/// All environments as one report, whose name is never shown.
fn together(reports: &[&ComplianceReport]) -> ComplianceReport {
    let sum =
        |count: fn(&ComplianceReport) -> u32| reports.iter().map(|report| count(report)).sum();
    ComplianceReport {
        compliant: sum(|report| report.compliant),
        not_compliant: sum(|report| report.not_compliant),
        pending_reboot: sum(|report| report.pending_reboot),
        unknown: sum(|report| report.unknown),
        missing: sum(|report| report.missing),
        troubled: Vec::new(),
        ..reports[0].clone()
    }
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

fn chart(reports: &[&ComplianceReport], words: Words) -> Chart {
    let none = Args::new();
    let series = |id: &str, count: fn(&ComplianceReport) -> u32| Series {
        name: words.phrase(id, &none),
        values: reports.iter().map(|report| count(report)).collect(),
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

/// Why the state of a node is unknown, since when, and what to do.
pub(crate) fn unknown(since: Option<&UnknownSince>, words: Words) -> Text {
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
            words.say("compliance-agent-silent", &at(*since))
        }
        Some(UnknownSince::OldReport { of }) => words.say("compliance-old-report", &at(*of)),
        Some(UnknownSince::Doubtful(doubt)) => doubtful(doubt, words),
    }
}

fn troubled(reports: &[&ComplianceReport], shown: usize, words: Words) -> Vec<Block> {
    let none = Args::new();
    let rows: Vec<Vec<Text>> = reports
        .iter()
        .flat_map(|report| report.troubled.iter().map(move |node| (report, node)))
        .map(|(report, node)| {
            let args = Args::new()
                .number("missing", i64::from(node.missing))
                .number("failed", i64::from(node.failed))
                .number("reboot", i64::from(node.pending_reboot))
                .number("rejected", 0)
                .number("available", i64::from(node.available));
            let result = match node.compliance {
                Compliance::Unknown => unknown(node.since.as_ref(), words),
                Compliance::Compliant | Compliance::NotCompliant => {
                    words.say("verdict-not-compliant", &args)
                }
            };
            vec![
                Text::from(report.environment.to_string()),
                Text::strong(&node.name),
                Text::from(node.id.to_string()),
                result,
            ]
        })
        .collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let troubled: u32 = reports.iter().map(|report| report.troubled_nodes()).sum();
    let more = (troubled as usize).saturating_sub(shown);
    let columns = ["column-environment", "column-node", "column-id", "column-result"];
    let columns: Vec<String> = columns.map(|id| words.phrase(id, &none)).into();
    let report = (rows.len() > shown)
        .then(|| Block::Report(Table { columns: columns.clone(), rows: rows.clone() }));
    let rows = rows.into_iter().take(shown).collect();
    let more = (more > 0).then(|| {
        let id = if shown < NODES_SHOWN { "compliance-more-nodes" } else { "run-more-nodes" };
        Block::Text(words.say(id, &Args::new().number("more", more as i64)))
    });
    std::iter::once(Block::Table(Table { columns, rows })).chain(more).chain(report).collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::text::wording::Locale;

    #[test]
    fn looks_that_lie_apart_are_told_with_both_times() {
        let report = |name: &str, minutes| {
            let as_of = DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes);
            ComplianceReport::new(name.parse().expect("a name"), as_of)
        };
        let check = |reports: &[ComplianceReport], expected: &str| {
            let reader = Reader { locale: Locale::En, drill: false };
            let card = card(reports, &[], None, &[], &Promotion::default(), reader);
            let Some(Block::Note(note)) = card.blocks.last() else { panic!("no note: {card:?}") };
            assert!(note.plain().starts_with(expected), "{}", note.plain());
        };
        let once = [report("verification", 0), report("production", 0)];
        check(&once, "Reported by Systems Manager on 1970-01-01 00:00");
        let apart = [report("verification", 400), report("production", 0)];
        check(
            &apart,
            "Reported by Systems Manager between 1970-01-01 00:00 UTC and 1970-01-01 06:40",
        );
    }

    #[test]
    fn only_where_every_node_is_known_to_be_compliant_a_card_looks_well() {
        let tone = |reports: &[ComplianceReport]| {
            let reader = Reader { locale: Locale::En, drill: false };
            card(reports, &[], None, &[], &Promotion::default(), reader).tone
        };
        let empty =
            ComplianceReport::new("production".parse().expect("a name"), DateTime::UNIX_EPOCH);
        let well = ComplianceReport { compliant: 3, ..empty.clone() };
        assert_eq!(tone(std::slice::from_ref(&well)), Tone::Good);
        let refused = [(
            crate::fleet::node::NodeId("i-1".into()),
            crate::failure::tests::said("InvalidInstanceId"),
        )]
        .into();
        for other in [
            vec![],
            vec![well.clone(), empty.clone()],
            vec![ComplianceReport { unknown: 1, ..well.clone() }],
            vec![ComplianceReport { refused, ..well.clone() }],
        ] {
            assert_eq!(tone(&other), Tone::Attention, "{other:?}");
        }
    }
}
