//! Somebody says what became of a command of which nobody knows: AWS is asked at that moment, and
//! what it shows is decided on before what they say.

use anyhow::Result;
use commands::environment::Environment;
use commands::refusal::{Refusal, Unavailable};
use commands::run::{AtAws, Dispatch, DispatchId, RunId, RunRequest};

use crate::aws::EnvironmentError;
use crate::chat::Inbound;
use crate::engine::effects::reconcile;
use crate::engine::tasks::{Rest, TaskKey};
use crate::engine::{Engine, Outcome, World};
use crate::telemetry::log::kind;

/// What somebody says of a command.
#[derive(Debug)]
pub(in crate::engine) struct Search {
    pub(in crate::engine) run: RunId,
    pub(in crate::engine) dispatch: DispatchId,
    /// The command that they say it is.
    pub(in crate::engine) command: Option<String>,
    pub(in crate::engine) request: RunRequest,
    pub(in crate::engine) interaction: Inbound,
}

/// What AWS shows of it.
pub(in crate::engine) struct Searched {
    search: Search,
    found: Result<Found, Refusal>,
}

struct Found {
    reconciled: RunRequest,
    /// What AWS has under the id that was named.
    command: Option<AtAws>,
}

impl Search {
    async fn look(
        &self,
        world: &World,
        environment: &Environment,
        dispatch: &Dispatch,
    ) -> Result<Found, EnvironmentError> {
        let reconciled = reconcile(world, environment, &self.run, dispatch).await?;
        let command = match &self.command {
            Some(command) => world.aws.command(environment, command).await?,
            None => None,
        };
        Ok(Found { reconciled, command })
    }
}

impl Engine {
    /// Starts asking AWS.
    pub(in crate::engine) async fn search(&mut self, search: Search) -> Result<()> {
        let run = self.book.runs.get(&search.run);
        let dispatch = run.and_then(|run| run.dispatches.get(&search.dispatch)).cloned();
        let environment = self.book.promotion.environment(search.run.environment()).cloned();
        let (Some(dispatch), Some(environment)) = (dispatch, environment) else {
            let environment = search.run.environment().clone();
            let refusal = Refusal::Unavailable(Unavailable::NotConfigured { environment });
            return self.refuse(&search.interaction, &refusal).await;
        };
        let world = self.world.clone();
        self.tasks.start(TaskKey::Asked(search.interaction.key.clone()), async move {
            let found = search.look(&world, &environment, &dispatch).await;
            let found = found.map_err(|why| why.refusal());
            Outcome::Searched(Box::new(Searched { search, found }))
        });
        Ok(())
    }

    /// Lets the run decide: first on what AWS shows, then on what was said.
    pub(in crate::engine) async fn searched(&mut self, searched: Searched) -> Result<Rest> {
        let Searched { search, found } = searched;
        let Search { run, mut request, interaction, .. } = search;
        let Found { reconciled, command } = match found {
            Ok(found) => found,
            Err(refusal) => {
                self.refuse(&interaction, &refusal).await?;
                return Ok(Rest::No);
            }
        };
        if let Err(refusal) = self.request(&run, &reconciled).await? {
            tracing::error!(run.id = %run, refusal = kind(&refusal), "a run refused what AWS answered");
        }
        if let RunRequest::Adopt { found, .. } = &mut request {
            *found = command;
        }
        self.decide_on_run(&interaction, &run, &request).await?;
        Ok(Rest::No)
    }
}
