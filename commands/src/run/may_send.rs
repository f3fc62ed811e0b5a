//! What a run may send at a given time, in a form so small that it can be checked again just before
//! each command is sent.

use chrono::{DateTime, TimeDelta, Utc};

use crate::id::Operation;
use crate::run::preflight::FRESH;
use crate::run::{PatchRun, Phase};

/// An upper bound for the duration of a scan.
const SOON: TimeDelta = TimeDelta::hours(1);

/// What a run may send; by default nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MaySend {
    /// From when on the run is under way, or starts so soon that a scan sent then could still be
    /// running; `None` if nothing is to come.
    pub near_from: Option<DateTime<Utc>>,
    /// Whether it may send scans.
    pub scans: bool,
    /// The earliest time at which it may install: the opening of its window. A clock can be set
    /// back, and a preflight check from the future comes from a wrong clock.
    pub installs_from: Option<DateTime<Utc>>,
    /// The latest time at which it may install: the last start of its window, while the preflight
    /// check of its wave is still fresh. `None` if it may not install.
    pub installs_until: Option<DateTime<Utc>>,
}

impl MaySend {
    /// Whether a command may be sent now.
    pub fn allows(self, operation: Operation, now: DateTime<Utc>) -> bool {
        match operation {
            Operation::Install => {
                self.installs_from.is_none_or(|from| now >= from)
                    && self.installs_until.is_some_and(|until| now <= until)
            }
            Operation::Scan => self.scans,
        }
    }

    /// Whether nobody else should scan its nodes now.
    pub fn is_near(self, now: DateTime<Utc>) -> bool {
        self.near_from.is_some_and(|from| now >= from)
    }
}

impl PatchRun {
    /// What it may send from now on, until its next event.
    pub fn may_send(&self) -> MaySend {
        if self.closed.is_some() {
            // Everything that the run will do is still to come.
            return MaySend {
                scans: false,
                installs_until: None,
                ..self.may_send_in_its_account()
            };
        }
        self.may_send_in_its_account()
    }

    fn may_send_in_its_account(&self) -> MaySend {
        match self.phase {
            Phase::Approved { .. } => {
                let near_from = self.starts_at().checked_sub_signed(SOON);
                MaySend { near_from, ..MaySend::default() }
            }
            Phase::Running { wave, since } => MaySend {
                near_from: Some(since),
                scans: true,
                installs_from: self.installs_from(wave),
                installs_until: self.installs_until(wave).filter(|_| !self.holds_back(wave)),
            },
            Phase::Stopping { since, .. } => {
                MaySend { near_from: Some(since), scans: true, ..MaySend::default() }
            }
            Phase::Waiting
            | Phase::Finished { .. }
            | Phase::Stopped { .. }
            | Phase::Rejected { .. }
            | Phase::Expired { .. }
            | Phase::Voided { .. } => MaySend::default(),
        }
    }

    fn installs_from(&self, wave: u32) -> Option<DateTime<Utc>> {
        let good_from = self.clearing(wave).map(|look| look.at - FRESH);
        good_from.max(self.plan.window.as_ref().map(|window| window.opens_at))
    }

    fn installs_until(&self, wave: u32) -> Option<DateTime<Utc>> {
        let look = self.clearing(wave)?;
        let good_until = look.at + FRESH;
        let window = self.plan.window.as_ref().map(|window| window.last_start);
        Some(window.map_or(good_until, |last_start| good_until.min(last_start)))
    }

    /// Whether it is under way, or starts so soon that a scan sent now could still be running.
    pub fn is_near(&self, now: DateTime<Utc>) -> bool {
        self.may_send().is_near(now)
    }
}
