//! The state: everything that is known at one moment. The shell holds one state, and everything
//! that it shows, answers and does follows from it.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;
use std::num::NonZeroU32;

use crate::announcement::Announcements;
use crate::chat_failure::ChatFailure;
use crate::emergency_stop::{EmergencyStop, EmergencyStopEvent};
use crate::environment::policy::CurrentPolicy;
use crate::environment::{Environment, Promotion};
use crate::fleet::account::WrongAccount;
use crate::fleet::compliance::{ComplianceReport, Unreadable, WhyUnreadable};
use crate::fleet::node::{NodeId, Ping};
use crate::fleet::summary::Summary;
use crate::fleet::survey::Survey;
use crate::id::{EnvironmentName, PersonRef, RunId};
use crate::patch::advisory::{Advisory, CveId};
use crate::patch::assessment::{Assessment, assess};
use crate::patch::{Patch, PatchId};
use crate::plan::{Before, LeftOut, Overrides, PatchPlan, Proof, Unproven, draft};
use crate::recorded::Recorded;
use crate::refusal::Refusal;
use crate::reminder::Reminder;
use crate::run::{PatchRun, Phase, proof};
use chrono::{DateTime, Utc};

mod affected;
mod agenda;
mod apply;
pub(crate) mod conflicts;
mod forget;
#[cfg(test)]
mod one_vote_tests;
mod pending;
mod reminders;
mod subject;
pub mod subscription;

pub use affected::Outline;
pub use agenda::Agenda;
pub use pending::{Context, Effect};
pub use subject::{Subject, SubjectError};

/// Everything that is known at one moment.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The environments, in their order.
    pub promotion: Promotion,
    /// All runs so far, except those that were forgotten.
    pub runs: BTreeMap<RunId, PatchRun>,
    /// All announcements so far.
    pub announcements: Announcements,
    /// The compliance reports that were posted after runs.
    pub reports: Vec<Reported>,
    /// Whether everything is stopped.
    pub emergency_stop: EmergencyStop,
    /// Every stop and resume, in order.
    pub emergency_stops: Vec<Recorded<EmergencyStopEvent>>,
    /// The reminders that were posted, each with its time.
    pub reminded: BTreeMap<Reminder, DateTime<Utc>>,
    /// Channels and single cards, by name, to which the platform does not let us post at the
    /// moment.
    pub troubles: BTreeMap<String, Trouble>,
    /// The summary of the last survey of each environment since this process started.
    pub summaries: BTreeMap<EnvironmentName, Summary>,
    /// Environments whose last survey failed. The previous result stays in `summaries`.
    pub unreadable: BTreeMap<EnvironmentName, Unreadable>,
    /// All people that the configuration knows, with their accounts.
    pub people: Vec<PersonRef>,
    /// The people who have asked for a plan and wait for the answer while the survey runs, by the
    /// id of their interaction.
    pub asked: BTreeMap<String, PersonRef>,
    /// How many plans one person may ask for within an hour; unlimited if `None`.
    pub plans_per_hour: Option<NonZeroU32>,
    /// How many surveys of AWS one person may ask for within an hour; unlimited if `None`.
    pub surveys_per_hour: Option<NonZeroU32>,
    /// Who asked for surveys of AWS within the last hour, and when.
    pub looks: Vec<(PersonRef, DateTime<Utc>)>,
    /// The advisories about the vulnerabilities that matter here.
    pub advisories: BTreeMap<CveId, Advisory>,
}

/// A compliance report that was posted to the channels after a run had ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// The run that had ended.
    pub after: RunId,
    /// One report for each environment that could be read.
    pub reports: Vec<ComplianceReport>,
    /// The environments that could not be read.
    pub unreadable: Vec<Unreadable>,
    /// When it was reported.
    pub at: DateTime<Utc>,
}

/// A failure to post something. It is posted as soon as that is possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Since when posting has failed.
    pub since: DateTime<Utc>,
    /// The failure of the platform.
    pub why: ChatFailure,
}

impl State {
    /// The severity of what `patch` fixes, by what is known now.
    pub fn assess(&self, patch: &Patch) -> Assessment {
        assess(patch, &|cve| self.advisories.get(cve))
    }

    /// Every patch that some node misses, by the last survey of each environment.
    pub fn missing_patches(&self) -> Vec<Patch> {
        let patches = self.summaries.values().flat_map(Summary::missing);
        let by_id: BTreeMap<_, _> = patches.map(|(patch, _)| (&patch.id, patch)).collect();
        by_id.into_values().cloned().collect()
    }

    /// The environment with this name, or a refusal that lists the configured ones.
    pub fn environment(&self, name: &EnvironmentName) -> Result<&Environment, Refusal> {
        self.promotion.environment(name).ok_or_else(|| Refusal::UnknownEnvironment {
            given: name.clone(),
            known: self.promotion.0.iter().map(|environment| environment.name.clone()).collect(),
        })
    }

