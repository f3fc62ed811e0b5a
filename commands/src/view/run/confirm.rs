//! The second confirmation of a vote for production: as a native dialog of the platform, or as a
//! question with buttons if it has none.

use super::facts::facts;
use super::{asked_for, named};
use crate::environment::policy::CurrentPolicy;
use crate::input::button::ButtonAction;
use crate::run::PatchRun;
use crate::text::wording::Args;
use crate::view::words::Words;
use crate::view::{Block, Button, ButtonStyle, Card, Confirm, Reader, Tone};

/// The native dialog.
pub(super) fn confirm(run: &PatchRun, words: Words) -> Confirm {
    let args = counts(run, words);
    Confirm {
        title: words.phrase("confirm-approve-title", &args),
        text: words.phrase("confirm-approve-text", &args),
        yes: words.phrase("button-approve", &args),
        no: words.phrase("form-cancel", &args),
    }
}

/// The question: exactly what will be done, and how severe what it fixes is.
pub(crate) fn question(run: &PatchRun, policy: CurrentPolicy<'_>, reader: Reader) -> Card {
    let words = Words(reader.locale);
    let level = run.plan.level().map(|level| level.label(reader.locale));
    let args = counts(run, words).number("has-level", level.is_some().into());
    let args = args.text("level", level.unwrap_or_default());
    let title = words.phrase("confirm-approve-title", &args);
    let lead = words.say("confirm-approve-lead", &args);
    let digest = asked_for(run);
    let button = |id: &str, press, style| Button {
        label: words.phrase(id, &Args::new()),
        press,
        style,
        confirm: None,
    };
    let digest_named = run.digest.short().to_owned();
    Card {
        drill: reader.drill,
        tone: Tone::Production,
        fallback: format!("{title} {}", lead.plain()),
        title,
        blocks: vec![
            Block::Text(lead),
            Block::Facts(facts(run, policy, words)),
            Block::Note(words.say("run-note", &digest)),
        ],
        buttons: vec![
            button(
                "button-sure",
                ButtonAction::Sure { run: run.id.clone(), digest: digest_named },
                ButtonStyle::Primary,
            ),
            button("button-leave", ButtonAction::Leave { run: run.id.clone() }, ButtonStyle::Plain),
        ],
    }
}

fn counts(run: &PatchRun, words: Words) -> Args {
    named(run)
        .number("nodes", run.plan.node_count() as i64)
        .number("patches", run.plan.patches.len() as i64)
        .rich("reboot", words.reboot(&run.plan))
}
