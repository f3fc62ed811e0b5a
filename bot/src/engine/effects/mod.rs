//! Performs the effects of runs at AWS. Each effect is a task of its own; its outcome comes back as
//! inputs of the run.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use commands::environment::Environment;
use commands::fleet::agent::LookupResults;
use commands::fleet::listing::Listing;
use commands::fleet::node::{NodeId, NodePatchState};
use commands::id::{Operation, RunId};
use commands::plan::Pin;
use commands::run::{Dispatch, PatchRun, RequiredLookups, RunEffect, RunInput};
use commands::state::Effect;

use crate::aws::{Aws, AwsError, EnvironmentError, Fault, Gate, SendOutcome, SendParameters};
use crate::engine::tasks::{Rest, TaskKey};
use crate::engine::{Engine, Outcome, Services};
use crate::telemetry::log::kind;

mod advisories;
mod lookup_command;
mod read_environments;
mod refresh;
mod survey;

pub(super) use lookup_command::{CommandLookedUp, CommandLookup};
pub(super) use read_environments::EnvironmentRead;
pub(super) use refresh::{Refresh, RefreshEnded, Refreshes};
pub(super) use survey::{SurveyFor, Surveyed};

/// How many foreign scans to look up at once: mostly one scanner has overwritten all reports.
const FOREIGN_SCANS: usize = 5;

/// The longest pause between two preflight checks of a wave.
const PREFLIGHT_EVERY: Duration = Duration::from_secs(60);

/// The same pause in polls of commands, for an operator who polls more often than the default.
const POLLS_BETWEEN_PREFLIGHTS: u32 = 6;

/// The result of an effect.
pub(in crate::engine) struct EffectEnded {
    run: RunId,
    requests: Vec<RunInput>,
    rest: Duration,
    /// AWS did not answer, or throttled the calls: the effect is retried, later each time.
    failed: bool,
    /// The effect was a send that certainly did not happen, so it may be started again.
    not_begun: bool,
}

impl Engine {
    /// Starts every pending effect that is neither under way nor resting.
    pub(in crate::engine) async fn perform_pending(&mut self) -> Result<()> {
        for effect in self.state.pending(&self.agenda, self.context(), self.services.clock.now()) {
            let effect = match effect {
                Effect::Run(effect) => effect,
                Effect::ReadAfter(run) => {
                    self.refresh(Refresh::Report { run });
                    continue;
                }
            };
            match effect {
                RunEffect::AbandonUnsent { run, dispatch } => {
                    self.withdraw(&run, &dispatch).await?
                }
                RunEffect::Preflight { .. }
                | RunEffect::Replan { .. }
                | RunEffect::Recheck { .. }
                | RunEffect::Identify { .. }
                | RunEffect::PublishList { .. }
                | RunEffect::Send { .. }
                | RunEffect::Reconcile { .. }
                | RunEffect::Watch { .. }
                | RunEffect::Cancel { .. }
                | RunEffect::ReadOutputs { .. }
                | RunEffect::ReadStates { .. } => self.perform(effect),
            }
        }
        Ok(())
    }

    /// Abandons a dispatch that was not sent. Only this process could have started to send it: what
    /// it has not started was never sent. What it has started has an outcome, or will have one.
    async fn withdraw(&mut self, run: &RunId, dispatch: &Dispatch) -> Result<()> {
        let sending =
            RunEffect::Send { run: run.clone(), dispatch: Box::new(dispatch.clone()) }.key();
        if self.tasks.has_begun(&TaskKey::Effect(sending)) {
            return Ok(());
        }
        let request = RunInput::DispatchAbandoned { dispatch: dispatch.id.clone() };
        if let Err(refusal) = self.request(run, &request).await? {
            tracing::error!(run.id = %run, refusal = kind(&refusal), "a run refused to give up what was not sent");
        }
        Ok(())
    }

