//! Handles a person's statement about a command with an uncertain outcome: the bot asks AWS at that
//! moment, and the run decides on what AWS shows before it decides on the statement.

use anyhow::Result;
use commands::environment::Environment;
use commands::id::{DispatchId, RunId};
use commands::refusal::{Refusal, Unavailable};
use commands::run::{AtAws, Dispatch, RunInput};

use crate::aws::EnvironmentError;
use crate::chat::Inbound;
use crate::engine::effects::reconcile;
use crate::engine::tasks::{Rest, TaskKey};
use crate::engine::{Engine, Outcome, Services};
use crate::telemetry::log::kind;

/// A person's statement about a command.
#[derive(Debug)]
pub(in crate::engine) struct CommandLookup {
    pub(in crate::engine) run: RunId,
    pub(in crate::engine) dispatch: DispatchId,
    /// The command id that the person named, if any.
    pub(in crate::engine) command: Option<String>,
    pub(in crate::engine) request: RunInput,
    pub(in crate::engine) interaction: Inbound,
}

/// What AWS shows about the command.
pub(in crate::engine) struct CommandLookedUp {
    lookup: CommandLookup,
    found: Result<LookupResult, Refusal>,
}

struct LookupResult {
    reconciled: RunInput,
    /// What AWS has under the named id.
    command: Option<AtAws>,
}

impl CommandLookup {
    async fn run(
        &self,
        services: &Services,
        environment: &Environment,
        dispatch: &Dispatch,
    ) -> Result<LookupResult, EnvironmentError> {
        let reconciled = reconcile(services, environment, &self.run, dispatch).await?;
        let command = match &self.command {
            Some(command) => services.aws.command(environment, command).await?,
            None => None,
        };
        Ok(LookupResult { reconciled, command })
    }
}

impl Engine {
    pub(in crate::engine) async fn look_up_command(&mut self, lookup: CommandLookup) -> Result<()> {
        let run = self.state.runs.get(&lookup.run);
        let dispatch = run.and_then(|run| run.dispatches.get(&lookup.dispatch)).cloned();
        let environment = self.state.promotion.environment(lookup.run.environment()).cloned();
        let (Some(dispatch), Some(environment)) = (dispatch, environment) else {
            let environment = lookup.run.environment().clone();
            let refusal = Refusal::Unavailable(Unavailable::NotConfigured { environment });
            return self.refuse(&lookup.interaction, &refusal).await;
        };
        let services = self.services.clone();
        self.tasks.start(TaskKey::Interaction(lookup.interaction.key.clone()), async move {
            let found = lookup.run(&services, &environment, &dispatch).await;
            let found = found.map_err(|why| why.refusal());
            Outcome::CommandLookedUp(Box::new(CommandLookedUp { lookup, found }))
        });
        Ok(())
    }

    /// Lets the run decide: first on what AWS shows, then on the statement.
    pub(in crate::engine) async fn command_looked_up(
        &mut self,
        looked_up: CommandLookedUp,
    ) -> Result<Rest> {
        let CommandLookedUp { lookup, found } = looked_up;
        let CommandLookup { run, mut request, interaction, .. } = lookup;
        let LookupResult { reconciled, command } = match found {
            Ok(found) => found,
            Err(refusal) => {
                self.refuse(&interaction, &refusal).await?;
                return Ok(Rest::No);
            }
        };
        if let Err(refusal) = self.request(&run, &reconciled).await? {
            tracing::error!(run.id = %run, refusal = kind(&refusal), "a run refused what AWS answered");
        }
        if let RunInput::Adopt { found, .. } = &mut request {
            *found = command;
        }
        self.decide_on_run(&interaction, &run, &request).await?;
        Ok(Rest::No)
    }
}
