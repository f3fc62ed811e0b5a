//! The direct message to a person who is asked to decide: the plan, its severity, the environment,
//! the deadline, and a link to the card. It has no buttons, because people decide on the card in
//! the channel.

use crate::environment::policy::CurrentPolicy;
use crate::id::PersonRef;
use crate::run::{PatchRun, Phase};
use crate::text::wording::Args;
use crate::text::{Span, Text, TimeStyle};
use crate::view::run::void;
use crate::view::words::{Words, join};
use crate::view::{Block, Card, Reader, Tone};

/// The message for `person`; `address` links to the card in the channel.
pub(crate) fn card(
    run: &PatchRun,
    current: CurrentPolicy<'_>,
    person: &PersonRef,
    address: Option<&str>,
    is_production: bool,
    reader: Reader,
) -> Card {
    let words = Words(reader.locale);
    let names = Args::new()
        .text("environment", run.plan.environment.as_str())
        .text("run", run.id.to_string());
    let asks = run.phase == Phase::Waiting && run.voted_at(person).is_none();
    let title = match &run.phase {
        Phase::Waiting if asks => "asked-title",
        Phase::Waiting => "asked-title-voted",
        Phase::Approved { .. }
        | Phase::Running { .. }
        | Phase::Stopping { .. }
        | Phase::Finished { .. }
        | Phase::Stopped { .. }
        | Phase::Rejected { .. } => "asked-title-decided",
        Phase::Expired { .. } | Phase::Voided { .. } => "asked-title-over",
    };
    let title = words.phrase(title, &names);
    let lead = lead(run, current, asks, words);
    let mut blocks = vec![Block::Text(lead.clone())];
    match address {
        Some(address) => {
            let label = if asks { "asked-link" } else { "asked-link-over" };
            let label = words.phrase(label, &names);
            let link = Span::Link { label, address: address.to_owned() };
            blocks.push(Block::Text(Text(vec![link])));
        }
        None if asks => blocks.push(Block::Text(words.say("asked-no-link", &names))),
        None => {}
    }
    if asks {
        blocks.push(Block::Note(words.say("asked-note", &Args::new())));
    }
    Card {
        drill: reader.drill,
        tone: match asks {
            true if is_production => Tone::Production,
            true => Tone::Attention,
            false => Tone::Calm,
        },
        fallback: format!("{title}: {}", lead.plain()),
        title,
        blocks,
        buttons: Vec::new(),
    }
}

fn lead(run: &PatchRun, current: CurrentPolicy<'_>, asks: bool, words: Words) -> Text {
    let until = Args::new().time("until", run.expires_at(), TimeStyle::DateTime);
    match &run.phase {
        Phase::Waiting if asks => {
            // The worst first, as on every card.
            let worst = run.plan.patches.first().map(|patch| words.rating(&patch.assessment));
            let args = until
                .text("environment", run.plan.environment.as_str())
                .number("nodes", run.plan.node_count() as i64)
                .number("patches", run.plan.patches.len() as i64)
                .rich("worst", worst.unwrap_or_default())
                .person("who", &run.requester)
                .number("quorum", i64::from(run.decided_under(current).quorum.max(1)));
            words.say("asked-text", &args)
        }
        Phase::Waiting => words.say("asked-voted", &until),
        Phase::Approved { .. }
        | Phase::Running { .. }
        | Phase::Stopping { .. }
        | Phase::Finished { .. }
        | Phase::Stopped { .. } => {
            let voters = join(run.votes.keys().map(Text::person), words.separator());
            words.say("asked-approved", &Args::new().rich("voters", voters))
        }
        Phase::Rejected { by, reason, .. } => {
            words.say("asked-rejected", &Args::new().person("who", by).text("reason", reason))
        }
        Phase::Expired { .. } => words.say("asked-expired", &Args::new()),
        Phase::Voided { why, .. } => void(run, why, words),
    }
}
