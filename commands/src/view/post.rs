//! Posts: what a channel should show, every card with its thread, derived from the state.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::announcement::Announcement;
use crate::environment::policy::Approver;
use crate::id::{EnvironmentName, GroupRef, RunId};
use crate::plan::Pin;
use crate::reminder::Reminder;
use crate::run::{PatchRun, Phase};
use crate::state::{State, Subject, left_by_plan};
use crate::text::Text;
use crate::text::wording::Args;
use crate::view::announcement::Next;
use crate::view::run::CardContext;
use crate::view::run::thread::thread;
use crate::view::{Card, Reader, Words, announcement, compliance, emergency_stop_card, run};

/// A card and the thread below it.
#[derive(Clone, Debug, PartialEq)]
pub struct Post {
    /// The card as it should be now.
    pub card: Card,
    /// The lines of its thread so far.
    pub thread: Vec<Text>,
    /// Whether it will no longer change.
    pub settled: bool,
}

impl State {
    /// All subjects that have a card, with the time they came up, the oldest first.
    pub fn subjects(&self) -> Vec<(DateTime<Utc>, Subject)> {
        let announcements =
            self.announcements.list.iter().map(|one| (one.at, Subject::Announcement(one.number)));
        let runs = self.runs.values().map(|run| (run.proposed_at, Subject::Run(run.id.clone())));
        let reports = self
            .reports
            .iter()
            .map(|report| (report.at, Subject::Compliance(report.after.clone())));
        let emergency_stops = self.emergency_stops.iter().zip(1..);
        let emergency_stops =
            emergency_stops.map(|(event, number)| (event.at, Subject::EmergencyStop(number)));
        let mut all: Vec<(DateTime<Utc>, Subject)> =
            announcements.chain(runs).chain(reports).chain(emergency_stops).collect();
        all.sort();
        all
    }

    /// What should be posted about a subject; `None` if there is no such subject.
    pub fn post(&self, subject: &Subject, reader: Reader) -> Option<Post> {
        match subject {
            Subject::Announcement(number) => {
                let announced = self.announcements.list.iter().find(|one| one.number == *number)?;
                let next = self.after_announcement(announced);
                Some(Post {
                    card: announcement::card(announced, &next, &self.promotion, reader),
                    thread: Vec::new(),
                    settled: next.plan.is_empty() && !next.follows.is_empty(),
                })
            }
            Subject::Run(id) => {
                let run = self.runs.get(id)?;
                let card = run::card(run, &self.card_context(run, reader));
                Some(Post {
                    settled: !run.is_open() && card.buttons.is_empty(),
                    card,
                    thread: thread(run, reader.locale),
                })
            }
            Subject::Compliance(after) => {
                let report = self.reports.iter().find(|report| report.after == *after)?;
                let left: Vec<_> =
                    self.runs.get(after).and_then(left_by_plan).into_iter().collect();
                Some(Post {
                    card: compliance::card(
                        &report.reports,
                        &report.unreadable,
                        Some(after),
                        &left,
                        &self.promotion,
                        reader,
                    ),
                    thread: Vec::new(),
                    settled: true,
                })
            }
            Subject::EmergencyStop(number) => {
                let recorded = self.emergency_stops.get((*number as usize).checked_sub(1)?)?;
                let card = emergency_stop_card(&recorded.event, recorded.by.as_ref(), reader);
                let stands = self.standing_stop().is_ok_and(|(stop, _)| stop == *number);
                let thread = self.reminders_said(subject, reader);
                Some(Post { card, thread, settled: !stands })
            }
        }
    }

    /// The posted reminders of a subject, one line each, in order.
    fn reminders_said(&self, subject: &Subject, reader: Reader) -> Vec<Text> {
        let words = Words(reader.locale);
        let of_it = self.reminded.keys().filter(|reminder| reminder.subject() == *subject);
        let line = |reminder: &Reminder| match reminder {
            Reminder::StopStands { days, .. } => {
                words.say("reminder-stop-stands", &Args::new().number("days", i64::from(*days)))
            }
        };
        of_it.map(line).collect()
    }