    fn perform(&mut self, effect: RunEffect) {
        let key = TaskKey::Effect(effect.key());
        if !self.tasks.is_free(&key) {
            return;
        }
        let run = effect.run().clone();
        let once = match effect {
            RunEffect::Replan { run } => {
                self.survey(SurveyFor::Replan { run });
                return;
            }
            RunEffect::Recheck { run } => {
                self.survey(SurveyFor::Recheck { run });
                return;
            }
            RunEffect::Send { .. } => {
                // Without the lease nothing is sent.
                if !self.journal.may_send() || self.tasks.has_begun(&key) {
                    return;
                }
                true
            }
            // This effect needs no call.
            RunEffect::AbandonUnsent { .. } => return,
            RunEffect::Preflight { .. }
            | RunEffect::Identify { .. }
            | RunEffect::PublishList { .. }
            | RunEffect::Reconcile { .. }
            | RunEffect::Watch { .. }
            | RunEffect::Cancel { .. }
            | RunEffect::ReadOutputs { .. }
            | RunEffect::ReadStates { .. } => false,
        };
        let Some(state) = self.state.runs.get(&run).cloned() else { return };
        let Some(environment) = self.state.promotion.environment(run.environment()).cloned() else {
            tracing::error!(run.id = %run, "the environment of an open run is no longer configured; nothing is done for it");
            return;
        };
        let services = self.services.clone();
        let gate = self.journal.gate().clone();
        let poll = services.config.poll;
        let followed = self.state.promotion.after(run.environment()).next().is_some();
        // In a pinned run a node may have the proven patches installed and miss only newer ones.
        let with_installed = followed || state.plan.pin.proof().is_some();
        let name = key.to_string();
        let task = async move {
            let requests = Vec::new();
            let mut done =
                EffectEnded { run, requests, rest: poll, failed: false, not_begun: false };
            let outcome = carry_out(
                &services,
                &gate,
                &environment,
                (&state, with_installed),
                effect,
                &mut done,
            )
            .await;
            if let Err(error) = outcome {
                tracing::warn!(effect.key = name, aws.error = %error, aws.hint = error.hint(), "failed to perform effect `{name}`: retrying");
                done.failed = true;
            }
            Outcome::Effect(Box::new(done))
        };
        if once {
            self.tasks.start_once(key, task);
        } else {
            self.tasks.start(key, task);
        }
    }

    /// Handles the result of an effect.
    pub(in crate::engine) async fn done(
        &mut self,
        key: &TaskKey,
        done: EffectEnded,
    ) -> Result<Rest> {
        if done.not_begun {
            self.tasks.not_begun(key);
        }
        for request in &done.requests {
            if let RunInput::Identified { wrong } = request {
                self.identified(done.run.environment(), wrong.as_ref());
            }
            if let Err(refusal) = self.request(&done.run, request).await? {
                tracing::error!(run.id = %done.run, refusal = kind(&refusal), "a run refused what AWS answered");
            }
        }
        Ok(if done.failed { Rest::Longer(self.services.config.poll) } else { Rest::For(done.rest) })
    }
}

