//! What follows the verb, for platforms that ask for each argument by itself. What they gather is
//! written in this order behind the verb and then read as if somebody had typed it: there is one
//! parser.

use crate::command::Verb;

/// Something that a verb takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argument {
    /// In lower case, as a platform shows it.
    pub name: &'static str,
    /// What it is.
    pub kind: ArgumentKind,
    /// Whether the verb means nothing without it.
    pub required: bool,
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
    /// A person's own words.
    Reason,
}

const fn optional(name: &'static str, kind: ArgumentKind) -> Argument {
    Argument { name, kind, required: false }
}

const fn required(name: &'static str, kind: ArgumentKind) -> Argument {
    Argument { name, kind, required: true }
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
            Self::Plan => const { &[required("environment", ArgumentKind::Environment)] },
            Self::Approve => const { &[RUN] },
            Self::Reject | Self::Stop => const { &[RUN, REASON] },
            Self::Compliance => const { &[optional("environment", ArgumentKind::Environment)] },
            Self::Resume => const { &[REASON] },
            Self::Notify => const { &[optional("choice", ArgumentKind::Switch)] },
            Self::Menu | Self::Status | Self::Mine | Self::Runs => &[],
        }
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
            Self::Reason => "argument-reason",
        }
    }
}
