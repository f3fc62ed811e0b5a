//! The answer to `/patch` alone: the state for this person in a line or two, and where to go on.

use crate::id::Actor;
use crate::input::button::ButtonAction;
use crate::input::command::Choice;
use crate::state::State;
use crate::text::wording::Args;
use crate::view::{Block, Button, ButtonStyle, Card, Reader, Tone, Words};

impl State {
    /// The answer to `/patch` and `/patch menu`.
    pub(crate) fn menu(&self, actor: &Actor, reader: Reader) -> Card {
        let words = Words(reader.locale);
        let waiting = self.waiting_for(actor).len();
        let under_way = self.under_way().count();
        let args =
            Args::new().number("waiting", waiting as i64).number("running", under_way as i64);
        let mut blocks: Vec<Block> = self.stopped(words).map(Block::Text).into_iter().collect();
        let standing = words.say("menu-standing", &args);
        let title = words.phrase("menu-title", &args);
        let fallback = format!("{title} {}", standing.plain());
        blocks.push(Block::Text(standing));
        blocks.push(Block::Note(words.say("menu-note", &args)));
        let choices = Choice::ALL.into_iter().map(|choice| Button {
            label: words.phrase(&format!("menu-{}", choice.word()), &args),
            press: ButtonAction::Choose { choice },
            style: match choice {
                Choice::Mine if waiting > 0 => ButtonStyle::Primary,
                Choice::Mine
                | Choice::Status
                | Choice::List
                | Choice::Runs
                | Choice::Compliance
                | Choice::Help => ButtonStyle::Plain,
            },
            confirm: None,
        });
        let plan = Button {
            label: words.phrase("menu-plan", &args),
            press: ButtonAction::PlanWith { environment: None },
            style: ButtonStyle::Plain,
            confirm: None,
        };
        Card {
            drill: reader.drill,
            tone: if waiting > 0 { Tone::Attention } else { Tone::Calm },
            title,
            blocks,
            buttons: choices.chain([plan]).collect(),
            fallback,
        }
    }
}
