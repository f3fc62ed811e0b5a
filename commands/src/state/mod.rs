//! Everything that is known at one moment. The shell keeps one state, and what it shows, answers and
//! does follows from it.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;
use std::num::NonZeroU32;

use crate::announcement::Announcements;
use crate::chat_failure::ChatFailure;
use crate::emergency_stop::{EmergencyStop, EmergencyStopEvent};
use crate::environment::policy::CurrentPolicy;
use crate::environment::{Environment, Promotion};
use crate::event::Recorded;
use crate::fleet::account::WrongAccount;
use crate::fleet::compliance::{ComplianceReport, Unreadable, WhyUnreadable};
use crate::fleet::node::{NodeId, Ping};
use crate::fleet::summary::Summary;
use crate::fleet::survey::Survey;
use crate::id::{EnvironmentName, PersonRef, RunId};
use crate::patch::advisory::{Advisory, CveId};
use crate::patch::assessment::{Assessment, assess};
use crate::patch::{Patch, PatchId};
use crate::plan::{Before, Overrides, PatchPlan, Proof, Unproven, draft};
use crate::refusal::Refusal;
use crate::reminder::Reminder;
use crate::run::{PatchRun, Phase, proof};
use crate::view::compliance::LeftByPlan;
use chrono::{DateTime, Utc};

mod affected;
mod agenda;
mod apply;
pub(crate) mod conflicts;
mod forget;
mod pending;
mod subject;
pub mod subscription;

pub use affected::Outline;
pub use agenda::Agenda;
pub use pending::Effect;
pub use subject::{Subject, SubjectError};

/// Everything that is known.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The environments in their order.
    pub promotion: Promotion,
    /// All runs there ever were.
    pub runs: BTreeMap<RunId, PatchRun>,
    /// All announcements.
    pub announcements: Announcements,
    /// What compliance was after runs.
    pub reports: Vec<Reported>,
    /// Whether everything stands still.
    pub emergency_stop: EmergencyStop,
    /// Every time that somebody stopped everything or resumed it, in their order.
    pub emergency_stops: Vec<Recorded<EmergencyStopEvent>>,
    /// What was due and was said, and when.
    pub reminded: BTreeMap<Reminder, DateTime<Utc>>,
    /// Places that cannot be written to at the moment, and single cards that cannot, by their names.
    pub troubles: BTreeMap<String, Trouble>,
    /// The last look at each environment since this process started.
    pub summaries: BTreeMap<EnvironmentName, Summary>,
    /// Environments whose last look failed. What was seen before stays in `summaries`.
    pub unreadable: BTreeMap<EnvironmentName, Unreadable>,
    /// Everybody whom the configuration knows, with their accounts.
    pub people: Vec<PersonRef>,
    /// Who has asked for a plan and has no answer yet, by the name of what they did: the nodes are still
    /// looked at.
    pub asked: BTreeMap<String, PersonRef>,
    /// How many plans one person may ask for within an hour; without limit, if `None`.
    pub plans_per_hour: Option<NonZeroU32>,
    /// How many looks at AWS one person may ask for within an hour; without limit, if `None`.
    pub looks_per_hour: Option<NonZeroU32>,
    /// Who asked for looks at AWS within the last hour, and when.
    pub looks: Vec<(PersonRef, DateTime<Utc>)>,
    /// What is published about the vulnerabilities that matter here.
    pub advisories: BTreeMap<CveId, Advisory>,
}

/// That compliance was reported in the channel, after a run had ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// After which run.
    pub after: RunId,
    /// One for each environment that could be read.
    pub reports: Vec<ComplianceReport>,
    /// Those that could not.
    pub unreadable: Vec<Unreadable>,
    /// When.
    pub at: DateTime<Utc>,
}

/// That something could not be shown somewhere. What is missing there is shown as soon as it can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Since when.
    pub since: DateTime<Utc>,
    /// What went wrong with the platform.
    pub why: ChatFailure,
}

impl State {
    /// How bad what `patch` mends is, by what is known now.
    pub fn assess(&self, patch: &Patch) -> Assessment {
        assess(patch, &|cve| self.advisories.get(cve))
    }

    /// Every patch that some node misses, by the last look at each environment.
    pub fn missing_patches(&self) -> Vec<Patch> {
        let patches = self.summaries.values().flat_map(Summary::missing);
        let by_id: BTreeMap<_, _> = patches.map(|(patch, _)| (&patch.id, patch)).collect();
        by_id.into_values().cloned().collect()
    }

