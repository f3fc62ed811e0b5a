//! Short cards: a title and a sentence or two.

use crate::emergency_stop::EmergencyStopEvent;
use crate::id::{Principal, RunId};
use crate::input::command::ParseError;
use crate::refusal::Refusal;
use crate::run::{Phase, RunInput};
use crate::state::State;
use crate::text::Text;
use crate::text::wording::Args;
use crate::view::{Block, Card, Reader, Tone, Words};

/// The most rows of an answer.
pub(crate) const ROWS: usize = 25;

impl State {
    /// The private answer after a run accepted a request.
    pub fn acknowledged(&self, run: &RunId, request: &RunInput, reader: Reader) -> Option<Card> {
        let words = Words(reader.locale);
        let state = self.runs.get(run)?;
        let args = Args::new().text("run", run.to_string());
        let text = match request {
            RunInput::Approve { .. } if state.phase == Phase::Waiting => words.say(
                "done-vote",
                &args.number("votes", state.voters(self.current_policy(state)) as i64).number(
                    "quorum",
                    i64::from(state.decided_under(self.current_policy(state)).quorum.max(1)),
                ),
            ),
            RunInput::Approve { .. } => words.say("done-approved", &args),
            RunInput::Reject { .. } => words.say("done-rejected", &args),
            RunInput::Withdraw { .. } => words.say("done-withdrawn", &args),
            RunInput::NotSent { .. } => words.say("done-not-sent", &Args::new()),
            RunInput::Adopt { .. } => words.say("done-adopted", &Args::new()),
            RunInput::Stop { .. } => words.say("done-stopped", &args),
            RunInput::Tick
            | RunInput::Replanned { .. }
            | RunInput::Rechecked { .. }
            | RunInput::WindowSeen { .. }
            | RunInput::Identified { .. }
            | RunInput::Preflight { .. }
            | RunInput::ListPublished
            | RunInput::Sent { .. }
            | RunInput::SendRefused { .. }
            | RunInput::SendUncertain { .. }
            | RunInput::DispatchAbandoned { .. }
            | RunInput::Reconciled { .. }
            | RunInput::Heard { .. }
            | RunInput::CancelAsked { .. }
            | RunInput::OutputsRead { .. }
            | RunInput::AgentsSeen { .. }
            | RunInput::States { .. } => return None,
        };
        Some(notice("done-title", text, Tone::Calm, reader))
    }
}

/// The card that is posted to all channels when the emergency stop changes.
pub fn emergency_stop_card(
    event: &EmergencyStopEvent,
    by: Option<&Principal>,
    reader: Reader,
) -> Card {
    let words = Words(reader.locale);
    let args = Args::new().rich("who", words.author(by));
    match event {
        EmergencyStopEvent::Stopped { reason } => {
            let text = words.say("stop-text", &args.text("reason", reason));
            notice("stop-title", text, Tone::Bad, reader)
        }
        EmergencyStopEvent::Resumed { reason } => {
            let text = words.say("resume-text", &args.text("reason", reason));
            notice("resume-title", text, Tone::Calm, reader)
        }
    }
}

/// A refusal, for the person who asked.
pub fn refusal_card(refusal: &Refusal, reader: Reader) -> Card {
    notice("refusal-title", refusal.say(Words(reader.locale)), Tone::Attention, reader)
}

/// The answer to text that is not a command.
pub fn unreadable_card(error: &ParseError, reader: Reader) -> Card {
    notice("refusal-title", error.say(Words(reader.locale)), Tone::Attention, reader)
}

/// The answer while the nodes are surveyed.
pub fn working_card(id: &str, environment: &str, reader: Reader) -> Card {
    let words = Words(reader.locale);
    let text = words.say(id, &Args::new().text("environment", environment));
    notice("working-title", text, Tone::Calm, reader)
}

pub(crate) fn notice(title: &str, text: Text, tone: Tone, reader: Reader) -> Card {
    let title = Words(reader.locale).phrase(title, &Args::new());
    Card {
        drill: reader.drill,
        tone,
        fallback: format!("{title}: {}", text.plain()),
        title,
        blocks: vec![Block::Text(text)],
        buttons: Vec::new(),
    }
}

pub(crate) fn plain(title: String, blocks: Vec<Block>, reader: Reader) -> Card {
    let fallback = title.clone();
    Card { drill: reader.drill, tone: Tone::Calm, title, blocks, buttons: Vec::new(), fallback }
}
