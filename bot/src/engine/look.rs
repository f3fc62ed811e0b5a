//! Looking at the world before something can be decided: nodes, what they miss, and what is
//! published about it.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
use chrono::{DateTime, Utc};
use commands::advisory::Advisory;
use commands::book::{Book, Input, Observation};
use commands::caller::WrongAccount;
use commands::card::compliance;
use commands::compliance::{Unreadable, WhyUnreadable};
use commands::environment::Environment;
use commands::environment_name::EnvironmentName;
use commands::plan::{PatchPlan, Wishes};
use commands::refusal::Refusal;
use commands::run::{RunId, RunRequest};
use commands::summary::Summary;
use commands::survey::Survey;
use commands::text::PersonRef;
use commands::window::WindowSeen;

use crate::aws::NotLooked;
use crate::chat::Inbound;
use crate::engine::gather::{Seen, ToScan, read_up, see_within};
use crate::engine::tasks::{Rest, TaskKey};
use crate::engine::{Engine, Outcome};

/// How long to wait after a look failed that nobody waits for.
const AFTER_FAILURE: Duration = Duration::from_secs(30);

/// How long an announcement waits for slow environments.
const GRACE: Duration = Duration::from_secs(600);

/// Why the world is looked at.
#[derive(Clone, Debug)]
pub(super) enum Look {
    /// It is time to see what is missing.
    Assess {
        /// Whether a scheduled scan is due before it.
        scans: bool,
    },
    /// It is time to try those again that could not be read.
    Again { environments: Vec<EnvironmentName> },
    /// It is known what is missing, and time to read what is published about it.
    ReadUp,
    /// Somebody wants a plan.
    Plan { environment: EnvironmentName, wishes: Wishes, requester: PersonRef, deed: Box<Inbound> },
    /// A plan became void and another takes its place.
    Replan { run: RunId },
    /// A run is about to start.
    Recheck { run: RunId },
    /// A run has ended.
    Report { run: RunId },
    /// Somebody wants to know.
    Compliance { environments: Vec<EnvironmentName>, deed: Box<Inbound> },
}

/// What was seen.
pub(super) struct Looked {
    why: Look,
    surveys: Vec<Survey>,
    advisories: Vec<Advisory>,
    failures: Vec<NotLooked>,
    /// The window of a run that is about to start, as it is now, and others of its name.
    windows: Vec<WindowSeen>,
    /// The same of runs that wait, of a look at all that there is.
    waiting: Vec<(RunId, Vec<WindowSeen>)>,
}

impl Look {
    fn key(&self) -> TaskKey {
        match self {
            Self::Assess { .. } => TaskKey::Assess,
            Self::Again { .. } => TaskKey::Again,
            Self::ReadUp => TaskKey::ReadUp,
            Self::Plan { deed, .. } | Self::Compliance { deed, .. } => {
                TaskKey::Asked(deed.key.clone())
            }
            Self::Replan { run } => TaskKey::Replan(run.clone()),
            Self::Recheck { run } => TaskKey::Recheck(run.clone()),
            Self::Report { run } => TaskKey::Report(run.clone()),
        }
    }

    /// The environment of which every node is needed.
    fn in_detail(&self) -> Option<&EnvironmentName> {
        match self {
            Self::Plan { environment, .. } => Some(environment),
            Self::Replan { run } | Self::Recheck { run } => Some(run.environment()),
            Self::Assess { .. }
            | Self::Again { .. }
            | Self::ReadUp
            | Self::Report { .. }
            | Self::Compliance { .. } => None,
        }
    }

