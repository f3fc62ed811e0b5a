//! The actions of buttons, and the tokens that carry them.
//!
//! Tokens are stateless and versioned: a button works after any number of restarts, and a token of
//! an earlier version is told apart from nonsense. A token proves nothing: with each press it is
//! checked again who pressed the button, and whether the action is still valid.

use serde::{Deserialize, Serialize};

use crate::id::{DispatchId, EnvironmentName, Operation, RunId};
use crate::input::command::Choice;
use crate::refusal::TokenError;

/// The action of a button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonAction {
    /// Draft a plan for this environment and post it.
    Plan {
        /// The environment to plan for.
        environment: EnvironmentName,
    },
    /// Open a dialog that asks for a plan with overrides.
    PlanWith {
        /// The environment that is preselected in the dialog, if any.
        environment: Option<EnvironmentName>,
    },
    /// Vote for the plan with this digest.
    Approve {
        /// The run whose plan is approved.
        run: RunId,
        /// The first twelve characters of its plan's digest.
        digest: String,
    },
    /// Vote for the plan after a second confirmation.
    Sure {
        /// The run whose plan is approved.
        run: RunId,
        /// The first twelve characters of its plan's digest.
        digest: String,
    },
    /// Cancel the second confirmation; nothing happens.
    Leave {
        /// The run whose plan is not voted on.
        run: RunId,
    },
    /// Vote against the plan; a dialog asks for the reason.
    Reject {
        /// The run whose plan is rejected.
        run: RunId,
        /// The first twelve characters of its plan's digest.
        digest: String,
    },
    /// Take one's own vote back while the plan still waits.
    Withdraw {
        /// The run whose plan was voted on.
        run: RunId,
    },
    /// State that an uncertain dispatch was not sent; a dialog asks for the reason.
    NotSent {
        /// The run of the dispatch.
        run: RunId,
        /// The uncertain dispatch.
        dispatch: DispatchId,
    },
    /// Name the AWS command of an uncertain dispatch.
    Adopt {
        /// The run of the dispatch.
        run: RunId,
        /// The uncertain dispatch.
        dispatch: DispatchId,
    },
    /// Show the chosen entry of the menu.
    Choose {
        /// The entry that the person chose.
        choice: Choice,
    },
    /// Stop a run that is under way; a dialog asks for the reason.
    Stop {
        /// The run to stop.
        run: RunId,
    },
    /// Resume everything after exactly this stop; a dialog asks for the reason.
    Resume {
        /// The number of the stop among all stops and resumes, counted from 1.
        stop: u32,
    },
}

/// The prefix of every token; it changes when the meaning of the tokens does.
const VERSION: &str = "p1";

impl ButtonAction {
    /// The token, at most 100 characters (the limit of Discord's `custom_id`).
    pub fn token(&self) -> String {
        match self {
            Self::Plan { environment } => format!("{VERSION}|plan|{environment}"),
            Self::PlanWith { environment: Some(environment) } => {
                format!("{VERSION}|plan-with|{environment}")
            }
            Self::PlanWith { environment: None } => format!("{VERSION}|plan-with"),
            Self::Approve { run, digest } => format!("{VERSION}|approve|{run}|{digest}"),
            Self::Sure { run, digest } => format!("{VERSION}|sure|{run}|{digest}"),
            Self::Leave { run } => format!("{VERSION}|leave|{run}"),
            Self::Reject { run, digest } => format!("{VERSION}|reject|{run}|{digest}"),
            Self::Withdraw { run } => format!("{VERSION}|withdraw|{run}"),
            Self::NotSent { run, dispatch } => {
                format!("{VERSION}|not-sent|{run}|{}", written(dispatch))
            }
            Self::Adopt { run, dispatch } => format!("{VERSION}|adopt|{run}|{}", written(dispatch)),
            Self::Stop { run } => format!("{VERSION}|stop|{run}"),
            Self::Resume { stop } => format!("{VERSION}|resume|{stop}"),
            Self::Choose { choice } => format!("{VERSION}|choose|{}", choice.word()),
        }
    }

    /// Whether the button answers a question to one person, so that the answer replaces the
    /// question.
    pub fn answers(&self) -> bool {
        match self {
            Self::Sure { .. } | Self::Leave { .. } => true,
            Self::Plan { .. }
            | Self::PlanWith { .. }
            | Self::Approve { .. }
            | Self::Reject { .. }
            | Self::Withdraw { .. }
            | Self::NotSent { .. }
            | Self::Adopt { .. }
            | Self::Choose { .. }
            | Self::Stop { .. }
            | Self::Resume { .. } => false,
        }
    }

    /// Parses a token.
    pub fn parse(token: &str) -> Result<Self, TokenError> {
        let parts: Vec<&str> = token.split('|').collect();
        let [version, rest @ ..] = parts.as_slice() else {
            return Err(TokenError::Nonsense);
        };
        if *version != VERSION {
            let ours = version.strip_prefix('p').is_some_and(|n| n.parse::<u32>().is_ok());
            return Err(if ours { TokenError::OtherVersion } else { TokenError::Nonsense });
        }
        Self::parse_parts(rest).ok_or(TokenError::Nonsense)
    }

