//! Drafting a plan from what was seen, and posting it for approval.

use anyhow::Result;
use commands::actor::Principal;
use commands::event::Recorded;
use commands::node::NodeId;
use commands::plan::{PatchPlan, Wishes};
use commands::refusal::Refusal;
use commands::run::{PatchRun, RunEvent, RunId};
use commands::survey::Survey;
use commands::text::PersonRef;

use crate::aws::NotLooked;
use crate::engine::Engine;
use crate::engine::memory::Change;

impl Engine {
    pub(super) fn draft(
        &self,
        surveys: &[Survey],
        wishes: &Wishes,
        failures: &[NotLooked],
    ) -> Result<PatchPlan, Refusal> {
        let survey = seen(surveys, failures)?;
        self.book.draft(survey, wishes, self.world.clock.now())
    }

    pub(super) fn draft_again(
        &self,
        surveys: &[Survey],
        failures: &[NotLooked],
    ) -> Result<PatchPlan, Refusal> {
        let survey = seen(surveys, failures)?;
        self.book.draft_again(survey, self.world.clock.now())
    }

    /// Posts a plan for approval, in place of another or on its own.
    pub(super) async fn propose(
        &mut self,
        plan: PatchPlan,
        offline: Vec<NodeId>,
        requester: PersonRef,
        replaces: Option<&RunId>,
        deed: Option<&str>,
    ) -> Result<()> {
        let at = self.world.clock.now();
        let Ok(environment) = self.book.environment(&plan.environment) else { return Ok(()) };
        let id = self.book.next_run(&environment.name);
        let policy = self.world.chat.people.settled(environment.policy_of(plan.decided_by));
        let replaced = replaces.and_then(|old| self.book.runs.get(old));
        let who_is_who = replaced.map(PatchRun::handed_on).unwrap_or_default();
        let by = Principal::Person(requester.clone());
        let proposed = RunEvent::Proposed {
            id: id.clone(),
            plan: Box::new(plan),
            policy,
            requester,
            replaces: replaces.cloned(),
            who_is_who,
            offline,
        };
        let proposed = Recorded::all(vec![proposed], Some(&by), at);
        let mut change = Change::default().run(&id, &proposed)?.handles(deed);
        let replanned = RunEvent::Replanned { run: Some(id.clone()) };
        let replanned = Recorded::all(vec![replanned], None, at);
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
}

/// The one survey that a plan is drafted from.
fn seen<'a>(surveys: &'a [Survey], failures: &[NotLooked]) -> Result<&'a Survey, Refusal> {
    match (surveys, failures) {
        ([survey], []) => Ok(survey),
        (_, [why, ..]) => Err(why.refusal()),
        _ => Err(Refusal::Unavailable { why: "the environment could not be looked at".to_owned() }),
    }
}