    /// The environments of which the counts are needed.
    fn in_sum(&self, book: &Book) -> Vec<Environment> {
        let all = book.promotion.0.iter();
        let is_wanted = |known: &&Environment| match self {
            Self::Assess { .. } => true,
            Self::Again { environments } | Self::Compliance { environments, .. } => {
                environments.contains(&known.name)
            }
            // What a run has touched; the others only if nothing is known of them yet.
            Self::Report { run } => {
                known.name == *run.environment()
                    || !(book.summaries.contains_key(&known.name)
                        || book.unreadable.contains_key(&known.name))
            }
            Self::ReadUp | Self::Plan { .. } | Self::Replan { .. } | Self::Recheck { .. } => false,
        };
        all.filter(is_wanted).cloned().collect()
    }
}

impl Engine {
    /// Starts looking, unless the same look is under way or rests.
    pub(super) fn look(&mut self, why: Look) {
        let key = why.key();
        if !self.tasks.is_free(&key) {
            return;
        }
        let in_sum = why.in_sum(&self.book);
        let detailed =
            why.in_detail().and_then(|name| self.book.promotion.environment(name)).cloned();
        // Where only what is proven is installed, what is there already need not be.
        let with_installed =
            why.in_detail().is_some_and(|name| self.book.promotion.before(name).is_some());
        let bound = match &why {
            Look::Recheck { run } => self.book.runs.get(run).map(|run| run.plan.clone()),
            Look::Assess { .. }
            | Look::Again { .. }
            | Look::ReadUp
            | Look::Plan { .. }
            | Look::Replan { .. }
            | Look::Report { .. }
            | Look::Compliance { .. } => None,
        };
        // The run's own window is read instead of those that another plan may be bound to.
        let detailed = match bound {
            Some(_) => detailed.map(Environment::without_windows),
            None => detailed,
        };
        let (scanned, patience) = match &why {
            Look::Assess { scans: true } => (self.due_scans(), GRACE),
            Look::Assess { scans: false } => (BTreeSet::new(), GRACE),
            Look::Again { environments } => (self.scanned_again(environments), Duration::MAX),
            Look::ReadUp
            | Look::Plan { .. }
            | Look::Replan { .. }
            | Look::Recheck { .. }
            | Look::Report { .. }
            | Look::Compliance { .. } => (BTreeSet::new(), Duration::MAX),
        };
        let to_scan = ToScan { environments: scanned, gate: self.memory.gate().clone() };
        let (world, messages) = (self.world.clone(), self.tasks.messages());
        let to_read = match &why {
            Look::ReadUp => Some(self.book.missing_patches()),
            Look::Assess { .. }
            | Look::Again { .. }
            | Look::Plan { .. }
            | Look::Replan { .. }
            | Look::Recheck { .. }
            | Look::Report { .. }
            | Look::Compliance { .. } => None,
        };
        let waiting = match &why {
            Look::Assess { .. } => self.waiting_for_windows(),
            Look::Again { .. }
            | Look::ReadUp
            | Look::Plan { .. }
            | Look::Replan { .. }
            | Look::Recheck { .. }
            | Look::Report { .. }
            | Look::Compliance { .. } => Vec::new(),
        };
        self.tasks.start(key, async move {
            let now = world.clock.now();
            let mut looked = Looked {
                why,
                surveys: Vec::new(),
                windows: Vec::new(),
                waiting: Vec::new(),
                advisories: Vec::new(),
                failures: Vec::new(),
            };
            for (run, environment, plan) in waiting {
                match world.aws.bound_windows(&environment, &plan, now).await {
                    Ok(windows) => looked.waiting.push((run, windows)),
                    // It is read again before the start, and nothing starts without it.
                    Err(error) => {
                        tracing::warn!(run.id = %run, aws.error = %error, aws.hint = error.hint(), "the window of a plan that waits could not be read");
                    }
                }
            }
            // What is seen arrives before this look ends.
            see_within(patience, &world, in_sum, &to_scan, &messages).await;
            // Of a wrong account nothing is read: its nodes are others.
            let detailed = match detailed {
                Some(environment) => match world.aws.callers().in_its_account(&environment).await {
                    Ok(()) => Some(environment),
                    Err(error) => {
                        looked.failures.push(error);
                        None
                    }
                },
                None => None,
            };
            if let Some((environment, plan)) = detailed.as_ref().zip(bound.as_ref()) {
                match world.aws.bound_windows(environment, plan, now).await {
                    Ok(windows) => looked.windows = windows,
                    Err(error) => looked.failures.push(error.into()),
                }
            }
            if let Some(environment) = &detailed {
                match Box::pin(world.aws.survey(environment, with_installed, now)).await {
                    Ok(survey) => looked.surveys.push(survey),
                    Err(error) => looked.failures.push(error.into()),
                }
            }
            if let Some(patches) = to_read {
                looked.advisories = read_up(&world, patches, now).await;
            }
            Outcome::Looked(Box::new(looked))
        });
    }

