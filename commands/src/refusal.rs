//! Why a request is refused: data, which `card::refusal` puts into words.

use chrono::{DateTime, Utc};
use serde::Serialize;
use thiserror::Error;

use crate::chat_failure::ChatFailure;
use crate::emergency_stop::Stop;
use crate::environment::policy::Approver;
use crate::failure::Failure;
use crate::fleet::account::WrongAccount;
use crate::fleet::two_groups::NodesInTwoGroups;
use crate::id::{DispatchId, EnvironmentName, PersonRef, RunId};
use crate::plan::{NotAllowed, NotDrafted, Unproven};
use crate::reason::{InvalidReason, Reason};
use crate::window::NotTaken;

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The policy of the environment names nobody.
    NobodyMayApprove {
        /// The environment of the plan.
        environment: EnvironmentName,
    },
    /// The policy does not name this person.
    NotAnApprover {
        /// The environment of the plan.
        environment: EnvironmentName,
        /// The people and groups who may approve.
        approvers: Vec<Approver>,
    },
    /// The policy names only a group that they are in, and their accounts are not linked across
    /// platforms.
    NotLinked {
        /// The environment of the plan.
        environment: EnvironmentName,
    },
    /// They ask from another workspace or server than the bot works in.
    Outside,
    /// They tried to decide in a channel in which people may only read.
    NotHere,
    /// Their accounts are not linked across platforms, so they may not ask for plans.
    NotLinkedToAsk,
    /// Only others may ask for plans of this environment.
    MayNotAsk {
        /// The environment that they asked about.
        environment: EnvironmentName,
        /// The people and groups who may ask.
        people: Vec<Approver>,
    },
    /// They have used up their limit for the last hour.
    TooMany {
        /// What the limit applies to.
        what: Limited,
        /// The limit within one hour.
        limit: u32,
        /// When they may do it again.
        again: DateTime<Utc>,
    },
    /// They asked for the plan themselves, so they may not vote on it.
    OwnRequest {
        /// The run of the plan.
        run: RunId,
        /// The people and groups who may approve.
        approvers: Vec<Approver>,
    },
    /// The card shows a plan that is no longer the run's.
    OtherPlan {
        /// The run that the card names.
        run: RunId,
    },
    /// This person has voted already.
    AlreadyVoted {
        /// The run that they voted on.
        run: RunId,
        /// When they voted.
        at: DateTime<Utc>,
    },
    /// This person has not voted.
    NoVote {
        /// The run that they did not vote on.
        run: RunId,
    },
    /// The run no longer waits for votes: somebody decided, or it expired.
    NotWaiting {
        /// The run that no longer waits.
        run: RunId,
        /// The state of the run now, and who decided.
        now: Settled,
    },
    /// The preceding environment is not proven.
    NotProven {
        /// The run that waits for the proof.
        run: RunId,
        /// The environment that must be proven.
        needs: EnvironmentName,
        /// Why it is not proven.
        why: Unproven,
    },
    /// Another run of the environment is not over yet.
    StillOpen {
        /// The run that is not over.
        run: RunId,
    },
    /// A reason is required, and none was given.
    NoReason,
    /// The reason is too long.
    LongReason {
        /// The maximum length, in characters.
        limit: usize,
    },
    /// There is no such environment.
    UnknownEnvironment {
        /// The name that was given.
        given: EnvironmentName,
        /// The configured environments.
        known: Vec<EnvironmentName>,
    },
    /// There is no such run.
    UnknownRun {
        /// The name that was given.
        given: String,
    },
    /// It is not clear which run was meant.
    WhichRun {
        /// The runs that wait for votes.
        waiting: Vec<RunId>,
    },
    /// No run waits for votes.
    NothingWaits,
    /// Nothing with this name is known.
    UnknownSubject {
        /// The name that was given.
        given: String,
    },
    /// The environment has no nodes.
    NoNodes {
        /// The environment that was surveyed.
        environment: EnvironmentName,
        /// The tag value that we searched for.
        patch_group: String,
        /// Nodes that carry it together with another value.
        in_two_groups: NodesInTwoGroups,
    },
    /// The maintenance window that the environment needs has no future occurrence.
    NoWindow {
        /// The environment that was asked for.
        environment: EnvironmentName,
        /// The name of the window.
        window: String,
        /// Why no window qualifies.
        why: NotTaken,
    },
    /// The environment does not allow an override.
    NotAllowed(NotAllowed),
    /// The content of a dialog is invalid.
    Mistaken {
        /// The mistakes; at least one.
        mistakes: Vec<Mistake>,
    },
    /// Nothing is stopped, so there is nothing to resume.
    NotStopped,
    /// There has been another stop or resume since the person saw the last stop.
    AnotherStop {
        /// The current stop.
        now: Box<Stop>,
    },
    /// The person may neither stop nor resume.
    MayNotStop {
        /// The people and groups who may.
        approvers: Vec<Approver>,
    },
    /// The dispatch is not uncertain, so there is nothing for a person to state.
    NotUncertain {
        /// The run of the dispatch.
        run: RunId,
    },
    /// Nodes report that the command ran, so nobody can state that it was not sent.
    DidRun {
        /// The run of the dispatch.
        run: RunId,
        /// How many of its nodes report our snapshot id.
        nodes: usize,
        /// The number of nodes that it targeted.
        all: usize,
    },
    /// The text is not a command id.
    NoCommandId,
    /// The command that the person named is not the one of this dispatch.
    NotThatCommand {
        /// The run of the dispatch.
        run: RunId,
        /// The `CommandId` that the person named.
        command: String,
        /// How it differs.
        why: Mismatch,
    },
    /// The run has not started, so it can be rejected but not stopped.
    NotBegun {
        /// The run that was to be stopped.
        run: RunId,
    },
    /// The token of the button cannot be parsed.
    Button(TokenError),
    /// The credentials of the environment belong to another account.
    WrongAccount {
        /// The environment that is closed.
        environment: EnvironmentName,
        /// The account that they belong to.
        wrong: WrongAccount,
    },
    /// A call to AWS failed.
    Failed(Box<Failure>),
    /// The request is valid but could not be carried out now.
    Unavailable(Unavailable),
}

