//! Looking at the world before something can be decided: nodes, what they miss, and what is
//! published about it.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
use chrono::TimeDelta;
use commands::advisory::Advisory;
use commands::book::Reported;
use commands::card::compliance;
use commands::compliance::ComplianceReport;
use commands::environment::Environment;
use commands::environment_name::EnvironmentName;
use commands::plan::PatchPlan;
use commands::refusal::Refusal;
use commands::run::{RunEvent, RunId, RunRequest};
use commands::survey::Survey;
use commands::text::PersonRef;
use storage::Store;

use crate::aws::AwsError;
use crate::engine::gather::{read_up, survey};
use crate::engine::memory::Change;
use crate::engine::{Engine, Message};
use crate::slack::Inbound;

/// How long to wait after a look failed that nobody waits for.
const AFTER_FAILURE: Duration = Duration::from_secs(30);

/// When the nodes are looked at again after some could not be.
const AGAIN: TimeDelta = TimeDelta::minutes(5);

/// Why the world is looked at.
#[derive(Clone, Debug)]
pub(super) enum Look {
    /// It is time to see what is missing.
    Assess,
    /// It is known what is missing, and time to read what is published about it.
    ReadUp,
    /// Somebody wants a plan.
    Plan { environment: EnvironmentName, requester: PersonRef, deed: Box<Inbound> },
    /// A plan became void and another takes its place.
    Replan { run: RunId, environment: EnvironmentName, requester: PersonRef },
    /// A run is about to start.
    Recheck { run: RunId },
    /// A run has ended.
    Report { run: RunId },
    /// Somebody wants to know.
    Compliance { environments: Vec<EnvironmentName>, deed: Box<Inbound> },
}

/// What was seen.
pub(super) struct Looked {
    key: String,
    why: Look,
    surveys: Vec<Survey>,
    /// With what the nodes of the environment before have installed.
    before: Option<Survey>,
    advisories: Vec<Advisory>,
    failures: Vec<AwsError>,
}

impl Look {
    fn key(&self) -> String {
        match self {
            Self::Assess => "assess".to_owned(),
            Self::ReadUp => "read-up".to_owned(),
            // Two people may want the same at once; each gets an answer.
            Self::Plan { deed, .. } | Self::Compliance { deed, .. } => format!("look/{}", deed.key),
            Self::Replan { run, .. } => format!("{run}/replan"),
            Self::Recheck { run } => format!("{run}/recheck"),
            Self::Report { run } => format!("{run}/report"),
        }
    }

    /// The environments to look at.
    fn environments(&self, all: &[Environment]) -> Vec<Environment> {
        let named = |wanted: &[&EnvironmentName]| -> Vec<Environment> {
            all.iter().filter(|known| wanted.contains(&&known.name)).cloned().collect()
        };
        match self {
            Self::Assess | Self::Report { .. } => all.to_vec(),
            Self::ReadUp => Vec::new(),
            Self::Plan { environment, .. } | Self::Replan { environment, .. } => {
                named(&[environment])
            }
            Self::Recheck { run } => named(&[run.environment()]),
            Self::Compliance { environments, .. } => {
                named(&environments.iter().collect::<Vec<_>>())
            }
        }
    }

    /// Whether a plan will be drafted, which takes a look at the environment before as well.
    fn drafts(&self) -> Option<&EnvironmentName> {
        match self {
            Self::Plan { environment, .. } | Self::Replan { environment, .. } => Some(environment),
            Self::Recheck { run } => Some(run.environment()),
            Self::Assess | Self::ReadUp | Self::Report { .. } | Self::Compliance { .. } => None,
        }
    }
}

impl<S: Store + Clone> Engine<S> {
    /// Starts looking, unless the same look is under way or rests.
    pub(super) fn look(&mut self, why: Look) {
        let key = why.key();
        if !self.claim(&key) {
            return;
        }
        let environments = why.environments(&self.book.promotion.0);
        let scanned = match why {
            Look::Assess => self.to_be_scanned(),
            Look::ReadUp
            | Look::Plan { .. }
            | Look::Replan { .. }
            | Look::Recheck { .. }
            | Look::Report { .. }
            | Look::Compliance { .. } => BTreeSet::new(),
        };
        let before = why.drafts().and_then(|name| self.book.promotion.before(name)).cloned();
        let (world, messages) = (self.world.clone(), self.messages.clone());
        let to_read = match &why {
            Look::ReadUp => Some(self.book.missing_patches()),
            Look::Assess
            | Look::Plan { .. }
            | Look::Replan { .. }
            | Look::Recheck { .. }
            | Look::Report { .. }
            | Look::Compliance { .. } => None,
        };
        tokio::spawn(async move {
            let now = world.clock.now();
            let mut looked = Looked {
                key,
                why,
                surveys: Vec::new(),
                before: None,
                advisories: Vec::new(),
                failures: Vec::new(),
            };
            // One environment that fails does not hide the others.
            for environment in &environments {
                match survey(&world, environment, scanned.contains(&environment.name)).await {
                    Ok(survey) => looked.surveys.push(survey),
                    Err(error) => looked.failures.push(error),
                }
            }
            if let Some(before) = &before {
                match Box::pin(world.aws.survey(before, true, now)).await {
                    Ok(survey) => looked.before = Some(survey),
                    Err(error) => looked.failures.push(error),
                }
            }
            if let Some(patches) = to_read {
                looked.advisories = read_up(&world, patches, now).await;
            }
            // The loop is gone only when the process ends.
            let _ = messages.send(Message::Looked(Box::new(looked)));
        });
    }

