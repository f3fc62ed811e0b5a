//! The only place where anything is decided: requests of people, answers of the outside world and
//! the passing of time lead to events or to a refusal.

use chrono::{DateTime, Utc};

use crate::event::Event;
use crate::fleet::summary::Summary;
use crate::fleet::survey::Survey;
use crate::id::{Actor, PersonRef, Principal, RunId};
use crate::plan::{Overrides, PatchPlan};
use crate::recorded::Recorded;
use crate::refusal::{Limited, Refusal};
use crate::run::{PatchRun, Phase, RunContext, RunEvent, RunInput, decide as decide_run};
use crate::state::{Agenda, Context, State, Subject};
use crate::view::{Reader, emergency_stop_card};
use crate::window::WindowSeen;

mod confirm;
mod interaction;
mod limits;
mod origin;
mod resume;
mod suggest;
mod typed;

pub use interaction::{Interaction, Response};
pub use suggest::SUGGESTIONS;

/// The input of a decision.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// A person asks for something.
    Asked {
        /// The person, and where they ask from.
        actor: &'a Actor,
        /// What they ask for.
        ask: &'a Interaction,
        /// The reader for whom the answer is worded: their language, and whether it is a drill.
        reader: Reader,
    },
    /// The outside world has answered.
    Observed(Observation<'a>),
    /// Time has passed, or something else has changed: decide whether anything follows for this
    /// subject.
    Tick(&'a Subject),
}

/// An answer of the outside world.
#[derive(Clone, Debug)]
pub enum Observation<'a> {
    /// An observation about a run.
    Run(&'a RunId, &'a RunInput),
    /// The survey of an environment for which a person asked for a plan.
    Surveyed {
        /// The survey, or why there is none.
        survey: Result<&'a Survey, Refusal>,
        /// The overrides that the person asked for.
        overrides: &'a Overrides,
        /// The person who asked for the plan.
        requester: &'a PersonRef,
    },
    /// The survey of the environment of a void plan, for the plan that replaces it.
    SurveyedAgain {
        /// The run of the void plan.
        run: &'a RunId,
        /// The survey, or why there is none.
        survey: Result<&'a Survey, Refusal>,
    },
    /// The survey of the environment of a run that is about to start.
    SurveyedBefore {
        /// The run that is about to start.
        run: &'a RunId,
        /// The survey, or why there is none.
        survey: Result<&'a Survey, Refusal>,
        /// The maintenance window of its plan as it is now, and other windows of the same name.
        windows: Vec<WindowSeen>,
    },
    /// The missing patches of all environments, and the advisories about them, were read.
    Assessed,
    /// The environments were surveyed after this run had ended.
    ReadAfter(&'a RunId),
}

/// What follows from an input.
#[derive(Clone, Debug, Default)]
pub struct Decision {
    /// What happens. None of it counts before all of it is durable.
    pub events: Vec<Recorded<Event>>,
    /// The answer to the person who asked; `None` if nobody asked, or if they get it another way.
    pub response: Option<Response>,
}

impl State {
    /// Decides what follows from `input`.
    ///
    /// # Errors
    /// A [`Refusal`] says why nothing follows. Nothing has happened then.
    ///
    /// ```
    /// use std::collections::BTreeSet;
    ///
    /// use chrono::{DateTime, Utc};
    /// use commands::decide::{Input, Interaction};
    /// use commands::id::{Actor, ChatPlatform, Identity, Origin, PersonRef};
    /// use commands::refusal::Refusal;
    /// use commands::state::{Context, State};
    /// use commands::text::wording::Locale;
    /// use commands::view::Reader;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let aiko = Identity { platform: ChatPlatform::Slack, server: None, user: "U1".into() };
    /// let actor = Actor {
    ///     person: PersonRef::new(aiko, "aiko"),
    ///     groups: BTreeSet::new(),
    ///     linked: true,
    ///     origin: Origin::Channel,
    /// };
    /// let ask = Interaction::Command { text: "approve production-7".into() };
    /// let reader = Reader { locale: Locale::En, drill: false };
    /// let now: DateTime<Utc> = "2026-11-29T09:00:00Z".parse()?;
    ///
    /// let asked = Input::Asked { actor: &actor, ask: &ask, reader };
    /// let refused = State::default().decide(asked, Context { token: 1 }, now);
    /// assert!(matches!(refused, Err(Refusal::UnknownRun { .. })));
    /// # Ok(())
    /// # }
    /// ```
    pub fn decide(
        &self,
        input: Input<'_>,
        context: Context,
        now: DateTime<Utc>,
    ) -> Result<Decision, Refusal> {
        match input {
            Input::Asked { actor, ask, reader } => {
                let response = self.ask(actor, ask, reader, now)?;
                self.asked(actor, response, reader, context, now)
            }
            Input::Observed(observation) => {
                self.observed(observation, context, now).map(Decision::from)
            }
            Input::Tick(subject) => Ok(self.tick(subject, context, now)?.into()),
        }
    }

    /// The subjects for which time, or what has changed since, may bring something about now.
    pub fn ticking(&self, agenda: &mut Agenda, now: DateTime<Utc>) -> Vec<Subject> {
        let runs = agenda.take(self, now).into_iter();
        let open = runs.filter(|run| self.runs.get(run).is_some_and(PatchRun::is_open));
        let stop = self.reminders_due(now).into_iter().map(|due| due.subject());
        open.map(Subject::Run).chain(stop).collect()
    }

    /// A request leads to events only if a run decides or everything is stopped. Everything else is
    /// an answer, or needs a survey first.
    fn asked(
        &self,
        actor: &Actor,
        response: Response,
        reader: Reader,
        context: Context,
        now: DateTime<Utc>,
    ) -> Result<Decision, Refusal> {
        match &response {
            Response::Run { run, request } => {
                let events = self.of_run(run, request, context, now)?;
                Ok(Decision { events, response: Some(response) })
            }
            Response::EmergencyStop(event) => {
                let by = Some(Principal::from(actor));
                let card = emergency_stop_card(event, by.as_ref(), reader);
                let events =
                    vec![Recorded { at: now, by, event: Event::EmergencyStop(event.clone()) }];
                Ok(Decision { events, response: Some(Response::Answer(Box::new(card))) })
            }
            Response::Answer(_)
            | Response::Unreadable(_)
            | Response::Form(_)
            | Response::Search { .. }
            | Response::Overview
            | Response::Home
            | Response::Notify { .. }
            | Response::Plan { .. }
            | Response::Compliance { .. } => {
                Ok(Decision { events: Vec::new(), response: Some(response) })
            }
        }
    }

    fn observed(
        &self,
        observation: Observation<'_>,
        context: Context,
        now: DateTime<Utc>,
    ) -> Result<Vec<Recorded<Event>>, Refusal> {
        let of_run = |run, request| self.of_run(run, request, context, now);
        match observation {
            Observation::Run(run, request) => of_run(run, request),
            Observation::Surveyed { survey, overrides, requester } => {
                let survey = survey?;
                let plan = self.draft(survey, overrides, now)?;
                // They may have asked for many plans at once while the survey ran.
                self.not_too_often(requester, &Limited::Plan, now)?;
                // Somebody else may have asked for the same plan meanwhile.
                match self.open_run(&plan.environment) {
                    Some(open) => Err(Refusal::StillOpen { run: open.id.clone() }),
                    None => Ok(self.propose(plan, survey, requester, None, now)?.1),
                }
            }
            Observation::SurveyedAgain { run, survey } => self.replan(run, survey, now),
            Observation::SurveyedBefore { run, survey, windows } => {
                let plan = match survey.and_then(|survey| self.draft_again(survey, now)) {
                    Ok(plan) => plan,
                    Err(Refusal::NoNodes { in_two_groups, .. }) => {
                        let planned = self.run(run)?.plan.clone();
                        PatchPlan { waves: Vec::new(), in_two_groups, ..planned }
                    }
                    Err(refusal) => return Err(refusal),
                };
                of_run(run, &RunInput::Rechecked { plan: Box::new(plan), windows })
            }
            Observation::Assessed => {
                let summaries: Vec<&Summary> = self.summaries.values().collect();
                let due = self.announcements.due(&summaries, &|patch| self.assess(patch), now);
                let events = due
                    .into_iter()
                    .map(|due| Event::Announced {
                        number: due.number,
                        patches: due.patches,
                        affected: due.affected,
                    })
                    .collect();
                Ok(Recorded::all(events, None, now))
            }
            Observation::ReadAfter(run) => Ok(self.report(run, now).into_iter().collect()),
        }
    }

    fn tick(
        &self,
        subject: &Subject,
        context: Context,
        now: DateTime<Utc>,
    ) -> Result<Vec<Recorded<Event>>, Refusal> {
        let mut events = Vec::new();
        if let Subject::Run(run) = subject {
            events = self.of_run(run, &RunInput::Tick, context, now)?;
        }
        let due = self.reminders_due(now).into_iter().filter(|due| due.subject() == *subject);
        events.extend(Recorded::all(due.map(Event::Reminded).collect(), None, now));
        Ok(events)
    }

    fn of_run(
        &self,
        id: &RunId,
        request: &RunInput,
        context: Context,
        now: DateTime<Utc>,
    ) -> Result<Vec<Recorded<Event>>, Refusal> {
        let run = self.run(id)?;
        let before = self.before(id.environment(), now);
        let others = self.in_the_way_of(id, request, now);
        let context = RunContext {
            emergency_stop: &self.emergency_stop,
            token: context.token,
            before: before.as_ref(),
            others: &others,
            policy: self.current_policy(run),
        };
        let events = decide_run(run, request, context, now)?;
        let events = events.into_iter().map(|event| Event::Run(id.clone(), event)).collect();
        Ok(Recorded::all(events, request.by().as_ref(), now))
    }

    /// Posts a plan for approval, on its own or in place of another.
    fn propose(
        &self,
        plan: PatchPlan,
        survey: &Survey,
        requester: &PersonRef,
        replaces: Option<&PatchRun>,
        now: DateTime<Utc>,
    ) -> Result<(RunId, Vec<Recorded<Event>>), Refusal> {
        let environment = self.environment(&plan.environment)?;
        let id = self.next_run(&environment.name);
        let proposed = RunEvent::Proposed {
            id: id.clone(),
            policy: environment.policy_of(plan.decided_by).clone(),
            plan: Box::new(plan),
            requester: requester.clone(),
            replaces: replaces.map(|old| old.id.clone()),
            who_is_who: replaces.map(PatchRun::handed_on).unwrap_or_default(),
            offline: survey.offline(),
        };
        let by = Principal::Person(requester.clone());
        let by = Some(&by).filter(|_| replaces.is_none());
        Ok((id.clone(), Recorded::all(vec![Event::Run(id, proposed)], by, now)))
    }

    /// Decides on the plan that replaces a void one. If the survey failed, it is tried again.
    fn replan(
        &self,
        old: &RunId,
        survey: Result<&Survey, Refusal>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Recorded<Event>>, Refusal> {
        let old = self.run(old)?;
        if !matches!(old.phase, Phase::Voided { replan: true, .. }) {
            return Ok(Vec::new());
        }
        // The overrides of the void plan hold for its replacement too.
        let overrides = old.plan.overrides();
        let drafted = survey.and_then(|survey| Ok((self.draft(survey, &overrides, now)?, survey)));
        let (run, mut events) = match drafted {
            Ok((plan, survey)) => {
                let (id, events) = self.propose(plan, survey, &old.requester, Some(old), now)?;
                (Some(id), events)
            }
            Err(
                refusal @ (Refusal::Failed(_)
                | Refusal::Unavailable(_)
                | Refusal::WrongAccount { .. }),
            ) => return Err(refusal),
            Err(_) => (None, Vec::new()),
        };
        let replanned = Event::Run(old.id.clone(), RunEvent::Replanned { run });
        events.extend(Recorded::all(vec![replanned], None, now));
        Ok(events)
    }

    /// The compliance of every environment after a run, once.
    fn report(&self, after: &RunId, now: DateTime<Utc>) -> Option<Recorded<Event>> {
        let known = self.reports.iter().any(|report| report.after == *after);
        if known || self.unreadable.contains_key(after.environment()) {
            return None;
        }
        let all: Vec<_> =
            self.promotion.0.iter().map(|environment| environment.name.clone()).collect();
        let (reports, unreadable) = self.compliance(&all);
        let event = Event::Reported { after: after.clone(), reports, unreadable };
        Some(Recorded { at: now, by: None, event })
    }
}

impl From<Vec<Recorded<Event>>> for Decision {
    fn from(events: Vec<Recorded<Event>>) -> Self {
        Self { events, response: None }
    }
}
