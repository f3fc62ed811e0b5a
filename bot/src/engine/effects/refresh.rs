//! Refreshes the counts of environments: by the schedule, after a failure, after an event, after a
//! run, and when a person asks.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
use chrono::{DateTime, Utc};
use commands::decide::{Input, Observation};
use commands::environment::Environment;
use commands::fleet::account::WrongAccount;
use commands::fleet::compliance::{Unreadable, WhyUnreadable};
use commands::id::{EnvironmentName, RunId};
use commands::plan::PatchPlan;
use commands::refusal::Refusal;
use commands::run::RunInput;
use commands::state::State;
use commands::view::compliance;
use commands::window::WindowSeen;

use crate::aws::EnvironmentError;
use crate::backoff::{Backoff, Failing};
use crate::chat::Inbound;
use crate::engine::effects::read_environments::{EnvironmentRead, ToScan, read_each_within};
use crate::engine::tasks::{Rest, TaskKey};
use crate::engine::{Engine, Outcome};

/// The rest before compliance is read again after a run, if it could not be read.
const AFTER_FAILURE: Duration = Duration::from_secs(30);

/// How long an announcement waits for slow environments.
const GRACE: Duration = Duration::from_secs(600);

/// When the next refreshes are due, and why.
pub(in crate::engine) struct Refreshes {
    next_assessment: DateTime<Utc>,
    /// When the last scheduled scan began, in this process or an earlier one.
    scanned_at: Option<DateTime<Utc>>,
    /// Environments that could not be read, with their retries.
    pub(in crate::engine) failing: Failing<EnvironmentName>,
    /// Environments whose Scan was held back: they are scanned once nothing holds it.
    postponed: BTreeSet<EnvironmentName>,
}

impl Refreshes {
    /// Makes everything due at once, as after a start.
    pub(in crate::engine) fn new(now: DateTime<Utc>, scanned_at: Option<DateTime<Utc>>) -> Self {
        let failing = Failing::new(Backoff::ENVIRONMENT);
        Self { next_assessment: now, scanned_at, failing, postponed: BTreeSet::new() }
    }

    /// When time alone makes the next refresh due.
    pub(in crate::engine) fn next_due(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let again = self.failing.next_due(now);
        again.map_or(self.next_assessment, |again| again.min(self.next_assessment))
    }
}

/// Why environments are refreshed.
#[derive(Clone, Debug)]
pub(in crate::engine) enum Refresh {
    /// The schedule or the start asks for it.
    Assess {
        /// Whether a scheduled scan is due first.
        scans: bool,
    },
    /// Environments are due again: after a failure, an event, or a Scan that was held back.
    Again { environments: Vec<EnvironmentName> },
    /// A run has ended.
    Report { run: RunId },
    /// A person asked for compliance.
    Compliance { environments: Vec<EnvironmentName>, interaction: Box<Inbound> },
}

impl Refresh {
    fn key(&self) -> TaskKey {
        match self {
            Self::Assess { .. } => TaskKey::Assess,
            Self::Again { .. } => TaskKey::RefreshAgain,
            Self::Report { run } => TaskKey::Report(run.clone()),
            Self::Compliance { interaction, .. } => TaskKey::Interaction(interaction.key.clone()),
        }
    }

    fn environments(&self, state: &State) -> Vec<Environment> {
        let all = state.promotion.0.iter();
        let is_wanted = |known: &&Environment| match self {
            Self::Assess { .. } => true,
            Self::Again { environments } | Self::Compliance { environments, .. } => {
                environments.contains(&known.name)
            }
            // The environment of the run; others only if nothing is known about them yet.
            Self::Report { run } => {
                known.name == *run.environment()
                    || !(state.summaries.contains_key(&known.name)
                        || state.unreadable.contains_key(&known.name))
            }
        };
        all.filter(is_wanted).cloned().collect()
    }
}

/// Marks the end of a refresh. The results of the environments were sent before.
pub(in crate::engine) struct RefreshEnded {
    why: Refresh,
    /// The current windows of waiting runs.
    waiting: Vec<(RunId, Vec<WindowSeen>)>,
}

impl Engine {
    /// Refreshes everything if it is due. It scans only if the schedule had a time since the last
    /// scan.
    pub(in crate::engine) async fn assess_if_due(&mut self, now: DateTime<Utc>) -> Result<()> {
        if now < self.refreshes.next_assessment {
            return Ok(());
        }
        let scans = self.is_scan_due(now);
        if scans {
            self.journal.save_scan_begun(now).await?;
            self.refreshes.scanned_at = Some(now);
        }
        self.refresh(Refresh::Assess { scans });
        let next = self.services.config.assess.schedule.next_after(now);
        self.refreshes.next_assessment = next.unwrap_or(DateTime::<Utc>::MAX_UTC);
        Ok(())
    }