    /// The plans that wait and are bound to a window, which may be changed meanwhile.
    fn waiting_for_windows(&self) -> Vec<(RunId, Environment, PatchPlan)> {
        let waiting = self.book.runs.values().filter(|run| run.waits_for_window());
        let placed = waiting.filter_map(|run| {
            let environment = self.book.promotion.environment(run.id.environment())?;
            Some((run.id.clone(), environment.clone(), run.plan.clone()))
        });
        placed.collect()
    }

    /// Looks again at those that could not be read and whose pause is over, at those that events
    /// have touched, and at those whose scan was held back and is no longer.
    pub(super) fn look_again(&mut self) {
        let now = self.world.clock.now();
        let mut environments = self.failing.due(now);
        environments.extend(self.hints.due(now));
        environments.extend(self.unscanned.iter().filter(|name| self.may_scan(name)).cloned());
        if !environments.is_empty() {
            self.look(Look::Again { environments });
        }
    }

    /// Remembers what was seen of an environment, or that it could not be.
    pub(super) fn seen(&mut self, seen: Seen) {
        let Seen { environment, found, held } = seen;
        if held {
            self.unscanned.insert(environment.clone());
        }
        match found {
            Ok(mut summary) => {
                self.complete(&mut summary);
                self.failing.succeeded(&environment);
                self.book.saw(summary);
                self.delivery.touch();
                self.identified(&environment, None);
            }
            Err(NotLooked::WrongAccount { wrong, .. }) => {
                self.identified(&environment, Some(&wrong))
            }
            Err(NotLooked::Aws(error)) => {
                tracing::warn!(environment.name = %environment, aws.error = %error, aws.hint = error.hint(), "an environment could not be looked at; it is tried again");
                let now = self.world.clock.now();
                self.failing.failed(&environment, now);
                let why = WhyUnreadable::Failed(error.failure());
                self.book.could_not_read(Unreadable { environment, since: now, why });
                self.delivery.touch();
            }
        }
    }

    /// Whose the credentials of an environment are. Those of another account close it.
    pub(super) fn identified(
        &mut self,
        environment: &EnvironmentName,
        wrong: Option<&WrongAccount>,
    ) {
        self.memory.gate().closes(environment, wrong.is_some());
        let Some(wrong) = wrong else {
            if self.book.reopened(environment) {
                self.delivery.touch();
                tracing::info!(environment.name = %environment, "the AWS credentials are of the configured account again");
                let environments = vec![environment.clone()];
                self.look(Look::Again { environments });
            }
            return;
        };
        if self.book.closed(environment) != Some(wrong) {
            tracing::error!(environment.name = %environment, aws.account.configured = wrong.configured(), aws.callers = ?wrong.strays(), "the AWS credentials are of another account than the configuration says: nothing is planned, scanned or sent there; correct the credentials or the configuration");
        }
        let now = self.world.clock.now();
        self.failing.failed(environment, now);
        let why = WhyUnreadable::WrongAccount(wrong.clone());
        let environment = environment.clone();
        self.book.could_not_read(Unreadable { environment, since: now, why });
        self.delivery.touch();
    }

