//! `/patch list`: the patches that nodes miss, and what may be said if there are none.

use crate::announcement::missing;
use crate::fleet::summary::Summary;
use crate::patch::level::Level;
use crate::state::State;
use crate::text::wording::Args;
use crate::text::{Text, TimeStyle};
use crate::view::notice::{ROWS, plain};
use crate::view::{Block, Card, Reader, Words, join};

impl State {
    /// The answer to `/patch list`: the missing patches, the worst first.
    pub(crate) fn missing(&self, level: Option<Level>, reader: Reader) -> Card {
        let words = Words(reader.locale);
        let none = Args::new();
        let title = match level {
            None => words.phrase("list-title", &none),
            Some(level) => words
                .phrase("list-title-level", &Args::new().text("level", level.label(reader.locale))),
        };
        let summaries: Vec<&Summary> = self.summaries.values().collect();
        let Some(oldest) = summaries.iter().map(|summary| summary.taken_at()).min() else {
            return plain(title, vec![Block::Text(words.say("list-none-yet", &none))], reader);
        };
        let mut found: Vec<_> = missing(&summaries)
            .into_values()
            .map(|(patch, nodes)| (patch, self.assess(patch), nodes))
            .filter(|(_, assessment, _)| level.is_none_or(|level| assessment.level == level))
            .collect();
        found.sort_by(|(a, rated_a, nodes_a), (b, rated_b, nodes_b)| {
            rated_a
                .order(nodes_a.values().sum(), &a.id)
                .cmp(&rated_b.order(nodes_b.values().sum(), &b.id))
        });
        let more = found.len().saturating_sub(ROWS);
        let mut lines: Vec<Text> = found
            .into_iter()
            .take(ROWS)
            .map(|(patch, assessment, nodes)| {
                words.patch_line(&patch.id, &patch.title, &assessment, nodes.values().sum())
            })
            .collect();
        if lines.is_empty() {
            lines.push(self.nothing_missing(level, words));
        }
        if more > 0 {
            lines.push(words.say("list-more", &Args::new().number("more", more as i64)));
        }
        let mut blocks: Vec<Block> = lines.into_iter().map(Block::Text).collect();
        let at = Args::new().time("at", oldest, TimeStyle::DateTime).rich("levels", words.levels());
        blocks.push(Block::Note(words.say("list-note", &at)));
        plain(title, blocks, reader)
    }

    /// The text that nothing is missing, as far as is known.
    fn nothing_missing(&self, level: Option<Level>, words: Words) -> Text {
        let unknown: u32 = self.summaries.values().map(|seen| seen.compliance.unknown).sum();
        let args = Args::new().number("nodes", i64::from(unknown));
        let all = self.promotion.0.iter().map(|environment| &environment.name);
        let unseen: Vec<Text> = all
            .filter(|name| self.unreadable.contains_key(name) || !self.summaries.contains_key(name))
            .map(|name| Text::strong(name.as_str()))
            .collect();
        match (unseen.len(), unknown, level) {
            (0, 0, None) => words.say("list-none", &args),
            (0, 0, Some(level)) => {
                words.say("list-none-level", &args.text("level", level.label(words.0)))
            }
            (0, 1.., _) => words.say("list-none-unknown", &args),
            _ => {
                words.say("list-none-unseen", &args.rich("names", join(unseen, words.separator())))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::{Environment, Promotion};
    use crate::plan::tests::environment;
    use crate::run::tests::after;
    use crate::text::wording::Locale;
    use crate::view::tests::{aloud, reader};

    #[test]
    fn nothing_is_called_missing_only_where_everybody_was_looked_at() {
        let named =
            |name: &str| Environment { name: name.parse().expect("a name"), ..environment() };
        let check = |seen: &[(&str, u32)], level, expected: &str| {
            let promotion = Promotion(vec![named("verification"), named("production")]);
            let mut state = State { promotion, ..State::default() };
            for (name, unknown) in seen {
                let mut summary = Summary::new(name.parse().expect("a name"), after(0));
                summary.compliance.unknown = *unknown;
                state.saw(summary);
            }
            let said = aloud(&state.missing(level, reader(Locale::En)));
            assert!(said.contains(expected), "{said}");
        };
        let both = [("verification", 0), ("production", 0)];
        check(&both, None, "No patches are missing, according to the last scan");
        check(&both, Some(Level::III), "There are no missing patches of level");
        check(&both[..1], None, "has not been able to check *production*.");
        let some = [("verification", 2)];
        check(&some, None, "*production*; elsewhere, 2 nodes are unknown.");
        check(&[("verification", 2), ("production", 0)], None, "2 nodes are unknown");
        check(&[], None, "patchbot has not finished its first check");
    }
}