    /// Starts a refresh, unless the same one is under way or rests.
    pub(in crate::engine) fn refresh(&mut self, why: Refresh) {
        let key = why.key();
        if !self.tasks.is_free(&key) {
            return;
        }
        let (scanned, timeouts) = match &why {
            Refresh::Assess { scans: true } => (self.due_scans(), GRACE),
            Refresh::Assess { scans: false } => (BTreeSet::new(), GRACE),
            Refresh::Again { environments } => (self.postponed_scans(environments), Duration::MAX),
            Refresh::Report { .. } | Refresh::Compliance { .. } => (BTreeSet::new(), Duration::MAX),
        };
        let to_scan = ToScan { environments: scanned, gate: self.journal.gate().clone() };
        let runs = match &why {
            Refresh::Assess { .. } => self.waiting_for_windows(),
            Refresh::Again { .. } | Refresh::Report { .. } | Refresh::Compliance { .. } => {
                Vec::new()
            }
        };
        let environments = why.environments(&self.state);
        let (services, messages) = (self.services.clone(), self.tasks.messages());
        self.tasks.start(key, async move {
            let now = services.clock.now();
            let mut waiting = Vec::new();
            for (run, environment, plan) in runs {
                match services.aws.bound_windows(&environment, &plan, now).await {
                    Ok(windows) => waiting.push((run, windows)),
                    // The window is read again before the start, and nothing starts without it.
                    Err(error) => {
                        tracing::warn!(run.id = %run, aws.error = %error, aws.hint = error.hint(), "the window of a plan that waits could not be read");
                    }
                }
            }
            // The results arrive before this task ends.
            read_each_within(timeouts, &services, environments, &to_scan, &messages).await;
            Outcome::Refreshed(Box::new(RefreshEnded { why, waiting }))
        });
    }

    /// Continues after a refresh.
    pub(in crate::engine) async fn refreshed(&mut self, ended: RefreshEnded) -> Result<Rest> {
        let RefreshEnded { why, waiting } = ended;
        for (run, windows) in waiting {
            // No person asked for it, so a refusal that comes too late is reported to nobody.
            self.request(&run, &RunInput::WindowSeen { windows }).await.map(drop)?;
        }
        match why {
            Refresh::Assess { .. } | Refresh::Again { .. } => self.read_advisories(),
            Refresh::Report { run } => {
                let observed = Input::Observed(Observation::ReadAfter(&run));
                let decided = self.decide(observed, None).await?;
                if !decided.is_ok_and(|decided| decided.happened) {
                    return Ok(Rest::For(AFTER_FAILURE));
                }
            }
            Refresh::Compliance { interaction, environments } => {
                self.answer_compliance(&environments, &interaction).await?;
            }
        }
        Ok(Rest::No)
    }

    async fn answer_compliance(
        &mut self,
        environments: &[EnvironmentName],
        interaction: &Inbound,
    ) -> Result<()> {
        let (reports, failed) = self.state.compliance(environments);
        if let ([], [failure, ..]) = (reports.as_slice(), failed.as_slice())
            && let WhyUnreadable::Failed(failure) = &failure.why
        {
            return self.refuse(interaction, &Refusal::Failed(Box::new(failure.clone()))).await;
        }
        let reader = self.reader_for(&interaction.reply);
        let left = self.state.left_by_plans(environments);
        let promotion = &self.state.promotion;
        let card = compliance::card(&reports, &failed, None, &left, promotion, reader);
        self.answer_and_close(interaction, card).await
    }

    /// The waiting plans that are bound to a window, which somebody may change in the meantime.
    fn waiting_for_windows(&self) -> Vec<(RunId, Environment, PatchPlan)> {
        let waiting = self.state.runs.values().filter(|run| run.waits_for_window());
        let placed = waiting.filter_map(|run| {
            let environment = self.state.promotion.environment(run.id.environment())?;
            Some((run.id.clone(), environment.clone(), run.plan.clone()))
        });
        placed.collect()
    }

    /// Refreshes environments again whose pause after a failure is over, that events have touched,
    /// or whose scan was held back and no longer is.
    pub(in crate::engine) fn refresh_again(&mut self) {
        let now = self.services.clock.now();
        let mut environments = self.refreshes.failing.due(now);
        environments.extend(self.hints.due(now));
        environments
            .extend(self.refreshes.postponed.iter().filter(|name| self.may_scan(name)).cloned());
        if !environments.is_empty() {
            self.refresh(Refresh::Again { environments });
        }
    }