    /// Systems Manager names no CVE for Windows; Microsoft does.
    fn complete(&self, summary: &mut Summary) {
        let held_back = summary.held_back.iter_mut().flatten().map(|held| &mut held.patch);
        let patches = summary.patches.values_mut().chain(held_back);
        patches.for_each(|patch| self.world.advisories.complete(patch));
    }

    /// Some environments take long: what is known of the others is not kept back.
    pub(super) fn slow(&mut self) {
        tracing::warn!(
            environments.seen = self.book.summaries.len(),
            environments.all = self.book.promotion.0.len(),
            "some environments take long to look at; what the others miss is announced"
        );
        self.look(Look::ReadUp);
    }

    /// Whether the schedule has a time since the last scheduled scan; without one it is due. Whatever
    /// a process begins is due no more, so that one which starts again and again sends nothing.
    pub(super) fn is_scan_due(&self, now: DateTime<Utc>) -> bool {
        let schedule = &self.world.config.assess.schedule;
        // A scan of the future is from a clock that was wrong.
        let last = self.scanned_at.filter(|at| *at <= now);
        let is_due = |at| schedule.next_after(at).is_some_and(|due| due <= now);
        self.world.config.assess.scan && last.is_none_or(is_due)
    }

    /// Where a Scan is sent before looking: nowhere while everything is stopped or another process
    /// has the lease, and not where a run is under way or near: its own reports would be
    /// overwritten, or its start held up.
    fn due_scans(&mut self) -> BTreeSet<EnvironmentName> {
        if self.world.config.assess.scan && self.book.brake.pulled.is_some() {
            // It is due, and goes on when nothing is stopped.
            let all = self.book.promotion.0.iter().map(|environment| environment.name.clone());
            self.unscanned.extend(all);
        }
        let all = self.book.promotion.0.iter().map(|environment| environment.name.clone());
        all.filter(|name| self.may_scan(name)).collect()
    }

    /// Those of `environments` whose scan was held back and is no longer.
    fn scanned_again(&mut self, environments: &[EnvironmentName]) -> BTreeSet<EnvironmentName> {
        let free = |name: &&EnvironmentName| self.unscanned.contains(*name) && self.may_scan(name);
        let free: BTreeSet<EnvironmentName> = environments.iter().filter(free).cloned().collect();
        self.unscanned.retain(|name| !free.contains(name));
        free
    }

    fn may_scan(&self, environment: &EnvironmentName) -> bool {
        self.world.config.assess.scan && self.memory.gate().lets_scan(environment).is_ok()
    }

