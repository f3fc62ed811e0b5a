//! What the menu offers: the commands that need nothing but their name.

use serde::{Deserialize, Serialize};

use crate::input::command::{Command, Verb};

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words are documented at Command")]
pub enum Choice {
    Mine,
    Status,
    List,
    Runs,
    Compliance,
    Help,
}

impl Choice {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 6] =
        [Self::Mine, Self::Status, Self::List, Self::Runs, Self::Compliance, Self::Help];

    /// What would be typed.
    pub fn word(self) -> &'static str {
        let verb = match self {
            Self::Mine => Verb::Mine,
            Self::Status => Verb::Status,
            Self::List => Verb::List,
            Self::Runs => Verb::Runs,
            Self::Compliance => Verb::Compliance,
            Self::Help => Verb::Help,
        };
        verb.word()
    }

    /// What is asked for.
    pub fn command(self) -> Command {
        match self {
            Self::Mine => Command::Mine,
            Self::Status => Command::Status,
            Self::List => Command::List { level: None },
            Self::Runs => Command::Runs,
            Self::Compliance => Command::Compliance { environment: None },
            Self::Help => Command::Help { topic: None },
        }
    }
}