    /// The people who are asked to act on a subject now, and should be notified of it.
    pub fn addressed(&self, subject: &Subject) -> Vec<Approver> {
        match subject {
            Subject::Run(id) => {
                let waits = self.runs.get(id).filter(|run| {
                    run.phase == Phase::Waiting && !matches!(run.plan.pin, Pin::NotProven { .. })
                });
                waits
                    .map(|run| run.decided_under(self.current_policy(run)).voters(&run.requester))
                    .unwrap_or_default()
            }
            Subject::Announcement(number) => {
                let announced = self.announcements.list.iter().find(|one| one.number == *number);
                let owners = announced.map(|one| self.owners(one)).unwrap_or_default();
                let each: BTreeSet<GroupRef> = owners.into_values().collect();
                each.into_iter().map(Approver::Group).collect()
            }
            Subject::Compliance(_) | Subject::EmergencyStop(_) => Vec::new(),
        }
    }

    /// The owners of the nodes that an announcement is about, by environment.
    fn owners(&self, announced: &Announcement) -> BTreeMap<EnvironmentName, GroupRef> {
        let affected = announced.affected.iter().filter(|(_, affected)| affected.nodes > 0);
        let owner = |name: &EnvironmentName| self.promotion.environment(name)?.owner.clone();
        affected.filter_map(|(name, _)| Some((name.clone(), owner(name)?))).collect()
    }

    /// What the card of a run depends on beside the run.
    pub(crate) fn card_context(&self, run: &PatchRun, reader: Reader) -> CardContext<'_> {
        let here = &run.plan.environment;
        let newest = self.runs_of(here).next_back().is_some_and(|newest| newest.id == run.id);
        let free = newest && !run.is_open();
        let proven = matches!(run.phase, Phase::Finished { .. }) && run.is_proven();
        let configured = self.promotion.environment(here).is_some();
        CardContext {
            reader,
            whole: false,
            emergency_stop: &self.emergency_stop,
            policy: self.current_policy(run),
            proven_by: run.plan.pin.proof().and_then(|by| self.runs.get(by)),
            is_production: self.promotion.before(here).is_some(),
            plan_again: free && !proven && configured,
            plan_next: self
                .promotion
                .after(here)
                .map(|next| next.name.clone())
                .filter(|next| free && proven && self.wants(next, &run.id))
                .collect(),
        }
    }

    /// Whether `environment` has no open run, and none that was based on `proof`.
    fn wants(&self, environment: &EnvironmentName, proof: &RunId) -> bool {
        let mut runs = self.runs_of(environment);
        !runs.any(|run| {
            let follows = matches!(&run.plan.pin, Pin::Proven { by, .. } if by == proof);
            run.is_open() || (follows && run.has_ended())
        })
    }

    /// Where the patches of an announcement arrive first, and what followed there.
    fn after_announcement(&self, announced: &Announcement) -> Next {
        let affected = announced.affected.iter().filter(|(_, affected)| affected.nodes > 0);
        let firsts: BTreeSet<&EnvironmentName> = affected
            .filter_map(|(name, _)| self.promotion.first_of(name))
            .map(|first| &first.name)
            .collect();
        let mut firsts: Vec<&EnvironmentName> = firsts.into_iter().collect();
        firsts.sort_by_key(|first| self.promotion.place(first));
        let mut next = Next { owners: self.owners(announced), ..Next::default() };
        for first in firsts {
            let follows = self.runs_of(first).find(|run| {
                let given_up = matches!(
                    run.phase,
                    Phase::Rejected { .. } | Phase::Expired { .. } | Phase::Voided { .. }
                );
                run.is_open() || (run.proposed_at >= announced.at && !given_up)
            });
            match follows {
                Some(run) => next.follows.push(run.id.clone()),
                None => next.plan.push(first.clone()),
            }
        }
        next
    }
}
