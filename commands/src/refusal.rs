//! Why something that was asked for is not done. Always said in private to who asked.

use chrono::{DateTime, Utc};

use crate::book::Costly;
use crate::brake::Pulled;
use crate::caller::WrongAccount;
use crate::card::form::Mistake;
use crate::card::{Words, join, run::unproven, unsettled};
use crate::environment_name::EnvironmentName;
use crate::failure::Failure;
use crate::plan::{NotAllowed, Unproven};
use crate::policy::Approver;
use crate::press::TokenError;
use crate::run::Mismatch;
use crate::run_id::RunId;
use crate::text::{PersonRef, Text, TimeStyle};
use crate::unsettled::UnsettledNodes;
use crate::window::NotTaken;
use crate::wording::Args;

/// Why something that was asked for is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The policy of the environment names nobody.
    NobodyMayApprove {
        /// Which environment.
        environment: EnvironmentName,
    },
    /// The policy does not name this person.
    NotAnApprover {
        /// Which environment.
        environment: EnvironmentName,
        /// Who may.
        approvers: Vec<Approver>,
    },
    /// A group that they are in may decide, and it is not known who they are on the other platform.
    NotLinked {
        /// Which environment.
        environment: EnvironmentName,
    },
    /// They ask from another workspace or server than the bot works in.
    Outside,
    /// They want to decide something where nothing is decided.
    NotHere,
    /// It is not known who they are on the other platform, so they may not ask for plans.
    NotLinkedToAsk,
    /// Others may ask for plans of this environment.
    MayNotAsk {
        /// Which environment.
        environment: EnvironmentName,
        /// Who may.
        people: Vec<Approver>,
    },
    /// They have had something within the hour as often as one person may.
    TooMany {
        /// What.
        what: Costly,
        /// How many that is.
        limit: u32,
        /// When they may again.
        again: DateTime<Utc>,
    },
    /// Who asked for a plan does not decide on it.
    OwnRequest {
        /// Which run.
        run: RunId,
        /// Who else may.
        approvers: Vec<Approver>,
    },
    /// The card shows a plan that is no longer the one of the run.
    OtherPlan {
        /// Which run.
        run: RunId,
    },
    /// This person has voted already.
    AlreadyVoted {
        /// Which run.
        run: RunId,
        /// When.
        at: DateTime<Utc>,
    },
    /// This person has not voted.
    NoVote {
        /// Which run.
        run: RunId,
    },
    /// The run no longer waits: somebody decided, or time did.
    NotWaiting {
        /// Which run.
        run: RunId,
        /// What it is now, and by whom.
        now: Settled,
    },
    /// The environment before it is not proven.
    NotProven {
        /// Which run.
        run: RunId,
        /// What must be proven.
        needs: EnvironmentName,
        /// Why it is not.
        why: Unproven,
    },
    /// Another run in the environment is still open.
    StillOpen {
        /// Which run.
        run: RunId,
    },
    /// A reason is needed and none was given.
    NoReason,
    /// A reason is too long.
    LongReason {
        /// The most characters.
        limit: usize,
    },
    /// No such environment.
    UnknownEnvironment {
        /// What was asked for.
        given: EnvironmentName,
        /// Those there are.
        known: Vec<EnvironmentName>,
    },
    /// No such run.
    UnknownRun {
        /// What was asked for.
        given: String,
    },
    /// Several runs could be meant.
    WhichRun {
        /// Those that wait.
        waiting: Vec<RunId>,
    },
    /// No run waits for votes.
    NothingWaits,
    /// Nothing of this name is known.
    UnknownSubject {
        /// What was asked for.
        given: String,
    },
    /// The environment has no nodes.
    NoNodes {
        /// Which environment.
        environment: EnvironmentName,
        /// The tag value that was looked for.
        patch_group: String,
        /// Nodes that carry it, and another one as well.
        unsettled: UnsettledNodes,
    },
    /// The maintenance window that the environment needs has no coming occurrence.
    NoWindow {
        /// Which environment.
        environment: EnvironmentName,
        /// The name that was looked for.
        window: String,
        /// Why none is taken for it.
        why: NotTaken,
    },
    /// The environment does not allow what was asked for.
    NotAllowed(NotAllowed),
    /// A dialog was filled in so that nothing can be made of it.
    Mistaken {
        /// What is wrong, at least one thing.
        mistakes: Vec<Mistake>,
    },
    /// The brake is not pulled.
    NotStopped,
    /// The brake was pulled anew since the person was shown who pulled it.
    AnotherStop {
        /// Who pulled it last, and why.
        now: Box<Pulled>,
    },
    /// The person may not stop or resume.
    MayNotStop {
        /// Who may.
        approvers: Vec<Approver>,
    },
    /// The dispatch is not one that a person has to say something about.
    NotUncertain {
        /// Which run.
        run: RunId,
    },
    /// Nodes report that it ran: nobody can state that it was not sent.
    DidRun {
        /// Which run.
        run: RunId,
        /// How many of its nodes report our snapshot id.
        nodes: usize,
        /// How many nodes it was for.
        all: usize,
    },
    /// What somebody gave as a command id is none.
    NoCommandId,
    /// The command that somebody named is not the one that is looked for.
    NotThatCommand {
        /// Which run.
        run: RunId,
        /// `CommandId`.
        command: String,
        /// Why not.
        why: Mismatch,
    },
    /// A run that has not started is not stopped but rejected.
    NotBegun {
        /// Which run.
        run: RunId,
    },
    /// The button cannot be read.
    Button(TokenError),
    /// Its credentials are of another account.
    WrongAccount {
        /// Which environment.
        environment: EnvironmentName,
        /// Whose they are.
        wrong: WrongAccount,
    },
    /// A call to AWS brought no answer.
    Failed(Failure),
    /// It could not be done.
    Unavailable {
        /// What was being done, and what went wrong.
        why: String,
    },
}

/// Why a run no longer waits for votes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It has its votes.
    Approved,
    /// It is under way.
    Running,
    /// It was called off, and what was under way comes to its end.
    Ending,
    /// It has ended.
    Finished,
    /// It was called off on the way.
    Halted,
    /// Somebody said no.
    Rejected {
        /// Who.
        by: Box<PersonRef>,
    },
    /// Nobody decided in time.
    Expired,
    /// It is void.
    Voided,
}

impl Refusal {
    /// What happened, what it means, what to do.
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
                    Costly::Plan => words.say("refusal-too-many-plans", &args),
                    Costly::Look => words.say("refusal-too-many-looks", &args),
                    Costly::Vote(run) => {
                        words.say("refusal-too-many-votes", &args.text("run", run.to_string()))
                    }
                    Costly::Brake => words.say("refusal-too-many-stops", &args),
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
            Self::NoNodes { environment, patch_group, unsettled } => {
                match unsettled::unsettled(environment, unsettled, words) {
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
            Self::Unavailable { why } => words.say("refusal-unavailable", &none.text("why", why)),
        }
    }
}

/// One line for each field, below what became of it all.
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

impl From<NotAllowed> for Refusal {
    fn from(why: NotAllowed) -> Self {
        Self::NotAllowed(why)
    }
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
            Self::Ending => words.say("refusal-ending", &args),
            Self::Finished => words.say("refusal-finished", &args),
            Self::Halted => words.say("refusal-halted", &args),
            Self::Rejected { by } => words.say("refusal-rejected", &args.person("who", by)),
            Self::Expired => words.say("refusal-expired", &args),
            Self::Voided => words.say("refusal-voided", &args),
        }
    }
}
