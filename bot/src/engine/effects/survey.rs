//! Surveys every node of one environment before a plan for it is drafted or started.

use std::time::Duration;

use anyhow::Result;
use commands::decide::{Input, Observation};
use commands::environment::Environment;
use commands::fleet::account::WrongAccount;
use commands::fleet::summary::Summary;
use commands::fleet::survey::Survey;
use commands::id::{EnvironmentName, PersonRef, RunId};
use commands::plan::{Overrides, PatchPlan};
use commands::refusal::{Refusal, Unavailable};
use commands::run::RunInput;
use commands::window::WindowSeen;

use crate::aws::EnvironmentError;
use crate::chat::Inbound;
use crate::engine::tasks::{Rest, TaskKey};
use crate::engine::{Engine, Outcome, Services};

/// The rest after a survey failed that no person waits for.
const AFTER_FAILURE: Duration = Duration::from_secs(30);

/// What a survey is for.
#[derive(Clone, Debug)]
pub(in crate::engine) enum SurveyFor {
    /// A person asked for a plan.
    Plan {
        environment: EnvironmentName,
        overrides: Overrides,
        requester: PersonRef,
        interaction: Box<Inbound>,
    },
    /// A plan became void and the bot drafts a successor.
    Replan { run: RunId },
    /// A run is about to start.
    Recheck { run: RunId },
}

impl SurveyFor {
    fn key(&self) -> TaskKey {
        match self {
            Self::Plan { interaction, .. } => TaskKey::Interaction(interaction.key.clone()),
            Self::Replan { run } => TaskKey::Replan(run.clone()),
            Self::Recheck { run } => TaskKey::Recheck(run.clone()),
        }
    }

    fn environment(&self) -> &EnvironmentName {
        match self {
            Self::Plan { environment, .. } => environment,
            Self::Replan { run } | Self::Recheck { run } => run.environment(),
        }
    }
}

/// The result of a survey.
pub(in crate::engine) struct Surveyed {
    why: SurveyFor,
    found: Result<SurveyRead, NotSurveyed>,
}

struct SurveyRead {
    survey: Survey,
    /// For a run that is about to start: the current state of its window, and others of the same
    /// name.
    windows: Vec<WindowSeen>,
}

enum NotSurveyed {
    NotConfigured,
    Unreadable(EnvironmentError),
}

impl NotSurveyed {
    fn wrong_account(&self) -> Option<&WrongAccount> {
        match self {
            Self::NotConfigured => None,
            Self::Unreadable(why) => why.wrong_account(),
        }
    }

    fn refusal(&self, environment: &EnvironmentName) -> Refusal {
        match self {
            Self::NotConfigured => {
                let environment = environment.clone();
                Refusal::Unavailable(Unavailable::NotConfigured { environment })
            }
            Self::Unreadable(why) => why.refusal(),
        }
    }
}

impl Engine {
    /// Starts a survey, unless the same one is under way or rests.
    pub(in crate::engine) fn survey(&mut self, why: SurveyFor) {
        let environment = self.state.promotion.environment(why.environment()).cloned();
        // If only proven patches may be installed, the bot need not read what is already installed.
        let with_installed = self.state.promotion.before(why.environment()).is_some();
        let bound = match &why {
            SurveyFor::Recheck { run } => self.state.runs.get(run).map(|run| run.plan.clone()),
            SurveyFor::Plan { .. } | SurveyFor::Replan { .. } => None,
        };
        let services = self.services.clone();
        self.tasks.start(why.key(), async move {
            let found = match environment {
                None => Err(NotSurveyed::NotConfigured),
                Some(environment) => read(&services, environment, bound, with_installed)
                    .await
                    .map_err(NotSurveyed::Unreadable),
            };
            Outcome::Surveyed(Box::new(Surveyed { why, found }))
        });
    }

    /// Continues with the result of a survey.
    pub(in crate::engine) async fn surveyed(&mut self, surveyed: Surveyed) -> Result<Rest> {
        let Surveyed { why, found } = surveyed;
        let environment = why.environment().clone();
        let found = match found {
            Ok(mut found) => {
                let survey = &mut found.survey;
                let held_back = survey.held_back.iter_mut().flatten().map(|held| &mut held.patch);
                let patches = survey.patches.values_mut().chain(held_back);
                patches.for_each(|patch| self.services.advisories.complete(patch));
                self.refreshes.failing.succeeded(&environment);
                self.state.saw(Summary::of(survey));
                self.delivery.touch();
                self.identified(&environment, None);
                Ok(found)
            }
            Err(error) => {
                match &error {
                    NotSurveyed::Unreadable(EnvironmentError::WrongAccount { wrong, .. }) => {
                        self.identified(&environment, Some(wrong));
                    }
                    // If the window could not be read, the last known state remains.
                    NotSurveyed::Unreadable(EnvironmentError::Aws(error)) => {
                        tracing::warn!(environment.name = %environment, aws.error = %error, aws.hint = error.hint(), "failed to survey environment `{environment}`");
                    }
                    NotSurveyed::NotConfigured => {
                        tracing::error!(environment.name = %environment, "environment `{environment}` is no longer configured");
                    }
                }
                Err(error)
            }
        };
        let rest = if found.is_ok() { Rest::No } else { Rest::For(AFTER_FAILURE) };
        let survey = match &found {
            Ok(found) => Ok(&found.survey),
            Err(why) => Err(why.refusal(&environment)),
        };
        match why {
            SurveyFor::Plan { overrides, requester, interaction, .. } => {
                self.state.asked.remove(&interaction.key);
                let observed =
                    Observation::Surveyed { survey, overrides: &overrides, requester: &requester };
                if let Err(refusal) =
                    self.decide(Input::Observed(observed), Some(&interaction.key)).await?
                {
                    self.refuse(&interaction, &refusal).await?;
                }
            }
            SurveyFor::Replan { run } => {
                let observed = Observation::SurveyedAgain { run: &run, survey };
                // What could not be read is surveyed again.
                self.decide(Input::Observed(observed), None).await.map(drop)?;
            }
            SurveyFor::Recheck { run } => {
                if let Some(wrong) = found.as_ref().err().and_then(NotSurveyed::wrong_account) {
                    let request = RunInput::Identified { wrong: Some(wrong.clone()) };
                    self.request(&run, &request).await.map(drop)?;
                    return Ok(rest);
                }
                let windows = found.as_ref().map(|found| found.windows.clone()).unwrap_or_default();
                let observed = Observation::SurveyedBefore { run: &run, survey, windows };
                if let Err(refusal) = self.decide(Input::Observed(observed), None).await? {
                    tracing::warn!(run.id = %run, ?refusal, "failed to recheck the facts of run `{run}`: nothing is started");
                    return Ok(Rest::For(AFTER_FAILURE));
                }
            }
        }
        Ok(rest)
    }
}

/// Reads nothing from another account, because its nodes are different ones. `bound` is a plan
/// whose window is read instead of those that a new plan may be bound to.
async fn read(
    services: &Services,
    environment: Environment,
    bound: Option<PatchPlan>,
    with_installed: bool,
) -> Result<SurveyRead, EnvironmentError> {
    let now = services.clock.now();
    services.aws.callers().in_its_account(&environment).await?;
    let (environment, windows) = match bound {
        None => (environment, Vec::new()),
        Some(plan) => {
            let environment = environment.without_windows();
            let windows = services.aws.bound_windows(&environment, &plan, now).await?;
            (environment, windows)
        }
    };
    let survey = Box::pin(services.aws.survey(&environment, with_installed, now)).await?;
    Ok(SurveyRead { survey, windows })
}
