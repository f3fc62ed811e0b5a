//! `/patch status`: the state of all environments.

use chrono::{DateTime, Utc};

use crate::environment::Environment;
use crate::run::proof;
use crate::state::State;
use crate::text::wording::Args;
use crate::text::{Text, TimeStyle};
use crate::view::compliance::unreadable;
use crate::view::notice::{ROWS, plain};
use crate::view::run::unproven;
use crate::view::runs::phase;
use crate::view::{Block, Card, Reader, Words, compliance};

impl State {
    /// The answer to `/patch status`: the state of every environment.
    pub(crate) fn status(&self, reader: Reader, now: DateTime<Utc>) -> Card {
        let words = Words(reader.locale);
        let mut blocks = Vec::new();
        blocks.extend(self.stopped(words).map(Block::Text));
        for (place, trouble) in &self.troubles {
            let args = Args::new().text("place", place).rich("why", trouble.why.text(words)).time(
                "at",
                trouble.since,
                TimeStyle::DateTime,
            );
            blocks.push(Block::Text(words.say("status-not-posted", &args)));
        }
        // If there are many environments, only those that need attention are shown.
        let mut order: Vec<&Environment> = self.promotion.0.iter().collect();
        order.sort_by_key(|known| !self.unreadable.contains_key(&known.name));
        let more = order.len().saturating_sub(ROWS);
        order.truncate(ROWS);
        order.sort_by_key(|known| self.promotion.place(&known.name));
        for environment in order {
            blocks.push(Block::Text(self.status_of(environment, words, now)));
        }
        if more > 0 {
            let args = Args::new().number("more", more as i64);
            blocks.push(Block::Note(words.say("status-more", &args)));
        }
        plain(words.phrase("status-title", &Args::new()), blocks, reader)
    }

    pub(crate) fn status_of(
        &self,
        environment: &Environment,
        words: Words,
        now: DateTime<Utc>,
    ) -> Text {
        let mut text = Text::strong(environment.name.as_str());
        text.append(Text::line_break());
        let proven = match proof(environment, self.runs.values(), now) {
            Ok(proof) => {
                words.say("status-proven", &Args::new().text("run", proof.run.to_string()))
            }
            Err(why) => {
                words.say("status-not-proven", &Args::new().rich("why", unproven(&why, words)))
            }
        };
        let args = Args::new().rich("proven", proven);
        text.append(match self.runs_of(&environment.name).next_back() {
            None => words.say("status-no-run", &args),
            Some(run) => {
                let args = args.text("run", run.id.to_string()).rich("phase", phase(run, words));
                words.say("status-run", &args)
            }
        });
        text.append(Text::line_break());
        let seen = self.summaries.get(&environment.name);
        let failed = self.unreadable.get(&environment.name);
        match (seen, failed) {
            (None, Some(_)) => {}
            (None, None) => text.append(words.say("status-fleet-unknown", &Args::new())),
            (Some(summary), _) => {
                let args = Args::new()
                    .number("nodes", i64::from(summary.nodes))
                    .number("missing", i64::from(summary.behind))
                    .number("unknown", i64::from(summary.compliance.unknown))
                    .time("at", summary.taken_at(), TimeStyle::DateTime);
                text.append(words.say("status-fleet", &args));
            }
        }
        if let Some(failed) = failed {
            if seen.is_some() {
                text.append(Text::line_break());
            }
            text.append(unreadable(failed, words));
        }
        if let Some(why) = seen.and_then(|summary| summary.unidentified.as_ref()) {
            text.append(Text::line_break());
            let args = Args::new().rich("why", why.text(words.0));
            text.append(words.say("account-unidentified", &args));
        }
        if let Some(why) = seen.and_then(|summary| summary.not_scanned.as_ref()) {
            text.append(Text::line_break());
            let args = Args::new().rich("why", why.text(words.0));
            text.append(words.say("status-not-scanned", &args));
        }
        let report = seen.map(|summary| &summary.compliance);
        let refused = report.and_then(|report| compliance::refused(report, words));
        let in_two_groups = report.and_then(|report| compliance::in_two_groups(report, words));
        for line in refused.into_iter().chain(in_two_groups) {
            text.append(Text::line_break());
            text.append(line);
        }
        text
    }
}
