//! What somebody may want to name while they type.

use std::collections::BTreeSet;

use crate::announcement::missing;
use crate::book::Book;
use crate::command::{ArgumentKind, Verb};
use crate::level::Level;
use crate::summary::Summary;
use crate::wording::Locale;

/// How many are suggested at the most; Discord shows no more.
pub const SUGGESTIONS: usize = 25;

impl Book {
    /// What begins with or contains `typed`, whatever the case; the likeliest first.
    pub fn suggest(&self, kind: ArgumentKind, typed: &str) -> Vec<String> {
        let all: Vec<String> = match kind {
            ArgumentKind::Verb => Verb::ALL.iter().map(|verb| verb.word().to_owned()).collect(),
            ArgumentKind::Level => [Level::III, Level::II, Level::I, Level::Unrated]
                .map(|level| level.label(Locale::En))
                .into(),
            ArgumentKind::Environment => {
                self.promotion.0.iter().map(|known| known.name.to_string()).collect()
            }
            ArgumentKind::Run => self.run_names(),
            ArgumentKind::Subject => {
                let summaries: Vec<&Summary> = self.summaries.values().collect();
                let patches = missing(&summaries);
                let cves: BTreeSet<String> = patches
                    .values()
                    .flat_map(|(patch, _)| patch.cves.known())
                    .map(|cve| cve.as_str().to_owned())
                    .collect();
                let patches = patches.keys().map(|id| id.as_str().to_owned());
                self.run_names().into_iter().chain(patches).chain(cves).collect()
            }
            ArgumentKind::Switch => ["on", "off"].map(str::to_owned).into(),
            ArgumentKind::Reason => Vec::new(),
        };
        let typed = typed.to_lowercase();
        let (mut begin, mut contain) = (Vec::new(), Vec::new());
        for one in all {
            let lower = one.to_lowercase();
            if lower.starts_with(&typed) {
                begin.push(one);
            } else if lower.contains(&typed) {
                contain.push(one);
            }
        }
        begin.extend(contain);
        begin.truncate(SUGGESTIONS);
        begin
    }

    /// Those of which something can still come first, then the newest.
    fn run_names(&self) -> Vec<String> {
        let mut runs: Vec<_> = self.runs.values().collect();
        runs.sort_by_key(|run| (!run.is_open(), std::cmp::Reverse(run.proposed_at)));
        runs.into_iter().map(|run| run.id.to_string()).collect()
    }
}
