//! The private answer to a person who typed a decision: the plan in brief, and the button that
//! decides.

use super::confirm::confirm;
use super::facts::facts;
use super::{CardContext, asked_for, named};
use crate::input::button::ButtonAction;
use crate::reason::Reason;
use crate::run::PatchRun;
use crate::text::wording::Args;
use crate::view::words::Words;
use crate::view::{Block, Button, ButtonStyle, Card, Tone};

/// The answer to `approve`, with the second confirmation that production requires.
pub(crate) fn typed_approve(run: &PatchRun, context: &CardContext<'_>) -> Card {
    let words = Words(context.reader.locale);
    let (id, digest) = (run.id.clone(), run.digest.short().to_owned());
    let button = Button {
        label: words.phrase("button-approve", &Args::new()),
        press: ButtonAction::Approve { run: id, digest },
        style: ButtonStyle::Primary,
        confirm: context.is_production.then(|| confirm(run, words)),
    };
    typed(run, context, "typed-approve", &named(run), button)
}

/// The answer to `reject`, with the reason to copy into the dialog.
pub(crate) fn typed_reject(run: &PatchRun, reason: &Reason, context: &CardContext<'_>) -> Card {
    let words = Words(context.reader.locale);
    let (id, digest) = (run.id.clone(), run.digest.short().to_owned());
    let button = Button {
        label: words.phrase("button-reject", &Args::new()),
        press: ButtonAction::Reject { run: id, digest },
        style: ButtonStyle::Danger,
        confirm: None,
    };
    typed(run, context, "typed-reject", &named(run).code("reason", reason), button)
}

fn typed(
    run: &PatchRun,
    context: &CardContext<'_>,
    message: &str,
    args: &Args,
    button: Button,
) -> Card {
    let words = Words(context.reader.locale);
    let title = words.phrase(&format!("{message}-title"), args);
    let lead = words.say(&format!("{message}-lead"), args);
    let digest = asked_for(run);
    Card {
        drill: context.reader.drill,
        tone: if context.is_production { Tone::Production } else { Tone::Attention },
        fallback: format!("{title} {}", lead.plain()),
        title,
        blocks: vec![
            Block::Text(lead),
            Block::Facts(facts(run, context.policy, words)),
            Block::Note(words.say("run-note", &digest)),
        ],
        buttons: vec![button],
    }
}