    /// Where a Scan is sent before looking: nowhere while everything is stopped or another process
    /// has the lease, and not where a run is under way or near: its own reports would be
    /// overwritten, or its start held up.
    fn to_be_scanned(&self) -> BTreeSet<EnvironmentName> {
        if !self.world.config.assess.scan
            || self.book.brake.pulled.is_some()
            || !self.memory.may_send()
        {
            return BTreeSet::new();
        }
        let all = self.book.promotion.0.iter().map(|environment| environment.name.clone());
        let now = self.world.clock.now();
        all.filter(|name| !self.book.runs_of(name).any(|run| run.is_near(now))).collect()
    }

    /// Goes on with what was seen.
    pub(super) async fn looked(&mut self, looked: Looked) -> Result<()> {
        let Looked { key, why, mut surveys, before, advisories, failures } = looked;
        for error in &failures {
            tracing::warn!(look.key = %key, aws.error = %error, aws.hint = error.hint(), "an environment could not be looked at");
        }
        self.release(&key, (!failures.is_empty()).then_some(AFTER_FAILURE));
        self.memory.learn(advisories.iter()).await?;
        self.book
            .advisories
            .extend(advisories.into_iter().map(|advisory| (advisory.cve.clone(), advisory)));
        // Systems Manager names no CVE for Windows; Microsoft does. What was surveyed before is
        // completed too: Microsoft's word may have been read only now.
        let known = self.book.surveys.values_mut();
        for survey in known.chain(&mut surveys) {
            let held_back = survey.held_back.iter_mut().flatten().map(|held| &mut held.patch);
            let patches = survey.patches.values_mut().chain(held_back);
            patches.for_each(|patch| self.world.advisories.complete(patch));
        }
        for survey in &surveys {
            self.book.surveys.insert(survey.environment.clone(), survey.clone());
        }
        match why {
            Look::Assess => {
                if !failures.is_empty() {
                    self.next_assessment = self.world.clock.now() + AGAIN;
                }
                self.look(Look::ReadUp);
                Ok(())
            }
            Look::ReadUp => self.announce().await,
            Look::Plan { requester, deed, .. } => {
                let drafted = self.draft(&surveys, before.as_ref(), &failures);
                match drafted {
                    Err(refusal) => self.refuse(&deed, &refusal).await,
                    // Somebody else may have asked for the same while the nodes were looked at.
                    Ok(plan) => match self.book.open_run(&plan.environment) {
                        Some(open) => {
                            let refusal = Refusal::StillOpen { run: open.id.clone() };
                            self.refuse(&deed, &refusal).await
                        }
                        None => self.propose(plan, requester, None, Some(&deed.key)).await,
                    },
                }
            }
            Look::Replan { run, requester, .. } => {
                match self.draft(&surveys, before.as_ref(), &failures) {
                    Err(Refusal::Unavailable { .. }) => Ok(()),
                    Err(refusal) => {
                        tracing::warn!(run.id = %run, ?refusal, "no plan could be drafted in place of a void one");
                        self.request(&run, &RunRequest::Replanned { run: None }, None)
                            .await
                            .map(drop)
                    }
                    Ok(plan) => self.propose(plan, requester, Some(&run), None).await,
                }
            }
            Look::Recheck { run } => match self.draft_again(&surveys, before.as_ref(), &failures) {
                Err(Refusal::NoNodes { .. }) => {
                    let gone = self
                        .book
                        .runs
                        .get(&run)
                        .map(|run| PatchPlan { waves: Vec::new(), ..run.plan.clone() });
                    let Some(plan) = gone.map(Box::new) else { return Ok(()) };
                    self.request(&run, &RunRequest::Rechecked { plan }, None).await.map(drop)
                }
                Err(refusal) => {
                    tracing::warn!(run.id = %run, ?refusal, "the facts could not be looked at again; nothing is started");
                    self.release(&key, Some(AFTER_FAILURE));
                    Ok(())
                }
                Ok(plan) => {
                    let request = RunRequest::Rechecked { plan: Box::new(plan) };
                    self.request(&run, &request, None).await.map(drop)
                }
            },
            Look::Report { run } if failures.is_empty() => self.report(run, &surveys).await,
            Look::Report { .. } => Ok(()),
            Look::Compliance { deed, .. } => match failures.first() {
                Some(error) => {
                    let why = said(error);
                    self.refuse(&deed, &Refusal::Unavailable { why }).await
                }
                None => {
                    let reports: Vec<ComplianceReport> =
                        surveys.iter().map(ComplianceReport::of).collect();
                    let card = compliance::card(&reports, None, self.world.reader);
                    self.answer_and_close(&deed, card).await
                }
            },
        }
    }

