//! The private answer to somebody who typed a decision: the plan in short, and the button that decides.

use super::confirm::confirm;
use super::facts::facts;
use super::{Surroundings, asked_for, named};
use crate::input::button::Press;
use crate::reason::Reason;
use crate::run::PatchRun;
use crate::text::wording::Args;
use crate::view::words::Words;
use crate::view::{Block, Button, ButtonStyle, Card, Tone};

/// To approve, with the question that goes before it in production.
pub(crate) fn typed_approve(run: &PatchRun, around: &Surroundings<'_>) -> Card {
    let words = Words(around.reader.locale);
    let (id, digest) = (run.id.clone(), run.digest.short().to_owned());
    let button = Button {
        label: words.phrase("button-approve", &Args::new()),
        press: Press::Approve { run: id, digest },
        style: ButtonStyle::Primary,
        confirm: around.is_production.then(|| confirm(run, words)),
    };
    typed(run, around, "typed-approve", &named(run), button)
}

/// To reject, with the reason to be copied into the dialog.
pub(crate) fn typed_reject(run: &PatchRun, reason: &Reason, around: &Surroundings<'_>) -> Card {
    let words = Words(around.reader.locale);
    let (id, digest) = (run.id.clone(), run.digest.short().to_owned());
    let button = Button {
        label: words.phrase("button-reject", &Args::new()),
        press: Press::Reject { run: id, digest },
        style: ButtonStyle::Danger,
        confirm: None,
    };
    typed(run, around, "typed-reject", &named(run).code("reason", reason), button)
}

fn typed(
    run: &PatchRun,
    around: &Surroundings<'_>,
    message: &str,
    args: &Args,
    button: Button,
) -> Card {
    let words = Words(around.reader.locale);
    let title = words.phrase(&format!("{message}-title"), args);
    let lead = words.say(&format!("{message}-lead"), args);
    let digest = asked_for(run);
    Card {
        drill: around.reader.drill,
        tone: if around.is_production { Tone::Production } else { Tone::Attention },
        fallback: format!("{title} {}", lead.plain()),
        title,
        blocks: vec![
            Block::Text(lead),
            Block::Facts(facts(run, around.today, words)),
            Block::Note(words.say("run-note", &digest)),
        ],
        buttons: vec![button],
    }
}
