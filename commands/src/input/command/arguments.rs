//! What follows the verb, for platforms that ask for each argument by itself. What they gather is
//! written in this order behind the verb and then read as if somebody had typed it: there is one
//! parser.

use crate::input::command::{PlanOption, Verb};

/// Something that a verb takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argument {
    /// In lower case, as a platform shows it.
    pub name: &'static str,
    /// What it is.
    pub kind: ArgumentKind,
    /// Whether the verb means nothing without it.
    pub required: bool,
    /// Whether its name is typed before it, as in `reboot=no`.
    pub named: bool,
}

/// What an argument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentKind {
    /// One of our verbs.
    Verb,
    /// A level of patches.
    Level,
    /// A configured environment.
    Environment,
    /// A run.
    Run,
    /// Anything that can be shown: a patch, a CVE, a run.
    Subject,
    /// On or off.
    Switch,
    /// A maintenance window, or `now`.
    Window,
    /// Whether nodes reboot: `yes` or `no`.
    Reboot,
    /// Nodes of the first wave, and percent of all in each further one: `1/25%`.
    Waves,
    /// A person's own words.
    Reason,
}

const fn optional(name: &'static str, kind: ArgumentKind) -> Argument {
    Argument { name, kind, required: false, named: false }
}

const fn required(name: &'static str, kind: ArgumentKind) -> Argument {
    Argument { name, kind, required: true, named: false }
}

const fn option(option: PlanOption, kind: ArgumentKind) -> Argument {
    Argument { name: option.word(), kind, required: false, named: true }
}

impl Verb {
    /// What follows it, in the order in which it is typed.
    pub fn arguments(self) -> &'static [Argument] {
        const RUN: Argument = optional("run", ArgumentKind::Run);
        const REASON: Argument = required("reason", ArgumentKind::Reason);
        match self {
            Self::Help => const { &[optional("command", ArgumentKind::Verb)] },
            Self::List => const { &[optional("level", ArgumentKind::Level)] },
            Self::Show => const { &[required("subject", ArgumentKind::Subject)] },
            Self::Plan => {
                const {
                    &[
                        optional("environment", ArgumentKind::Environment),
                        option(PlanOption::Window, ArgumentKind::Window),
                        option(PlanOption::Reboot, ArgumentKind::Reboot),
                        option(PlanOption::Waves, ArgumentKind::Waves),
                    ]
                }
            }
            Self::Approve => const { &[RUN] },
            Self::Reject | Self::Stop => const { &[RUN, REASON] },
            Self::Compliance => const { &[optional("environment", ArgumentKind::Environment)] },
            Self::Resume => const { &[REASON] },
            Self::Notify => const { &[optional("choice", ArgumentKind::Switch)] },
            Self::Menu | Self::Status | Self::Mine | Self::Runs => &[],
        }
    }
}

impl Argument {
    /// As it is typed, with this value.
    pub fn typed(&self, value: &str) -> String {
        if self.named { format!("{}={value}", self.name) } else { value.to_owned() }
    }
}

impl ArgumentKind {
    /// The message that says what it is.
    pub fn message(self) -> &'static str {
        match self {
            Self::Verb => "argument-verb",
            Self::Level => "argument-level",
            Self::Environment => "argument-environment",
            Self::Run => "argument-run",
            Self::Subject => "argument-subject",
            Self::Switch => "argument-switch",
            Self::Window => "argument-window",
            Self::Reboot => "argument-reboot",
            Self::Waves => "argument-waves",
            Self::Reason => "argument-reason",
        }
    }
}