    /// The environment of this name, or a refusal that lists those there are.
    pub fn environment(&self, name: &EnvironmentName) -> Result<&Environment, Refusal> {
        self.promotion.environment(name).ok_or_else(|| Refusal::UnknownEnvironment {
            given: name.clone(),
            known: self.promotion.0.iter().map(|environment| environment.name.clone()).collect(),
        })
    }

    /// Who is who and who decides on `run`, as the configuration says it now.
    pub fn current_policy(&self, run: &PatchRun) -> CurrentPolicy<'_> {
        let environment = self.promotion.environment(&run.plan.environment);
        let policy = environment.map(|known| known.policy_of(run.plan.decided_by));
        CurrentPolicy { people: &self.people, policy }
    }

    /// What the environment before `name` proves; none where there is none.
    pub fn before(
        &self,
        name: &EnvironmentName,
        now: DateTime<Utc>,
    ) -> Option<Result<Proof, Unproven>> {
        let before = self.promotion.before(name)?;
        Some(proof(before, self.runs_of(&before.name), now))
    }

    /// The plan that follows from `survey` now, with what somebody wishes of it.
    pub fn draft(
        &self,
        survey: &Survey,
        overrides: &Overrides,
        now: DateTime<Utc>,
    ) -> Result<PatchPlan, Refusal> {
        self.draft_for(self.environment(&survey.environment)?, overrides, survey, now)
    }

    /// The plan that would be drafted now for a run whose time has come. Its window may have
    /// opened already, and Systems Manager then lists only the one after it: windows are left out
    /// here and compared by their definition ([`PatchPlan::window_changes`]). So is what somebody
    /// wished, which makes no fact another.
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
        draft(environment, overrides, survey, before.as_ref(), &|patch| self.assess(patch), now)
    }

    /// What was seen of `environment`: it can be read.
    pub fn saw(&mut self, summary: Summary) {
        self.unreadable.remove(summary.environment());
        self.summaries.insert(summary.environment().clone(), summary);
    }

    /// That an environment could not be read. A failure that goes on keeps its beginning.
    pub fn could_not_read(&mut self, mut failure: Unreadable) {
        let same = |before: &&Unreadable| discriminant(&before.why) == discriminant(&failure.why);
        if let Some(before) = self.unreadable.get(&failure.environment).filter(same) {
            failure.since = failure.since.min(before.since);
        }
        self.unreadable.insert(failure.environment.clone(), failure);
    }

    /// Why an environment is closed: whose its credentials are instead. `None` where it is not.
    pub fn closed(&self, environment: &EnvironmentName) -> Option<&WrongAccount> {
        match &self.unreadable.get(environment)?.why {
            WhyUnreadable::WrongAccount(wrong) => Some(wrong),
            WhyUnreadable::Failed { .. } => None,
        }
    }

    /// That the credentials of an environment are of its account. Gives whether it was closed.
    pub fn reopened(&mut self, environment: &EnvironmentName) -> bool {
        let closed = self.closed(environment).is_some();
        if closed {
            self.unreadable.remove(environment);
        }
        closed
    }

    /// Compliance of `environments` by the last look at each, and those that cannot be read now.
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

    /// Why the nodes of `environments` miss what they miss by the last look, as far as the last run
    /// there left it out.
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

    /// The name of the next run of an environment.
    pub fn next_run(&self, environment: &EnvironmentName) -> RunId {
        let last = self.runs_of(environment).map(|run| run.id.number()).max();
        RunId::new(environment.clone(), last.unwrap_or(0) + 1)
    }

    /// All runs of an environment.
    pub fn runs_of(
        &self,
        environment: &EnvironmentName,
    ) -> impl DoubleEndedIterator<Item = &PatchRun> {
        let of = |number| RunId::new(environment.clone(), number);
        self.runs.range(of(0)..=of(u32::MAX)).map(|(_, run)| run)
    }

    /// The run of an environment of which something can still come.
    pub fn open_run(&self, environment: &EnvironmentName) -> Option<&PatchRun> {
        self.runs_of(environment).rfind(|run| run.is_open())
    }
}

impl Survey {
    /// Nodes that do not answer.
    pub fn offline(&self) -> Vec<NodeId> {
        let nodes = self.nodes.iter();
        nodes.filter(|(_, node)| node.ping != Ping::Online).map(|(id, _)| id.clone()).collect()
    }
}

/// What the nodes of a run that has finished still miss because its plan left it out.
pub(crate) fn left_by_plan(run: &PatchRun) -> Option<LeftByPlan<'_>> {
    let finished = matches!(run.phase, Phase::Finished { .. });
    let patches = run.still_missing();
    (finished && !patches.is_empty()).then_some(LeftByPlan { run: &run.id, patches })
}
