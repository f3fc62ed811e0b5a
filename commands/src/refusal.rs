//! Why something that was asked for is not done: data, which `card::refusal` puts into words.

use chrono::{DateTime, Utc};
use serde::Serialize;
use thiserror::Error;

use crate::chat_failure::ChatFailure;
use crate::emergency_stop::Stop;
use crate::environment::policy::Approver;
use crate::failure::Failure;
use crate::fleet::account::WrongAccount;
use crate::fleet::two_groups::NodesInTwoGroups;
use crate::id::{EnvironmentName, PersonRef, RunId};
use crate::plan::{NotAllowed, Unproven};
use crate::run::DispatchId;
use crate::window::NotTaken;

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
        what: Limited,
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
        in_two_groups: NodesInTwoGroups,
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
    /// Nothing is stopped.
    NotStopped,
    /// The emergency stop was used anew since the person was shown the last stop.
    AnotherStop {
        /// Who pulled it last, and why.
        now: Box<Stop>,
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
    Failed(Box<Failure>),
    /// It could not be done now.
    Unavailable(Unavailable),
}

/// Why something could not be done now, although nothing speaks against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unavailable {
    /// A fault inside patchbot, of which its log says more.
    Fault,
    /// The platform no longer opens a dialog for what was pressed or typed.
    DialogTooLate,
    /// The platform did not do what was asked of it.
    Chat(ChatFailure),
    /// The configuration no longer describes the environment.
    NotConfigured {
        /// Which environment.
        environment: EnvironmentName,
    },
}

/// What calls AWS or is told to all, and so has a limit for each person. An answer from memory has
/// none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Limited {
    /// A plan, which is posted.
    Plan,
    /// A look at AWS, whatever comes of it.
    Look,
    /// A vote for this plan, which its thread tells.
    Vote(RunId),
    /// That everything stops, or goes on.
    EmergencyStop,
}

/// A field that was filled in so that nothing can be made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// No such environment.
    Environment {
        /// What was written, cut to 40 characters.
        given: String,
        /// Those there are.
        known: Vec<EnvironmentName>,
    },
    /// The environment may not start like this.
    Start(NotAllowed),
    /// Neither yes nor no.
    Reboot {
        /// What was written, cut to 40 characters.
        given: String,
    },
    /// No number of nodes that could be a canary.
    Canary {
        /// What was written, cut to 40 characters.
        given: String,
    },
    /// No percentage.
    Percent {
        /// What was written, cut to 40 characters.
        given: String,
    },
}

/// Why a command that a person named is not the one that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// AWS has no such command there.
    Unknown,
    /// Another dispatch of the run has it.
    Taken {
        /// Which.
        by: DispatchId,
    },
    /// It runs something else.
    Document {
        /// What.
        document: String,
    },
    /// It does something else.
    Operation {
        /// What.
        operation: String,
    },
    /// It went to other nodes.
    Nodes {
        /// How many of the dispatch's nodes it lacks.
        lacking: usize,
        /// How many other nodes it has.
        others: usize,
    },
}

/// Why a token says nothing to us.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TokenError {
    /// Written by another version of this program.
    #[error("this button was made by another version of patchbot")]
    OtherVersion,
    /// Not written by this program.
    #[error("this button was not made by patchbot")]
    Nonsense,
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

impl From<NotAllowed> for Refusal {
    fn from(why: NotAllowed) -> Self {
        Self::NotAllowed(why)
    }
}