    /// Who decides on `run` now, and who is who, according to the configuration.
    pub fn current_policy(&self, run: &PatchRun) -> CurrentPolicy<'_> {
        let environment = self.promotion.environment(&run.plan.environment);
        let policy = environment.map(|known| known.policy_of(run.plan.decided_by));
        CurrentPolicy { people: &self.people, policy }
    }

    /// What the predecessor of the environment `name` proves; `None` if it has no predecessor.
    pub fn before(
        &self,
        name: &EnvironmentName,
        now: DateTime<Utc>,
    ) -> Option<Result<Proof, Unproven>> {
        let before = self.promotion.before(name)?;
        Some(proof(before, self.runs_of(&before.name), now))
    }

    /// The plan that follows from `survey` now, with a person's overrides.
    pub fn draft(
        &self,
        survey: &Survey,
        overrides: &Overrides,
        now: DateTime<Utc>,
    ) -> Result<PatchPlan, Refusal> {
        self.draft_for(self.environment(&survey.environment)?, overrides, survey, now)
    }

    /// The plan that would be drafted now for a run whose start has come. Its window may have
    /// opened already, and Systems Manager then lists only the next occurrence: windows are left
    /// out here and compared by their definition ([`PatchPlan::window_changes`]). So are the
    /// requester's overrides, because they do not change the facts.
    pub fn draft_again(&self, survey: &Survey, now: DateTime<Utc>) -> Result<PatchPlan, Refusal> {
        let environment = self.environment(&survey.environment)?.clone().without_windows();
        self.draft_for(&environment, &Overrides::default(), survey, now)
    }

    fn draft_for(
        &self,
        environment: &Environment,
        overrides: &Overrides,
        survey: &Survey,
        now: DateTime<Utc>,
    ) -> Result<PatchPlan, Refusal> {
        let proof = self.before(&environment.name, now);
        let before = proof
            .zip(self.promotion.before(&environment.name))
            .map(|(proof, first)| Before { environment: first.name.clone(), proof });
        Ok(draft(
            environment,
            overrides,
            survey,
            before.as_ref(),
            &|patch| self.assess(patch),
            now,
        )?)
    }

    /// Stores a successful survey of an environment.
    pub fn saw(&mut self, summary: Summary) {
        self.unreadable.remove(summary.environment());
        self.summaries.insert(summary.environment().clone(), summary);
    }

    /// Stores that an environment could not be read. A failure that continues keeps its start time.
    pub fn could_not_read(&mut self, mut failure: Unreadable) {
        let same = |before: &&Unreadable| discriminant(&before.why) == discriminant(&failure.why);
        if let Some(before) = self.unreadable.get(&failure.environment).filter(same) {
            failure.since = failure.since.min(before.since);
        }
        self.unreadable.insert(failure.environment.clone(), failure);
    }

    /// Why an environment is closed: the credentials of another account. `None` if it is not
    /// closed.
    pub fn closed(&self, environment: &EnvironmentName) -> Option<&WrongAccount> {
        match &self.unreadable.get(environment)?.why {
            WhyUnreadable::WrongAccount(wrong) => Some(wrong),
            WhyUnreadable::Failed { .. } => None,
        }
    }

    /// Notes that the credentials of an environment belong to its account. Returns whether it was
    /// closed.
    pub fn reopened(&mut self, environment: &EnvironmentName) -> bool {
        let closed = self.closed(environment).is_some();
        if closed {
            self.unreadable.remove(environment);
        }
        closed
    }

    /// The compliance of `environments` by their last surveys, and those that cannot be read now.
    pub fn compliance(
        &self,
        environments: &[EnvironmentName],
    ) -> (Vec<ComplianceReport>, Vec<Unreadable>) {
        let readable = environments.iter().filter(|name| !self.unreadable.contains_key(name));
        let seen = readable.filter_map(|name| self.summaries.get(name));
        let reports = seen.map(|summary| summary.compliance.clone()).collect();
        let failed = environments.iter().filter_map(|name| self.unreadable.get(name));
        (reports, failed.cloned().collect())
    }

    /// Why the nodes of `environments` miss what they miss in the last survey, as far as the last
    /// run there left it out.
    pub fn left_by_plans(&self, environments: &[EnvironmentName]) -> Vec<LeftByPlan<'_>> {
        let of = |name: &EnvironmentName| {
            let ended = self.runs_of(name).rfind(|run| run.has_ended());
            let mut left = ended.and_then(left_by_plan)?;
            let summary = self.summaries.get(name)?;
            let missing: BTreeSet<&PatchId> =
                summary.missing().map(|(patch, _)| &patch.id).collect();
            left.patches.retain(|patch| missing.contains(&patch.id));
            (!left.patches.is_empty()).then_some(left)
        };
        environments.iter().filter_map(of).collect()
    }

    /// The id of the next run of an environment.
    pub fn next_run(&self, environment: &EnvironmentName) -> RunId {
        let last = self.runs_of(environment).map(|run| run.id.number()).max();
        RunId::new(environment.clone(), last.unwrap_or(0) + 1)
    }

    /// All runs of an environment, in order.
    pub fn runs_of(
        &self,
        environment: &EnvironmentName,
    ) -> impl DoubleEndedIterator<Item = &PatchRun> {
        let of = |number| RunId::new(environment.clone(), number);
        self.runs.range(of(0)..=of(u32::MAX)).map(|(_, run)| run)
    }

    /// The run of an environment that is not over yet.
    pub fn open_run(&self, environment: &EnvironmentName) -> Option<&PatchRun> {
        self.runs_of(environment).rfind(|run| run.is_open())
    }
}

impl Survey {
    /// Nodes whose agents do not answer.
    pub fn offline(&self) -> Vec<NodeId> {
        let nodes = self.nodes.iter();
        nodes.filter(|(_, node)| node.ping != Ping::Online).map(|(id, _)| id.clone()).collect()
    }
}

/// What nodes still miss because the last run of their environment left it out.
#[derive(Clone, Debug)]
pub struct LeftByPlan<'a> {
    /// The last run of the environment.
    pub run: &'a RunId,
    /// The patches that it left out, each once.
    pub patches: BTreeSet<&'a LeftOut>,
}

/// What the nodes of a finished run still miss because its plan left it out.
pub(crate) fn left_by_plan(run: &PatchRun) -> Option<LeftByPlan<'_>> {
    let finished = matches!(run.phase, Phase::Finished { .. });
    let patches = run.still_missing();
    (finished && !patches.is_empty()).then_some(LeftByPlan { run: &run.id, patches })
}
