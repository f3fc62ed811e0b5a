//! The commands that can be typed after `/patch`. A command is data: parsing one does nothing.

use crate::id::{EnvironmentName, RunId};
use crate::patch::level::Level;
use crate::plan::Overrides;

mod arguments;
mod menu;
mod options;
mod parse;

pub use arguments::{Argument, ArgumentKind};
pub use menu::Choice;
pub use options::{NOW, PlanOption};
pub(crate) use options::{canary, percent, reboot, start};
pub use parse::{LIMIT, ParseError, parse};

/// A command of `/patch`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// `help [command]`: explain the commands.
    Help {
        /// Only explain this command.
        topic: Option<Verb>,
    },
    /// `menu`, or no text at all: the state in brief, and where to go on.
    Menu,
    /// `status`: the state of every environment.
    Status,
    /// `mine`: what waits for this person, what is under way, and the state of every environment.
    Mine,
    /// `notify [on|off]`: whether this person gets direct messages about what waits for them.
    Notify {
        /// Their choice; `None` shows the current setting.
        on: Option<bool>,
    },
    /// `list [level]`: the missing patches, the worst first.
    List {
        /// Only patches of this level.
        level: Option<Level>,
    },
    /// `show <patch|CVE|run>`: everything that is known about one thing.
    Show {
        /// The patch, CVE or run to show.
        subject: String,
    },
    /// `plan <environment> [window=NAME|now] [reboot=yes|no] [waves=CANARY/PERCENT%]`: draft a plan
    /// and post it for approval.
    Plan {
        /// The environment to plan for.
        environment: EnvironmentName,
        /// Overrides of the configuration.
        overrides: Overrides,
    },
    /// `plan` without arguments: the same, with a dialog that asks for everything.
    PlanWith,
    /// `approve [run]`: vote for a plan.
    Approve {
        /// The run; `None` means the only one that waits.
        run: Option<RunId>,
    },
    /// `reject [run] <reason>`: vote against a plan.
    Reject {
        /// The run; `None` means the only one that waits.
        run: Option<RunId>,
        /// The reason, as the person typed it.
        reason: String,
    },
    /// `runs`: all runs, the newest first.
    Runs,
    /// `compliance [environment]`: what Systems Manager reports now.
    Compliance {
        /// Only report on this environment.
        environment: Option<EnvironmentName>,
    },
    /// `stop [run] <reason>`: stop this run; without a run, send nothing more anywhere until
    /// `resume`.
    Stop {
        /// The first word, if it reads like a run. A reason may begin with such a word too.
        run: Option<RunId>,
        /// The reason; empty if the person only named a run.
        reason: String,
    },
    /// `resume <reason>`: let work go on.
    Resume {
        /// Why it is safe to go on.
        reason: String,
    },
}

/// The verb of a command: the first word after `/patch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the words are documented at Command")]
pub enum Verb {
    Help,
    Menu,
    Status,
    Mine,
    Notify,
    List,
    Show,
    Plan,
    Approve,
    Reject,
    Runs,
    Compliance,
    Stop,
    Resume,
}

impl Verb {
    /// All verbs, in the order of the help.
    pub const ALL: [Self; 14] = [
        Self::Status,
        Self::Mine,
        Self::List,
        Self::Show,
        Self::Plan,
        Self::Approve,
        Self::Reject,
        Self::Runs,
        Self::Compliance,
        Self::Stop,
        Self::Resume,
        Self::Notify,
        Self::Menu,
        Self::Help,
    ];

    /// The verb, as it is typed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Help => "help",
            Self::Menu => "menu",
            Self::Status => "status",
            Self::Mine => "mine",
            Self::Notify => "notify",
            Self::List => "list",
            Self::Show => "show",
            Self::Plan => "plan",
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Runs => "runs",
            Self::Compliance => "compliance",
            Self::Stop => "stop",
            Self::Resume => "resume",
        }
    }
}
