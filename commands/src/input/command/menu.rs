//! The entries of the menu: the commands that need no arguments.

use serde::{Deserialize, Serialize};

use crate::input::command::{Command, Verb};

/// An entry of the menu.
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
    /// All entries, in the order in which the menu shows them.
    pub const ALL: [Self; 6] =
        [Self::Mine, Self::Status, Self::List, Self::Runs, Self::Compliance, Self::Help];

    /// The word that a person would type instead.
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

    /// The command of the entry.
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