    fn draft(
        &self,
        surveys: &[Survey],
        before: Option<&Survey>,
        failures: &[AwsError],
    ) -> Result<PatchPlan, Refusal> {
        let survey = seen(surveys, failures)?;
        self.book.draft(survey, before, self.world.clock.now())
    }

    fn draft_again(
        &self,
        surveys: &[Survey],
        before: Option<&Survey>,
        failures: &[AwsError],
    ) -> Result<PatchPlan, Refusal> {
        let survey = seen(surveys, failures)?;
        self.book.draft_again(survey, before, self.world.clock.now())
    }

    /// Posts a plan for approval, in place of another or on its own.
    async fn propose(
        &mut self,
        plan: PatchPlan,
        requester: PersonRef,
        replaces: Option<&RunId>,
        deed: Option<&str>,
    ) -> Result<()> {
        let at = self.world.clock.now();
        let Ok(environment) = self.book.environment(&plan.environment) else { return Ok(()) };
        let id = self.book.next_run(&environment.name);
        let offline =
            self.book.surveys.get(&environment.name).map(Survey::offline).unwrap_or_default();
        let policy = environment.policy.clone();
        let proposed = [RunEvent::Proposed {
            id: id.clone(),
            plan: Box::new(plan),
            policy,
            requester,
            offline,
            at,
        }];
        let mut change = Change::default().run(&id, &proposed)?.handles(deed);
        let replanned = [RunEvent::Replanned { run: Some(id.clone()), at }];
        if let Some(old) = replaces {
            change = change.run(old, &replanned)?;
        }
        self.memory.commit(change).await?;
        self.apply(&id, &proposed)?;
        if let Some(old) = replaces {
            self.apply(old, &replanned)?;
        }
        tracing::info!(run.id = %id, "a plan waits for votes");
        Ok(())
    }

    /// Announces what has to be.
    async fn announce(&mut self) -> Result<()> {
        let now = self.world.clock.now();
        let surveys: Vec<&Survey> = self.book.surveys.values().collect();
        let events =
            self.book.announcements.decide(&surveys, &|patch| self.book.assess(patch), now);
        self.memory.commit(Change::default().announcements(&events)?).await?;
        for event in &events {
            self.book.announcements = std::mem::take(&mut self.book.announcements).evolve(event);
        }
        tracing::info!(
            announcements.new = events.len(),
            environments.seen = self.book.surveys.len(),
            "the nodes were looked at"
        );
        Ok(())
    }

    async fn report(&mut self, run: RunId, surveys: &[Survey]) -> Result<()> {
        if self.book.reports.iter().any(|report| report.after == run) {
            return Ok(());
        }
        let reports = surveys.iter().map(ComplianceReport::of).collect();
        let reported = Reported { after: run, reports, at: self.world.clock.now() };
        self.memory.commit(Change::default().report(&reported)?).await?;
        self.book.reports.push(reported);
        Ok(())
    }
}

/// The one survey that a plan is drafted from.
fn seen<'a>(surveys: &'a [Survey], failures: &[AwsError]) -> Result<&'a Survey, Refusal> {
    match (surveys, failures) {
        ([survey], []) => Ok(survey),
        (_, [error, ..]) => Err(Refusal::Unavailable { why: said(error) }),
        _ => Err(Refusal::Unavailable { why: "the environment could not be looked at".to_owned() }),
    }
}

/// An error with what can be done about it.
fn said(error: &AwsError) -> String {
    match error.hint() {
        Some(hint) => format!("{error}. {hint}"),
        None => error.to_string(),
    }
}
