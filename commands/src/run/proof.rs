//! Proofs: whether an environment proves anything for the next one.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::environment::Environment;
use crate::id::RunId;
use crate::plan::{PatchPlan, Pin, Proof, Unproven};
use crate::run::{PatchRun, Phase};

/// What proves `environment` now: only its most recent started run can be the proof. That run must
/// have ended with every node compliant by a fresh scan, have soaked, not be too old, and have
/// patched the nodes that the environment has now: if the environment was given another account,
/// Region or patch group, no earlier run proves it. `runs` may be all runs there are.
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
    // Nodes that were gone when their wave came are no longer part of the fleet: the others prove
    // it.
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

/// Whether the pin of a plan still matches what the preceding environment proves now. `before` is
/// `None` for the first environment.
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

/// The result of checking a pin.
pub(super) enum PinStands {
    /// The pin is still valid.
    Yes,
    /// There was no proof from the start: the plan waits for one.
    Waits,
    /// There is a proof, but not the one that the plan is pinned to.
    NowProven(RunId),
    /// There was a proof, which no longer holds.
    Gone(Unproven),
}
