//! The arguments of each verb, for platforms that ask for each argument separately. Their values
//! are joined behind the verb in this order and parsed as if a person had typed them, so that there
//! is only one parser.

use crate::input::command::{PlanOption, Verb};

/// An argument of a verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Its name in lower case, as a platform shows it.
    pub name: &'static str,
    /// The kind of value that it takes.
    pub kind: ArgumentKind,
    /// Whether the verb requires it.
    pub required: bool,
    /// Whether its name is typed before the value, as in `reboot=no`.
    pub named: bool,
}

/// The kind of value that an argument takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentKind {
    /// One of our verbs.
    Verb,
    /// A level of severity.
    Level,
    /// A configured environment.
    Environment,
    /// The id of a run.
    Run,
    /// Anything that `show` accepts: a patch, a CVE, a run.
    Subject,
    /// `on` or `off`.
    Switch,
    /// A maintenance window, or `now`.
    Window,
    /// Whether nodes reboot: `yes` or `no`.
    Reboot,
    /// The nodes of the first wave, and the percentage in each further one: `1/25%`.
    Waves,
    /// Free text of the person.
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
    /// The arguments of the verb, in the order in which they are typed.
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
    /// The argument with this value, as a person would type it.
    pub fn typed(&self, value: &str) -> String {
        if self.named { format!("{}={value}", self.name) } else { value.to_owned() }
    }
}

impl ArgumentKind {
    /// The key of the message that describes it.
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
