//! Reading the counts of environments: when it is time, when one could not be read before, when an
//! event has touched it, after a run, and when somebody asks.

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

/// How long to wait before compliance is read again after a run, if it could not be.
const AFTER_FAILURE: Duration = Duration::from_secs(30);

/// How long an announcement waits for slow environments.
const GRACE: Duration = Duration::from_secs(600);

/// When environments are refreshed next, and why.
pub(in crate::engine) struct Refreshes {
    next_assessment: DateTime<Utc>,
    /// When the last scheduled scan was begun, by this process or one before it.
    scanned_at: Option<DateTime<Utc>>,
    /// Environments that could not be read.
    pub(in crate::engine) failing: Failing<EnvironmentName>,
    /// Environments of which a Scan was held back: they are scanned when nothing holds it.
    postponed: BTreeSet<EnvironmentName>,
}

impl Refreshes {
    /// A start reads everything at once.
    pub(in crate::engine) fn new(now: DateTime<Utc>, scanned_at: Option<DateTime<Utc>>) -> Self {
        let failing = Failing::new(Backoff::ENVIRONMENT);
        Self { next_assessment: now, scanned_at, failing, postponed: BTreeSet::new() }
    }

    /// When time brings about the next refresh.
    pub(in crate::engine) fn next_due(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let again = self.failing.next_due(now);
        again.map_or(self.next_assessment, |again| again.min(self.next_assessment))
    }
}

/// Why environments are refreshed.
#[derive(Clone, Debug)]
pub(in crate::engine) enum Refresh {
    /// It is time to see what is missing.
    Assess {
        /// Whether a scheduled scan is due before it.
        scans: bool,
    },
    /// It is time to try those again that could not be read.
    Again { environments: Vec<EnvironmentName> },
    /// A run has ended.
    Report { run: RunId },
    /// Somebody asked for compliance.
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
            // What a run has touched; the others only if nothing is known of them yet.
            Self::Report { run } => {
                known.name == *run.environment()
                    || !(state.summaries.contains_key(&known.name)
                        || state.unreadable.contains_key(&known.name))
            }
        };
        all.filter(is_wanted).cloned().collect()
    }
}

/// That environments were refreshed. What was seen of each came before.
pub(in crate::engine) struct RefreshEnded {
    why: Refresh,
    /// The windows of runs that wait, as they are now.
    waiting: Vec<(RunId, Vec<WindowSeen>)>,
}

impl Engine {
    /// Reads everything if it is time. It scans only if the schedule says so since the last scan.
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

    /// Starts to refresh, unless the same is under way or rests.
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
                    // It is read again before the start, and nothing starts without it.
                    Err(error) => {
                        tracing::warn!(run.id = %run, aws.error = %error, aws.hint = error.hint(), "the window of a plan that waits could not be read");
                    }
                }
            }
            // What is seen arrives before this ends.
            read_each_within(timeouts, &services, environments, &to_scan, &messages).await;
            Outcome::Refreshed(Box::new(RefreshEnded { why, waiting }))
        });
    }

    /// Goes on with what was seen.
    pub(in crate::engine) async fn refreshed(&mut self, ended: RefreshEnded) -> Result<Rest> {
        let RefreshEnded { why, waiting } = ended;
        for (run, windows) in waiting {
            // Nobody asked for it, so nobody is told where it is too late.
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

    /// The plans that wait and are bound to a window, which may be changed meanwhile.
    fn waiting_for_windows(&self) -> Vec<(RunId, Environment, PatchPlan)> {
        let waiting = self.state.runs.values().filter(|run| run.waits_for_window());
        let placed = waiting.filter_map(|run| {
            let environment = self.state.promotion.environment(run.id.environment())?;
            Some((run.id.clone(), environment.clone(), run.plan.clone()))
        });
        placed.collect()
    }

    /// Looks again at those that could not be read and whose pause is over, at those that events
    /// have touched, and at those whose scan was held back and is no longer.
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

    /// Remembers what was seen of an environment, or that it could not be.
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
                tracing::warn!(environment.name = %environment, aws.error = %error, aws.hint = error.hint(), "an environment could not be looked at; it is tried again");
                let now = self.services.clock.now();
                self.refreshes.failing.failed(&environment, now);
                let why = WhyUnreadable::Failed(error.failure());
                self.state.could_not_read(Unreadable { environment, since: now, why });
                self.delivery.touch();
            }
        }
    }

    /// Whose the credentials of an environment are. Those of another account close it.
    pub(in crate::engine) fn identified(
        &mut self,
        environment: &EnvironmentName,
        wrong: Option<&WrongAccount>,
    ) {
        self.journal.gate().closes(environment, wrong.is_some());
        let Some(wrong) = wrong else {
            if self.state.reopened(environment) {
                self.delivery.touch();
                tracing::info!(environment.name = %environment, "the AWS credentials are of the configured account again");
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

    /// Some environments take long: what is known of the others is not kept back.
    pub(in crate::engine) fn refresh_is_slow(&mut self) {
        tracing::warn!(
            environments.seen = self.state.summaries.len(),
            environments.all = self.state.promotion.0.len(),
            "some environments take long to look at; what the others miss is announced"
        );
        self.read_advisories();
    }

    /// Whether the schedule has a time since the last scheduled scan; without one it is due. Whatever
    /// a process begins is due no more, so that one which starts again and again sends nothing.
    fn is_scan_due(&self, now: DateTime<Utc>) -> bool {
        let schedule = &self.services.config.assess.schedule;
        // A scan of the future is from a clock that was wrong.
        let last = self.refreshes.scanned_at.filter(|at| *at <= now);
        let is_due = |at| schedule.next_after(at).is_some_and(|due| due <= now);
        self.services.config.assess.scan && last.is_none_or(is_due)
    }

    /// Where a Scan is sent before looking: nowhere while everything is stopped or another process
    /// has the lease, and not where a run is under way or near: its own reports would be
    /// overwritten, or its start held up.
    fn due_scans(&mut self) -> BTreeSet<EnvironmentName> {
        if self.services.config.assess.scan && self.state.emergency_stop.stop.is_some() {
            // It is due, and goes on when nothing is stopped.
            let all = self.state.promotion.0.iter().map(|environment| environment.name.clone());
            self.refreshes.postponed.extend(all);
        }
        let all = self.state.promotion.0.iter().map(|environment| environment.name.clone());
        all.filter(|name| self.may_scan(name)).collect()
    }

    /// Those of `environments` whose scan was held back and is no longer.
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
