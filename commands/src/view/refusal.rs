//! The wording of refusals, in one language. A refusal is always private, for the person who asked.

use crate::id::{EnvironmentName, RunId};
use crate::plan::NotAllowed;
use crate::refusal::{Limited, Mismatch, Mistake, Refusal, Settled, TokenError, Unavailable};
use crate::text::wording::Args;
use crate::text::{Text, TimeStyle};
use crate::view::run::unproven;
use crate::view::two_groups;
use crate::view::words::{Words, join};

impl Refusal {
    /// What happened, what it means, and what to do.
    pub(crate) fn say(&self, words: Words) -> Text {
        let none = Args::new();
        let of_run = |run: &RunId| Args::new().text("run", run.to_string());
        let of =
            |environment: &EnvironmentName| Args::new().text("environment", environment.as_str());
        match self {
            Self::NobodyMayApprove { environment } => words.say("refusal-nobody", &of(environment)),
            Self::NotAnApprover { environment, approvers } => {
                let args = of(environment).rich("approvers", words.approvers(approvers));
                words.say("refusal-not-approver", &args)
            }
            Self::NotLinked { environment } => words.say("refusal-not-linked", &of(environment)),
            Self::Outside => words.say("refusal-outside", &none),
            Self::NotHere => words.say("refusal-not-here", &none),
            Self::NotLinkedToAsk => words.say("refusal-not-linked-to-ask", &none),
            Self::MayNotAsk { environment, people } => {
                let args = of(environment).rich("people", words.approvers(people));
                words.say("refusal-may-not-ask", &args)
            }
            Self::TooMany { what, limit, again } => {
                let args = none.number("limit", i64::from(*limit));
                let args = args.time("again", *again, TimeStyle::DateTime);
                match what {
                    Limited::Plan => words.say("refusal-too-many-plans", &args),
                    Limited::Survey => words.say("refusal-too-many-looks", &args),
                    Limited::Vote(run) => {
                        words.say("refusal-too-many-votes", &args.text("run", run.to_string()))
                    }
                    Limited::EmergencyStop => words.say("refusal-too-many-stops", &args),
                }
            }
            Self::OwnRequest { run, approvers } => {
                let args = of_run(run).rich("approvers", words.approvers(approvers));
                words.say("refusal-own", &args)
            }
            Self::OtherPlan { run } => words.say("refusal-other-plan", &of_run(run)),
            Self::AlreadyVoted { run, at } => words
                .say("refusal-already-voted", &of_run(run).time("at", *at, TimeStyle::DateTime)),
            Self::NoVote { run } => words.say("refusal-no-vote", &of_run(run)),
            Self::NotWaiting { run, now } => now.say(of_run(run), words),
            Self::NotProven { run, needs, why } => {
                let args =
                    of_run(run).text("needs", needs.as_str()).rich("why", unproven(why, words));
                words.say("refusal-not-proven", &args)
            }
            Self::StillOpen { run } => words.say("refusal-still-open", &of_run(run)),
            Self::NoReason => words.say("refusal-no-reason", &none),
            Self::LongReason { limit } => {
                words.say("refusal-long-reason", &none.number("limit", *limit as i64))
            }
            Self::UnknownEnvironment { given, known } => {
                let known =
                    join(known.iter().map(|name| Text::from(name.to_string())), words.separator());
                let args = none.text("given", given.as_str()).rich("known", known);
                words.say("refusal-unknown-environment", &args)
            }
            Self::UnknownRun { given } => {
                words.say("refusal-unknown-run", &none.text("given", given))
            }
            Self::WhichRun { waiting } => {
                let waiting =
                    join(waiting.iter().map(|run| Text::from(run.to_string())), words.separator());
                words.say("refusal-which-run", &none.rich("waiting", waiting))
            }
            Self::NothingWaits => words.say("refusal-nothing-waits", &none),
            Self::UnknownSubject { given } => {
                words.say("refusal-unknown-subject", &none.text("given", given))
            }
            Self::NoNodes { environment, patch_group, in_two_groups } => {
                match two_groups::in_two_groups(environment, in_two_groups, words) {
                    None => {
                        words.say("refusal-no-nodes", &of(environment).text("group", patch_group))
                    }
                    Some(nodes) => {
                        words.say("refusal-none-settled", &of(environment).rich("nodes", nodes))
                    }
                }
            }
            Self::NoWindow { environment, window, why } => {
                let why = words.not_taken(why);
                words.say(
                    "refusal-no-window",
                    &of(environment).text("window", window).rich("why", why),
                )
            }
            Self::NotAllowed(NotAllowed::NeedsWindow { environment, windows }) => words
                .say("refusal-needs-window", &of(environment).rich("windows", all(windows, words))),
            Self::NotAllowed(NotAllowed::UnknownWindow { environment, given, windows }) => {
                let args = of(environment)
                    .text("given", given)
                    .number("count", windows.len() as i64)
                    .rich("windows", all(windows, words));
                words.say("refusal-unknown-window", &args)
            }
            Self::Mistaken { mistakes } => mistaken(mistakes, words),
            Self::NotStopped => words.say("refusal-not-stopped", &none),
            Self::AnotherStop { now } => words.say("refusal-another-stop", &now.said()),
            Self::MayNotStop { approvers } => words
                .say("refusal-may-not-stop", &none.rich("approvers", words.approvers(approvers))),
            Self::NotUncertain { run } => words.say("refusal-not-uncertain", &of_run(run)),
            Self::DidRun { run, nodes, all } => {
                let args = of_run(run).number("nodes", *nodes as i64).number("all", *all as i64);
                words.say("refusal-did-run", &args)
            }
            Self::NoCommandId => words.say("refusal-no-command-id", &none),
            Self::NotThatCommand { run, command, why } => {
                let args = of_run(run).code("command", command).rich("why", mismatch(why, words));
                words.say("refusal-not-that-command", &args)
            }
            Self::NotBegun { run } => words.say("refusal-not-begun", &of_run(run)),
            Self::Button(TokenError::OtherVersion) => words.say("refusal-button-other", &none),
            Self::Button(TokenError::Nonsense) => words.say("refusal-button-nonsense", &none),
            Self::WrongAccount { environment, wrong } => {
                let args = of(environment).rich("wrong", words.wrong_account(wrong));
                words.say("refusal-wrong-account", &args)
            }
            Self::Failed(failure) => {
                words.say("refusal-unavailable", &none.rich("why", failure.text(words.0)))
            }
            Self::Unavailable(why) => unavailable(why, words),
        }
    }
}

