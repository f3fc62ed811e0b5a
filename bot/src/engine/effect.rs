//! Doing what is pending at AWS. Each effect runs by itself; its outcome comes back as requests.

use std::time::Duration;

use anyhow::Result;
use commands::environment::Environment;
use commands::node::NodeId;
use commands::plan::Pin;
use commands::run::{Dispatch, Operation, PatchRun, RunEffect, RunId, RunRequest, pending};
use storage::Store;

use crate::aws::{AwsError, SendOutcome, SendParameters};
use crate::engine::look::Look;
use crate::engine::{Engine, Message, World};

/// How long to wait after AWS had no room.
const NO_ROOM: Duration = Duration::from_secs(15);

/// How long after a look before a wave it is looked again.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// The same in looks at commands, for whoever polls more often than by default.
const LOOKS: u32 = 6;

/// How an effect ended.
pub(super) struct Done {
    key: String,
    run: RunId,
    requests: Vec<RunRequest>,
    rest: Option<Duration>,
    /// It was a send that certainly did not happen: it may be begun again.
    not_begun: bool,
}

impl<S: Store + Clone> Engine<S> {
    /// Starts every pending effect that is neither under way nor resting.
    pub(super) fn perform_pending(&mut self) {
        let now = self.world.clock.now();
        let token = self.memory.token();
        let runs = self.book.runs.values().filter(|run| run.is_open());
        let effects: Vec<RunEffect> =
            runs.flat_map(|run| pending(run, &self.book.brake, token, now)).collect();
        for effect in effects {
            self.perform(effect);
        }
    }

    fn perform(&mut self, effect: RunEffect) {
        let key = effect.key();
        let run = effect.run().clone();
        match effect {
            RunEffect::Replan { run, environment, requester } => {
                self.look(Look::Replan { run, environment, requester });
                return;
            }
            RunEffect::Recheck { run } => {
                self.look(Look::Recheck { run });
                return;
            }
            RunEffect::Send { .. } => {
                // Whoever does not hold the lease sends nothing.
                if !self.memory.may_send() || !self.claim(&key) {
                    return;
                }
                if !self.begun.insert(key.clone()) {
                    self.release(&key, None);
                    return;
                }
            }
            RunEffect::Preflight { .. }
            | RunEffect::PublishList { .. }
            | RunEffect::Reconcile { .. }
            | RunEffect::Watch { .. }
            | RunEffect::Cancel { .. }
            | RunEffect::ReadStates { .. } => {
                if !self.claim(&key) {
                    return;
                }
            }
        }
        let Some(state) = self.book.runs.get(&run).cloned() else { return };
        let Some(environment) = self.book.promotion.environment(run.environment()).cloned() else {
            tracing::error!(run.id = %run, "the environment of an open run is no longer configured; nothing is done for it");
            return;
        };
        let (world, messages) = (self.world.clone(), self.messages.clone());
        let poll = world.config.poll;
        tokio::spawn(async move {
            let mut done =
                Done { key, run, requests: Vec::new(), rest: Some(poll), not_begun: false };
            let outcome = carry_out(&world, &environment, &state, effect, &mut done).await;
            if let Err(error) = outcome {
                tracing::warn!(effect.key = %done.key, aws.error = %error, aws.hint = error.hint(), "AWS could not be asked; it is tried again");
                done.rest = Some(poll.max(Duration::from_secs(2)));
            }
            // The loop is gone only when the process ends.
            let _ = messages.send(Message::Done(done));
        });
    }

    /// Takes the outcome of an effect.
    pub(super) async fn done(&mut self, done: Done) -> Result<()> {
        if done.not_begun {
            self.begun.remove(&done.key);
        }
        self.release(&done.key, done.rest);
        for request in &done.requests {
            if let Err(refusal) = self.request(&done.run, request, None).await? {
                tracing::error!(run.id = %done.run, ?refusal, "a run refused what AWS answered");
            }
        }
        Ok(())
    }
}