async fn carry_out(
    services: &Services,
    gate: &Gate,
    environment: &Environment,
    (run, with_installed): (&PatchRun, bool),
    effect: RunEffect,
    done: &mut EffectEnded,
) -> Result<(), AwsError> {
    let aws = &services.aws;
    match effect {
        RunEffect::Identify { .. } => {
            done.rest = (services.config.poll * POLLS_BETWEEN_PREFLIGHTS).min(PREFLIGHT_EVERY);
            is_in_its_account(services, environment, done).await?;
        }
        RunEffect::Preflight { wave, .. } => {
            // Other people's work takes minutes.
            done.rest = (services.config.poll * POLLS_BETWEEN_PREFLIGHTS).min(PREFLIGHT_EVERY);
            if !is_in_its_account(services, environment, done).await? {
                return Ok(());
            }
            let nodes: Vec<NodeId> = run.nodes_of(wave).cloned().collect();
            let expected = run.expected(wave);
            let now = services.clock.now();
            let seen =
                Box::pin(aws.preflight(environment, &run.plan, &nodes, &expected, now)).await?;
            done.requests.push(RunInput::Preflight { wave, seen: Box::new(seen) });
        }
        RunEffect::PublishList { location, patches, .. } => {
            aws.put_list(environment, &location, &patches).await?;
            done.requests.push(RunInput::ListPublished);
        }
        RunEffect::Send { dispatch, .. } => {
            send(services, gate, environment, run, &dispatch, done).await
        }
        RunEffect::Reconcile { dispatch, .. } => {
            let found = reconcile(services, environment, &run.id, &dispatch).await;
            done.requests.push(in_its_account(found)?);
        }
        RunEffect::Watch { dispatch, commands, overdue, .. } => {
            let invocations = aws.invocations(environment, &commands).await?;
            done.requests.push(RunInput::Heard { dispatch: dispatch.clone(), invocations });
            if !overdue.is_empty() {
                let agents = aws.agents(environment, &overdue).await?;
                done.requests.push(RunInput::AgentsSeen { dispatch, agents });
            }
        }
        RunEffect::Cancel { dispatch, commands, .. } => {
            for command in &commands {
                aws.cancel(environment, command).await?;
            }
            done.requests.push(RunInput::CancelAsked { dispatch });
        }
        RunEffect::ReadOutputs { dispatch, command, location, nodes, .. } => {
            let outputs = aws.outputs(environment, &command, &location, &nodes).await?;
            done.requests.push(RunInput::OutputsRead { dispatch, outputs });
        }
        RunEffect::ReadStates { nodes, .. } => {
            let states = aws.states(environment, &nodes).await?;
            let as_of = services.clock.now();
            let wanted = run.required_lookups(&states, as_of);
            let mut lookup_results = lookup_results(services, environment, wanted).await;
            let listed = run.to_list(&states);
            lookup_results.listings = listings(aws, environment, &listed, with_installed).await?;
            lookup_results.as_of = Some(as_of);
            done.requests.push(RunInput::States { states, lookup_results });
        }
        // These call AWS in another way or not at all, and never reach this function.
        RunEffect::Replan { .. } | RunEffect::Recheck { .. } | RunEffect::AbandonUnsent { .. } => {}
    }
    Ok(())
}

/// Checks that AWS's answers about the environment concern its account. The bot decides on the
/// result before anything else.
async fn is_in_its_account(
    services: &Services,
    environment: &Environment,
    done: &mut EffectEnded,
) -> Result<bool, AwsError> {
    let asked = services.aws.callers().in_its_account(environment).await;
    let answer = in_its_account(asked.map(|()| RunInput::Identified { wrong: None }))?;
    let right = matches!(answer, RunInput::Identified { wrong: None });
    done.requests.push(answer);
    Ok(right)
}

/// Replaces an answer from another account by that fact alone.
fn in_its_account(answer: Result<RunInput, EnvironmentError>) -> Result<RunInput, AwsError> {
    match answer {
        Ok(answer) => Ok(answer),
        Err(EnvironmentError::WrongAccount { wrong, .. }) => {
            Ok(RunInput::Identified { wrong: Some(wrong) })
        }
        Err(EnvironmentError::Aws(error)) => Err(error),
    }
}

/// Searches AWS for a command: for one with our marks, and for nodes that report its snapshot id.
async fn reconcile(
    services: &Services,
    environment: &Environment,
    run: &RunId,
    dispatch: &Dispatch,
) -> Result<RunInput, EnvironmentError> {
    let commands = services.aws.find(environment, run, dispatch).await?;
    if commands.len() > 1 {
        tracing::error!(run.id = %run, dispatch.id = %dispatch.id, aws.commands = ?commands, "AWS has more than one command for one dispatch");
    }
    let mut reported = Vec::new();
    if commands.is_empty() {
        let states = services.aws.states(environment, &dispatch.nodes).await?;
        let ours =
            states.into_iter().filter(|(_, state)| state.snapshot == Some(dispatch.snapshot));
        reported = ours.map(|(node, _)| node).collect();
    }
    if commands.is_empty() && reported.is_empty() {
        // A search in another account finds nothing, which proves nothing.
        services.aws.callers().in_its_account(environment).await?;
    }
    Ok(RunInput::Reconciled { dispatch: dispatch.id.clone(), commands, reported })
}

