//! What went wrong: nodes that did not end well, and commands of which nobody knows.

use crate::card::words::Words;
use crate::card::{Block, Table};
use crate::run::{Dispatch, DispatchStatus, PatchRun, UnknownWhy, Verdict};
use crate::text::{Text, TimeStyle};
use crate::wording::Args;

/// How many troubled nodes a card names.
const NODES_SHOWN: usize = 10;

/// Nodes that did not end well, each with why.
pub(super) fn trouble(run: &PatchRun, words: Words) -> Option<Block> {
    let none = Args::new();
    let bad: Vec<Vec<Text>> = run
        .plan
        .nodes()
        .filter_map(|node| Some((node, run.verdicts.get(&node.id)?)))
        // Whoever was left out is named elsewhere, and did not end at all.
        .filter(|(node, verdict)| !verdict.is_good() && !run.is_left_out(&node.id))
        .map(|(node, verdict)| {
            vec![Text::strong(&node.name), Text::from(node.id.to_string()), words.verdict(verdict)]
        })
        .collect();
    if bad.is_empty() {
        return None;
    }
    let more = bad.len().saturating_sub(NODES_SHOWN);
    let mut rows: Vec<Vec<Text>> = bad.into_iter().take(NODES_SHOWN).collect();
    if more > 0 {
        let text = words.say("run-more-nodes", &Args::new().number("more", more as i64));
        rows.push(vec![text, Text::default(), Text::default()]);
    }
    let columns = ["column-node", "column-id", "column-result"].map(|id| words.phrase(id, &none));
    Some(Block::Table(Table { columns: columns.into(), rows }))
}

/// What is said of a dispatch of which nobody knows whether it was sent.
pub(super) fn uncertain(dispatch: &Dispatch, words: Words) -> Option<Text> {
    let DispatchStatus::Uncertain { why, person_asked, since } = &dispatch.status else {
        return None;
    };
    let args = Args::new()
        .rich("dispatch", words.dispatch(&dispatch.id))
        .text("why", why)
        .number("nodes", dispatch.nodes.len() as i64)
        .code("snapshot", dispatch.snapshot.to_string())
        .time("since", *since, TimeStyle::DateTime);
    Some(words.say(if *person_asked { "run-uncertain-asked" } else { "run-uncertain" }, &args))
}

impl Words {
    /// What became of a node, and what to do about it.
    pub(crate) fn verdict(self, verdict: &Verdict) -> Text {
        let none = Args::new();
        match verdict {
            Verdict::Compliant { installed } => {
                self.say("verdict-compliant", &none.number("installed", i64::from(*installed)))
            }
            Verdict::AsPlanned { installed, left_out } => self.say(
                "verdict-as-planned",
                &none
                    .number("installed", i64::from(*installed))
                    .number("left-out", i64::from(*left_out)),
            ),
            Verdict::NotCompliant(counts) => {
                let n = |count: Option<u32>| i64::from(count.unwrap_or(0));
                self.say(
                    "verdict-not-compliant",
                    &none
                        .number("missing", n(counts.missing))
                        .number("failed", n(counts.failed))
                        .number("reboot", n(counts.pending_reboot))
                        .number("rejected", n(counts.installed_rejected)),
                )
            }
            Verdict::Unknown(UnknownWhy::Refused { why }) => {
                self.say("verdict-refused", &none.text("why", why))
            }
            Verdict::Unknown(UnknownWhy::NoAnswer { status }) => {
                let status = status.map_or_else(|| "-".to_owned(), |status| format!("{status:?}"));
                self.say("verdict-no-answer", &none.text("status", status))
            }
            Verdict::Unknown(UnknownWhy::ScanFailed) => self.say("verdict-scan-failed", &none),
            Verdict::Unknown(UnknownWhy::ForeignScan { snapshot }) => {
                let snapshot = snapshot.map_or_else(|| "-".to_owned(), |id| id.to_string());
                self.say("verdict-foreign-scan", &none.code("snapshot", snapshot))
            }
            Verdict::Unknown(UnknownWhy::NoReport) => self.say("verdict-no-report", &none),
            Verdict::LeftOut(why) => {
                self.say("verdict-left-out", &none.rich("why", self.why_gone(*why)))
            }
        }
    }
}