    /// Stores the summary of an environment, or that it could not be read.
    pub(in crate::engine) fn environment_read(&mut self, read: EnvironmentRead) {
        let EnvironmentRead { environment, found, held } = read;
        if held {
            self.refreshes.postponed.insert(environment.clone());
        }
        match found {
            Ok(mut summary) => {
                self.complete(&mut summary);
                self.refreshes.failing.succeeded(&environment);
                self.state.saw(summary);
                self.delivery.touch();
                self.identified(&environment, None);
            }
            Err(EnvironmentError::WrongAccount { wrong, .. }) => {
                self.identified(&environment, Some(&wrong))
            }
            Err(EnvironmentError::Aws(error)) => {
                tracing::warn!(environment.name = %environment, aws.error = %error, aws.hint = error.hint(), "failed to refresh environment `{environment}`: retrying");
                let now = self.services.clock.now();
                self.refreshes.failing.failed(&environment, now);
                let why = WhyUnreadable::Failed(error.failure());
                self.state.could_not_read(Unreadable { environment, since: now, why });
                self.delivery.touch();
            }
        }
    }

    /// Notes whose credentials an environment has. Those of another account close it.
    pub(in crate::engine) fn identified(
        &mut self,
        environment: &EnvironmentName,
        wrong: Option<&WrongAccount>,
    ) {
        self.journal.gate().closes(environment, wrong.is_some());
        let Some(wrong) = wrong else {
            if self.state.reopened(environment) {
                self.delivery.touch();
                tracing::info!(environment.name = %environment, "environment `{environment}`: the AWS credentials are of the configured account again");
                let environments = vec![environment.clone()];
                self.refresh(Refresh::Again { environments });
            }
            return;
        };
        if self.state.closed(environment) != Some(wrong) {
            tracing::error!(environment.name = %environment, aws.account.configured = wrong.configured(), aws.callers = ?wrong.strays(), "the AWS credentials are of another account than the configuration says: nothing is planned, scanned or sent there; correct the credentials or the configuration");
        }
        let now = self.services.clock.now();
        self.refreshes.failing.failed(environment, now);
        let why = WhyUnreadable::WrongAccount(wrong.clone());
        let environment = environment.clone();
        self.state.could_not_read(Unreadable { environment, since: now, why });
        self.delivery.touch();
    }

    /// Announces without the slow environments, so that they do not hold back the others.
    pub(in crate::engine) fn refresh_is_slow(&mut self) {
        tracing::warn!(
            environments.seen = self.state.summaries.len(),
            environments.all = self.state.promotion.0.len(),
            "some environments are slow to read: announcing what the others miss"
        );
        self.read_advisories();
    }

    /// Whether the schedule had a time since the last scheduled scan; without one a scan is due. A
    /// scan that a process has begun is no longer due, so a process that restarts again and again
    /// sends nothing.
    fn is_scan_due(&self, now: DateTime<Utc>) -> bool {
        let schedule = &self.services.config.assess.schedule;
        // A scan in the future comes from a clock that was wrong.
        let last = self.refreshes.scanned_at.filter(|at| *at <= now);
        let is_due = |at| schedule.next_after(at).is_some_and(|due| due <= now);
        self.services.config.assess.scan && last.is_none_or(is_due)
    }

    /// The environments to scan before they are read: none during an emergency stop or while
    /// another process holds the lease, and none with a run that is under way or near: the scan
    /// would overwrite the run's reports, or delay its start.
    fn due_scans(&mut self) -> BTreeSet<EnvironmentName> {
        if self.services.config.assess.scan && self.state.emergency_stop.is_active() {
            // The scan stays due, and is sent after the stop ends.
            let all = self.state.promotion.0.iter().map(|environment| environment.name.clone());
            self.refreshes.postponed.extend(all);
        }
        let all = self.state.promotion.0.iter().map(|environment| environment.name.clone());
        all.filter(|name| self.may_scan(name)).collect()
    }

    /// Those of `environments` whose scan was held back and no longer is.
    fn postponed_scans(&mut self, environments: &[EnvironmentName]) -> BTreeSet<EnvironmentName> {
        let free = |name: &&EnvironmentName| {
            self.refreshes.postponed.contains(*name) && self.may_scan(name)
        };
        let free: BTreeSet<EnvironmentName> = environments.iter().filter(free).cloned().collect();
        self.refreshes.postponed.retain(|name| !free.contains(name));
        free
    }

    fn may_scan(&self, environment: &EnvironmentName) -> bool {
        self.services.config.assess.scan && self.journal.gate().lets_scan(environment).is_ok()
    }
}