    /// Goes on with what was seen.
    pub(super) async fn looked(&mut self, key: &TaskKey, looked: Looked) -> Result<Rest> {
        let Looked { why, mut surveys, advisories, failures, windows, waiting } = looked;
        for error in &failures {
            match error {
                NotLooked::Aws(error) => {
                    tracing::warn!(look.key = %key, aws.error = %error, aws.hint = error.hint(), "an environment could not be looked at");
                }
                // It is told where it is remembered.
                NotLooked::WrongAccount { .. } => {}
            }
        }
        if let Some(environment) = why.in_detail() {
            let wrong = failures.iter().find_map(NotLooked::wrong_account);
            // Where it could not be asked, what was known stays.
            if wrong.is_some() || failures.is_empty() {
                self.identified(&environment.clone(), wrong);
            }
        }
        let mut rest = if failures.is_empty() { Rest::No } else { Rest::For(AFTER_FAILURE) };
        self.memory.learn(advisories.iter()).await?;
        self.book
            .advisories
            .extend(advisories.into_iter().map(|advisory| (advisory.cve.clone(), advisory)));
        for survey in &mut surveys {
            let held_back = survey.held_back.iter_mut().flatten().map(|held| &mut held.patch);
            let patches = survey.patches.values_mut().chain(held_back);
            patches.for_each(|patch| self.world.advisories.complete(patch));
            self.failing.succeeded(&survey.environment);
            self.book.saw(Summary::of(survey));
        }
        // What was seen before is completed too: Microsoft's word may have been read only now.
        let mut known = std::mem::take(&mut self.book.summaries);
        known.values_mut().for_each(|summary| self.complete(summary));
        self.book.summaries = known;
        self.delivery.touch();
        for (run, windows) in waiting {
            // Nobody asked for it, so nobody is told where it is too late.
            self.request(&run, &RunRequest::WindowSeen { windows }).await.map(drop)?;
        }
        let followed = match why {
            Look::Assess { .. } | Look::Again { .. } => {
                self.look(Look::ReadUp);
                Ok(())
            }
            Look::ReadUp => self.announce().await,
            Look::Plan { wishes, requester, deed, .. } => {
                self.book.asked.remove(&deed.key);
                let survey = seen(&surveys, &failures);
                let observed =
                    Observation::Surveyed { survey, wishes: &wishes, requester: &requester };
                match self.decide(Input::Observed(observed), Some(&deed.key)).await? {
                    Ok(_) => Ok(()),
                    Err(refusal) => self.refuse(&deed, &refusal).await,
                }
            }
            Look::Replan { run } => {
                let survey = seen(&surveys, &failures);
                let observed = Observation::SurveyedAgain { run: &run, survey };
                // What could not be seen is looked at again.
                self.decide(Input::Observed(observed), None).await.map(drop)
            }
            Look::Recheck { run } if failures.iter().any(|why| why.wrong_account().is_some()) => {
                let wrong = failures.iter().find_map(NotLooked::wrong_account).cloned();
                self.request(&run, &RunRequest::Identified { wrong }).await.map(drop)
            }
            Look::Recheck { run } => {
                let survey = seen(&surveys, &failures);
                let observed = Observation::SurveyedBefore { run: &run, survey, windows };
                if let Err(refusal) = self.decide(Input::Observed(observed), None).await? {
                    tracing::warn!(run.id = %run, ?refusal, "the facts could not be looked at again; nothing is started");
                    rest = Rest::For(AFTER_FAILURE);
                }
                Ok(())
            }
            Look::Report { run } => {
                if self.book.unreadable.contains_key(run.environment()) {
                    rest = Rest::For(AFTER_FAILURE);
                    Ok(())
                } else {
                    let observed = Input::Observed(Observation::ReadAfter(&run));
                    self.decide(observed, None).await.map(drop)
                }
            }
            Look::Compliance { deed, environments } => {
                let (reports, failed) = self.book.compliance(&environments);
                if let ([], [failure, ..]) = (reports.as_slice(), failed.as_slice())
                    && let WhyUnreadable::Failed(failure) = &failure.why
                {
                    self.refuse(&deed, &Refusal::Failed(failure.clone())).await?;
                    return Ok(rest);
                }
                let reader = self.reader_for(&deed.reply);
                let left = self.book.left_by_plans(&environments);
                let promotion = &self.book.promotion;
                let card = compliance::card(&reports, &failed, None, &left, promotion, reader);
                self.answer_and_close(&deed, card).await
            }
        };
        followed.map(|()| rest)
    }

    /// Announces what has to be.
    async fn announce(&mut self) -> Result<()> {
        let before = self.book.announcements.list.len();
        self.decide(Input::Observed(Observation::Assessed), None).await.map(drop)?;
        tracing::info!(
            announcements.new = self.book.announcements.list.len() - before,
            environments.seen = self.book.summaries.len(),
            environments.unreadable = self.book.unreadable.len(),
            "the nodes were looked at"
        );
        Ok(())
    }
}

/// The one survey that a plan is drafted from.
fn seen<'a>(surveys: &'a [Survey], failures: &[NotLooked]) -> Result<&'a Survey, Refusal> {
    match (surveys, failures) {
        ([survey], []) => Ok(survey),
        (_, [why, ..]) => Err(why.refusal()),
        _ => Err(Refusal::Unavailable { why: "the environment could not be looked at".to_owned() }),
    }
}
