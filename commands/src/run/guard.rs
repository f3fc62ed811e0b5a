//! Checks of who may do what to a run, and until when; each one returns only a refusal.

use chrono::{DateTime, Utc};

use crate::environment::policy::{CurrentPolicy, NotAdmitted};
use crate::id::Actor;
use crate::plan::{Pin, Proof, Unproven};
use crate::refusal::{Refusal, Settled};
use crate::run::proof::{PinStands, pin_stands};
use crate::run::{PatchRun, Phase};

/// Refuses a vote of `actor`, for the plan that their card shows, if it would not count now.
/// `before` is what the preceding environment proves; `None` for the first environment.
pub(crate) fn ensure_can_vote(
    run: &PatchRun,
    actor: &Actor,
    digest: &str,
    before: Option<&Result<Proof, Unproven>>,
    policy: CurrentPolicy<'_>,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    shown(run, digest, false)?;
    admitted(run, actor, policy)?;
    if let Some(at) = run.voted_at(&actor.person) {
        return Err(Refusal::AlreadyVoted { run: run.id.clone(), at });
    }
    let not_proven = |needs, why| Refusal::NotProven { run: run.id.clone(), needs, why };
    if let Pin::NotProven { needs, why } = &run.plan.pin {
        return Err(not_proven(needs.clone(), why.clone()));
    }
    match pin_stands(&run.plan.pin, before) {
        PinStands::Yes => {}
        PinStands::Waits | PinStands::NowProven(_) => {
            return Err(Refusal::OtherPlan { run: run.id.clone() });
        }
        PinStands::Gone(why) => {
            let Pin::Proven { by, .. } = &run.plan.pin else {
                return Err(Refusal::OtherPlan { run: run.id.clone() });
            };
            return Err(not_proven(by.environment().clone(), why));
        }
    }
    if now >= run.expires_at() {
        return Err(Refusal::NotWaiting { run: run.id.clone(), now: Settled::Expired });
    }
    Ok(())
}

/// Refuses if `actor` may not reject the plan whose digest begins like this.
pub(crate) fn ensure_can_reject(
    run: &PatchRun,
    actor: &Actor,
    digest: &str,
    policy: CurrentPolicy<'_>,
) -> Result<(), Refusal> {
    shown(run, digest, true)?;
    // The person who asked for a plan may withdraw it.
    if actor.person.is(&run.requester) { Ok(()) } else { admitted(run, actor, policy) }
}

/// Refuses if `actor` may not stop `run` now.
pub(crate) fn ensure_can_stop(
    run: &PatchRun,
    actor: &Actor,
    policy: CurrentPolicy<'_>,
) -> Result<(), Refusal> {
    match &run.phase {
        Phase::Running { .. } => named(run, actor, policy),
        Phase::Waiting | Phase::Approved { .. } => Err(Refusal::NotBegun { run: run.id.clone() }),
        Phase::Stopping { .. }
        | Phase::Finished { .. }
        | Phase::Stopped { .. }
        | Phase::Rejected { .. }
        | Phase::Expired { .. }
        | Phase::Voided { .. } => Err(settled(run)),
    }
}

/// Refuses if the plan on the person's card is no longer the one to decide on.
pub(super) fn shown(run: &PatchRun, digest: &str, also_approved: bool) -> Result<(), Refusal> {
    waits(run, also_approved)?;
    if digest != run.digest.short() {
        return Err(Refusal::OtherPlan { run: run.id.clone() });
    }
    Ok(())
}

pub(super) fn admitted(
    run: &PatchRun,
    actor: &Actor,
    policy: CurrentPolicy<'_>,
) -> Result<(), Refusal> {
    let environment = run.plan.environment.clone();
    let approvers = run.decided_under(policy).voters(&run.requester);
    run.admits(actor, policy).map_err(|why| match why {
        NotAdmitted::NobodyIsNamed => Refusal::NobodyMayApprove { environment },
        NotAdmitted::NotNamed => Refusal::NotAnApprover { environment, approvers },
        NotAdmitted::NotLinked => Refusal::NotLinked { environment },
        NotAdmitted::Requester => Refusal::OwnRequest { run: run.id.clone(), approvers },
    })
}

/// Refuses if the policy does not name `actor` at all. The person who asked for a run may not vote
/// on it but may stop it. Stopping does no harm, so the approvers of the time when the plan was
/// posted may stop it too.
pub(super) fn named(
    run: &PatchRun,
    actor: &Actor,
    policy: CurrentPolicy<'_>,
) -> Result<(), Refusal> {
    let environment = run.plan.environment.clone();
    let policy = run.decided_under(policy);
    policy.name(actor).or_else(|why| run.policy.name(actor).map_err(|_| why)).map_err(|why| {
        match why {
            NotAdmitted::NobodyIsNamed => Refusal::NobodyMayApprove { environment },
            NotAdmitted::NotNamed | NotAdmitted::NotLinked | NotAdmitted::Requester => {
                Refusal::NotAnApprover { environment, approvers: policy.approvers.clone() }
            }
        }
    })
}

/// Refuses if the run no longer waits for votes or, where a vote can be undone, for its start.
pub(super) fn waits(run: &PatchRun, also_approved: bool) -> Result<(), Refusal> {
    match &run.phase {
        Phase::Waiting => Ok(()),
        Phase::Approved { .. } if also_approved => Ok(()),
        Phase::Approved { .. }
        | Phase::Running { .. }
        | Phase::Stopping { .. }
        | Phase::Finished { .. }
        | Phase::Stopped { .. }
        | Phase::Rejected { .. }
        | Phase::Expired { .. }
        | Phase::Voided { .. } => Err(settled(run)),
    }
}

/// The refusal that says that it is too late, by the phase of the run.
pub(super) fn settled(run: &PatchRun) -> Refusal {
    let now = match &run.phase {
        Phase::Waiting | Phase::Approved { .. } => Settled::Approved,
        Phase::Stopping { .. } => Settled::Stopping,
        Phase::Running { .. } => Settled::Running,
        Phase::Finished { .. } => Settled::Finished,
        Phase::Stopped { .. } => Settled::Stopped,
        Phase::Rejected { by, .. } => Settled::Rejected { by: Box::new(by.clone()) },
        Phase::Expired { .. } => Settled::Expired,
        Phase::Voided { .. } => Settled::Voided,
    };
    Refusal::NotWaiting { run: run.id.clone(), now }
}
