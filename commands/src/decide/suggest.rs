//! Suggestions for the arguments of a command while a person types it.

use std::collections::BTreeSet;

use crate::announcement::missing;
use crate::environment::{Environment, StartRule};
use crate::fleet::summary::Summary;
use crate::input::command::{ArgumentKind, NOW, Verb};
use crate::patch::level::Level;
use crate::state::State;
use crate::text::wording::Locale;

/// The most suggestions: Discord shows no more.
pub const SUGGESTIONS: usize = 25;

impl State {
    /// The values that begin with or contain `typed`, ignoring case; the likeliest first. `beside`
    /// is the environment that was named in an earlier argument, if one was.
    pub fn suggest(&self, kind: ArgumentKind, typed: &str, beside: Option<&str>) -> Vec<String> {
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
            ArgumentKind::Window => self.windows(beside),
            ArgumentKind::Reboot => ["yes", "no"].map(str::to_owned).into(),
            ArgumentKind::Switch => ["on", "off"].map(str::to_owned).into(),
            ArgumentKind::Waves | ArgumentKind::Reason => Vec::new(),
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

    /// The windows of the environment that was named, or of all environments; and `now` where a
    /// start without a window is allowed.
    fn windows(&self, beside: Option<&str>) -> Vec<String> {
        let named = |known: &&Environment| beside.is_none_or(|name| known.name.as_str() == name);
        let known: Vec<&Environment> = self.promotion.0.iter().filter(named).collect();
        let mut windows: Vec<String> = Vec::new();
        for window in known.iter().flat_map(|environment| environment.windows()) {
            if windows.iter().all(|listed| listed != window) {
                windows.push(window.to_owned());
            }
        }
        let at_once = known.iter().any(|environment| environment.start == StartRule::OnApproval);
        windows.extend(at_once.then(|| NOW.to_owned()));
        windows
    }

    /// Runs on which something can still happen come first, then the newest.
    fn run_names(&self) -> Vec<String> {
        let mut runs: Vec<_> = self.runs.values().collect();
        runs.sort_by_key(|run| (!run.is_open(), std::cmp::Reverse(run.proposed_at)));
        runs.into_iter().map(|run| run.id.to_string()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Promotion;
    use crate::plan::tests::environment;

    #[test]
    fn windows_are_those_of_the_environment_that_was_named() {
        let first = Environment { other_windows: vec!["sunday".into()], ..environment() };
        let start = StartRule::InWindow("nightly".into());
        let name = "production".parse().expect("a name");
        let second = Environment { name, start, ..first.clone() };
        let state = State { promotion: Promotion(vec![first, second]), ..State::default() };
        let check = |typed: &str, beside: Option<&str>, expected: &[&str]| {
            let found = state.suggest(ArgumentKind::Window, typed, beside);
            assert_eq!(found, expected, "{typed:?} {beside:?}");
        };
        check("", None, &["sunday", "nightly", "now"]);
        check("", Some("verification"), &["sunday", "now"]);
        // We suggest nothing that would be refused.
        check("", Some("production"), &["nightly", "sunday"]);
        check("N", Some("production"), &["nightly", "sunday"]);
        check("x", None, &[]);
        check("", Some("staging"), &[]);
    }
}