/// Looks up what a judgement needs in addition to the patch states. It leaves out what the bot may
/// not see: the verdicts must not wait for a missing permission.
async fn lookup_results(
    services: &Services,
    environment: &Environment,
    wanted: RequiredLookups,
) -> LookupResults {
    let mut lookup_results = LookupResults::default();
    match services.aws.agents(environment, &wanted.agents).await {
        Ok(agents) => lookup_results.agents = agents,
        Err(error) => {
            tracing::warn!(aws.error = %error, aws.hint = error.hint(), "failed to read the agents of nodes");
        }
    }
    for report in wanted.foreign_scans.iter().take(FOREIGN_SCANS) {
        match services.aws.foreign_scan(environment, report, services.clock.now()).await {
            Ok(foreign_scan) => {
                lookup_results.foreign_scans.insert(report.snapshot, foreign_scan);
            }
            Err(error) => {
                tracing::warn!(aws.error = %error, aws.hint = error.hint(), "failed to find out which command overwrote a scan");
            }
        }
    }
    lookup_results
}

/// What the nodes list. If the bot may not read that, nodes are judged by their counts alone and
/// prove nothing; after any other error the bot retries.
async fn listings(
    aws: &Aws,
    environment: &Environment,
    nodes: &BTreeMap<NodeId, NodePatchState>,
    with_installed: bool,
) -> Result<BTreeMap<NodeId, Listing>, AwsError> {
    match aws.listings(environment, nodes, with_installed).await {
        Err(error) if error.fault == Fault::Denied => {
            tracing::warn!(aws.error = %error, aws.hint = error.hint(), "what nodes list of their patches could not be read");
            Ok(BTreeMap::new())
        }
        read => read,
    }
}

/// Sends a command. It may be started again only after "not now" and "held": then AWS certainly
/// does not have it.
async fn send(
    services: &Services,
    gate: &Gate,
    environment: &Environment,
    run: &PatchRun,
    dispatch: &Dispatch,
    done: &mut EffectEnded,
) {
    let override_location = match (&run.plan.pin, dispatch.id.operation) {
        (Pin::Proven { location, .. }, Operation::Install) => Some(location.clone()),
        (Pin::First | Pin::NotProven { .. } | Pin::Proven { .. }, _) => None,
    };
    let parameters = SendParameters {
        reboot: run.plan.reboot,
        override_location,
        delivery: run.plan.timeouts.delivery,
        // AWS has room for every node of it, or the wave would not have been decided on yet.
        max_concurrency: Some(dispatch.nodes.len().to_string()),
        // One failed node does not stop the others: a failed command proves nothing, and the domain
        // decides what to hold back.
        max_errors: Some("100%".into()),
    };
    let id = dispatch.id.clone();
    tracing::info!(run.id = %run.id, dispatch.id = %id, nodes = dispatch.nodes.len(), "sending a command");
    match services.aws.send(environment, &run.id, dispatch, &parameters, gate).await {
        SendOutcome::Sent { command } => {
            done.requests.push(RunInput::Sent { dispatch: id, command });
        }
        SendOutcome::Refused { why, blame } => {
            done.requests.push(RunInput::SendRefused { dispatch: id, why: why.failure(), blame });
        }
        SendOutcome::Uncertain { why } => {
            done.requests.push(RunInput::SendUncertain { dispatch: id, why: why.failure() });
        }
        SendOutcome::Held { why } => {
            tracing::warn!(run.id = %run.id, dispatch.id = %id, %why, "a command was held back at the last moment");
            done.not_begun = true;
        }
        SendOutcome::NotNow { why } => {
            tracing::warn!(run.id = %run.id, dispatch.id = %id, aws.error = %why, aws.hint = why.hint(), "AWS throttled dispatch `{id}`: retrying later");
            done.not_begun = true;
            done.failed = true;
        }
    }
}
