//! What can be typed after `/patch`. A command is data: reading one does nothing.

use crate::id::{EnvironmentName, RunId};
use crate::patch::level::Level;
use crate::plan::Overrides;

mod arguments;
mod help;
mod menu;
mod options;
mod parse;

pub use arguments::{Argument, ArgumentKind};
pub use help::help;
pub use menu::Choice;
pub use options::{NOW, PlanOption};
pub(crate) use options::{canary, percent, reboot, start};
pub use parse::{LIMIT, ParseError, parse};

/// Something asked for with `/patch`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// `help [command]`: what can be asked.
    Help {
        /// Only this one.
        topic: Option<Verb>,
    },
    /// `menu`, or nothing at all: how it stands, and where to go on.
    Menu,
    /// `status`: where every environment stands.
    Status,
    /// `mine`: what waits for who asks, what is under way, and where every environment stands.
    Mine,
    /// `notify [on|off]`: whether who asks is told in person of what waits for them.
    Notify {
        /// What they choose; what is set, if nothing.
        on: Option<bool>,
    },
    /// `list [level]`: what is missing, the worst first.
    List {
        /// Only this level.
        level: Option<Level>,
    },
    /// `show <patch|CVE|run>`: all that is known of one thing.
    Show {
        /// Its name.
        subject: String,
    },
    /// `plan <environment> [window=NAME|now] [reboot=yes|no] [waves=CANARY/PERCENT%]`: draft a plan
    /// and post it for approval.
    Plan {
        /// Which environment.
        environment: EnvironmentName,
        /// What it is to have other than the configuration says.
        overrides: Overrides,
    },
    /// `plan`: the same, with everything asked for in a dialog.
    PlanWith,
    /// `approve [run]`: vote for a plan.
    Approve {
        /// Which; the only one that waits, if none is named.
        run: Option<RunId>,
    },
    /// `reject [run] <reason>`: vote against a plan.
    Reject {
        /// As above.
        run: Option<RunId>,
        /// Why.
        reason: String,
    },
    /// `runs`: all runs, the newest first.
    Runs,
    /// `compliance [environment]`: what Systems Manager reports right now.
    Compliance {
        /// Only this one.
        environment: Option<EnvironmentName>,
    },
    /// `stop [run] <reason>`: this run is called off; without a run nothing more is sent, anywhere,
    /// until `resume`.
    Stop {
        /// The first word, where it reads like a run. A reason may begin with such a word too.
        run: Option<RunId>,
        /// Why; empty where only a run was named.
        reason: String,
    },
    /// `resume <reason>`: work may go on.
    Resume {
        /// Why it is safe.
        reason: String,
    },
}

/// The first word after `/patch`.
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
    /// All of them, in the order of the help.
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

    /// What is typed.
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
