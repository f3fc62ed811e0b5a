//! Somebody says what became of a command of which nobody knows: AWS is asked at that moment, and
//! what it shows is decided on before what they say.

use anyhow::Result;
use commands::environment::Environment;
use commands::refusal::Refusal;
use commands::run::{AtAws, Dispatch, RunId, RunRequest};
use storage::Store;

use crate::aws::AwsError;
use crate::engine::effect::reconcile;
use crate::engine::look::{Search, said};
use crate::engine::{Engine, World};

/// What to ask AWS for.
pub(super) struct Sought {
    environment: Environment,
    run: RunId,
    dispatch: Dispatch,
    command: Option<String>,
}

impl Sought {
    pub(super) async fn search(
        self,
        world: &World,
    ) -> Result<(RunRequest, Option<AtAws>), AwsError> {
        let Self { environment, run, dispatch, command } = self;
        let reconciled = reconcile(world, &environment, &run, &dispatch).await?;
        let found = match &command {
            Some(command) => world.aws.command(&environment, command).await?,
            None => None,
        };
        Ok((reconciled, found))
    }
}

impl<S: Store + Clone> Engine<S> {
    /// None where the run, its dispatch or its environment is gone.
    pub(super) fn sought(&self, search: &Search) -> Option<Sought> {
        let run = self.book.runs.get(&search.run)?;
        Some(Sought {
            environment: self.book.promotion.environment(run.id.environment())?.clone(),
            run: run.id.clone(),
            dispatch: run.dispatches.get(&search.dispatch)?.clone(),
            command: search.command.clone(),
        })
    }

    /// Lets the run decide: first on what AWS shows, then on what was said.
    pub(super) async fn searched(
        &mut self,
        search: Search,
        searched: Option<(RunRequest, Option<AtAws>)>,
        failures: &[AwsError],
    ) -> Result<()> {
        let Search { run, mut request, deed, .. } = search;
        let Some((reconciled, at_aws)) = searched else {
            let why = match failures.first() {
                Some(error) => said(error),
                None => "its environment is no longer configured".to_owned(),
            };
            return self.refuse(&deed, &Refusal::Unavailable { why }).await;
        };
        if let Err(refusal) = self.request(&run, &reconciled, None).await? {
            tracing::error!(run.id = %run, ?refusal, "a run refused what AWS answered");
        }
        if let RunRequest::Adopt { found, .. } = &mut request {
            *found = at_aws;
        }
        self.decided(&deed, &run, &request).await
    }
}