    fn parse_parts(parts: &[&str]) -> Option<Self> {
        let press = match parts {
            ["plan", environment] => Self::Plan { environment: environment.parse().ok()? },
            ["plan-with"] => Self::PlanWith { environment: None },
            ["plan-with", environment] => {
                Self::PlanWith { environment: Some(environment.parse().ok()?) }
            }
            ["approve", run, digest] => {
                Self::Approve { run: run.parse().ok()?, digest: short_digest(digest)? }
            }
            ["sure", run, digest] => {
                Self::Sure { run: run.parse().ok()?, digest: short_digest(digest)? }
            }
            ["leave", run] => Self::Leave { run: run.parse().ok()? },
            ["reject", run, digest] => {
                Self::Reject { run: run.parse().ok()?, digest: short_digest(digest)? }
            }
            ["withdraw", run] => Self::Withdraw { run: run.parse().ok()? },
            ["not-sent", run, dispatch @ ..] => {
                Self::NotSent { run: run.parse().ok()?, dispatch: read(dispatch)? }
            }
            ["adopt", run, dispatch @ ..] => {
                Self::Adopt { run: run.parse().ok()?, dispatch: read(dispatch)? }
            }
            ["choose", word] => {
                let known = Choice::ALL.into_iter().find(|choice| choice.word() == *word);
                Self::Choose { choice: known? }
            }
            ["stop", run] => Self::Stop { run: run.parse().ok()? },
            ["resume", stop] => Self::Resume { stop: stop.parse().ok()? },
            [..] => return None,
        };
        Some(press)
    }
}

fn written(dispatch: &DispatchId) -> String {
    let DispatchId { wave, operation, chunk, attempt } = dispatch;
    format!("{wave}|{}|{chunk}|{attempt}", letter(*operation))
}

fn read(parts: &[&str]) -> Option<DispatchId> {
    let [wave, operation, chunk, attempt] = parts else { return None };
    let operations = [Operation::Install, Operation::Scan];
    Some(DispatchId {
        wave: wave.parse().ok()?,
        operation: operations.into_iter().find(|known| letter(*known) == *operation)?,
        chunk: chunk.parse().ok()?,
        attempt: attempt.parse().ok()?,
    })
}

/// One letter for the operation, because a token has only a hundred characters.
fn letter(operation: Operation) -> &'static str {
    match operation {
        Operation::Install => "i",
        Operation::Scan => "s",
    }
}

fn short_digest(text: &str) -> Option<String> {
    let fits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    fits.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_is_read_back_and_fits_discord() {
        let run: RunId = format!("{}-4294967295", "e".repeat(40)).parse().expect("a run id");
        let digest = "0123456789ab".to_owned();
        let dispatch = DispatchId {
            wave: u32::MAX,
            operation: Operation::Install,
            chunk: u32::MAX,
            attempt: u32::MAX,
        };
        let presses = [
            ButtonAction::Plan { environment: run.environment().clone() },
            ButtonAction::PlanWith { environment: Some(run.environment().clone()) },
            ButtonAction::PlanWith { environment: None },
            ButtonAction::Approve { run: run.clone(), digest: digest.clone() },
            ButtonAction::Sure { run: run.clone(), digest: digest.clone() },
            ButtonAction::Leave { run: run.clone() },
            ButtonAction::Reject { run: run.clone(), digest },
            ButtonAction::Withdraw { run: run.clone() },
            ButtonAction::NotSent { run: run.clone(), dispatch: dispatch.clone() },
            ButtonAction::Adopt { run: run.clone(), dispatch },
            ButtonAction::Stop { run },
            ButtonAction::Resume { stop: u32::MAX },
        ];
        let offered = Choice::ALL.map(|choice| ButtonAction::Choose { choice });
        for press in presses.into_iter().chain(offered) {
            let token = press.token();
            assert!(token.len() <= 100, "{token} has {} characters", token.len());
            assert_eq!(ButtonAction::parse(&token), Ok(press));
        }
    }

    #[test]
    fn what_we_did_not_write_is_refused() {
        let check = |token: &str, expected| {
            assert_eq!(ButtonAction::parse(token), Err(expected), "{token}")
        };
        check("", TokenError::Nonsense);
        check("p2|approve|verification-1|0123456789ab", TokenError::OtherVersion);
        check("p1|approve|verification-1|0123456789ab|x", TokenError::Nonsense);
        check("p1|approve|verification-1|not-a-digest", TokenError::Nonsense);
        check("p1|approve|../../etc|0123456789ab", TokenError::Nonsense);
        check("p1|choose|stop", TokenError::Nonsense);
        check("p1|resume|-1", TokenError::Nonsense);
        check("p1|resume", TokenError::Nonsense);
        check("p1|launch|verification-1", TokenError::Nonsense);
    }
}
