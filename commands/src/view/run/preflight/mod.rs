//! The result of the preflight check on the card: overlaps, silent nodes, missing nodes.

use crate::fleet::node::NodeId;
use crate::fleet::presence::Gone;
use crate::run::{Overlap, PatchRun, Phase, Whose};
use crate::text::wording::Args;
use crate::text::{Text, TimeStyle};
use crate::view::Block;
use crate::view::run::nodes::{name, names};
use crate::view::two_groups::tags;
use crate::view::words::{Words, join};

#[cfg(test)]
mod tests;

/// How many of each kind a card names.
const SHOWN: usize = 5;

/// What is in the way of the next wave, which nodes will not answer it, and which were left out.
pub(super) fn preflight(run: &PatchRun, words: Words) -> Vec<Block> {
    let mut blocks = Vec::new();
    if let Some(last) = run.preflight.as_ref().filter(|_| is_under_way(run)) {
        let wave = Args::new().number("wave", i64::from(last.wave) + 1);
        if last.holds_up() && run.wave_to_clear() == Some(last.wave) {
            let started = matches!(run.phase, Phase::Running { .. });
            blocks.push(Block::Text(
                words.say("held-up", &wave.number("started", i64::from(started))),
            ));
            blocks.push(Block::Text(overlaps(&last.by, last.more, words)));
        } else if !last.silent.is_empty() && !run.unjudged(last.wave, run.is_stopping()).is_empty()
        {
            let names = names(run, &last.silent, SHOWN, words);
            let args = wave.number("nodes", last.silent.len() as i64).rich("names", names);
            blocks.push(Block::Text(words.say("silent", &args)));
        }
    }
    let gone: Vec<(&NodeId, Gone)> = run.nodes_left_out().collect();
    if !gone.is_empty() {
        let names = words.gone(run, gone.iter().copied());
        let args = Args::new().number("nodes", gone.len() as i64).rich("names", names);
        blocks.push(Block::Text(words.say("left-out", &args)));
    }
    blocks
}

/// The text that the run which proves a plan left out some of its nodes.
pub(super) fn left_out_before(before: &PatchRun, words: Words) -> Option<Text> {
    let gone: Vec<(&NodeId, Gone)> = before.nodes_left_out().collect();
    if gone.is_empty() {
        return None;
    }
    let args = Args::new()
        .text("run", before.id.to_string())
        .number("nodes", gone.len() as i64)
        .rich("names", words.gone(before, gone.iter().copied()));
    Some(words.say("left-out-before", &args))
}

/// The overlaps, one line each.
pub(crate) fn overlaps(by: &[Overlap], more: u32, words: Words) -> Text {
    let hidden = by.len().saturating_sub(SHOWN) as u32 + more;
    let mut lines: Vec<Text> = by.iter().take(SHOWN).map(|overlap| line(overlap, words)).collect();
    if hidden > 0 {
        lines.push(words.say("overlap-more", &Args::new().number("more", i64::from(hidden))));
    }
    join(lines.into_iter().map(bullet), Text::line_break())
}

fn bullet(line: Text) -> Text {
    let mut text = Text::from("• ".to_owned());
    text.append(line);
    text
}

fn line(overlap: &Overlap, words: Words) -> Text {
    let dated = |args: Args, at: Option<chrono::DateTime<chrono::Utc>>| {
        args.number("dated", i64::from(at.is_some())).time(
            "at",
            at.unwrap_or_default(),
            TimeStyle::DateTime,
        )
    };
    match overlap {
        Overlap::Command { id, document, whose, comment, requested_at, nodes } => {
            let (number, run) = match whose {
                Whose::Somebody => (0, String::new()),
                Whose::Run(run) => (1, run.to_string()),
                Whose::Schedule => (2, String::new()),
            };
            let args = Args::new()
                .number("whose", number)
                .text("run", run)
                .code("id", id)
                .text("document", document)
                .number("commented", i64::from(!comment.is_empty()))
                .text("comment", comment)
                .number("nodes", i64::from(*nodes));
            words.say("overlap-command", &dated(args, *requested_at))
        }
        Overlap::Window { id, name, document, started_at, nodes } => {
            let args = Args::new()
                .code("id", id)
                .text("name", name)
                .text("document", document)
                .number("nodes", i64::from(*nodes));
            words.say("overlap-window", &dated(args, *started_at))
        }
        Overlap::Association { id, name, document, started_at, nodes } => {
            let args = Args::new()
                .code("id", id)
                .number("named", i64::from(!name.is_empty()))
                .text("name", name)
                .text("document", document)
                .number("counted", i64::from(nodes.is_some()))
                .number("nodes", i64::from(nodes.unwrap_or_default()));
            words.say("overlap-association", &dated(args, *started_at))
        }
        Overlap::Run { run, nodes } => words.say(
            "overlap-run",
            &Args::new().text("run", run.to_string()).number("nodes", i64::from(*nodes)),
        ),
    }
}

fn is_under_way(run: &PatchRun) -> bool {
    matches!(run.phase, Phase::Approved { .. } | Phase::Running { .. })
}

fn and_more(mut names: Text, all: usize, words: Words) -> Text {
    let more = all.saturating_sub(SHOWN);
    if more > 0 {
        names.append(words.separator());
        names.append(words.say("and-more", &Args::new().number("more", more as i64)));
    }
    names
}

impl Words {
    /// Nodes that are gone, each with the reason: the first few, and how many more there are.
    pub(crate) fn gone<'a>(
        self,
        run: &PatchRun,
        nodes: impl IntoIterator<Item = (&'a NodeId, Gone)>,
    ) -> Text {
        let all: Vec<Text> = nodes
            .into_iter()
            .map(|(node, why)| {
                let why = self.why_gone(why);
                self.say(
                    "gone-node",
                    &Args::new().rich("node", name(run, node, self)).rich("why", why),
                )
            })
            .collect();
        let count = all.len();
        and_more(join(all.into_iter().take(SHOWN), self.separator()), count, self)
    }

    /// Why we cannot send to a node.
    pub(crate) fn why_gone(self, why: Gone) -> Text {
        let none = Args::new();
        match why {
            Gone::NotManaged => self.say("gone-not-managed", &none),
            Gone::Untagged => self.say("gone-untagged", &none),
            Gone::NodeInTwoGroups => self.say("gone-in-two-groups", &tags(none)),
        }
    }
}