async fn carry_out(
    world: &World,
    environment: &Environment,
    run: &PatchRun,
    effect: RunEffect,
    done: &mut Done,
) -> Result<(), AwsError> {
    let aws = &world.aws;
    match effect {
        RunEffect::Preflight { wave, .. } => {
            let nodes: Vec<NodeId> = run.nodes_of(wave).cloned().collect();
            let expected = run.expected(wave);
            let now = world.clock.now();
            let seen = Box::pin(aws.before_a_wave(environment, &nodes, &expected, now)).await?;
            // Somebody else's work takes minutes.
            done.rest = Some((world.config.poll * LOOKS).min(LOOK_AGAIN));
            done.requests.push(RunRequest::Preflight { wave, seen: Box::new(seen) });
        }
        RunEffect::PublishList { location, patches, .. } => {
            aws.put_list(environment, &location, &patches).await?;
            done.requests.push(RunRequest::ListPublished);
        }
        RunEffect::Send { dispatch, .. } => send(world, environment, run, &dispatch, done).await,
        RunEffect::Reconcile { dispatch, .. } => {
            let found = aws.find(environment, &run.id, &dispatch).await?;
            if found.len() > 1 {
                tracing::error!(run.id = %run.id, dispatch.id = %dispatch.id, aws.commands = ?found, "AWS has more than one command for one dispatch");
            }
            if let Some(command) = found.into_iter().next() {
                done.requests.push(RunRequest::Found { dispatch: dispatch.id, command });
            }
        }
        RunEffect::Watch { dispatch, command, .. } => {
            let invocations = aws.watch(environment, &command).await?;
            done.requests.push(RunRequest::Heard { dispatch, invocations });
        }
        RunEffect::Cancel { dispatch, command, .. } => {
            aws.cancel(environment, &command).await?;
            done.requests.push(RunRequest::CancelAsked { dispatch });
        }
        RunEffect::ReadStates { nodes, .. } => {
            let states = aws.states(environment, &nodes).await?;
            done.requests.push(RunRequest::States { states });
        }
        // These look at the world first and never come here.
        RunEffect::Replan { .. } | RunEffect::Recheck { .. } => {}
    }
    Ok(())
}

/// Sends a command. Only "not now" lets it be begun again: then AWS certainly does not have it.
async fn send(
    world: &World,
    environment: &Environment,
    run: &PatchRun,
    dispatch: &Dispatch,
    done: &mut Done,
) {
    let override_location = match (&run.plan.pin, dispatch.id.operation) {
        (Pin::Proven { location, .. }, Operation::Install) => Some(location.clone()),
        (Pin::First | Pin::NotProven { .. } | Pin::Proven { .. }, _) => None,
    };
    let parameters = SendParameters {
        reboot: run.plan.reboot,
        override_location,
        delivery: run.plan.patience.delivery,
        // The wave is the limit: all of it at once, and one bad node does not stop the others.
        max_concurrency: Some("100%".into()),
        max_errors: Some("100%".into()),
    };
    let id = dispatch.id.clone();
    tracing::info!(run.id = %run.id, dispatch.id = %id, nodes = dispatch.nodes.len(), "sending a command");
    match world.aws.send(environment, &run.id, dispatch, &parameters).await {
        SendOutcome::Sent { command } => {
            done.requests.push(RunRequest::Sent { dispatch: id, command });
        }
        SendOutcome::Refused { why } => {
            done.requests.push(RunRequest::SendRefused { dispatch: id, why })
        }
        SendOutcome::Uncertain { why } => {
            done.requests.push(RunRequest::SendUncertain { dispatch: id, why });
        }
        SendOutcome::NotNow { why } => {
            tracing::warn!(run.id = %run.id, dispatch.id = %id, aws.why = %why, "AWS had no room; it is sent later");
            done.not_begun = true;
            done.rest = Some(NO_ROOM);
        }
    }
}
