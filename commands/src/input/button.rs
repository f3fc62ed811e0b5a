//! What a button asks for, and the token that carries it.
//!
//! Tokens are stateless and versioned: a button works after any number of restarts, and one of a
//! version that is gone is told apart from nonsense. A token is no proof of anything: who presses,
//! and whether it is still right, is decided again each time.

use serde::{Deserialize, Serialize};

use crate::id::{EnvironmentName, RunId};
use crate::input::command::Choice;
use crate::refusal::TokenError;
use crate::run::{DispatchId, Operation};

/// What a button asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Press {
    /// Draft a plan for this environment and post it.
    Plan {
        /// Which environment.
        environment: EnvironmentName,
    },
    /// Ask in a dialog for a plan on other terms than the configuration's.
    PlanWith {
        /// The environment that is chosen already.
        environment: Option<EnvironmentName>,
    },
    /// Vote for the plan with this digest.
    Approve {
        /// Which run.
        run: RunId,
        /// The first twelve characters of its plan's digest.
        digest: String,
    },
    /// Vote for it, after having been asked once more.
    Sure {
        /// Which run.
        run: RunId,
        /// As above.
        digest: String,
    },
    /// Leave it, after having been asked once more: nothing is done.
    Leave {
        /// Which run.
        run: RunId,
    },
    /// Vote against it, for a reason.
    Reject {
        /// Which run.
        run: RunId,
        /// As above.
        digest: String,
    },
    /// Take one's own vote back while the plan still waits.
    Withdraw {
        /// Which run.
        run: RunId,
    },
    /// State that a dispatch whose sending is uncertain was not sent, for a reason.
    NotSent {
        /// Which run.
        run: RunId,
        /// Which of its dispatches.
        dispatch: DispatchId,
    },
    /// Name the command that such a dispatch is at AWS.
    Adopt {
        /// Which run.
        run: RunId,
        /// Which of its dispatches.
        dispatch: DispatchId,
    },
    /// Show what the menu offers.
    Choose {
        /// Which of it.
        choice: Choice,
    },
    /// Call a run off while it is under way, for a reason.
    Stop {
        /// Which run.
        run: RunId,
    },
    /// Let everything go on after this very stop, for a reason.
    Resume {
        /// Which stop: the place of it among all stops and releases, counted from 1.
        stop: u32,
    },
}

/// Stands before every token; changes when their meaning does.
const VERSION: &str = "p1";

impl Press {
    /// The token, at most 100 characters (Discord's `custom_id` has no room for more).
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

    /// Whether it answers a question that one person was asked: what follows takes its place.
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

    /// Reads a token.
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

/// One letter, because a hundred characters are not many.
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
            Press::Plan { environment: run.environment().clone() },
            Press::PlanWith { environment: Some(run.environment().clone()) },
            Press::PlanWith { environment: None },
            Press::Approve { run: run.clone(), digest: digest.clone() },
            Press::Sure { run: run.clone(), digest: digest.clone() },
            Press::Leave { run: run.clone() },
            Press::Reject { run: run.clone(), digest },
            Press::Withdraw { run: run.clone() },
            Press::NotSent { run: run.clone(), dispatch: dispatch.clone() },
            Press::Adopt { run: run.clone(), dispatch },
            Press::Stop { run },
            Press::Resume { stop: u32::MAX },
        ];
        let offered = Choice::ALL.map(|choice| Press::Choose { choice });
        for press in presses.into_iter().chain(offered) {
            let token = press.token();
            assert!(token.len() <= 100, "{token} has {} characters", token.len());
            assert_eq!(Press::parse(&token), Ok(press));
        }
    }

    #[test]
    fn what_we_did_not_write_is_refused() {
        let check =
            |token: &str, expected| assert_eq!(Press::parse(token), Err(expected), "{token}");
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
