//! Whether an environment proves anything for the one that comes after it.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::environment::Environment;
use crate::id::RunId;
use crate::plan::{PatchPlan, Pin, Proof, Unproven};
use crate::run::{PatchRun, Phase};

/// What proves `environment` now: the last run there that was begun, if it ended with every node
/// compliant by a fresh scan, has soaked, is not too old, and was of the nodes that the environment
/// has now: an environment that was given another account, Region or patch group is proven by
/// nothing that was run before. `runs` may be all runs there are.
pub fn proof<'a>(
    environment: &Environment,
    runs: impl IntoIterator<Item = &'a PatchRun>,
    now: DateTime<Utc>,
) -> Result<Proof, Unproven> {
    let begun = runs
        .into_iter()
        .filter(|run| *run.id.environment() == environment.name)
        .filter(|run| match run.phase {
            Phase::Running { .. }
            | Phase::Stopping { .. }
            | Phase::Finished { .. }
            | Phase::Stopped { .. } => true,
            Phase::Waiting
            | Phase::Approved { .. }
            | Phase::Rejected { .. }
            | Phase::Expired { .. }
            | Phase::Voided { .. } => false,
        })
        .max_by_key(|run| run.id.number());
    let Some(last) = begun else {
        return Err(Unproven::NeverRun);
    };
    let run = last.id.clone();
    let PatchPlan { account, region, patch_group, .. } = &last.plan;
    if (account, region, patch_group)
        != (&environment.account, &environment.region, &environment.patch_group)
    {
        return Err(Unproven::Moved { run });
    }
    let (ended_at, finished) = match last.phase {
        Phase::Finished { at } => (at, true),
        Phase::Stopped { at, .. } => (at, false),
        Phase::Running { .. }
        | Phase::Stopping { .. }
        | Phase::Waiting
        | Phase::Approved { .. }
        | Phase::Rejected { .. }
        | Phase::Expired { .. }
        | Phase::Voided { .. } => return Err(Unproven::StillRunning { run }),
    };
    // Nodes that were gone when their wave came belong to the fleet no more: the others prove it.
    let (compliant, nodes) = (last.compliant(), last.node_count());
    if !finished || !last.is_proven() {
        let (compliant, nodes) = (compliant as u32, nodes as u32);
        return Err(Unproven::NotCompliant { run, compliant, nodes });
    }
    if !last.proven.is_whole() {
        return Err(Unproven::NotRead { run });
    }
    let since = ended_at + TimeDelta::from(last.plan.soak);
    if now < since {
        return Err(Unproven::Soaking { run, until: since });
    }
    if now > since + TimeDelta::from(last.plan.proof_lasts) {
        return Err(Unproven::TooOld { run, ended_at });
    }
    Ok(Proof { run, since, proven: Arc::clone(&last.proven) })
}

/// Whether a plan's pin still stands on what its environment's predecessor proves now.
/// `before` is none for the first environment.
pub(super) fn pin_stands(pin: &Pin, before: Option<&Result<Proof, Unproven>>) -> PinStands {
    match (pin, before) {
        (Pin::First, _) => PinStands::Yes,
        (Pin::NotProven { why: Unproven::NoOverrideLocation, .. }, _) => PinStands::Waits,
        (Pin::NotProven { .. }, Some(Ok(proof))) => PinStands::NowProven(proof.run.clone()),
        (Pin::NotProven { .. }, Some(Err(_)) | None) => PinStands::Waits,
        (Pin::Proven { by, .. }, Some(Ok(proof))) if proof.run == *by => PinStands::Yes,
        (Pin::Proven { .. }, Some(Ok(proof))) => PinStands::NowProven(proof.run.clone()),
        (Pin::Proven { .. }, Some(Err(why))) => PinStands::Gone(why.clone()),
        (Pin::Proven { .. }, None) => PinStands::Gone(Unproven::NeverRun),
    }
}

/// Whether a pin still stands.
pub(super) enum PinStands {
    /// It does.
    Yes,
    /// It never did: the plan waits for proof.
    Waits,
    /// There is a proof, and it is not the one of the plan.
    NowProven(RunId),
    /// There was proof, and it holds no more.
    Gone(Unproven),
}