/// Why a valid request could not be carried out now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unavailable {
    /// An internal error of patchbot; its log has the details.
    Fault,
    /// The platform no longer opens a dialog for this press or command.
    DialogTooLate,
    /// A call to the chat platform failed.
    Chat(ChatFailure),
    /// The configuration no longer describes the environment.
    NotConfigured {
        /// The environment that is no longer configured.
        environment: EnvironmentName,
    },
}

/// What calls AWS or posts to a channel, and therefore has a limit for each person. Answers from
/// memory have none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Limited {
    /// A plan, which is posted to a channel.
    Plan,
    /// A survey of AWS, whatever its result.
    Survey,
    /// A vote on this plan, which its thread reports.
    Vote(RunId),
    /// An emergency stop or a resume.
    EmergencyStop,
}

/// An invalid field of a dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// There is no such environment.
    Environment {
        /// The text that was entered, cut to 40 characters.
        given: String,
        /// The configured environments.
        known: Vec<EnvironmentName>,
    },
    /// The environment does not allow this start.
    Start(NotAllowed),
    /// The text is neither yes nor no.
    Reboot {
        /// The text that was entered, cut to 40 characters.
        given: String,
    },
    /// The text is not a number of nodes that a canary may have.
    Canary {
        /// The text that was entered, cut to 40 characters.
        given: String,
    },
    /// The text is not a percentage.
    Percent {
        /// The text that was entered, cut to 40 characters.
        given: String,
    },
}

/// Why a command that a person named is not the one of the dispatch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// AWS does not know the command in this account and Region.
    Unknown,
    /// The command belongs to another dispatch of the run.
    Taken {
        /// The other dispatch.
        by: DispatchId,
    },
    /// The command runs another document.
    Document {
        /// The document that it runs.
        document: String,
    },
    /// The command performs another operation.
    Operation {
        /// The operation that it performs.
        operation: String,
    },
    /// The command targets other nodes.
    Nodes {
        /// How many nodes of the dispatch it does not target.
        lacking: usize,
        /// How many other nodes it targets.
        others: usize,
    },
}

/// Why a token cannot be parsed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TokenError {
    /// Another version of this program wrote it.
    #[error("this button was made by another version of patchbot")]
    OtherVersion,
    /// This program did not write it.
    #[error("this button was not made by patchbot")]
    Nonsense,
}

/// The state of a run that no longer waits for votes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It has enough votes.
    Approved,
    /// It is under way.
    Running,
    /// It was stopped, and the work under way is being completed.
    Stopping,
    /// It has finished.
    Finished,
    /// It was stopped on the way.
    Stopped,
    /// Somebody rejected it.
    Rejected {
        /// The person who rejected it.
        by: Box<PersonRef>,
    },
    /// It expired before enough people voted.
    Expired,
    /// Its plan is void.
    Voided,
}

impl From<NotAllowed> for Refusal {
    fn from(why: NotAllowed) -> Self {
        Self::NotAllowed(why)
    }
}

impl From<InvalidReason> for Refusal {
    fn from(invalid: InvalidReason) -> Self {
        match invalid {
            InvalidReason::Empty => Self::NoReason,
            InvalidReason::TooLong => Self::LongReason { limit: Reason::LIMIT },
        }
    }
}

impl From<NotDrafted> for Refusal {
    fn from(why: NotDrafted) -> Self {
        match why {
            NotDrafted::NotAllowed(why) => why.into(),
            NotDrafted::NoNodes { environment, patch_group, in_two_groups } => {
                Self::NoNodes { environment, patch_group, in_two_groups }
            }
            NotDrafted::NoWindow { environment, window, why } => {
                Self::NoWindow { environment, window, why }
            }
        }
    }
}