/// Why it could not be done now, and what to do.
fn unavailable(why: &Unavailable, words: Words) -> Text {
    let none = Args::new();
    let why = match why {
        Unavailable::DialogTooLate => return words.say("refusal-dialog-too-late", &none),
        Unavailable::Fault => words.say("unavailable-fault", &none),
        Unavailable::Chat(failure) => failure.text(words),
        Unavailable::NotConfigured { environment } => {
            let args = Args::new().text("environment", environment.as_str());
            words.say("unavailable-not-configured", &args)
        }
    };
    words.say("refusal-unavailable", &none.rich("why", why))
}

/// One line for each mistaken field, below the general message.
fn mistaken(mistakes: &[Mistake], words: Words) -> Text {
    let mut text = words.say("refusal-mistaken", &Args::new());
    for mistake in mistakes {
        text.append(Text::line_break());
        text.append(mistake.field(words));
        text.append(Text::from(": "));
        text.append(mistake.say(words));
    }
    text
}

fn all(names: &[String], words: Words) -> Text {
    join(names.iter().map(|name| Text::code(name)), words.separator())
}

fn mismatch(why: &Mismatch, words: Words) -> Text {
    let none = Args::new();
    match why {
        Mismatch::Unknown => words.say("mismatch-unknown", &none),
        Mismatch::Taken { by } => {
            words.say("mismatch-taken", &none.rich("dispatch", words.dispatch(by)))
        }
        Mismatch::Document { document } => {
            words.say("mismatch-document", &none.text("document", document))
        }
        Mismatch::Operation { operation } => {
            words.say("mismatch-operation", &none.text("operation", operation))
        }
        Mismatch::Nodes { lacking, others } => words.say(
            "mismatch-nodes",
            &none.number("lacking", *lacking as i64).number("others", *others as i64),
        ),
    }
}

impl Settled {
    fn say(&self, args: Args, words: Words) -> Text {
        match self {
            Self::Approved => words.say("refusal-approved", &args),
            Self::Running => words.say("refusal-running", &args),
            Self::Stopping => words.say("refusal-ending", &args),
            Self::Finished => words.say("refusal-finished", &args),
            Self::Stopped => words.say("refusal-halted", &args),
            Self::Rejected { by } => words.say("refusal-rejected", &args.person("who", by)),
            Self::Expired => words.say("refusal-expired", &args),
            Self::Voided => words.say("refusal-voided", &args),
        }
    }
}
